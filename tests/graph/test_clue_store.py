"""The life of a clue: found, changed, gone, back; what people said of it stays. And clues as files."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from graph.clue import Clue, clue_key
from graph.clue_files import FormatError, write
from graph.clues import ClueStore, ClueStoreError
from resolution.workspace import Workspace

TERM = Clue(
    model="M03",
    key=clue_key("M03", ["prison_terms/T1"]),
    title="服刑人员领取补贴：李强",
    confidence=0.93,
    severity="medium",
    as_of="2024-06-30",
    subjects=[{"entity_id": "p1", "label": "Person", "name": "李强"}],
    facts=[
        {"dataset": "prison_terms", "record_id": "T1"},
        {"dataset": "subsidy_payments", "record_id": "620101199001011234"},
    ],
    columns={"term": "prison_terms/T1", "payments": 1, "total": 600},
    reasons=["=1+1", "在押期间发放 1 笔"],
)
LEASE = replace(TERM, key=clue_key("M03", ["prison_terms/T2"]), severity="high", confidence=0.6)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ClueStore:
    monkeypatch.delenv("CLUEGRAPH_DATABASE_URL", raising=False)
    return ClueStore(Workspace(tmp_path))


def found(store: ClueStore, *clues: Clue, complete: bool = True) -> dict[str, int]:
    return store.record("M03", clues, {"grace_months": 1}, complete=complete)


def statuses(store: ClueStore) -> dict[str, str]:
    return {clue["key"]: clue["status"] for clue in store.every()}


def happenings(store: ClueStore, key: str) -> Sequence[str]:
    return [event["what"] for event in store.get(key)["events"]]


def test_the_same_finding_again_is_no_second_clue(store: ClueStore) -> None:
    assert found(store, TERM) == {"new": 1, "changed": 0, "gone": 0, "back": 0}
    assert found(store, TERM) == {"new": 0, "changed": 0, "gone": 0, "back": 0}
    assert statuses(store) == {TERM.key: "new"}


def test_more_proof_updates_the_clue(store: ClueStore) -> None:
    found(store, TERM)
    more = replace(TERM, facts=[*TERM.facts, {"dataset": "subsidy_payments", "record_id": "S2"}])
    assert found(store, more)["changed"] == 1
    assert store.get(TERM.key)["facts"] == more.facts
    assert happenings(store, TERM.key) == ["new", "changed"]


def test_a_clue_whose_ground_is_gone_is_marked_and_comes_back(store: ClueStore) -> None:
    found(store, TERM, LEASE)
    assert found(store, LEASE)["gone"] == 1
    assert statuses(store) == {TERM.key: "gone", LEASE.key: "new"}
    assert store.get(TERM.key)["gone_on"]
    assert found(store, LEASE)["gone"] == 0
    assert found(store, TERM, LEASE)["back"] == 1
    assert statuses(store) == {TERM.key: "new", LEASE.key: "new"}
    assert happenings(store, TERM.key) == ["new", "gone", "back"]


def test_a_run_that_was_cut_short_takes_nothing_away(store: ClueStore) -> None:
    found(store, TERM, LEASE)
    found(store, LEASE, complete=False)
    assert statuses(store) == {TERM.key: "new", LEASE.key: "new"}


def test_another_models_run_leaves_the_clue_alone(store: ClueStore) -> None:
    found(store, TERM)
    store.record("M01", [], {})
    assert statuses(store) == {TERM.key: "new"}


def test_what_people_said_outlives_every_run(store: ClueStore) -> None:
    found(store, TERM)
    store.set_status(TERM.key, "王检察官", status="confirmed", note="已向民政局核实")
    found(store, replace(TERM, severity="high"))
    assert (store.get(TERM.key)["status"], store.get(TERM.key)["note"]) == ("confirmed", "已向民政局核实")
    found(store)
    assert store.get(TERM.key)["status"] == "gone"
    found(store, TERM)
    assert store.get(TERM.key)["status"] == "confirmed"
    said = [event for event in store.get(TERM.key)["events"] if event["who"] == "王检察官"]
    assert [(event["what"], event["detail"]["to"]) for event in said] == [
        ("status", "confirmed"),
        ("note", "已向民政局核实"),
    ]


def test_an_unknown_status_or_key_is_refused_with_what_would_do(store: ClueStore) -> None:
    found(store, TERM)
    with pytest.raises(ClueStoreError, match="checking"):
        store.set_status(TERM.key, "x", status="gone")
    with pytest.raises(ClueStoreError, match="list of clues"):
        store.set_status("M03-0", "x", status="new")
    with pytest.raises(ClueStoreError, match="list of clues"):
        store.get("M03-0")


def test_the_list_begins_with_the_most_serious_and_can_be_narrowed(store: ClueStore) -> None:
    found(store, TERM, LEASE)
    page, total = store.find(limit=1)
    assert ([clue["key"] for clue in page], total) == ([LEASE.key], 2)
    assert [clue["key"] for clue in store.find(min_confidence=0.9)[0]] == [TERM.key]
    assert [clue["key"] for clue in store.find(severity="high")[0]] == [LEASE.key]
    assert store.find(text="李强")[1] == 2
    assert store.find(text="%")[1] == 0
    assert store.find(models=["M01"])[1] == 0
    found(store, LEASE)
    assert [clue["key"] for clue in store.find(status="gone")[0]] == [TERM.key]
    assert [clue["key"] for clue in store.find(status="new")[0]] == [LEASE.key]
    assert [(c["status"], c["clues"]) for c in store.counts()] == [("gone", 1), ("new", 1)]


def test_the_service_database_is_readable_by_its_owner_only(store: ClueStore, tmp_path: Path) -> None:
    assert (tmp_path / "service.db").stat().st_mode & 0o077 == 0


def test_a_line_of_the_export_is_as_the_contract_has_it(store: ClueStore, tmp_path: Path) -> None:
    found(store, TERM)
    assert write(store.every(), tmp_path / "clues.jsonl", "jsonl") == 1
    assert json.loads((tmp_path / "clues.jsonl").read_text(encoding="utf-8")) == {
        "model": "M03",
        "key": TERM.key,
        "title": "服刑人员领取补贴：李强",
        "confidence": 0.93,
        "severity": "medium",
        "as_of": "2024-06-30",
        "status": "new",
        "subjects": TERM.subjects,
        "facts": TERM.facts,
        "columns": TERM.columns,
        "reasons": TERM.reasons,
    }


def test_a_spreadsheet_runs_no_text_as_a_formula(store: ClueStore, tmp_path: Path) -> None:
    found(store, replace(TERM, title="@SUM(A1)", reasons=["\t＝cmd|' /C calc'!A0"]))
    write(store.every(), tmp_path / "clues.csv", "csv")
    write(store.every(), tmp_path / "clues.xlsx", "xlsx")
    with (tmp_path / "clues.csv").open(encoding="utf-8-sig", newline="") as file:
        row = next(iter(csv.DictReader(file)))
    sheet = CalamineWorkbook.from_path(str(tmp_path / "clues.xlsx")).get_sheet_by_index(0).to_python()
    cells = dict(zip(sheet[0], sheet[1], strict=True))
    for said in (row, cells):
        assert said["标题"] == "'@SUM(A1)"
        assert str(said["理由"]).startswith("'")
        assert "subsidy_payments/620101199001011234" in str(said["事实"])
        assert "发放笔数（笔）：1" in str(said["数据列"])
    assert cells["可信度"] == 0.93


def test_an_unknown_format_leaves_no_file(store: ClueStore, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="jsonl, csv, xlsx"):
        write(store.every(), tmp_path / "clues.pdf", "pdf")
    assert not (tmp_path / "clues.pdf").exists()


def test_the_key_depends_on_model_and_identity_only() -> None:
    assert clue_key("M03", ["prison_terms/T1"]) == "M03-6eabb8b9ff704e76"
    assert len({clue_key("M03", ["a", "b"]), clue_key("M03", ["b", "a"]), clue_key("M01", ["a", "b"])}) == 3
