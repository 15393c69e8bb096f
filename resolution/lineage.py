"""Ids that last: which cluster carries on which entity, and what became of every entity from run to run.

`redirect(former_id, entity_id)` leads from an id that is no more to the one that took its mentions.
`retired(entity_id, mention_id)` remembers who belonged to it, so that an undone merge brings the old id back.
`entity_event(run, entity_id, event, other_id, mentions)` and `entity_run(run, resolved_at)` (UTC) are
the history.
"""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb

from resolution.settings import Kind

PREFIX = {"person": "P", "company": "C", "trade_name": "T", "property": "R"}
EVENTS = ("created", "joined", "merged", "split", "gone")
"""A new entity; mentions added; another entity's mentions taken over (`other_id` is gone); mentions let go to
`other_id`; all mentions gone."""


def begin_run(connection: duckdb.DuckDBPyConnection) -> int:
    """Open a run: remember who belonged where before it. Returns its number, from 1."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS entity_of (mention_id BIGINT, entity_id VARCHAR, probability DOUBLE)"
    )
    connection.execute("CREATE TABLE IF NOT EXISTS redirect (former_id VARCHAR, entity_id VARCHAR)")
    connection.execute("CREATE TABLE IF NOT EXISTS retired (entity_id VARCHAR, mention_id BIGINT)")
    connection.execute("CREATE TABLE IF NOT EXISTS entity_run (run INTEGER, resolved_at TIMESTAMP)")
    connection.execute(
        """CREATE TABLE IF NOT EXISTS entity_event
        (run INTEGER, entity_id VARCHAR, event VARCHAR, other_id VARCHAR, mentions BIGINT)"""
    )
    connection.execute("CREATE OR REPLACE TABLE former_entity_of AS FROM entity_of")
    connection.execute("DELETE FROM entity_of")
    connection.execute(
        "INSERT INTO entity_run SELECT coalesce(max(run), 0) + 1, ? FROM entity_run",
        [datetime.now(UTC).replace(tzinfo=None)],
    )
    return int(connection.execute("SELECT max(run) FROM entity_run").fetchall()[0][0])


def name_entities(connection: duckdb.DuckDBPyConnection, kind: Kind, run: int) -> None:
    """Give each cluster of `clustered` its id and add the kind's mentions to `entity_of`.

    A cluster keeps the id that most of its mentions had before. One that has none, but holds what a retired entity
    held, takes that id back. A new cluster's id follows from its first mention, so the same files give the same ids.
    """
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE cluster_mention AS
        SELECT m.mention_id, m.dataset || '/' || m.record_id || '/' || m.role AS mention_key, c.cluster, c.probability
        FROM mentions m JOIN profile_of USING (mention_id) JOIN clustered c USING (unique_id) WHERE m.kind = ?""",
        [kind],
    )
    # What an entity took over from another counts for it only where nothing else decides: when a merge is undone,
    # the part that had the id before keeps it. Of two equally good ids the older one is kept.
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE heir AS
        WITH elsewhere AS (SELECT DISTINCT mention_id FROM retired),
        born AS (SELECT entity_id, min(run) AS run FROM entity_event WHERE event IN ('created', 'split') GROUP BY ALL
            UNION ALL SELECT other_id, min(run) FROM entity_event WHERE event = 'split' GROUP BY ALL),
        age AS (SELECT entity_id, min(run) AS run FROM born GROUP BY ALL),
        shared AS (SELECT c.cluster, f.entity_id, count(*) AS mentions,
                count(*) FILTER (e.mention_id IS NULL) AS own, min(mention_key) AS first_key
            FROM cluster_mention c JOIN former_entity_of f USING (mention_id) LEFT JOIN elsewhere e USING (mention_id)
            WHERE starts_with(f.entity_id, '{PREFIX[kind]}') GROUP BY ALL),
        best AS (SELECT * FROM shared QUALIFY row_number() OVER (PARTITION BY entity_id
            ORDER BY own DESC, mentions DESC, first_key) = 1)
        SELECT cluster, entity_id FROM best LEFT JOIN age USING (entity_id)
        QUALIFY row_number() OVER (PARTITION BY cluster ORDER BY mentions DESC, coalesce(age.run, 0), entity_id) = 1"""
    )
    connection.execute(
        f"""INSERT INTO heir
        WITH size AS (SELECT entity_id, count(*) AS size FROM retired
                WHERE starts_with(entity_id, '{PREFIX[kind]}')
                    AND entity_id NOT IN (SELECT entity_id FROM former_entity_of) GROUP BY ALL),
        claim AS (SELECT c.cluster, r.entity_id, count(*) AS mentions
            FROM cluster_mention c JOIN retired r USING (mention_id)
            WHERE c.cluster NOT IN (SELECT cluster FROM heir) GROUP BY ALL),
        best AS (SELECT cluster, entity_id, mentions, mentions / size AS share FROM claim JOIN size USING (entity_id)
            QUALIFY row_number() OVER (PARTITION BY entity_id ORDER BY mentions DESC, cluster) = 1)
        SELECT cluster, entity_id FROM best
        QUALIFY row_number() OVER (PARTITION BY cluster ORDER BY mentions DESC, share DESC, entity_id) = 1"""
    )
    # an id that stands for somebody else, or leads to somebody else, is not given again
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE cluster_id AS
        WITH fresh AS (SELECT cluster, '{PREFIX[kind]}' || upper(substr(md5(min(mention_key)), 1, 14)) AS entity_id,
                '{PREFIX[kind]}' || upper(substr(md5(min(mention_key) || '/again/{run}'), 1, 14)) AS spare
            FROM cluster_mention GROUP BY cluster),
        taken AS (SELECT entity_id FROM heir UNION SELECT entity_id FROM retired
            UNION SELECT entity_id FROM former_entity_of UNION SELECT former_id FROM redirect)
        SELECT f.cluster, coalesce(h.entity_id, CASE
            WHEN taken.entity_id IS NULL THEN f.entity_id ELSE f.spare END) AS entity_id
        FROM fresh f LEFT JOIN heir h USING (cluster) LEFT JOIN taken ON taken.entity_id = f.entity_id"""
    )
    connection.execute(
        """INSERT INTO entity_of SELECT mention_id, entity_id, probability
            FROM cluster_mention JOIN cluster_id USING (cluster)"""
    )


def end_run(connection: duckdb.DuckDBPyConnection, run: int) -> dict[str, dict[str, int]]:
    """Record what became of every entity, lead old ids to new ones. Returns entities by first letter and event."""
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE moved AS
        SELECT f.entity_id AS former, e.entity_id AS now, count(*) AS mentions
        FROM former_entity_of f FULL JOIN entity_of e USING (mention_id) GROUP BY ALL"""
    )
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE ended AS
        WITH alive AS (SELECT DISTINCT now FROM moved),
        was AS (SELECT DISTINCT former AS entity_id FROM moved WHERE former IS NOT NULL)
        SELECT w.entity_id, h.heir FROM was w ANTI JOIN alive a ON a.now = w.entity_id
        LEFT JOIN (SELECT former, arg_max(now, (mentions, now)) AS heir FROM moved
            WHERE now IS NOT NULL GROUP BY former) h ON h.former = w.entity_id"""
    )
    connection.execute(
        """INSERT INTO entity_event
        WITH was AS (SELECT DISTINCT former AS id FROM moved WHERE former IS NOT NULL),
        fresh AS (SELECT now AS id, sum(mentions)::BIGINT AS mentions FROM moved WHERE now IS NOT NULL GROUP BY now
            HAVING now NOT IN (SELECT id FROM was)),
        told AS (
            -- a part that was let go is told by the entity that let it go
            SELECT id AS entity_id, 'created' AS event, NULL AS other_id, mentions FROM fresh
                WHERE id NOT IN (SELECT now FROM moved WHERE former IS NOT NULL AND now IS NOT NULL)
            UNION ALL SELECT now, 'joined', NULL, mentions FROM moved
                WHERE former IS NULL AND now IN (SELECT id FROM was)
            UNION ALL SELECT m.now, 'merged', m.former, m.mentions FROM moved m
                JOIN ended e ON e.entity_id = m.former AND e.heir = m.now
            UNION ALL SELECT m.former, 'split', m.now, m.mentions FROM moved m
                LEFT JOIN ended e ON e.entity_id = m.former
                WHERE m.former IS NOT NULL AND m.now IS NOT NULL AND m.former <> m.now
                    AND e.heir IS DISTINCT FROM m.now
            UNION ALL SELECT e.entity_id, 'gone', NULL, sum(m.mentions)::BIGINT FROM ended e
                JOIN moved m ON m.former = e.entity_id WHERE e.heir IS NULL GROUP BY ALL)
        SELECT ?, * FROM told ORDER BY entity_id, event, other_id""",
        [run],
    )
    connection.execute(
        "DELETE FROM redirect WHERE former_id IN (SELECT now FROM moved) OR former_id IN (SELECT entity_id FROM ended)"
    )
    connection.execute("INSERT INTO redirect SELECT entity_id, heir FROM ended WHERE heir IS NOT NULL")
    # ids merged long ago lead to who is there now, in one step
    connection.execute(
        """UPDATE redirect SET entity_id = e.heir FROM ended e
        WHERE e.entity_id = redirect.entity_id AND e.heir IS NOT NULL"""
    )
    connection.execute("DELETE FROM redirect WHERE entity_id IN (SELECT entity_id FROM ended)")
    connection.execute("DELETE FROM retired WHERE entity_id IN (SELECT now FROM moved)")
    connection.execute(
        "INSERT INTO retired SELECT entity_id, mention_id FROM former_entity_of SEMI JOIN ended USING (entity_id)"
    )
    counted = connection.execute(
        "SELECT left(entity_id, 1), event, count(*) FROM entity_event WHERE run = ? GROUP BY ALL", [run]
    ).fetchall()
    connection.execute("DROP TABLE moved; DROP TABLE ended; DROP TABLE former_entity_of")
    by_letter: dict[str, dict[str, int]] = {}
    for letter, event, count in counted:
        by_letter.setdefault(letter, {})[event] = count
    return by_letter
