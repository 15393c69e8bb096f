"""`cluegraph source` as the data office meets it: wrong use is told with what to do, nothing is written over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app

TABLE = "编号,姓名,身份证号,金额\nA1,周文海,620102195603071219,100\nA2,吴桂兰,620102196909123450,一百左右\n"


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLUEGRAPH_HOME", str(tmp_path / "workspace"))
    monkeypatch.delenv("CLUEGRAPH_CONFIG", raising=False)
    path = tmp_path / "grants.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["source", *map(str, arguments)], env={"COLUMNS": "400", "NO_COLOR": "1"})


def test_a_draft_goes_to_a_folder_under_the_datasets_name_and_is_not_written_over(table: Path, tmp_path: Path) -> None:
    first = run("new", table, "--output", tmp_path)
    assert first.exit_code == 0 and "places marked 待定 are yours to decide" in first.stderr
    target = tmp_path / "grants.toml"
    target.write_text("# ours", encoding="utf-8")
    again = run("new", table, "--output", tmp_path)
    assert again.exit_code == 2 and "--force writes over it" in again.stderr
    assert target.read_text(encoding="utf-8") == "# ours"
    assert run("new", table, "--output", tmp_path, "--force").exit_code == 0
    assert "周文海" not in target.read_text(encoding="utf-8") and "1219" not in target.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--name", "leases"], "leases is a dataset already (房屋租赁备案); choose another with --name"),
        (["--name", "Grants 2024"], "is no name; take lower_snake such as farm_subsidies"),
        (["--output", "/no/such/folder/grants.toml"], "the folder /no/such/folder is not there; make it first"),
        (["--name", "grants", "--output", "other.toml"], "write to grants.toml"),
    ],
)
def test_a_draft_that_cannot_be_made_says_what_to_do(table: Path, arguments: list[str], said: str) -> None:
    done = run("new", table, *arguments)
    assert done.exit_code == 2 and said in " ".join(done.stderr.split())


def test_a_file_that_is_no_table_is_refused_in_one_sentence(table: Path) -> None:
    table.write_bytes(b"")
    done = run("new", table)
    assert done.exit_code == 1 and "文件是空的，请重新导出" in done.stderr


def test_preview_tells_rows_and_rejects_and_stores_nothing(table: Path, tmp_path: Path) -> None:
    assert run("new", table, "--output", tmp_path).exit_code == 0
    source = tmp_path / "grants.toml"
    told = json.loads(run("preview", table, "--source", source, "--json").stdout)
    assert (told["usable"], told["rejected"]) == (1, 1)
    assert told["rows"][0]["mentions"] == [
        {"role": "本人", "kind": "person", "cells": {"name": "周文海", "id": "6201**********1219"}}
    ]
    assert told["rejects"][0]["line"] == 3 and not (tmp_path / "workspace" / "cluegraph.duckdb").exists()


def test_preview_with_a_faulty_source_names_file_and_line(table: Path, tmp_path: Path) -> None:
    assert run("new", table, "--output", tmp_path).exit_code == 0
    source = tmp_path / "grants.toml"
    text = source.read_text(encoding="utf-8")
    source.write_text(text.replace('type = "id"', 'type = "identity"'), encoding="utf-8")
    line = 1 + text[: text.index('type = "id"')].count("\n")
    done = run("preview", table, "--source", source)
    assert done.exit_code == 1 and f"grants.toml:{line}: " in done.stderr and "take one of" in done.stderr


def test_preview_takes_a_shipped_dataset_and_says_which_columns_it_lacks(table: Path) -> None:
    done = run("preview", table, "--source", "deaths")
    assert done.exit_code == 1 and "死亡登记" in done.stderr
    assert run("preview", table, "--source", "nothing").exit_code == 2


def test_list_names_every_dataset_before_anything_is_loaded(table: Path) -> None:
    listed = run("list").stdout.splitlines()
    assert len(listed) == 44 and "leases  房屋租赁备案  [住建局]  未载入" in listed
