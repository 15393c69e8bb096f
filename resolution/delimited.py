"""Delimited text (CSV and its kin) as columns of text: no line may harm the lines beside it."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pacsv

LONGEST = 1 << 20  # bytes of a record
TALLEST = 200  # lines of a record whose quoted cells hold line breaks
BLOCK = 8 << 20

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Malformed:
    """A line that is no row: where it stands, what it says, and why it cannot be read."""

    line: int
    """Physical line, from 1."""
    value: str
    reason: str


@dataclass
class Rows:
    """The rows below the header: a text column for each column asked for, and the line that each row begins on."""

    columns: list[pa.ChunkedArray]
    lines: Positions
    malformed: list[Malformed] = field(default_factory=list)
    blank: int = 0


@dataclass(frozen=True)
class _Lines:
    """Where lines begin and end in the text."""

    data: bytes
    starts: Positions
    ends: Positions

    @classmethod
    def of(cls, data: bytes) -> _Lines:
        breaks = _find(data, b"\n")
        ends = breaks if data.endswith(b"\n") or not data else np.append(breaks, len(data))
        return cls(data, np.append(0, ends[:-1] + 1) if len(ends) else ends, ends)

    def __getitem__(self, number: int) -> bytes:
        return self.data[self.starts[number] : self.ends[number]]

    def count(self, char: bytes) -> Positions:
        """How often the character stands in each line."""
        found = _find(self.data, char)
        counts: Positions = np.searchsorted(found, self.ends) - np.searchsorted(found, self.starts)
        return counts


def _find(data: bytes, char: bytes) -> Positions:
    return np.flatnonzero(np.frombuffer(data, np.uint8) == char[0])


def read_rows(
    data: bytes, *, header: int, width: int, delimiter: str, wanted: Sequence[int], garbled: dict[int, str]
) -> Rows:
    """Rows of UTF-8 text with \\n between its lines.

    `header` is the header's line from 0, `width` the number of its cells, `wanted` the positions of the columns to
    keep, `garbled` the lines that are not to be trusted, with what could be made of them.
    """
    lines = _Lines.of(data)
    separator = delimiter.encode()
    quotes, nuls, separators = lines.count(b'"'), lines.count(b"\0"), lines.count(separator)
    state = np.zeros(len(lines.ends), np.int8)  # 0: still to be read
    state[: header + 1] = 1
    rows = Rows([], np.empty(0, np.int64))
    for number, text in sorted(garbled.items()):
        if header < number < len(state):
            rows.malformed.append(Malformed(number + 1, text, "该行编码与文件不一致或含乱码，请以同一编码重新导出"))
            state[number] = 1
    for number in _numbers((state == 0) & (lines.ends - lines.starts > LONGEST)):
        rows.malformed.append(Malformed(number + 1, _start(lines, number), "该行超过 1 MB，请核对原表"))
        state[number] = 1
    for number in _numbers((state == 0) & (nuls > 0)):
        reason = "该行含有空字符（NUL），请重新导出"
        rows.malformed.append(Malformed(number + 1, _start(lines, number), reason))
        state[number] = 1
    quoted, quoted_lines = _read_quoted(
        lines, np.flatnonzero((state == 0) & (quotes > 0)), state, width, delimiter, rows
    )
    unread = state == 0
    trailing = _trailing(lines, np.flatnonzero(unread & (separators == width)), int(unread.sum()), separator)
    plain = np.flatnonzero(unread & (separators == width - 1 + trailing))
    for number in _numbers(unread & (separators != width - 1 + trailing)):
        if not lines[number].strip(b" \t\xc2\xa0" + separator):
            rows.blank += 1
            continue
        reason = f"该行有 {int(separators[number]) + 1} 列，表头有 {width} 列，请核对是否缺列或多了分隔符"
        rows.malformed.append(Malformed(number + 1, _start(lines, number), reason))
    empty = lines.ends[plain] - lines.starts[plain] == width - 1 + trailing
    rows.blank += int(empty.sum())
    plain = plain[np.logical_not(empty)]
    table = _read_plain(lines, plain, width + trailing, delimiter, wanted)
    for place, position in enumerate(wanted):
        texts = pa.array([row[position] for row in quoted], pa.string())
        rows.columns.append(pa.chunked_array([*table.column(place).chunks, texts], pa.string()))
    rows.lines = np.append(plain, np.array(quoted_lines, np.int64)) + 1
    rows.malformed.sort(key=lambda each: each.line)
    return rows


def _numbers(mask: npt.NDArray[np.bool_]) -> list[int]:
    numbers: list[int] = np.flatnonzero(mask).tolist()
    return numbers


def _start(lines: _Lines, number: int) -> str:
    begin = int(lines.starts[number])
    return lines.data[begin : min(int(lines.ends[number]), begin + 400)].decode("utf-8", errors="ignore")


def _trailing(lines: _Lines, longer: Positions, rows: int, separator: bytes) -> int:
    """1 when the agency's program ends every row, but not the header, with a separator."""
    ends = 2 * len(longer) > rows and all(lines[number].endswith(separator) for number in longer.tolist())
    return int(ends)


def _read_plain(lines: _Lines, numbers: Positions, width: int, delimiter: str, wanted: Sequence[int]) -> pa.Table:
    """Rows without any quotes, all of the right width."""
    names = [str(position) for position in range(width)]
    keep = [names[position] for position in wanted]
    if not len(numbers):
        return pa.table({name: pa.array([], pa.string()) for name in keep})
    whole = numbers[-1] - numbers[0] + 1 == len(numbers)
    text = (
        lines.data[int(lines.starts[numbers[0]]) : int(lines.ends[numbers[-1]])]
        if whole
        else b"\n".join([lines[number] for number in numbers.tolist()])
    )
    table = pacsv.read_csv(
        pa.BufferReader(text),
        pacsv.ReadOptions(column_names=names, block_size=BLOCK),
        pacsv.ParseOptions(delimiter=delimiter, quote_char=False, ignore_empty_lines=False),
        pacsv.ConvertOptions(
            include_columns=keep,
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=False,
            check_utf8=False,
        ),
    )
    return table


def _read_quoted(
    lines: _Lines, numbers: Positions, state: npt.NDArray[np.int8], width: int, delimiter: str, rows: Rows
) -> tuple[list[list[str]], list[int]]:
    """Rows with quotes. Marks their lines in `state`, so that text inside a cell is not taken for a row."""
    found: list[list[str]] = []
    found_lines: list[int] = []
    for number in numbers.tolist():
        if state[number]:
            continue
        last = number
        text = lines[number].decode()
        cells = _cells(text, delimiter)
        if cells is None:
            last, cells = _taller(lines, number, state, width, delimiter)
        if cells is None:
            cells = _loosely(text, delimiter, width)
        state[number : last + 1] = 1
        if cells is None:
            rows.malformed.append(
                Malformed(number + 1, _start(lines, number), "引号没有闭合，请补上引号或去掉多余的引号")
            )
        elif len(cells) != width:
            if not any(cell.strip() for cell in cells):
                rows.blank += 1
                continue
            reason = f"该行有 {len(cells)} 列，表头有 {width} 列，请核对是否缺列或多了分隔符"
            rows.malformed.append(Malformed(number + 1, _start(lines, number), reason))
        else:
            found.append(cells)
            found_lines.append(number)
    return found, found_lines


def _taller(
    lines: _Lines, first: int, state: npt.NDArray[np.int8], width: int, delimiter: str
) -> tuple[int, list[str] | None]:
    """The record that begins on this line with an open quote and ends on a later one, and its last line.

    None when no later line closes it, or when it would swallow what looks like a row: a line between its ends that is
    one by itself, or two lines as its ends that would be rows but for a stray quote in each.
    """
    text = lines[first].decode()
    full = _CLOSED.sub("", text).count(delimiter) >= width - 1
    for number in range(first + 1, min(first + TALLEST, len(lines.ends))):
        line = lines[number].decode() if not state[number] else None
        if line is None or len(text) + len(line) > LONGEST:
            break
        text = f"{text}\n{line}"
        if '"' in line and (cells := _cells(text, delimiter)) is not None:
            inside, _, outside = _OPEN.sub(r"\1\0", line, count=1).partition("\0")
            row = (inside + _CLOSED.sub("", outside)).count(delimiter) >= width - 1
            if len(cells) == width and not (full and row):
                return number, cells
            break
        alone = _cells(line, delimiter)
        if alone and len(alone) == width and '"' not in "".join(alone):
            break
    return first, None


_CLOSED = re.compile(r'"(?:[^"]|"")*"')
_OPEN = re.compile(r'^((?:[^"]|"")*)"')


def _cells(text: str, delimiter: str) -> list[str] | None:
    """The cells of one record; None when a quote is open at its end or used in another way than CSV has it."""
    csv.field_size_limit(2 * LONGEST)
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def _loosely(text: str, delimiter: str, width: int) -> list[str] | None:
    """The cells where quotes inside a quoted cell were not doubled: only one before a separator closes it.

    None unless that gives a whole row.
    """
    mark = re.escape(delimiter)
    cell = re.compile(rf'"((?:[^"]|"(?!{mark}|$))*)"(?={mark}|\Z)|([^"{mark}][^{mark}]*|)(?={mark}|\Z)')
    cells: list[str] = []
    position = 0
    while position <= len(text):
        match = cell.match(text, position)
        if not match:
            return None
        cells.append(match[2] if match[1] is None else match[1].replace('""', '"'))
        position = match.end() + 1
    return cells if len(cells) == width else None
