"""What the service answers, field by field; the OpenAPI document is made from these."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Item = TypeVar("Item")
Severity = Literal["high", "medium", "low"]
Status = Literal["new", "checking", "confirmed", "rejected", "transferred", "corrected", "closed"]
StatusShown = Literal["new", "checking", "confirmed", "rejected", "transferred", "corrected", "closed", "gone"]
NOTE_LENGTH = 2000
LARGEST = 300  # nodes on one picture
Key = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=NOTE_LENGTH, pattern=r"^[^\x00]*$")]


class Page(BaseModel, Generic[Item]):
    """A part of a list."""

    items: list[Item]
    total: int = Field(description="How many there are in all.")
    next: str | None = Field(description="Address of the next part, or null at the end.")


class Value(BaseModel):
    """One column of a source row or of an entity."""

    name: str
    title: str = Field(description="The column as the agency names it.")
    value: Any


class Node(BaseModel):
    """A node of the graph as a picture needs it."""

    key: str
    label: str
    title: str = Field(description="The label in Chinese.")
    name: str
    dataset: str | None = None
    record_id: str | None = None
    entity: bool = Field(description="True for a resolved person, company, trade name or property.")
    subject: bool = Field(False, description="True for what the picture is about.")
    hidden: int = Field(0, description="Relationships of this node that are not shown.")
    values: list[Value] = []


class Edge(BaseModel):
    """A relationship of the graph."""

    source: str
    target: str
    type: str
    title: str
    probability: float | None = Field(None, description="Weakest identity link that it rests on.")
    role: str | None = None


class Expansion(BaseModel):
    """Which node of a picture to look around, and how far."""

    model_config = ConfigDict(extra="forbid")

    key: Key
    depth: int = Field(1, ge=1, le=2)
    limit: int = Field(LARGEST, ge=1, le=LARGEST, description="New nodes at most.")
    known: list[Key] = Field([], max_length=LARGEST, description="Keys that are on the picture already.")


class Network(BaseModel):
    """A neighbourhood, cut where it grows too large."""

    nodes: list[Node]
    edges: list[Edge]
    truncated: bool = Field(description="True when neighbours were left out.")
    not_shown: int = Field(description="Relationships of the nodes shown that lead to nodes not shown.")


class Entity(BaseModel):
    """A person, company, trade name or property, as resolved across agencies."""

    entity_id: str
    label: str
    title: str
    name: str
    records: int
    datasets: dict[str, int] = Field({}, description="Source rows by dataset.")
    values: list[Value] = []
    notes: list[str] = Field(default=[], description="What people decided that its numbers speak against.")


class Record(BaseModel):
    """One row as an agency gave it, without numbers that identify."""

    dataset: str
    dataset_title: str
    record_id: str
    label: str
    name: str
    probability: float | None = Field(None, description="Weakest identity link between the row and the entity.")
    roles: list[str] = []
    values: list[Value] = []


class Event(BaseModel):
    """A dated happening in the life of an entity."""

    on: date
    title: str
    name: str
    dataset: str
    record_id: str


class Path(BaseModel):
    """One way from an entity to another."""

    keys: list[str]
    probability: float = Field(description="Weakest identity link on the way.")


class Paths(BaseModel):
    """How two entities hang together."""

    paths: list[Path]
    network: Network


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


class RuleDraft(BaseModel):
    """A rule file before it is saved."""

    model_config = ConfigDict(extra="forbid")

    toml: str = Field(max_length=200_000)
    name: str = Field("preview.toml", max_length=100, description="The name that the file would have.")
    examples: int = Field(20, ge=0, le=200)


class RuleText(BaseModel):
    """A text that a rule meets; numbers that identify are masked."""

    dataset: str
    record_id: str
    words: list[str]
    excerpt: str


class RulePreview(BaseModel):
    """One rule now and after."""

    rule: str
    theme: str
    state: str
    now: int
    after: int
    added_total: int
    dropped_total: int
    added: list[RuleText]
    dropped: list[RuleText]


class RulesPreview(BaseModel):
    """What a rule file would add and drop."""

    texts: int
    rules: list[RulePreview]


class LoadedDataset(BaseModel):
    """A dataset in the graph."""

    dataset: str
    title: str | None
    agency: str | None
    rows: int | None
    rejected: int | None
    loaded_at: str | None
    last_event: date | None


class Dashboard(BaseModel):
    """Counts for the wall screen."""

    clues: int
    by_status: dict[str, int]
    by_severity: dict[str, int]
    by_model: dict[str, int]
    by_line: dict[str, int]
    entities: dict[str, int]
    datasets: list[LoadedDataset]
