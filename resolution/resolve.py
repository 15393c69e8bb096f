"""The whole resolution: staged rows to entities, kind after kind, in one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import duckdb

from resolution import doubts, namesakes
from resolution.cluster import cluster, weigh_candidates
from resolution.entities import (
    describe_companies,
    describe_people,
    describe_properties,
    describe_ties,
    describe_trade_names,
)
from resolution.judged import bring_to_bear, mark_vetoes
from resolution.judgements import Judgement, JudgementStore
from resolution.levels import forget, weigh_pairs
from resolution.lineage import PREFIX, begin_run, end_run, name_entities
from resolution.link import Scorer, find_candidates, score_pairs
from resolution.mentions import build_contexts, read_mentions
from resolution.open_world import measure_open_world
from resolution.profiles import (
    LEAST_POPULATION,
    company_profiles,
    person_profiles,
    property_profiles,
    trade_name_profiles,
)
from resolution.settings import KINDS, Kind, check_attributes, read_settings
from resolution.source import Source
from resolution.source_files import read_sources
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
    "part", "described", "profile", "profile_of", "pair",
    "edge", "blocked", "candidate", "bearer", "known_former", "slip", "sound", "borne",
    "node", "unit", "clustered", "cluster_mention", "cluster_id", "heir",
    "record_context", "mention_context", "judged", "cut", "stands_in", "open_world",
)  # fmt: skip
TITLES = {"property": "房产", "company": "企业", "person": "人员", "trade_name": "商号"}


def resolve(
    workspace: Workspace, backend: str = "duckdb", progress: Progress | None = None, anew: bool = False
) -> dict[str, Any]:
    """Resolve everything that is staged; entities keep the ids they had.

    What earlier runs found of a pair is taken over (see `levels`), unless `anew`; the result is the same. What people
    judged (see `judgements`) outranks numbers, scores and vetoes. Killed at any moment, the workspace holds what it
    held before. With the backend `spark` pairs are compared there, with the same result (see `spark`, also for what
    it raises). Returns by kind: mentions, entities, pairs and how many of them were compared anew or taken over,
    seconds, what became of entities (created, joined, merged, split, gone), pairs to review, and judgements that count
    or are overruled by a later one.
    """
    tell = progress or (lambda stage, done, total: None)
    sources = read_sources()
    said = JudgementStore(workspace).every()
    connection = workspace.connect()
    try:
        tell("读取提及", 0, len(KINDS) + 1)
        with _scorer(backend, workspace) as score:
            read_mentions(connection, sources)
            connection.execute("BEGIN")
            report = _resolve(connection, sources, tell, said, score, anew)
            connection.execute("COMMIT")
        connection.execute("CHECKPOINT")
    finally:
        connection.close()
    return report


def _scorer(backend: str, workspace: Workspace) -> AbstractContextManager[Scorer]:
    """What scores pairs, for as long as the block runs."""
    if backend == "duckdb":
        return nullcontext(score_pairs)
    if backend != "spark":
        raise WorkspaceError(f"there is no backend {backend!r}: choose duckdb or spark")
    from resolution import spark  # Spark is an extra that few installations have

    return spark.scorer(workspace)


def _resolve(
    connection: duckdb.DuckDBPyConnection,
    sources: dict[str, Source],
    tell: Progress,
    said: list[Judgement],
    score: Scorer,
    anew: bool,
) -> dict[str, Any]:
    report: dict[str, Any] = {}
    steps = len(KINDS) + 1
    run = begin_run(connection)
    doubts.begin(connection)
    for name, columns in {
        "entity_phones": "entity_id VARCHAR, phone VARCHAR, probability DOUBLE, records VARCHAR[]",
        "entity_addresses": "entity_id VARCHAR, address VARCHAR, key VARCHAR, probability DOUBLE, records VARCHAR[]",
        "doubts": "entity_a VARCHAR, entity_b VARCHAR, probability DOUBLE",
        "may_be": "entity_a VARCHAR, entity_b VARCHAR, probability DOUBLE",
        "property_certificate": "certificate VARCHAR, entity_id VARCHAR",
        "property_address": "address VARCHAR, entity_id VARCHAR",
    }.items():
        connection.execute(f"CREATE OR REPLACE TABLE {name} ({columns})")
    connection.execute("CREATE OR REPLACE TABLE mentions AS FROM mention_kind")
    for number, kind in enumerate(KINDS):
        tell(f"识别{TITLES[kind]}", number + 1, steps)
        started = time.monotonic()
        report[kind] = resolve_kind(connection, sources, kind, run, said, score, anew)
        report[kind]["seconds"] = round(time.monotonic() - started, 1)
    happened = end_run(connection, run)
    for kind in KINDS:
        report[kind] |= happened.get(PREFIX[kind], {})
    for scratch in SCRATCH:
        connection.execute(f"DROP TABLE IF EXISTS {scratch}")
    tell("识别完成", steps, steps)
    return report


def resolve_kind(
    connection: duckdb.DuckDBPyConnection,
    sources: dict[str, Source],
    kind: Kind,
    run: int,
    said: list[Judgement],
    score: Scorer,
    anew: bool = False,
) -> dict[str, Any]:
    """Resolve one kind; kinds that it leans on must have been resolved before (see `settings.KINDS`)."""
    settings = read_settings(kind)
    build_contexts(connection, sources, kind)
    PROFILES[kind](connection)
    check_attributes(settings, _attributes(connection))
    measure_open_world(connection, settings, kind)
    bearing = bring_to_bear(connection, kind, said)
    over_veto = mark_vetoes(connection, settings.cluster.vetoes)
    pairs = find_candidates(connection, settings) if settings.block else 0
    compared: dict[str, int] = {}
    if pairs:
        anchors = connection.execute("SELECT count(DISTINCT coalesce(anchor, unique_id)) FROM profile").fetchall()[0][0]
        population = max(float(anchors), float(LEAST_POPULATION))
        compared = vars(weigh_pairs(connection, settings, population, score, anew))
    else:
        forget(connection, kind)
        connection.execute("CREATE OR REPLACE TABLE pair (l VARCHAR, r VARCHAR, bits DOUBLE, probability DOUBLE)")
    weigh_candidates(connection, settings, judged=True)
    cluster(connection, settings, judged=True)
    name_entities(connection, kind, run)
    DESCRIBE[kind](connection)
    describe_ties(connection, settings)
    namesakes.gather(connection, kind)
    asked = doubts.gather(connection, kind, settings, said)
    for name in ("profile", "profile_of", "pair", "edge", "judged", "cut"):
        connection.execute(f"DROP TABLE IF EXISTS {kind}_{name}")
        connection.execute(f"ALTER TABLE {name} RENAME TO {kind}_{name}")
    counted = connection.execute(
        "SELECT count(*), count(DISTINCT entity_id) FROM entity_of JOIN mentions USING (mention_id) WHERE kind = ?",
        [kind],
    ).fetchall()[0]
    report: dict[str, Any] = {"mentions": counted[0], "entities": counted[1], "pairs": pairs, **compared, **asked}
    report |= {"judged": len(bearing.words), "judged_over_veto": over_veto, "overruled": len(bearing.overruled)}
    if bearing.overruled:
        report["contradictions"] = [
            f"{former.left} – {former.right} {former.verdict} ({former.who}) gives way to"
            f" {later.left} – {later.right} {later.verdict} ({later.who})"
            for former, later in bearing.overruled
        ]
    return report


def _attributes(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """What profiles tell of their entities, without what only the run itself needs."""
    told = {row[0] for row in connection.execute("DESCRIBE profile").fetchall()}
    return told - {"unique_id", "weight", "first_mention", "outside"}
