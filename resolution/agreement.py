"""How far two people who judged the same pairs, neither seeing the other's word, agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from resolution.judgements import VERDICTS, Judgement, by_pair


@dataclass(frozen=True)
class Agreement:
    """Share of pairs with the same verdict, and Cohen's kappa: the share beyond what chance alone would give.

    `kappa` is None where it has no meaning: no pairs, or both always say the same one word.
    `table` counts pairs by the first and the second verdict.
    """

    pairs: int
    waiting: int
    share: float | None
    kappa: float | None
    table: dict[str, dict[str, int]]


def agreement(said: Iterable[Judgement]) -> Agreement:
    """Agreement over all pairs judged blind by two people: of each the first two to speak, with their latest word."""
    counted: Counter[tuple[str, str]] = Counter()
    alone = 0
    for words in by_pair(said).values():
        spoken = {each.who: each.verdict for each in words if each.blind}
        if len(spoken) >= 2:
            first, second = list(spoken.items())[:2]
            # sides by name, so that it does not matter who was faster
            counted[(min(first, second)[1], max(first, second)[1])] += 1
        elif spoken:
            alone += 1
    table = {one: {other: counted[one, other] for other in VERDICTS} for one in VERDICTS}
    pairs = counted.total()
    if not pairs:
        return Agreement(0, alone, None, None, table)
    share = sum(table[word][word] for word in VERDICTS) / pairs
    by_chance = (
        sum(sum(table[word].values()) * sum(row[word] for row in table.values()) for word in VERDICTS) / pairs**2
    )
    kappa = (share - by_chance) / (1 - by_chance) if by_chance < 1 else None
    return Agreement(pairs, alone, share, kappa, table)
