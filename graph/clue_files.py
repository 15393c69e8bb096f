"""Clues as files: JSON lines for other programs, CSV and Excel for people."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import xlsxwriter

from graph.catalogue import Catalogue, catalogue

FORMATS = ("jsonl", "csv", "xlsx")

FIELDS = (
    *("model", "key", "title", "confidence", "severity", "as_of", "status"),
    *("subjects", "facts", "columns", "reasons"),
)
"""What a line of the JSON lines has, in this order."""

HEADERS = ("模型", "线索编号", "标题", "可信度", "严重程度", "截至日期", "状态", "对象", "理由", "数据列", "事实")
SEVERITY_WORDS = {"high": "高", "medium": "中", "low": "低"}
STATUS_WORDS = {
    "new": "新发现",
    "checking": "核查中",
    "confirmed": "属实",
    "rejected": "排除",
    "transferred": "已移送",
    "corrected": "已整改",
    "closed": "已办结",
    "gone": "失效",
}

# a spreadsheet takes a cell that begins so for a formula, also behind white space
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


class FormatError(ValueError):
    """The format is none that clues are written in."""


def write(clues: Iterable[Mapping[str, Any]], path: Path, form: str) -> int:
    """Write clues (as `ClueStore.every` gives them) to a file; returns how many.

    The file appears whole or not at all. Raises FormatError.
    """
    writers = {"jsonl": _jsonl, "csv": _csv, "xlsx": _xlsx}
    if form not in writers:
        raise FormatError(f"clues are not written as {form}: use {', '.join(FORMATS)}")
    part = path.with_name(f".{path.name}.part")
    try:
        count = writers[form](clues, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


def escaped(text: str) -> str:
    """The text as a spreadsheet shows it and never runs it."""
    text = "".join(sign for sign in text if sign >= " " or sign in "\n\t")
    return "'" + text if text.lstrip(" \t\n\u00a0\u3000").startswith(_FORMULA) or text[:1] in "\t\n" else text


def _jsonl(clues: Iterable[Mapping[str, Any]], path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for clue in clues:
            file.write(json.dumps({name: clue[name] for name in FIELDS}, ensure_ascii=False) + "\n")
            count += 1
    return count


def _csv(clues: Iterable[Mapping[str, Any]], path: Path) -> int:
    count = 0
    # the mark at the beginning tells Excel that the text is UTF-8
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        known = catalogue()
        for clue in clues:
            writer.writerow([escaped(cell) if isinstance(cell, str) else cell for cell in _row(clue, known)])
            count += 1
    return count


def _xlsx(clues: Iterable[Mapping[str, Any]], path: Path) -> int:
    count = 0
    settings = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), {**settings, "constant_memory": True}) as book:
        sheet = book.add_worksheet("线索")
        bold = book.add_format({"bold": True})
        for place, header in enumerate(HEADERS):
            sheet.write_string(0, place, header, bold)
        sheet.freeze_panes(1, 0)
        known = catalogue()
        for clue in clues:
            count += 1
            for place, cell in enumerate(_row(clue, known)):
                if isinstance(cell, str):
                    sheet.write_string(count, place, escaped(cell)[:32_767])
                else:
                    sheet.write_number(count, place, cell)
    return count


def _row(clue: Mapping[str, Any], known: Catalogue) -> list[str | float]:
    model = known.get(clue["model"])
    titles = {name: column.title for name, column in model.returns.items()} if model else {}
    return [
        f"{clue['model']} {model.title}" if model else clue["model"],
        clue["key"],
        clue["title"],
        clue["confidence"],
        SEVERITY_WORDS.get(clue["severity"], clue["severity"]),
        clue["as_of"],
        STATUS_WORDS.get(clue["status"], clue["status"]),
        "\n".join(subject["name"] for subject in clue["subjects"]),
        "\n".join(clue["reasons"]),
        "\n".join(
            f"{titles.get(name, name)}：{_worded(value)}"
            for name, value in clue["columns"].items()
            if value not in (None, [], "")
        ),
        "\n".join(f"{fact['dataset']}/{fact['record_id']}" for fact in clue["facts"]),
    ]


def _worded(value: Any) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
