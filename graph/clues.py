"""What became of every clue: found, changed, looked at by people, gone, come back. Nothing is ever deleted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Engine

from graph.clue import Clue
from resolution.service_database import opened
from resolution.workspace import Workspace

STATUSES = ("new", "checking", "confirmed", "rejected", "transferred", "corrected", "closed")
"""What people may say of a clue: 新发现, 核查中, 属实, 排除, 已移送, 已整改, 已办结."""

GONE = "gone"
"""Shown instead when the last run did not find the clue any more (失效)."""

metadata = MetaData()

clues = Table(
    "clues",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("model", String(32), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("severity", String(8), nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("subjects", JSON, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("columns", JSON, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("status", String(16), nullable=False, index=True),
    Column("note", Text, nullable=False, default=""),
    Column("found_at", DateTime(timezone=True), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    Column("gone_on", String(10), nullable=True, index=True),
)

clue_events = Table(
    "clue_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("key", ForeignKey("clues.key"), nullable=False, index=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("who", String(64), nullable=False),
    Column("what", String(16), nullable=False),
    Column("detail", JSON, nullable=False),
)

_FOUND = ("title", "confidence", "severity", "as_of", "subjects", "facts", "columns", "reasons")
_PROOF = ("severity", "facts", "columns")


class ClueStoreError(Exception):
    """A clue cannot be found or changed so; the message says what to do."""


class ClueStore:
    """The clues of one installation, in the service database."""

    def __init__(self, workspace: Workspace) -> None:
        self.engine: Engine = opened(workspace)

    def record(
        self, model: str, found: Sequence[Clue], parameters: Mapping[str, Any], *, complete: bool = True
    ) -> dict[str, int]:
        """Bring one model's clues to what a run found; returns how many are new, changed, gone and back.

        What people said of a clue stays. Clues that a complete run did not find are marked as gone.
        """
        now = datetime.now(UTC)
        used = {name: value.isoformat() if isinstance(value, date) else value for name, value in parameters.items()}
        counts = {"new": 0, "changed": 0, "gone": 0, "back": 0}
        events: list[dict[str, Any]] = []

        def happened(key: str, what: str, **detail: Any) -> None:
            counts[what] += 1
            events.append({"key": key, "at": now, "who": "model", "what": what, "detail": detail})

        with self.engine.begin() as connection:
            before = {row["key"]: row for row in _rows(connection, model)}
            fresh, again = [], []
            for clue in found:
                row = {**{name: getattr(clue, name) for name in _FOUND}, "parameters": used, "seen_at": now}
                old = before.pop(clue.key, None)
                if old is None:
                    fresh.append(row | {"key": clue.key, "model": model, "status": "new", "note": "", "found_at": now})
                    happened(clue.key, "new")
                    continue
                again.append(row | {"b_key": clue.key, "gone_on": None})
                if old["gone_on"]:
                    happened(clue.key, "back", since=old["gone_on"])
                elif any(old[name] != row[name] for name in _PROOF):
                    happened(clue.key, "changed", facts=len(clue.facts), before=len(old["facts"]))
            lost = [key for key, old in before.items() if not old["gone_on"]] if complete else []
            for key in lost:
                happened(key, GONE)
            if fresh:
                connection.execute(insert(clues), fresh)
            if again:
                connection.execute(update(clues).where(clues.c.key == bindparam("b_key")), again)
            if lost:
                today = now.date().isoformat()
                connection.execute(
                    update(clues).where(clues.c.key == bindparam("b_key")),
                    [{"b_key": key, "gone_on": today} for key in lost],
                )
            if events:
                connection.execute(insert(clue_events), events)
        return counts

    def find(
        self,
        *,
        models: Iterable[str] | None = None,
        status: str | None = None,
        severity: str | None = None,
        min_confidence: float = 0.0,
        text: str = "",
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[list[dict[str, Any]], int]:
        """A page of clues, the most serious and surest first, and how many there are in all."""
        wanted = [clues.c.confidence >= min_confidence]
        if models is not None:
            wanted.append(clues.c.model.in_(list(models)))
        if status == GONE:
            wanted.append(clues.c.gone_on.is_not(None))
        elif status:
            wanted += [clues.c.status == status, clues.c.gone_on.is_(None)]
        if severity:
            wanted.append(clues.c.severity == severity)
        if text:
            wanted.append(or_(clues.c.title.contains(text, autoescape=True), clues.c.key == text))
        with self.engine.connect() as connection:
            total = connection.execute(select(func.count()).select_from(clues).where(*wanted)).scalar_one()
            page = connection.execute(
                select(clues).where(*wanted).order_by(*_ORDER).limit(limit).offset(offset)
            ).mappings()
            return [_shown(row) for row in page], total

    def every(self, models: Iterable[str] | None = None, *, gone: bool = True) -> Iterator[dict[str, Any]]:
        """All clues, or those of some models, as they are exported; without those that are gone on request."""
        query = select(clues).order_by(clues.c.model, clues.c.key)
        if models is not None:
            query = query.where(clues.c.model.in_(list(models)))
        if not gone:
            query = query.where(clues.c.gone_on.is_(None))
        with self.engine.connect() as connection:
            for row in connection.execute(query).mappings():
                yield _shown(row)

    def get(self, key: str) -> dict[str, Any]:
        """One clue with its parameters and everything that happened to it. Raises ClueStoreError."""
        with self.engine.connect() as connection:
            row = connection.execute(select(clues).where(clues.c.key == key)).mappings().one_or_none()
            if row is None:
                raise ClueStoreError(f"no clue {key}: take the key from the list of clues")
            history = connection.execute(
                select(clue_events).where(clue_events.c.key == key).order_by(clue_events.c.id)
            ).mappings()
            return _shown(row) | {
                "parameters": row["parameters"],
                "found_at": _time(row["found_at"]),
                "seen_at": _time(row["seen_at"]),
                "events": [
                    {"at": _time(item["at"]), **{name: item[name] for name in ("who", "what", "detail")}}
                    for item in history
                ],
            }

    def set_status(self, key: str, who: str, *, status: str | None = None, note: str | None = None) -> dict[str, Any]:
        """Note what a person says of a clue; who said what and when is kept. Raises ClueStoreError."""
        if status is not None and status not in STATUSES:
            raise ClueStoreError(f"{status!r} is no status: use one of {', '.join(STATUSES)}")
        now = datetime.now(UTC)
        with self.engine.begin() as connection:
            row = connection.execute(select(clues).where(clues.c.key == key)).mappings().one_or_none()
            if row is None:
                raise ClueStoreError(f"no clue {key}: take the key from the list of clues")
            changes = {
                name: value
                for name, value in (("status", status), ("note", note))
                if value is not None and value != row[name]
            }
            if changes:
                connection.execute(update(clues).where(clues.c.key == key).values(**changes))
                connection.execute(
                    insert(clue_events),
                    [
                        {"key": key, "at": now, "who": who, "what": name, "detail": {"from": row[name], "to": value}}
                        for name, value in changes.items()
                    ],
                )
        return self.get(key)

    def counts(self) -> list[dict[str, Any]]:
        """How many clues there are by model, status and severity."""
        query = (
            select(clues.c.model, _STATUS.label("status"), clues.c.severity, func.count().label("clues"))
            .group_by(clues.c.model, _STATUS, clues.c.severity)
            .order_by(clues.c.model)
        )
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]


_STATUS = case((clues.c.gone_on.is_not(None), GONE), else_=clues.c.status)
_ORDER = (
    case({"high": 0, "medium": 1}, value=clues.c.severity, else_=2),
    clues.c.confidence.desc(),
    clues.c.model,
    clues.c.key,
)


def _rows(connection: Connection, model: str) -> list[Mapping[str, Any]]:
    wanted = [clues.c[name] for name in ("key", "gone_on", *_PROOF)]
    return [dict(row) for row in connection.execute(select(*wanted).where(clues.c.model == model)).mappings()]


def _shown(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A clue as everyone gets it."""
    return {
        "model": row["model"],
        "key": row["key"],
        "title": row["title"],
        "confidence": row["confidence"],
        "severity": row["severity"],
        "as_of": row["as_of"],
        "status": GONE if row["gone_on"] else row["status"],
        "subjects": row["subjects"],
        "facts": row["facts"],
        "columns": row["columns"],
        "reasons": row["reasons"],
        "judged": row["status"],
        "note": row["note"],
        "gone_on": row["gone_on"],
    }


def _time(value: datetime) -> str:
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat(timespec="seconds")
