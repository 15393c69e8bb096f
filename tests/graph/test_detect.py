"""Running models: what is recorded, what is reported, and what never happens silently."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from graph.catalogue import Catalogue, catalogue
from graph.clues import ClueStore
from graph.connection import Graph
from graph.detect import DetectError, DetectReport, default_as_of, detect
from graph.model import ParameterError
from resolution.workspace import Workspace

HEADER = """/*+++
id = "X01"
slug = "paid-twice"
title = "重复发放"
lines = ["行政"]
receivers = ["民政局"]
description = "一人一天两笔"
misses = "无"
maturity = "draft"
timeout_seconds = 60
identity = ["person"]
severity = "一律 low"
[datasets]
subsidy_payments = ["paidOn"]
[params.least]
type = "integer"
default = 1
description = "笔数"
[returns]
person = {title = "领取人"}
payments = {title = "笔数（笔）"}
+++*/
"""
PAID = """MATCH (person:Person)<-[paid:PAID_TO]-(payment:SubsidyPayment)
WHERE payment.knownFrom <= $as_of AND paid.probability >= $min_confidence
WITH person, collect(payment) AS facts, collect(paid) AS links WHERE size(facts) >= $least
RETURN person.entityId AS person, size(facts) AS payments, [person] AS subjects, facts, links,
       ['发放 ' + toString(toFloat(size(facts))) + ' 笔，' + toString(15440000.0) + ' 元，2.50'] AS reasons,
       'low' AS severity
ORDER BY person
"""


@pytest.fixture(scope="module")
def graph(served: Workspace) -> Iterator[Graph]:
    with Graph(served, owner=True) as graph:
        graph.write("MATCH (n) DETACH DELETE n")
        graph.write("""
            CREATE (:Dataset {dataset: 'subsidy_payments', rows: 3, lastEvent: date('2024-03-01')})
            CREATE (:Dataset {dataset: 'leases', rows: 9, lastEvent: date('2024-02-01')})
            CREATE (:Dataset {dataset: 'schools', rows: 0})
            WITH * UNWIND [['p1', '2024-01-01', 1.0], ['p1', '2024-03-01', 0.7], ['p2', '2024-02-01', 0.9]] AS row
            MERGE (person:Entity:Person {key: row[0], entityId: row[0], name: '张' + row[0]})
            CREATE (payment:Fact:SubsidyPayment {recordId: 'S' + row[1], dataset: 'subsidy_payments'})
            SET payment.key = 'subsidy_payments/S' + row[1], payment.knownFrom = date(row[1])
            CREATE (payment)-[:PAID_TO {probability: row[2]}]->(person)
        """)
        yield graph


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.delenv("CLUEGRAPH_DATABASE_URL", raising=False)
    return Workspace(tmp_path / "home")


def models(folder: Path, *queries: str, header: str = HEADER) -> Catalogue:
    for number, query in enumerate(queries, 1):
        text = header.replace("X01", f"X0{number}").replace("paid-twice", f"paid-{number}") + query
        (folder / f"X0{number}.cypher").write_text(text, encoding="utf-8")
    return catalogue([folder])


def found(report: DetectReport) -> dict[str, tuple[int, float]]:
    return {clue.columns["person"]: (clue.columns["payments"], clue.confidence) for clue in report.clues}


def test_clues_are_found_and_recorded_as_of_the_newest_event(
    graph: Graph, workspace: Workspace, tmp_path: Path
) -> None:
    report = detect(workspace, graph=graph, source=models(tmp_path, PAID))
    assert default_as_of(graph) == date(2024, 3, 1)
    assert found(report) == {"p1": (2, 0.7), "p2": (1, 0.9)}
    assert report.clues[0].title == "重复发放：张p1"
    assert report.clues[0].reasons == ["发放 2 笔，15440000 元，2.50"]
    assert [(clue["as_of"], clue["status"]) for clue in ClueStore(workspace).every()] == [("2024-03-01", "new")] * 2


def test_asked_as_of_an_earlier_day_the_same_clue_has_less_proof(
    graph: Graph, workspace: Workspace, tmp_path: Path
) -> None:
    known = models(tmp_path, PAID)
    later = detect(workspace, graph=graph, source=known)
    earlier = detect(workspace, graph=graph, source=known, as_of=date(2024, 2, 15))
    assert found(earlier) == {"p1": (1, 1.0), "p2": (1, 0.9)}
    assert {clue.key for clue in earlier.clues} == {clue.key for clue in later.clues}
    detect(workspace, graph=graph, source=known, as_of=date(2024, 1, 15))
    assert sorted(clue["status"] for clue in ClueStore(workspace).every()) == ["gone", "new"]


def test_a_stricter_view_leaves_out_weak_links(graph: Graph, workspace: Workspace, tmp_path: Path) -> None:
    report = detect(workspace, graph=graph, source=models(tmp_path, PAID), min_confidence=0.95, dry_run=True)
    assert found(report) == {"p1": (1, 1.0)}


def test_a_dry_run_leaves_no_clue(graph: Graph, workspace: Workspace, tmp_path: Path) -> None:
    assert detect(workspace, graph=graph, source=models(tmp_path, PAID), dry_run=True).clues
    assert not (workspace.home / "service.db").exists()


def test_parameters_reach_the_models_that_have_them(graph: Graph, workspace: Workspace, tmp_path: Path) -> None:
    known = models(tmp_path, PAID, PAID)
    report = detect(workspace, graph=graph, source=known, params={"least": "2", "X02.least": "1"}, dry_run=True)
    assert [len(run.clues) for run in report.runs] == [1, 2]
    with pytest.raises(ParameterError, match="they have: least"):
        detect(workspace, graph=graph, source=known, params={"most": "2"}, dry_run=True)
    with pytest.raises(ParameterError, match="whole number"):
        detect(workspace, graph=graph, source=known, params={"least": "two"}, dry_run=True)


def test_more_rows_than_the_cap_are_reported(graph: Graph, workspace: Workspace, tmp_path: Path) -> None:
    known = models(tmp_path, PAID)
    detect(workspace, graph=graph, source=known)
    run = detect(workspace, graph=graph, source=known, row_cap=1).runs[0]
    assert (run.truncated, len(run.clues), run.complete) == (True, 1, False)
    assert [clue["status"] for clue in ClueStore(workspace).every()] == ["new", "new"]


def test_rows_of_one_clue_are_merged_and_counted(graph: Graph, workspace: Workspace, tmp_path: Path) -> None:
    each = "UNWIND range(0, size(facts) - 1) AS i RETURN [facts[i]] AS one, [links[i]] AS of"
    query = PAID.replace("RETURN person", f"CALL (facts, links) {{ {each} }} RETURN person").replace(
        "facts, links,\n", "one AS facts, of AS links,\n"
    )
    run = detect(workspace, graph=graph, source=models(tmp_path, query), dry_run=True).runs[0]
    assert (len(run.clues), run.repeated) == (2, 1)
    assert sorted(len(clue.facts) for clue in run.clues) == [1, 2]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("'low' AS severity", "'grave' AS severity"), "high, medium, low"),
        (("facts, links", "[person] AS facts, links"), "facts must be source rows"),
        (("facts, links", "facts, [null] AS links"), "list of relationships"),
        (("person.entityId AS person", "nullIf(person.entityId, person.key) AS person"), "identity names it"),
        (("size(facts) >= $least", "1 / (size(facts) - size(facts)) > $least"), "/ by zero"),
    ],
)
def test_a_model_that_fails_is_told_and_the_others_run(
    graph: Graph, workspace: Workspace, tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    assert change[0] in PAID
    report = detect(workspace, graph=graph, source=models(tmp_path, PAID.replace(*change), PAID))
    assert words in report.runs[0].problem
    assert "X01.cypher" in report.runs[0].problem
    assert [run.model.id for run in report.failed] == ["X01"]
    assert len(report.runs[1].clues) == 2


def test_a_runaway_query_is_stopped_and_told(graph: Graph, workspace: Workspace, tmp_path: Path) -> None:
    slow = PAID.replace(
        "WHERE size", "UNWIND range(1, 100000000000) AS i WITH person, facts, links, sum(i) AS s WHERE size"
    )
    impatient = HEADER.replace("timeout_seconds = 60", "timeout_seconds = 1")
    run = detect(workspace, graph=graph, source=models(tmp_path, slow, header=impatient), dry_run=True).runs[0]
    assert "stopped after 1 s" in run.problem


def test_a_model_whose_data_is_not_loaded_is_not_run(graph: Graph, workspace: Workspace, tmp_path: Path) -> None:
    needs = HEADER.replace('subsidy_payments = ["paidOn"]', "subsidy_payments = []\nschools = []\ndeaths = []")
    report = detect(workspace, graph=graph, source=models(tmp_path, PAID, header=needs))
    assert report.runs[0].problem == "not ready: 请载入学校（schools）；请载入死亡登记（deaths）"
    assert report.failed == [] and report.runs[0].summary()["clues"] is None
    able = needs.replace("[datasets]", 'optional = ["schools", "deaths"]\n[datasets]')
    run = detect(workspace, graph=graph, source=models(tmp_path, PAID, header=able)).runs[0]
    assert len(run.clues) == 2
    assert run.summary()["unseen"] == ["要用到学校的情形查不出", "要用到死亡登记的情形查不出"]


def test_models_are_chosen_and_progress_is_told(graph: Graph, workspace: Workspace, tmp_path: Path) -> None:
    said: list[tuple[str, int, int | None]] = []
    report = detect(
        workspace, ["paid-2"], graph=graph, source=models(tmp_path, PAID, PAID), dry_run=True,
        progress=lambda stage, done, total: said.append((stage, done, total)),
    )  # fmt: skip
    assert [run.model.id for run in report.runs] == ["X02"]
    assert said == [("X02 重复发放", 0, 1), ("models", 1, 1)]


def test_an_empty_graph_says_what_to_do(graph: Graph, workspace: Workspace, tmp_path: Path) -> None:
    graph.write("MATCH (n) DETACH DELETE n")  # the last case of this module
    with pytest.raises(DetectError, match="cluegraph publish"):
        detect(workspace, graph=graph, source=models(tmp_path, PAID))
