"""Headers: what the headings of agencies' tables mean, as told by the sources that are known already."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from resolution.normalise.text import pinyin
from resolution.source import Column, Source, plain_header

TAKEN = frozenset({"key", "dataset", "knownFrom", "recordId", "probability", "role"})
"""Names that every node or relationship has already."""
LONGEST = 40


@dataclass(frozen=True)
class Meaning:
    """What a header means in the known sources."""

    field: str
    column: Column


@dataclass(frozen=True)
class Part:
    """Who a header speaks of in the known sources: its role, kind and relationship."""

    role: str
    kind: str
    link: str


def meanings(sources: Mapping[str, Source]) -> dict[str, Meaning]:
    """By plain header, the field that most sources make of it."""
    said: dict[str, Counter[tuple[str, str]]] = {}
    columns: dict[tuple[str, str, str], Column] = {}
    for source in sources.values():
        for field, column in source.columns.items():
            for header in column.headers:
                plain = plain_header(header)
                said.setdefault(plain, Counter())[field, column.type] += 1
                columns.setdefault((plain, field, column.type), column)
    found = {}
    for plain, counted in said.items():
        (field, kind), _ = min(counted.items(), key=lambda each: (-each[1], each[0]))
        found[plain] = Meaning(field, columns[plain, field, kind])
    return found


def parts(sources: Mapping[str, Source]) -> dict[str, Part]:
    """By plain header of a name, the part that its bearer plays; headers that play several (姓名) are left out."""
    said: dict[str, set[Part]] = {}
    for source in sources.values():
        for role, mention in source.mentions.items():
            if mention.name:
                plain = plain_header(source.columns[mention.name].header)
                said.setdefault(plain, set()).add(Part(role, mention.kind, mention.link))
    found = {}
    for plain, roles in said.items():
        if len({part.role for part in roles}) == 1:
            found[plain] = min(roles, key=lambda part: part.link)
    return found


def meaning(header: str, known: Mapping[str, Meaning]) -> Meaning | None:
    """What the header means, its notes in brackets (a unit, a format) left off where that is needed."""
    plain = plain_header(header)
    return known.get(plain) or known.get(re.sub(r"[(\[【〔].*?[)\]】〕]", "", plain))


def latin_words(text: str) -> list[str]:
    """The text as lower-case Latin words: Chinese characters as syllables of pinyin, all else as it stands.

    >>> latin_words("农户ID card")
    ['nong', 'hu', 'id', 'card']
    """
    runs = re.findall(r"[\u3400-\u9fff]+|[A-Za-z0-9]+", unicodedata.normalize("NFKC", text))
    words = [word for run in runs for word in (pinyin(run) if ord(run[0]) > 0x3000 else run).lower().split()]
    return [word for word in words if re.fullmatch(r"[a-z0-9]+", word)]


def field_name(header: str, known: Mapping[str, Meaning], taken: Iterable[str]) -> str:
    """A camelCase name for the column: that of the known sources, else its pinyin or its own Latin words."""
    used = {*taken, *TAKEN}
    told = meaning(header, known)
    if told and told.field not in used:
        return told.field
    words = latin_words(re.sub(r"[(（\[【〔].*?[)）\]】〕]", "", header))
    camel = "".join(word if number == 0 else word.capitalize() for number, word in enumerate(words))[:LONGEST]
    name = camel if re.match(r"[a-z]", camel) else f"column{camel[:1].upper()}{camel[1:]}"
    plain, number = name, 2
    while name in used:
        name, number = f"{plain}{number}", number + 1
    return name
