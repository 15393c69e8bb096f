"""Values as people may see them: resident IDs, phones and long numbers keep their ends only, as in the graph."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from resolution.source import Source
from resolution.source_files import SourceError, read_sources

_RESIDENT = re.compile(r"[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]")
_LONG = re.compile(r"(?<![0-9])[0-9]{7,}[Xx]?(?![0-9])")
_BETWEEN = re.compile(r"[\s\-‐-―—.·'’]")
ENDS = 8  # digits of a number that people may see
_PHONES = frozenset({"phone"})
_NUMBERS = frozenset({"id", "id_number", "id_valid", "id_given", "document"})


def masked_number(number: str) -> str:
    """A resident ID, or what was given for one: 6201**********1234."""
    number = _bare(number)
    if "*" in number and len(number.replace("*", "")) <= ENDS:
        return number  # the agency hides enough
    if len(number) >= 15:
        return f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}"
    return f"{number[:2]}{'*' * max(len(number) - 4, 3)}{number[-2:]}" if len(number) > 4 else "***"


def _bare(number: str) -> str:
    """A number without what is written between its digits, which would hide it from every pattern."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", number)).upper()


def masked_phone(phone: str) -> str:
    """A phone: 138****5678."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 10 else f"****{phone[-3:]}"


def masked_text(text: str) -> str:
    """A text with resident IDs and long runs of digits hidden; credit codes, which are public, stay."""
    hidden = _RESIDENT.sub(lambda found: masked_number(found[0]), text)
    return _LONG.sub(lambda found: masked_number(found[0]), hidden)


def shown(column: str, value: Any) -> str | None:
    """One attribute as people may see it; None when it is not given."""
    if value is None or value == "" or value == []:
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    if column in _PHONES:
        return masked_phone(text)
    if column in _NUMBERS:
        return masked_number(text)
    if column in ("code", "code_valid", "registration", "registration_number"):
        return _RESIDENT.sub(lambda found: masked_number(found[0]), _bare(text))
    return masked_text(text)


def given_number(profile: Mapping[str, Any]) -> str | None:
    """What is known of a person's number: whole and masked here, or as the agency had masked it."""
    if number := profile.get("id_given") or profile.get("id_number"):
        return masked_number(str(number))
    head, tail = profile.get("id_prefix"), profile.get("id_suffix")
    return f"{str(head or '')[:6]}****{str(tail or '')[-4:]}" if head or tail else None


def percent(probability: float) -> str:
    """A probability as people read it; what is nearly sure is not called sure."""
    return "99.9% 以上" if 0.9995 <= probability < 1 else f"{probability:.1%}"


def context_words(key: str) -> str:
    """What two rows hang on, in words: 民事裁判文书·文书号 （2021）甘0102民初12号."""
    space, _, value = key.partition(":")
    fixed = {"property": "房产", "company": "企业", "person": "同行记载的人员"}
    if space in fixed:
        return f"{fixed[space]}{f'（{masked_text(value)}）' if space == 'person' else ''}"
    dataset, _, column = space.partition(".")
    known = sources().get(dataset)
    if known and column in known.columns:
        return f"{known.title}·{known.columns[column].header} {masked_text(value)}"
    for source in sources().values():
        if space in source.columns and source.columns[space].shared:
            return f"{source.columns[space].header} {masked_text(value)}"
    return masked_text(value)


def dataset_title(dataset: str) -> str:
    """The dataset as the agency calls it."""
    known = sources().get(dataset)
    return known.title if known else dataset


@lru_cache(maxsize=1)
def sources() -> dict[str, Source]:
    """The sources in force; none when they cannot be read, for titles are no reason to fail."""
    try:
        return read_sources()
    except SourceError:
        return {}
