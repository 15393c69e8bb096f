"""Short names for numpy work that every part of the generator does."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Dates = npt.NDArray[np.datetime64]
Strings = npt.NDArray[np.object_]

NO_DATE = np.datetime64("NaT", "D")


def generator(seed: int, *purpose: str) -> np.random.Generator:
    """A random stream of its own for each purpose, so that a change in one part leaves the others as they were."""
    return np.random.default_rng([seed, zlib.crc32("/".join(purpose).encode())])


def objects(values: Iterable[Any]) -> Strings:
    """A one-dimensional object array, also of lists and of strings of one length."""
    items = list(values)
    result = np.empty(len(items), dtype=object)
    result[:] = items
    return result


def pick(rng: np.random.Generator, values: npt.NDArray[Any], count: int) -> npt.NDArray[Any]:
    """`count` values drawn with replacement, each as likely."""
    return values[rng.integers(0, len(values), size=count)]


def sample(rng: np.random.Generator, values: npt.NDArray[Any], count: int) -> npt.NDArray[Any]:
    """`count` different values (fewer when there are not so many)."""
    return rng.permutation(values)[:count]


def either(condition: Bools, yes: Any, no: Any) -> Strings:
    """`yes` where the condition holds, else `no` (None for an empty cell), as objects."""
    chosen: Strings = np.where(condition, yes, no).astype(object)
    return chosen


def texts(*parts: object) -> Strings:
    """Parts (arrays or single values) written one after the other, row by row."""
    count = next(len(part) for part in parts if isinstance(part, np.ndarray))
    columns = [part.tolist() if isinstance(part, np.ndarray) else [part] * count for part in parts]
    return objects("".join(map(str, row)) for row in zip(*columns, strict=True))


def days(rng: np.random.Generator, first: Dates | np.datetime64, last: Dates | np.datetime64, count: int) -> Dates:
    """Days drawn evenly between `first` and `last`, both included (bounds may differ row by row)."""
    start = np.broadcast_to(np.asarray(first, dtype="datetime64[D]"), count)
    span = (np.broadcast_to(np.asarray(last, dtype="datetime64[D]"), count) - start).astype(np.int64)
    drawn: Dates = start + (rng.random(count) * (np.maximum(span, 0) + 1)).astype(np.int64).astype("timedelta64[D]")
    return drawn


def plus(dates: Dates, amount: Ints | int) -> Dates:
    """Dates moved by whole days."""
    moved: Dates = dates + np.asarray(amount, dtype=np.int64).astype("timedelta64[D]")
    return moved


def years(dates: Dates) -> Ints:
    """Calendar years."""
    return dates.astype("datetime64[Y]").astype(np.int64) + 1970


class Batch:
    """Rows put together part by part, to be written as whole columns."""

    def __init__(self) -> None:
        self._parts: dict[str, list[npt.NDArray[Any]]] = {}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, count: int, **columns: Any) -> slice:
        """Add `count` rows (single values are repeated); returns where they stand."""
        for name, values in columns.items():
            part = values if isinstance(values, np.ndarray) else np.full(count, values, _kind(values))
            self._parts.setdefault(name, []).append(part)
        self._size += count
        return slice(self._size - count, self._size)

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        return np.concatenate(self._parts[name])


def _kind(value: object) -> Any:
    return object if isinstance(value, str) or value is None else None
