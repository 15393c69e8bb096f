"""The facts of the world in clean form: who did what on which day, before any clerk writes it down."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from resolution.synthetic.arrays import Ints

SOURCES = Path(__file__).parent.parent / "sources"
NOBODY = -1
COMPANY = 1 << 40  # a party is a person's row, or this plus a company's row
PARTY_KINDS = ("person", "company", "party")


@dataclass(frozen=True)
class Column:
    """A column of an agency file: our name for it, the agency's header, the type."""

    field: str
    header: str
    type: str


@dataclass(frozen=True)
class Role:
    """Who a row speaks of: the kind, and the fields that describe it."""

    role: str
    kind: str
    fields: dict[str, str]


@dataclass(frozen=True)
class Layout:
    """The columns and mentions of one agency dataset."""

    dataset: str
    columns: tuple[Column, ...]
    roles: tuple[Role, ...]


@cache
def layouts() -> dict[str, Layout]:
    """All datasets, as the shipped source files describe them."""
    result = {}
    for path in sorted(SOURCES.glob("*.toml")):
        source = tomllib.loads(path.read_text(encoding="utf-8"))
        columns = tuple(
            Column(field, _first(spec["header"]), spec["type"]) for field, spec in source["columns"].items()
        )
        roles = tuple(
            Role(
                role, spec["kind"], {k: v for k, v in spec.items() if k not in ("kind", "link") and isinstance(v, str)}
            )
            for role, spec in source.get("mentions", {}).items()
        )
        result[path.stem] = Layout(path.stem, columns, roles)
    return result


def _first(header: str | list[str]) -> str:
    return header if isinstance(header, str) else header[0]


class Facts:
    """Rows of every dataset in clean form.

    A field that names somebody holds a party (see COMPANY), a field of type address the row number of an address
    or a text, a property its row number under `property`. Fields that follow from an entity (its number, its phone)
    are left out and written when the files are.
    """

    def __init__(self) -> None:
        self._chunks: dict[str, list[pl.DataFrame]] = {dataset: [] for dataset in layouts()}
        self._sizes = dict.fromkeys(layouts(), 0)
        self._frames: dict[str, pl.DataFrame] = {}

    def add(self, dataset: str, **columns: Any) -> Ints:
        """Add rows, a column a field (single values are repeated); returns their row numbers."""
        count = max((len(v) for v in columns.values() if isinstance(v, np.ndarray | list)), default=1)
        start = self._sizes[dataset]
        data = {"row": pl.Series(np.arange(start, start + count, dtype=np.int64))}
        for name, values in columns.items():
            if isinstance(values, np.ndarray) and values.dtype == object:
                values = values.tolist()
            if isinstance(values, np.ndarray):
                data[name] = pl.Series(values)
            elif isinstance(values, list):
                data[name] = pl.Series(values, strict=False)
            else:
                data[name] = pl.Series([values]).new_from_index(0, count)
        self._chunks[dataset].append(pl.DataFrame(data))
        self._sizes[dataset] += count
        self._frames.pop(dataset, None)
        return np.arange(start, start + count)

    def size(self, dataset: str) -> int:
        """Rows so far."""
        return self._sizes[dataset]

    def frame(self, dataset: str) -> pl.DataFrame:
        """All rows of a dataset, with their number in `row`; fields that a row does not have are null."""
        if dataset not in self._frames:
            chunks = self._chunks[dataset] or [pl.DataFrame({"row": pl.Series([], dtype=pl.Int64)})]
            self._frames[dataset] = pl.concat(chunks, how="diagonal_relaxed")
            self._chunks[dataset] = [self._frames[dataset]]
        return self._frames[dataset]

    def parties(self, dataset: str, field: str) -> Ints:
        """The parties that a field names, row by row (none when the dataset has no rows yet)."""
        if not self._sizes[dataset]:
            return np.zeros(0, dtype=np.int64)
        return self.frame(dataset)[field].to_numpy()
