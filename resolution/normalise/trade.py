"""The line of trade at the end of a name, and the 字号 that stands before it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from resolution.normalise.lexicon import Lexicon

if TYPE_CHECKING:
    from rjieba import Jieba


@dataclass(frozen=True, eq=False)
class Trades:
    """Trade words, by first character the lengths that they have, and single characters that end a shop's name."""

    words: frozenset[str]
    lengths: dict[str, tuple[int, ...]]
    endings: frozenset[str]


@lru_cache(maxsize=2)
def trades(lexicon: Lexicon) -> Trades:
    """The trade words of a lexicon."""
    words = frozenset(lexicon["trades"])
    lengths: dict[str, set[int]] = defaultdict(set)
    for word in words:
        lengths[word[0]].add(len(word))
    return Trades(
        words,
        {first: tuple(sorted(known)) for first, known in lengths.items()},
        frozenset(lexicon["trade_endings"]),
    )


@lru_cache(maxsize=100_000)
def starts(text: str, known: Trades) -> tuple[int, ...]:
    """Where in the text a run of nothing but trade words begins that goes on to its end.

    >>> from resolution.normalise.lexicon import lexicon
    >>> starts("中石油销售", trades(lexicon()))
    (1, 3)
    """
    reaches = [False] * len(text) + [True]
    for start in range(len(text) - 1, -1, -1):
        for length in known.lengths.get(text[start], ()):
            if start + length <= len(text) and reaches[start + length] and text[start : start + length] in known.words:
                reaches[start] = True
                break
    return tuple(start for start in range(len(text)) if reaches[start])


def ending(text: str, known: Trades) -> str:
    """The trade at the end of a text that has something before it; '' when there is none."""
    return next((text[start:] for start in starts(text, known) if start), "")


def split(text: str, known: Trades, *, formed: bool = False, learnt: frozenset[str] = frozenset()) -> tuple[str, str]:
    """字号 and trade of a name without region and form. 字号 is empty only when the text is.

    The trade is the longest run of trade words that leaves two characters, else one. `learnt`: trade words that a
    table of names taught. With `formed` (a legal form followed) the last common words of the dictionary will do.
    """
    runs = starts(text, known)
    for least in (2, 1):
        for start in runs:
            if start >= least:
                return _longer(text, start, learnt)
    if runs:
        # nothing but trade words: the first of them has to serve as 字号
        inner = next((start for start in starts(text, known) if start), len(text))
        return text[:inner], text[inner:]
    longer = _longer(text, len(text), learnt)
    if longer[1]:
        return longer
    if formed and len(text) >= 4 and (start := _common_words(text)) >= 2:
        return text[:start], text[start:]
    if len(text) >= 3 and text[-1] in known.endings:
        if len(text) >= 5 and (start := _common_words(text[:-1])) >= 2:
            return text[:start], text[start:]
        return text[:-1], text[-1]
    return text, ""


def _longer(text: str, start: int, learnt: frozenset[str]) -> tuple[str, str]:
    """A learnt word before the trade belongs to it."""
    if learnt:
        for length in range(min(6, start - 2), 1, -1):
            if text[start - length : start] in learnt:
                start -= length
                break
    return text[:start], text[start:]


def _common_words(text: str) -> int:
    """Where the last one or two words of two characters or more begin, that the dictionary has; 0 for none."""
    tokens = _dictionary().cut(text, hmm=False)
    if len(tokens) < 2 or len(tokens[-1]) < 2:
        return 0
    start = len(text) - len(tokens[-1])
    if start - len(tokens[-2]) >= 2 and len(tokens[-2]) >= 2:
        start -= len(tokens[-2])
    return start


@lru_cache(maxsize=1)
def _dictionary() -> Jieba:
    # half a second, so only where a name needs it; unlike jieba it keeps no cache file that others could write
    from rjieba import Jieba

    return Jieba()
