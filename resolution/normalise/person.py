"""Names of people: taken apart into surname and given name, with how they sound."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from resolution.normalise.lexicon import Lexicon, lexicon
from resolution.normalise.text import clean, fuzzy, look, reading, spelt


class PersonName(NamedTuple):
    """One cell with the name of a person.

    `full` is the name as it is compared (None when the cell holds none); `titled` says that it is not a whole name
    (王先生, 张某某, 陈*, *伟), and then `surname` and `given` hold only what is told. `pinyin` and `fuzzy` are toneless
    syllables, the surname read as a surname; `shape` is the name with look-alike characters made one. `others` are
    further persons in the cell, `aliases` former and other names of this one.
    """

    full: str | None = None
    surname: str | None = None
    given: str | None = None
    pinyin: str | None = None
    fuzzy: str | None = None
    titled: bool = False
    shape: str | None = None
    others: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


class _Words(NamedTuple):
    surnames: dict[str, str]
    compounds: dict[str, list[str] | None]
    nothing: frozenset[str]
    titles: re.Pattern[str]
    looks: dict[int, str]


@lru_cache(maxsize=2)
def _words(words: Lexicon) -> _Words:
    compounds = {word: value.split(",") if value else None for word, value in words["compound_surnames"].items()}
    titles = "|".join(sorted(map(re.escape, words["titles"]), key=len, reverse=True))
    nothing = frozenset(clean(word).upper() for word in words["not_a_name"])
    return _Words(words["surnames"], compounds, nothing, re.compile(f"(?:{titles})$"), look(words))


_HAN = "\u3400-\u9fff\U00020000-\U0002fa1f"
_DOT = re.compile(rf"(?<=[{_HAN}A-Z])[·•‧・∙⋅●.﹒▪\-](?=[{_HAN}A-Z])")
_NOTE = re.compile(r"[(\[{<《【〔「『]([^()\[\]{}<>《》【】〔〕「」『』]*)(?:[)\]}>》】〕」』]|$)")
_ALIAS = re.compile(r"(?:曾用名|又名|别名|化名|原名|绰号|外号|小名|乳名|亦名|曾名|原姓名|现名)(?:为|叫|是)?[::,]?")
_MANY = re.compile(r"等(?:[\d一二三四五六七八九十百两]+[人名位个户].*|人)?$")
_APART = re.compile(r"[、,;/|&+\\]+")
_AND = re.compile(r"[和与及]")
_LABEL = re.compile(r"^[^::]{1,8}[::]")
_UNUSUAL = re.compile(rf"[^{_HAN}]|[和与及某等〇○]")
_MASK = re.compile(r"[*×✕✖○〇□■●_?�]|(?<![A-Z])X+(?![A-Z])")
_CENSORED = re.compile(r"某|\*")
_FAMILIAR = re.compile(r"[老小](?=.{1,2}$)")
_LATIN = re.compile(r"[A-Z]{4,40}")
_TAIL = re.compile(r"[\d#.,。'\"“”‘’`!·\-]+$|^[\d.,。'\"“”‘’`!·\-、]+")
_NOT_HAN = re.compile(rf"[^{_HAN}]")
_BLANK = re.compile(r"\s+")


def parse(value: str) -> PersonName:
    """What a cell with the name of a person says.

    >>> parse("歐陽 娜娜（曾用名：歐陽娜）").full, parse("張三等3人").full, parse("王先生").surname
    ('欧阳娜娜', '张三', '王')
    """
    words = _words(lexicon())
    text = _apart_by_blanks(value, words) if _BLANK.search(value.strip()) else clean(value)
    text = text.upper()
    if not text or text in words.nothing:
        return PersonName()
    if len(text) <= 4 and not _UNUSUAL.search(text):
        return _name(text, words)  # the plain name: nearly every cell
    aliases: list[str] = []

    def note(match: re.Match[str]) -> str:
        if named := _ALIAS.match(match[1]):
            aliases.extend(part for part in _APART.split(match[1][named.end() :]) if part)
        return ""

    text = _NOTE.sub(note, _LABEL.sub("", text) if not _ALIAS.search(text) else text)
    if (named := _ALIAS.search(text)) and named.start() > 1:
        aliases.extend(part for part in _APART.split(text[named.end() :]) if part)
        text = text[: named.start()]
    text = _TAIL.sub("", _DOT.sub("·", _MASK.sub(lambda match: "*" * len(match[0]), text)))
    names = [name for part in _APART.split(text) for name in _joined_by_and(part, words) if name]
    if names and len(shorter := _MANY.sub("", names[-1])) >= 2:
        names[-1] = shorter
    names = [name for name in names if name not in words.nothing]
    if not names:
        return PersonName(aliases=tuple(aliases))
    others = tuple(other for name in names[1:] if (other := _name(name, words).full))
    return _name(names[0], words)._replace(others=others, aliases=tuple(aliases))


def split(full: str) -> tuple[str | None, str]:
    """Surname and given name of a cleaned name; a transliterated name has no surname."""
    return _split(full, _words(lexicon()))


def is_surname(text: str) -> bool:
    """Whether the text is a surname of the lexicon."""
    words = _words(lexicon())
    return text in words.surnames or text in words.compounds


def _split(full: str, words: _Words) -> tuple[str | None, str]:
    if "·" in full or len(full) > 4 or _NOT_HAN.search(full):
        return None, full
    if len(full) >= 3 and full[:2] in words.compounds:
        return full[:2], full[2:]
    if len(full) == 4 and full[0] not in words.surnames:
        return None, full
    return full[0], full[1:]


def _name(text: str, words: _Words) -> PersonName:
    surname: str | None
    given: str | None
    titled = False
    if (
        _FAMILIAR.match(text)
        and (called := text[1:])
        and (called in words.compounds or (len(called) == 1 and called in words.surnames))
    ):
        # 老王 and 小李 tell the surname alone, as 王先生 does
        return _named(text, called, None, True, words)
    if title := words.titles.search(text):
        before = text[: title.start()]
        if before in words.surnames or before in words.compounds:
            titled = True
        elif len(before) >= 2 and len(title[0]) >= 2 and "某" not in title[0]:
            text = before
    if titled:
        surname, given = text[: title.start()] if title else None, None
    elif _CENSORED.search(text):
        titled = True
        told = text.lstrip("*某")
        if told == text:
            surname = text[:2] if text[:2] in words.compounds else text[0]
            given = None
        else:
            surname, given = None, told.rstrip("*某") or None
    else:
        surname, given = _split(text, words)
        if surname == text:
            # a lone surname is no whole name either
            titled, given = True, None
    return _named(text, surname, given, titled, words)


def _named(text: str, surname: str | None, given: str | None, titled: bool, words: _Words) -> PersonName:
    """The name with how it sounds and looks; one in Latin letters sounds as its pinyin is spelt."""
    syllables = list(spelt(text)) if _LATIN.fullmatch(text) else []
    if not syllables:
        syllables = _syllables(surname, words)
        syllables += [reading(character) for character in given or "" if character not in "*·"]
    return PersonName(
        full=text,
        surname=surname,
        given=given or None,
        pinyin=" ".join(syllables) or None,
        fuzzy=" ".join(map(fuzzy, syllables)) or None,
        titled=titled,
        shape=text.translate(words.looks),
    )


def _syllables(surname: str | None, words: _Words) -> list[str]:
    if not surname:
        return []
    if (read := words.compounds.get(surname)) is not None:
        return list(read)
    if len(surname) == 1 and (one := words.surnames.get(surname)):
        return [one]
    return [reading(character) for character in surname]


def _joined_by_and(text: str, words: _Words) -> list[str]:
    """张三和李四 is two persons; 张和平 is one."""
    for match in _AND.finditer(text):
        left, right = text[: match.start()], text[match.end() :]
        if len(left) >= 2 and len(right) >= 2 and right[0] in words.surnames and left[0] in words.surnames:
            return [left, *_joined_by_and(right, words)]
    return [text]


def _apart_by_blanks(value: str, words: _Words) -> str:
    """张三 李四 is two persons, 张　三 and 欧阳 娜娜 are one."""
    parts = [part for part in map(clean, value.split()) if part]
    whole = "".join(parts)
    if (
        len(parts) > 1
        and whole[:2] not in words.compounds
        and all(2 <= len(part) <= 4 and part[0] in words.surnames and not _NOT_HAN.search(part) for part in parts)
    ):
        return "、".join(parts)
    return whole
