"""The review queue as the service shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from api.deps import Service
from api.errors import NotFound, Problem
from api.schemas import Text
from graph.review import ReviewError
from resolution.agreement import agreement
from resolution.judgements import LONGEST_WHO, LONGEST_WHY, Judgement, JudgementError

KINDS = {"person": "人员", "company": "企业", "property": "房产", "trade_name": "商号"}
REASONS = {
    "clue": "线索依据",
    "threshold": "接近合并线",
    "veto": "号码互斥但证据强",
    "unsure": "意见未定",
    "judged": "已判定",
}
VERDICTS = {"same": "同一主体", "not_same": "不是同一主体", "unsure": "不能确定"}
Kind = Literal["person", "company", "property", "trade_name"]
Reason = Literal["clue", "threshold", "veto", "unsure", "judged"]
Verdict = Literal["same", "not_same", "unsure"]
Result = TypeVar("Result")


class Side(BaseModel):
    """One of the two mentions: what one row says of somebody in one role."""

    dataset: str
    record_id: str
    role: str
    entity_id: str


class Compared(BaseModel):
    """One attribute of both sides; numbers are masked, and compared before they were."""

    title: str
    left: str | None
    right: str | None
    same: bool | None = Field(description="null when one side says nothing.")


class RestingClue(BaseModel):
    """A clue that would fall or change if the pair were not the same."""

    key: str
    title: str
    model: str


class Word(BaseModel):
    """What one person said."""

    verdict: Verdict
    who: str
    why: str
    at: str


class Doubt(BaseModel):
    """A pair in doubt."""

    pair: str
    kind: Kind
    reason: Reason
    why: str = Field(description="Why it is in the queue, in Chinese.")
    probability: float | None = Field(description="That both are one; null where a veto decides before scoring.")
    threshold: float
    joined: bool = Field(description="True when both are one entity now.")
    left: Side
    right: Side
    values: list[Compared]
    clues: list[RestingClue]
    blind: bool = Field(description="True when two people judge it without seeing each other's word.")
    waiting: bool = Field(description="True until the second person has spoken.")
    verdict: Verdict | None
    said: list[Word]


class Say(BaseModel):
    """What a person says of a pair."""

    model_config = ConfigDict(extra="forbid")

    verdict: Literal["same", "not_same", "unsure", "withdraw"]
    who: str = Field(min_length=1, max_length=LONGEST_WHO)
    why: Text = Field("", max_length=LONGEST_WHY)
    blind: bool = False


class Agreed(BaseModel):
    """How far two people who judged blind agree."""

    pairs: int
    waiting: int
    share: float | None
    kappa: float | None = Field(description="Cohen's kappa; null where it has no meaning.")
    table: dict[str, dict[str, int]]


def find(
    service: Service, kind: str, reason: str, reviewer: str, offset: int, limit: int
) -> tuple[list[dict[str, Any]], int]:
    """A page of the queue, the most useful pairs first, and how many there are."""
    return service.review.find(
        kind=kind or None, reason=reason or None, reviewer=reviewer or None, offset=offset, limit=limit
    )


def say(service: Service, pair: str, said: Say) -> dict[str, Any]:
    """Note a verdict. Raises NotFound, or Problem when it cannot be meant so."""
    return _told(lambda: service.review.say(pair, said.verdict, said.who, said.why, blind=said.blind))


def withdraw(service: Service, pair: str, by: str, who: str) -> list[Judgement]:
    """Take back what was said of the pair. Raises NotFound when nothing stands."""
    return _told(lambda: service.review.judgements.withdraw(pair, by, who or None))


def agreed(service: Service) -> Agreed:
    """Agreement over all pairs judged blind."""
    return Agreed(**asdict(agreement(service.review.judgements.every())))


def notes(service: Service, entity_id: str) -> list[str]:
    """What people decided that the entity's numbers speak against."""
    return [
        f"经 {word.who} 于 {word.at.astimezone():%Y-%m-%d} 判定为同一主体，尽管号码不同"
        + (f"：{word.why}" if word.why else "")
        for word in service.review.said_of(entity_id)
    ]


def _told(work: Callable[[], Result]) -> Result:
    try:
        return work()
    except ReviewError as error:
        raise NotFound("待核对记录") from error
    except JudgementError as error:
        raise Problem(422, "不能这样判断", f"{error}.") from error
