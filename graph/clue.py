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
    columns = {name: plain(record[name]) for name in model.returns}
    if missing := [name for name in model.identity if columns[name] is None]:
        raise ClueError(f"{', '.join(missing)} must have a value in every row: identity names it")
    severity = record["severity"]
    if severity not in SEVERITIES:
        raise ClueError(f"return severity as one of {', '.join(SEVERITIES)}, not {severity!r}")
    subjects = _distinct(_subject(node) for node in _all(record, "subjects", Node))
    facts = _distinct(_fact(node) for node in _all(record, "facts", Node))
    if not facts:
        raise ClueError("return at least one fact in every row: a clue must be proven")
    links = _all(record, "links", Relationship)
    named = [subject["name"] for subject in subjects] or [str(node.get("name", "")) for node in record["facts"]]
    names = "、".join(list(dict.fromkeys(name for name in named if name))[:2])
    return Clue(
        model=model.id,
        key=clue_key(model.id, [columns[name] for name in model.identity]),
        title=f"{model.title}：{names}" if names else model.title,
        confidence=round(min((float(link["probability"]) for link in links), default=1.0), 4),
        severity=severity,
        as_of=as_of.isoformat(),
        subjects=subjects,
        facts=facts,
        columns=columns,
        reasons=[_FLOAT.sub(_figure, reason) for reason in record["reasons"] if reason],
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
    label = next(iter(sorted(node.labels - GENERAL_LABELS)), "Entity")
    return {"entity_id": str(node.get("entityId") or node["key"]), "label": label, "name": str(node.get("name", ""))}


def _fact(node: Node) -> dict[str, str]:
    if "dataset" not in node or "recordId" not in node:
        raise ClueError(f"facts must be source rows, not {':'.join(sorted(node.labels))}")
    return {"dataset": str(node["dataset"]), "record_id": str(node["recordId"])}


def _distinct(items: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    return list({tuple(item.values()): item for item in items}.values())
