"""The review queue over the API, on its page and on the command line, after a real resolution of a few rows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from httpx import Client
from playwright.sync_api import Page, expect
from typer.testing import CliRunner

from api.cli import app as cluegraph
from api.work import resolved
from graph.clue import Clue
from graph.clues import ClueStore
from graph.review import prepare, rest
from resolution.intake import load
from resolution.workspace import Workspace
from tests.resolution.test_resolve import HOUSEHOLD, SUBSIDY, A, B, C, Office, check_digit, household, subsidy

HOME = "兰州市城关区白银路12号锦绣家园3号楼1单元502室"
STREET = "兰州市城关区白银路12号锦绣家园"
FAR = "兰州市七里河区西津路8号1号楼2单元301室"
PHONE = "13900010001"
D, E, F = (check_digit(first) for first in ("62010219800307345", "62010219800307567", "62010219650203111"))


@pytest.fixture(scope="module")
def resolved_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows of which one joins by its street, one may be either of two, and two differ in nothing but numbers."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CLUEGRAPH_CONFIG", "CLUEGRAPH_DATABASE_URL"):
            patch.delenv(name, raising=False)
        made = Office(tmp_path_factory.mktemp("review"))
        made.put(
            "household", HOUSEHOLD,
            household(1, "王芳", A, address=HOME), household(2, "王芳", B, address=FAR),
            household(4, "赵铁柱", D, "1980-03-07", HOME, PHONE), household(5, "赵铁柱", E, "1980-03-07", HOME, PHONE),
            household(6, "李秀兰", C, phone="13900010002"), household(7, "李秀兰", F, address=FAR),
        )  # fmt: skip
        made.put(
            "subsidy_payments", SUBSIDY, subsidy(1, "王芳", "", STREET), subsidy(2, "李秀兰", "", FAR, "13900010002")
        )
        load(made.workspace, made.folder)
        resolved(made.workspace, progress=lambda *_: None)
    return made.workspace.home


@pytest.fixture
def workspace(resolved_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A copy of the resolved rows for one test."""
    for name in ("NEO4J_URI", "CLUEGRAPH_CONFIG", "CLUEGRAPH_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return Workspace(shutil.copytree(resolved_home, tmp_path / "workspace"))


@pytest.fixture
def store(workspace: Workspace) -> ClueStore:
    return ClueStore(workspace)


def queue(client: Client, **filters: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get("/api/v1/review", params=filters).json()["items"]
    return items


def of(items: list[dict[str, Any]], *records: str) -> dict[str, Any]:
    """The item of these two records."""
    (found,) = [each for each in items if {each["left"]["record_id"], each["right"]["record_id"]} == set(records)]
    return found


def entity_of(workspace: Workspace, record: str) -> str:
    connection = workspace.connect()
    rows = connection.execute(
        "SELECT entity_id FROM entity_of JOIN mentions USING (mention_id) WHERE record_id = ?", [record]
    ).fetchall()
    connection.close()
    return str(rows[0][0])


def test_a_veto_that_strong_evidence_broke_is_asked_about_without_showing_a_number(client: Client) -> None:
    answer = client.get("/api/v1/review", params={"reason": "veto"})
    item = of(answer.json()["items"], "H4", "H5")
    assert (item["probability"], item["joined"]) == (None, False)
    same = {each["title"]: each["same"] for each in item["values"]}
    assert same == {"姓名/名称": True, "证件号（遮掩）": False, "出生日期": True, "地址": True, "电话（遮掩）": True}
    assert not any(number in answer.text for number in (A, D, E, PHONE))


def test_a_pair_that_clues_rest_on_comes_first_and_names_them(
    client: Client, workspace: Workspace, store: ClueStore
) -> None:
    before = queue(client)
    item = of(before, "H1", "S1")
    assert item["joined"] and item["reason"] == "threshold" and item["clues"] == []
    subjects = [{"entity_id": entity_of(workspace, "S1"), "label": "Person", "name": "王芳"}]
    facts = [{"dataset": "subsidy_payments", "record_id": "S1"}]
    store.record("M03", [Clue("M03", "M03-1", "服刑领补", 0.8, "high", "2024-01-01", subjects, facts, {}, [])], {})
    rest(workspace)
    first = queue(client)[0]
    assert (first["pair"], first["reason"]) == (item["pair"], "clue")
    assert [clue["title"] for clue in first["clues"]] == ["服刑领补"]
    assert "1 条线索" in first["why"]


def test_a_verdict_takes_a_pair_off_the_queue_splits_at_the_next_run_and_can_be_withdrawn(
    client: Client, workspace: Workspace
) -> None:
    item = of(queue(client), "H1", "S1")
    address = f"/api/v1/review/{item['pair']}"
    said = client.post(address, json={"verdict": "not_same", "who": "李检", "why": f"证件 {A} 系冒用"}).json()
    assert said["verdict"] == "not_same" and A not in said["said"][0]["why"]
    assert item["pair"] not in [each["pair"] for each in queue(client)]
    assert item["pair"] in [each["pair"] for each in queue(client, reason="judged")]
    together = entity_of(workspace, "S1")
    resolved(workspace, progress=lambda *_: None)
    assert entity_of(workspace, "S1") != together == entity_of(workspace, "H1")
    assert of(queue(client, reason="judged"), "H1", "S1")["joined"] is False
    assert client.delete(address, params={"by": "王检"}).status_code == 204
    assert client.delete(address, params={"by": "王检"}).status_code == 422
    resolved(workspace, progress=lambda *_: None)
    assert entity_of(workspace, "S1") == together
    assert item["pair"] in [each["pair"] for each in queue(client)]


def test_a_join_over_a_veto_is_said_of_the_entity(client: Client, workspace: Workspace) -> None:
    pair = of(queue(client), "H4", "H5")["pair"]
    client.post(f"/api/v1/review/{pair}", json={"verdict": "same", "who": "李检", "why": "一人两证"})
    resolved(workspace, progress=lambda *_: None)
    from api.deps import Service
    from api.review import notes

    assert entity_of(workspace, "H4") == entity_of(workspace, "H5")
    (note,) = notes(Service(workspace, ""), entity_of(workspace, "H4"))
    assert note.startswith("经 李检 于") and note.endswith("尽管号码不同：一人两证")


def test_the_blind_hides_a_word_until_the_second_person_has_spoken(client: Client) -> None:
    pair = queue(client)[0]["pair"]
    client.post(f"/api/v1/review/{pair}", json={"verdict": "same", "who": "李检", "blind": True})
    shown = next(each for each in queue(client, reviewer="王检") if each["pair"] == pair)
    assert shown["waiting"] and (shown["verdict"], shown["said"]) == (None, [])
    assert pair not in [each["pair"] for each in queue(client, reviewer="李检")]
    second = client.post(f"/api/v1/review/{pair}", json={"verdict": "not_same", "who": "王检"}).json()
    assert [(word["who"], word["verdict"]) for word in second["said"]] == [("李检", "same"), ("王检", "not_same")]
    assert (second["verdict"], second["reason"]) == (None, "unsure") or second["verdict"] is None
    figures = client.get("/api/v1/review/agreement").json()
    assert (figures["pairs"], figures["share"]) == (1, 0.0)


@pytest.mark.parametrize(
    ("pair", "body", "status"),
    [
        ("0123456789abcdef", {"verdict": "same", "who": "李检"}, 404),
        ("no-such-key", {"verdict": "same", "who": "李检"}, 422),
        ("0123456789abcdef", {"verdict": "perhaps", "who": "李检"}, 422),
        ("0123456789abcdef", {"verdict": "same"}, 422),
        ("0123456789abcdef", {"verdict": "withdraw", "who": "李检"}, 422),
    ],
)
def test_what_cannot_be_judged_is_refused(client: Client, pair: str, body: dict[str, str], status: int) -> None:
    answer = client.post(f"/api/v1/review/{pair}", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_the_queue_pages_through_all_it_holds(client: Client) -> None:
    seen, path = [], "/api/v1/review?limit=1"
    while path:
        page = client.get(path).json()
        seen += [item["pair"] for item in page["items"]]
        path = page["next"]
    assert len(seen) == len(set(seen)) == page["total"] >= 2


def test_a_pair_is_judged_by_keyboard_and_taken_back_on_the_page(page: Page, client: Client) -> None:
    page.get_by_role("link", name="待核对").click()
    expect(page.locator(".pair.current")).to_have_count(1)
    page.get_by_label("核对人").fill("李检")
    first = page.locator(".pair").first
    expect(first).to_contain_text("证件号（遮掩）")
    first.get_by_label("理由").fill("1 号材料一致")
    first.get_by_role("heading").click()
    pair = first.get_attribute("data-pair")
    page.keyboard.press("2")
    expect(first.get_by_text("李检：不是同一主体（1 号材料一致）")).to_be_visible()
    assert next(each for each in queue(client, reason="judged") if each["pair"] == pair)["verdict"] == "not_same"
    expect(page.locator(".pair").nth(1)).to_be_focused()
    first.get_by_role("button", name="撤回").click()
    expect(first.get_by_text("已保存：已撤回")).to_be_visible()
    assert pair in [each["pair"] for each in queue(client)]
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366


def test_without_a_name_nothing_is_said(page: Page, client: Client) -> None:
    page.goto("/review")
    expect(page.locator(".pair.current")).to_have_count(1)
    page.locator(".pair").first.get_by_role("button", name="同一主体", exact=False).first.click()
    expect(page.get_by_text("请先填写核对人")).to_be_visible()
    assert queue(client, reason="judged") == []


def test_the_command_line_lists_says_undoes_and_keeps_in_files(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLUEGRAPH_HOME", str(workspace.home))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cluegraph, ["review", *arguments])

    file = str(tmp_path / "said.jsonl")
    pair = of(json.loads(run("list", "--json").stdout)["items"], "H4", "H5")["pair"]
    both = "household/H1/人员=household/H2/人员"
    assert run("say", pair, "same", "--who", "李检", "--why", "一人两证").exit_code == 0
    assert run("say", both, "not_same", "--who", "李检").exit_code == 0
    assert "一人两证" in run("list", "--judged").stdout
    assert "withdrawn" in run("undo", pair, "--who", "王检").stdout
    assert run("export", file).exit_code == 0
    lines = Path(file).read_text("utf-8").splitlines()
    assert [json.loads(line).get("withdrawn_by") for line in lines] == [None, "王检"]
    assert run("import", file).stdout == "new 0, withdrawn 0, known 2\n"
    refused = run("undo", pair, "--who", "王检")
    assert refused.exit_code == 1 and "nothing that stands" in refused.stderr


def test_the_queue_is_rebuilt_and_nothing_said_is_lost(workspace: Workspace, client: Client) -> None:
    pair = queue(client)[0]["pair"]
    client.post(f"/api/v1/review/{pair}", json={"verdict": "unsure", "who": "李检", "why": "材料不足"})
    before = len(queue(client))
    prepare(workspace)
    assert len(queue(client)) == before
    assert next(each for each in queue(client) if each["pair"] == pair)["said"][0]["why"] == "材料不足"
