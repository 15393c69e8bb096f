"""What follows from rows rather than stands in them: which trades a mark reaches, which companies are named like it."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from importlib.resources import files

import duckdb
import pyarrow as pa

from graph.draft import Draft, quoted, staged
from resolution.normalise.tables import extend
from resolution.source import Source

MARKS, COMPANIES = "trademarks", "companies"
"""The datasets whose names are parsed: 商标名称 and 企业名称."""


def normalise(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    """See to it that the names of marks and companies are parsed."""
    for source in sources:
        if source.name == MARKS:
            extend(connection, "trade_name", f'SELECT DISTINCT "markName" AS value FROM {staged(source)}')
        elif source.name == COMPANIES:
            extend(connection, "company_name", f'SELECT DISTINCT "companyName" AS value FROM {staged(source)}')
    connection.register("nice_trades", _nice_trades())
    connection.execute("CREATE OR REPLACE TEMP TABLE nice_classes AS FROM nice_trades")
    connection.unregister("nice_trades")


def _nice_trades() -> pa.Table:
    """International class → 行业 that it reaches, from `cypher/lookups/nice_classes.toml`."""
    lookup = tomllib.loads(files("cypher").joinpath("lookups/nice_classes.toml").read_text(encoding="utf-8"))
    rows = [{"class": int(number), "trade": trade} for number, trades in lookup["trades"].items() for trade in trades]
    return pa.Table.from_pylist(rows, pa.schema({"class": pa.int64(), "trade": pa.string()}))


def fact_columns(source: Source) -> tuple[list[str], str]:
    """Columns that the source's facts get beside their own, and the joins that these need."""
    if source.name == MARKS:
        trades = (
            "(SELECT list_sort(list_distinct(list(c.trade))) FROM nice_classes c WHERE list_contains("
            "list_transform(regexp_extract_all(s.\"niceClass\", '[0-9]+'), lambda n: n::BIGINT), c.class)) AS trades"
        )
        return ['n.pinyin AS "markPinyin"', trades], 'LEFT JOIN norm.trade_name n ON n.value = s."markName"'
    if source.name == COMPANIES:
        return (
            [
                "nullif(n.tradename, '') AS \"tradeName\"",
                "nullif(n.pinyin, '') AS \"tradeNamePinyin\"",
                "nullif(n.trade, '') AS trade",
            ],
            'LEFT JOIN norm.company_name n ON n.value = s."companyName"',
        )
    return [], ""


def resemblances(draft: Draft) -> None:
    """Company registration → trademark whose mark its 字号 is, contains, or sounds like.

    A mark longer than the 字号 as parsed (老马牛肉面 before 老马 + 牛肉面) is looked for at the start of the name
    without region and legal form. Marks of one character are only compared whole: too many names contain them.
    Dates, trades and owners are the model's business.
    """
    loaded = {source.name for source in draft.sources}
    if not {MARKS, COMPANIES} <= loaded:
        return
    draft.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE marks AS
        SELECT s."recordId" AS record, coalesce(nullif(n.core, ''), n."full") AS mark, n.pinyin
        FROM staged.{quoted(MARKS)} s JOIN norm.trade_name n ON n.value = s."markName"
    """)
    draft.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE styles AS
        SELECT s."recordId" AS record, n.tradename, n.core, n.pinyin
        FROM staged.{quoted(COMPANIES)} s JOIN norm.company_name n ON n.value = s."companyName"
        WHERE n.tradename <> ''
    """)
    draft.add_relationships(f"""
        WITH parts AS (
            SELECT DISTINCT tradename, tradename[i:j] AS part
            FROM (SELECT DISTINCT tradename FROM styles),
                 range(1, 20) starts(i), range(2, 20) ends(j)
            WHERE i < j AND j <= length(tradename)
        ), heads AS (
            SELECT DISTINCT core, core[:n] AS head
            FROM (SELECT DISTINCT core, tradename FROM styles), range(2, 12) lengths(n)
            WHERE n > length(tradename) AND n <= length(core)
        ), found AS (
            SELECT s.record AS company, m.record AS mark, 'same' AS match, 1 AS rank
            FROM styles s JOIN marks m ON m.mark = s.tradename
            UNION ALL
            SELECT s.record, m.record, 'contains', 2
            FROM styles s JOIN parts p ON p.tradename = s.tradename JOIN marks m ON m.mark = p.part
            UNION ALL
            SELECT s.record, m.record, CASE WHEN m.mark = s.core THEN 'same' ELSE 'contains' END, 2
            FROM styles s JOIN heads h ON h.core = s.core JOIN marks m ON m.mark = h.head
            UNION ALL
            SELECT s.record, m.record, 'sameSound', 3
            FROM styles s JOIN marks m ON m.pinyin = s.pinyin AND length(m.mark) = length(s.tradename)
            WHERE s.pinyin <> ''
        )
        SELECT 'RESEMBLES' AS type, 'Fact' AS from_general, '{COMPANIES}/' || company AS from_key,
               'Fact' AS to_general, '{MARKS}/' || mark AS to_key, arg_min(match, rank) AS match
        FROM found GROUP BY company, mark
    """)


STEPS = (resemblances,)
