"""The weight of a pair, comparison by comparison, from the settings' own conditions and the tables that resolve keeps.

Splink says which level a pair of a run shows; `levels` weighs it by the formula that stands here, which is Splink's.
The same levels are asked about any pair at any time, so that a score can be explained; for pairs of the run the sum
equals the stored score.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb

from resolution.profiles import LEAST_POPULATION
from resolution.settings import Comparison, Kind, Level, Settings

UNCOUNTED = 0.001
_COLUMN = re.compile(r"\b[lr]\.(\w+)")


@dataclass(frozen=True)
class Weight:
    """What one comparison says of a pair."""

    comparison: str
    title: str
    level: int
    label: str
    bits: float
    """log2 of how much more often one entity looks like this than two do; 0 where a value is missing."""
    nothing: bool
    columns: tuple[str, ...]
    """The attributes that the comparison looks at."""


@dataclass(frozen=True)
class Weighed:
    """All comparisons of one pair. `bits` is their sum and the prior, as Splink has it."""

    left: str
    right: str
    prior: float
    weights: tuple[Weight, ...]

    @property
    def bits(self) -> float:
        """The match weight in bits; its odds are 2 to the power of it."""
        return self.prior + sum(weight.bits for weight in self.weights)


def population(connection: duckdb.DuckDBPyConnection, kind: Kind) -> float:
    """How many entities of the kind scoring reckons with."""
    found = connection.execute(f"SELECT count(DISTINCT coalesce(anchor, unique_id)) FROM {kind}_profile").fetchall()
    return max(float(found[0][0]), float(LEAST_POPULATION))


def prior_bits(entities: float) -> float:
    """The bits that a pair starts with before anything is compared: one in that many."""
    chance = min(0.5, 1 / entities)
    return math.log2(chance / (1 - chance))


def columns_of(comparison: Comparison) -> tuple[str, ...]:
    """Attributes that the comparison's conditions name, in their order."""
    return _named(tuple(level.sql for level in comparison.level))


@cache
def _named(conditions: tuple[str, ...]) -> tuple[str, ...]:
    """Asked for every pair that is explained, so looked for once."""
    return tuple(dict.fromkeys(name for sql in conditions for name in _COLUMN.findall(sql)))


def frequencies(settings: Settings) -> tuple[str, ...]:
    """Columns whose frequency some level uses."""
    return tuple(dict.fromkeys(level.frequency for c in settings.comparison for level in c.level if level.frequency))


def with_frequencies(settings: Settings, table: str) -> str:
    """The rows of a profile table with the frequency of their values (`tf_<column>`) as a subquery."""
    picked, joins = frequency_joins(settings)
    return f"(SELECT p.*{picked} FROM {table} p{joins})"


def frequency_joins(settings: Settings) -> tuple[str, str]:
    """SQL over a profile `p`: the columns `tf_<column>`, each after a comma, and the joins that they need."""
    names = frequencies(settings)
    picked = "".join(f", f{i}.tf_{name}" for i, name in enumerate(names))
    joins = "".join(f' LEFT JOIN frequency_{name} f{i} ON f{i}."{name}" = p."{name}"' for i, name in enumerate(names))
    return picked, joins


def level_columns(settings: Settings) -> str:
    """SQL columns over the aliases `l` and `r`: the level of each comparison, then the frequencies of shared values."""
    parts = []
    for comparison in settings.comparison:
        levels = list(enumerate(comparison.level))
        rest = next((i for i, level in levels if level.sql == "ELSE"), len(levels) - 1)
        chosen = " ".join(f"WHEN {level.sql} THEN {i}" for i, level in levels if level.sql != "ELSE")
        parts.append(f"CASE {chosen} ELSE {rest} END AS level_{comparison.name}")
    parts += [f"{_shared(name)} AS shared_{name}" for name in frequencies(settings)]
    return ", ".join(parts)


def _shared(name: str) -> str:
    left, right = f"l.tf_{name}", f"r.tf_{name}"
    return f"greatest(coalesce({left}, {right}), coalesce({right}, {left}))"


def bits_of_levels(settings: Settings, entities: float) -> dict[str, str]:
    """By comparison the SQL of its bits, over `level_<comparison>` (see `levels`) and the profiles `l` and `r`."""
    found = {}
    for comparison in settings.comparison:
        levels = [(number, level) for number, level in enumerate(comparison.level, 1) if not level.nothing]
        cases = " ".join(f"WHEN {number} THEN {_bits_sql(level, entities)}" for number, level in levels)
        found[comparison.name] = f"CASE level_{comparison.name} {cases} ELSE 0.0 END::DOUBLE"
    return found


def _bits_sql(level: Level, entities: float) -> str:
    if level.frequency and level.m is not None:
        return f"log2({level.m!r}::DOUBLE / coalesce({_shared(level.frequency)}, {UNCOUNTED}))"
    return f"{_bits(level, entities, None)!r}::DOUBLE"


def weigh(connection: duckdb.DuckDBPyConnection, settings: Settings, pairs: list[tuple[str, str]]) -> list[Weighed]:
    """Weigh pairs of profiles (`unique_id`s of the settings' kind), in the order given.

    Raises KeyError for a pair of which one profile is not there.
    """
    if not settings.comparison or not pairs:
        return [Weighed(min(pair), max(pair), 0.0, ()) for pair in pairs]
    entities = population(connection, settings.kind)
    table = f"{settings.kind}_profile"
    ordered = [(min(pair), max(pair)) for pair in pairs]
    wanted = sorted({name for pair in ordered for name in pair})
    taken = f"(SELECT * FROM {table} WHERE unique_id IN (SELECT unnest($wanted)))"
    side = with_frequencies(settings, taken)
    rows = connection.execute(
        f"""WITH side AS MATERIALIZED (SELECT * FROM {side}),
        asked AS (SELECT unnest($lefts) AS a, unnest($rights) AS b)
        SELECT l.unique_id, r.unique_id, {level_columns(settings)}
        FROM asked JOIN side l ON l.unique_id = a JOIN side r ON r.unique_id = b""",
        {"wanted": wanted, "lefts": [pair[0] for pair in ordered], "rights": [pair[1] for pair in ordered]},
    ).fetchall()
    found = {(row[0], row[1]): weights_of(settings, entities, row[2:]) for row in rows}
    prior = prior_bits(entities)
    return [Weighed(left, right, prior, found[left, right]) for left, right in ordered]


def weights_of(settings: Settings, entities: float, cells: Sequence[Any]) -> tuple[Weight, ...]:
    """The weights that the columns of `level_columns` say."""
    size = len(settings.comparison)
    shared = dict(zip(frequencies(settings), cells[size:], strict=True))
    weights = []
    for comparison, number in zip(settings.comparison, cells[:size], strict=True):
        level = comparison.level[number]
        weights.append(
            Weight(
                comparison.name,
                comparison.title,
                number,
                level.label,
                _bits(level, entities, shared.get(level.frequency or "")),
                level.nothing,
                columns_of(comparison),
            )
        )
    return tuple(weights)


def _bits(level: Level, entities: float, frequency: float | None) -> float:
    if level.nothing or level.m is None:
        return 0.0
    if level.frequency:
        # a value that nobody has counted is as frequent as the placeholder that Splink is given for it
        return math.log2(level.m / (frequency or UNCOUNTED))
    u = level.u if level.u is not None else min(0.5, (level.u_holders or 1.0) / entities)
    return math.log2(level.m / u)
