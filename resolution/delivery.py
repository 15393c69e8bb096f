"""Deliveries: one agency file as typed rows and rejected ones, before anything is stored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from resolution.read import Sheet, read
from resolution.source import Source, plain_header
from resolution.values import ARROW_TYPES, MISSING, Wrong, convert, masked

SHOWN_COLUMNS = 100  # names of unknown columns that a report lists


@dataclass(frozen=True)
class Reject:
    """A row that is not taken in, as the data office is told of it."""

    dataset: str
    file: str
    line: int
    column_name: str
    """Header as the agency wrote it; empty when the whole line is at fault."""
    value: str
    """Masked: no full number stands in it."""
    reason: str


@dataclass
class Delivery:
    """What a file brings."""

    dataset: str
    file: str
    headers: dict[str, str]
    table: pa.Table
    """Rows that can be taken: `_line`, `_file`, and every column of the source."""
    rejects: list[Reject]
    extra: list[str]
    """Headers that the source does not know."""
    absent: list[str]
    """Optional columns that the file lacks."""
    blank: int
    encoding: str

    def reject(self, line: int, column: str, value: str, reason: str) -> Reject:
        """The reject of one row, its value masked."""
        return Reject(self.dataset, self.file, line, self.headers.get(column, ""), masked(value), reason)


def prepare(path: Path, source: Source) -> Delivery:
    """Read a file and type its cells. Raises FileRefused."""
    sheet = read(path, source)
    columns: dict[str, pa.Array] = {"_line": pa.array(sheet.lines, pa.int64())}
    columns["_file"] = pa.repeat(pa.scalar(path.name), len(sheet.lines))
    wrong: dict[int, list[tuple[str, Wrong]]] = {}
    for name, column in source.columns.items():
        if name not in sheet.columns:
            columns[name] = pa.nulls(len(sheet.lines), ARROW_TYPES.get(column.type, pa.string()))
            continue
        columns[name], faults = convert(sheet.columns[name], column, source.lookups.get(name, {}))
        for fault in faults:
            wrong.setdefault(fault.row, []).append((name, fault))
    absent = [column.header for name, column in source.columns.items() if name not in sheet.columns]
    extra = sheet.extra[:SHOWN_COLUMNS]
    delivery = Delivery(
        source.name, path.name, sheet.headers, pa.table(columns), [], extra, absent, sheet.blank, sheet.encoding
    )
    kept = np.ones(len(sheet.lines), bool)
    kept[list(wrong)] = False
    delivery.table = delivery.table.filter(pa.array(kept))
    for row in _empty(sheet, source, wrong):
        del wrong[row]
        delivery.blank += 1
    for row, faults_of_row in sorted(wrong.items()):
        (column_name, first), *others = faults_of_row
        reason = first.reason
        if others:
            reason += f"（同一行另有问题：{'、'.join(sheet.headers[name] for name, _ in others)}）"
        if plain_header(first.value) == plain_header(sheet.headers[column_name]):
            reason = "该行是重复的表头，请删去"
        delivery.rejects.append(delivery.reject(int(sheet.lines[row]), column_name, first.value, reason))
    delivery.rejects += [delivery.reject(each.line, "", each.value, each.reason) for each in sheet.malformed]
    delivery.rejects.sort(key=lambda reject: reject.line)
    return delivery


def _empty(sheet: Sheet, source: Source, wrong: dict[int, list[tuple[str, Wrong]]]) -> list[int]:
    """Rows in which every cell is empty: programs write them below the last row."""
    numberless = [
        row
        for row, faults in wrong.items()
        if any(name == source.key and fault.reason == MISSING for name, fault in faults)
    ]
    return [
        row for row in numberless if not any((cells[row].as_py() or "").strip() for cells in sheet.columns.values())
    ]
