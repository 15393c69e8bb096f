"""Scoring: Splink weighs every pair of profiles that a block brings together."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink import comparison_level_library as levels
from splink.comparison_library import CustomComparison

from resolution.settings import Comparison, Settings
from resolution.weights import frequencies

logging.getLogger("splink").setLevel(logging.ERROR)

# Pairs below this many bits are not worth keeping, not even for review.
LEAST_BITS = -6.0

Scorer = Callable[[duckdb.DuckDBPyConnection, Settings, float], None]
"""Fills `pair` from `blocked`, as `score_pairs` does."""


def block_pairs(connection: duckdb.DuckDBPyConnection, settings: Settings) -> int:
    """Fill `blocked(match_key, join_key_l, join_key_r)`: all candidates, for Splink. Returns how many there are."""
    pairs = find_candidates(connection, settings)
    name_pairs(connection, "candidate")
    return pairs


def find_candidates(connection: duckdb.DuckDBPyConnection, settings: Settings) -> int:
    """Fill `candidate(l, r, block)`: pairs with an equal block, the same anchor or a veto left out.

    `l` and `r` are row ids of `profile`, which must stay as it is while they are used; `l` comes first by `unique_id`.
    Only pairs with at least one profile that is not anchored are made: two anchors are two entities for certain.
    Returns how many pairs there are.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE block_key (block UTINYINT, key UBIGINT, number BIGINT, loose BOOLEAN)"
    )
    loose = " AND ".join(f"{veto} IS NULL" for veto in settings.cluster.vetoes[:1]) or "true"
    for number, block in enumerate(settings.block):
        taken = f", unnest({block.explode}) AS taken" if block.explode else ""
        columns = ["taken" if name == block.explode else f'"{name}"' for name in block.columns]
        given = " AND ".join(f"{c} IS NOT NULL AND {c}::VARCHAR <> ''" if c != '"branch"' else "true" for c in columns)
        where = f" AND ({block.where})" if block.where else ""
        connection.execute(
            f"""INSERT INTO block_key
            WITH held AS MATERIALIZED (SELECT hash({", ".join(columns)}) AS key, number, {loose} AS loose
                FROM (SELECT *, rowid AS number{taken} FROM profile) WHERE {given}{where}),
            shared AS (SELECT key FROM held GROUP BY key
                HAVING count(*) > 1 AND count(*) FILTER (loose) BETWEEN 1 AND {block.max}
                    AND count(*) FILTER (loose) * count(*) <= {block.max * 40})
            SELECT {number}, key, number, loose FROM held SEMI JOIN shared USING (key)"""
        )
    apart = " AND ".join(
        f"(a.{veto} IS NULL OR b.{veto} IS NULL OR a.{veto} = b.{veto})" for veto in settings.cluster.vetoes
    )
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE candidate AS
        WITH pairs AS (
            SELECT least(l.number, r.number) AS one, greatest(l.number, r.number) AS other, min(l.block) AS block
            FROM block_key l JOIN block_key r ON l.block = r.block AND l.key = r.key AND l.number <> r.number
            WHERE l.loose AND (NOT r.loose OR l.number < r.number) GROUP BY 1, 2)
        SELECT CASE WHEN a.unique_id < b.unique_id THEN one ELSE other END AS l,
            CASE WHEN a.unique_id < b.unique_id THEN other ELSE one END AS r, block FROM pairs
        JOIN profile a ON a.rowid = one JOIN profile b ON b.rowid = other
        WHERE {apart} AND (a.anchor IS NULL OR b.anchor IS NULL OR a.anchor <> b.anchor)"""
    )
    connection.execute("DROP TABLE block_key")
    return int(connection.execute("SELECT count(*) FROM candidate").fetchall()[0][0])


def name_pairs(connection: duckdb.DuckDBPyConnection, pairs: str) -> None:
    """Fill `blocked(match_key, join_key_l, join_key_r)`, which Splink reads, from a table like `candidate`."""
    connection.execute(
        f"""CREATE OR REPLACE TABLE blocked AS
        SELECT block::VARCHAR AS match_key, a.unique_id AS join_key_l, b.unique_id AS join_key_r
        FROM {pairs} c JOIN profile a ON a.rowid = c.l JOIN profile b ON b.rowid = c.r"""
    )


def score_pairs(connection: duckdb.DuckDBPyConnection, settings: Settings, population: float) -> None:
    """Fill `pair(l, r, bits, probability, bits_<comparison>…)` from `blocked` with Splink.

    `population` is how many entities of this kind there are; the prior of a pair is one in that many.
    """
    api = DuckDBAPI(connection=connection)
    linker, scored = predict(lambda name: api.register(name, table_name=f"splink_{name}"), settings, population)
    connection.execute(
        f"CREATE OR REPLACE TABLE pair AS SELECT {', '.join(pair_columns(settings))} FROM {scored.physical_name}"
    )
    linker.table_management.delete_tables_created_by_splink_from_db()
    for (name,) in connection.execute(
        "SELECT view_name FROM duckdb_views() WHERE view_name LIKE 'splink\\_%' ESCAPE '\\'"
    ).fetchall():
        connection.execute(f'DROP VIEW IF EXISTS "{name}"')


def predict(registered: Callable[[str], Any], settings: Settings, population: float) -> tuple[Linker, Any]:
    """Splink and its scores of the pairs in `blocked`; `registered` gives it a table of this name in its own engine."""
    linker = Linker(registered("profile"), splink_settings(settings, population), log_level=logging.ERROR)
    for column in frequencies(settings):
        linker.table_management.register_term_frequency_lookup(registered(f"frequency_{column}"), column)
    linker.table_management.register_blocked_pairs_for_predict(registered("blocked"))
    return linker, linker.inference.predict(threshold_match_weight=LEAST_BITS, warning_mode="never")


def pair_columns(settings: Settings) -> list[str]:
    """The columns of `pair`, as SQL over what Splink predicts."""
    weights = [_weight_column(comparison) for comparison in settings.comparison]
    named = ["unique_id_l AS l", "unique_id_r AS r", "match_weight AS bits", "match_probability AS probability"]
    return named + weights


def splink_settings(settings: Settings, population: float, learning: bool = False) -> SettingsCreator:
    """The TOML settings as Splink's, with what depends on the size of the population worked in.

    With `learning`, Splink may not move the figures that the settings keep from training.
    """
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="unique_id",
        probability_two_random_records_match=min(0.5, 1 / population),
        comparisons=[_comparison(c, population, learning) for c in settings.comparison],
        blocking_rules_to_generate_predictions=[block_on("unique_id")],
        retain_intermediate_calculation_columns=True,
        retain_matching_columns=False,
    )


def _comparison(comparison: Comparison, population: float, learning: bool) -> Any:
    made = []
    for level in comparison.level:
        if level.sql == "ELSE":
            custom: Any = levels.ElseLevel()
        else:
            custom = levels.CustomLevel(_sided(level.sql), label_for_charts=level.label)
        if level.nothing:
            made.append(custom.configure(is_null_level=True))
            continue
        u = level.u if level.u is not None else min(0.5, (level.u_holders or 1.0) / population)
        extra: dict[str, Any] = (
            {"tf_adjustment_column": level.frequency, "disable_tf_exact_match_detection": True}
            if level.frequency
            else {}
        )
        if level.frequency:
            u = 0.001
        if learning and not (level.learn and comparison.learn):
            extra |= {"fix_m_probability": True, "fix_u_probability": True}
        made.append(custom.configure(m_probability=level.m, u_probability=u, label_for_charts=level.label, **extra))
    return CustomComparison(made, output_column_name=comparison.name)


def _sided(sql: str) -> str:
    """`l.name` in the settings is Splink's `name_l`."""
    return re.sub(r"\b([lr])\.(\w+)", r"\2_\1", sql)


def _weight_column(comparison: Comparison) -> str:
    tf = f" + coalesce(mw_tf_adj_{comparison.name}, 0)" if any(level.frequency for level in comparison.level) else ""
    return f"mw_{comparison.name}{tf} AS bits_{comparison.name}"
