"""The `norm` tables of the workspace: one row for each distinct value, parsed once.

    extend(connection, "person_name", 'SELECT name AS value FROM staged."household"')

parses the values of the query that the table does not hold yet. A changed lexicon parses all of them anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Literal, get_args

import duckdb
import polars as pl

from resolution.normalise import address, company, identity, person, phone, trade_name
from resolution.normalise.learning import learn
from resolution.normalise.lexicon import Lexicon, reload
from resolution.normalise.region import Learnt

Kind = Literal["person_name", "company_name", "address", "identity", "phone", "trade_name"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Progress = Callable[[str, int, int], None]
BATCH = 50_000  # values parsed at a time: bounds memory, and how often progress is told
VERSION = "3"  # raise when a parser answers differently, so that workspaces parse anew

_STRING, _FLAG, _LIST = pl.String, pl.Boolean, pl.List(pl.String)
_TYPES: dict[str, pl.DataType | type[pl.DataType]] = {
    "titled": _FLAG,
    "guessed": _FLAG,
    "valid": _FLAG,
    "registration_valid": _FLAG,
    "mobile": _FLAG,
    "placeholder": _FLAG,
    "masked": _FLAG,
    "birth": pl.Date,
    "others": _LIST,
    "aliases": _LIST,
}
_COLUMNS: dict[Kind, tuple[str, ...]] = {
    "person_name": ("value", *person.PersonName._fields),
    "company_name": ("value", *company.CompanyName._fields),
    "address": ("value", *address.Address._fields),
    "identity": identity.COLUMNS,
    "phone": phone.COLUMNS,
    "trade_name": ("value", *trade_name.TradeName._fields),
}
# 字号 behind a region that is written in full
_ATTESTED = "SELECT DISTINCT tradename FROM norm.company_name WHERE region <> '' AND NOT guessed AND kind = 'company'"
_SQL_TYPES = {_FLAG: "BOOLEAN", pl.Date: "DATE", _LIST: "VARCHAR[]", _STRING: "VARCHAR"}


def extend(connection: duckdb.DuckDBPyConnection, kind: Kind, query: str, progress: Progress | None = None) -> int:
    """Parse the values of `query` (one VARCHAR column `value`) that `norm.<kind>` lacks; the number parsed.

    `query` is text of our own code, never of a user. `progress` is called with kind, values done and values in all.
    Company names teach each other where regions end, so a new name can change how an earlier one is read: those that
    depend on it are read again. The result depends on the set of all values, not on the order of their coming.
    """
    words = reload()
    prepare(connection)
    _renew(connection, kind, words)
    values = _column(
        connection,
        f"SELECT DISTINCT value FROM ({query}) AS given WHERE value IS NOT NULL "
        f'AND value NOT IN (SELECT value FROM norm."{kind}") ORDER BY value',
    )
    connection.execute("BEGIN")
    try:
        if kind in ("company_name", "trade_name"):
            parsed = _with_learning(connection, kind, values, progress)
        else:
            parsed = 0
            for frame in _frames(kind, values, Learnt()):
                _insert(connection, kind, frame)
                parsed += len(frame)
                if progress:
                    progress(kind, parsed, len(values))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return parsed


def forget_company_names(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    """Drop the company names that the query (one VARCHAR column `value`) does not give, and what they alone taught.

    `query` is text of our own code. What is left reads as if the others had never come. Returns how many were dropped.
    """
    words = reload()
    prepare(connection)
    _renew(connection, "company_name", words)
    stale = f"value NOT IN (SELECT value FROM ({query}) AS given WHERE value IS NOT NULL)"
    connection.execute("BEGIN")
    try:
        attested = set(_column(connection, _ATTESTED))
        ((gone,),) = connection.execute(f"DELETE FROM norm.company_name WHERE {stale}").fetchall()
        if gone:
            held = _column(connection, "SELECT value FROM norm.company_name ORDER BY value")
            learnt = learn(held)
            if _learnt(connection) == learnt:
                # a 字号 that nobody attests any more bears on names that hold it, and on no other
                lost = sorted(attested - set(_column(connection, _ATTESTED)))
                held = _column(
                    connection,
                    "SELECT value FROM norm.company_name WHERE len(list_filter($lost::VARCHAR[], "
                    'lambda word: contains("full", word))) > 0 ORDER BY value',
                    {"lost": lost},
                )
            _replace(connection, held, learnt)
            _reread(connection, learnt)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return int(gone)


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the `norm` tables that are not there."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS norm")
    for kind, columns in _COLUMNS.items():
        fields = ", ".join(f'"{column}" {_SQL_TYPES[_TYPES.get(column, _STRING)]}' for column in columns)
        connection.execute(f'CREATE TABLE IF NOT EXISTS norm."{kind}" ({fields})')
    connection.execute("CREATE TABLE IF NOT EXISTS norm.lexicon (kind VARCHAR, digest VARCHAR)")
    connection.execute("CREATE TABLE IF NOT EXISTS norm.learnt (role VARCHAR, word VARCHAR)")


def _renew(connection: duckdb.DuckDBPyConnection, kind: Kind, words: Lexicon) -> None:
    """Parse again all that the table holds when lexicon or parser have changed since."""
    digest = f"{VERSION}:{words.digest}"
    if kind == "trade_name":
        # what the companies' names have taught counts as lexicon here
        taught = sorted(connection.execute("SELECT role, word FROM norm.learnt").fetchall())
        digest += f":{hashlib.sha256(repr(taught).encode()).hexdigest()[:16]}"
    held = connection.execute("SELECT digest FROM norm.lexicon WHERE kind = $kind", {"kind": kind}).fetchall()
    if held == [(digest,)]:
        return
    connection.execute("BEGIN")
    try:
        values = _column(connection, f'SELECT value FROM norm."{kind}" ORDER BY value')
        connection.execute(f'DELETE FROM norm."{kind}"')
        learnt = learn(values) if kind == "company_name" else _learnt(connection)
        for frame in _frames(kind, values, learnt):
            _insert(connection, kind, frame)
        connection.execute("DELETE FROM norm.lexicon WHERE kind = $kind", {"kind": kind})
        connection.execute("INSERT INTO norm.lexicon VALUES ($kind, $digest)", {"kind": kind, "digest": digest})
        if kind == "company_name":
            connection.execute("DELETE FROM norm.learnt")
            _reread(connection, learnt)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _with_learning(
    connection: duckdb.DuckDBPyConnection, kind: Kind, values: pl.Series, progress: Progress | None
) -> int:
    if kind == "trade_name" or values.is_empty():
        learnt = _learnt(connection)
        for frame in _frames(kind, values, learnt):
            _insert(connection, kind, frame)
        return len(values)
    held = _column(connection, "SELECT value FROM norm.company_name")
    learnt = learn([*held, *values])
    if _learnt(connection) != learnt:
        # other places or trades: any name may read differently now
        connection.execute("DELETE FROM norm.company_name")
        values = pl.concat([held, values]).sort()
    done = 0
    for frame in _frames("company_name", values, learnt):
        _insert(connection, kind, frame)
        done += len(frame)
        if progress:
            progress(kind, done, len(values))
    _reread(connection, learnt)
    return len(values)


def _replace(connection: duckdb.DuckDBPyConnection, values: pl.Series, learnt: Learnt) -> None:
    """Parse these company names again."""
    connection.register("again", pl.DataFrame({"value": values}).to_arrow())
    connection.execute("DELETE FROM norm.company_name WHERE value IN (SELECT value FROM again)")
    connection.unregister("again")
    for frame in _frames("company_name", values, learnt):
        _insert(connection, "company_name", frame)


def _reread(connection: duckdb.DuckDBPyConnection, learnt: Learnt) -> None:
    """Read names with a bare place once more, now that the 字号 behind full regions are known; keep what was learnt."""
    tradenames = frozenset(_column(connection, _ATTESTED))
    whole = replace(learnt, tradenames=tradenames)
    connection.register("attested", pl.DataFrame({"word": sorted(tradenames)}, schema={"word": _STRING}).to_arrow())
    doubtful = _column(
        connection,
        "SELECT value FROM norm.company_name WHERE (guessed AND (region || tradename IN (SELECT word FROM attested) "
        "OR tradename || region IN (SELECT word FROM attested))) "
        "OR (NOT guessed AND region = '' AND kind = 'company' "
        "AND list_contains($places, left(tradename, 2))) ORDER BY value",
        {"places": sorted(learnt.places)},
    )
    connection.unregister("attested")
    _replace(connection, doubtful, whole)
    connection.execute("DELETE FROM norm.learnt")
    roles = {"named": learnt.named, "place": learnt.places, "trade": learnt.trades}
    rows = [(role, word) for role, words in roles.items() for word in sorted(words)]
    if rows:
        frame = pl.DataFrame(rows, schema=["role", "word"], orient="row")
        connection.register("learning", frame.to_arrow())
        connection.execute("INSERT INTO norm.learnt SELECT role, word FROM learning")
        connection.unregister("learning")


def _learnt(connection: duckdb.DuckDBPyConnection) -> Learnt:
    rows = connection.execute("SELECT role, word FROM norm.learnt").fetchall()
    named, places, trades = (frozenset(word for role, word in rows if role == of) for of in ("named", "place", "trade"))
    return Learnt(named, places, trades)


def _column(connection: duckdb.DuckDBPyConnection, query: str, parameters: object = None) -> pl.Series:
    rows = connection.execute(query, parameters).fetchall()
    return pl.Series("value", [row[0] for row in rows], dtype=pl.String)


def _frames(kind: Kind, values: pl.Series, learnt: Learnt) -> Iterator[pl.DataFrame]:
    """The parsed values in batches, with the columns of the table."""
    iterator = iter(values)
    while batch := list(islice(iterator, BATCH)):
        if kind == "identity":
            yield identity.normalise(batch)
        elif kind == "phone":
            yield phone.normalise(batch)
        else:
            columns = _COLUMNS[kind]
            rows = [(value, *_parse(kind, value, learnt)) for value in batch]
            schema = {column: _TYPES.get(column, _STRING) for column in columns}
            yield pl.DataFrame(rows, schema=schema, orient="row")


def _parse(kind: Kind, value: str, learnt: Learnt) -> tuple[object, ...]:
    if kind == "person_name":
        return person.parse(value)
    if kind == "address":
        return address.parse(value)
    if kind == "company_name":
        return company.parse(value, learnt)
    return trade_name.parse(value, learnt)


def _insert(connection: duckdb.DuckDBPyConnection, kind: Kind, frame: pl.DataFrame) -> None:
    columns = ", ".join(f'"{column}"' for column in _COLUMNS[kind])
    connection.register("parsed", frame.to_arrow())
    connection.execute(f'INSERT INTO norm."{kind}" ({columns}) SELECT {columns} FROM parsed')
    connection.unregister("parsed")
