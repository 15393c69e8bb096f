"""What is in the graph, said once: labels, relationships, properties; and the constraints and indexes that follow.

General labels stand in `ontology.toml`; facts, their properties and their relationships follow from the sources
(`resolution/sources/*.toml` and the data office's own), so that a new dataset is part of the graph without a word here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from resolution.source import Source
from resolution.source_files import read_sources

ENTITY_NAMES = "entityNames"
"""The full-text index over the names of entities."""

HIDDEN_TYPES = frozenset({"id", "party_id", "phone", "account"})


def hashed_phones(source: Source) -> dict[str, str]:
    """Phone columns that describe nobody (who called the hotline): the property that tells callers apart, by column."""
    described = {mention.phone for mention in source.mentions.values()}
    return {n: f"{n}Hash" for n, c in source.columns.items() if c.type == "phone" and n not in described}


"""Columns of these types never leave the workspace."""

RENAMED = {"name": "personName"}
"""`name` is every node's caption; a name column of the agency's stands beside it under another name."""

GRAPH_TYPES = {
    "date": "DATE", "month": "DATE", "datetime": "LOCAL DATETIME", "year": "INTEGER", "bool": "BOOLEAN",
    "money": "FLOAT", "number": "FLOAT", "lon": "FLOAT", "lat": "FLOAT",
}  # fmt: skip
"""Column type of a source → type of the property; all others are STRING."""

KINDS = {
    "person": ("Person",),
    "company": ("Company",),
    "party": ("Person", "Company"),
    "property": ("Property",),
    "trade_name": ("TradeName",),
}
"""Kind of a mention → labels that it may resolve to."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PropertyKind(_Strict):
    """A property: what it means, and its type in Cypher's words."""

    title: str
    type: str = "STRING"
    unique: bool = False
    indexed: bool = False


class NodeKind(_Strict):
    """A label. `under` is the general label that every such node bears too; `datasets` are where facts come from."""

    title: str
    description: str = ""
    general: bool = False
    under: str | None = None
    datasets: tuple[str, ...] = ()
    properties: dict[str, PropertyKind] = {}


class RelationshipKind(_Strict):
    """A relationship: what it says of its start, and which labels it may tie."""

    title: str
    description: str = ""
    start: tuple[str, ...]
    end: tuple[str, ...]
    properties: tuple[str, ...] = ()


class Ontology(_Strict):
    """Everything that the graph may hold."""

    labels: dict[str, NodeKind]
    relationships: dict[str, RelationshipKind]
    relationship_properties: dict[str, PropertyKind]
    facts: dict[str, dict[str, PropertyKind]] = Field(default={}, exclude=True)


def describe(sources: Mapping[str, Source] | None = None) -> Ontology:
    """The ontology of these sources (default: of all that are in force)."""
    stated = Ontology.model_validate(
        tomllib.loads(Path(__file__).with_name("ontology.toml").read_text(encoding="utf-8"))
    )
    every = list((read_sources() if sources is None else sources).values())
    labels, relationships = dict(stated.labels), dict(stated.relationships)
    for source in every:
        _add_label(labels, source, stated.facts.get(source.fact.label, {}))
        for group in source.fact.groups:
            properties = {name: stated.labels["Household"].properties[name] for name in ("key", "name", "members")}
            labels.setdefault(group.label, NodeKind(title=source.columns[group.column].header, properties=properties))
    by_name = {source.name: source for source in every}
    for source in every:
        for name, kind in _ties(source, by_name):
            relationships[name] = _joined(relationships.get(name), kind)
    return stated.model_copy(update={"labels": labels, "relationships": relationships})


def constraints(sources: Mapping[str, Source] | None = None) -> list[str]:
    """The schema of the graph as Cypher statements, each of which may be run again."""
    found = describe(sources)
    statements = []
    for label, kind in found.labels.items():
        for name, property in kind.properties.items():
            if property.unique:
                statements.append(
                    f"CREATE CONSTRAINT {label}_{name} IF NOT EXISTS FOR (n:{label}) REQUIRE n.{name} IS UNIQUE"
                )
            elif property.indexed or (name == "knownFrom" and not kind.general):
                statements.append(f"CREATE INDEX {label}_{name} IF NOT EXISTS FOR (n:{label}) ON (n.{name})")
    statements.append(
        # pairs of characters: Chinese has no spaces to part words by
        f"CREATE FULLTEXT INDEX {ENTITY_NAMES} IF NOT EXISTS FOR (n:Entity) ON EACH [n.name, n.names]"
        " OPTIONS {indexConfig: {`fulltext.analyzer`: 'cjk'}}"
    )
    return statements


def _add_label(labels: dict[str, NodeKind], source: Source, added: dict[str, PropertyKind]) -> None:
    properties = {"knownFrom": labels["Fact"].properties["knownFrom"]}
    for name, column in source.columns.items():
        if name != source.key and column.type not in HIDDEN_TYPES:
            kind = PropertyKind(title=column.header, type=GRAPH_TYPES.get(column.type, "STRING"))
            properties[RENAMED.get(name, name)] = kind
    for phone, hashed in hashed_phones(source).items():
        title = f"{source.columns[phone].header}（散列，只可比较）"
        properties[hashed] = PropertyKind(title=title, type="STRING")
    properties |= added
    label, before = source.fact.label, labels.get(source.fact.label)
    if before is None:
        labels[label] = NodeKind(
            title=source.title,
            description=source.description,
            under="Fact",
            datasets=(source.name,),
            properties=properties,
        )
    else:  # two datasets of one kind of fact
        datasets = (*before.datasets, source.name)
        labels[label] = before.model_copy(update={"datasets": datasets, "properties": before.properties | properties})


def _ties(source: Source, sources: Mapping[str, Source]) -> Iterable[tuple[str, RelationshipKind]]:
    """The relationships that a source's rows have."""
    label = source.fact.label
    for role, mention in source.mentions.items():
        yield mention.link, _tie(role, label, KINDS[mention.kind], ("probability", "role"))
    for join in source.fact.joins:
        title = source.columns[join.column].header
        if join.to == "property":
            yield join.link, _tie(title, label, ("Property",), ("probability",))
        elif (target := sources.get(join.to.split(".", 1)[0])) is not None:
            yield join.link, _tie(title, label, (target.fact.label,), ())
    for place in source.fact.places:
        yield place.link, _tie("位于", label, ("Address",), ())
    for group in source.fact.groups:
        yield group.link, _tie(source.columns[group.column].header, label, (group.label,), ())


def _tie(title: str, start: str, end: tuple[str, ...], properties: tuple[str, ...]) -> RelationshipKind:
    return RelationshipKind(title=title, start=(start,), end=end, properties=properties)


def _joined(one: RelationshipKind | None, other: RelationshipKind) -> RelationshipKind:
    """One type of relationship that several datasets use: all its titles and ends."""
    if one is None:
        return other
    titles = dict.fromkeys([*one.title.split("、"), other.title])
    return RelationshipKind(
        title="、".join(titles),
        description=one.description,
        start=tuple(dict.fromkeys([*one.start, *other.start])),
        end=tuple(dict.fromkeys([*one.end, *other.end])),
        properties=tuple(dict.fromkeys([*one.properties, *other.properties])),
    )
