"""The command line as its users meet it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from resolution.workspace import Workspace

COMMANDS = (
    "generate",
    "load",
    "resolve",
    "publish",
    "detect",
    "run",
    "export",
    "evaluate",
    "serve",
    "demo",
    "models",
    "neo4j",
    "config",
    "review",
)


SMALL = {"CLUEGRAPH_NEO4J_HEAP": "512m", "CLUEGRAPH_NEO4J_PAGECACHE": "64m"}


def cluegraph(home: Path, *arguments: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NEO4J", "CLUEGRAPH"))}
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *arguments],
        env={**environment, **SMALL, "CLUEGRAPH_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def test_help_names_every_command(tmp_path: Path) -> None:
    answer = cluegraph(tmp_path, "--help")
    assert answer.returncode == 0
    assert [name for name in COMMANDS if f"\n  {name} " not in answer.stdout] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing"],
        ["load", "/no/such/folder"],
        ["load"],
        ["resolve", "--backend", "oracle"],
        ["detect", "--as-of", "yesterday"],
        ["detect", "--model", "M99"],
        ["detect", "--param", "grace_months"],
        ["export", "entities", "--format", "graphml", "--output", "x"],
        ["export", "clues", "--format", "csv", "--output", "/no/such/folder/x.csv"],
        ["generate", "x", "--records", "0"],
        ["serve", "--port", "0"],
        ["config", "check", "/no/such/file"],
        ["evaluate", ".", "--format", "xml"],
    ],
)
def test_wrong_use_is_told_and_ends_with_2(tmp_path: Path, arguments: list[str]) -> None:
    answer = cluegraph(tmp_path, *arguments)
    assert answer.returncode == 2
    assert answer.stdout == "" and "Traceback" not in answer.stderr
    assert "Error" in answer.stderr or "Usage" in answer.stderr


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["export", "entities", "--format", "csv", "--output", "OUT"], "cluegraph resolve"),
        (["export", "rejects", "--format", "csv", "--output", "OUT"], "cluegraph load"),
        (["load", "."], "name files after datasets"),
    ],
)
def test_work_that_fails_says_what_to_do_and_ends_with_1(tmp_path: Path, arguments: list[str], remedy: str) -> None:
    (tmp_path / "empty").mkdir()
    at = [str(tmp_path / "out.csv") if each == "OUT" else each for each in arguments]
    at = [str(tmp_path / "empty") if each == "." else each for each in at]
    answer = cluegraph(tmp_path / "home", *at)
    assert answer.returncode == 1
    assert remedy in answer.stderr and "Traceback" not in answer.stderr
    assert answer.stdout == "" and not (tmp_path / "out.csv").exists()


def test_the_shipped_configuration_has_no_faults(tmp_path: Path) -> None:
    answer = cluegraph(tmp_path, "config", "check")
    assert answer.returncode == 0, answer.stdout
    assert "no faults" in answer.stdout


def test_every_fault_of_an_office_s_files_is_named_with_its_line(tmp_path: Path) -> None:
    office = tmp_path / "office"
    (office / "models").mkdir(parents=True)
    (office / "sources").mkdir()
    (office / "rules").mkdir()
    (office / "rules" / "ours.toml").write_text('[[rule]]\nid = "x"\ncolour = "red"\n', "utf-8")
    (office / "models" / "mine.cypher").write_text('/*+++\nid = "X01"\n+++*/\nMATCH (n) SET n.a = 1 RETURN n', "utf-8")
    (office / "sources" / "leases.toml").write_text('title = "房屋租赁"\ncolour = "red"\n', "utf-8")
    answer = cluegraph(tmp_path / "home", "config", "check", str(office), "--json")
    assert answer.returncode == 1
    report = json.loads(answer.stdout)
    assert report["checked"] == {"sources": 1, "settings": 0, "models": 1, "rules": 1}
    faults = {(Path(fault["file"]).name, fault["line"]) for fault in report["faults"]}
    assert ("leases.toml", 2) in faults
    assert {"mine.cypher", "ours.toml"} <= {name for name, _ in faults}


def test_entities_are_exported_as_one_row_a_mention(tmp_path: Path) -> None:
    with Workspace(tmp_path).connect() as connection:
        connection.execute(
            "CREATE TABLE mentions (mention_id BIGINT, dataset VARCHAR, record_id VARCHAR, role VARCHAR, kind VARCHAR)"
        )
        connection.execute("CREATE TABLE entity_of (mention_id BIGINT, entity_id VARCHAR, probability DOUBLE)")
        connection.execute(
            "INSERT INTO mentions VALUES"
            " (1, 'leases', '=ZL,1', '出租人', 'person'), (2, 'deaths', '7', '死者', 'person')"
        )
        connection.execute("INSERT INTO entity_of VALUES (1, 'P1', 0.97), (2, 'P1', 1.0)")
    out = tmp_path / "entities.csv"
    answer = cluegraph(tmp_path, "export", "entities", "--format", "csv", "--output", str(out))
    assert answer.returncode == 0, answer.stderr
    assert out.read_text("utf-8").splitlines()[0] == "dataset,record_id,role,kind,entity_id,probability"
    with out.open(encoding="utf-8") as file:
        assert list(csv.reader(file))[1:] == [
            ["deaths", "7", "死者", "person", "P1", "1"],
            ["leases", "=ZL,1", "出租人", "person", "P1", "0.97"],
        ]


def test_a_rejected_cell_is_never_run_by_a_spreadsheet(tmp_path: Path) -> None:
    with Workspace(tmp_path).connect() as connection:
        connection.execute(
            "CREATE TABLE rejects"
            " (dataset VARCHAR, file VARCHAR, line BIGINT, column_name VARCHAR, value VARCHAR, reason VARCHAR)"
        )
        connection.execute(
            "INSERT INTO rejects VALUES ('leases', 'leases.csv', 3, '签订日期', '=HYPERLINK(1)', '不是日期')"
        )
    out = tmp_path / "rejects.csv"
    assert cluegraph(tmp_path, "export", "rejects", "--format", "csv", "--output", str(out)).returncode == 0
    with out.open(encoding="utf-8-sig") as file:
        assert next(csv.DictReader(file))["value"] == "'=HYPERLINK(1)"


def test_a_demonstration_does_not_touch_an_office_s_own_data(tmp_path: Path) -> None:
    Workspace(tmp_path).connect().close()
    answer = cluegraph(tmp_path, "demo", "--no-serve", "--records", "3000")
    assert answer.returncode == 1
    assert "CLUEGRAPH_HOME" in answer.stderr
