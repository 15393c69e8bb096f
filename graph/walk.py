"""One entity's way through the steps of a model: which hold, and where the first lets no row of it through.

The entity is bound to a variable of the query, the steps are run one prefix at a time, and where rows are put
together over more than the entity (a ring of suits, the calls of a street) the groups it belongs to are followed
whole, so that their figures are those that the model sees.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from neo4j import Record
from neo4j.graph import Node, Relationship

from graph.clauses import Step, scope
from graph.connection import Graph, QueryTimeout
from graph.expressions import written
from graph.steps import definitions, inside

MOST_GROUPS = 1000
SHORTEST = 0.5  # seconds that a query is given at least


@dataclass(frozen=True)
class Subject:
    """The node that is asked about."""

    key: str
    labels: frozenset[str]
    name: str


@dataclass(frozen=True)
class Anchor:
    """Where a way is bound to the entity: after this step only rows that meet `where` are looked at."""

    step: int
    where: str
    names: tuple[str, ...]
    variable: str
    role: str
    """The variable that was the entity at first: what it is called."""
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Stop:
    """Where a way ends: `step` is the first that lets nothing through, None when all let something through.

    `merged`: from here on all findings are put together, so that one entity cannot be followed further.
    """

    way: list[Step]
    anchor: Anchor
    step: int | None
    merged: bool = False
    passed: int = 0


class Walk:
    """Runs prefixes of one model's query; all within `seconds`."""

    def __init__(self, graph: Graph, params: Mapping[str, Any], seconds: float) -> None:
        self._graph, self._params = graph, dict(params)
        self._end = time.monotonic() + seconds

    def read(self, query: str, anchor: Anchor | None = None, *, share: float = 1.0) -> list[Record]:
        """Rows of a query within a share of the time left. Raises QueryTimeout when none is left, GraphError."""
        left = self._end - time.monotonic()
        if left < SHORTEST:
            raise QueryTimeout("the explanation took too long: ask about one entity with fewer records")
        return self._graph.read(query, {**self._params, **(anchor.params if anchor else {})}, timeout=left * share)

    def follow(self, way: list[Step], anchor: Anchor, passed: int = 0) -> Stop:
        """How far the entity comes."""
        cut = next((i for i in range(anchor.step + 1, len(way) - 1) if self._loses(way, i, anchor)), None)
        end = len(way) - 1 if cut is None else cut
        if not self.any(way, end, anchor):
            low, high = anchor.step, end - 1
            while low < high:
                middle = (low + high) // 2
                if self.any(way, middle + 1, anchor):
                    low = middle + 1
                else:
                    high = middle
            return self.opened(way, anchor, low)
        if cut is None:
            return Stop(way, anchor, None, passed=end)
        groups = self._groups(way, cut, anchor)
        return self.follow(way, groups) if groups else Stop(way, anchor, cut, merged=True, passed=cut)

    def earlier(self, way: Sequence[Step], anchor: Anchor) -> Anchor | None:
        """The same binding one step earlier: the rows through which the entity would come in, when it has any.

        A step that finds nothing where the entity comes in says nothing of what was asked of these rows before.
        """
        step, there = way[anchor.step], scope(way[: anchor.step])
        made = definitions(way[: anchor.step])
        known = [n for hop in step.hops for n in hop.nodes if n in there and n not in made and n not in anchor.names]
        if not known:
            return None
        name = known[0]
        at = max(i for i, each in enumerate(way[: anchor.step]) if name in each.names)
        if way[at].kind not in ("match", "optional"):
            return None
        labels = next((each.labels[name] for each in way if name in each.labels), ())
        pattern = ", ".join(hop.text for hop in step.hops)
        whole = f"{name}:{labels[0]}" if labels else f"{name}:Entity|Fact"
        rows = self.read(
            f"MATCH {pattern}\nWHERE {anchor.where} AND {whole}\n"
            f"RETURN DISTINCT {name}.key AS key, labels({name}) AS labels LIMIT {MOST_GROUPS}",
            anchor,
        )
        if not rows:
            return None
        general = "Fact" if "Fact" in rows[0]["labels"] else "Entity"
        params = {**anchor.params, "keys": [row["key"] for row in rows]}
        return Anchor(at, f"{name}.key IN $keys AND {name}:{general}", (name,), name, anchor.role, params)

    def any(self, way: Sequence[Step], count: int, anchor: Anchor) -> bool:
        """Whether the first `count` steps let anything of the entity through."""
        return bool(self.read(f"{prefix(way, count, anchor)}\nRETURN 1 AS one LIMIT 1", anchor))

    def opened(self, way: list[Step], anchor: Anchor, stop: int) -> Stop:
        """Where a CALL that finds nothing stops: in the branch that comes furthest."""
        step = way[stop]
        if step.kind != "call" or not step.branches or step.imports is None:
            return Stop(way, anchor, stop, passed=stop)
        best = Stop(way, anchor, stop, passed=stop)
        for branch in inside(step):
            inner = [*way[:stop], *branch]
            found = next(
                (k for k in range(stop, len(inner)) if not self.any(inner, k + 1, anchor)),
                len(inner) - 1,
            )
            if found > best.passed:
                best = Stop(inner, anchor, found, passed=found)
        deeper = best.step is not None and best.way is not way and best.way[best.step].kind == "call"
        return self.opened(best.way, anchor, best.step) if deeper and best.step is not None else best

    def _loses(self, way: Sequence[Step], index: int, anchor: Anchor) -> bool:
        """Whether a step puts rows together over more than the entity."""
        step = way[index]
        if not step.aggregates:
            return False
        kept = {item.name for item in step.items if [t.text for t in item.tokens] == [item.name]}
        return not step.everything and not set(anchor.names) <= kept

    def _groups(self, way: Sequence[Step], index: int, anchor: Anchor) -> Anchor | None:
        """The groups that the entity belongs to after a step, as a binding of its own."""
        step = way[index]
        keys = [(item.name, item.tokens) for item in step.items if not item.aggregates]
        if not keys:
            return None
        columns = ", ".join(f"{written(tokens)} AS {name}" for name, tokens in keys)
        rows = self.read(f"{prefix(way, index, anchor)}\nRETURN DISTINCT {columns} LIMIT {MOST_GROUPS}", anchor)
        told = [name for name, _ in keys if all(_tells(row[name]) for row in rows)]
        if not told:
            return None
        said = ", ".join(f"elementId({n})" if any(_graphic(row[n]) for row in rows) else n for n in told)
        groups = [[_parameter(row[name]) for name in told] for row in rows]
        # an empty key is a group too, but null equals nothing
        plain = ", ".join(f"coalesce({part}, '')" for part in said.split(", "))
        params = {**anchor.params, "groups": [["" if v is None else v for v in group] for group in groups]}
        return Anchor(index, f"[{plain}] IN $groups", tuple(told), anchor.variable, anchor.role, params)


def prefix(way: Sequence[Step], count: int, anchor: Anchor) -> str:
    """The first steps of a way as Cypher, bound to the entity."""
    parts = []
    for index, step in enumerate(way[:count]):
        bound = index == anchor.step
        if bound and step.kind == "match":
            parts.append(step.cypher(anchor.where))
        else:
            parts.append(step.cypher())
            if bound:
                parts.append(f"WITH *\nWHERE {anchor.where}")
    return "\n".join(parts)


def anchors(way: Sequence[Step], subject: Subject) -> list[Anchor]:
    """The variables of a way that can be the entity, in the order in which they come."""
    general = "Fact" if "Fact" in subject.labels else "Entity"
    return [
        Anchor(index, f"{name}.key = $entity AND {name}:{general}", (name,), name, name, {"entity": subject.key})
        for index, name, labels in _introduced(way)
        if labels & subject.labels
    ]


def tied(way: Sequence[Step], rows: Sequence[tuple[str, frozenset[str]]], subject: Subject) -> list[Anchor]:
    """The variables of a way that can be one of the rows (key and labels) that name the entity."""
    found = []
    for index, name, labels in _introduced(way):
        if keys := [key for key, own in rows if labels & own]:
            params = {"entity": subject.key, "keys": keys}
            found.append(Anchor(index, f"{name}.key IN $keys AND {name}:Fact", (name,), name, name, params))
    return found


def _introduced(way: Sequence[Step]) -> Iterator[tuple[int, str, set[str]]]:
    seen: set[str] = set()
    for index, step in enumerate(way):
        if step.kind in ("match", "optional"):
            for name, labels in step.labels.items():
                if name in step.names and name not in seen and name not in scope(way[:index]):
                    yield index, name, set(labels)
            seen |= set(step.names)


def _graphic(value: Any) -> bool:
    return isinstance(value, Node | Relationship)


def _tells(value: Any) -> bool:
    return not isinstance(value, list | dict)


def _parameter(value: Any) -> Any:
    return value.element_id if _graphic(value) else value
