"""Clues as the service shows them: found by filters, with their evidence rows and their counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from api import entities, network
from api.deps import Service
from api.errors import NotFound
from api.schemas import Record
from api.schemas.entity import Network
from graph.catalogue import catalogue
from graph.clues import ClueStoreError

MOST_EVIDENCE = 300  # source rows on one page
TRUE = ("confirmed", "transferred", "corrected")


@dataclass(frozen=True)
class Wanted:
    """Which clues are asked for."""

    model: str = ""
    line: str = ""
    status: str = ""
    severity: str = ""
    min_confidence: float = 0.0
    q: str = ""
    offset: int = 0
    limit: int = 50


def find(service: Service, wanted: Wanted) -> tuple[list[dict[str, Any]], int]:
    """A page of clues, the gravest and surest first, and how many there are."""
    models = None
    if wanted.model or wanted.line:
        of_line = [each.id for each in catalogue().values() if wanted.line in ("", *each.lines)]
        models = [each for each in of_line if wanted.model in ("", each)]
    return service.clues.find(
        models=models,
        status=wanted.status or None,
        severity=wanted.severity or None,
        min_confidence=wanted.min_confidence,
        text=wanted.q,
        limit=wanted.limit,
        offset=wanted.offset,
    )


def get(service: Service, key: str) -> dict[str, Any]:
    """One clue with what became of it. Raises NotFound."""
    try:
        return service.clues.get(key)
    except ClueStoreError as error:
        raise NotFound("线索") from error


def change(service: Service, key: str, *, status: str | None, note: str | None) -> dict[str, Any]:
    """Note what a person says of a clue. Raises NotFound."""
    get(service, key)
    # one token serves the whole office, so the service cannot say who it was
    return service.clues.set_status(key, "office", status=status, note=note)


def about(service: Service, entity_id: str) -> list[dict[str, Any]]:
    """The clues, those that are gone left out, that have this entity among their subjects."""
    return [
        clue
        for clue in service.clues.every(gone=False)
        if any(subject["entity_id"] == entity_id for subject in clue["subjects"])
    ]


def evidence(service: Service, clue: Mapping[str, Any]) -> list[Record]:
    """The source rows that prove the clue, as far as they are in the graph."""
    return entities.facts(service, fact_keys(clue)[:MOST_EVIDENCE])


def drawn(service: Service, key: str) -> Network:
    """The clue's evidence as a network. Raises NotFound."""
    clue = get(service, key)
    return network.of_facts(service, fact_keys(clue), [subject["entity_id"] for subject in clue["subjects"]])


def fact_keys(clue: Mapping[str, Any]) -> list[str]:
    """Keys of the clue's facts in the graph."""
    return [f"{fact['dataset']}/{fact['record_id']}" for fact in clue["facts"]]


def tally(rows: Iterable[Mapping[str, Any]], by: str) -> dict[str, int]:
    """Clues by one of model, status and severity."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row[by]] += row["clues"]
    return dict(counts)


def precision(by_status: Mapping[str, int]) -> float | None:
    """True clues among those that people judged; None before any was."""
    right = sum(by_status.get(status, 0) for status in TRUE)
    judged = right + by_status.get("rejected", 0)
    return round(right / judged, 4) if judged else None
