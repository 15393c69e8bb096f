"""The open world: how often the people and companies of a role stand in no other row, counted where numbers tell.

A row without a number may speak of somebody of whom nothing else is loaded. How likely that is differs by agency and
role, and the rows beside it that do have a number show it: of 1,000 numbered defendants 980 stand in other rows too,
so a defendant without a number is loaded elsewhere in 98 of 100 cases.
"""

from __future__ import annotations

import duckdb

from resolution.settings import Settings

# So many numbered rows weigh as much as what the settings state; a role that never has numbers is taken as stated.
STATED_WEIGHT = 60
# However complete the registers look: never surer than one in fifty.
LEAST = 0.02


def measure_open_world(connection: duckdb.DuckDBPyConnection, settings: Settings, kind: str) -> None:
    """Fill `profile.outside`: people (companies) outside everything loaded, for each one inside, where such rows stand.

    From s, the share of a role's numbered mentions whose number stands in no other row, drawn towards what
    `settings.cluster.open_world` states where the role has few: s / (1 - s). A profile that several roles share takes
    the largest. The role's own rows are left out one at a time: a number counts as known by its other rows only.
    """
    stated = settings.cluster.open_world / (1 + settings.cluster.open_world)
    connection.execute("ALTER TABLE profile ADD COLUMN outside DOUBLE")
    connection.execute(
        """CREATE OR REPLACE TABLE open_world AS
        WITH numbered AS (
            SELECT m.dataset, m.role, count(*) OVER (PARTITION BY p.anchor) = 1 AS alone
            FROM profile_of JOIN mentions m USING (mention_id) JOIN profile p USING (unique_id)
            WHERE m.kind = $kind AND p.anchor IS NOT NULL AND NOT starts_with(p.anchor, 'own:'))
        SELECT dataset, role, count(*) AS numbered, count(*) FILTER (alone) AS alone,
            greatest($least, (count(*) FILTER (alone) + $weight * $stated) / (count(*) + $weight)) AS share
        FROM numbered GROUP BY dataset, role""",
        {"kind": kind, "weight": STATED_WEIGHT, "stated": stated, "least": LEAST},
    )
    connection.execute(
        """UPDATE profile SET outside = w.outside FROM (
            SELECT unique_id, max(coalesce(share, $stated) / (1 - coalesce(share, $stated))) AS outside
            FROM profile_of JOIN mentions m USING (mention_id) LEFT JOIN open_world o USING (dataset, role)
            GROUP BY unique_id) w
        WHERE w.unique_id = replace(profile.unique_id, 'former:', '') AND profile.anchor IS NULL""",
        {"stated": stated},
    )
