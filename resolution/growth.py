"""How an entity grew: its descriptions, the links that join them, and what falls apart when one of them goes.

The joins are those of the maximum spanning tree, the strongest first, which is the order in which clustering makes
them. A bridge is a join that no other link stands beside: without it the entity would be two.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field

import duckdb

from resolution.settings import KINDS, Kind, Settings, read_settings


class UnknownMention(LookupError):
    """No row of this dataset, record and role was resolved; the message says which there are."""


class UnknownEntity(LookupError):
    """There is no entity of this id."""


@dataclass(frozen=True, order=True)
class MentionKey:
    """One mention as people name it."""

    dataset: str
    record_id: str
    role: str

    def __str__(self) -> str:
        return f"{self.dataset}/{self.record_id}/{self.role}"

    @classmethod
    def parse(cls, text: str) -> MentionKey:
        """`dataset/record/role`. Raises UnknownMention when it has another form."""
        dataset, slash, rest = text.partition("/")
        record, last, role = rest.rpartition("/")
        if not (slash and last and dataset and record and role):
            raise UnknownMention(f"write a mention as dataset/record/role, such as leases/ZL0001/出租人, not {text!r}")
        return cls(dataset, record, role)


@dataclass(frozen=True)
class Link:
    """A scored pair of profiles that joins two units of an entity."""

    left: str
    right: str
    left_unit: str
    right_unit: str
    probability: float
    bits: float


@dataclass(frozen=True)
class Join:
    """One step of growth: `left_size` and `right_size` are the mentions that it brought together."""

    link: Link
    left_size: int
    right_size: int
    beside: int
    """Other links between the two sides of the finished entity; a join with none is a bridge."""
    left_side: frozenset[str]
    """Units on the left of the join in the finished entity."""


@dataclass
class Growth:
    """An entity taken apart. Units are what is one for certain: mentions with one number, or equal descriptions."""

    entity_id: str
    kind: Kind
    threshold: float
    mentions: dict[str, list[tuple[MentionKey, float]]] = field(default_factory=dict)
    """By unit: its mentions with their weakest link into the entity."""
    of_profile: dict[str, MentionKey] = field(default_factory=dict)
    """By profile: a mention of it."""
    numbered: frozenset[str] = frozenset()
    """Units with a sound number of their own."""
    links: list[Link] = field(default_factory=list)
    joins: list[Join] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many mentions there are."""
        return sum(map(len, self.mentions.values()))

    @property
    def weakest(self) -> Join | None:
        """The weakest join of the tree: the last that was needed."""
        return self.joins[-1] if self.joins else None

    @property
    def bridge(self) -> Join | None:
        """The weakest join with no other link beside it; None when no single link holds the entity together."""
        return next((join for join in reversed(self.joins) if not join.beside), None)

    def side(self, units: frozenset[str]) -> int:
        """How many mentions stand in these units."""
        return sum(len(self.mentions.get(unit, ())) for unit in units)

    def unit_of(self, mention: MentionKey) -> str:
        """The unit that the mention stands in. Raises KeyError."""
        for unit, mentions in self.mentions.items():
            if any(key == mention for key, _ in mentions):
                return unit
        raise KeyError(str(mention))

    def way(self, start: str, goals: frozenset[str]) -> list[Link]:
        """The links of the tree from one unit to the nearest of others; empty when it is one or none is reached."""
        beside: dict[str, list[tuple[str, Link]]] = defaultdict(list)
        for join in self.joins:
            beside[join.link.left_unit].append((join.link.right_unit, join.link))
            beside[join.link.right_unit].append((join.link.left_unit, join.link))
        came: dict[str, tuple[str, Link] | None] = {start: None}
        line = deque([start])
        while line:
            unit = line.popleft()
            if unit in goals:
                way: list[Link] = []
                while (step := came[unit]) is not None:
                    unit, link = step
                    way.append(link)
                return way[::-1]
            for other, link in beside[unit]:
                if other not in came:
                    came[other] = (unit, link)
                    line.append(other)
        return []

    def core(self) -> frozenset[str]:
        """What `probability` is measured from: the units with a number, or else the first."""
        return self.numbered or frozenset([min(self.mentions)] if self.mentions else [])


def entity_kind(connection: duckdb.DuckDBPyConnection, entity_id: str) -> tuple[str, Kind]:
    """The id that the entity has now (a merged one redirects) and its kind. Raises UnknownEntity."""
    for _ in range(5):
        rows = connection.execute(
            "SELECT any_value(kind) FROM entity_of JOIN mentions USING (mention_id) WHERE entity_id = ?", [entity_id]
        ).fetchall()
        if rows and rows[0][0] in KINDS:
            return entity_id, rows[0][0]
        moved = connection.execute("SELECT max(entity_id) FROM redirect WHERE former_id = ?", [entity_id]).fetchall()
        if moved[0][0] is None:
            break
        entity_id = moved[0][0]
    raise UnknownEntity(f"there is no entity {entity_id}; take the id from a search or an export")


def growth(connection: duckdb.DuckDBPyConnection, entity_id: str, settings: Settings | None = None) -> Growth:
    """How the entity grew. Raises UnknownEntity."""
    entity_id, kind = entity_kind(connection, entity_id)
    chosen = settings or read_settings(kind)
    veto = chosen.cluster.vetoes[0] if chosen.cluster.vetoes else "NULL"
    found = Growth(entity_id, kind, chosen.cluster.threshold)
    rows = connection.execute(
        f"""SELECT m.dataset, m.record_id, m.role, e.probability, f.unique_id, coalesce(p.anchor, p.unique_id),
            p.{veto} IS NOT NULL
        FROM entity_of e JOIN mentions m USING (mention_id) JOIN {kind}_profile_of f USING (mention_id)
        JOIN {kind}_profile p USING (unique_id) WHERE e.entity_id = ? ORDER BY 1, 2, 3""".replace("p.NULL", "NULL"),
        [entity_id],
    ).fetchall()
    numbered = set()
    for dataset, record_id, role, probability, profile, unit, has_number in rows:
        key = MentionKey(dataset, record_id, role)
        found.mentions.setdefault(unit, []).append((key, probability))
        found.of_profile.setdefault(profile, key)
        found.of_profile.setdefault(f"former:{profile}", key)
        if has_number:
            numbered.add(unit)
    found.numbered = frozenset(numbered)
    found.links = [
        Link(*row)
        for row in connection.execute(
            f"""WITH inside AS (SELECT unique_id, coalesce(anchor, unique_id) AS unit FROM {kind}_profile
                WHERE coalesce(anchor, unique_id) IN (SELECT unnest($units)))
            SELECT e.l, e.r, a.unit, b.unit, e.probability, e.bits FROM {kind}_edge e
            JOIN inside a ON a.unique_id = e.l JOIN inside b ON b.unique_id = e.r
            WHERE e.probability >= $threshold AND a.unit <> b.unit
            ORDER BY e.probability DESC, e.bits DESC, e.l, e.r""",
            {"units": sorted(found.mentions), "threshold": chosen.cluster.threshold},
        ).fetchall()
    ]
    found.joins = spanning(found.links, {unit: len(mentions) for unit, mentions in found.mentions.items()})
    return found


def spanning(links: list[Link], sizes: dict[str, int]) -> list[Join]:
    """The joins that links, the strongest first, make of units of these sizes."""
    root: dict[str, str] = {unit: unit for unit in sizes}
    size = dict(sizes)

    def find(unit: str) -> str:
        while root[unit] != unit:
            root[unit] = root[root[unit]]
            unit = root[unit]
        return unit

    made: list[tuple[Link, int, int]] = []
    for link in links:
        a, b = find(link.left_unit), find(link.right_unit)
        if a != b:
            made.append((link, size[a], size[b]))
            root[b] = a
            size[a] += size[b]
    joins = []
    for link, left_size, right_size in made:
        left = _side(link, [each for each, _, _ in made])
        across = sum((other.left_unit in left) != (other.right_unit in left) for other in links) - 1
        joins.append(Join(link, left_size, right_size, across, left))
    return joins


def _side(cut: Link, tree: list[Link]) -> frozenset[str]:
    """What hangs on the left end of one link of a tree."""
    beside: dict[str, list[str]] = defaultdict(list)
    for link in tree:
        if link is not cut:
            beside[link.left_unit].append(link.right_unit)
            beside[link.right_unit].append(link.left_unit)
    seen, line = {cut.left_unit}, [cut.left_unit]
    while line:
        for other in beside[line.pop()]:
            if other not in seen:
                seen.add(other)
                line.append(other)
    return frozenset(seen)
