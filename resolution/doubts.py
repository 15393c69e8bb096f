"""Pairs of mentions that a person should look at, and what their rows say of them side by side.

`review_pair(pair, kind, reason, l_mention, r_mention, l_entity, r_entity, probability, threshold, joined)`, one row a
pair of entities or of a row and its entity, the pair that says most; `review_record(pair, mention_id)` holds the
mentions that would leave their entity if the pair were not the same.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import pyarrow as pa

from resolution.judgements import Judgement
from resolution.settings import Kind, Settings

WEAK = 0.95
"""A link below it may be asked about, though it joins."""
MOST = 20_000  # pairs of one kind and reason: more than an office can look at in years
# What is equal where the numbers are not: such pairs are never scored, for the veto decides before.
AGAINST_VETO = {
    "person": ("id_valid", ("name", "birth", "phone"), ("name", "birth", "address")),
    "company": ("code_valid", ("name", "phone"), ("name", "address")),
}


def begin(connection: duckdb.DuckDBPyConnection) -> None:
    """Empty both tables."""
    connection.execute(
        """CREATE OR REPLACE TABLE review_pair (pair VARCHAR, kind VARCHAR, reason VARCHAR, l_mention BIGINT,
            r_mention BIGINT, l_entity VARCHAR, r_entity VARCHAR, probability DOUBLE, threshold DOUBLE,
            joined BOOLEAN)"""
    )
    connection.execute("CREATE OR REPLACE TABLE review_record (pair VARCHAR, mention_id BIGINT)")


def gather(
    connection: duckdb.DuckDBPyConnection, kind: Kind, settings: Settings, said: Iterable[Judgement]
) -> dict[str, int]:
    """Add the pairs of one kind. Returns how many, and how many beyond MOST were left out.

    Reasons: `threshold` (near it, on either side), `veto` (strong evidence that a veto broke), `judged` (people spoke).
    """
    threshold = settings.cluster.threshold
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE speaker AS
        SELECT o.unique_id, arg_min(o.mention_id, c.mention_key) AS mention_id, min(c.mention_key) AS mention_key,
            coalesce(any_value(p.anchor), o.unique_id) AS unit, any_value(p.anchor) IS NULL AS loose,
            any_value(c.cluster) AS cluster, any_value(i.entity_id) AS entity_id, min(c.probability) AS weakest
        FROM profile_of o JOIN cluster_mention c USING (mention_id) JOIN cluster_id i USING (cluster)
        JOIN profile p USING (unique_id) GROUP BY o.unique_id"""
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE doubtful (l VARCHAR, r VARCHAR, reason VARCHAR, probability DOUBLE)"
    )
    connection.execute(
        f"""INSERT INTO doubtful
        SELECT e.l, e.r, CASE WHEN k.l IS NOT NULL THEN 'veto' ELSE 'threshold' END, e.probability
        FROM edge e JOIN speaker a ON a.unique_id = e.l JOIN speaker b ON b.unique_id = e.r
        LEFT JOIN (SELECT l, r FROM cut UNION SELECT r, l FROM cut) k ON k.l = a.unit AND k.r = b.unit
        WHERE CASE WHEN a.cluster <> b.cluster THEN e.probability >= {settings.cluster.review}
            ELSE e.probability >= {threshold} AND e.probability < {WEAK}
                -- what one side rests on; another way to the core may be stronger
                AND e.probability IN (a.weakest, b.weakest) END
        QUALIFY row_number() OVER (PARTITION BY least(a.unit, b.unit), greatest(a.unit, b.unit)
            ORDER BY e.probability DESC, e.bits DESC, least(a.mention_key, b.mention_key), e.l, e.r) = 1"""
    )
    _against_veto(connection, kind)
    _spoken_of(connection, said)
    found = (
        connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE asked AS
        WITH keyed AS (
            SELECT substr(sha256(least(a.mention_key, b.mention_key) || chr(10)
                    || greatest(a.mention_key, b.mention_key)), 1, 16) AS pair, d.reason, d.l, d.r,
                a.mention_id AS l_mention, b.mention_id AS r_mention, a.entity_id AS l_entity, b.entity_id AS r_entity,
                d.probability, a.cluster = b.cluster AS joined
            FROM doubtful d JOIN speaker a ON a.unique_id = d.l JOIN speaker b ON b.unique_id = d.r
            -- what people decided is asked no more, whichever rows of the two they looked at
            ANTI JOIN (SELECT l, r FROM judged UNION SELECT r, l FROM judged) j ON j.l = d.l AND j.r = d.r
            UNION ALL
            SELECT s.pair, 'judged', x.unique_id, y.unique_id, s.l_mention, s.r_mention, i.entity_id, k.entity_id,
                e.probability, i.entity_id = k.entity_id
            FROM spoken s JOIN profile_of x ON x.mention_id = s.l_mention
            JOIN profile_of y ON y.mention_id = s.r_mention
            JOIN cluster_mention c ON c.mention_id = s.l_mention JOIN cluster_id i ON i.cluster = c.cluster
            JOIN cluster_mention d ON d.mention_id = s.r_mention JOIN cluster_id k ON k.cluster = d.cluster
            LEFT JOIN edge e ON e.l = least(x.unique_id, y.unique_id) AND e.r = greatest(x.unique_id, y.unique_id)),
        once AS (SELECT * FROM keyed QUALIFY row_number() OVER (PARTITION BY pair ORDER BY reason) = 1)
        SELECT *, row_number() OVER (PARTITION BY reason
            ORDER BY abs(coalesce(probability, 1) - {threshold}), pair) AS place FROM once"""
        )
        .execute(f"SELECT count(*), count(*) FILTER (place > {MOST} AND reason <> 'judged') FROM asked")
        .fetchall()[0]
    )
    connection.execute(
        f"""INSERT INTO review_pair SELECT pair, ?, reason, l_mention, r_mention, l_entity, r_entity, probability,
            {threshold}, joined FROM asked WHERE place <= {MOST} OR reason = 'judged'""",
        [kind],
    )
    connection.execute(
        f"""INSERT INTO review_record
        SELECT DISTINCT q.pair, o.mention_id FROM (
            SELECT pair, l AS unique_id FROM asked WHERE joined AND place <= {MOST}
            UNION ALL SELECT pair, r FROM asked WHERE joined AND place <= {MOST}) q
        JOIN speaker s USING (unique_id) JOIN profile_of o USING (unique_id) WHERE s.loose"""
    )
    for name in ("speaker", "doubtful", "spoken", "asked"):
        connection.execute(f"DROP TABLE {name}")
    return {"to_review": found[0] - found[1], "not_listed": found[1]}


def _against_veto(connection: duckdb.DuckDBPyConnection, kind: Kind) -> None:
    """Two numbers, and all else the same: one of the numbers may be wrong."""
    number, *evidence = AGAINST_VETO.get(kind, ("",))
    for columns in evidence:
        assert isinstance(columns, tuple)
        same = " AND ".join(f"a.{name} = b.{name}" for name in columns)
        connection.execute(
            f"""INSERT INTO doubtful
            SELECT a.unique_id, b.unique_id, 'veto', NULL FROM profile a JOIN profile b ON {same}
            WHERE a.{number} < b.{number} {"AND a.branch = b.branch" if kind == "company" else ""}
                AND a.unique_id NOT LIKE 'former:%' AND b.unique_id NOT LIKE 'former:%'
                AND NOT EXISTS (SELECT 1 FROM doubtful d JOIN profile x ON x.unique_id = d.l
                    JOIN profile y ON y.unique_id = d.r WHERE x.anchor = a.anchor AND y.anchor = b.anchor)
            QUALIFY row_number() OVER (PARTITION BY a.anchor, b.anchor ORDER BY a.weight DESC, b.weight DESC,
                a.unique_id, b.unique_id) = 1"""
        )


def _spoken_of(connection: duckdb.DuckDBPyConnection, said: Iterable[Judgement]) -> None:
    """`spoken`: pairs that people said anything of that stands, as far as both mentions are loaded."""
    pairs = {each.pair: (*each.left, *each.right) for each in said if each.stands}
    names = ("l_dataset", "l_record", "l_role", "r_dataset", "r_record", "r_role")
    columns = dict(zip(names, zip(*pairs.values(), strict=True), strict=True)) if pairs else dict.fromkeys(names, ())
    table = {name: pa.array(list(values), pa.string()) for name, values in {"pair": pairs, **columns}.items()}
    connection.register("said_rows", pa.table(table))
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE spoken AS
        SELECT s.pair, l.mention_id AS l_mention, r.mention_id AS r_mention FROM said_rows s
        JOIN mentions l ON l.dataset = s.l_dataset AND l.record_id = s.l_record AND l.role = s.l_role
        JOIN mentions r ON r.dataset = s.r_dataset AND r.record_id = s.r_record AND r.role = s.r_role"""
    )
    connection.unregister("said_rows")
