"""What would change if the threshold were another, or if a pair were judged: asked before anything is changed.

The pairs of the last run are clustered once more, in memory, by the very function that `resolve` uses: once as things
stand and once as asked. What differs is what would change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from resolution.cluster import cluster
from resolution.growth import MentionKey, UnknownMention
from resolution.settings import Kind, Settings, SettingsError, read_settings

EXAMPLES = 20
Pair = tuple[MentionKey, MentionKey]


@dataclass(frozen=True)
class Change:
    """Entities that would become one, or the parts that one would fall into (their sizes in mentions)."""

    entities: tuple[str, ...]
    names: tuple[str, ...]
    sizes: tuple[int, ...]


@dataclass(frozen=True)
class Foresight:
    """What would change. `merged` and `split` hold the largest few; the counts are of all."""

    kind: Kind
    threshold: float
    asked_threshold: float
    entities: int
    asked_entities: int
    merges: int
    splits: int
    merged: tuple[Change, ...]
    split: tuple[Change, ...]
    changed: frozenset[str]
    """All entities that would merge or split."""
    moved: frozenset[tuple[str, str, str]]
    """(dataset, record, entity) of the mentions that would leave their entity for a smaller part."""


def foresee(
    connection: duckdb.DuckDBPyConnection,
    kind: Kind,
    threshold: float | None = None,
    same: Sequence[Pair] = (),
    apart: Sequence[Pair] = (),
) -> Foresight:
    """What another threshold (0.5 to 1), or judgements of pairs, would change. Nothing is written.

    A pair judged the same joins over a veto; a pair judged apart stays apart whatever joins its two ends. A mention
    that its number made one with the other loses that number's certainty and stands by itself.
    Raises SettingsError for a threshold out of bounds, UnknownMention for a pair that is not there.
    """
    settings = read_settings(kind)
    before = settings.cluster.threshold
    asked = before if threshold is None else threshold
    if not 0.5 <= asked <= 1:
        raise SettingsError(f"threshold {asked} of {kind}: give a number from 0.5 to 1")
    vetoes = settings.cluster.vetoes
    columns = ", ".join(["unique_id", "anchor", "weight", *vetoes])
    profiles = connection.sql(f"SELECT {columns} FROM {kind}_profile").to_arrow_table()
    edges = connection.sql(
        f"SELECT l, r, bits, probability FROM {kind}_edge WHERE probability >= {min(before, asked)}"
    ).to_arrow_table()
    said = connection.sql(f"SELECT * FROM {kind}_judged").to_arrow_table()
    memory = duckdb.connect(":memory:")
    try:
        memory.register("said", said)
        memory.execute("CREATE TABLE judged AS SELECT * FROM said")
        memory.register("profiles", profiles)
        memory.register("edges", edges)
        memory.execute("CREATE TABLE profile AS SELECT * FROM profiles; CREATE TABLE edge AS SELECT * FROM edges")
        cluster(memory, settings, judged=True)
        memory.execute("CREATE TABLE before AS SELECT unique_id, cluster FROM clustered")
        extra = _judge(connection, memory, kind, vetoes, same, apart)
        cluster(memory, _asked(settings, asked, extra), judged=True)
        return difference(connection, memory, kind, before, asked)
    finally:
        memory.close()


def _asked(settings: Settings, threshold: float, extra: list[str]) -> Settings:
    changed = settings.cluster.model_copy(update={"threshold": threshold, "vetoes": [*settings.cluster.vetoes, *extra]})
    return settings.model_copy(update={"cluster": changed})


def _judge(
    connection: duckdb.DuckDBPyConnection,
    memory: duckdb.DuckDBPyConnection,
    kind: Kind,
    vetoes: list[str],
    same: Sequence[Pair],
    apart: Sequence[Pair],
) -> list[str]:
    """Work the judgements into the copies; returns the veto columns that they add."""
    for left, right in same:
        a, b = _profile(connection, kind, left), _profile(connection, kind, right)
        if vetoes:
            cleared = ", ".join(f"{veto} = NULL" for veto in vetoes)
            memory.execute(
                f"""UPDATE profile SET {cleared} WHERE coalesce(anchor, unique_id) IN (
                    SELECT coalesce(anchor, unique_id) FROM profile WHERE unique_id = ?)""",
                [b],
            )
        memory.execute("INSERT INTO edge VALUES (?, ?, 100, 1.0)", [a, b])
    extra = []
    for number, (left, right) in enumerate(apart):
        a, b = _profile(connection, kind, left), _profile(connection, kind, right)
        unit = "(SELECT coalesce(anchor, unique_id) FROM profile WHERE unique_id = ?)"
        together = memory.execute(f"SELECT {unit} = {unit}", [a, b]).fetchall()[0][0]
        if together:
            b = _set_apart(memory, b, right)
        column = f"apart_{number}"
        extra.append(column)
        memory.execute(f"ALTER TABLE profile ADD COLUMN {column} VARCHAR")
        for side, profile in (("l", a), ("r", b)):
            memory.execute(
                f"UPDATE profile SET {column} = ? WHERE coalesce(anchor, unique_id) = {unit}", [side, profile]
            )
    return extra


def _set_apart(memory: duckdb.DuckDBPyConnection, profile: str, mention: MentionKey) -> str:
    """Take one mention out of what its number, or its equal description, makes one; the profile that it has then."""
    weight = memory.execute("SELECT weight FROM profile WHERE unique_id = ?", [profile]).fetchall()[0][0]
    if weight == 1:
        memory.execute("UPDATE profile SET anchor = NULL WHERE unique_id = ?", [profile])
        return profile
    alone = f"asked:{mention}"
    memory.execute(
        "INSERT INTO profile BY NAME SELECT * REPLACE (? AS unique_id, NULL AS anchor, 1 AS weight)"
        " FROM profile WHERE unique_id = ?",
        [alone, profile],
    )
    memory.execute("UPDATE profile SET weight = weight - 1 WHERE unique_id = ?", [profile])
    memory.execute("INSERT INTO before SELECT ?, cluster FROM before WHERE unique_id = ?", [alone, profile])
    return alone


def _profile(connection: duckdb.DuckDBPyConnection, kind: Kind, key: MentionKey) -> str:
    rows = connection.execute(
        f"""SELECT unique_id FROM mentions JOIN {kind}_profile_of USING (mention_id)
        WHERE dataset = ? AND record_id = ? AND role = ?""",
        [key.dataset, key.record_id, key.role],
    ).fetchall()
    if not rows:
        raise UnknownMention(f"no {kind} is mentioned at {key}")
    found: str = rows[0][0]
    return found


def difference(
    connection: duckdb.DuckDBPyConnection, memory: duckdb.DuckDBPyConnection, kind: Kind, before: float, asked: float
) -> Foresight:
    """What differs between the tables `before` and `clustered` (unique_id, cluster) of `memory`, which has `profile`.

    `connection` is the workspace, which knows entities and their names; `before` and `asked` are the two thresholds.
    """
    memory.execute(
        """CREATE TABLE piece AS
        WITH counted AS (SELECT b.cluster AS was, c.cluster AS becomes, sum(p.weight)::BIGINT AS mentions,
                min(unique_id) AS profile
            FROM before b JOIN clustered c USING (unique_id) JOIN profile p USING (unique_id)
            WHERE unique_id NOT LIKE 'former:%' GROUP BY was, becomes)
        SELECT *, row_number() OVER (PARTITION BY was ORDER BY mentions DESC, profile) = 1 AS main FROM counted"""
    )
    counts = memory.execute("SELECT count(DISTINCT was), count(DISTINCT becomes) FROM piece").fetchall()[0]
    listed = "SELECT list(profile ORDER BY mentions DESC, profile), list(mentions ORDER BY mentions DESC, profile)"
    groups = {
        "merged": f"{listed} FROM piece GROUP BY becomes HAVING count(DISTINCT was) > 1",
        "split": f"{listed} FROM piece GROUP BY was HAVING count(DISTINCT becomes) > 1",
    }
    every = {name: memory.execute(query).fetchall() for name, query in groups.items()}
    changed_profiles = sorted({profile for rows in every.values() for profiles, _ in rows for profile in profiles})
    entities = _entities(connection, kind, changed_profiles)
    moved = memory.execute(
        """SELECT unique_id FROM before b JOIN clustered c USING (unique_id)
        JOIN piece p ON p.was = b.cluster AND p.becomes = c.cluster WHERE NOT p.main"""
    ).fetchall()
    return Foresight(
        kind=kind,
        threshold=before,
        asked_threshold=asked,
        entities=counts[0],
        asked_entities=counts[1],
        merges=len(every["merged"]),
        splits=len(every["split"]),
        merged=_changes(every["merged"], entities),
        split=_changes(every["split"], entities),
        changed=frozenset(entity for entity, _ in entities.values()),
        moved=_mentions(connection, kind, [profile for (profile,) in moved]),
    )


def _changes(rows: list[tuple[list[str], list[int]]], entities: dict[str, tuple[str, str]]) -> tuple[Change, ...]:
    largest = sorted(rows, key=lambda row: (-sum(row[1]), row[0]))[:EXAMPLES]
    changes = []
    for profiles, sizes in largest:
        known = list(dict.fromkeys(entities[profile] for profile in profiles if profile in entities))
        changes.append(Change(tuple(e for e, _ in known), tuple(name for _, name in known), tuple(sizes)))
    return tuple(changes)


def _entities(connection: duckdb.DuckDBPyConnection, kind: Kind, profiles: list[str]) -> dict[str, tuple[str, str]]:
    """Entity and name by profile; a mention set apart is still called what it is now."""
    asked = {profile: _asked_key(profile) for profile in profiles if profile.startswith("asked:")}
    plain = [profile for profile in profiles if profile not in asked]
    rows = connection.execute(
        f"""SELECT f.unique_id, any_value(e.entity_id), any_value(n.name) FROM {kind}_profile_of f
        JOIN entity_of e USING (mention_id) LEFT JOIN {kind}_entities n USING (entity_id)
        WHERE f.unique_id IN (SELECT unnest(?::VARCHAR[])) GROUP BY 1""",
        [plain],
    ).fetchall()
    found = {profile: (entity, name or "") for profile, entity, name in rows}
    for profile, key in asked.items():
        own = _profile(connection, kind, key)
        found[profile] = _entities(connection, kind, [own])[own]
    return found


def _asked_key(profile: str) -> MentionKey:
    return MentionKey.parse(profile.removeprefix("asked:"))


def _mentions(
    connection: duckdb.DuckDBPyConnection, kind: Kind, profiles: list[str]
) -> frozenset[tuple[str, str, str]]:
    rows = connection.execute(
        f"""SELECT m.dataset, m.record_id, e.entity_id FROM {kind}_profile_of f JOIN mentions m USING (mention_id)
        JOIN entity_of e USING (mention_id) WHERE f.unique_id IN (SELECT unnest(?::VARCHAR[]))""",
        [[profile for profile in profiles if not profile.startswith("asked:")]],
    ).fetchall()
    found = {(d, r, e) for d, r, e in rows}
    for profile in profiles:
        if profile.startswith("asked:"):
            key = _asked_key(profile)
            entity = next(iter(_entities(connection, kind, [profile]).values()))[0]
            found.add((key.dataset, key.record_id, entity))
    return frozenset(found)
