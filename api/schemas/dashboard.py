"""What the wall screen shows."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel


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
