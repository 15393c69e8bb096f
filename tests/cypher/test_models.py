"""Every model on the real Neo4j: it finds what it must, and keeps quiet about what merely looks like it."""

from __future__ import annotations

from collections import Counter
from datetime import date
from importlib.resources import files
from typing import Any

import pytest
from cypher_cases import Case, build, read

from graph.catalogue import catalogue
from graph.connection import Graph
from graph.detect import run_model
from graph.plan import plan
from resolution.source_files import read_sources

MODELS = catalogue()
CASES = read()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.model}: {case.name}")
def test_a_case_gives_the_clues_it_says(graph: Any, case: Case) -> None:
    build(graph, case)
    model = MODELS[case.model]
    run = run_model(graph, model, case.as_of, model.parameters(case.params), case.min_confidence)
    assert not run.problem
    found = sorted(run.clues, key=lambda clue: str([clue.columns[name] for name in model.identity]))
    identities = [{name: clue.columns[name] for name in model.identity} for clue in found]
    expected = sorted(case.expect, key=lambda e: str([e["identity"][name] for name in model.identity]))
    assert identities == [e["identity"] for e in expected]
    for clue, expectation in zip(found, expected, strict=True):
        said: dict[str, Any] = {
            "identity": expectation["identity"],
            "facts": sorted(f"{fact['dataset']}/{fact['record_id']}" for fact in clue.facts),
            "severity": clue.severity,
            "confidence": clue.confidence,
            "columns": {name: clue.columns[name] for name in expectation.get("columns", {})},
            "subjects": [subject["entity_id"] for subject in clue.subjects],
            "reasons": [r for r in expectation.get("reasons", []) if any(r in reason for reason in clue.reasons)],
        }
        wanted = {**expectation, "facts": sorted(expectation.get("facts", said["facts"]))}
        wanted["columns"] = {name: _day(value) for name, value in wanted.get("columns", {}).items()}
        assert {name: said[name] for name in wanted} == wanted, clue.reasons
        assert all(reason and "null" not in reason for reason in clue.reasons)


def test_every_model_has_a_case_found_one_not_found_and_a_near_miss() -> None:
    kinds = Counter((case.model, case.kind) for case in CASES)
    lacking = [
        f"{model}: {kind}" for model in MODELS for kind in ("found", "not found", "near miss") if not kinds[model, kind]
    ]
    assert lacking == []


def test_every_model_file_is_taken_up() -> None:
    assert MODELS.faults == []


def test_every_field_that_a_model_names_is_one_of_its_dataset() -> None:
    sources = read_sources()
    unknown = [
        f"{model.id}: {dataset}.{field}"
        for model in MODELS.values()
        for dataset, fields in model.datasets.items()
        for field in fields
        if dataset not in sources or field not in sources[dataset].columns
    ]
    assert unknown == []


def test_no_model_names_what_the_graph_does_not_have_or_forgets_the_day_or_the_confidence() -> None:
    assert MODELS.faults + MODELS.doubts == []


def test_the_server_plans_every_model_without_a_warning_and_without_joining_all_with_all(graph: Graph) -> None:
    assert plan(graph.server, MODELS.values()) == []


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("MATCH (person)<-[paid", "MATCH (stranger:Person) MATCH (person)<-[paid", "joins all rows with all"),
        ("round(total, 2) AS total", "rounded(total, 2) AS total", "rounded"),
        ("WITH term, served, person,\n", "WITH term, served, person, id(person) AS old,\n", "Neo4j warns"),
    ],
)
def test_a_plan_that_the_server_objects_to_is_told(graph: Graph, before: str, after: str, words: str) -> None:
    model = MODELS["M03"]
    assert before in model.query
    faults = plan(graph.server, [model.model_copy(update={"query": model.query.replace(before, after, 1)})])
    assert [fault for fault in faults if words in fault.message and fault.line >= model.begins]


def test_a_lift_that_no_service_row_names_is_told_by_the_check_beside_the_models(graph: Any) -> None:
    case = next(case for case in CASES if "not covered by the data" in case.name)
    build(graph, case)
    path = files("cypher").joinpath("checks/elevators_without_service.cypher")
    rows = graph.read(path.read_text(encoding="utf-8"), {"as_of": case.as_of})
    assert [row["设备代码"] for row in rows] == ["D4"]


def _day(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
