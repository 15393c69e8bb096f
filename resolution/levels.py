"""Levels: what every comparison says of a pair, kept from run to run, so that a batch does not weigh all pairs again.

Which level a pair shows depends on the two profiles and on the conditions of the settings, on nothing else. How much a
level weighs depends on the whole population (its size, how frequent a name is) and on the figures of the settings.
So the level is kept and the weight is reckoned in every run, for old pairs and new ones by the same formula
(`weights.bits_of_levels`): a run that takes levels over gives what a run gives that compares all. Levels are numbered
from 1 as the settings list them; 0 is one that says nothing.

`<kind>_level(l, r, level_<comparison>…)` holds them; `l` and `r` are fingerprints of the two profiles, over their name
and every attribute that is compared. A profile that says another thing has another fingerprint. They are 64 bits wide:
among a million profiles the chance that two share one is less than one in ten million.
`level_stamp(kind, stamp)` says of which conditions and engines the levels are.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import duckdb
import splink

from resolution.link import LEAST_BITS, Scorer, name_pairs
from resolution.settings import Kind, Settings
from resolution.weights import bits_of_levels, columns_of, frequency_joins, prior_bits

VERSION = "1"  # raise when levels come about otherwise, so that workspaces compare anew
MOST_UNUSED = 0.2
"""Beyond this share of kept levels that no pair of the run has, they are dropped."""


@dataclass(frozen=True)
class Weighing:
    """What it took to weigh all pairs."""

    compared_anew: int
    """Pairs that went through Splink."""
    taken_over: int
    """Pairs whose levels earlier runs had found."""


def weigh_pairs(
    connection: duckdb.DuckDBPyConnection, settings: Settings, population: float, score: Scorer, anew: bool = False
) -> Weighing:
    """Fill `pair(l, r, bits, probability, bits_<comparison>…)` from `candidate`; only unknown pairs go through Splink.

    `population` is how many entities of this kind there are; the prior of a pair is one in that many. `score` is Splink
    in the engine that compares. With `anew` all are compared again.
    """
    kept = f"{settings.kind}_level"
    levels = [f"level_{comparison.name}" for comparison in settings.comparison]
    if anew or not _valid(connection, settings):
        forget(connection, settings.kind)
        columns = ", ".join(f"{level} TINYINT" for level in levels)
        connection.execute(f"CREATE TABLE {kept} (l UBIGINT, r UBIGINT, {columns})")
        connection.execute("INSERT INTO level_stamp VALUES (?, ?)", [settings.kind, _stamp(settings)])
    names, joins = frequency_joins(settings)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE look AS
        SELECT p.rowid AS number, p.unique_id, {_print(connection, settings)} AS print{names} FROM profile p{joins}"""
    )
    picked = ", ".join(levels)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE compared AS
        SELECT c.l, c.r, c.block, {picked} FROM candidate c
        JOIN look a ON a.number = c.l JOIN look b ON b.number = c.r
        LEFT JOIN {kept} k ON k.l = a.print AND k.r = b.print"""
    )
    new = f"{levels[0]} IS NULL"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE unknown AS SELECT l, r, block FROM compared WHERE {new}")
    ((total, unknown),) = connection.execute(f"SELECT count(*), count(*) FILTER ({new}) FROM compared").fetchall()
    if unknown:
        name_pairs(connection, "unknown")
        score(connection, _numbered(settings), 2)
        connection.execute(f"DELETE FROM compared WHERE {new}")
        found = ", ".join(f"round(bits_{c.name})::TINYINT AS level_{c.name}" for c in settings.comparison)
        for table, side in (("compared", "number"), (kept, "print")):
            connection.execute(
                f"""INSERT INTO {table} BY NAME SELECT a.{side} AS l, b.{side} AS r, {found} FROM pair p
                JOIN look a ON a.unique_id = p.l JOIN look b ON b.unique_id = p.r"""
            )
    _prune(connection, kept, total)
    _weigh(connection, settings, population)
    for scratch in ("look", "compared", "unknown"):
        connection.execute(f"DROP TABLE {scratch}")
    return Weighing(compared_anew=unknown, taken_over=total - unknown)


def forget(connection: duckdb.DuckDBPyConnection, kind: Kind) -> None:
    """Drop what is kept of one kind, so that the next run compares all of its pairs."""
    connection.execute("CREATE TABLE IF NOT EXISTS level_stamp (kind VARCHAR, stamp VARCHAR)")
    connection.execute("DELETE FROM level_stamp WHERE kind = ?", [kind])
    connection.execute(f"DROP TABLE IF EXISTS {kind}_level")


def _numbered(settings: Settings) -> Settings:
    """The same conditions, weighing their own number in bits: Splink tells weights, and not the levels behind them."""
    comparisons = []
    for comparison in settings.comparison:
        levels = [
            level if level.nothing else level.model_copy(
                update={"m": 2.0 ** (number - 32), "u": 2.0**-32, "u_holders": None, "frequency": None}
            )
            for number, level in enumerate(comparison.level, 1)
        ]  # fmt: skip
        comparisons.append(comparison.model_copy(update={"level": levels}))
    return settings.model_copy(update={"comparison": comparisons})


def _print(connection: duckdb.DuckDBPyConnection, settings: Settings) -> str:
    """SQL of a profile's fingerprint."""
    types = dict(row[:2] for row in connection.execute("DESCRIBE profile").fetchall())
    told = ["p.unique_id"]
    for name in sorted({name for comparison in settings.comparison for name in columns_of(comparison)}):
        # a list is hashed as its elements one after the other, so its length tells where it ends; none is not empty
        told += [f"coalesce(len(p.{name}), -1)", f"p.{name}"] if types[name].endswith("[]") else [f"p.{name}"]
    return f"hash({', '.join(told)})"


def _stamp(settings: Settings) -> str:
    """What levels depend on beside the profiles: conditions in their order, and who asks them."""
    asked = [(c.name, [(level.sql, level.nothing) for level in c.level]) for c in settings.comparison]
    digest = hashlib.sha256(json.dumps(asked, ensure_ascii=False).encode()).hexdigest()[:16]
    return f"{VERSION}:{duckdb.__version__}:{splink.__version__}:{digest}"


def _valid(connection: duckdb.DuckDBPyConnection, settings: Settings) -> bool:
    connection.execute("CREATE TABLE IF NOT EXISTS level_stamp (kind VARCHAR, stamp VARCHAR)")
    found = connection.execute("SELECT stamp FROM level_stamp WHERE kind = ?", [settings.kind]).fetchall()
    return found == [(_stamp(settings),)]


def _prune(connection: duckdb.DuckDBPyConnection, kept: str, used: int) -> None:
    """Rewriting millions of rows because of a few that nobody asks for costs more than it saves."""
    ((held,),) = connection.execute(f"SELECT count(*) FROM {kept}").fetchall()
    if held - used > MOST_UNUSED * held:
        connection.execute(
            f"""CREATE OR REPLACE TABLE {kept} AS SELECT k.* FROM {kept} k
            SEMI JOIN (SELECT a.print AS l, b.print AS r FROM candidate c
                JOIN look a ON a.number = c.l JOIN look b ON b.number = c.r) u ON u.l = k.l AND u.r = k.r"""
        )


def _weigh(connection: duckdb.DuckDBPyConnection, settings: Settings, population: float) -> None:
    bits = bits_of_levels(settings, population)
    each = ", ".join(f"{sql} AS bits_{name}" for name, sql in bits.items())
    total = " + ".join([f"{prior_bits(population)!r}::DOUBLE", *(f"bits_{name}" for name in bits)])
    told = ", ".join(f"bits_{name}" for name in bits)
    connection.execute(
        f"""CREATE OR REPLACE TABLE pair AS
        WITH weighed AS (SELECT l.unique_id AS l, r.unique_id AS r, {each} FROM compared c
            JOIN look l ON l.number = c.l JOIN look r ON r.number = c.r),
        summed AS (SELECT *, {total} AS bits FROM weighed)
        SELECT l, r, bits, 1 / (1 + pow(2, -bits)) AS probability, {told} FROM summed WHERE bits >= {LEAST_BITS}"""
    )
