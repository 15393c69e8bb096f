"""From scored pairs to clusters: candidates weighed against each other, vetoes kept through every chain."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from resolution.settings import Settings


def weigh_candidates(connection: duckdb.DuckDBPyConnection, settings: Settings, rivals: bool = True) -> None:
    """Fill `edge(l, r, probability)`: the probability of each pair given all that compete for the same profile.

    A profile with no number of its own belongs to one of the anchored entities that it resembles, to an entity that
    stands in no register, or to none. With odds o for each candidate the probability of one is o / (sum of o + open
    world): two equally good bearers of a name halve each other, and neither is joined. With `rivals` off each pair
    stands alone, as Splink scores it.
    """
    if not rivals:
        connection.execute(
            "CREATE OR REPLACE TABLE edge AS SELECT l, r, bits, 1 / (1 + pow(2, -bits)) AS probability FROM pair"
        )
        return
    connection.execute(
        f"""CREATE OR REPLACE TABLE edge AS
        WITH sided AS (
            SELECT p.l, p.r, p.bits, coalesce(a.anchor, a.unique_id) AS l_of, coalesce(b.anchor, b.unique_id) AS r_of,
                a.anchor IS NULL AS l_loose, b.anchor IS NULL AS r_loose
            FROM pair p JOIN profile a ON a.unique_id = p.l JOIN profile b ON b.unique_id = p.r),
        anchored AS (
            SELECT loose, anchor, max(bits) AS bits FROM (
                SELECT l_of AS loose, r_of AS anchor, bits FROM sided WHERE l_loose AND NOT r_loose
                UNION ALL SELECT r_of, l_of, bits FROM sided WHERE r_loose AND NOT l_loose)
            GROUP BY ALL),
        rivals AS (
            SELECT loose, anchor, bits, sum(pow(2, least(bits, 60))) OVER (PARTITION BY loose) AS all_odds
                FROM anchored),
        judged AS (
            SELECT s.*, CASE
                WHEN s.l_loose = s.r_loose THEN pow(2, least(bits, 60)) / (pow(2, least(bits,
                    60)) + {settings.cluster.open_world}) END AS own
            FROM sided s)
        SELECT j.l, j.r, j.bits, coalesce(j.own,
            -- the rivals of this candidate are all others but itself, at its best
            pow(2, least(j.bits, 60)) / (pow(2, least(j.bits, 60))
                + greatest(0, v.all_odds - pow(2, least(v.bits, 60))) + {settings.cluster.open_world})
        ) AS probability
        FROM judged j LEFT JOIN rivals v ON (j.l_loose <> j.r_loose)
            AND v.loose = CASE WHEN j.l_loose THEN j.l_of ELSE j.r_of END
            AND v.anchor = CASE WHEN j.l_loose THEN j.r_of ELSE j.l_of END"""
    )


def cluster(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Fill `clustered(unique_id, cluster, probability)`; `probability` is the weakest link into the cluster.

    Edges join from the strongest down; one that would bring two values of a vetoed column together is cut (`cut`).
    Only components in which that can happen are walked edge by edge.
    """
    connection.execute(
        """CREATE OR REPLACE TABLE node AS
        SELECT unique_id, coalesce(anchor, unique_id)
            AS unit, (row_number() OVER (ORDER BY coalesce(anchor, unique_id), unique_id) - 1)::BIGINT AS number
        FROM profile"""
    )
    connection.execute(
        """CREATE OR REPLACE TABLE unit AS
        SELECT unit, (row_number() OVER (ORDER BY unit) - 1)::BIGINT AS number FROM (SELECT DISTINCT unit FROM node)"""
    )
    strong = connection.sql(
        f"""SELECT u.number AS a, v.number AS b, max(e.probability) AS p, max(e.bits) AS bits FROM edge e
        JOIN node x ON x.unique_id = e.l JOIN node y ON y.unique_id = e.r
        JOIN unit u ON u.unit = x.unit JOIN unit v ON v.unit = y.unit
        WHERE e.probability >= {settings.cluster.threshold} GROUP BY ALL ORDER BY p DESC, bits DESC, a, b"""
    ).to_arrow_table()
    a, b, p = (strong.column(name).to_numpy() for name in ("a", "b", "p"))
    size = int(connection.execute("SELECT count(*) FROM unit").fetchall()[0][0])
    veto_sql = ", ".join(f"min({veto}::VARCHAR) AS {veto}" for veto in settings.cluster.vetoes) or "NULL AS none"
    vetoes = connection.sql(
        f"""SELECT {veto_sql} FROM profile p JOIN node n USING (unique_id) JOIN unit u ON u.unit = n.unit
        GROUP BY u.number ORDER BY u.number"""
    ).to_arrow_table()
    labels, kept, weakest = _constrained_components(
        size, a, b, p, [vetoes.column(i) for i in range(vetoes.num_columns)]
    )
    table = pa.table({"number": np.arange(size), "cluster": labels, "probability": weakest})
    cut = pa.table({"a": a[~kept], "b": b[~kept]})
    connection.register("clustered_units", table)
    connection.register("cut_units", cut)
    connection.execute(
        """CREATE OR REPLACE TABLE clustered AS
        SELECT n.unique_id, c.cluster, c.probability FROM node n JOIN unit u ON u.unit = n.unit
        JOIN clustered_units c ON c.number = u.number"""
    )
    connection.execute(
        """CREATE OR REPLACE TABLE cut AS
        SELECT x.unit AS l, y.unit AS r FROM cut_units c JOIN unit x ON x.number = c.a JOIN unit y ON y.number = c.b"""
    )
    connection.unregister("clustered_units")
    connection.unregister("cut_units")


def _constrained_components(
    size: int, a: np.ndarray, b: np.ndarray, p: np.ndarray, vetoes: list[pa.ChunkedArray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels of the components, which edges were kept, and each node's weakest link into its component."""
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    labels = labels.astype(np.int64)
    kept = np.ones(len(a), dtype=bool)
    troubled = np.zeros(labels.max(initial=-1) + 1, dtype=bool)
    codes = []
    for column in vetoes:
        encoded = column.combine_chunks().dictionary_encode()
        values = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        codes.append(values)
        has = values >= 0
        first = np.full(len(troubled), -1, dtype=np.int64)
        first[labels[has]] = values[has]
        troubled[labels[has][first[labels[has]] != values[has]]] = True
    if troubled.any():
        next_label = labels.max(initial=0) + 1
        walked = np.flatnonzero(troubled[labels[a]]) if len(a) else np.array([], dtype=np.int64)
        parent: dict[int, int] = {}
        held: dict[int, list[int]] = {}

        def root(x: int) -> int:
            while parent[x] != x:
                parent[x] = parent[parent[x]]
                x = parent[x]
            return x

        for node in np.flatnonzero(troubled[labels]):
            parent[int(node)] = int(node)
            held[int(node)] = [int(values[node]) for values in codes]
        for edge in walked.tolist():
            x, y = root(int(a[edge])), root(int(b[edge]))
            if x == y:
                continue
            left, right = held[x], held[y]
            if any(i >= 0 and j >= 0 and i != j for i, j in zip(left, right, strict=True)):
                kept[edge] = False
                continue
            parent[y] = x
            held[x] = [max(i, j) for i, j in zip(left, right, strict=True)]
        for member in parent:
            labels[member] = next_label + root(member)
    return (
        labels,
        kept,
        _weakest_links(labels, a[kept], b[kept], p[kept], codes[0] >= 0 if codes else np.zeros(size, dtype=bool)),
    )


def _weakest_links(labels: np.ndarray, a: np.ndarray, b: np.ndarray, p: np.ndarray, numbered: np.ndarray) -> np.ndarray:
    """For each node the weakest link on its best way to the core of its component.

    The core is what has a number of its own; where nothing has, the node that comes first.
    """
    reach = np.zeros(len(labels))
    reach[numbered] = 1.0
    has_core = np.zeros(labels.max(initial=-1) + 1, dtype=bool)
    has_core[labels[numbered]] = True
    _, first = np.unique(labels, return_index=True)
    reach[first[~has_core[labels[first]]]] = 1.0
    while True:
        before = reach.copy()
        np.maximum.at(reach, a, np.minimum(p, before[b]))
        np.maximum.at(reach, b, np.minimum(p, before[a]))
        if np.array_equal(before, reach):
            return np.where(reach > 0, reach, 1.0)
