"""Faults in settings files: where each is, what is wrong, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Fault:
    """Something wrong in a settings file: where, what, and what to do about it."""

    file: str
    line: int
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}; {self.remedy}"


class Where:
    """Finds the file and the line of a key among the layers of one dataset (the upper layer first)."""

    def __init__(self, texts: list[tuple[Path, str]]) -> None:
        self._texts = texts[::-1]

    def fault(self, place: tuple[str, ...], message: str, remedy: str) -> Fault:
        """The fault at this key, or at the nearest one above it that the files hold."""
        for depth in range(len(place), 0, -1):
            for path, text in self._texts:
                if line := _line(text, place[:depth]):
                    return Fault(str(path), line, message, remedy)
        return Fault(str(self._texts[0][0]), 1, message, remedy)


_TABLE = re.compile(r"^\s*\[\[?\s*(?P<path>[^\]]+?)\s*\]\]?\s*(#.*)?$")
_NAME = r"""(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)"""
_KEY = re.compile(rf"^\s*(?P<key>{_NAME}(?:\s*\.\s*{_NAME})*)\s*=")
_PART = re.compile(r""""([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+)""")


def _line(text: str, place: tuple[str, ...]) -> int:
    """The line (from 1) on which the key is set or its table begins; 0 when the text has neither."""
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if match := _TABLE.match(line):
            table = _parts(match["path"])
            if table == place:
                return number
        elif (match := _KEY.match(line)) and (*table, *_parts(match["key"])) == place:
            return number
    return 0


def _parts(path: str) -> tuple[str, ...]:
    return tuple(next(group for group in match.groups() if group is not None) for match in _PART.finditer(path))


_REMEDIES = {
    "extra_forbidden": "remove it or mend its spelling",
    "missing": "add it",
    "string_pattern_mismatch": "datasets are lower_snake, columns camelCase, labels PascalCase, links UPPER_SNAKE",
}


def worded(where: Where, error: Mapping[str, Any]) -> Fault:
    """What pydantic found wrong, at the line where it stands."""
    place = tuple(str(part) for part in error["loc"] if part != "[key]")
    key, kind = ".".join(place), error["type"]
    message = {
        "extra_forbidden": f"unknown key {key!r}",
        "missing": f"{key!r} is missing",
    }.get(kind, f"{key!r}: {error['msg']}")
    remedy = _REMEDIES.get(kind, "write it as in the shipped source files")
    if kind == "literal_error":
        message, remedy = f"{key!r} is {error['input']!r}", f"take one of {error['ctx']['expected']}"
    return where.fault(place, message, remedy)
