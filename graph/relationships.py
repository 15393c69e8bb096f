"""The relationships of the desired graph: who a row speaks of, which rows belong together, what they share."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from graph.draft import Draft, literal, quoted, staged
from resolution.source import Source

COMMON_NUMBER = 100
"""A document number that more rows than this bear is a filler such as 无: nothing is joined on it."""


def mentions(draft: Draft) -> None:
    """Fact → entity, as resolved, with the probability of the weakest link that the mention rests on."""
    links: list[dict[str, Any]] = [
        {"dataset": source.name, "role": role, "type": mention.link}
        for source in draft.sources
        for role, mention in source.mentions.items()
    ]
    if not links:
        return
    draft.connection.register("links", pa.Table.from_pylist(links))
    draft.add_relationships("""
        SELECT l.type, 'Fact' AS from_general, m.dataset || '/' || m.record_id AS from_key,
               'Entity' AS to_general, e.entity_id AS to_key, max(e.probability) AS probability, min(m.role) AS role
        FROM mentions m JOIN links l ON l.dataset = m.dataset AND l.role = m.role
        JOIN entity_of e ON e.mention_id = m.mention_id
        GROUP BY ALL
    """)
    draft.connection.unregister("links")


def joins(draft: Draft) -> None:
    """Fact → fact and fact → property, by document, licence, certificate or device number."""
    loaded = {source.name: source for source in draft.sources}
    for source in draft.sources:
        for join in source.fact.joins:
            if join.to == "property":
                _join_property(draft, source, join.column, join.link)
                continue
            name, column = join.to.split(".", 1)
            if name in loaded:
                _join_fact(draft, source, join.column, loaded[name], column, join.link)


def _numbers(source: Source, column: str, end: str) -> str:
    return (
        f'SELECT {literal(source.name + "/")} || "recordId" AS {end}, reference({quoted(column)}) AS number'
        f" FROM {staged(source)} WHERE {quoted(column)} IS NOT NULL"
    )


def _join_fact(draft: Draft, source: Source, column: str, target: Source, target_column: str, link: str) -> None:
    draft.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE numbered AS
        SELECT *, count(*) OVER (PARTITION BY number) AS bearers
        FROM ({_numbers(target, target_column, "target")}) WHERE number IS NOT NULL
    """)
    common = draft.connection.execute(
        "SELECT count(DISTINCT number) FROM numbered WHERE bearers > ?", [COMMON_NUMBER]
    ).fetchone()
    if common and common[0]:
        draft.notes.append(
            f"{target.title}：{common[0]} 个「{target.columns[target_column].header}」各有超过 {COMMON_NUMBER} 行使用，"
            f"视为占位值，未据此关联；请核对该列。"
        )
    draft.add_relationships(f"""
        SELECT DISTINCT {literal(link)} AS type, 'Fact' AS from_general, f.source AS from_key,
               'Fact' AS to_general, n.target AS to_key
        FROM ({_numbers(source, column, "source")}) f
        JOIN numbered n ON n.number = f.number AND n.bearers <= {COMMON_NUMBER}
        WHERE f.source <> n.target
    """)


def _join_property(draft: Draft, source: Source, column: str, link: str) -> None:
    draft.add_relationships(f"""
        SELECT {literal(link)} AS type, 'Fact' AS from_general, f.source AS from_key,
               'Entity' AS to_general, c.entity_id AS to_key, 1.0 AS probability
        FROM ({_numbers(source, column, "source")}) f
        JOIN (SELECT DISTINCT entity_id, reference(unnest(certificates)) AS number FROM property_entities) c
            ON c.number = f.number
    """)


def places(draft: Draft) -> None:
    """Fact → address where it is, entity → address that rows give for it."""
    for source in draft.sources:
        for place in source.fact.places:
            draft.add_relationships(f"""
                SELECT DISTINCT {literal(place.link)} AS type, 'Fact' AS from_general,
                       {literal(source.name + "/")} || s."recordId" AS from_key,
                       'Address' AS to_general, p.place AS to_key
                FROM {staged(source)} s JOIN places p ON p.value = s.{quoted(place.column)}
            """)
    draft.add_relationships("""
        SELECT 'HAS_ADDRESS' AS type, 'Entity' AS from_general, entity_id AS from_key,
               'Address' AS to_general, place AS to_key, probability, records
        FROM entity_places
    """)


def phones(draft: Draft) -> None:
    """Entity → phone that rows give for it."""
    draft.add_relationships("""
        SELECT 'HAS_PHONE' AS type, 'Entity' AS from_general, entity_id AS from_key,
               'Phone' AS to_general, phone AS to_key, probability, records
        FROM entity_telephones
    """)


def groups(draft: Draft) -> None:
    """Fact → what it shares with others by a number of its own (IN_HOUSEHOLD)."""
    for source in draft.sources:
        for group in source.fact.groups:
            draft.add_relationships(f"""
                SELECT DISTINCT {literal(group.link)} AS type, 'Fact' AS from_general, source AS from_key,
                       {literal(group.label)} AS to_general, {literal(group.label + ":")} || number AS to_key
                FROM ({_numbers(source, group.column, "source")}) WHERE number IS NOT NULL
            """)


def entities(draft: Draft) -> None:
    """Branch → its company, the pairs of entities in doubt, and all pairs that nothing known keeps apart."""
    draft.add_relationships("""
        SELECT 'BRANCH_OF' AS type, 'Entity' AS from_general, branch_id AS from_key,
               'Entity' AS to_general, parent_id AS to_key, max(probability) AS probability
        FROM branches WHERE branch_id <> parent_id GROUP BY ALL
    """)
    draft.add_relationships("""
        SELECT 'POSSIBLY_SAME' AS type, 'Entity' AS from_general, least(entity_a, entity_b) AS from_key,
               'Entity' AS to_general, greatest(entity_a, entity_b) AS to_key, max(probability) AS probability
        FROM doubts WHERE entity_a <> entity_b GROUP BY ALL
    """)
    draft.add_relationships("""
        SELECT 'MAY_BE' AS type, 'Entity' AS from_general, entity_a AS from_key,
               'Entity' AS to_general, entity_b AS to_key, probability
        FROM may_be
    """)


STEPS = (mentions, joins, places, phones, groups, entities)
