"""What resolution is measured against: plain joins with union-find on the same prepared columns."""

from __future__ import annotations

import duckdb
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

# Columns that make two records one, as in the 8-rule engine that Splink was first measured against.
RULES: dict[str, list[list[str]]] = {
    "person": [
        ["id_given"], ["name", "birth"], ["name", "phone"], ["name", "address"],
        ["name", "id_tail", "id_prefix"], ["pinyin", "birth"], ["pinyin", "phone"], ["pinyin", "address"],
    ],
    "company": [
        ["code"], ["registration"], ["name"], ["core", "region"], ["core", "form"], ["pinyin", "trade", "region"],
        ["core", "phone"], ["core", "address"],
    ],
}  # fmt: skip
NUMBER = {"person": "id_given", "company": "code"}


def join_rules(connection: duckdb.DuckDBPyConnection, kind: str, rules: list[list[str]]) -> None:
    """Fill `baseline_of(mention_id, entity)`: connected components over all pairs that one rule makes equal.

    Works on `<kind>_profile`, which `resolve` leaves behind; certain anchors are not used, only the columns named.
    """
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE record AS
        SELECT *, (row_number() OVER (ORDER BY unique_id) - 1)::BIGINT AS number FROM {kind}_profile
        WHERE unique_id NOT LIKE 'former:%'"""
    )
    size = int(connection.execute("SELECT count(*) FROM record").fetchall()[0][0])
    left, right = [], []
    for columns in rules:
        given = " AND ".join(f"{c} IS NOT NULL AND {c}::VARCHAR <> ''" for c in columns)
        pairs = connection.execute(
            f"""SELECT min(number) OVER (PARTITION BY {", ".join(columns)}) AS a, number AS b
                FROM record WHERE {given}"""
        ).fetchnumpy()
        left.append(np.asarray(pairs["a"]))
        right.append(np.asarray(pairs["b"]))
    a, b = np.concatenate(left), np.concatenate(right)
    _, labels = connected_components(
        coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(size, size)), directed=False
    )
    connection.register("labels", {"number": np.arange(size), "label": labels.astype(np.int64)})
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE baseline_of AS
        SELECT mention_id, label FROM {kind}_profile_of JOIN record USING (unique_id) JOIN labels USING (number)"""
    )
    connection.unregister("labels")
