"""Review: pairs in doubt, verdicts, and how far reviewers agree."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query

from api import review
from api.deps import Running
from api.errors import Problem
from api.guard import API
from api.review import Agreed, Doubt, Kind, Reason, Say
from api.schemas import Page
from resolution.judgements import LONGEST_WHO, hidden

router = APIRouter(prefix="/review", tags=["review"])

Pair = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]
Who = Annotated[str, Query(max_length=LONGEST_WHO)]


@router.get("")
async def listed(
    running: Running,
    kind: Kind | Literal[""] = "",
    reason: Reason | Literal[""] = "",
    reviewer: Annotated[Who, Query(description="Leave out pairs on which this person has spoken.")] = "",
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[Doubt]:
    """Pairs in doubt, the most useful first."""
    refuse_number(reviewer)
    items, total = await running.bounded(review.find, running, kind, reason, reviewer, offset, limit)
    kept = {name: text for name, text in (("kind", kind), ("reason", reason), ("reviewer", reviewer)) if text}
    following = urlencode({**kept, "offset": offset + limit, "limit": limit})
    more = offset + limit < total
    return Page(
        items=[Doubt.model_validate(item) for item in items],
        total=total,
        next=f"{API}/review?{following}" if more else None,
    )


@router.get("/agreement")
async def agreement(running: Running) -> Agreed:
    """How far two people who judged the same pairs blind agree."""
    return await running.bounded(review.agreed, running)


@router.post("/{pair}")
async def said(running: Running, pair: Pair, word: Say) -> Doubt:
    """Say of a pair same, not_same or unsure; `withdraw` takes your word back. It counts at the next resolve."""
    return Doubt.model_validate(await running.bounded(review.say, running, pair, word))


@router.delete("/{pair}", status_code=204)
async def withdrawn(
    running: Running,
    pair: Pair,
    by: Annotated[str, Query(min_length=1, max_length=LONGEST_WHO, description="Who takes it back.")],
    who: Annotated[Who, Query(description="Only what this person said.")] = "",
) -> None:
    """Take back what was said of a pair; it is kept in the history."""
    refuse_number(by)
    refuse_number(who)
    await running.bounded(review.withdraw, running, pair, by, who)


def refuse_number(name: str) -> None:
    """A name is no number, least of all in an address. Raises Problem."""
    if hidden(name) != name:
        raise Problem(422, "号码不得出现在网址中", "Give a name without numbers.")
