"""How often rows of one entity look alike (m), estimated from rows of which nobody knows whose they are.

Splink's expectation maximisation: rows that share a block are taken for one entity as far as the figures in force say
so, m is counted from them, and again, until it stands still. u is not touched. A comparison that looks at what the
rows were brought together by would always agree: it is estimated under the other blocks.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
from splink import DuckDBAPI, Linker

from resolution.link import splink_settings
from resolution.settings import Block, Comparison, Kind, Settings
from resolution.weights import columns_of, frequencies, level_columns

LEAST_MATCHES = 500
"""Pairs of one entity, as estimated, that a block must bring together to be learnt from."""
MOST_ROWS = 1_000_000
MOST_PAIRS = 1_000_000
"""Pairs of one block: whole values of it are left out beyond."""
MOST_ROUNDS = 100


class NotEstimated(Exception):
    """Expectation maximisation gives no figure that can be relied on; the message says why and what to do."""


@dataclass(frozen=True)
class Expected:
    """m of each level of each comparison (None where it is not learnt), and from how much it was learnt.

    `told` are the pairs of one entity, as estimated, in which both sides tell what a comparison looks at; `same` are
    all of them. Blocks overlap, so both are of the block that brings most together. `blocks` are those learnt from.
    """

    m: list[list[float | None]]
    told: list[int]
    same: int
    blocks: tuple[str, ...]


@dataclass(frozen=True)
class _Session:
    """What one block says: the estimated pairs of one entity, and by comparison m and in how many pairs it is told.

    `restless` where the figures did not come to rest; then they are of no use.
    """

    block: str
    restless: bool
    matches: float
    m: dict[str, list[float | None]]
    told: dict[str, float]


def rows(kind: Kind) -> str:
    """All rows: one for each agency dataset and way to describe the entity, with a number or without."""
    return f"""WITH described AS (
            SELECT DISTINCT m.dataset, f.unique_id FROM {kind}_profile_of f JOIN mentions m USING (mention_id))
        SELECT p.* REPLACE (d.dataset || '/' || p.unique_id AS unique_id)
        FROM described d JOIN {kind}_profile p USING (unique_id) ORDER BY md5(p.unique_id), 1 LIMIT {MOST_ROWS}"""


def expected(memory: duckdb.DuckDBPyConnection, settings: Settings, entities: float) -> Expected:
    """m from the table `row` (see `rows`), with the tables of frequencies beside it. Raises NotEstimated."""
    blocks = list(_usable(settings))
    _keys(memory, settings, blocks)
    api = DuckDBAPI(connection=memory)
    creator = splink_settings(settings, entities, learning=True)
    creator.max_iterations = MOST_ROUNDS
    linker = Linker(api.register("keyed", table_name="splink_keyed"), creator, log_level=logging.ERROR)
    for name in frequencies(settings):
        table = api.register(f"frequency_{name}", table_name=f"splink_keyed_{name}")
        linker.table_management.register_term_frequency_lookup(table, name)
    tried = [_session(memory, linker, settings, number, block) for number, block in enumerate(blocks)]
    sessions = [each for each in tried if each and not each.restless and each.matches >= LEAST_MATCHES]
    learnt = [comparison for comparison in settings.comparison if _may_learn(comparison)]
    if missing := [each.title for each in learnt if not any(each.name in session.m for session in sessions)]:
        restless = ", ".join(each.block for each in tried if each and each.restless)
        raise NotEstimated(
            f"{settings.kind}: expectation maximisation cannot estimate {'、'.join(missing)}: no block that leaves it"
            f" free brings {LEAST_MATCHES:,} pairs of one entity together"
            + (f" and comes to rest in {MOST_ROUNDS} rounds ({restless} did not)" if restless else "")
            + ". Load more, add a [[block]] on other columns, or set `learn = false` there"
        )
    m: list[list[float | None]] = []
    told = []
    for comparison in settings.comparison:
        heard = [session for session in sessions if comparison.name in session.m]
        told.append(round(max((session.told[comparison.name] for session in heard), default=0.0)))
        m.append([_mean(heard, comparison.name, number) for number in range(len(comparison.level))])
    same = round(max((session.matches for session in sessions), default=0.0))
    return Expected(m, told, same, tuple(session.block for session in sessions))


def _mean(sessions: list[_Session], comparison: str, level: int) -> float | None:
    """m over all blocks, each counting as much as it has pairs; a level that a block never showed counts as 0."""
    told = sum(session.told[comparison] for session in sessions)
    if not told:
        return None
    return sum((session.m[comparison][level] or 0.0) * session.told[comparison] for session in sessions) / told


def _may_learn(comparison: Comparison) -> bool:
    return comparison.learn and any(level.learn and not level.nothing for level in comparison.level)


def _usable(settings: Settings) -> Iterator[Block]:
    """Blocks by columns that comparisons look at: what a block fixes must not pass for evidence.

    A tail of the number that rows were brought together by would make masked numbers fit.
    """
    looked_at = {name for comparison in settings.comparison for name in columns_of(comparison)}
    for block in settings.block:
        fixed = set(block.columns) - set(settings.cluster.vetoes)
        if fixed and fixed <= looked_at and not block.explode and not block.where:
            yield block


def _keys(memory: duckdb.DuckDBPyConnection, settings: Settings, blocks: list[Block]) -> None:
    """`keyed`: the rows with a key for each block, NULL for values with too many rows, and the vetoes once more.

    The vetoes are there under names that no comparison uses, for Splink leaves out comparisons of columns named.
    """
    keys = []
    for number, block in enumerate(blocks):
        columns = ", ".join(f'"{name}"' for name in block.columns)
        filled = " AND ".join(
            f'"{name}" IS NOT NULL AND "{name}"::VARCHAR <> \'\''
            for name in block.columns
            if name not in settings.cluster.vetoes
        )
        held = f"count(*) OVER (PARTITION BY {columns})"
        keys.append(f"CASE WHEN {filled} AND {held} BETWEEN 2 AND {block.max} THEN hash({columns}) END AS key_{number}")
    vetoes = "".join(f', "{veto}" AS veto_{number}' for number, veto in enumerate(settings.cluster.vetoes))
    memory.execute(f"CREATE TABLE held AS SELECT *, {', '.join(keys)}{vetoes}, anchor AS bearer FROM row")
    kept = []
    for number in range(len(blocks)):
        memory.execute(
            f"""CREATE TABLE kept_{number} AS SELECT key FROM (
                SELECT key_{number} AS key, sum(count(*) * (count(*) - 1) // 2) OVER (ORDER BY key_{number}) AS pairs
                FROM held WHERE key_{number} IS NOT NULL GROUP BY 1) WHERE pairs <= {MOST_PAIRS}"""
        )
        found = f"key_{number} IN (SELECT key FROM kept_{number})"
        kept.append(f"CASE WHEN {found} THEN key_{number} END AS key_{number}")
    memory.execute(f"CREATE TABLE keyed AS SELECT * REPLACE ({', '.join(kept)}) FROM held; DROP TABLE held")


def _session(
    memory: duckdb.DuckDBPyConnection, linker: Linker, settings: Settings, number: int, block: Block
) -> _Session | None:
    """One block's estimate; None where it brings too few rows together."""
    together = _together(settings, number, block)
    pairs, told = _told(memory, settings, together)
    if pairs < LEAST_MATCHES:
        return None
    session = linker.training.estimate_parameters_using_expectation_maximisation(together)
    restless = len(session._core_model_settings_history) > MOST_ROUNDS
    model = session.core_model_settings
    share = model.probability_two_random_records_match
    m: dict[str, list[float | None]] = {
        comparison.output_column_name: [
            level._m_probability if isinstance(level._m_probability, float) else None
            for level in comparison.comparison_levels
        ]
        for comparison in model.comparisons
    }
    return _Session("+".join(block.columns), restless, share * pairs, m, {name: share * told[name] for name in m})


def _together(settings: Settings, number: int, block: Block) -> str:
    """Rows of one block, but for two numbers: those are two for certain, and are never weighed."""
    equal = [f'l."{name}" = r."{name}"' for name in block.columns if name not in settings.cluster.vetoes]
    apart = ["bearer", *(f"veto_{veto}" for veto in range(len(settings.cluster.vetoes)))]
    free = [f"(l.{name} IS NULL OR r.{name} IS NULL OR l.{name} = r.{name})" for name in apart]
    return " AND ".join([*equal, f"l.key_{number} = r.key_{number}", *free])


def _told(memory: duckdb.DuckDBPyConnection, settings: Settings, together: str) -> tuple[int, dict[str, int]]:
    """How many pairs there are, and by comparison in how many of them both sides tell what it looks at."""
    counted = "".join(f", NULL::DOUBLE AS tf_{name}" for name in frequencies(settings))
    told = {
        comparison.name: ", ".join(str(i) for i, level in enumerate(comparison.level) if level.nothing) or "-1"
        for comparison in settings.comparison
    }
    counts = ", ".join(f"count(*) FILTER (level_{name} NOT IN ({nothing}))" for name, nothing in told.items())
    side = f"(SELECT *{counted} FROM keyed)"
    found = memory.execute(
        f"""SELECT count(*), {counts} FROM (SELECT {level_columns(settings)}
            FROM {side} l JOIN {side} r ON {together} AND l.unique_id < r.unique_id)"""
    ).fetchall()[0]
    return found[0], dict(zip(told, found[1:], strict=True))
