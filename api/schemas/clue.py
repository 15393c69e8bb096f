"""Clues and what becomes of them."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas import Text

Severity = Literal["high", "medium", "low"]
Status = Literal["new", "checking", "confirmed", "rejected", "transferred", "corrected", "closed"]
StatusShown = Literal["new", "checking", "confirmed", "rejected", "transferred", "corrected", "closed", "gone"]


class Subject(BaseModel):
    """An entity that a clue is about."""

    entity_id: str
    label: str
    name: str


class FactKey(BaseModel):
    """A source row that proves a clue."""

    dataset: str
    record_id: str


class Clue(BaseModel):
    """A finding of a model."""

    model: str
    key: str
    title: str
    confidence: float
    severity: Severity
    as_of: date
    status: StatusShown = Field(description="gone: the last run did not find it any more.")
    subjects: list[Subject]
    facts: list[FactKey]
    columns: dict[str, Any]
    reasons: list[str]


class Happening(BaseModel):
    """Something that happened to a clue."""

    at: str
    who: str
    what: str
    detail: dict[str, Any]


class ClueDetail(Clue):
    """A clue with what became of it."""

    judged: Status = Field(description="What people said of it last, also when it is gone.")
    note: str
    gone_on: date | None
    parameters: dict[str, Any]
    found_at: str
    seen_at: str
    events: list[Happening]


class Change(BaseModel):
    """A step in a clue's life."""

    model_config = ConfigDict(extra="forbid")

    status: Status | None = None
    note: Text | None = None
