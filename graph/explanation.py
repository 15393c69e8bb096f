"""What an explanation says: the conditions as they stand in the nearest rows, and the sentences for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from graph.conditions import Condition, plain
from graph.phrases import Gap, Words, value

NEAREST = 3


@dataclass(frozen=True)
class Asked:
    """One condition as it stands in one row."""

    words: str
    text: str
    holds: bool | None
    """None: a value that it needs is empty."""
    gap: str = ""
    size: float = 0.0
    parts: list[Asked] = field(default_factory=list)
    alike: bool = False
    """The parts are one condition asked of several things, the nearest first: one of them is enough."""

    def failing(self) -> list[Asked]:
        """The innermost conditions that do not hold."""
        if self.holds:
            return []
        inner = [each for part in self.parts[: 1 if self.alike else None] for each in part.failing()]
        return inner or [self]


@dataclass(frozen=True)
class Nearest:
    """A row that comes nearest: what it consists of, and its conditions."""

    about: list[str]
    conditions: list[Asked]


@dataclass(frozen=True)
class Passed:
    """A step of the model and whether it lets anything of the entity through."""

    text: str
    words: str
    holds: bool | None


@dataclass(frozen=True)
class Attempt:
    """The entity in one place of the model: as payee, as landlord."""

    variable: str
    words: str
    steps: list[Passed]
    holds: bool
    failed: str = ""
    """The text of the step at which it ends."""
    sentence: str = ""
    rows: int = 0
    nearest: list[Nearest] = field(default_factory=list)
    passed: int = 0
    enters: bool = False

    @property
    def telling(self) -> bool:
        """Whether the entity has a part in the model at all."""
        return self.enters or bool(self.nearest)


@dataclass(frozen=True)
class Explanation:
    """Whether the model has clues about the entity, and why not."""

    model: str
    title: str
    entity: str
    label: str
    name: str
    as_of: str
    clues: list[dict[str, Any]]
    attempts: list[Attempt]
    """Nearest first."""
    sentences: list[str]
    problem: str = ""

    @property
    def found(self) -> bool:
        """Whether there is a clue."""
        return bool(self.clues)

    def as_dict(self) -> dict[str, Any]:
        """The explanation as plain values, for JSON."""
        return {"found": self.found, **asdict(self)}

    def text(self) -> str:
        """The explanation for people."""
        return "\n".join(self.sentences)


def told(asked: Asked) -> str:
    """A condition that does not hold, and how much is lacking."""
    state = "无法判断，有值为空" if asked.holds is None else asked.gap or "不成立"
    return f"{asked.words}，{state}"


def listed(conditions: Sequence[Asked], depth: int) -> list[str]:
    """Conditions line by line with their text, those that do not hold with what they are made of."""
    lines = []
    for each in conditions:
        mark = {True: "✓", False: "✗", None: "？"}[each.holds]
        gap = f"，{each.gap}" if each.gap else ""
        lines.append(f"{'  ' * depth}{mark} {each.words}{gap}  [{each.text[:120]}]")
        if not each.holds:
            lines += listed(each.parts, depth + 1)
    return lines


def merit(attempt: Attempt) -> tuple[bool, bool, int, int]:
    """Best first: a part in the model, then the fewest conditions that fail, then the furthest."""
    failing = size(attempt.nearest[0].conditions)[0] if attempt.nearest else 99
    return not attempt.holds, not attempt.telling, failing, -attempt.passed


def size(conditions: Sequence[Asked]) -> tuple[int, float]:
    """How many innermost conditions fail, and by how much together."""
    failing = [leaf for each in conditions for leaf in each.failing()]
    return len(failing), sum(leaf.size or 1e6 for leaf in failing)


def distance(row: Nearest) -> tuple[int, int, float]:
    """How far a row is from being found: conditions, what they fail by."""
    return (sum(1 for each in row.conditions if not each.holds), *size(row.conditions))


def reading(place: dict[str, Any], values: Sequence[Any], words: Words) -> Asked:
    """A condition with its values in one row; `place` says where they stand (`Probe.take`)."""
    found: Condition = place["condition"]
    reasons = [reading(each, values, words) for each in place.get("because", [])]
    text = plain(found.text)
    named = f"{words.sign(found.name)}：" if words.sign(found.name) else ""
    if found.kind == "elements":
        rows = [[reading(place["inner"], one, words)] for one in values[place["each"]] or []]
        near = sorted(rows, key=size)[:NEAREST]
        holds = any(row[0].holds for row in rows)
        what = f"{named}{words.expression(found.left)}中须有一条成立" + ("" if rows else "（一条也没有）")
        return (
            Asked(what, text, holds, parts=[each for row in near for each in row], alike=True)
            if near
            else Asked(what, text, holds, parts=reasons)
        )
    holds = values[place["holds"]]
    parts = [reading(part, values, words) for part in place["parts"]]
    gap: Gap | None = None
    if found.kind == "compare":
        left = values[place["left"]]
        right = values[place["right"]] if "right" in place else None
        said = words.asked(found, left, right)
        gap = None if holds else words.gap(found, left, right)
    elif found.kind == "absent":
        there = values[place["witness"]] if "witness" in place else []
        said = f"不得有这样的记录（{'；'.join(map(str, there))}）" if there else f"不得有：{plain(found.body)}"
    elif found.kind == "exists":
        said = f"须有：{plain(found.body)}"
    elif found.kind == "not" and found.parts[0].kind == "other":
        shown = "，".join(value(values[i]) for _, i in place["parts"][0]["shown"][:1])
        said, parts = f"{words.expression(found.parts[0].text)}" + (f"（{shown}）" if shown else "") + "须为否", []
    elif found.kind in ("all", "any", "not"):
        said = {"all": "须同时成立", "any": "须至少成立一项", "not": "须不同时成立"}[found.kind]
    elif found.kind == "case":
        said, parts = "按情形", _chosen(parts)
    else:
        shown = "，".join(f"{words.expression(name)}为{value(values[i])}" for name, i in place["shown"])
        said = f"{words.expression(found.text)}" + (f"（{shown}）" if shown else "")
    if found.kind == "not" and parts:
        # what must not hold is no failing part of its own
        parts = [
            Asked(part.words, part.text, None if part.holds is None else not part.holds)
            for part in parts[0].parts or parts
        ]
    if holds:
        reasons = []
    return Asked(named + said, text, holds, gap.words if gap else "", gap.size if gap else 0.0, parts + reasons)


def _chosen(parts: list[Asked]) -> list[Asked]:
    """Of CASE the part that counts: what follows the first WHEN that holds."""
    for when, then in zip(parts[::2], parts[1::2], strict=False):
        if when.holds:
            return [then]
    return parts[-1:] if len(parts) % 2 else []
