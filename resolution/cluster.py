"""From scored pairs to clusters: candidates weighed against each other, vetoes kept through every chain."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from resolution.settings import Settings


def weigh_candidates(
    connection: duckdb.DuckDBPyConnection, settings: Settings, rivals: bool = True, judged: bool = False
) -> None:
    """Fill `edge(l, r, probability)`: the probability of each pair given all that compete for the same profile.

    A profile with no number of its own belongs to one of the anchored entities that it resembles, to an entity that
    stands in no register, or to none. With odds o for each candidate the probability of one is o / (sum of o + open
    world): two equally good bearers of a name halve each other, and neither is joined. The open world is what
    `open_world` counted for the roles of the profile, else what the settings state. With `rivals` off each pair
    stands alone, as Splink scores it. With `judged`, who is not the same by `judged` (see `judged.bring_to_bear`) is
    no candidate and no rival.
    """
    ruled_out = ""
    if judged:
        connection.execute(
            """CREATE OR REPLACE TEMP TABLE ruled_out AS
            WITH sides AS (SELECT coalesce(x.anchor, x.unique_id) AS l, coalesce(y.anchor, y.unique_id) AS r
                FROM judged JOIN profile x ON x.unique_id = judged.l JOIN profile y ON y.unique_id = judged.r
                WHERE verdict = 'not_same')
            SELECT l, r FROM sides UNION SELECT r, l FROM sides"""
        )
        ruled_out = """WHERE NOT EXISTS (SELECT 1 FROM ruled_out o
            WHERE o.l = coalesce(a.anchor, a.unique_id) AND o.r = coalesce(b.anchor, b.unique_id))"""
    if not rivals:
        connection.execute(
            "CREATE OR REPLACE TABLE edge AS SELECT l, r, bits, 1 / (1 + pow(2, -bits)) AS probability FROM pair"
        )
        return
    connection.execute(
        f"""CREATE OR REPLACE TABLE edge AS
        WITH sided AS (
            SELECT p.l, p.r, p.bits, coalesce(a.anchor, a.unique_id) AS l_of, coalesce(b.anchor, b.unique_id) AS r_of,
                a.anchor IS NULL AS l_loose, b.anchor IS NULL AS r_loose,
                coalesce(a.outside, b.outside, {settings.cluster.open_world}) AS outside
            FROM pair p JOIN profile a ON a.unique_id = p.l JOIN profile b ON b.unique_id = p.r {ruled_out}),
        anchored AS (
            SELECT loose, anchor, max(bits) AS bits FROM (
                SELECT l_of AS loose, r_of AS anchor, bits FROM sided WHERE l_loose AND NOT r_loose
                UNION ALL SELECT r_of, l_of, bits FROM sided WHERE r_loose AND NOT l_loose)
            GROUP BY ALL),
        -- summed from the least up, so that the sum does not depend on the order in which rows come
        summed AS (SELECT loose, list_sum(list_sort(list(pow(2, least(bits, 60))))) AS all_odds
            FROM anchored GROUP BY loose),
        rivals AS (SELECT loose, anchor, bits, all_odds FROM anchored JOIN summed USING (loose)),
        judged AS (
            SELECT s.*, CASE
                WHEN s.l_loose = s.r_loose THEN pow(2, least(bits, 60)) / (pow(2, least(bits,
                    60)) + {settings.cluster.open_world}) END AS own
            FROM sided s)
        SELECT j.l, j.r, j.bits, coalesce(j.own,
            -- the rivals of this candidate are all others but itself, at its best
            pow(2, least(j.bits, 60)) / (pow(2, least(j.bits, 60))
                + greatest(0, v.all_odds - pow(2, least(v.bits, 60))) + j.outside)
        ) AS probability
        FROM judged j LEFT JOIN rivals v ON (j.l_loose <> j.r_loose)
            AND v.loose = CASE WHEN j.l_loose THEN j.l_of ELSE j.r_of END
            AND v.anchor = CASE WHEN j.l_loose THEN j.r_of ELSE j.l_of END"""
    )


def cluster(connection: duckdb.DuckDBPyConnection, settings: Settings, judged: bool = False) -> None:
    """Fill `clustered(unique_id, cluster, probability)`; `probability` is the weakest link into the cluster.

    Edges join from the strongest down; one that would bring two values of a vetoed column together is cut (`cut`).
    With `judged`, what people call the same is joined before all edges and over vetoes, and an edge that would bring
    together what they call two is cut. Only components in which any of this can happen are walked edge by edge.
    """
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE node AS
        SELECT unique_id, coalesce(anchor, unique_id)
            AS unit, (row_number() OVER (ORDER BY coalesce(anchor, unique_id), unique_id) - 1)::BIGINT AS number
        FROM profile"""
    )
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE unit AS
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
        size,
        a,
        b,
        p,
        [vetoes.column(i) for i in range(vetoes.num_columns)],
        bits=strong.column("bits").to_numpy(),
        same=_judged_units(connection, "same") if judged else None,
        apart=_judged_units(connection, "not_same") if judged else None,
    )
    table = pa.table({"number": np.arange(size), "cluster": labels, "probability": weakest})
    cut = pa.table({"a": a[~kept], "b": b[~kept]})
    connection.register("clustered_units", table)
    connection.register("cut_units", cut)
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE clustered AS
        SELECT n.unique_id, c.cluster, c.probability FROM node n JOIN unit u ON u.unit = n.unit
        JOIN clustered_units c ON c.number = u.number"""
    )
    connection.execute(
        """CREATE OR REPLACE TABLE cut AS
        SELECT x.unit AS l, y.unit AS r FROM cut_units c JOIN unit x ON x.number = c.a JOIN unit y ON y.number = c.b"""
    )
    connection.unregister("clustered_units")
    connection.unregister("cut_units")


Units = tuple[np.ndarray, np.ndarray]
NOBODY: Units = (np.array([], dtype=np.int64), np.array([], dtype=np.int64))


def _judged_units(connection: duckdb.DuckDBPyConnection, verdict: str) -> Units:
    """Pairs of units that people gave this verdict."""
    found = connection.sql(
        """SELECT DISTINCT least(u.number, v.number) AS a, greatest(u.number, v.number) AS b FROM judged j
        JOIN node x ON x.unique_id = j.l JOIN node y ON y.unique_id = j.r
        JOIN unit u ON u.unit = x.unit JOIN unit v ON v.unit = y.unit
        WHERE j.verdict = ? AND u.number <> v.number ORDER BY a, b""",
        params=[verdict],
    ).to_arrow_table()
    return found.column("a").to_numpy(), found.column("b").to_numpy()


def _constrained_components(
    size: int,
    a: np.ndarray,
    b: np.ndarray,
    p: np.ndarray,
    vetoes: list[pa.ChunkedArray],
    *,
    bits: np.ndarray | None = None,
    same: Units | None = None,
    apart: Units | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels of the components, which edges were kept, and each node's weakest link into its component.

    `same` are joined first, over vetoes; `apart` never share a component. The order of the edges does not matter.
    """
    same, apart = same or NOBODY, apart or NOBODY
    graph = coo_array(
        (np.ones(len(a) + len(same[0]), dtype=np.int8), (np.r_[a, same[0]], np.r_[b, same[1]])), shape=(size, size)
    )
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
    troubled[labels[apart[0]][labels[apart[0]] == labels[apart[1]]]] = True
    if troubled.any():
        next_label = labels.max(initial=0) + 1
        parts = _Parts(np.flatnonzero(troubled[labels]), codes, apart)
        for one, other in zip(same[0].tolist(), same[1].tolist(), strict=True):
            if one in parts.parent:
                parts.join(one, other, over_vetoes=True)
        walked = np.flatnonzero(troubled[labels[a]]) if len(a) else np.array([], dtype=np.int64)
        ends = np.sort(np.c_[a[walked], b[walked]], axis=1)
        strength = (bits if bits is not None else p)[walked]
        for edge in walked[np.lexsort((ends[:, 1], ends[:, 0], -strength, -p[walked]))].tolist():
            kept[edge] = parts.join(int(a[edge]), int(b[edge]))
        for member in parts.parent:
            labels[member] = next_label + parts.root(member)
    _, labels = np.unique(labels, return_inverse=True)
    numbered = codes[0] >= 0 if codes else np.zeros(size, dtype=bool)
    # what people joined and could be joined is as sure as can be
    held = labels[same[0]] == labels[same[1]]
    weakest = _weakest_links(
        labels,
        np.r_[a[kept], same[0][held]],
        np.r_[b[kept], same[1][held]],
        np.r_[p[kept], np.ones(held.sum())],
        numbered,
    )
    return labels, kept, weakest


class _Parts:
    """Parts that grow by edges; each knows its values of the vetoed columns and who must stay out."""

    def __init__(self, nodes: np.ndarray, codes: list[np.ndarray], apart: Units) -> None:
        self.parent = {node: node for node in nodes.tolist()}
        self.values = {
            node: [frozenset((int(column[node]),)) if column[node] >= 0 else frozenset() for column in codes]
            for node in self.parent
        }
        self.enemies: dict[int, set[int]] = {}
        for one, other in zip(apart[0].tolist(), apart[1].tolist(), strict=True):
            if one in self.parent and other in self.parent:
                self.enemies.setdefault(one, set()).add(other)
                self.enemies.setdefault(other, set()).add(one)

    def root(self, node: int) -> int:
        """The node that stands for the part: the first of its nodes."""
        while self.parent[node] != node:
            self.parent[node] = self.parent[self.parent[node]]
            node = self.parent[node]
        return node

    def join(self, one: int, other: int, over_vetoes: bool = False) -> bool:
        """Join the parts of two nodes; False where that would bring together what must stay apart."""
        left, right = sorted((self.root(one), self.root(other)))
        if left == right:
            return True
        if any(self.root(enemy) == right for enemy in self.enemies.get(left, ())):
            return False
        mine, theirs = self.values[left], self.values[right]
        # values that people joined before live together; any other is a stranger to what is there
        if not over_vetoes and any(i and j and not (i <= j or j <= i) for i, j in zip(mine, theirs, strict=True)):
            return False
        self.parent[right] = left
        self.values[left] = [i | j for i, j in zip(mine, theirs, strict=True)]
        if joined := self.enemies.pop(right, set()) | self.enemies.get(left, set()):
            self.enemies[left] = joined
        return True


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
