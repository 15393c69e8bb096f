"""The whole resolution: staged rows to entities, kind after kind, in one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import duckdb

from resolution.cluster import cluster, weigh_candidates
from resolution.entities import (
    describe_companies,
    describe_people,
    describe_properties,
    describe_ties,
    describe_trade_names,
    name_entities,
)
from resolution.link import block_pairs, score_pairs
from resolution.mentions import build_contexts, read_mentions
from resolution.profiles import (
    LEAST_POPULATION,
    company_profiles,
    person_profiles,
    property_profiles,
    trade_name_profiles,
)
from resolution.settings import KINDS, Kind, read_settings
from resolution.source import Source, read_sources
from resolution.workspace import Workspace, WorkspaceError

Progress = Callable[[str, int, int | None], None]
PROFILES = {
    "property": property_profiles,
    "company": company_profiles,
    "person": person_profiles,
    "trade_name": trade_name_profiles,
}
DESCRIBE = {
    "property": describe_properties,
    "company": describe_companies,
    "person": describe_people,
    "trade_name": describe_trade_names,
}
SCRATCH = (
    "former_entity_of", "part", "described", "profile", "profile_of", "pair",
    "edge", "blocked", "bearer", "known_former", "sound", "borne",
    "node", "unit", "clustered", "cluster_mention", "cluster_id", "heir",
    "record_context", "mention_context", "stands_in",
)  # fmt: skip
TITLES = {"property": "房产", "company": "企业", "person": "人员", "trade_name": "商号"}


def resolve(workspace: Workspace, backend: str = "duckdb", progress: Progress | None = None) -> dict[str, Any]:
    """Resolve everything that is staged; entities keep the ids they had.

    Killed at any moment, the workspace holds what it held before. Returns mentions, entities and seconds by kind.
    """
    if backend != "duckdb":
        raise WorkspaceError(f"the {backend} backend is not built in this release; run without --backend")
    tell = progress or (lambda stage, done, total: None)
    sources = read_sources()
    connection = workspace.connect()
    try:
        tell("读取提及", 0, len(KINDS) + 1)
        read_mentions(connection, sources)
        connection.execute("BEGIN")
        report = _resolve(connection, sources, tell)
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")
    finally:
        connection.close()
    return report


def _resolve(connection: duckdb.DuckDBPyConnection, sources: dict[str, Source], tell: Progress) -> dict[str, Any]:
    report: dict[str, Any] = {}
    steps = len(KINDS) + 1
    connection.execute(
        "CREATE TABLE IF NOT EXISTS entity_of (mention_id BIGINT, entity_id VARCHAR, probability DOUBLE)"
    )
    connection.execute("CREATE TABLE IF NOT EXISTS redirect (former_id VARCHAR, entity_id VARCHAR)")
    connection.execute("CREATE OR REPLACE TABLE former_entity_of AS FROM entity_of")
    connection.execute("DELETE FROM entity_of")
    for name, columns in {
        "entity_phones": "entity_id VARCHAR, phone VARCHAR, probability DOUBLE, records VARCHAR[]",
        "entity_addresses": "entity_id VARCHAR, address VARCHAR, key VARCHAR, probability DOUBLE, records VARCHAR[]",
        "doubts": "entity_a VARCHAR, entity_b VARCHAR, probability DOUBLE",
        "property_certificate": "certificate VARCHAR, entity_id VARCHAR",
        "property_address": "address VARCHAR, entity_id VARCHAR",
    }.items():
        connection.execute(f"CREATE OR REPLACE TABLE {name} ({columns})")
    connection.execute("CREATE OR REPLACE TABLE mentions AS FROM mention_kind")
    for number, kind in enumerate(KINDS):
        tell(f"识别{TITLES[kind]}", number + 1, steps)
        started = time.monotonic()
        report[kind] = resolve_kind(connection, sources, kind)
        report[kind]["seconds"] = round(time.monotonic() - started, 1)
    for scratch in SCRATCH:
        connection.execute(f"DROP TABLE IF EXISTS {scratch}")
    tell("识别完成", steps, steps)
    return report


def resolve_kind(connection: duckdb.DuckDBPyConnection, sources: dict[str, Source], kind: Kind) -> dict[str, Any]:
    """Resolve one kind; kinds that it leans on must have been resolved before (see `settings.KINDS`)."""
    settings = read_settings(kind)
    build_contexts(connection, sources, kind)
    PROFILES[kind](connection)
    pairs = block_pairs(connection, settings) if settings.block else 0
    if pairs:
        anchors = connection.execute("SELECT count(DISTINCT coalesce(anchor, unique_id)) FROM profile").fetchall()[0][0]
        score_pairs(connection, settings, population=max(float(anchors), float(LEAST_POPULATION)))
    else:
        connection.execute("CREATE OR REPLACE TABLE pair (l VARCHAR, r VARCHAR, bits DOUBLE, probability DOUBLE)")
    weigh_candidates(connection, settings)
    cluster(connection, settings)
    name_entities(connection, kind)
    DESCRIBE[kind](connection)
    describe_ties(connection, settings)
    for name in ("profile", "profile_of", "pair", "edge"):
        connection.execute(f"CREATE OR REPLACE TABLE {kind}_{name} AS FROM {name}")
    counted = connection.execute(
        "SELECT count(*), count(DISTINCT entity_id) FROM entity_of JOIN mentions USING (mention_id) WHERE kind = ?",
        [kind],
    ).fetchall()[0]
    return {"mentions": counted[0], "entities": counted[1], "pairs": pairs}
