"""How good the resolution is, against a known truth and beside plain joins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from pyarrow import csv

from resolution.baseline import NUMBER, RULES, join_rules
from resolution.cluster import cluster, weigh_candidates
from resolution.settings import KINDS, Kind, Settings, read_settings
from resolution.weights import level_columns, with_frequencies
from resolution.workspace import Workspace


class EvaluationError(Exception):
    """There is nothing to evaluate; the message says what to do."""


def evaluate(workspace: Workspace, truth: Path) -> dict[str, Any]:
    """Pair and B-cubed precision, recall and F1 by kind, and of pairs with a mention that has no number.

    `truth` is a folder with `mentions.csv` (dataset, record_id, role, entity_id). Mentions that were rejected at
    intake count as not found. Beside `resolution` stand `exact_number` and `eight_rules` (see `baseline`).
    """
    path = truth / "mentions.csv"
    if not path.exists():
        raise EvaluationError(f"{path} is not there; give the truth folder that `cluegraph generate` wrote")
    connection = workspace.connect()
    try:
        table = csv.read_csv(path, convert_options=csv.ConvertOptions(column_types=dict.fromkeys(
            ("dataset", "record_id", "role", "entity_id"), "string")))  # fmt: skip
        connection.register("truth_file", table)
        connection.execute(
            """CREATE OR REPLACE TEMP TABLE answer AS
            SELECT (hash(dataset || '/' || record_id || '/' || role) >> 1)::BIGINT AS mention_id, entity_id
                AS truth FROM truth_file"""
        )
        report: dict[str, Any] = {}
        for kind in KINDS:
            report[kind] = {
                "resolution": _measure(connection, kind, "SELECT mention_id, entity_id AS label FROM entity_of")
            }
            if kind in RULES:
                for name, rules in {"exact_number": [[NUMBER[kind]]], "eight_rules": RULES[kind]}.items():
                    join_rules(connection, kind, rules)
                    report[kind][name] = _measure(connection, kind, "FROM baseline_of")
                report[kind] |= _ablation(connection, kind)
        return report
    finally:
        connection.close()


def _ablation(connection: duckdb.DuckDBPyConnection, kind: Kind) -> dict[str, Any]:
    """The same scored pairs with parts of the resolution left out: what each part adds."""
    settings = read_settings(kind)
    free = settings.model_copy(update={"cluster": settings.cluster.model_copy(update={"vetoes": []})})
    _find_rarity(connection, settings)
    report = {}
    for name, vetoes, rivals, left_out in (
        ("splink", False, False, "bits_context"),
        ("splink_vetoes", True, False, "bits_context"),
        ("splink_vetoes_rivals", True, True, "bits_context"),
        ("splink_vetoes_context", True, False, "0"),
        ("without_vetoes", False, True, "0"),
        ("without_frequency", True, True, "bits_rarity"),
        ("without_address", True, True, "bits_address"),
    ):
        connection.execute(f"CREATE OR REPLACE TEMP VIEW profile AS FROM {kind}_profile")
        connection.execute(
            f"""CREATE OR REPLACE TEMP VIEW pair AS
            SELECT l, r, bits - {left_out} AS bits FROM {kind}_pair JOIN rarity USING (l, r)"""
        )
        weigh_candidates(connection, settings, rivals=rivals)
        cluster(connection, settings if vetoes else free)
        labels = f"SELECT mention_id, cluster AS label FROM {kind}_profile_of JOIN clustered USING (unique_id)"
        report[name] = _measure(connection, kind, labels)
    return report


def _find_rarity(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Fill `rarity(l, r, bits_rarity)`: what the rarity of equal values adds, beside every value being as common."""
    added = ["0.0"]
    for comparison in settings.comparison:
        for number, level in enumerate(comparison.level):
            if level.frequency:
                tf = f"tf_{level.frequency}"
                # how often two records agree on it by chance
                even = f"(SELECT sum({tf} * {tf}) / sum({tf}) FROM frequency_{level.frequency})"
                worth = f"coalesce(log2({even} / shared_{level.frequency}), 0)"
                added.append(f"CASE level_{comparison.name} WHEN {number} THEN {worth} ELSE 0 END")
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE rarity AS
        WITH side AS MATERIALIZED (FROM {with_frequencies(settings, f"{settings.kind}_profile")}),
        levelled AS (SELECT p.l AS left_id, p.r AS right_id, {level_columns(settings)} FROM {settings.kind}_pair p
            JOIN side l ON l.unique_id = p.l JOIN side r ON r.unique_id = p.r)
        SELECT left_id AS l, right_id AS r, {" + ".join(added)} AS bits_rarity FROM levelled"""
    )


def _measure(connection: duckdb.DuckDBPyConnection, kind: str, labels: str) -> dict[str, float]:
    """Scores of one labelling; a mention without a label is alone."""
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE judged AS
        SELECT a.mention_id, a.truth, coalesce(l.label::VARCHAR, 'alone:' || a.mention_id) AS label,
            coalesce(i.kind, 'empty') IN ('empty', 'placeholder', 'damaged')
                AND t.declared NOT IN ('property', 'trade_name') AS unnumbered
        FROM answer a JOIN mentions m USING (mention_id) JOIN mention_text t USING (mention_id)
        LEFT JOIN norm.identity i ON i.value = t.id LEFT JOIN ({labels}) l USING (mention_id) WHERE m.kind = ?""",
        [kind],
    )
    everything = _pairs(connection, "true")
    numbered = _pairs(connection, "NOT unnumbered")
    apart = tuple(x - y for x, y in zip(everything, numbered, strict=True))
    mentions, precision, recall = connection.execute(
        """WITH cell AS (SELECT label, truth, count(*)::DOUBLE AS n FROM judged GROUP BY ALL),
        row AS (SELECT label, sum(n) AS n FROM cell GROUP BY 1), col AS (SELECT truth, sum(n) AS n FROM cell GROUP BY 1)
        SELECT sum(cell.n), sum(cell.n * cell.n / row.n) / sum(cell.n), sum(cell.n * cell.n / col.n) / sum(cell.n)
        FROM cell JOIN row USING (label) JOIN col USING (truth)"""
    ).fetchall()[0]
    scores = {"mentions": int(mentions or 0), **_scores(*everything)}
    scores |= {f"bcubed_{k}": v for k, v in _named(precision or 0.0, recall or 0.0).items()}
    scores |= {f"unnumbered_{k}": v for k, v in _scores(*apart).items()}
    return scores


def _pairs(connection: duckdb.DuckDBPyConnection, where: str) -> tuple[float, float, float]:
    """Pairs right, said, and true."""
    right, said, true = connection.execute(
        f"""WITH cell AS (SELECT label, truth, count(*)::DOUBLE AS n FROM judged WHERE {where} GROUP BY ALL)
        SELECT (SELECT sum(n * (n - 1) / 2) FROM cell),
            (SELECT sum(n * (n - 1) / 2) FROM (SELECT sum(n) AS n FROM cell GROUP BY label)),
            (SELECT sum(n * (n - 1) / 2) FROM (SELECT sum(n) AS n FROM cell GROUP BY truth))"""
    ).fetchall()[0]
    return right or 0.0, said or 0.0, true or 0.0


def _scores(right: float, said: float, true: float) -> dict[str, float]:
    return _named(right / said if said else 1.0, right / true if true else 1.0)


def _named(precision: float, recall: float) -> dict[str, float]:
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}
