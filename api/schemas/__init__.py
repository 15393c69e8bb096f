"""What the service answers, field by field; the OpenAPI document is made from these.

Here stands what answers of every noun share: a part of a list, a source row, a text that somebody wrote.
"""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, Field, StringConstraints

Item = TypeVar("Item")
NOTE_LENGTH = 2000
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
