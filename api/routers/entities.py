"""Entities: search, profile, neighbourhood, source rows, life in dates, and the ways between two."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Body, Query
from fastapi import Path as InPath

from api import entities, network
from api.deps import Running
from api.errors import NotFound, Problem
from api.schemas import Page, Record
from api.schemas.entity import LARGEST, Entity, Event, Expansion, Network, Paths
from api.wording import datasets

router = APIRouter(tags=["entities"])

Key = Annotated[str, InPath(max_length=200)]
EntityId = Annotated[str, Query(min_length=1, max_length=200)]
Words = Annotated[str, Query(min_length=1, max_length=100, description="A name, or a part of one.")]
Label = Literal["", "Person", "Company", "TradeName", "Property"]
Offset = Annotated[int, Query(ge=0, le=100_000)]
Limit = Annotated[int, Query(ge=1, le=200)]
Depth = Annotated[int, Query(ge=1, le=2)]
Nodes = Annotated[int, Query(ge=1, le=LARGEST)]


@router.get("/entities")
async def search(running: Running, q: Words, label: Label = "", offset: Offset = 0, limit: Limit = 20) -> Page[Entity]:
    """Search by name. A number that identifies is refused here, since it would stand in an address: POST it."""
    if entities.looks_like_number(q):
        raise Problem(422, "号码不得出现在网址中", 'Send numbers as POST /api/v1/entities/search with {"q": …}.')
    items, total = await running.bounded(entities.search, running, q, label, offset, limit)
    following = urlencode({"q": q, "label": label, "offset": offset + limit, "limit": limit})
    return Page(items=items, total=total, next=f"/api/v1/entities?{following}" if offset + limit < total else None)


@router.post("/entities/search")
async def search_by_number(
    running: Running, q: Annotated[str, Body(embed=True, min_length=1, max_length=100)], limit: Limit = 20
) -> Page[Entity]:
    """Search by name, resident ID, credit code or phone; what is typed stays out of addresses and logs."""
    items, total = await running.bounded(entities.search, running, q, "", 0, limit)
    return Page(items=items, total=total, next=None)


@router.get("/entities/{key}")
async def profile(running: Running, key: Key) -> Entity:
    """One entity, with how many rows of which dataset speak of it."""
    found = await running.bounded(entities.profile, running, key)
    if found is None:
        raise NotFound("实体")
    return found


@router.get("/entities/{key}/network")
async def neighbourhood(running: Running, key: Key, depth: Depth = 1, limit: Nodes = LARGEST) -> Network:
    """The neighbourhood of an entity, cut at some 300 nodes."""
    key = await _current(running, key)
    return await _expanded(running, Expansion(key=key, depth=depth, limit=limit, known=[]))


@router.post("/network")
async def expand(running: Running, wanted: Expansion) -> Network:
    """Expand a node of a picture: the node, what is new around it, and all edges among this and what is known."""
    return await _expanded(running, wanted)


@router.get("/entities/{key}/records")
async def records(
    running: Running,
    key: Key,
    dataset: Annotated[str, Query(max_length=60)] = "",
    offset: Offset = 0,
    limit: Limit = 50,
) -> Page[Record]:
    """Source rows that speak of the entity, newest first; numbers that identify are left out."""
    if dataset and dataset not in datasets():
        raise NotFound("数据集")
    key = await _current(running, key)
    items, total = await running.bounded(entities.records, running, key, dataset, offset, limit)
    following = urlencode({"dataset": dataset, "offset": offset + limit, "limit": limit})
    more = offset + limit < total
    return Page(items=items, total=total, next=f"/api/v1/entities/{key}/records?{following}" if more else None)


@router.get("/entities/{key}/timeline")
async def timeline(running: Running, key: Key) -> list[Event]:
    """What happened to the entity, oldest first."""
    key = await _current(running, key)
    return await running.bounded(entities.timeline, running, key)


@router.get("/paths")
async def paths(
    running: Running,
    source: Annotated[EntityId, Query(alias="from")],
    target: Annotated[EntityId, Query(alias="to")],
) -> Paths:
    """How two entities hang together: the shortest ways, with the weakest link of each."""
    source, target = [await _current(running, key) for key in (source, target)]
    if source == target:
        raise Problem(422, "两个实体相同", "Name two different entities.")
    return await running.bounded(network.paths, running, source, target)


async def _current(running: Running, key: str) -> str:
    """The id under which the entity is found now. Raises NotFound."""
    found = await running.bounded(entities.profile, running, key)
    if found is None:
        raise NotFound("实体")
    return found.entity_id


async def _expanded(running: Running, wanted: Expansion) -> Network:
    found = await running.bounded(network.around, running, wanted)
    if found is None:
        raise NotFound("实体")
    return found
