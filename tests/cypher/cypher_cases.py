"""Cases of models as tables: `cases/<model>.toml`, read and turned into a small graph.

A case's `given` is Cypher in the labels, properties and relationships of docs/architecture.md. What every node has
anyway is filled in: a fact's `key`, `dataset` and `knownFrom` from its label, an entity's `key`, a probability of 1.
A file's own `given` stands before that of each of its cases.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "cases"
KINDS = ("found", "not found", "near miss")


@dataclass(frozen=True)
class Case:
    """One situation and what the model must say of it."""

    model: str
    name: str
    kind: str
    given: list[str]
    params: dict[str, Any]
    as_of: date
    min_confidence: float
    expect: list[dict[str, Any]]


def read() -> list[Case]:
    """All cases of all models."""
    cases = []
    for path in sorted(FOLDER.glob("*.toml")):
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        for case in said["case"]:
            known = {"name", "kind", "given", "params", "as_of", "min_confidence", "expect"}
            assert not (unknown := set(case) - known), f"{path.name}: {case['name']}: {unknown}"
            assert case["kind"] in KINDS, f"{path.name}: {case['name']}: kind is one of {KINDS}"
            assert bool(case["expect"]) == (case["kind"] == "found"), f"{path.name}: {case['name']}"
            given = said.get("given", "") + ";" + case.get("given", "")
            cases.append(
                Case(
                    path.stem,
                    case["name"],
                    case["kind"],
                    [part.strip() for part in given.split(";") if part.strip()],
                    case.get("params", {}),
                    case.get("as_of", said.get("as_of", date(2024, 6, 30))),
                    case.get("min_confidence", 0.0),
                    case["expect"],
                )
            )
    return cases


def facts() -> dict[str, dict[str, str]]:
    """Dataset and day of every fact label, as the sources have them."""
    found = {}
    for file in files("resolution").joinpath("sources").iterdir():
        said = tomllib.loads(file.read_text(encoding="utf-8"))
        dataset = file.name.removesuffix(".toml")
        found[said["fact"]["label"]] = {"dataset": dataset, "on": said["fact"].get("on", "")}
    return found


def build(graph: Any, case: Case) -> None:
    """Empty the graph and build the case in it."""
    graph.write("MATCH (n) DETACH DELETE n", {})
    for statement in case.given:
        graph.write(statement, {})
    graph.write(
        """
        MATCH (n) UNWIND labels(n) AS label
        WITH n, $facts[label] AS fact WHERE fact IS NOT NULL
        WITH n, fact, n[fact.on] AS day
        SET n:Fact, n.dataset = fact.dataset, n.key = fact.dataset + '/' + n.recordId,
            n.name = coalesce(n.name, n.recordId),
            n.knownFrom = coalesce(n.knownFrom, CASE WHEN fact.on = 'year' THEN date({year: day}) ELSE date(day) END,
                                   date('1900-01-01'))
        """,
        {"facts": facts()},
    )
    graph.write(
        """
        MATCH (n:Person|Company|Property|TradeName)
        SET n:Entity, n.key = coalesce(n.entityId, n.name), n.entityId = coalesce(n.entityId, n.name),
            n.name = coalesce(n.name, n.entityId)
        """,
        {},
    )
    graph.write("MATCH ()-[r]->() WHERE r.probability IS NULL SET r.probability = 1.0", {})
