"""Clues: list, one, status and notes, evidence network."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query

from api import clues, explanations
from api.clues import Wanted
from api.deps import Running
from api.schemas import Page
from api.schemas.clue import Change, Clue, ClueDetail, Severity, StatusShown
from api.schemas.entity import Network
from resolution.footing import Footing

router = APIRouter(prefix="/clues", tags=["clues"])

Key = Annotated[str, Path(max_length=64)]


class ClueFounded(ClueDetail):
    """A clue with what its identities rest on."""

    footing: Footing


def wanted(
    model: Annotated[str, Query(max_length=32)] = "",
    line: Annotated[str, Query(max_length=20)] = "",
    status: StatusShown | Literal[""] = "",
    severity: Severity | Literal[""] = "",
    min_confidence: Annotated[float, Query(ge=0, le=1)] = 0.0,
    q: Annotated[str, Query(max_length=100, description="Words of the title, or a clue's key.")] = "",
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Wanted:
    """The filters of a list of clues."""
    return Wanted(model, line, status, severity, min_confidence, q.replace("\x00", ""), offset, limit)


Filters = Annotated[Wanted, Depends(wanted)]


@router.get("")
async def listed(running: Running, filters: Filters) -> Page[Clue]:
    """Clues, the gravest and surest first."""
    items, total = await running.bounded(clues.find, running, filters)
    shown = [Clue.model_validate(item) for item in items]
    more = filters.offset + filters.limit < total
    return Page(items=shown, total=total, next=f"/api/v1/clues?{following(filters)}" if more else None)


@router.get("/{key}")
async def one(running: Running, key: Key) -> ClueFounded:
    """A clue with what became of it, and the weakest identity link that it rests on."""
    clue = await running.bounded(clues.get, running, key)
    founded = await running.bounded(explanations.clue_footing, running, clue)
    return ClueFounded.model_validate(clue | {"footing": founded})


@router.patch("/{key}")
async def changed(running: Running, key: Key, change: Change) -> ClueDetail:
    """Set a clue's status, or its note; every step is kept."""

    def save() -> dict[str, Any]:
        return clues.change(running, key, status=change.status, note=change.note)

    return ClueDetail.model_validate(await running.bounded(save))


@router.get("/{key}/network")
async def drawn(running: Running, key: Key) -> Network:
    """The clue's evidence: its source rows, the entities they speak of, and how they hang together."""
    return await running.bounded(clues.drawn, running, key)


def following(filters: Wanted, offset: int | None = None) -> str:
    """The query of another part of the same list, the next one by default."""
    place = filters.offset + filters.limit if offset is None else offset
    kept = {name: value for name, value in vars(filters).items() if value and name != "offset"}
    return urlencode({**kept, "offset": place})
