"""What a whole table of company names teaches about single ones: places, and trades that the lexicon lacks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from resolution.normalise import company, region, trade
from resolution.normalise.lexicon import lexicon
from resolution.normalise.region import Learnt

LEAST_PLACE = 2  # names that must go on differently behind a place
CHANCE = 3  # a bare place begins so many times more names than its two characters would by chance
LEAST_TRADE = 4  # 字号 that must stand before a new trade word
SHARE_OF_TRADE = 0.05  # ... and this share of the 字号 before the same known trade (智算 before 服务)
SHARE_OF_WORD = 0.6  # a longer ending is the word when this share of the shorter one's 字号 have it


def learn(values: Iterable[str]) -> Learnt:
    """Places and trades of a table of names; the order of the values does not matter.

    A place is what stands before 省, 市, 区, 县, 州 or 旗 at the start of at least two names that go on differently, or
    in brackets inside them; without its ending it counts as a region when more names begin with it than chance would
    have. A trade word is an ending of two to six characters that at least four 字号 have.
    """
    words = lexicon()
    known = trade.trades(words)
    named: dict[str, set[str]] = defaultdict(set)
    names: list[str] = []
    heads: list[str] = []
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
        names.append(text)
    places = frozenset(place for place, after in named.items() if len(after) >= LEAST_PLACE)
    learnt = Learnt(places, _begun_with(heads, places) | (places & frozenset(words["places"])))
    return Learnt(learnt.named, learnt.places, _trades(names, learnt))


def _begun_with(heads: list[str], places: frozenset[str]) -> frozenset[str]:
    """The places that names begin with bare, more often than 字号 of the same characters would."""
    after: dict[str, set[str]] = defaultdict(set)
    for text in heads:
        for length in (2, 3, 4):
            if text[:length] in places:
                after[text[:length]].add(text[length : length + 2])
    first, second = Counter(text[0] for text in heads), Counter(text[1] for text in heads)
    begun = Counter(text[:2] for text in heads)
    found = set()
    for place, continued in after.items():
        own = begun[place[:2]]
        others = max(len(heads) - own, 1)
        by_chance = (first[place[0]] - own) * (second[place[1]] - own) / others
        if len(continued) >= LEAST_PLACE and own > CHANCE * by_chance:
            found.add(place)
    return frozenset(found)


def _trades(names: list[str], learnt: Learnt) -> frozenset[str]:
    """The endings that many 字号 before one trade, or before none, share; each as long as it stays the same word."""
    words = lexicon()
    known, provinces = trade.trades(words), frozenset(words["places"])
    stems: dict[str, set[str]] = defaultdict(set)
    for name in names:
        head, form = company.without_form(name, words)
        place, rest, _ = region.split(head, known, provinces, learnt)
        line = trade.ending(rest, known)
        stem = rest.removesuffix(line)
        if len(stem) >= 4 and (line or ((place or form) and not company.is_body(head, words))):
            stems[line].add(stem)
    found = set()
    for line, group in stems.items():
        least = max(LEAST_TRADE, SHARE_OF_TRADE * len(group) if line else 0)
        found |= _shared_endings(group, least)
    return frozenset(found)


def _shared_endings(stems: set[str], least: float) -> set[str]:
    before: dict[str, set[str]] = defaultdict(set)
    for stem in stems:
        for length in range(2, min(6, len(stem) - 2) + 1):
            before[stem[-length:]].add(stem[:-length])
    found = set()
    for stem in stems:
        best, carried = "", 0
        for length in range(2, min(6, len(stem) - 2) + 1):
            heads = len(before[stem[-length:]])
            if heads < max(least, SHARE_OF_WORD * carried):
                break
            best, carried = stem[-length:], heads
        if best:
            found.add(best)
    return found
