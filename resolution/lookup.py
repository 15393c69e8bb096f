"""The look-up file: what `match` asks, beside the workspace's DuckDB, so that neither waits for the other.

It is a DuckDB file of its own (`match-….duckdb`, mode 0600), made from the resolved tables when they have changed and
put in place in one step; who reads the former one goes on reading it. Blocks of the settings are keys here: hashes
in an indexed column, so a question costs index look-ups, whatever the size of the population.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import duckdb

from resolution.normalise.region import Learnt
from resolution.reading import Reader
from resolution.settings import KINDS, Block, Kind, Settings, read_settings
from resolution.weights import population, with_frequencies
from resolution.workspace import Workspace

VERSION = "3"  # raise when the file is made otherwise
BETWEEN = "\x1f"
MAY_BE_EMPTY = "branch"  # no branch is the head office
LOWER: Final = slice(8, 16)
ORDER: Final = "little"
HOLDERS = 100  # of a value that is looked up whatever its frequency (a name), so many are kept
UNASKED = frozenset({"context", "context_near", "pool", "rare_name", "adult_by"})
"""Attributes that come from the rows beside a mention: a question has none of them."""
ALWAYS: dict[Kind, tuple[tuple[str, ...], ...]] = {
    "person": (("name",),),
    "company": (("name",), ("core",)),
    "trade_name": (("registration_number",), ("name",), ("core",), ("pinyin",)),
    "property": (("certificate",), ("address",), ("place",)),
}
FACTS: dict[Kind, str] = {
    "person": """sex, CAST(birth_date AS VARCHAR) AS birth, CASE WHEN id_number IS NOT NULL
        THEN left(id_number, 4) || repeat('*', 10) || right(id_number, 4) END AS number""",
    "company": "NULL::VARCHAR AS sex, region AS birth, credit_code AS number",
    "trade_name": "NULL::VARCHAR AS sex, NULL::VARCHAR AS birth, registration_number AS number",
    "property": "NULL::VARCHAR AS sex, NULL::VARCHAR AS birth, array_to_string(certificates[:3], '、') AS number",
}


def current(workspace: Workspace) -> Path | None:
    """The look-up file in place; None before the first was made."""
    files = sorted(workspace.home.glob("match-*.duckdb"), key=lambda file: file.stat().st_mtime_ns)
    return files[-1] if files else None


def opened(file: Path) -> duckdb.DuckDBPyConnection:
    """A look-up file, to read: bounded to itself, and to one thread, for a question is too small a work to share."""
    bounds: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "enable_external_access": False,
        "lock_configuration": True,
    }
    return duckdb.connect(str(file), read_only=True, config=bounds)


def blocks(settings: Settings) -> list[Block]:
    """The blocks that a question can use: those of the settings on what it may tell, and those that always are."""
    own = [block for block in settings.block if not (block.where or UNASKED & set(block.columns))]
    return own + [
        Block(columns=list(columns), max=HOLDERS, explode=None, where=None) for columns in ALWAYS[settings.kind]
    ]


def key_columns(settings: Settings) -> list[str]:
    """SQL of the key of each block over a profile; NULL where one of the block's columns is not given."""
    made = []
    for number, block in enumerate(blocks(settings)):
        columns = [f'"{column}"::VARCHAR' for column in block.columns]
        given = " AND ".join(
            f"{sql} <> ''" if column != MAY_BE_EMPTY else f"{sql} IS NOT NULL"
            for column, sql in zip(block.columns, columns, strict=True)
        )
        text = f"concat_ws('{BETWEEN}', {number}, {', '.join(columns)})"
        made.append(f"CASE WHEN {given} THEN (md5_number_lower({text}) >> 1)::BIGINT END")
    return made


def keys(settings: Settings, profile: Mapping[str, Any]) -> list[int]:
    """The same keys of a question, without a query."""
    made = []
    for number, block in enumerate(blocks(settings)):
        values = [profile.get(column) for column in block.columns]
        if any(
            value is None or (value == "" and column != MAY_BE_EMPTY)
            for column, value in zip(block.columns, values, strict=True)
        ):
            continue
        text = BETWEEN.join(map(str, [number, *values]))
        digest = hashlib.md5(text.encode(), usedforsecurity=False).digest()
        made.append(int.from_bytes(digest[LOWER], ORDER) >> 1)
    return made


def fingerprint(connection: duckdb.DuckDBPyConnection) -> str:
    """Says whether the resolved tables, or the settings, are still those that a look-up file was made from."""
    found = connection.execute(
        """SELECT count(*), bit_xor(hash(mention_id, entity_id)), (SELECT count(*) FROM mention_text),
        (SELECT bit_xor(hash(name, id, address, phone)) FROM mention_text) FROM entity_of"""
    ).fetchall()[0]
    settings = hash_of([read_settings(kind).model_dump_json() for kind in KINDS])
    return f"{VERSION}:{settings}:{found}"


def hash_of(texts: list[str]) -> str:
    """A short digest of texts."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def build(reader: Reader) -> Path:
    """Make the look-up file when it is not there or no longer fits; its path. Raises WorkspaceBusy, NotResolved."""
    home = reader.workspace.home
    with reader.cursor() as source:
        # the name says what the file was made from: DuckDB would give a file replaced under its name from memory
        target = home / f"match-{hash_of([fingerprint(source)])}.duckdb"
        if target.exists():
            return target
        fresh = home / f".match.{os.getpid()}.duckdb"
        for leftover in home.glob(".match.*.duckdb*"):
            leftover.unlink(missing_ok=True)
        made = duckdb.connect(str(fresh))
        try:
            fresh.chmod(0o600)
            for kind in KINDS:
                _copy(source, made, read_settings(kind))
            _copy_taught(source, made)
            made.execute("CHECKPOINT")
        except BaseException:
            made.close()
            fresh.unlink(missing_ok=True)
            raise
        made.close()
    fresh.replace(target)
    for former in home.glob("match-*.duckdb"):
        if former != target:
            former.unlink(missing_ok=True)  # who reads it goes on reading it
    return target


def _copy(source: duckdb.DuckDBPyConnection, made: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    kind = settings.kind
    rows = f"""SELECT row_number() OVER (ORDER BY p.unique_id) AS number,
            p.* REPLACE (NULL::VARCHAR[] AS context, NULL::VARCHAR[] AS context_near),
            e.entity_id FROM {with_frequencies(settings, f"{kind}_profile")} p
        JOIN (SELECT f.unique_id, any_value(e.entity_id) AS entity_id FROM {kind}_profile_of f
            JOIN entity_of e USING (mention_id) GROUP BY f.unique_id) e
            ON e.unique_id = replace(p.unique_id, 'former:', '')"""
    _transfer(source, made, f"{kind}_row", rows)
    made.execute(f"CREATE INDEX {kind}_row_number ON {kind}_row (number)")
    kept = []
    for block, key in zip(blocks(settings), key_columns(settings), strict=True):
        # of a name that many bear some rows suffice; elsewhere a frequent value says nothing
        limit = (
            f"row_number() OVER (PARTITION BY key ORDER BY number) <= {HOLDERS}"
            if tuple(block.columns) in ALWAYS[kind]
            else f"count(*) OVER (PARTITION BY key) <= {block.max}"
        )
        kept.append(
            f"SELECT key, number FROM (SELECT {key} AS key, number FROM {kind}_row)"
            f" WHERE key IS NOT NULL QUALIFY {limit}"
        )
    made.execute(
        f"CREATE TABLE {kind}_key AS SELECT DISTINCT key, number FROM ({' UNION ALL '.join(kept)}) ORDER BY key"
    )
    made.execute(f"CREATE INDEX {kind}_key_key ON {kind}_key (key)")
    _transfer(
        source,
        made,
        f"{kind}_entity",
        f"""SELECT x.entity_id, x.name, x.names, {FACTS[kind]}, s.place AS district, s.mentions
        FROM {kind}_entities x JOIN (
            SELECT e.entity_id, count(*) AS mentions, mode(p.district ORDER BY p.district) AS place FROM entity_of e
            JOIN {kind}_profile_of USING (mention_id) JOIN {_placed(kind)} p USING (unique_id) GROUP BY e.entity_id
        ) s USING (entity_id) ORDER BY x.name""",
    )
    made.execute(f"CREATE INDEX {kind}_entity_id ON {kind}_entity (entity_id)")
    made.execute("CREATE TABLE IF NOT EXISTS population (kind VARCHAR, entities DOUBLE)")
    made.execute("INSERT INTO population VALUES (?, ?)", [kind, population(source, kind)])


def _placed(kind: Kind) -> str:
    if kind == "trade_name":
        return "(SELECT unique_id, NULL::VARCHAR AS district FROM trade_name_profile)"
    return f"{kind}_profile"


def _copy_taught(source: duckdb.DuckDBPyConnection, made: duckdb.DuckDBPyConnection) -> None:
    """What company names have taught, how many bear a name, and phones that are too common to say anything."""
    _transfer(source, made, "learnt", "SELECT role, word FROM norm.learnt")
    _transfer(
        source,
        made,
        "attested",
        "SELECT DISTINCT tradename AS word FROM norm.company_name"
        " WHERE region <> '' AND NOT guessed AND kind = 'company' AND tradename IS NOT NULL",
    )
    _transfer(
        source, made, "name_bearers", "SELECT name, bearers FROM frequency_name WHERE name IS NOT NULL ORDER BY name"
    )
    made.execute("CREATE INDEX name_bearers_name ON name_bearers (name)")
    for kind in ("person", "company"):
        _transfer(
            source,
            made,
            f"{kind}_hot_phone",
            f"""SELECT DISTINCT p.canonical AS phone FROM mention_text t JOIN mentions m USING (mention_id)
            JOIN norm.phone p ON p.value = t.phone WHERE m.kind = '{kind}' AND p.canonical IS NOT NULL
                AND NOT p.placeholder AND p.canonical NOT IN (
                    SELECT phone FROM {kind}_profile WHERE phone IS NOT NULL)""",
        )


def _transfer(source: duckdb.DuckDBPyConnection, made: duckdb.DuckDBPyConnection, table: str, query: str) -> None:
    """A query of one database as a table of another, batch by batch."""
    made.register("coming", source.sql(query).to_arrow_reader(100_000))
    made.execute(f"CREATE TABLE {table} AS SELECT * FROM coming")
    made.unregister("coming")


def learnt(connection: duckdb.DuckDBPyConnection) -> tuple[Learnt, frozenset[str]]:
    """What company names have taught."""
    rows = connection.execute("SELECT role, word FROM learnt").fetchall()
    named, places, trades = (frozenset(word for role, word in rows if role == of) for of in ("named", "place", "trade"))
    attested = frozenset(word for (word,) in connection.execute("SELECT word FROM attested").fetchall())
    return Learnt(named, places, trades), attested
