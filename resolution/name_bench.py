"""How well the names of a pair tell whether it is one: labelled pairs, scored as resolution scores names.

Each name goes through the parsers and the name comparisons of the settings in force, with no population behind it:
a shared name counts as one in a thousand. A veto (another branch) counts as sure.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from resolution.normalise.region import Learnt
from resolution.question import Question, profiles
from resolution.settings import Kind, Settings, read_settings
from resolution.weights import frequencies, level_columns, weights_of

LABELS, STRENGTHS = ("same", "different"), ("strong", "weak")
NAMES: Mapping[Kind, tuple[str, ...]] = {"person": ("name",), "company": ("name", "region", "form")}
"""The comparisons that look at the name alone."""
LEAST_BITS = -20.0
"""What a veto weighs, and the least that any pair does."""
POPULATION = 1000.0
COLUMNS = ("kind", "left", "right", "label", "category", "strength")


class BenchError(Exception):
    """A file of pairs cannot be used; the message names the line and the remedy."""


@dataclass(frozen=True)
class Pair:
    """One labelled pair."""

    kind: Kind
    left: str
    right: str
    label: str
    category: str
    strength: str


@dataclass(frozen=True)
class Scored:
    """A pair with what the names weigh, in bits: above 0 they speak for one."""

    pair: Pair
    bits: float

    @property
    def right(self) -> bool:
        """Whether the names speak as the label says."""
        return (self.bits > 0) == (self.pair.label == "same")


@dataclass(frozen=True)
class Result:
    """A run. `accuracy` is by `kind/label/category`, `mean` bits by `kind/label/strength`."""

    pairs: int
    accuracy: dict[str, float]
    sizes: dict[str, int]
    mean: dict[str, float]
    wrong: tuple[str, ...]
    """`kind: left = right` of the pairs that the names mislead on, sorted."""


def read_pairs(file: Path) -> list[Pair]:
    """The labelled pairs of a CSV file. Raises BenchError."""
    found = []
    with file.open(encoding="utf-8", newline="") as opened:
        reader = csv.DictReader(opened)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise BenchError(f"{file}: the first line must be {','.join(COLUMNS)}")
        for row in reader:
            known = row["kind"] in ("person", "company", "trade_name")
            if not known or row["label"] not in LABELS or row["strength"] not in STRENGTHS or not row["right"]:
                raise BenchError(
                    f"{file}, line {reader.line_num}: kind is person, company or trade_name, label is same or"
                    " different, strength is strong or weak, and no cell is empty"
                )
            found.append(Pair(**row))  # type: ignore[arg-type]
    return found


def score(pairs: Sequence[Pair], settings: Mapping[Kind, Settings] | None = None) -> list[Scored]:
    """The pairs with their bits, in order. `settings` by kind take the place of those in force."""
    chosen = {kind: (settings or {}).get(kind) or read_settings(kind) for kind in {pair.kind for pair in pairs}}
    bits: dict[int, float] = {}
    for kind, own in chosen.items():
        numbers = [number for number, pair in enumerate(pairs) if pair.kind == kind]
        left, right = ([_profile(kind, getattr(pairs[n], side)) for n in numbers] for side in ("left", "right"))
        scored = _by_levels(own, left, right) if own.comparison else list(map(_plain, left, right))
        bits |= dict(zip(numbers, scored, strict=True))
    return [Scored(pair, bits[number]) for number, pair in enumerate(pairs)]


def measure(scored: Iterable[Scored]) -> Result:
    """Accuracy by category and mean bits by label and strength."""
    right: dict[str, list[bool]] = defaultdict(list)
    weights: dict[str, list[float]] = defaultdict(list)
    wrong = []
    for each in scored:
        pair = each.pair
        right[f"{pair.kind}/{pair.label}/{pair.category}"].append(each.right)
        weights[f"{pair.kind}/{pair.label}/{pair.strength}"].append(each.bits)
        if not each.right:
            wrong.append(f"{pair.kind}: {pair.left} = {pair.right}")
    return Result(
        pairs=sum(map(len, right.values())),
        accuracy={name: round(sum(said) / len(said), 4) for name, said in sorted(right.items())},
        sizes={name: len(said) for name, said in sorted(right.items())},
        mean={name: round(sum(said) / len(said), 3) for name, said in sorted(weights.items())},
        wrong=tuple(sorted(wrong)),
    )


def keep(result: Result, file: Path) -> None:
    """Write a run, so that the next one can say what changed."""
    file.write_text(json.dumps(asdict(result), ensure_ascii=False, indent=1) + "\n", "utf-8")


def kept(file: Path) -> Result | None:
    """The run kept in a file, None where there is none. Raises BenchError."""
    if not file.exists():
        return None
    try:
        told = json.loads(file.read_text("utf-8"))
        return Result(**{**told, "wrong": tuple(told["wrong"])})
    except (ValueError, TypeError, KeyError) as error:
        raise BenchError(f"{file} holds no run of this bench; remove it or name another file") from error


def changes(before: Result, after: Result) -> list[str]:
    """What changed from one run to the next, a line each; none where nothing did."""
    lines = []
    for title, was, now in (("accuracy", before.accuracy, after.accuracy), ("mean", before.mean, after.mean)):
        for name in sorted(set(was) | set(now)):
            if was.get(name) != now.get(name):
                lines.append(f"{title} {name}: {was.get(name, '-')} → {now.get(name, '-')}")
    lines += [f"now right  {pair}" for pair in sorted(set(before.wrong) - set(after.wrong))]
    lines += [f"now wrong  {pair}" for pair in sorted(set(after.wrong) - set(before.wrong))]
    return lines


def _profile(kind: Kind, name: str) -> dict[str, Any]:
    made = profiles([Question(kind, name=name)], Learnt(), frozenset())[0]
    if kind == "company":
        # an absent branch is no other branch
        made["branch"] = made.get("branch") or ""
    return made


def _by_levels(settings: Settings, left: list[dict[str, Any]], right: list[dict[str, Any]]) -> list[float]:
    """Sum of the name comparisons' weights of each pair."""
    names = NAMES[settings.kind]
    only = settings.model_copy(update={"comparison": [c for c in settings.comparison if c.name in names]})
    connection = duckdb.connect(":memory:")
    try:
        for side, rows in (("l", left), ("r", right)):
            # a value that nobody has counted
            told = [{"number": i, **row, **{f"tf_{f}": None for f in frequencies(only)}} for i, row in enumerate(rows)]
            connection.register(f"given_{side}", pl.DataFrame(told, infer_schema_length=None).to_arrow())
            columns = ", ".join(f"tf_{name}::DOUBLE AS tf_{name}" for name in frequencies(only)) or "NULL AS none"
            connection.execute(
                f"CREATE TABLE side_{side} AS SELECT * REPLACE ({columns}) FROM given_{side}"
                if frequencies(only)
                else f"CREATE TABLE side_{side} AS FROM given_{side}"
            )
        cells = connection.execute(
            f"SELECT {level_columns(only)} FROM side_l l JOIN side_r r USING (number) ORDER BY number"
        ).fetchall()
    finally:
        connection.close()
    bits = []
    for one, other, row in zip(left, right, cells, strict=True):
        vetoed = any(one.get(v) is not None and other.get(v) is not None and one[v] != other[v]
                     for v in settings.cluster.vetoes)  # fmt: skip
        summed = sum(weight.bits for weight in weights_of(only, POPULATION, row))
        bits.append(LEAST_BITS if vetoed else max(LEAST_BITS, summed))
    return bits


def _plain(left: dict[str, Any], right: dict[str, Any]) -> float:
    """Trade names are not scored by levels: the same, the same but for branches and signs, the same sound, another."""
    for column, bits in (("name", 10.0), ("core", 8.0), ("pinyin", 4.0)):
        if left.get(column) and left[column] == right.get(column):
            return bits
    return LEAST_BITS
