"""Why two rows are one, how an entity grew, and what another threshold or judgement would change."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from api import explanations
from api.deps import Running
from resolution.account import How
from resolution.explain import Why
from resolution.growth import MentionKey
from resolution.settings import Kind

router = APIRouter(tags=["explanations"], responses=explanations.NOT_RESOLVED)

Mention = Annotated[str, Query(min_length=5, max_length=300, description="dataset/record/role")]
SLOW_SECONDS = 60.0  # the pairs of the whole population are clustered twice


class Named(BaseModel):
    """A mention."""

    model_config = ConfigDict(extra="forbid")

    dataset: str = Field(min_length=1, max_length=60)
    record_id: str = Field(min_length=1, max_length=200)
    role: str = Field(min_length=1, max_length=40)

    def key(self) -> MentionKey:
        """As resolution names it."""
        return MentionKey(self.dataset, self.record_id, self.role)


class Judged(BaseModel):
    """A pair that somebody might judge."""

    model_config = ConfigDict(extra="forbid")

    left: Named
    right: Named


class Asked(BaseModel):
    """What if."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    threshold: float | None = Field(None, ge=0.5, le=1)
    same: list[Judged] = Field([], max_length=50, description="Pairs, were they judged to be one.")
    apart: list[Judged] = Field([], max_length=50, description="Pairs, were they judged not to be one.")


class Changed(BaseModel):
    """Entities that would become one, or one that would fall apart; sizes in mentions."""

    entities: list[str]
    names: list[str]
    sizes: list[int]


class TouchedClue(BaseModel):
    """A clue that would lose ground, or whose subjects would change."""

    key: str
    title: str
    confidence: float
    effect: str = Field(description="losing: a row of it leaves its subject; touched: a subject merges or splits.")


class Foreseen(BaseModel):
    """What would change."""

    kind: Kind
    threshold: float
    asked_threshold: float
    entities: int
    asked_entities: int
    merges: int
    splits: int
    merged: list[Changed] = Field(description="The largest few.")
    split: list[Changed] = Field(description="The largest few.")
    clues_losing_ground: int
    clues_touched: int
    clues: list[TouchedClue]
    sentence: str


@router.get("/why")
async def why(running: Running, left: Mention, right: Mention) -> Why:
    """Why two rows speak of one person, company, trade name or property, or why they do not."""
    return await running.bounded(explanations.pair_why, running, left, right)


@router.get("/entities/{key}/why")
async def how(running: Running, key: Annotated[str, Path(max_length=200)]) -> How:
    """How an entity grew: its joins, the weakest of them, and the single one that holds it together."""
    return await running.bounded(explanations.entity_how, running, key)


@router.post("/what-if")
async def what_if(running: Running, asked: Asked) -> Foreseen:
    """Which entities and clues another threshold or judgement would change; nothing is changed."""
    same, apart = ([(each.left.key(), each.right.key()) for each in pairs] for pairs in (asked.same, asked.apart))

    def work() -> dict[str, Any]:
        return explanations.what_if(running, asked.kind, asked.threshold, same, apart)

    return Foreseen.model_validate(await running.bounded(work, seconds=SLOW_SECONDS))
