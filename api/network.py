"""Neighbourhoods of the graph as pictures: at most some 300 nodes, with what was left out said."""

from __future__ import annotations

from collections import Counter
from typing import Any

from api import queries
from api.deps import Service
from api.schemas import Value
from api.schemas.entity import LARGEST, Edge, Expansion, Network, Node, Path, Paths
from api.wording import columns, edge_title, label_title, own_label, plain

MOST_EDGES = 2000
HOT = 20  # an address or a phone with more holders is nobody's tie
MOST_PATHS = 5


def around(service: Service, wanted: Expansion) -> Network | None:
    """The neighbourhood of a node; None when there is no such node.

    What is known already stays on the picture, and counts towards its bound.
    """
    if not service.read(queries.NODES, keys=[wanted.key]):
        return None
    kept = list(dict.fromkeys([wanted.key, *wanted.known]))
    room = min(wanted.limit, LARGEST - len(kept))
    frontier = [wanted.key]
    for _ in range(wanted.depth):
        if room <= 0 or not frontier:
            break
        rows = service.read(queries.NEIGHBOURS, keys=frontier, known=kept, limit=room, root=wanted.key, hot=HOT)
        frontier = [row["key"] for row in rows]
        kept += frontier
        room -= len(frontier)
    return picture(service, kept, subjects=[wanted.key])


def of_facts(service: Service, facts: list[str], subjects: list[str]) -> Network:
    """The evidence of a clue: its source rows, and the entities that they speak of."""
    kept = list(dict.fromkeys([*subjects, *facts]))[:LARGEST]
    ends = service.read(queries.AROUND_FACTS, keys=[key for key in facts if key in kept], limit=LARGEST)
    kept += [row["key"] for row in ends if row["key"] not in kept][: LARGEST - len(kept)]
    ties = service.read(queries.SHARED, keys=kept, hot=HOT, limit=LARGEST)
    kept += [row["key"] for row in ties][: LARGEST - len(kept)]
    drawn = picture(service, kept, subjects=subjects)
    left_out = len(set(facts)) - sum(1 for key in set(facts) if key in kept)
    return drawn.model_copy(
        update={"truncated": drawn.truncated or left_out > 0, "not_shown": drawn.not_shown + left_out}
    )


def paths(service: Service, source: str, target: str) -> Paths:
    """The shortest ways between two entities, not over phones or addresses that everybody shares."""
    rows = service.read(queries.PATHS, source=source, target=target, hot=HOT, limit=MOST_PATHS)
    ways = [Path(keys=row["keys"], probability=row["probability"]) for row in rows]
    keys = list(dict.fromkeys(key for way in ways for key in way.keys))
    return Paths(paths=ways, network=picture(service, keys, subjects=[source, target]))


def picture(service: Service, keys: list[str], *, subjects: list[str]) -> Network:
    """These nodes and every relationship among them."""
    nodes = service.read(queries.NODES, keys=keys)
    rows = service.read(queries.EDGES, keys=keys, limit=MOST_EDGES)
    shown: Counter[str] = Counter()
    for row in rows:
        shown[row["source"]] += 1
        shown[row["target"]] += 1
    drawn = [_node(row, row["degree"] - shown[row["node"]["key"]], subjects) for row in nodes]
    not_shown = sum(node.hidden for node in drawn)
    edges = [
        Edge(
            source=row["source"],
            target=row["target"],
            type=row["type"],
            title=edge_title(row["type"], row["role"]),
            probability=row["probability"],
            role=row["role"],
        )
        for row in rows
    ]
    return Network(nodes=drawn, edges=edges, truncated=not_shown > 0, not_shown=not_shown)


def values(label: str, properties: Any) -> list[Value]:
    """The columns of a node that people may see, in the agency's order, empty ones left out."""
    titles = columns(label)
    return [
        Value(name=name, title=title, value=plain(properties[name]))
        for name, title in titles.items()
        if properties.get(name) not in (None, "", [])
    ]


def _node(row: dict[str, Any], hidden: int, subjects: list[str]) -> Node:
    properties, label = row["node"], own_label(row["labels"])
    return Node(
        key=properties["key"],
        label=label,
        title=label_title(label),
        name=str(properties.get("name") or properties["key"]),
        dataset=properties.get("dataset"),
        record_id=properties.get("recordId"),
        entity="Entity" in row["labels"],
        subject=properties["key"] in subjects,
        hidden=max(hidden, 0),
        values=values(label, properties),
    )
