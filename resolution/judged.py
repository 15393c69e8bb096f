"""What people decided, brought to bear on profiles before they are scored: it outranks numbers, scores and vetoes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

from resolution.groups import Groups
from resolution.judgements import NOT_SAME, SAME, Judgement, Mention, by_pair, consistent, decided
from resolution.settings import Kind

# what of a profile says which number it bears, and what is read off a number
NUMBERS = {
    "person": ("id_valid", "id_number", "id_tail", "id_head", "id_prefix", "id_suffix", "document"),
    "company": ("code_valid", "code", "registration"),
    "property": ("certificate",),
    "trade_name": ("registration_number",),
}
READ_OFF = {"birth": "birth_stated", "sex": "sex_stated"}


@dataclass
class Bearing:
    """Which judgements count in this run for one kind, and what they did to profiles."""

    words: list[Judgement] = field(default_factory=list)
    overruled: list[tuple[Judgement, Judgement]] = field(default_factory=list)
    detached: int = 0
    """Mentions that no longer count as what their number or their equal attributes say."""


def bring_to_bear(connection: duckdb.DuckDBPyConnection, kind: Kind, said: Iterable[Judgement]) -> Bearing:
    """Fill `judged(l, r, verdict, pair)` with profiles that people call one or two, after taking profiles apart.

    Mentions that share a profile or a number are one for certain; where people say they are not, the mention that
    the number fits less well (no register row, fewer like it) gets a profile of its own, which bears no number.
    Judgements whose mentions are not loaded, or not of this kind, lie dormant.
    """
    connection.execute(
        "CREATE OR REPLACE TABLE judged (l VARCHAR, r VARCHAR, verdict VARCHAR, pair VARCHAR, over_veto BOOLEAN)"
    )
    counting = [word for word in map(decided, by_pair(said).values()) if word and word.verdict in (SAME, NOT_SAME)]
    if not counting:
        return Bearing()
    places = _places(connection, kind, {side for word in counting for side in (word.left, word.right)})
    words, overruled = consistent(word for word in counting if word.left in places and word.right in places)
    detached = _to_detach(words, places)
    if detached:
        _detach(connection, kind, [places[mention]["mention_id"] for mention in detached])
    at = {mention: place["unique_id"] for mention, place in places.items()}
    at |= {mention: f"judged:{places[mention]['mention_id']}" for mention in detached}
    rows = [
        {"l": at[word.left], "r": at[word.right], "verdict": word.verdict, "pair": word.pair, "over_veto": False}
        for word in words
        if word.verdict == NOT_SAME or at[word.left] != at[word.right]
    ]
    if rows:
        connection.register("judged_rows", pa.Table.from_pylist(rows))
        connection.execute("INSERT INTO judged BY NAME SELECT * FROM judged_rows")
        connection.unregister("judged_rows")
    return Bearing(words, overruled, len(detached))


def mark_vetoes(connection: duckdb.DuckDBPyConnection, vetoes: Sequence[str]) -> int:
    """Mark in `judged` which joins go over a veto, so that their entities can say so; returns how many do."""
    against = " OR ".join(f"a.{veto} <> b.{veto}" for veto in vetoes) or "false"
    connection.execute(
        f"""UPDATE judged SET over_veto = true FROM profile a, profile b
        WHERE a.unique_id = judged.l AND b.unique_id = judged.r AND judged.verdict = '{SAME}' AND ({against})"""
    )
    return int(connection.execute("SELECT count(*) FROM judged WHERE over_veto").fetchall()[0][0])


def _places(connection: duckdb.DuckDBPyConnection, kind: Kind, mentions: set[Mention]) -> dict[Mention, dict[str, Any]]:
    """Profile, unit (anchor or profile) and standing of each judged mention that is loaded and of this kind."""
    columns = list(zip(*sorted(mentions), strict=True))
    connection.register("judged_side", pa.table(dict(zip(Mention._fields, columns, strict=True))))
    found = connection.sql(
        """SELECT j.dataset, j.record_id, j.role, m.mention_id, o.unique_id, coalesce(p.anchor, p.unique_id) AS unit,
            coalesce(t.register, false) AS register, p.weight
        FROM judged_side j JOIN mentions m USING (dataset, record_id, role)
        JOIN profile_of o USING (mention_id) JOIN profile p USING (unique_id)
        LEFT JOIN mention_text t USING (mention_id) WHERE m.kind = ?""",
        params=[kind],
    ).to_arrow_table()
    connection.unregister("judged_side")
    return {Mention(row["dataset"], row["record_id"], row["role"]): row for row in found.to_pylist()}


def _to_detach(words: Sequence[Judgement], places: dict[Mention, dict[str, Any]]) -> list[Mention]:
    """Mentions that must leave their unit, for it would bring together what people say is two.

    Mentions called the same are one group; a group takes hold of the units of its mentions one after the other, the
    best founded first, unless an enemy of the group has hold of the unit.
    """
    groups = Groups[Any]()
    for word in words:
        if word.verdict == SAME:
            groups.join(word.left, word.right)
    enemies: dict[Any, set[Any]] = {}
    for word in words:
        if word.verdict == NOT_SAME:
            enemies.setdefault(groups.of(word.left), set()).add(groups.of(word.right))
            enemies.setdefault(groups.of(word.right), set()).add(groups.of(word.left))
    judged = {side for word in words for side in (word.left, word.right)}
    detached = []
    for each in sorted(judged, key=lambda m: (not places[m]["register"], -places[m]["weight"], m)):
        group, unit = groups.of(each), groups.of(("unit", places[each]["unit"]))
        if any(groups.of(enemy) == unit for enemy in enemies.get(group, ())):
            detached.append(each)
        elif group != unit:
            groups.join(group, unit)
            enemies.setdefault(group, set()).update(enemies.pop(unit, ()))
    return detached


def _detach(connection: duckdb.DuckDBPyConnection, kind: Kind, mention_ids: Sequence[int]) -> None:
    """Give each of these mentions a profile of its own that bears no number."""
    connection.register("leaving", pa.table({"mention_id": pa.array(mention_ids, pa.int64())}))
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE left_profile AS SELECT * FROM leaving JOIN profile_of USING (mention_id)"
    )
    connection.unregister("leaving")
    here = _columns(connection, "profile")
    told = _columns(connection, "described")
    # a number that several rows bear is what is in doubt; one that nobody else bears stays
    shed = {name: f"CASE WHEN p.anchor IS NULL THEN p.{name} END" for name in NUMBERS[kind] if name in here}
    shed |= {name: f"CASE WHEN p.anchor IS NULL THEN p.{name} ELSE d.{stated} END"
             for name, stated in READ_OFF.items() if name in here and stated in told}  # fmt: skip
    fresh = {"unique_id": "'judged:' || o.mention_id", "anchor": "NULL", "weight": "1", "first_mention": "o.mention_id"}
    replaced = ", ".join(f"{sql} AS {name}" for name, sql in {**fresh, **shed}.items() if name in here)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE own_profile AS
        SELECT p.* REPLACE ({replaced})
        FROM left_profile o JOIN profile p USING (unique_id) JOIN described d USING (mention_id)"""
    )
    connection.execute(
        f"""UPDATE described SET {", ".join(f"{name} = own.{name}" for name in shed if name in told)}
        FROM left_profile o JOIN own_profile own ON own.unique_id = 'judged:' || o.mention_id
        WHERE described.mention_id = o.mention_id"""
    )
    connection.execute(
        """UPDATE profile_of SET unique_id = 'judged:' || o.mention_id
        FROM left_profile o WHERE o.mention_id = profile_of.mention_id"""
    )
    connection.execute(
        """UPDATE profile SET weight = weight - o.gone FROM (
            SELECT unique_id, count(*) AS gone FROM left_profile GROUP BY unique_id) o
        WHERE o.unique_id = profile.unique_id"""
    )
    connection.execute(
        """DELETE FROM profile WHERE replace(unique_id, 'former:', '') IN (
            SELECT unique_id FROM left_profile EXCEPT SELECT unique_id FROM profile_of)"""
    )
    connection.execute("INSERT INTO profile BY NAME SELECT * FROM own_profile")
    connection.execute("DROP TABLE own_profile; DROP TABLE left_profile")


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    return {name for (name, *_) in connection.execute(f"DESCRIBE {table}").fetchall()}
