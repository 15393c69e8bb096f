"""Conditions of the settings, written for DuckDB, as Spark SQL that says the same of every pair.

What is not known to mean the same on both is refused: an entity must not depend on where its pairs were scored.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from resolution.settings import Settings, SettingsError

FUNCTIONS = (
    # DuckDB counts the bytes that differ, two hexadecimal digits each
    """CREATE OR REPLACE TEMPORARY FUNCTION hamming(a STRING, b STRING) RETURNS INT RETURN aggregate(
        zip_with(regexp_extract_all(hex(a), '..', 0), regexp_extract_all(hex(b), '..', 0),
            (x, y) -> CAST(x <> y AS INT)), 0, (n, x) -> n + x)""",
)
"""What Spark lacks, as statements that a session runs before anything is scored."""

_SAME = (
    exp.Column, exp.Identifier, exp.Literal, exp.Null, exp.Boolean, exp.Paren, exp.And, exp.Or, exp.Not,
    exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Is, exp.In, exp.Between, exp.NullSafeEQ, exp.NullSafeNEQ,
    exp.Case, exp.If, exp.Coalesce, exp.Least, exp.Greatest, exp.Abs, exp.Add, exp.Sub, exp.Neg,
    exp.Cast, exp.DataType, exp.Interval, exp.Var, exp.Year, exp.Month, exp.Day,
    exp.Length, exp.StartsWith, exp.EndsWith, exp.Contains, exp.ArrayContains, exp.ArrayOverlaps,
)  # fmt: skip


def translated(settings: Settings, lists: Collection[str]) -> Settings:
    """The settings with every condition in Spark SQL; `lists` are the attributes that hold lists.

    Raises SettingsError, which names the level and what in it Spark may see differently.
    """
    comparisons = []
    for comparison in settings.comparison:
        levels = []
        for level in comparison.level:
            where = f"settings/{settings.kind}.toml: comparison {comparison.name}, level {level.label}"
            sql = level.sql if level.sql == "ELSE" else _condition(level.sql, lists, where)
            levels.append(level.model_copy(update={"sql": sql}))
        comparisons.append(comparison.model_copy(update={"level": levels}))
    return settings.model_copy(update={"comparison": comparisons})


def _condition(sql: str, lists: Collection[str], where: str) -> str:
    try:
        tree = sqlglot.parse_one(sql, read="duckdb")
    except SqlglotError as error:
        raise SettingsError(f"{where}: the condition cannot be read; mend it, or resolve with DuckDB") from error
    for node in tree.walk():
        if not (isinstance(node, _SAME) or _is_hamming(node)) or (isinstance(node, exp.Cast) and not _is_plain(node)):
            raise SettingsError(
                f"{where}: {node.sql('duckdb')} may mean something else on Spark;"
                " say it with what the shipped settings use, or resolve without --backend spark"
            )
    return tree.transform(lambda node: _in_spark(node, lists)).sql("spark")


def _in_spark(node: exp.Expr, lists: Collection[str]) -> exp.Expr:
    """The node as Spark has it, where sqlglot alone would put something that Spark has not or takes for another."""
    if isinstance(node, exp.ArrayOverlaps):
        return _call("arrays_overlap", _full(node.this), _full(node.expression))
    if isinstance(node, exp.ArrayContains) or (isinstance(node, exp.Contains) and _is_list(node.this, lists)):
        return _call("array_contains", _full(node.this), node.expression)
    if isinstance(node, exp.Length) and _is_list(node.this, lists):
        return _call("array_size", node.this)
    return node


def _call(function: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=function, expressions=list(arguments))


def _full(values: exp.Expr) -> exp.Expr:
    """The list without its empty places, which make Spark, and not DuckDB, unsure what is in it."""
    return _call("array_compact", values)


def _is_list(node: exp.Expr, lists: Collection[str]) -> bool:
    return isinstance(node, exp.Column) and node.name in lists


def _is_hamming(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.lower() == "hamming"


def _is_plain(cast: exp.Cast) -> bool:
    """Whether a condition is counted as 0 or 1, or a date is written out: other values are cast differently."""
    inner = cast.this.unnest()
    if cast.to.is_type("int"):
        return isinstance(inner, (exp.Predicate, exp.Connector, exp.Not))
    return cast.to.is_type("date") and isinstance(inner, exp.Literal)
