"""A run killed in any stage and run again ends in the same graph and the same clues as one never killed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from graph.connection import Graph
from graph.publish import checksum
from resolution.synthetic import generate
from resolution.workspace import Workspace

CLI = Path(sys.executable).parent / "cluegraph"
# What `run` says on stderr when it enters a stage.
STAGES = ("load", "识别企业", "识别人员", "构建图谱", "写入图谱", "M03")


def environment(home: Path) -> dict[str, str]:
    return os.environ | {"CLUEGRAPH_HOME": str(home), "CLUEGRAPH_NEO4J_HEAP": "512m"}


def run(home: Path, files: Path, kill_at: str | None = None) -> bool:
    """Runs the whole job; with `kill_at` kills it with SIGKILL as it enters that stage. True when it was killed."""
    process = subprocess.Popen(
        [CLI, "run", str(files)],
        env=environment(home),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    said = []
    assert process.stderr
    for line in process.stderr:
        said.append(line)
        if kill_at and line.startswith(kill_at):
            process.send_signal(signal.SIGKILL)
            process.wait()
            return True
    assert process.wait() == 0, "".join(said[-20:])
    return False


def outcome(home: Path) -> tuple[str, list[str]]:
    """The graph's checksum and the clues as exported, their facts in one order."""
    clues = home / "clues.jsonl"
    subprocess.run(
        [CLI, "export", "clues", "--format", "jsonl", "--output", str(clues)], env=environment(home), check=True
    )
    found = [json.loads(line) for line in clues.read_text("utf-8").splitlines()]
    for clue in found:
        clue["facts"].sort(key=lambda fact: (fact["dataset"], fact["record_id"]))
    return checksum(Graph(Workspace(home))), sorted(json.dumps(clue, ensure_ascii=False) for clue in found)


@pytest.mark.timeout(1500)
def test_killed_in_every_stage_and_run_again_ends_the_same(tmp_path: Path) -> None:
    files = tmp_path / "files"
    generate(files, records=3000, seed=7)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    try:
        run(whole, files)
        # the keyed hashes of the two graphs can only agree under one key
        broken.mkdir(mode=0o700)
        (broken / "secret.key").write_bytes((whole / "secret.key").read_bytes())
        for stage in STAGES:
            assert run(broken, files, kill_at=stage), f"the run never came to {stage}"
        run(broken, files)
        assert outcome(broken) == outcome(whole)
    finally:
        for home in (whole, broken):
            subprocess.run([CLI, "neo4j", "stop"], env=environment(home), capture_output=True)
