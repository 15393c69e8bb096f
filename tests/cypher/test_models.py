"""Every model on the real Neo4j: it finds what it must, and keeps quiet about what merely looks like it."""

from __future__ import annotations

from collections import Counter
from datetime import date
from importlib.resources import files
from typing import Any

import neo4j
import pytest
from cypher_cases import Case, build, read

from graph.catalogue import catalogue
from graph.detect import run_model
from resolution.source import read_sources

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


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.id)
def test_the_server_plans_every_model_without_joining_all_with_all(graph: Any, model: Any) -> None:
    params = model.parameters({}) | {"as_of": date(2024, 6, 30), "min_confidence": 0.0}
    where = graph.server
    with (
        neo4j.GraphDatabase.driver(where.uri, auth=(where.username, where.password)) as driver,
        driver.session(default_access_mode=neo4j.READ_ACCESS) as session,
    ):
        plan = session.run(f"EXPLAIN {model.query}", params).consume().plan
    assert "CartesianProduct" not in _operators(plan)


def test_a_lift_that_no_service_row_names_is_told_by_the_check_beside_the_models(graph: Any) -> None:
    case = next(case for case in CASES if "not covered by the data" in case.name)
    build(graph, case)
    path = files("cypher").joinpath("checks/elevators_without_service.cypher")
    rows = graph.read(path.read_text(encoding="utf-8"), {"as_of": case.as_of})
    assert [row["设备代码"] for row in rows] == ["D4"]


def _operators(plan: Any) -> set[str]:
    return {plan["operatorType"].split("@")[0]}.union(*(_operators(child) for child in plan.get("children", [])))


def _day(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
