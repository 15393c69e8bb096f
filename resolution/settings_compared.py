"""Two settings on the same data: which entities of the first would merge and which would split under the second.

The profiles of the last run are blocked, scored and clustered twice, in memory, by the functions that `resolve` uses.
"""

from __future__ import annotations

import duckdb

from resolution.cluster import cluster, weigh_candidates
from resolution.foresight import Foresight, difference
from resolution.link import block_pairs, score_pairs
from resolution.settings import Settings, SettingsError
from resolution.weights import frequencies, population
from resolution.workspace import MEMORY_LIMIT


def compare(connection: duckdb.DuckDBPyConnection, first: Settings, second: Settings) -> Foresight:
    """What the second settings would change where the first are in force. Nothing is written.

    What people judged counts under both, as it did in the last run. Raises SettingsError for settings of two kinds,
    or of one that is resolved without scores.
    """
    if first.kind != second.kind:
        raise SettingsError(f"these settings are of {first.kind} and of {second.kind}: compare two of one kind")
    if not (first.comparison and second.comparison):
        raise SettingsError(f"{first.kind} is resolved without scores: there is nothing to compare")
    memory = duckdb.connect(":memory:")
    try:
        # the settings hold SQL of the office's: it sees these tables and nothing else
        memory.execute(
            f"SET memory_limit='{MEMORY_LIMIT}'; SET enable_external_access=false; SET lock_configuration=true"
        )
        copied = {"profile": f"{first.kind}_profile", "judged": f"{first.kind}_judged"}
        copied |= {f"frequency_{name}": f"frequency_{name}" for s in (first, second) for name in frequencies(s)}
        for name, source in copied.items():
            memory.register("taken", connection.sql(f'FROM "{source}"').to_arrow_table())
            memory.execute(f'CREATE TABLE "{name}" AS FROM taken')
            memory.unregister("taken")
        entities = population(connection, first.kind)
        _cluster(memory, first, entities)
        memory.execute("CREATE TABLE before AS SELECT unique_id, cluster FROM clustered")
        _cluster(memory, second, entities)
        return difference(connection, memory, first.kind, first.cluster.threshold, second.cluster.threshold)
    finally:
        memory.close()


def _cluster(memory: duckdb.DuckDBPyConnection, settings: Settings, entities: float) -> None:
    """Fill `clustered` as a run with these settings would."""
    if settings.block and block_pairs(memory, settings):
        score_pairs(memory, settings, entities)
    else:
        memory.execute("CREATE OR REPLACE TABLE pair (l VARCHAR, r VARCHAR, bits DOUBLE, probability DOUBLE)")
    weigh_candidates(memory, settings, judged=True)
    cluster(memory, settings, judged=True)
