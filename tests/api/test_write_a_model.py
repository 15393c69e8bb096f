"""The guide "write a model in ten minutes" word by word on a real Neo4j, and the model in a service that runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from httpx import Client

from api.app import create_app
from graph import server
from tests.api.conftest import free_port
from tests.api.followed import ROOT, Followed

GUIDE = (ROOT / "docs" / "write-a-model.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Followed]:
    """The office that followed the guide."""
    made = Followed(tmp_path_factory.mktemp("office"), GUIDE)
    server.remember(made.workspace, server.Settings(bolt=free_port(), http=free_port()))
    try:
        made.follow()
        yield made
    finally:
        server.stop(made.workspace)


@pytest.fixture
def app(office: Followed) -> Iterator[FastAPI]:
    """The service over the workspace of the guide."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("NEO4J_URI", "CLUEGRAPH_DATABASE_URL"):
            patch.delenv(name, raising=False)
        patch.setenv("CLUEGRAPH_CONFIG", str(office.folder / "office"))
        yield create_app(office.workspace)


def test_every_command_of_the_guide_prints_what_the_guide_says(office: Followed) -> None:
    assert office.files == [
        "try/deaths.csv",
        "try/housing_fund_withdrawals.csv",
        "office/models/X01.cypher",
    ]
    assert len(office.said) >= 10 and office.missing == []


def test_the_guides_model_finds_the_dead_and_neither_namesake_nor_near_miss(office: Followed) -> None:
    found = json.loads(office.run("cluegraph detect --model X01 --dry-run").stdout)["clues"]
    assert [fact["record_id"] for clue in found for fact in clue["facts"]] == ["SW1", "TQ1"]
    assert found[0]["confidence"] > 0.99 and found[0]["severity"] == "high"


def test_a_model_dropped_in_is_in_the_running_service_the_command_line_and_the_map_until_it_is_taken_away(
    office: Followed, client: Client
) -> None:
    def ids() -> tuple[set[str], set[str], set[str]]:
        served = {model["id"] for model in client.get("/api/v1/models").json()["items"]}
        listed = {line.split()[0] for line in office.run("cluegraph models").stdout.splitlines()}
        mapped = set(re.findall(r"^### (\w+) ", office.run("cluegraph models map").stdout, re.MULTILINE))
        return served, listed, mapped

    models = office.folder / "office" / "models"
    text = (models / "X01.cypher").read_text(encoding="utf-8")
    before = ids()
    assert all("X01" in each and "X02" not in each for each in before)
    dropped = models / "sub" / "again.cypher"
    dropped.parent.mkdir(exist_ok=True)
    dropped.write_text(text.replace('"X01"', '"X02"').replace("fund-drawn", "fund-taken"), encoding="utf-8")
    assert ids() == tuple(each | {"X02"} for each in before)
    ran = client.post("/api/v1/models/X02/run", json={}).json()
    assert [fact["record_id"] for fact in ran["clues"][0]["facts"]] == ["SW1", "TQ1"]
    assert client.get("/api/v1/models/fund-taken-after-death").json()["readiness"]["state"] == "ready"
    dropped.unlink()
    assert ids() == before
    assert client.get("/api/v1/models/X02").status_code == 404


def test_a_broken_model_is_told_with_its_line_and_the_others_go_on(office: Followed, client: Client) -> None:
    models = office.folder / "office" / "models"
    text = (models / "X01.cypher").read_text(encoding="utf-8").replace('"X01"', '"X03"').replace("fund-", "money-")
    broken = models / "broken.cypher"
    try:
        broken.write_text(text.replace("withdrawal.withdrawnOn >", "withdrawal.drawnOn >"), encoding="utf-8")
        line = 1 + text[: text.index("withdrawal.withdrawnOn >")].count("\n")
        fault = f"broken.cypher:{line}: HousingFundWithdrawal has no property drawnOn: did you mean withdrawnOn?"
        checked = office.run("cluegraph config check office")
        assert checked.returncode == 1 and fault in checked.stdout
        listed = office.run("cluegraph models")
        assert listed.returncode == 1 and fault in listed.stderr and "X01  死亡以后" in listed.stdout
        assert fault in client.get("/models").text.replace("&#34;", '"')
        assert client.post("/api/v1/models/X01/run", json={}).json()["problem"] == ""
        detected = json.loads(office.run("cluegraph detect --model X01 --dry-run").stdout)
        assert detected["models"][0]["clues"] == 1 and fault in detected["faults"]
    finally:
        broken.unlink()


def test_a_model_whose_data_is_not_loaded_is_not_said_to_find_nothing(office: Followed, client: Client) -> None:
    done = office.run("cluegraph detect --model M16 --model M17 --model M09 --dry-run")
    told = {run["model"]: run for run in json.loads(done.stdout)["models"]}
    assert told["M17"]["clues"] is None and "请载入民事裁判文书（judgments）" in told["M17"]["problem"]
    listed = {model["id"]: model for model in client.get("/api/v1/models").json()["items"]}
    assert listed["M17"]["readiness"]["state"] == "no"
    page = client.get("/models").text
    row = page[page.index(">M17<") : page.index(">M18<")]
    assert "不能运行" in row and "<td>—</td>" in row


def test_the_chinese_guide_names_the_same_files_and_commands() -> None:
    chinese = (ROOT / "docs" / "write-a-model.zh-CN.md").read_text(encoding="utf-8")
    commands = re.findall(r"`(cluegraph [^`]+)`", chinese)
    said = GUIDE.replace("cluegraph run try", "cluegraph run 文件夹")
    assert [each for each in commands if each not in said] == [] and len(commands) >= 6
    assert "X01.cypher" in chinese
