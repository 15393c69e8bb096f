"""How an entity grew, in words: its joins in order, the weakest of them, and the one that holds it together."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from resolution import disclosure
from resolution.growth import Growth, Join, MentionKey, growth
from resolution.sentences import ONE
from resolution.settings import Kind, read_settings
from resolution.weights import Weighed, weigh

MOST = 300  # mentions and joins told of one entity


@dataclass(frozen=True)
class Member:
    """One mention of the entity; those of one group are one for certain."""

    key: MentionKey
    dataset_title: str
    group: int
    probability: float
    """Its weakest link into the entity."""


@dataclass(frozen=True)
class Joined:
    """One step of growth."""

    left: MentionKey
    right: MentionKey
    probability: float
    bits: float
    left_size: int
    right_size: int
    beside: int
    """Other links between the two sides; none: a bridge."""
    grounds: str
    """What speaks for the link most, in words."""


@dataclass(frozen=True)
class Bridge:
    """A join and what its removal would leave: mentions on either side."""

    left: MentionKey
    right: MentionKey
    probability: float
    left_mentions: int
    right_mentions: int
    sentence: str


@dataclass(frozen=True)
class How:
    """How an entity grew. `joins` are in the order in which they were made, the strongest first."""

    entity_id: str
    kind: Kind
    name: str
    mentions: tuple[Member, ...]
    mentions_in_all: int
    groups: int
    joins: tuple[Joined, ...]
    joins_in_all: int
    weakest: Joined | None
    bridge: Bridge | None
    threshold: float
    sentences: tuple[str, ...]


def how(connection: duckdb.DuckDBPyConnection, entity_id: str) -> How:
    """How the entity grew. Raises UnknownEntity; a merged entity is answered under the id it has now."""
    grown = growth(connection, entity_id)
    settings = read_settings(grown.kind)
    shown = grown.joins[-MOST:]
    pairs = [(join.link.left, join.link.right) for join in shown]
    joins = tuple(
        _joined(grown, join, weighed) for join, weighed in zip(shown, weigh(connection, settings, pairs), strict=True)
    )
    names = connection.execute(
        f"SELECT name FROM {grown.kind}_entities WHERE entity_id = ?", [grown.entity_id]
    ).fetchall()
    members = tuple(
        Member(key, disclosure.dataset_title(key.dataset), number, probability)
        for number, mentions in enumerate(grown.mentions.values(), 1)
        for key, probability in mentions
    )
    bridge = _bridge(grown)
    weakest = joins[-1] if joins else None
    return How(
        entity_id=grown.entity_id,
        kind=grown.kind,
        name=(names[0][0] if names else None) or "",
        mentions=members[:MOST],
        mentions_in_all=grown.size,
        groups=len(grown.mentions),
        joins=joins,
        joins_in_all=len(grown.joins),
        weakest=weakest,
        bridge=bridge,
        threshold=grown.threshold,
        sentences=tuple(_sentences(grown, weakest, bridge)),
    )


def _joined(grown: Growth, join: Join, weighed: Weighed) -> Joined:
    strongest = sorted((w for w in weighed.weights if w.bits >= 1), key=lambda w: -w.bits)[:3]
    return Joined(
        left=grown.of_profile[join.link.left],
        right=grown.of_profile[join.link.right],
        probability=join.link.probability,
        bits=join.link.bits,
        left_size=join.left_size,
        right_size=join.right_size,
        beside=join.beside,
        grounds="、".join(f"{weight.label}（{weight.bits:+.1f}）" for weight in strongest),
    )


def _bridge(grown: Growth) -> Bridge | None:
    join = grown.bridge
    if join is None:
        return None
    left = grown.side(join.left_side)
    right = grown.size - left
    a, b = grown.of_profile[join.link.left], grown.of_profile[join.link.right]
    return Bridge(
        a,
        b,
        join.link.probability,
        left,
        right,
        f"{a} 与 {b} 之间的关联（{disclosure.percent(join.link.probability)}）是唯一的桥："
        f"去掉它，实体将分为 {left} 条与 {right} 条。",
    )


def _sentences(grown: Growth, weakest: Joined | None, bridge: Bridge | None) -> list[str]:
    one = ONE[grown.kind]
    told = [f"共 {grown.size} 条记载，按有效号码或完全相同的要素分为 {len(grown.mentions)} 组。"]
    if weakest is None:
        if len(grown.mentions) > 1:
            told.append(f"各组之间没有达到阈值的关联，由人工判定或以往的识别归为{one}。")
        else:
            told.append(f"全部记载确定为{one}，不依赖打分。")
        return told
    told.append(
        f"经 {len(grown.joins)} 次合并归为{one}，最后也是最弱的一次可能性为 {disclosure.percent(weakest.probability)}"
        f"（合并阈值 {grown.threshold:.2f}）。"
    )
    told.append(bridge.sentence if bridge else "没有单独维系全局的关联：去掉任何一条，实体仍是一个。")
    if loose := len(grown.mentions) - 1 - len(grown.joins):
        told.append(f"另有 {loose} 组并非由打分归入（人工判定或以往的识别）。")
    return told
