"""Text as it is compared: one width, simplified characters, no blanks; and how characters sound and look."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

from opencc import OpenCC
from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from resolution.normalise.lexicon import Lexicon, lexicon

# blanks, zero-width marks, soft hyphens and control characters that copy and paste leaves behind
_INVISIBLE = dict.fromkeys(
    (
        *(*range(0x21), *range(0x7F, 0xA1), 0xAD, 0x1680, 0x180E, *range(0x2000, 0x2010), *range(0x2028, 0x2030)),
        *(0x205F, *range(0x2060, 0x2070), 0x3000, 0x3164, 0xFEFF, 0xFFFC, 0xFFFD, *range(0xFE00, 0xFE10)),
    )
)
# every hyphen-like sign that stands between numbers
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－─━~～"), "-")
_HAN = [*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), *range(0x20000, 0x2A6E0)]


def clean(value: str) -> str:
    """The value in NFKC and simplified characters, without blanks: what all parsing starts from.

    Conversion goes character by character, so that it does not depend on neighbours and can be repeated.
    """
    text = unicodedata.normalize("NFKC", value).translate(_table(lexicon()))
    # a mark that composes with the sign before it only now that what stood between is gone
    return text if unicodedata.is_normalized("NFKC", text) else clean(text)


@lru_cache(maxsize=2)
def _table(words: Lexicon) -> dict[int, str | None]:
    table: dict[int, str | None] = dict(_INVISIBLE)
    table.update(_DASHES)
    kept = {character for entry in words["keep"] for character in entry}
    simplified = OpenCC("t2s").convert("\n".join(map(chr, _HAN))).split("\n")
    single = {chr(code): to for code, to in zip(_HAN, simplified, strict=True) if len(to) == 1 and chr(code) != to}
    single.update({pair[0]: pair[1] for pair in words["variants"] if len(pair) == 2})
    for character in kept:
        single.pop(character, None)
    for character, to in single.items():
        seen = {character}
        while to in single and to not in seen:
            seen.add(to)
            to = single[to]
        if to != character:
            table[ord(character)] = to
    return table


_READINGS: dict[str, str] = {}


def reading(character: str) -> str:
    """Toneless pinyin of one character (its usual reading); other signs stand for themselves in lower case."""
    known = _READINGS.get(character)
    if known is None:
        known = _READINGS[character] = "".join(lazy_pinyin(character)).lower()
    return known


@lru_cache(maxsize=200_000)
def pinyin(text: str) -> str:
    """Toneless pinyin of a text, syllables apart by blanks; words of several characters are read as words.

    >>> pinyin("重庆")
    'chong qing'
    """
    if any(pair in _phrases() for pair in pairwise(text)):
        return " ".join(lazy_pinyin(text, errors=" ".join)).lower()
    return " ".join(map(reading, text))


@lru_cache(maxsize=1)
def _phrases() -> frozenset[tuple[str, str]]:
    """First two characters of all words in which a character is read otherwise than by itself."""
    return frozenset(
        (word[0], word[1])
        for word, syllables in PHRASES_DICT.items()
        if any(_plain(syllable[0]) != reading(character) for character, syllable in zip(word, syllables, strict=False))
    )


def _plain(syllable: str) -> str:
    """A syllable without its tone mark, ü as v."""
    decomposed = unicodedata.normalize("NFD", syllable.replace("ü", "v"))
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


_MERGED = ((re.compile("^([zcs])h"), r"\1"), (re.compile("^n"), "l"), (re.compile("(?<=[aei])ng$"), "n"))


@lru_cache(maxsize=10_000)
def fuzzy(syllable: str) -> str:
    """The syllable with n/l, zh/z, ch/c, sh/s, ang/an, eng/en and ing/in as one, as many dialects have it."""
    for pattern, to in _MERGED:
        syllable = pattern.sub(to, syllable)
    return syllable


@lru_cache(maxsize=2)
def look(words: Lexicon) -> dict[int, str]:
    """Translation of each character that is easily taken for another to the one that stands for its group."""
    first: dict[str, str] = {}

    def root(character: str) -> str:
        while first.get(character, character) != character:
            character = first[character]
        return character

    # groups that share a character are one, whatever the order of the lines
    for group in words["lookalikes"]:
        for character in group:
            first[root(character)] = root(group[0])
    return {ord(character): root(character) for character in first if root(character) != character}


@lru_cache(maxsize=1)
def _syllable_list() -> frozenset[str]:
    """All toneless syllables that characters are read as, lü also as lyu."""
    told = {_plain(each) for readings in PINYIN_DICT.values() for each in readings.split(",")}
    known = {
        each for each in told if each.isascii() and (len(each) > 1 or each in "aeo") and re.search("[aeiouv]", each)
    }
    return frozenset(known | {each.replace("v", "yu") for each in known if "v" in each})


@lru_cache(maxsize=10_000)
def spelt(letters: str) -> tuple[str, ...]:
    """The syllables of a text in Latin letters, as few as can be; none where it is no pinyin of two to six of them.

    >>> spelt("ZHANGWEI"), spelt("SMITH")
    (('zhang', 'wei'), ())
    """
    text, known = letters.lower(), _syllable_list()
    best: list[tuple[str, ...] | None] = [()] + [None] * len(text)
    for end in range(1, len(text) + 1):
        for length in range(min(6, end), 0, -1):
            before, syllable = best[end - length], text[end - length : end]
            found = best[end]
            if before is not None and syllable in known and (found is None or len(before) + 1 < len(found)):
                best[end] = (*before, syllable.replace("lyu", "lv").replace("nyu", "nv"))
    whole = best[-1] or ()
    return whole if 2 <= len(whole) <= 6 else ()


_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_DIGITS |= {sign: value for value, sign in enumerate("壹贰叁肆伍陆柒捌玖", 1)}
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100}
NUMERAL = "零〇○一二两三四五六七八九十百壹贰叁肆伍陆柒捌玖拾佰"


@lru_cache(maxsize=10_000)
def number(text: str) -> str:
    """A number in Chinese numerals as digits (十一 → 11, 一二〇 → 120); digits lose leading zeros.

    >>> number("二十三"), number("一零四"), number("07")
    ('23', '104', '7')
    """
    if text.isascii():
        return text.lstrip("0") or "0"
    if not any(sign in _TENS for sign in text):
        return "".join(str(_DIGITS.get(sign, sign)) for sign in text).lstrip("0") or "0"
    total, digit = 0, None
    for sign in text:
        if sign in _TENS:
            total += (1 if digit is None else digit) * _TENS[sign]
            digit = None
        else:
            digit = _DIGITS.get(sign, int(sign) if sign.isdigit() else 0)
    return str(total + (digit or 0))
