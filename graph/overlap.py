"""Which clues of a model other models have already: the same rows, or the same people and companies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

EXAMPLES = 5


@dataclass(frozen=True)
class Pair:
    """A clue of the model and one of another model that has it too, with what they share."""

    key: str
    title: str
    other_key: str
    other_title: str
    facts: list[str]
    """Rows that both rest on, as dataset/record."""
    subjects: list[str]
    """Names of the entities that both are about."""


@dataclass(frozen=True)
class Shared:
    """What one other model has of a model's clues, in clues of the model."""

    model: str
    clues: int
    """Clues that share a row or a subject."""
    same_facts: int
    same_subjects: int
    examples: list[Pair]


@dataclass(frozen=True)
class Overlap:
    """A model's clues beside those of all other models."""

    model: str
    clues: int
    alone: int
    """Clues that no other model has anything of."""
    others: list[Shared]
    """Most shared first."""

    def as_dict(self) -> dict[str, Any]:
        """The overlap as plain values, for JSON."""
        return asdict(self)

    def text(self) -> str:
        """The overlap for people."""
        if not self.clues:
            return f"{self.model} 没有线索，无从比较。"
        lines = [f"{self.model} 共 {self.clues} 条线索，其中 {self.alone} 条为其他模型所无"]
        for other in self.others:
            counts = f"同一记录 {other.same_facts} 条，同一主体 {other.same_subjects} 条"
            lines.append(f"  {other.model}：{other.clues} 条（{counts}）")
            for pair in other.examples:
                shared = "、".join([*pair.subjects[:3], *pair.facts[:3]])
                lines.append(f"    {pair.key} {pair.title} ～ {pair.other_key} {pair.other_title}：{shared}")
        return "\n".join(lines)


def overlap(
    model: str, own: Iterable[Mapping[str, Any]], others: Iterable[Mapping[str, Any]], examples: int = EXAMPLES
) -> Overlap:
    """Compare clues (as the store or a run has them) with those of other models; those of `model` are left out."""
    clues = list(own)
    by_fact: dict[str, set[int]] = defaultdict(set)
    by_subject: dict[str, set[int]] = defaultdict(set)
    names: dict[str, str] = {}
    for number, clue in enumerate(clues):
        for fact in _facts(clue):
            by_fact[fact].add(number)
        for key, name in _subjects(clue).items():
            by_subject[key].add(number)
            names[key] = name
    facts: dict[str, set[int]] = defaultdict(set)
    subjects: dict[str, set[int]] = defaultdict(set)
    pairs: dict[str, list[Pair]] = defaultdict(list)
    for other in others:
        if other["model"] == model:
            continue
        theirs, people = _facts(other), _subjects(other)
        rows = {number for fact in theirs for number in by_fact.get(fact, ())}
        same = {number for key in people for number in by_subject.get(key, ())}
        facts[other["model"]] |= rows
        subjects[other["model"]] |= same
        # a shared row says more than a shared name
        for number in sorted(rows) + sorted(same - rows):
            if len(pairs[other["model"]]) >= examples:
                break
            clue = clues[number]
            pairs[other["model"]].append(
                Pair(
                    clue["key"], clue["title"], other["key"], other["title"],
                    sorted(theirs & _facts(clue)),
                    [names[key] for key in people if key in _subjects(clue)],
                )
            )  # fmt: skip
    shared = [
        Shared(name, len(facts[name] | subjects[name]), len(facts[name]), len(subjects[name]), pairs[name])
        for name in facts
        if facts[name] or subjects[name]
    ]
    taken = {number for name in facts for number in facts[name] | subjects[name]}
    return Overlap(
        model, len(clues), len(clues) - len(taken), sorted(shared, key=lambda each: (-each.clues, each.model))
    )


def _facts(clue: Mapping[str, Any]) -> set[str]:
    rows: Sequence[Mapping[str, str]] = clue["facts"]
    return {f"{fact['dataset']}/{fact['record_id']}" for fact in rows}


def _subjects(clue: Mapping[str, Any]) -> dict[str, str]:
    return {subject["entity_id"]: subject["name"] for subject in clue["subjects"]}
