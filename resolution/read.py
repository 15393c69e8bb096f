"""Reading: an agency's file as columns of text with their line numbers, or a refusal that says what to do."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolution.delimited import Malformed, Positions, read_rows
from resolution.encoding import candidates, decode, head
from resolution.source import Source, plain_header
from resolution.workbook import WorkbookError, read_workbook

LARGEST = 1 << 30  # bytes of a text file
WIDEST = 2_000  # columns
HEADER_WITHIN = 10  # lines among which the header is looked for: agencies put a title above it
DELIMITERS = (",", ";", "\t", "|")


class FileRefused(Exception):
    """A file cannot be taken in at all; nothing of it is. The message says why and what to do, in Chinese."""


@dataclass(frozen=True)
class Sheet:
    """What a file holds: every cell as text, as the agency wrote it."""

    columns: dict[str, pa.ChunkedArray]
    """Our column → its cells. A column that the source calls optional may be missing."""
    lines: Positions
    """Physical line of each row, from 1 (in a workbook: its row)."""
    headers: dict[str, str]
    """Our column → header as the agency wrote it."""
    extra: list[str]
    """Headers that the source does not know; their cells are not read."""
    malformed: list[Malformed]
    """Lines that are no row."""
    blank: int
    """Lines without anything in them."""
    encoding: str


@dataclass(frozen=True)
class _Header:
    line: int  # from 0
    names: list[str]
    delimiter: str
    known: int  # how many of the source's columns it names


def read(path: Path, source: Source) -> Sheet:
    """Read a text file or workbook of a dataset. Its content tells what it is, not its suffix.

    Raises FileRefused: empty, undecodable, no header, a header twice, a required column missing, damaged, too large.
    """
    size = path.stat().st_size
    if size > LARGEST:
        raise FileRefused(f"{path.name}：超过 {LARGEST >> 30} GB，请按记录拆成几个文件")
    with path.open("rb") as file:
        magic = file.read(8)
    if magic.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
        return _read_workbook(path, source)
    if path.suffix.lower() in (".xlsx", ".xlsm", ".xlsb") and size:
        raise FileRefused(f"{path.name}：不是完好的工作簿，请重新导出")
    return _read_text(path, source)


def _read_text(path: Path, source: Source) -> Sheet:
    data = path.read_bytes()
    if not data.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0"):
        raise FileRefused(f"{path.name}：文件是空的，请重新导出")
    if data[:200].lstrip().lower().startswith((b"<html", b"<!doctype", b"<table", b"<?xml")):
        raise FileRefused(f"{path.name}：内容是网页而不是表格，请用 Excel 打开后另存为 .xlsx 或 CSV（UTF-8）")
    best: tuple[_Header, str] | None = None
    for encoding in candidates(data, source.encoding):
        header = _find_header(_delimited(head(data, encoding)), source)
        if header and (best is None or header.known > best[0].known):
            best = header, encoding
        if best and best[0].known == len(source.columns):
            break
    if best is None:
        raise FileRefused(_no_header(path, source, "若文件不是 UTF-8、GB18030 或 UTF-16 编码，请另存为 CSV（UTF-8）"))
    header, encoding = best
    places, extra = _places(path, header.names, source)
    decoded = decode(data, encoding)
    below = sum(line > header.line for line in decoded.garbled)
    if below and 2 * below > _beyond_ascii(decoded.data, header.line, set(decoded.garbled)) + below:
        raise FileRefused(f"{path.name}：多数行无法解码或含乱码，请另存为 CSV（UTF-8）后再导入")
    rows = read_rows(
        decoded.data,
        header=header.line,
        width=len(header.names),
        delimiter=header.delimiter,
        wanted=list(places.values()),
        garbled=decoded.garbled,
    )
    return Sheet(
        dict(zip(places, rows.columns, strict=True)),
        rows.lines,
        {name: header.names[place].strip() for name, place in places.items()},
        extra,
        rows.malformed,
        rows.blank,
        encoding,
    )


def _beyond_ascii(data: bytes, header: int, garbled: set[int]) -> int:
    """How many sound lines below the header hold anything but ASCII."""
    lines = data.split(b"\n")
    return sum(not line.isascii() for number, line in enumerate(lines) if number > header and number not in garbled)


def _read_workbook(path: Path, source: Source) -> Sheet:
    try:
        table = read_workbook(path)
    except WorkbookError as error:
        raise FileRefused(f"{path.name}：{error}") from None
    if not table.num_rows:
        raise FileRefused(f"{path.name}：工作簿里没有数据，请重新导出")
    found: list[tuple[str, _Header, pa.Table]] = []
    for name in pc.unique(table["sheet"]).to_pylist():
        rows = table.filter(pc.equal(table["sheet"], name))
        top = rows.slice(0, HEADER_WITHIN)["cells"].to_pylist()
        if header := _find_header(((number, cells, "") for number, cells in enumerate(top)), source):
            found.append((name, header, rows))
    if not found:
        raise FileRefused(_no_header(path, source, "请核对工作簿"))
    most = max(header.known for _, header, _ in found)
    found = [each for each in found if each[1].known == most]
    if len(found) > 1:
        names = "、".join(name for name, _, _ in found)
        raise FileRefused(f"{path.name}：有几张工作表都像「{source.title}」（{names}），请分成几个文件，每个只留一张")
    _, header, rows = found[0]
    places, extra = _places(path, header.names, source)
    body = rows.slice(header.line + 1)
    cells = body["cells"]
    columns = {name: pc.list_element(cells, place) for name, place in places.items()}
    lines = body["row"].to_numpy().astype(np.int64)
    headers = {name: header.names[place].strip() for name, place in places.items()}
    return Sheet(columns, lines, headers, extra, [], 0, path.suffix.lstrip(".").lower() or "xlsx")


def _delimited(text: str) -> Iterable[tuple[int, list[str], str]]:
    """The first lines in every way that they may be cut into cells."""
    for number, line in enumerate(text.split("\n")[: 3 * HEADER_WITHIN]):
        for delimiter in DELIMITERS:
            if delimiter in line:
                try:
                    yield number, next(csv.reader([line], delimiter=delimiter)), delimiter
                except csv.Error:
                    continue


def _find_header(rows: Iterable[tuple[int, list[str], str]], source: Source) -> _Header | None:
    """The line that names most of the source's columns, the record number among them or at least half of all."""
    known = {plain_header(header): name for name, column in source.columns.items() for header in column.headers}
    best: _Header | None = None
    for line, names, delimiter in rows:
        here = {known[plain] for name in names if (plain := plain_header(name)) in known}
        enough = source.key in here or 2 * len(here) >= len(source.columns)
        if enough and (best is None or len(here) > best.known):
            best = _Header(line, names, delimiter, len(here))
    return best


def _places(path: Path, names: Sequence[str], source: Source) -> tuple[dict[str, int], list[str]]:
    """Our column → its position in the file, and the headers that the source does not know."""
    if len(names) > WIDEST:
        raise FileRefused(f"{path.name}：表头有 {len(names)} 列，超过 {WIDEST} 列，请核对分隔符或删去多余的列")
    known = {plain_header(header): name for name, column in source.columns.items() for header in column.headers}
    places: dict[str, int] = {}
    extra: list[str] = []
    seen: dict[str, str] = {}
    for place, name in enumerate(names):
        plain = plain_header(name)
        if not plain:
            continue
        if plain in seen:
            raise FileRefused(f"{path.name}：表头「{name.strip()}」出现了两次，请删去或改名其中一列")
        seen[plain] = name
        column = known.get(plain)
        if column is None:
            extra.append(name.strip())
        elif column in places:
            first = names[places[column]].strip()
            raise FileRefused(f"{path.name}：表头「{first}」和「{name.strip()}」是同一列，请删去其中一列")
        else:
            places[column] = place
    missing = [column.header for name, column in source.columns.items() if not column.optional and name not in places]
    if missing:
        raise FileRefused(
            f"{path.name}：缺少必需的列 {'、'.join(missing)}；文件的表头是 {'、'.join(list(seen.values())[:40])}。"
            f"请补上这些列，或在数据源配置 {source.name}.toml 的 header 中登记别名"
        )
    return places, extra


def _no_header(path: Path, source: Source, hint: str) -> str:
    wanted = "、".join(column.header for column in source.columns.values() if not column.optional)
    return f"{path.name}：前 {HEADER_WITHIN} 行里找不到「{source.title}」的表头（应有 {wanted}）；请补上表头行。{hint}"
