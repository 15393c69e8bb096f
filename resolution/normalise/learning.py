"""What a whole table of company names teaches about single ones: places, and trades that the lexicon lacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from resolution.normalise import company, region, trade
from resolution.normalise.lexicon import lexicon
from resolution.normalise.region import Learnt

LEAST_PLACE = 2  # names that must go on differently behind a place
LEAST_TRADE = 4  # 字号 that must stand before a new trade word
SHARE = 0.6  # a longer ending is the word when this share of the shorter one's 字号 have it


def learn(values: Iterable[str]) -> Learnt:
    """Places and trades of a table of names; the order of the values does not matter.

    A place is what stands before 省, 市, 区, 县, 州 or 旗 at the start of at least two names that go on differently, or
    in brackets inside them; without its ending it counts as a region when at least two names begin with it so. A trade
    word is an ending of two to six characters that at least four 字号 have, where the lexicon knows no trade.
    """
    words = lexicon()
    known = trade.trades(words)
    named: dict[str, set[str]] = defaultdict(set)
    heads: list[str] = []
    unknown: list[str] = []
    for value in values:
        text = company.plain(value)
        if len(text) < 5:
            continue
        text, notes = company.without_brackets(text)
        for note in notes:
            if 2 <= len(note) <= 4 and company.is_place(note, words):
                named[region.bare(note)].add(text[:2])
        at = match.end() if (match := region.PROVINCE.match(text)) else 0
        for pattern in (region.CITY, region.DISTRICT):
            if (match := pattern.match(text, at)) and region.stands(match, known):
                named[region.bare(match[0])].add(text[match.end() : match.end() + 2])
                at = match.end()
        if match := region.TOWN.match(text, at):
            named[match[0]].add(text[match.end() : match.end() + 2])
        if not at:
            heads.append(text)
        head, form = company.without_form(text, words)
        if (at or form or head[-1] in known.endings) and not trade.ending(head, known):
            unknown.append(head)
    places = frozenset(place for place, after in named.items() if len(after) >= LEAST_PLACE)
    learnt = Learnt(places, _begun_with(heads, places) | (places & frozenset(words["places"])))
    return Learnt(learnt.named, learnt.places, _trades(unknown, learnt))


def _begun_with(heads: list[str], places: frozenset[str]) -> frozenset[str]:
    after: dict[str, set[str]] = defaultdict(set)
    for text in heads:
        for length in (2, 3, 4):
            if text[:length] in places:
                after[text[:length]].add(text[length : length + 2])
    return frozenset(place for place, continued in after.items() if len(continued) >= LEAST_PLACE)


def _trades(names: list[str], learnt: Learnt) -> frozenset[str]:
    """The endings that many of the names share, each as long as it stays the same word."""
    words = lexicon()
    known, provinces = trade.trades(words), frozenset(words["places"])
    rests = {region.split(name, known, provinces, learnt)[1] for name in names if not company.is_body(name, words)}
    before: dict[str, set[str]] = defaultdict(set)
    for rest in rests:
        for length in range(2, min(6, len(rest) - 2) + 1):
            before[rest[-length:]].add(rest[:-length])
    found = set()
    for rest in rests:
        best, carried = "", 0.0
        for length in range(2, min(6, len(rest) - 2) + 1):
            heads = len(before[rest[-length:]])
            if heads < LEAST_TRADE or heads < SHARE * carried:
                break
            best, carried = rest[-length:], heads
        if best:
            found.add(best)
    return frozenset(found)
