"""Supervision models: what each can see, how it runs, why it has no clue and what others have already."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.clue import FactKey, Severity, Subject


class FieldFill(BaseModel):
    """A field that a model reads, and how well it is filled."""

    name: str
    title: str
    needed: bool = Field(description="A row without it is not tested; else an empty cell says something of its own.")
    share: float | None = Field(description="Share of the rows that have it, 0 to 1; null where rows cannot be read.")


class DatasetFill(BaseModel):
    """A dataset that a model collides, as it is loaded."""

    name: str
    title: str
    required: bool
    rows: int
    testable: int | None = Field(description="Rows that have all fields needed; null where rows cannot be read.")
    fields: list[FieldFill]


class Readiness(BaseModel):
    """What a model can do with the data loaded."""

    state: Literal["ready", "partly", "no"] = Field(description="no: it cannot look, so finding nothing says nothing.")
    words: str = Field(description="The state in Chinese, with what is lost or what to load.")
    lost: list[str] = Field(description="What is not seen.")
    remedies: list[str] = Field(description="What to load so that more is seen.")
    datasets: list[DatasetFill]


class ModelSummary(BaseModel):
    """A supervision model."""

    id: str
    title: str
    lines: list[str]
    receivers: list[str]
    description: str
    maturity: str
    ready: bool | None = Field(description="True when it can look, in whole or in part; null when unknown.")
    missing: list[str] = Field(description="Datasets that it needs and that are not loaded.")
    readiness: Readiness | None = Field(description="How far it can look on the data loaded; null when unknown.")
    clues: dict[str, int] = Field(description="Clues by status.")
    precision: float | None = Field(description="True clues among those judged; null before any was judged.")


class Parameter(BaseModel):
    """A parameter of a model."""

    name: str
    type: str
    default: Any
    min: float | None
    max: float | None
    unit: str
    description: str


class ModelDetail(ModelSummary):
    """A supervision model with its rule."""

    misses: str
    legal_basis: list[str]
    severity: str
    datasets: dict[str, list[str]]
    params: list[Parameter]
    columns: dict[str, str]
    query: str


class RunRequest(BaseModel):
    """How to run a model."""

    model_config = ConfigDict(extra="forbid")

    params: dict[str, str | float | bool | list[str] | dict[str, float]] = Field({}, max_length=40)
    as_of: date | None = None
    min_confidence: float = Field(0.0, ge=0, le=1)
    dry_run: bool = Field(True, description="Leave no clue behind.")


class FoundClue(BaseModel):
    """A clue as a run found it."""

    model: str
    key: str
    title: str
    confidence: float
    severity: Severity
    as_of: date
    subjects: list[Subject]
    facts: list[FactKey]
    columns: dict[str, Any]
    reasons: list[str]


class RunResult(BaseModel):
    """What a run found."""

    model: str
    as_of: date
    dry_run: bool
    seconds: float
    problem: str = Field(description="Why the model did not run; empty when it ran.")
    unseen: list[str] = Field(description="What it could not see in the data loaded.")
    truncated: bool = Field(description="True when there are more clues than the row cap.")
    clues: list[FoundClue]


class Asked(BaseModel):
    """One condition of a model as it stands in one row."""

    words: str
    text: str = Field(description="The condition as the model has it.")
    holds: bool | None = Field(description="null: a value that it needs is empty.")
    gap: str = Field(description="How much is lacking, in words.")
    size: float = Field(description="The same in days or per cent, to compare by.")
    parts: list[Asked] = Field(description="What it is made of.")
    alike: bool = Field(description="The parts are one condition asked of several things.")


class Nearest(BaseModel):
    """A row that comes nearest to being a clue."""

    about: list[str]
    conditions: list[Asked]


class Passed(BaseModel):
    """A step of a model and whether it lets anything of the entity through."""

    text: str
    words: str
    holds: bool | None


class Attempt(BaseModel):
    """The entity in one place of a model, as payee or as landlord."""

    variable: str
    words: str
    steps: list[Passed]
    holds: bool
    failed: str
    sentence: str
    rows: int
    nearest: list[Nearest]
    enters: bool = Field(description="A row that the model looks at names the entity in this place.")


class ClueFound(BaseModel):
    """A clue that the model has about the entity."""

    key: str
    title: str
    reasons: list[str]


class Explanation(BaseModel):
    """Why a model has, or has not, a clue about one entity."""

    found: bool
    model: str
    title: str
    entity: str
    label: str
    name: str
    as_of: date
    clues: list[ClueFound]
    attempts: list[Attempt] = Field(description="Nearest first.")
    sentences: list[str] = Field(description="The whole for people.")
    problem: str


class OverlapPair(BaseModel):
    """A clue of the model and one of another model that has it too."""

    key: str
    title: str
    other_key: str
    other_title: str
    facts: list[str]
    subjects: list[str]


class OverlapShared(BaseModel):
    """What one other model has of a model's clues."""

    model: str
    clues: int
    same_facts: int
    same_subjects: int
    examples: list[OverlapPair]


class Overlap(BaseModel):
    """A model's clues beside those of all other models."""

    model: str
    clues: int
    alone: int = Field(description="Clues that no other model has anything of.")
    others: list[OverlapShared]
