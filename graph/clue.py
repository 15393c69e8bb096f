"""A clue: one finding of one model, with what proves it. Everything here is ready to be written as JSON."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from neo4j import Record
from neo4j.graph import Node, Relationship
from neo4j.time import Date, DateTime, Duration, Time

from graph.model import Model

SEVERITIES = ("high", "medium", "low")
GENERAL_LABELS = frozenset({"Entity", "Fact"})

# how Cypher writes a float: 1200.0, 1.043E7
_FLOAT = re.compile(r"(?<![A-Za-z0-9_.])\d+\.(?:0(?!\d)|\d+E-?\d+)")


class ClueError(Exception):
    """A model's answer is no clue; the message says what to change in the model."""


@dataclass(frozen=True)
class Clue:
    """One finding. `key` stays the same when the model is run again or on more data."""

    model: str
    key: str
    title: str
    confidence: float
    severity: str
    as_of: str
    subjects: list[dict[str, str]]
    facts: list[dict[str, str]]
    columns: dict[str, Any]
    reasons: list[str]

    def as_dict(self) -> dict[str, Any]:
        """The clue as it is exported, without its status."""
        return asdict(self)


def clue_key(model_id: str, identity: Iterable[object]) -> str:
    """The lasting key of a clue: the model, and a hash of what makes the finding this one."""
    text = json.dumps([model_id, *identity], ensure_ascii=False, separators=(",", ":"))
    return f"{model_id}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def from_record(model: Model, record: Record, as_of: date) -> Clue:
    """The clue in one row of a model's answer.

    Its confidence is that of the weakest identity link it rests on, 1.0 when it rests on none.
    Raises ClueError when the row lacks what every clue has.
    """
    columns, severity = _columns(model, record)
    subjects = [_subject(node) for node in _all(record, "subjects", Node)]
    facts = [_fact(node) for node in _all(record, "facts", Node)]
    probabilities = [float(link["probability"]) for link in _all(record, "links", Relationship)]
    captions = [str(node.get("name", "")) for node in record["facts"]]
    return _clue(model, as_of, columns, severity, subjects, facts, captions, probabilities, record["reasons"])


def from_brief(model: Model, record: Record, as_of: date) -> Clue:
    """The clue in one row of the answer to `brief`: the same as that of `from_record`.

    Raises ClueError when the row is no clue; what `from_record` says of it is more exact.
    """
    columns, severity = _columns(model, record)
    subjects = [
        {"entity_id": _text(entity), "label": _label(labels), "name": name or ""}
        for entity, labels, name in record["subjects"]
    ]
    facts = [{"dataset": _text(dataset), "record_id": _text(row)} for dataset, row in record["facts"]]
    if None in record["links"]:
        raise ClueError("return links as a list of identity relationships without null")
    return _clue(
        model, as_of, columns, severity, subjects, facts, record["captions"], record["links"], record["reasons"]
    )


def brief(model: Model, query: str) -> str:
    """The model's query with the answer cut down to what a clue keeps.

    Whole nodes with all their columns are most of what an answer sends, and of the time that reading it takes.
    """
    columns = ", ".join(f"`{name}`" for name in [*model.returns, "severity", "reasons"])
    # labels() and type() refuse what is no node, no relationship
    return f"""CALL () {{
{query}
}}
RETURN {columns},
  [n IN subjects | [coalesce(n.entityId, n.key), labels(n), n.name]] AS subjects,
  [n IN facts | CASE WHEN size(labels(n)) > 0 THEN [n.dataset, n.recordId] END] AS facts,
  CASE WHEN subjects = [] THEN [n IN facts | coalesce(n.name, '')] ELSE [] END AS captions,
  [l IN links | CASE WHEN type(l) <> '' THEN l.probability END] AS links"""


def _columns(model: Model, record: Record) -> tuple[dict[str, Any], str]:
    columns = {name: plain(record[name]) for name in model.returns}
    if missing := [name for name in model.identity if columns[name] is None]:
        raise ClueError(f"{', '.join(missing)} must have a value in every row: identity names it")
    severity = record["severity"]
    if severity not in SEVERITIES:
        raise ClueError(f"return severity as one of {', '.join(SEVERITIES)}, not {severity!r}")
    return columns, severity


def _clue(
    model: Model,
    as_of: date,
    columns: dict[str, Any],
    severity: str,
    subjects: Iterable[dict[str, str]],
    facts: Iterable[dict[str, str]],
    captions: list[str],
    probabilities: list[float],
    reasons: list[str | None],
) -> Clue:
    subjects, facts = _distinct(subjects), _distinct(facts)
    if not facts:
        raise ClueError("return at least one fact in every row: a clue must be proven")
    named = [subject["name"] for subject in subjects] or captions
    names = "、".join(list(dict.fromkeys(name for name in named if name))[:2])
    return Clue(
        model=model.id,
        key=clue_key(model.id, [columns[name] for name in model.identity]),
        title=f"{model.title}：{names}" if names else model.title,
        confidence=round(min(probabilities, default=1.0), 4),
        severity=severity,
        as_of=as_of.isoformat(),
        subjects=subjects,
        facts=facts,
        columns=columns,
        reasons=[_FLOAT.sub(_figure, reason) for reason in reasons if reason],
    )


def merged(first: Clue, second: Clue) -> Clue:
    """Two rows of one answer with one key, as one clue with the proof of both."""
    stronger, weaker = sorted((first, second), key=lambda clue: SEVERITIES.index(clue.severity))
    return Clue(
        **{
            **stronger.as_dict(),
            "confidence": min(first.confidence, second.confidence),
            "subjects": _distinct([*stronger.subjects, *weaker.subjects]),
            "facts": _distinct([*stronger.facts, *weaker.facts]),
            "reasons": list(dict.fromkeys([*stronger.reasons, *weaker.reasons])),
        }
    )


def plain(value: Any) -> Any:
    """A value of the driver as JSON takes it; days are written 2024-06-30."""
    if isinstance(value, Date | DateTime | Time | date | datetime | Duration):
        return value.isoformat() if not isinstance(value, Duration) else value.iso_format()
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and value == int(value) and abs(value) < 1e15:
        return int(value)
    return value


def _figure(match: re.Match[str]) -> str:
    """A float of Cypher's as people write it."""
    return f"{float(match[0]):.2f}".rstrip("0").rstrip(".")


def _all(record: Record, name: str, kind: type) -> list[Any]:
    values = record[name]
    if not isinstance(values, list) or not all(isinstance(value, kind) for value in values):
        what = "nodes" if kind is Node else "relationships"
        raise ClueError(f"return {name} as a list of {what} without null")
    return values


def _subject(node: Node) -> dict[str, str]:
    entity = str(node.get("entityId") or node["key"])
    return {"entity_id": entity, "label": _label(node.labels), "name": str(node.get("name", ""))}


def _label(labels: Iterable[str]) -> str:
    return next(iter(sorted(set(labels) - GENERAL_LABELS)), "Entity")


def _text(value: Any) -> str:
    if value is None:
        raise ClueError("subjects must be entities, facts source rows")
    return str(value)


def _fact(node: Node) -> dict[str, str]:
    if "dataset" not in node or "recordId" not in node:
        raise ClueError(f"facts must be source rows, not {':'.join(sorted(node.labels))}")
    return {"dataset": str(node["dataset"]), "record_id": str(node["recordId"])}


def _distinct(items: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    return list({tuple(item.values()): item for item in items}.values())
