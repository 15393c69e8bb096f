"""Survey: what an agency file that no source describes looks like, column by column.

The file is read by the same reader as any delivery, all cells as text. What a column holds is told from its distinct
values by the parsers that resolution uses; no cell leaves this module but the wordings of short lists.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from resolution.encoding import candidates, head
from resolution.normalise import address, company, identity, person, phone
from resolution.read import DELIMITERS, HEADER_WITHIN, FileRefused, read
from resolution.shapes import readable
from resolution.source import Column, FactNode, Source, plain_header
from resolution.values import EMPTY, normalise
from resolution.workbook import WorkbookError, read_workbook

DISTINCT = 2_000  # values of a column that are looked at, the most frequent first
LISTED = 12  # wordings of a list: a column with more is free text
WORDING = 12  # characters of a wording

_VALUE = re.compile(r"\d{4}|\d[*×]|^[男女]$|^\d+(?:\.\d+)?$|\d+[-/.]\d+")


@dataclass(frozen=True)
class Surveyed:
    """One column of the file."""

    header: str
    """As the agency wrote it."""
    rows: int
    filled: int
    """Rows in which something stands."""
    distinct: int
    shares: dict[str, float] = field(default_factory=dict)
    """Share of the filled rows (0 to 1) that can be read as a type, or as the name of a person or company."""
    wordings: tuple[str, ...] = ()
    """All that stands in it, when it is a short list of words that name nobody."""

    @property
    def fill(self) -> float:
        """Share of the rows in which something stands."""
        return self.filled / self.rows if self.rows else 0.0

    @property
    def telling(self) -> bool:
        """Whether it tells rows apart."""
        return self.rows > 0 and self.filled == self.rows == self.distinct


@dataclass(frozen=True)
class Survey:
    """One file."""

    file: str
    encoding: str
    delimiter: str
    """Empty for a workbook."""
    sheet: str
    """Empty for a text file."""
    header_line: int
    """From 1."""
    title: str
    """What stands above the header, if anything does."""
    rows: int
    malformed: int
    """Lines that are no row."""
    columns: tuple[Surveyed, ...]


@dataclass(frozen=True)
class _Top:
    line: int  # from 0
    names: list[str]
    delimiter: str
    sheet: str
    title: str
    score: float


def survey(path: Path, known: frozenset[str] = frozenset()) -> Survey:
    """Look at a text file or workbook. `known` are plain headers (see `plain_header`) that known sources have.

    Raises FileRefused: empty, undecodable, damaged, too large, no line that could be a header, a header twice.
    """
    if not path.stat().st_size:
        raise FileRefused(f"{path.name}：文件是空的，请重新导出")
    with path.open("rb") as file:
        magic = file.read(8)
    book = magic.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))
    top, encoding = _top_of_workbook(path, known) if book else _top_of_text(path, known)
    headers = [name.strip() for name in top.names if plain_header(name)]
    if len(headers) < 2:
        raise FileRefused(f"{path.name}：表头只有一列，请核对分隔符")
    columns = {f"c{number}": Column(header=(name,), type="text", optional=True) for number, name in enumerate(headers)}
    fact = FactNode(label="Unknown", caption="")
    declared = encoding if encoding == "big5" else None
    source = Source(
        name="unknown", title=path.stem, agency="?", grade="核心", key="recordId", encoding=declared, columns=columns,
        fact=fact,
    )  # fmt: skip
    sheet = read(path, source)
    rows = len(sheet.lines)
    surveyed = tuple(_column(column.header, sheet.columns[name]) for name, column in columns.items())
    return Survey(
        path.name, sheet.encoding, top.delimiter, top.sheet, top.line + 1, top.title, rows, len(sheet.malformed),
        surveyed,
    )  # fmt: skip


def _top_of_text(path: Path, known: frozenset[str]) -> tuple[_Top, str]:
    data = path.read_bytes()
    best: tuple[_Top, str] | None = None
    for encoding in dict.fromkeys([*candidates(data, None), "big5"]):
        text = head(data, encoding)
        # a wrong encoding shows: characters that cannot be, and pairs of bytes that make no word
        broken = sum(text.count(sign) for sign in ("\ufffd", "\0"))
        lines = text.split("\n")[:HEADER_WITHIN]
        for delimiter in DELIMITERS:
            cut = [_cells(line, delimiter) for line in lines]
            found = _header(cut, known, delimiter)
            if found and (best is None or found.score - broken > best[0].score):
                shown = _Top(found.line, found.names, delimiter, "", _title(cut[: found.line]), found.score - broken)
                best = shown, encoding
        if best and candidates(data, None) == [encoding]:
            break
    if best is None:
        raise FileRefused(f"{path.name}：前 {HEADER_WITHIN} 行里找不到表头；请补上表头行，并另存为 CSV（UTF-8）")
    return best


def _top_of_workbook(path: Path, known: frozenset[str]) -> tuple[_Top, str]:
    try:
        table = read_workbook(path)
    except WorkbookError as error:
        raise FileRefused(f"{path.name}：{error}") from None
    best: _Top | None = None
    for name in pc.unique(table["sheet"]).to_pylist() if table.num_rows else []:
        cut = table.filter(pc.equal(table["sheet"], name)).slice(0, HEADER_WITHIN)["cells"].to_pylist()
        found = _header(cut, known, "")
        if found and (best is None or found.score > best.score):
            best = _Top(found.line, found.names, "", name, _title(cut[: found.line]), found.score)
    if best is None:
        raise FileRefused(f"{path.name}：工作簿前 {HEADER_WITHIN} 行里找不到表头；请补上表头行")
    return best, "xlsx"


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _header(rows: Iterable[list[str]], known: frozenset[str], delimiter: str) -> _Top | None:
    """The line that looks most like a header: words that are all different, and none that is a value."""
    best: _Top | None = None
    for number, cells in enumerate(rows):
        plain = [plain_header(cell) for cell in cells]
        named = [each for each in plain if each]
        if len(named) < 2 or len(set(named)) < len(named):
            continue
        if any(_VALUE.search(each) for each in named):
            continue  # a file without a header must not have a row of people taken for one
        values = sum(any(sign.isdigit() for sign in each) or len(each) > 30 for each in named)
        score = len(named) - 2.0 * values + 3.0 * sum(each in known for each in named)
        if score > 0 and (best is None or score > best.score):
            best = _Top(number, cells, delimiter, "", "", score)
    return best


def _title(above: list[list[str]]) -> str:
    """The first words above the header that are no number."""
    words = (cell.strip() for cells in above for cell in cells)
    return next((word for word in words if word and not any(sign.isdigit() for sign in word)), "")[:40]


def _column(header: str, cells: pa.ChunkedArray) -> Surveyed:
    counted = pc.value_counts(cells.combine_chunks().dictionary_encode().cast(pa.string()))
    texts = normalise(counted.field("values"))
    frame = pl.DataFrame({"value": pl.Series(texts.to_pylist(), dtype=pl.String), "rows": counted.field("counts")})
    frame = frame.group_by("value").agg(pl.col("rows").sum())
    frame = frame.filter(
        pl.col("value").is_not_null() & ~pl.col("value").str.to_lowercase().is_in(sorted(EMPTY | {""}))
    )
    filled = int(frame["rows"].sum())
    looked = frame.sort(["rows", "value"], descending=[True, False]).head(DISTINCT)
    shares = _shares(looked) if filled else {}
    return Surveyed(header, len(cells), filled, frame.height, shares, _wordings(looked, frame.height, filled, shares))


def _shares(frame: pl.DataFrame) -> dict[str, float]:
    """By type, the share of rows that can be read as it."""
    values, weights = frame["value"].to_list(), frame["rows"].to_list()
    total = sum(weights)
    numbers = identity.normalise(frame["value"])
    phones = phone.normalise(frame["value"])
    held: Mapping[str, list[bool]] = {
        "resident": _either(numbers, pl.col("kind").eq("resident") & pl.col("valid")
            | pl.col("kind").eq("masked") & pl.col("value").str.contains(r"^\d{3,6}[*×xX•]{6,}")),
        "credit": _either(numbers, pl.col("kind").eq("credit") & pl.col("valid")),
        "phone": _either(phones, ~pl.col("placeholder").fill_null(True) & (
            pl.col("mobile") | pl.col("canonical").str.contains(r"^0\d{9,11}$")
            | pl.col("value").str.contains(r"^1[3-9]\d[*×xX•]{4}\d{4}$"))),
        "address": [_is_address(value) for value in values],
        "person": [_is_person(value) for value in values],
        "company": [company.parse(value).kind == "company" if len(value) >= 4 else False for value in values],
        **{kind: [test(value) for value in values] for kind, test in readable().items()},
    }  # fmt: skip
    return {
        kind: round(sum(weight for weight, yes in zip(weights, flags, strict=True) if yes) / total, 4)
        for kind, flags in held.items()
    }


def _either(frame: pl.DataFrame, condition: pl.Expr) -> list[bool]:
    found: list[bool] = frame.select(condition.fill_null(False).alias("yes"))["yes"].to_list()
    return found


def _is_address(value: str) -> bool:
    if len(value) < 5:
        return False
    parts = address.parse(value)
    told = (parts.district, parts.street, parts.road, parts.number, parts.village, parts.building, parts.room)
    return sum(part is not None for part in told) >= 2


def _is_person(value: str) -> bool:
    """A whole name of two to four characters with a surname of the lexicon."""
    if not 2 <= len(value) <= 4 and "·" not in value:
        return False
    name = person.parse(value)
    return bool(name.full and not name.titled and ("·" in name.full or person.is_surname(name.surname or "")))


def _wordings(frame: pl.DataFrame, distinct: int, filled: int, shares: Mapping[str, float]) -> tuple[str, ...]:
    """The words of a short list. A handful of rows proves no list, and names of people are none."""
    values = frame["value"].to_list()
    if not 1 <= distinct <= LISTED or filled < 5 * distinct:
        return ()
    if any(len(value) > WORDING or sum(sign.isdigit() for sign in value) >= 3 for value in values):
        return ()
    named = sum(_is_person(value) and len(value) >= 2 for value in values)
    return () if named > distinct / 2 or shares.get("company", 0) > 0.5 else tuple(values)
