"""Resolving on Spark: the same entities as in DuckDB, from this machine only, and clear words where it cannot."""

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pytest

from resolution import spark_sql, synthetic
from resolution.intake import load
from resolution.resolve import resolve
from resolution.settings import Comparison, Level, Settings, SettingsError, read_settings
from resolution.spark_session import SparkError, configuration, session
from resolution.workspace import Workspace

MEMORY = "600m"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a workspace of 3,000 records that nobody has resolved."""
    folder: Path = tmp_path_factory.mktemp("spark")
    synthetic.generate(folder / "files", records=3_000, seed=11)
    load(Workspace(folder / "loaded"), folder / "files")
    return folder / "loaded"


@pytest.fixture(scope="module")
def in_duckdb(loaded: Path) -> Workspace:
    """A copy of it, resolved as always."""
    workspace = Workspace(shutil.copytree(loaded, loaded.parent / "duckdb"))
    resolve(workspace)
    return workspace


@pytest.fixture(scope="module")
def folder(in_duckdb: Workspace) -> Path:
    """Where the session of these tests writes."""
    path = in_duckdb.exchange / "spark"
    path.mkdir()
    return path


@pytest.fixture(scope="module")
def opened(folder: Path) -> Iterator[Any]:
    """A session as `resolve` has it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_DRIVER_MEMORY", MEMORY)
        patch.delenv("SPARK_MASTER", raising=False)
        with session(folder) as spark:
            for function in spark_sql.FUNCTIONS:
                spark.sql(function)
            yield spark


def cluegraph(home: Path, *arguments: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """The command, as a user has it, with the settings of the environment; `before` is Python that runs first."""
    environment = {**os.environ, "CLUEGRAPH_HOME": str(home), "SPARK_DRIVER_MEMORY": MEMORY}
    program = f"{before}\nfrom api.cli import app\napp()"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], env=environment, capture_output=True, text=True, timeout=300
    )


def exported(home: Path) -> dict[tuple[str, ...], float]:
    """What `export entities` writes: probability by dataset, record, role, kind and entity."""
    file = home / "entities.csv"
    answer = cluegraph(home, "export", "entities", "--format", "csv", "--output", str(file))
    assert answer.returncode == 0, answer.stderr
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return {tuple(row[:5]): float(row[5]) for row in list(csv.reader(opened))[1:]}


def test_both_backends_find_the_same_entities(loaded: Path, in_duckdb: Workspace) -> None:
    home = shutil.copytree(loaded, loaded.parent / "spark")
    answer = cluegraph(home, "resolve", "--backend", "spark")
    assert answer.returncode == 0, answer.stderr
    assert "Spark" not in answer.stderr and "WARN" not in answer.stderr
    expected, found = exported(in_duckdb.home), exported(home)
    assert len(found) > 3_000
    assert found == pytest.approx(expected, abs=1e-9)
    assert list((home / "exchange").iterdir()) == []


def test_a_session_listens_on_this_machine_only(opened: Any) -> None:
    ours = psutil.Process()
    listening = {
        one.laddr.ip
        for process in (ours, *ours.children(recursive=True))
        for one in process.net_connections("tcp")
        if one.status == psutil.CONN_LISTEN
    }
    assert listening  # pyspark talks to Java over one of them
    assert listening <= {"127.0.0.1", "::ffff:127.0.0.1", "::1"}
    assert opened.sparkContext.uiWebUrl is None


@pytest.mark.parametrize("kind", ["company", "person"])
def test_every_shipped_condition_says_the_same_of_real_pairs(
    opened: Any, folder: Path, in_duckdb: Workspace, kind: Any
) -> None:
    settings = read_settings(kind)
    connection = in_duckdb.connect()
    try:
        # pairs that look alike, and some that do not
        connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE asked AS
            SELECT l, r FROM {kind}_pair UNION SELECT x.unique_id, y.unique_id
            FROM (FROM {kind}_profile ORDER BY hash(unique_id) LIMIT 80) x,
                (FROM {kind}_profile ORDER BY hash(unique_id || 'y') LIMIT 80) y"""
        )
        for name, source in {"asked": "asked", "profile": f"{kind}_profile"}.items():
            file = folder / f"{kind}-{name}.parquet"
            connection.execute(f"COPY {source} TO '{file}' (FORMAT parquet)")
            opened.read.parquet(str(file)).createOrReplaceTempView(name)
        connection.execute(f"CREATE OR REPLACE TEMP VIEW profile AS FROM {kind}_profile")
        types = {row[0]: row[1] for row in connection.execute("DESCRIBE profile").fetchall()}
        translated = spark_sql.translated(settings, {name for name in types if types[name].endswith("[]")})
        expected = set(connection.execute(truths(settings)).fetchall())
        found = {tuple(row) for row in opened.sql(truths(translated)).collect()}
    finally:
        connection.close()
    assert len(expected) > 6_000
    assert found == expected


def truths(settings: Settings) -> str:
    """A query for which conditions hold for each pair of `asked`."""
    conditions = [level.sql for comparison in settings.comparison for level in comparison.level if level.sql != "ELSE"]
    columns = ", ".join(f"{holds(condition)} AS c{number}" for number, condition in enumerate(conditions))
    return f"""SELECT a.l, a.r, {columns} FROM asked a
        JOIN profile l ON l.unique_id = a.l JOIN profile r ON r.unique_id = a.r"""


def holds(condition: str) -> str:
    """The condition as Splink asks it: what is unknown does not hold."""
    return f"CASE WHEN {condition} THEN 1 ELSE 0 END"


ROWS = """SELECT * FROM (VALUES
    ('王伟', 3, DATE '2020-02-29', ['a', 'b'], true), ('李伟', -4, DATE '1951-02-28', ['b', NULL], false),
    ('王', NULL, DATE '1999-12-31', [], NULL), (NULL, 0, NULL, NULL, true), ('', 7, DATE '2000-01-01', ['王'], false),
    ('abc', 2, DATE '2000-01-02', ['王', NULL], true), ('aBd ', 2, DATE '2000-01-31', [''], true)
    ) v (word, number, day, list, flag)"""
CONDITIONS = [
    "length(l.word) = 2",
    "len(l.list) = 0",
    "length(l.list) + len(r.list) >= 3",
    "l.word <> '' AND length(l.word) = length(r.word) AND length(l.word) < 3 AND hamming(l.word, r.word) <= 3",
    "l.word <> '' AND length(l.word) = length(r.word) AND hamming(l.word, r.word) = 1",
    "contains(l.word, r.word)",
    "contains(l.list, r.word)",
    "list_contains(l.list, r.word)",
    "list_has_any(l.list, r.list)",
    "NOT list_has_any(l.list, r.list)",
    "NOT contains(l.list, r.word)",
    "NOT contains(l.word, r.word)",
    "starts_with(l.word, r.word) OR ends_with(l.word, r.word)",
    "l.word < r.word",
    "l.word IN ('王', 'abc', '')",
    "l.number BETWEEN 0 AND 3",
    "abs(l.number - r.number) <= 1",
    "least(l.number, r.number) < 0 OR greatest(l.number, r.number) > 6",
    "-l.number = r.number + 1",
    "l.word IS NOT DISTINCT FROM r.word",
    "l.number IS DISTINCT FROM r.number",
    "coalesce(l.number, r.number, 9) = 9",
    "CASE WHEN l.flag THEN l.number ELSE r.number END = 2",
    "(l.number = r.number)::INT + (l.flag = r.flag)::INT = 1",
    "l.day - INTERVAL 69 YEAR = r.day",
    "l.day + INTERVAL 1 MONTH > r.day",
    "l.day < r.day - INTERVAL 30 DAY",
    "l.day >= DATE '2000-01-01' AND year(l.day) = year(r.day) AND month(l.day) <> month(r.day)",
    "day(l.day) > 28",
    "(l.word IS NULL) <> (r.word IS NULL)",
    "NOT l.flag",
]


def one_condition(sql: str) -> Settings:
    """Settings of one comparison, whose first level is `sql`."""
    levels = [Level(label="是", sql=sql, m=0.9, u=0.1), Level(label="否", sql="ELSE", m=0.1, u=0.9)]
    cluster = read_settings("person").cluster
    comparisons = [Comparison(name="any", title="任一", level=levels)]
    return Settings(kind="person", title="人员", cluster=cluster, comparison=comparisons)


def test_what_an_office_may_write_says_the_same(opened: Any, folder: Path, in_duckdb: Workspace) -> None:
    connection = in_duckdb.connect()
    file = folder / "literal.parquet"
    connection.execute(f"COPY ({ROWS}) TO '{file}' (FORMAT parquet)")
    connection.close()
    opened.read.parquet(str(file)).createOrReplaceTempView("literal")
    for condition in CONDITIONS:
        translated = spark_sql.translated(one_condition(condition), {"list"}).comparison[0].level[0].sql
        expected = duckdb.sql(f"SELECT l.word, r.word, {holds(condition)} FROM ({ROWS}) l, ({ROWS}) r").fetchall()
        found = opened.sql(f"SELECT l.word, r.word, {holds(translated)} FROM literal l, literal r").collect()
        assert {tuple(row) for row in found} == set(expected), condition


@pytest.mark.parametrize(
    "condition",
    [
        "levenshtein(l.word, r.word) <= 1",  # DuckDB counts bytes, Spark characters
        "jaro_winkler_similarity(l.word, r.word) > 0.9",
        "l.number::INT = 2",
        "l.number / r.number > 2",
        "concat(l.word, r.word) = 'x'",
        "regexp_matches(l.word, 'x')",
        "l.list[1] = r.list[1]",
        "(SELECT true)",
        "l.word = r.word; DROP TABLE profile",
    ],
)
def test_a_condition_that_spark_may_see_differently_is_refused(condition: str) -> None:
    with pytest.raises(SettingsError, match=r"settings/person.toml: comparison any, level 是: .*--backend spark"):
        spark_sql.translated(one_condition(condition), {"list"})


def test_without_pyspark_the_command_says_what_to_install(tmp_path: Path) -> None:
    answer = cluegraph(tmp_path, "resolve", "--backend", "spark", before="import sys; sys.modules['pyspark'] = None")
    assert answer.returncode == 1
    assert "pip install 'cluegraph[spark]'" in answer.stderr and "Traceback" not in answer.stderr


def test_a_java_that_does_not_fit_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "no-java"))
    answer = cluegraph(tmp_path / "home", "resolve", "--backend", "spark")
    assert answer.returncode == 1
    assert "no-java" in answer.stderr and "JDK 17, 21 or 25" in answer.stderr
    assert list((tmp_path / "home" / "exchange").iterdir()) == []


def test_a_folder_that_spark_takes_for_a_pattern_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SparkError, match="CLUEGRAPH_HOME"), session(tmp_path / "a[b]"):
        pass


def test_by_default_spark_keeps_to_this_machine_and_to_bounded_memory(tmp_path: Path) -> None:
    told = configuration(tmp_path, {})
    assert told["spark.master"] == "local[2]" and told["spark.driver.memory"] == "2g"
    assert told["spark.driver.bindAddress"] == "127.0.0.1" and told["spark.authenticate"] == "true"
    assert Path(told["spark.local.dir"]).is_relative_to(tmp_path)


def test_spark_s_own_configuration_decides_how_much_it_takes_and_where(tmp_path: Path) -> None:
    (tmp_path / "spark-defaults.conf").write_text(
        "# the office's cluster\nspark.master   spark://10.0.0.1:7077\nspark.driver.memory=6g\nspark.ui.enabled true\n"
    )
    told = configuration(tmp_path, {"SPARK_CONF_DIR": str(tmp_path), "SPARK_DRIVER_MEMORY": "8g"})
    assert told["spark.master"] == "spark://10.0.0.1:7077" and told["spark.driver.memory"] == "8g"
    assert "spark.driver.bindAddress" not in told and told["spark.ui.enabled"] == "false"
    here = configuration(tmp_path, {"SPARK_CONF_DIR": str(tmp_path), "SPARK_MASTER": "local[4]"})
    assert here["spark.master"] == "local[4]" and here["spark.driver.memory"] == "6g"
    assert here["spark.driver.bindAddress"] == "127.0.0.1"
