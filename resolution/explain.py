"""Why two mentions are one, or are not: what was compared, what it weighs, and what decided.

Everything is asked of the tables that `resolve` keeps and of the settings in force; nothing is stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import duckdb

from resolution import disclosure
from resolution.growth import Growth, Link, MentionKey, UnknownMention, growth
from resolution.sentences import BLOCKED, ONE, anchor_words, sentence, value_shown, veto_words
from resolution.settings import Block, Kind, Settings, read_settings
from resolution.weights import Weighed, Weight, weigh

Judged = Callable[[MentionKey, MentionKey], str | None]
"""What people have said of a pair, as a sentence in Chinese; None when nobody has."""

NOT_COMPARED = "两条记载没有任何一组可供比对的相同要素，系统未将其配对"
RIVALS_SHOWN = 5
SAME_SCORE = 1e-6  # bits: a stored score that differs more was made with other settings


@dataclass(frozen=True)
class Described:
    """One mention as people may see it."""

    key: MentionKey
    dataset_title: str
    entity_id: str
    values: dict[str, str]
    """What the row says of it, masked, by Chinese title."""


@dataclass(frozen=True)
class Side:
    """One mention with what is compared of it. The profile holds whole numbers: it is never shown or logged."""

    shown: Described
    profile: dict[str, Any] = field(repr=False)

    @property
    def entity_id(self) -> str:
        """The entity that it belongs to."""
        return self.shown.entity_id


@dataclass(frozen=True)
class Reason:
    """One comparison in words."""

    comparison: str
    title: str
    left: str | None
    right: str | None
    level: str
    bits: float
    sentence: str


@dataclass(frozen=True)
class Rival:
    """Another entity that the mention without a number might belong to. `share` is of all candidates together."""

    entity_id: str
    name: str
    bits: float
    share: float
    chosen: bool


@dataclass(frozen=True)
class Step:
    """One link of a chain between two mentions."""

    left: MentionKey
    right: MentionKey
    probability: float
    bits: float


@dataclass(frozen=True)
class Why:
    """The answer. `decision` is one of judged, same_description, certain, scored, chain, joined, veto, cut, apart,
    doubtful, unlikely, not_compared."""

    kind: Kind
    left: Described
    right: Described
    same: bool
    decision: str
    sentences: tuple[str, ...]
    reasons: tuple[Reason, ...]
    prior: float
    bits: float
    stored_bits: float | None
    probability: float | None
    threshold: float
    rivals: tuple[Rival, ...] = ()
    rivals_in_all: int = 0
    open_world: float | None = None
    """The share left to an entity that stands in no register."""
    chain: tuple[Step, ...] = ()


def describe(connection: duckdb.DuckDBPyConnection, key: MentionKey) -> tuple[Side, Kind]:
    """A mention with its profile. Raises UnknownMention, naming the roles that the row has."""
    rows = connection.execute(
        """SELECT mention_id, kind, entity_id, t.name, t.id, t.sex, t.birth_date, t.address, t.phone
        FROM mentions JOIN entity_of USING (mention_id) JOIN mention_text t USING (mention_id)
        WHERE mentions.dataset = ? AND mentions.record_id = ? AND mentions.role = ?""",
        [key.dataset, key.record_id, key.role],
    ).fetchall()
    if not rows:
        roles = connection.execute(
            "SELECT DISTINCT role FROM mentions WHERE dataset = ? AND record_id = ? ORDER BY role",
            [key.dataset, key.record_id],
        ).fetchall()
        hint = f"that row has {'、'.join(role for (role,) in roles)}" if roles else "no such row was resolved"
        raise UnknownMention(f"no mention {key}: {hint}")
    mention_id, kind, entity_id, *cells = rows[0]
    found = connection.execute(
        f"SELECT p.* FROM {kind}_profile p JOIN {kind}_profile_of f USING (unique_id) WHERE f.mention_id = ?",
        [mention_id],
    )
    names = [column[0] for column in found.description]
    profile = dict(zip(names, found.fetchall()[0], strict=True))
    titles = ("名称" if kind != "person" else "姓名", "证件号码", "性别", "出生日期", "地址", "电话")
    columns = ("name", "id_given" if kind == "person" else "code", "sex", "birth", "address", "phone")
    if kind == "property":
        columns = ("name", "certificate", *columns[2:])
    values = {
        title: text
        for title, column, cell in zip(titles, columns, cells, strict=True)
        if (text := disclosure.shown(column, cell))
    }
    return Side(Described(key, disclosure.dataset_title(key.dataset), entity_id, values), profile), kind


def why(
    connection: duckdb.DuckDBPyConnection, left: MentionKey, right: MentionKey, judged: Judged | None = None
) -> Why:
    """Why two mentions are one entity, or why they are not. Raises UnknownMention."""
    a, kind = describe(connection, left)
    b, other_kind = describe(connection, right)
    if kind != other_kind:
        raise UnknownMention(f"{left} is a {kind} and {right} a {other_kind}: ask about two of one kind")
    settings = read_settings(kind)
    pair = (a.profile["unique_id"], b.profile["unique_id"])
    weighed = weigh(connection, settings, [pair])[0]
    edge = _edge(connection, kind, *sorted(pair))
    same = a.entity_id == b.entity_id
    reasons = tuple(_reason(kind, weight, a.profile, b.profile) for weight in weighed.weights)
    rivals, in_all, open_world = _rivals(connection, settings, a, b) if edge else ((), 0, None)
    chain: tuple[Step, ...] = ()
    if same and not _certain(a, b) and (edge is None or edge[1] < settings.cluster.threshold):
        grown = growth(connection, a.entity_id, settings)
        links = grown.way(grown.unit_of(left), frozenset([grown.unit_of(right)]))
        chain = tuple(steps(grown, links))
    told = judged(left, right) if judged else None
    decision, sentences = _decide(connection, settings, a, b, weighed, edge, chain, rivals, in_all, told)
    return Why(
        kind=kind,
        left=a.shown,
        right=b.shown,
        same=same,
        decision=decision,
        sentences=tuple(sentences),
        reasons=reasons,
        prior=weighed.prior,
        bits=weighed.bits,
        stored_bits=edge[0] if edge else None,
        probability=edge[1] if edge else None,
        threshold=settings.cluster.threshold,
        rivals=rivals,
        rivals_in_all=in_all,
        open_world=open_world,
        chain=chain,
    )


def steps(grown: Growth, links: list[Link]) -> list[Step]:
    """Links of an entity as pairs of mentions."""
    return [
        Step(grown.of_profile[link.left], grown.of_profile[link.right], link.probability, link.bits) for link in links
    ]


def _certain(a: Side, b: Side) -> bool:
    anchor = a.profile.get("anchor")
    return a.profile["unique_id"] == b.profile["unique_id"] or (
        anchor is not None and anchor == b.profile.get("anchor")
    )


def _decide(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    a: Side,
    b: Side,
    weighed: Weighed,
    edge: tuple[float, float] | None,
    chain: tuple[Step, ...],
    rivals: tuple[Rival, ...],
    in_all: int,
    told: str | None,
) -> tuple[str, list[str]]:
    """What decided, and the sentences that say so."""
    one = ONE[settings.kind]
    same = a.entity_id == b.entity_id
    threshold = f"{settings.cluster.threshold:.2f}"
    if told:
        return "judged", [told, f"系统据此{'归为' if same else '不归为'}{one}。"]
    if a.profile["unique_id"] == b.profile["unique_id"]:
        return "same_description", [f"两条记载的各项要素完全相同，归为{one}。"]
    if _certain(a, b):
        return "certain", [f"{anchor_words(settings.kind, a.profile, b.profile)}，确定为{one}，无需打分。"]
    if veto := veto_words(settings, a.profile, b.profile):
        return "veto", [f"{veto}，无论其他要素如何相似，一律不归为{one}。"]
    share = []
    if len(rivals) > 1:
        listed = "，".join(f"{rival.name}占 {rival.share:.0%}" for rival in rivals[:3])
        share = [f"与其相似的候选共 {in_all} 个，{listed}。"]
    if edge:
        sure = f"可能性为 {disclosure.percent(edge[1])}（合并阈值 {threshold}）"
        drift = (
            [f"注意：现行设置算得 {weighed.bits:.1f} 比特，与上次识别时的 {edge[0]:.1f} 不同，设置改动后尚未重新识别。"]
            if abs(edge[0] - weighed.bits) > SAME_SCORE
            else []
        )
        if edge[1] >= settings.cluster.threshold:
            if same:
                return "scored", [f"逐项比对后{sure}，归为{one}。", *share, *drift]
            return "cut", [
                f"两者本身{sure}，但合并会使互斥的号码进入同一实体，该关联已被切断，不归为{one}。",
                *share,
                *drift,
            ]
        if chain:
            return "chain", [f"两者直接比对{sure}，不足以合并。", _chain_words(chain, one), *share, *drift]
        verdict = "doubtful" if edge[1] >= settings.cluster.review else "unlikely"
        tail = "，列为疑似" if verdict == "doubtful" else ""
        return verdict, [f"逐项比对后{sure}，未达阈值，不归为{one}{tail}。", *share, *drift]
    blocks = shared_blocks(connection, settings, a.profile, b.profile)
    if chain:
        return "chain", [f"{NOT_COMPARED if not blocks else '两条记载未直接配对'}。", _chain_words(chain, one)]
    if same:
        return "joined", [f"两条记载经由本次设置之外的依据（人工判定或以往的识别）归为{one}。"]
    if a.profile.get("anchor") and b.profile.get("anchor"):
        return "apart", [f"两条记载各有确定的号码或代码，号码不同，不归为{one}。"]
    if blocks:
        return "unlikely", [
            f"两条记载在“{'、'.join(blocks[:3])}”上相同，但该值涉及的记载过多或比对得分过低"
            f"（{weighed.bits:.1f} 比特），不归为{one}。"
        ]
    return "not_compared", [f"{NOT_COMPARED}，不归为{one}。"]


def _chain_words(chain: tuple[Step, ...], one: str) -> str:
    weakest = min(step.probability for step in chain)
    way = " → ".join([str(chain[0].left), *[str(step.right) for step in chain]])
    if len({chain[0].left, chain[0].right}) == 1:
        way = " → ".join(str(step.right) for step in chain)
    return f"经由 {len(chain)} 步关联归为{one}（{way}），其中最弱一步 {disclosure.percent(weakest)}。"


def _edge(connection: duckdb.DuckDBPyConnection, kind: Kind, left: str, right: str) -> tuple[float, float] | None:
    rows = connection.execute(
        f"SELECT bits, probability FROM {kind}_edge WHERE (l = $l AND r = $r) OR (l = $r AND r = $l)",
        {"l": left, "r": right},
    ).fetchall()
    return rows[0] if rows else None


def shared_blocks(
    connection: duckdb.DuckDBPyConnection, settings: Settings, a: dict[str, Any], b: dict[str, Any]
) -> list[str]:
    """Titles of the blocks in which both profiles have the same value."""
    titles = {c.name: c.title for c in settings.comparison}
    return [
        "＋".join(titles.get(name, BLOCKED.get(name, name)) for name in block.columns)
        for block in settings.block
        if not block.where and _blocks(block, a, b)
    ]


def _blocks(block: Block, a: dict[str, Any], b: dict[str, Any]) -> bool:
    for column in block.columns:
        left, right = a.get(column), b.get(column)
        if column == block.explode:
            if not set(left or ()) & set(right or ()):
                return False
        elif left is None or left != right or (left == "" and column != "branch"):
            return False
    return True


def _rivals(
    connection: duckdb.DuckDBPyConnection, settings: Settings, a: Side, b: Side
) -> tuple[tuple[Rival, ...], int, float | None]:
    """The numbered entities that compete for the mention without a number, with their shares."""
    if (a.profile["anchor"] is None) == (b.profile["anchor"] is None):
        return (), 0, None
    loose, chosen = (a, b) if a.profile["anchor"] is None else (b, a)
    kind = settings.kind
    rows = connection.execute(
        f"""WITH met AS (SELECT CASE WHEN l = $loose THEN r ELSE l END AS other, bits FROM {kind}_edge
            WHERE l = $loose OR r = $loose),
        best AS (SELECT p.anchor, max(bits) AS bits, arg_max(other, bits) AS other FROM met
            JOIN {kind}_profile p ON p.unique_id = other WHERE p.anchor IS NOT NULL GROUP BY p.anchor)
        SELECT b.anchor, b.bits, any_value(x.entity_id), any_value(n.name) FROM best b
        LEFT JOIN {kind}_profile_of f ON f.unique_id = replace(b.other, 'former:', '')
        LEFT JOIN entity_of x USING (mention_id) LEFT JOIN {kind}_entities n ON n.entity_id = x.entity_id
        GROUP BY b.anchor, b.bits ORDER BY b.bits DESC, b.anchor""",
        {"loose": loose.profile["unique_id"]},
    ).fetchall()
    odds = [2.0 ** min(bits, 60.0) for _, bits, _, _ in rows]
    outside = loose.profile["outside"] or settings.cluster.open_world
    total = sum(odds) + outside
    rivals = tuple(
        Rival(entity or "", name or "", bits, own / total, anchor == chosen.profile["anchor"])
        for (anchor, bits, entity, name), own in zip(rows, odds, strict=True)
    )
    shown = rivals[:RIVALS_SHOWN] + tuple(rival for rival in rivals[RIVALS_SHOWN:] if rival.chosen)
    return shown, len(rivals), outside / total


def _reason(kind: Kind, weight: Weight, a: dict[str, Any], b: dict[str, Any]) -> Reason:
    left, right = value_shown(weight, a), value_shown(weight, b)
    if "context" in weight.columns:
        both = sorted(set(a.get("context") or ()) & set(b.get("context") or ()))
        left = right = "；".join(dict.fromkeys(disclosure.context_words(key) for key in both[:3])) or None
    return Reason(
        weight.comparison, weight.title, left, right, weight.label, weight.bits, sentence(kind, weight, left, right)
    )
