"""The main job on a fresh machine, from nothing to clues."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import psutil
import pytest

from graph import server
from resolution.workspace import Workspace
from tests.api.conftest import free_port
from tests.api.test_cli import cluegraph

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def resident_ids(text: str) -> list[str]:
    """All numbers in the text that are resident IDs by their check digit."""
    found = re.findall(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{9}[\dXx](?!\d)", text)
    return [each for each in found if "10X98765432"[check(each)] == each[-1].upper()]


def check(number: str) -> int:
    return sum(weight * int(digit) for weight, digit in zip(WEIGHTS, number, strict=False)) % 11


@pytest.fixture(scope="module")
def demonstrated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, subprocess.CompletedProcess[str]]:
    """A workspace after the demonstration, and what was said."""
    workspace = Workspace(tmp_path_factory.mktemp("demo"))
    server.remember(workspace, server.Settings(bolt=free_port(), http=free_port()))
    said = cluegraph(workspace.home, "demo", "--no-serve", "--records", "3000", "--seed", "3", seconds=550)
    assert said.returncode == 0, said.stderr
    return workspace, said


def test_it_prints_scores_clues_with_their_rows_and_where_everything_is(
    demonstrated: tuple[Workspace, subprocess.CompletedProcess[str]],
) -> None:
    workspace, said = demonstrated
    assert re.search(r"│ M03 +│ [1-9]", said.stdout) and "人员" in said.stdout
    clues = said.stdout.split("■ ")[1:]
    assert len(clues) == 3
    assert all("严重程度 高" in clue and "证据 " in clue for clue in clues)
    assert "http://127.0.0.1:8000/" in said.stdout and "/browser/" in said.stdout
    assert str(workspace.home / "access.token") in said.stdout
    assert str(workspace.neo4j_home / "password") in said.stdout


def test_it_finds_most_planted_prisoners(demonstrated: tuple[Workspace, subprocess.CompletedProcess[str]]) -> None:
    workspace, _ = demonstrated
    truth = workspace.home / "demo-3000-3" / "truth"
    scores = json.loads(cluegraph(workspace.home, "evaluate", str(truth), "--format", "json").stdout)
    assert scores["clues"]["M03"]["recall"] >= 0.9
    assert scores["entities"]["person"]["resolution"]["precision"] >= 0.99


def test_it_leaves_no_server_behind(demonstrated: tuple[Workspace, subprocess.CompletedProcess[str]]) -> None:
    workspace, _ = demonstrated
    assert server.status(workspace) is None
    mark = f"--home-dir={workspace.neo4j_home}"
    assert not [each.pid for each in psutil.process_iter(["cmdline"]) if mark in (each.info["cmdline"] or [])]


def test_no_resident_id_is_said_or_exported(
    demonstrated: tuple[Workspace, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    workspace, said = demonstrated
    out = tmp_path / "clues.jsonl"
    exported = cluegraph(workspace.home, "export", "clues", "--format", "jsonl", "--output", str(out))
    assert exported.returncode == 0, exported.stderr
    assert out.read_text("utf-8").count("\n") > 50
    for text in (said.stdout, said.stderr, out.read_text("utf-8")):
        assert resident_ids(text) == []
