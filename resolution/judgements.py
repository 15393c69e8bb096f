"""What people said of pairs of mentions: the same, not the same, unsure. Nothing said is ever deleted.

A judgement names its two mentions by dataset, record and role, so it survives reloads, new settings and new ids.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    insert,
    select,
    update,
)
from sqlalchemy.engine import Engine

from resolution.groups import Groups
from resolution.service_database import opened
from resolution.workspace import Workspace

if TYPE_CHECKING:
    from resolution.growth import MentionKey

SAME, NOT_SAME, UNSURE = "same", "not_same", "unsure"
VERDICTS = (SAME, NOT_SAME, UNSURE)
LONGEST_WHO, LONGEST_WHY = 64, 2000
NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9][0-9 \-]{5,}[0-9Xx](?![0-9A-Za-z])")

metadata = MetaData()

judgements = Table(
    "judgements",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("pair", String(16), nullable=False, index=True),
    Column("left_dataset", String(64), nullable=False),
    Column("left_record", String(200), nullable=False),
    Column("left_role", String(64), nullable=False),
    Column("right_dataset", String(64), nullable=False),
    Column("right_record", String(200), nullable=False),
    Column("right_role", String(64), nullable=False),
    Column("verdict", String(8), nullable=False),
    Column("who", String(LONGEST_WHO), nullable=False),
    Column("why", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("blind", Boolean, nullable=False),
    Column("withdrawn_at", DateTime(timezone=True), nullable=True),
    Column("withdrawn_by", String(LONGEST_WHO), nullable=True),
)


class JudgementError(Exception):
    """A judgement cannot be taken or found so; the message says what to do."""


class Mention(NamedTuple):
    """What one row says of somebody in one role."""

    dataset: str
    record_id: str
    role: str

    def __str__(self) -> str:
        return "/".join(self)


def mention(text: str) -> Mention:
    """`dataset/record/role` as a mention; a record number may hold slashes. Raises JudgementError."""
    dataset, _, rest = text.partition("/")
    record_id, _, role = rest.rpartition("/")
    if not (dataset and record_id and role):
        raise JudgementError(f"{hidden(text)!r} names no mention: write DATASET/RECORD/ROLE, such as household/H1/人员")
    return Mention(dataset, record_id, role)


def pair_key(one: Mention, other: Mention) -> str:
    """The key of a pair, whichever mention comes first: 16 hexadecimal characters that tell nothing of the rows."""
    return hashlib.sha256("\n".join(sorted((str(one), str(other)))).encode()).hexdigest()[:16]


def hidden(text: str) -> str:
    """The text with the middle of every number that may identify somebody hidden."""

    def hide(match: re.Match[str]) -> str:
        digits = re.sub(r"[ \-]", "", match[0])
        # a day is no number of anybody
        return (
            match[0] if re.fullmatch(r"[12][0-9]{3}-?[0-9]{2}-?[0-9]{2}", match[0]) else f"{digits[:3]}***{digits[-2:]}"
        )

    return NUMBER.sub(hide, unicodedata.normalize("NFKC", text))


@dataclass(frozen=True)
class Judgement:
    """One word of one person about one pair; `left` sorts before `right`."""

    id: int
    pair: str
    left: Mention
    right: Mention
    verdict: str
    who: str
    why: str
    at: datetime
    blind: bool = False
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None

    @property
    def stands(self) -> bool:
        """True until it is withdrawn."""
        return self.withdrawn_at is None

    @property
    def order(self) -> tuple[datetime, int]:
        """Which of two came later."""
        return self.at, self.id


class JudgementStore:
    """The judgements of one installation, in the service database."""

    def __init__(self, workspace: Workspace) -> None:
        self.engine: Engine = opened(workspace)

    def say(
        self,
        one: Mention,
        other: Mention,
        verdict: str,
        who: str,
        why: str = "",
        *,
        blind: bool = False,
        at: datetime | None = None,
    ) -> Judgement:
        """Note what a person says of two mentions. Raises JudgementError when it cannot be meant so.

        What the same person said of the pair before is kept, and no longer counts: the latest word does.
        With `blind` the word counts when a second person has spoken too.
        """
        if verdict not in VERDICTS:
            raise JudgementError(f"{verdict!r} is no verdict: use one of {', '.join(VERDICTS)}")
        if one == other:
            raise JudgementError("both sides are the same mention: name two different ones")
        row = _row(one, other, verdict, _who(who), _why(why), at or datetime.now(UTC), blind)
        with self.engine.begin() as connection:
            number = connection.execute(insert(judgements).values(row)).inserted_primary_key
        return _judgement({"id": number[0] if number else 0, "withdrawn_at": None, "withdrawn_by": None, **row})

    def withdraw(self, pair: str, by: str, who: str | None = None) -> list[Judgement]:
        """Take back what `who` (anybody, when not named) said of the pair; it is kept and marked.

        Of several standing words of one person all are taken back. Raises JudgementError when nothing stands.
        """
        by, now = _who(by), datetime.now(UTC)
        standing = [each for each in self.of(pair) if each.stands and who in (None, each.who)]
        if not standing:
            raise JudgementError("nothing that stands was said of this pair: see `cluegraph review list --judged`")
        with self.engine.begin() as connection:
            connection.execute(
                update(judgements)
                .where(judgements.c.id.in_([each.id for each in standing]), judgements.c.withdrawn_at.is_(None))
                .values(withdrawn_at=now, withdrawn_by=by)
            )
        return standing

    def of(self, pair: str) -> list[Judgement]:
        """All that was said of one pair, the oldest first, with what was withdrawn."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(judgements).where(judgements.c.pair == pair)).mappings()
            return sorted((_judgement(row) for row in rows), key=lambda each: each.order)

    def told(self, left: MentionKey, right: MentionKey) -> str | None:
        """The word that counts on two mentions, in a sentence; None where none does."""
        word = decided([each for each in self.of(pair_key(mention(str(left)), mention(str(right)))) if each.stands])
        if word is None or word.verdict == UNSURE:
            return None
        one = "是同一主体" if word.verdict == SAME else "不是同一主体"
        return f"{word.who} 于 {word.at:%Y-%m-%d} 判断两者{one}" + (f"：{word.why}。" if word.why else "。")

    def every(self) -> list[Judgement]:
        """All that was ever said, the oldest first, with what was withdrawn."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(judgements)).mappings()
            return sorted((_judgement(row) for row in rows), key=lambda each: each.order)

    def take(self, said: Sequence[Judgement]) -> dict[str, int]:
        """Take in judgements written elsewhere; one that is here already is not repeated, a withdrawal is taken over.

        Returns how many are new, withdrawn and known.
        """
        counts = {"new": 0, "withdrawn": 0, "known": 0}
        with self.engine.begin() as connection:
            here = {
                _identity(each): each for each in map(_judgement, connection.execute(select(judgements)).mappings())
            }
            for each in said:
                known = here.get(_identity(each))
                taken_back = {"withdrawn_at": each.withdrawn_at, "withdrawn_by": each.withdrawn_by}
                if known is None:
                    row = _row(each.left, each.right, each.verdict, _who(each.who), _why(each.why), each.at, each.blind)
                    connection.execute(insert(judgements).values({**row, **taken_back}))
                    here[_identity(each)] = each
                    counts["new"] += 1
                elif known.stands and not each.stands:
                    connection.execute(update(judgements).where(judgements.c.id == known.id).values(taken_back))
                    counts["withdrawn"] += 1
                else:
                    counts["known"] += 1
        return counts


def by_pair(said: Iterable[Judgement]) -> dict[str, list[Judgement]]:
    """What stands, pair by pair, the oldest first."""
    pairs: dict[str, list[Judgement]] = {}
    for each in sorted((each for each in said if each.stands), key=lambda each: each.order):
        pairs.setdefault(each.pair, []).append(each)
    return pairs


def decided(said: Sequence[Judgement]) -> Judgement | None:
    """The word that counts among those that stand on one pair; None while it is open.

    The latest open word counts. Words given blind count when two people have spoken and agree; where they do not,
    the pair stays open until somebody says more without the blind.
    """
    if not said:
        return None
    latest = said[-1]
    if not latest.blind:
        return latest
    blind = {each.who: each for each in said if each.blind}
    agreed = len(blind) >= 2 and len({each.verdict for each in blind.values()}) == 1
    opened = [each for each in said if not each.blind]
    return latest if agreed else (opened[-1] if opened else None)


def waiting(said: Sequence[Judgement]) -> bool:
    """True while only one person has spoken on a pair judged blind: nobody else may see what was said."""
    return bool(said) and all(each.blind for each in said) and len({each.who for each in said}) < 2


def consistent(words: Iterable[Judgement]) -> tuple[list[Judgement], list[tuple[Judgement, Judgement]]]:
    """Judgements of which none contradicts another, and each one left out beside the later one that overrules it.

    The latest counts: of a = b, b = c and a ≠ c the oldest goes. `unsure` says nothing.
    """
    groups = Groups[Mention]()
    apart: dict[Mention, dict[Mention, Judgement]] = {}
    latest: dict[Mention, Judgement] = {}

    kept, overruled = [], []
    for word in sorted((word for word in words if word.verdict != UNSURE), key=lambda each: each.order, reverse=True):
        left, right = groups.of(word.left), groups.of(word.right)
        if word.verdict == SAME:
            if against := apart.get(left, {}).get(right):
                overruled.append((word, against))
                continue
            if left != right:
                groups.join(left, right)
                latest[left] = latest.get(left, word)
                for enemy, why in apart.pop(right, {}).items():
                    apart.setdefault(left, {}).setdefault(enemy, why)
                    apart[enemy].pop(right, None)
                    apart[enemy].setdefault(left, why)
        elif left == right:
            overruled.append((word, latest[left]))
            continue
        else:
            apart.setdefault(left, {}).setdefault(right, word)
            apart.setdefault(right, {}).setdefault(left, word)
        kept.append(word)
    return kept, overruled


def _identity(each: Judgement) -> tuple[Any, ...]:
    return each.pair, each.who, each.at.astimezone(UTC).isoformat(timespec="microseconds"), each.verdict


def _row(one: Mention, other: Mention, verdict: str, who: str, why: str, at: datetime, blind: bool) -> dict[str, Any]:
    left, right = sorted((one, other))
    return {
        "pair": pair_key(left, right),
        **dict(zip(("left_dataset", "left_record", "left_role"), left, strict=True)),
        **dict(zip(("right_dataset", "right_record", "right_role"), right, strict=True)),
        **{"verdict": verdict, "who": who, "why": why, "at": at.astimezone(UTC), "blind": blind},
    }


def _who(who: str) -> str:
    name = unicodedata.normalize("NFKC", who).strip()
    if not name or len(name) > LONGEST_WHO or not name.isprintable():
        raise JudgementError(f"say who judges: a name of 1 to {LONGEST_WHO} characters")
    return hidden(name)


def _why(why: str) -> str:
    if len(why) > LONGEST_WHY:
        raise JudgementError(f"the reason is longer than {LONGEST_WHY} characters: shorten it")
    return hidden(re.sub(r"\s+", " ", why.replace("\x00", "")).strip())


def _judgement(row: Mapping[Any, Any]) -> Judgement:
    return Judgement(
        id=row["id"],
        pair=row["pair"],
        left=Mention(row["left_dataset"], row["left_record"], row["left_role"]),
        right=Mention(row["right_dataset"], row["right_record"], row["right_role"]),
        verdict=row["verdict"],
        who=row["who"],
        why=row["why"],
        at=_aware(row["at"]),
        blind=bool(row["blind"]),
        withdrawn_at=_aware(row["withdrawn_at"]) if row["withdrawn_at"] else None,
        withdrawn_by=row["withdrawn_by"],
    )


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
