"""Shapes: whether one text can be read as a value of a type, for types that the parsers of `values` read."""

from __future__ import annotations

import re
from collections.abc import Callable

from resolution.amounts import Unreadable, read_money, read_number
from resolution.days import read_datetime, read_month
from resolution.values import read_bool

_CLOCK = re.compile(r"\d\s*[:时点]")
_DAY = re.compile(r"\d.*[-/.年].*[-/.月]|^(?:19|20)\d{6}$")
_CODE = re.compile(r"(?=.*\d)[0-9A-Za-z一-鿿()〔〕\[\]（）_/\-第号]{4,40}")
_ACCOUNT = re.compile(r"\d(?:[ ]?\d){11,18}")


def readable() -> dict[str, Callable[[str], bool]]:
    """By name of a shape, the test whether a normalised text has it."""
    return {
        "datetime": lambda text: bool(_CLOCK.search(text)) and _reads(read_datetime, text),
        # eight digits or separated parts: a bare serial number of Excel is first of all a number
        "date": lambda text: bool(_DAY.search(text)) and _reads(read_datetime, text),
        "month": lambda text: not _DAY.search(text) and _has_month(text) and _reads(read_month, text),
        "year": lambda text: bool(re.fullmatch(r"(?:19|20)\d\d(?:年度?)?", text)),
        "bool": lambda text: not text.isdigit() and _reads(read_bool, text),
        "number": lambda text: not re.match(r"0\d", text) and _reads(read_number, text),
        "money": lambda text: not re.match(r"0\d", text) and _reads(read_money, text),
        "account": lambda text: bool(_ACCOUNT.fullmatch(text)),
        "code": lambda text: bool(_CODE.fullmatch(text)),
    }


def _has_month(text: str) -> bool:
    return bool(re.fullmatch(r"(?:19|20)\d\d(?:\s*[-/.年]\s*\d{1,2}月?份?|(?:0[1-9]|1[0-2]))", text))


def _reads(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except Unreadable:
        return False
    return True
