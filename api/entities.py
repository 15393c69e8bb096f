"""People, companies, trade names and properties: found by name or number, with their rows and their life in dates."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

from api import queries, review
from api.deps import Service
from api.network import values
from api.schemas import Record
from api.schemas.entity import Entity, Event
from api.wording import dataset_title, datasets, label_title, own_label

NUMBER = re.compile(r"[0-9]{6,}[0-9A-Z]*")
LUCENE = re.compile(r'([+\-!(){}\[\]^"~*?:\\/&|])')
MOST_EVENTS = 500
MOST_FOUND = 500


def looks_like_number(words: str) -> bool:
    """True for what may be a resident ID, a credit code or a phone: it is looked up whole, and kept out of URLs."""
    return bool(NUMBER.search(re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", words).upper())))


def search(service: Service, words: str, label: str, offset: int, limit: int) -> tuple[list[Entity], int]:
    """Entities whose names hold the words, the same name first, or the bearers of a number given whole.

    With them how many there are; of names at most MOST_FOUND are looked at.
    """
    text = unicodedata.normalize("NFKC", words).strip()
    if looks_like_number(text):
        code = re.sub(r"[\s\-]", "", text).upper()
        known = service.workspace.hash
        rows = service.read(
            queries.BY_NUMBER,
            id_hash=known("id", code),
            code=code,
            phone=f"Phone:{known('phone', code)}",
            offset=offset,
            limit=limit,
        )
    else:
        rows = service.read(
            queries.SEARCH,
            words=_escaped(text),
            exact=text,
            label=label,
            offset=offset,
            limit=limit,
            most=MOST_FOUND,
        )
    return [_entity(row) for row in rows], rows[0]["total"] if rows else 0


def profile(service: Service, key: str) -> Entity | None:
    """One entity, for an id that was merged the one that carries it on; None when there is none of this id."""
    rows = service.read(queries.ENTITY, key=key)
    if not rows and (current := service.review.current_id(key)) != key:
        rows = service.read(queries.ENTITY, key=current)
    if not rows:
        return None
    found = _entity(rows[0])
    return found.model_copy(update={"notes": review.notes(service, found.entity_id)})


def records(service: Service, key: str, dataset: str, offset: int, limit: int) -> tuple[list[Record], int]:
    """Source rows that speak of the entity, newest first, and how many there are."""
    total = service.read(queries.RECORD_COUNT, key=key, dataset=dataset)[0]["total"]
    rows = service.read(queries.RECORDS, key=key, dataset=dataset, offset=offset, limit=limit)
    return [record(row) for row in rows], total


def facts(service: Service, keys: list[str]) -> list[Record]:
    """Source rows by key (`dataset/recordId`), in the order asked for; rows that are gone are left out."""
    found = {row["node"]["key"]: record(row) for row in service.read(queries.FACTS, keys=keys)}
    return [found[key] for key in keys if key in found]


def timeline(service: Service, key: str) -> list[Event]:
    """What happened to the entity, by day: the dates of happenings in its rows, oldest first."""
    events = []
    for row in service.read(queries.RECORDS, key=key, dataset="", offset=0, limit=MOST_EVENTS):
        fact = row["node"]
        source = datasets().get(fact["dataset"])
        for column, title in source.events.items() if source else ():
            if (moment := fact.get(column)) is not None:
                events.append(
                    Event(
                        on=date(moment.year, moment.month, moment.day),
                        title=title,
                        name=fact.get("name") or "",
                        dataset=fact["dataset"],
                        record_id=fact["recordId"],
                    )
                )
    return sorted(events, key=lambda event: (event.on, event.dataset, event.record_id))


def record(row: dict[str, Any]) -> Record:
    """A fact of the graph as the row that an agency gave."""
    fact, label = row["node"], own_label(row["labels"])
    return Record(
        dataset=fact["dataset"],
        dataset_title=dataset_title(fact["dataset"]),
        record_id=fact["recordId"],
        label=label,
        name=fact.get("name") or "",
        probability=row.get("probability"),
        roles=[role for role in row.get("roles") or [] if role],
        values=values(label, fact),
    )


def _entity(row: dict[str, Any]) -> Entity:
    node, label = row["node"], own_label(row["labels"])
    counts = {each["dataset"]: each["records"] for each in row.get("datasets") or []}
    return Entity(
        entity_id=node["key"],
        label=label,
        title=label_title(label),
        name=node.get("name") or node["key"],
        records=row["records"],
        datasets=counts,
        values=values(label, node),
    )


def _escaped(words: str) -> str:
    """The words as a Lucene phrase: no character of theirs is an operator."""
    return '"' + LUCENE.sub(r"\\\1", words) + '"'
