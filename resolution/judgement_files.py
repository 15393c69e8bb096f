"""Judgements as text, one line each and always in the same order: good to keep in git and to read in a diff."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from resolution.judgements import (
    LONGEST_WHO,
    LONGEST_WHY,
    Judgement,
    JudgementError,
    JudgementStore,
    Mention,
    hidden,
    pair_key,
)


class _Side(BaseModel):
    model_config = ConfigDict(extra="forbid")

    dataset: str = Field(min_length=1, max_length=64)
    record_id: str = Field(min_length=1, max_length=200)
    role: str = Field(min_length=1, max_length=64)

    def mention(self) -> Mention:
        return Mention(self.dataset, self.record_id, self.role)


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    left: _Side
    right: _Side
    verdict: str = Field(pattern="^(same|not_same|unsure)$")
    who: str = Field(min_length=1, max_length=LONGEST_WHO)
    at: datetime
    why: str = Field("", max_length=LONGEST_WHY)
    blind: bool = False
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = Field(None, max_length=LONGEST_WHO)


def write(store: JudgementStore, path: Path) -> int:
    """Write all judgements, withdrawn ones too, sorted by pair and time. Returns how many there are."""
    said = sorted(store.every(), key=lambda each: (each.left, each.right, each.at, each.who, each.verdict))
    path.write_text("".join(json.dumps(_as_dict(each), ensure_ascii=False) + "\n" for each in said), "utf-8")
    return len(said)


def read(store: JudgementStore, path: Path) -> dict[str, int]:
    """Take in a file that `write` wrote; what is here already is not repeated.

    Returns how many are new, withdrawn and known. Raises JudgementError with every faulty line, and takes nothing.
    """
    said, faults = [], []
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise JudgementError(f"{path}: not UTF-8; save it as UTF-8") from error
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            line = _Line.model_validate_json(text)
            said.append(_from_line(line))
        except ValidationError as error:
            told = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'line'}: {e['msg']}" for e in error.errors())
            faults.append(f"{path}:{number}: {hidden(told)}; mend the line or take it out")
        except JudgementError as error:
            faults.append(f"{path}:{number}: {error}")
    if faults:
        raise JudgementError("\n".join(faults))
    return store.take(said)


def _as_dict(each: Judgement) -> dict[str, Any]:
    told: dict[str, Any] = {
        "left": each.left._asdict(),
        "right": each.right._asdict(),
        "verdict": each.verdict,
        "who": each.who,
        "at": each.at.isoformat(timespec="microseconds"),
        "why": each.why,
    }
    if each.blind:
        told["blind"] = True
    if each.withdrawn_at:
        told |= {"withdrawn_at": each.withdrawn_at.isoformat(timespec="microseconds")}
        told |= {"withdrawn_by": each.withdrawn_by}
    return told


def _from_line(line: _Line) -> Judgement:
    if line.at.tzinfo is None or (line.withdrawn_at and line.withdrawn_at.tzinfo is None):
        raise JudgementError("at and withdrawn_at need their offset, such as 2026-01-31T09:00:00+08:00")
    left, right = sorted((line.left.mention(), line.right.mention()))
    if left == right:
        raise JudgementError("both sides are the same mention; name two different ones or take the line out")
    return Judgement(
        id=0,
        pair=pair_key(left, right),
        left=left,
        right=right,
        **line.model_dump(exclude={"left", "right"}),
    )
