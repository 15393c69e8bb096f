"""Entities, what happened to them, and the network around them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.schemas import Value

LARGEST = 300  # nodes on one picture
Key = Annotated[str, StringConstraints(min_length=1, max_length=200)]


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


class Event(BaseModel):
    """A dated happening in the life of an entity."""

    on: date
    title: str
    name: str
    dataset: str
    record_id: str


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


class Path(BaseModel):
    """One way from an entity to another."""

    keys: list[str]
    probability: float = Field(description="Weakest identity link on the way.")


class Paths(BaseModel):
    """How two entities hang together."""

    paths: list[Path]
    network: Network
