"""What other models have already, and what a changed model finds differently, from clues as they are recorded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graph.clues import ClueStore
from graph.connection import Graph
from graph.detect import detect
from graph.overlap import overlap
from graph.versions import VersionError, compare
from resolution.workspace import Workspace
from tests.graph.test_detect import PAID, models


def clue(model: str, number: int, subjects: list[str], facts: list[str]) -> dict[str, Any]:
    return {
        "model": model,
        "key": f"{model}-{number}",
        "title": f"{model} 第 {number} 条",
        "subjects": [{"entity_id": name, "label": "Person", "name": f"张{name}"} for name in subjects],
        "facts": [{"dataset": "d", "record_id": fact} for fact in facts],
    }


OWN = [clue("X", 1, ["p1"], ["1", "2"]), clue("X", 2, ["p2"], ["3"]), clue("X", 3, ["p3"], ["4"])]


def test_a_shared_row_and_a_shared_person_are_told_apart() -> None:
    others = [clue("Y", 1, ["p9"], ["2", "8"]), clue("Y", 2, ["p2"], ["7"]), clue("Z", 1, ["p2"], ["3"])]
    found = overlap("X", OWN, [*OWN, *others])
    assert (found.clues, found.alone) == (3, 1)
    assert [(o.model, o.clues, o.same_facts, o.same_subjects) for o in found.others] == [("Y", 2, 1, 1), ("Z", 1, 1, 1)]
    first = found.others[0].examples[0]
    assert (first.key, first.other_key, first.facts, first.subjects) == ("X-1", "Y-1", ["d/2"], [])
    assert found.others[1].examples[0].subjects == ["张p2"]
    assert "X 共 3 条线索，其中 1 条为其他模型所无" in found.text()


def test_clues_that_share_nothing_overlap_with_nobody() -> None:
    found = overlap("X", OWN, [clue("Y", 1, ["q"], ["x"])])
    assert (found.alone, found.others) == (3, [])


@pytest.fixture(scope="module")
def graph(served: Workspace) -> Iterator[Graph]:
    with Graph(served, owner=True) as graph:
        graph.write("MATCH (n) DETACH DELETE n")
        graph.write("""
            CREATE (:Dataset {dataset: 'subsidy_payments', rows: 3, lastEvent: date('2024-03-01')})
            WITH * UNWIND [['p1', '2024-01-01'], ['p1', '2024-03-01'], ['p2', '2024-02-01']] AS row
            MERGE (person:Entity:Person {key: row[0], entityId: row[0], name: '张' + row[0]})
            CREATE (payment:Fact:SubsidyPayment {recordId: 'S' + row[1], dataset: 'subsidy_payments'})
            SET payment.key = 'subsidy_payments/S' + row[1], payment.knownFrom = date(row[1])
            CREATE (payment)-[:PAID_TO {probability: 1.0}]->(person)
        """)
        yield graph


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.delenv("CLUEGRAPH_DATABASE_URL", raising=False)
    return Workspace(tmp_path / "home")


def keys(clues: list[dict[str, Any]]) -> list[str]:
    return [clue["title"] for clue in clues]


def test_another_parameter_loses_a_clue_and_records_nothing(graph: Graph, workspace: Workspace, tmp_path: Path) -> None:
    known = models(tmp_path, PAID)
    detect(workspace, graph=graph, source=known)
    before = list(ClueStore(workspace).every())
    found = compare(workspace, "X01", params={"least": "2"}, graph=graph, source=known)
    assert (found.before, found.after) == (2, 1)
    assert (keys(found.added), keys(found.gone)) == ([], ["重复发放：张p2"])
    assert [(told["title"], told["changed"]) for told in found.kept] == [("重复发放：张p1", False)]
    assert list(ClueStore(workspace).every()) == before


def test_a_changed_file_is_compared_with_the_version_in_force(
    graph: Graph, workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "shipped").mkdir()
    known = models(tmp_path / "shipped", PAID)
    narrow = tmp_path / "mine.cypher"
    text = known["X01"].path.read_text(encoding="utf-8")
    narrow.write_text(text.replace("payment.knownFrom <= $as_of", "payment.knownFrom < $as_of"), encoding="utf-8")
    found = compare(workspace, str(narrow), against="shipped", graph=graph, source=known)
    assert (keys(found.added), keys(found.gone)) == ([], [])
    assert [(told["title"], told["changed"]) for told in found.kept] == [
        ("重复发放：张p1", True),
        ("重复发放：张p2", False),
    ]
    assert "保留 2 条（其中内容有变 1 条）" in found.text()


def test_a_new_model_adds_all_and_says_what_others_have(graph: Graph, workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "two").mkdir()
    both = models(tmp_path / "two", PAID, PAID)
    detect(workspace, ["X01"], graph=graph, source=both)
    found = compare(workspace, "X02", graph=graph, source=both)
    assert (len(found.added), found.gone, found.kept) == (2, [], [])
    assert [(other.model, other.same_facts) for other in found.overlap.others] == [("X01", 2)]


def test_a_model_without_its_data_cannot_be_compared(graph: Graph, workspace: Workspace, tmp_path: Path) -> None:
    needs = models(tmp_path, PAID)["X01"].path.read_text(encoding="utf-8")
    (tmp_path / "y.cypher").write_text(
        needs.replace("[datasets]", '[datasets]\ndeaths = ["deathDate"]'), encoding="utf-8"
    )
    with pytest.raises(VersionError, match="请载入死亡登记"):
        compare(workspace, str(tmp_path / "y.cypher"), graph=graph)
