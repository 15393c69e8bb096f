"""Values: the notations that agencies write, read as dates, amounts, numbers and the like.

A cell that a person would understand is understood; one that a person would ask back about is not, and the reason
says what to write. Columns are converted by their distinct values, so a large table costs what its variety costs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from resolution.amounts import Unreadable, read_coordinate, read_money, read_number
from resolution.days import read_date, read_datetime, read_month, read_year
from resolution.source import DAY_TYPES, Column, Lookup

ARROW_TYPES: dict[str, pa.DataType] = {
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
    "month": pa.date32(),
    "year": pa.int32(),
    "money": pa.float64(),
    "number": pa.float64(),
    "lon": pa.float64(),
    "lat": pa.float64(),
    "bool": pa.bool_(),
}
"""Column types that are not text, and what they become; all else stays text."""

_NOTHING = """
- -- --- — —— ─ / // \\ . 。 无 暂无 空 空白 未知 不详 未填 未填写 未登记 未提供 无数据 缺失 (空) (无)
null none n/a na nan nat #n/a #null! #value! #ref! #name? #div/0! (null) <null> \\n
"""
EMPTY = frozenset(_NOTHING.split())
"""What people write for "nothing" (folded to lower case)."""

OPEN_ENDED = frozenset(
    ("长期", "长期有效", "永久", "永久有效", "无期限", "无固定期限", "至今", "0000-00-00", "00000000", "0")
)
"""What people write into a day column for "no such day"."""

MISSING = "必填项为空，请补填"
GARBLED = "含有乱码字符，请重新导出"

_INVISIBLE = r"[\x00-\x08\x0b-\x1f\x7f\x{ad}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}\x{feff}]"
_SPACE = r"[\s\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"


def normalise(cells: pa.Array) -> pa.Array:
    """Text in NFKC, without invisible characters, outer spaces, and Excel's marks for text (`'0123`, `="0123"`)."""
    plain = pc.replace_substring_regex(cells, _INVISIBLE, "")
    plain = pc.utf8_trim_whitespace(pc.utf8_normalize(plain, form="NFKC"))
    plain = pc.replace_substring_regex(plain, r'(?s)^="(.*)"$', r"\1")
    plain = pc.replace_substring_regex(plain, r"(?s)^'([^']*)$", r"\1")
    return pc.utf8_trim_whitespace(plain)


def normalised(text: str) -> str:
    """The same for one text."""
    return str(normalise(pa.array([text], pa.string()))[0].as_py())


def reference(cells: pa.Array) -> pa.Array:
    """Document numbers in one spelling: no spaces, brackets as (), dashes as -, Latin letters upper case."""
    plain = pc.replace_substring_regex(cells, _SPACE, "")
    plain = pc.replace_substring_regex(plain, r"[\[{<〔〖【〈《﹝]", "(")
    plain = pc.replace_substring_regex(plain, r"[\]}>〕〗】〉》﹞]", ")")
    plain = pc.replace_substring_regex(plain, r"[‐‑‒–—−]", "-")
    return pc.ascii_upper(plain)


@dataclass(frozen=True)
class Wrong:
    """A cell that cannot be taken as it is."""

    row: int
    """Position in the column, from 0."""
    value: str
    """As read, not masked."""
    reason: str
    """What is wrong and what to write, in Chinese."""


def convert(cells: pa.ChunkedArray, column: Column, lookups: Mapping[str, Lookup]) -> tuple[pa.Array, list[Wrong]]:
    """The column's cells as their type says, and the cells that cannot be; those are null among the values.

    Empty cells are null; where the column is not optional they are wrong.
    """
    encoded = cells.combine_chunks().dictionary_encode(null_encoding="mask")
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    texts = normalise(encoded.dictionary.cast(pa.string()))
    distinct, reasons = _distinct(texts, column, lookups)
    reasons.update(dict.fromkeys(_positions(pc.match_substring(texts, "\ufffd")), GARBLED))
    values = distinct.take(encoded.indices)
    wrong: list[Wrong] = []
    if reasons:
        codes = pa.array(list(reasons), encoded.indices.type)
        for row in _positions(pc.is_in(encoded.indices, value_set=codes)):
            code = encoded.indices[row].as_py()
            wrong.append(Wrong(row, texts[code].as_py(), reasons[code]))
    if not column.optional:
        known = {fault.row for fault in wrong}
        wrong += [Wrong(row, "", MISSING) for row in _positions(pc.is_null(values)) if row not in known]
    return values, wrong


def _positions(mask: pa.Array) -> list[int]:
    found: list[int] = pc.indices_nonzero(pc.fill_null(mask, False)).to_pylist()
    return found


def _distinct(texts: pa.Array, column: Column, lookups: Mapping[str, Lookup]) -> tuple[pa.Array, dict[int, str]]:
    """Distinct normalised texts as values, and the reason for each that cannot be one, by its position."""
    if column.type not in ARROW_TYPES and column.type != "enum":
        cells = reference(texts) if column.type == "reference" else texts
        # a required text may well be 无 or -: that is what the agency says
        empty = pc.equal(cells, "")
        if column.optional:
            empty = pc.or_(empty, pc.is_in(pc.utf8_lower(cells), value_set=pa.array(sorted(EMPTY), pa.string())))
        return pc.if_else(empty, pa.scalar(None, pa.string()), cells), {}
    read = reader(column, lookups)
    values: list[Any] = []
    reasons: dict[int, str] = {}
    for position, text in enumerate(texts.to_pylist()):
        value = None
        try:
            value = read(text)
        except Unreadable as error:
            if text and not _nothing(text, column):
                reasons[position] = str(error)
        values.append(value)
    return pa.array(values, ARROW_TYPES.get(column.type, pa.string())), reasons


def _nothing(text: str, column: Column) -> bool:
    """Whether the text stands for an empty cell; where one is wanted, an open end is no answer."""
    if text.casefold() in EMPTY:
        return True
    return column.optional and column.type in DAY_TYPES and text.split(" ")[0] in OPEN_ENDED


def reader(column: Column, lookups: Mapping[str, Lookup]) -> Callable[[str], Any]:
    """The function that reads one normalised text of a typed column; it raises Unreadable with the reason."""
    readers: dict[str, Callable[[str], date | datetime | int | float | bool]] = {
        "date": read_date,
        "datetime": read_datetime,
        "month": read_month,
        "year": read_year,
        "money": read_money,
        "number": read_number,
        "lon": lambda text: read_coordinate(text, 180),
        "lat": lambda text: read_coordinate(text, 90),
        "bool": read_bool,
    }
    if column.type == "enum":
        return _enum_reader(column.values, lookups)
    read = readers[column.type]
    if not lookups:
        return read
    known = {_folded(wording): lookup.value for wording, lookup in lookups.items()}
    return lambda text: read(known.get(_folded(text), text))


_YES = "是 有 对 真 y yes t true 1 1.0 √ ✓ ✔ ☑ v"
_NO = "否 无 非 不 没 没有 不是 错 假 n no f false 0 0.0 × ✗ ✘ ✕ x ☐"
_TRUE, _FALSE = frozenset(_YES.split()), frozenset(_NO.split())


def read_bool(text: str) -> bool:
    """是/否 and what stands for them: 有/无, Y/N, true/false, 1/0, √/×, 已…/未…."""
    folded = _folded(text)
    if folded in _TRUE:
        return True
    if folded in _FALSE:
        return False
    if folded not in EMPTY and len(folded) <= 8:
        if re.match(r"已|是\(", folded):
            return True
        if re.match(r"未|没|否\(", folded):
            return False
    raise Unreadable("看不出是或否，请写作「是」或「否」")


def _folded(text: str) -> str:
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold()
    return re.sub(r"[\]〕】]", ")", re.sub(r"[\[〔【]", "(", plain))


def _enum_reader(values: tuple[str, ...], lookups: Mapping[str, Lookup]) -> Callable[[str], str]:
    known = {_folded(wording): lookup.value for wording, lookup in lookups.items()}
    known.update({_folded(value): value for value in values})
    listed = "、".join(values)

    def read(text: str) -> str:
        folded = _folded(text)
        # code tables are often exported with their code: 1-男, 02 注销
        for form in (folded, re.sub(r"^\d{1,3}[-.、:|_]?(?=\D)", "", folded)):
            if form in known:
                return known[form]
        raise Unreadable(f"不在规定的取值（{listed}）之内；若是地方写法，请在数据源配置的 [lookups] 中登记")

    return read


_RUN = re.compile(r"\d(?:[ -]?\d){4,}[Xx]?")
_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?: \d{1,2})?")
SHOWN = 60  # characters of a value that a reject keeps


def masked(text: str) -> str:
    """The text with the middle of every run of five or more digits hidden, cut to what a line can show."""

    def hide(match: re.Match[str]) -> str:
        if _DAY.fullmatch(match[0]):
            return match[0]
        run = re.sub("[ -]", "", match[0])
        kept = min(4, len(run) // 4)
        return run[:kept] + "*" * (len(run) - 2 * kept) + run[len(run) - kept :]

    # a run that the cut would break must not come out whole
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text[: 4 * SHOWN]))
    shown = _RUN.sub(hide, plain)
    return shown if len(shown) <= SHOWN else shown[: SHOWN - 1] + "…"
