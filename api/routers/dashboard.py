"""Counts for the wall screen."""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter

from api import queries
from api.clues import tally
from api.deps import Running, Service
from api.schemas import Page
from api.schemas.dashboard import Dashboard, LoadedDataset
from graph.catalogue import catalogue

router = APIRouter(tags=["operation"])


@router.get("/dashboard")
async def dashboard(running: Running) -> Dashboard:
    """Clues by status, severity, model and business line; what the graph holds."""
    return await running.bounded(counts, running)


@router.get("/datasets")
async def datasets(running: Running) -> Page[LoadedDataset]:
    """The datasets in the graph, with their rows, rejected rows and newest event."""
    items = await running.bounded(loaded, running)
    return Page(items=items, total=len(items), next=None)


def counts(service: Service) -> Dashboard:
    """The counts as they are now; a model of two lines counts in both."""
    rows = service.clues.counts()
    by_model = tally(rows, "model")
    known = catalogue()
    by_line: Counter[str] = Counter()
    for model, count in by_model.items():
        for line in known[model].lines if model in known else ():
            by_line[line] += count
    return Dashboard(
        clues=sum(by_model.values()),
        by_status=tally(rows, "status"),
        by_severity=tally(rows, "severity"),
        by_model=by_model,
        by_line=dict(by_line),
        entities=service.read(queries.COUNTS)[0],
        datasets=loaded(service),
    )


def loaded(service: Service) -> list[LoadedDataset]:
    """The datasets in the graph."""
    return [
        LoadedDataset(**{**row, "last_event": row["last_event"] and row["last_event"].to_native()})
        for row in service.read(queries.DATASETS)
    ]
