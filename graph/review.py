"""The review queue: pairs of records in doubt, the most useful first, and what people said of them.

`prepare` copies what a resolution left to ask into the service database, with every number masked, so that the queue
can be read while a resolution runs; `rest` notes which clues rest on which pair.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    case,
    delete,
    func,
    insert,
    select,
)

from graph.clues import ClueStore, clues
from graph.masking import install
from resolution.judgements import (
    NOT_SAME,
    SAME,
    UNSURE,
    Judgement,
    JudgementStore,
    Mention,
    by_pair,
    decided,
    waiting,
)
from resolution.workspace import Workspace

REASONS = ("clue", "threshold", "veto", "unsure", "judged")
"""Why a pair is in the queue, the most useful first; `judged` pairs are listed on request only."""

metadata = MetaData()

pairs = Table(
    "review_pairs",
    metadata,
    Column("pair", String(16), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("reason", String(16), nullable=False),
    Column("distance", Float, nullable=False),
    Column("probability", Float, nullable=True),
    Column("threshold", Float, nullable=False),
    Column("joined", Boolean, nullable=False),
    Column("left", JSON, nullable=False),
    Column("right", JSON, nullable=False),
    Column("values", JSON, nullable=False),
    Column("left_entity", String(32), nullable=False),
    Column("right_entity", String(32), nullable=False),
)
records = Table(
    "review_records",
    metadata,
    Column("pair", String(16), nullable=False),
    Column("entity_id", String(32), nullable=False),
    Column("fact", String(300), nullable=False),
    Index("review_records_by_pair", "pair"),
)
resting = Table(
    "review_clues",
    metadata,
    Column("pair", String(16), nullable=False, index=True),
    Column("clue", String(64), nullable=False),
)
redirects = Table(
    "entity_redirects",
    metadata,
    Column("former_id", String(32), primary_key=True),
    Column("entity_id", String(32), nullable=False),
)
notes = Table(
    "entity_notes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("entity_id", String(32), nullable=False, index=True),
    Column("pair", String(16), nullable=False),
)

# title, and the SQL of what is shown and of what tells whether two are equal
FIELDS = (
    ("姓名/名称", "t.name", "t.name"),
    ("曾用名", "t.former_name", "t.former_name"),
    (
        "证件号（遮掩）",
        """CASE WHEN m.kind = 'company' THEN masked_code(t.id) WHEN m.kind IN ('property', 'trade_name')
            THEN masked_reference(t.id) WHEN length(t.id) >= 12 THEN left(t.id, 4) || '**********' || right(t.id, 4)
            WHEN t.id IS NOT NULL THEN left(t.id, 1) || '****' END""",
        "coalesce(i.canonical, t.id)",
    ),
    ("性别", "t.sex", "t.sex"),
    ("出生日期", "left(t.birth_date, 10)", "left(t.birth_date, 10)"),
    ("地址", "masked(t.address)", "coalesce(a.key, t.address)"),
    ("电话（遮掩）", "masked_phone(coalesce(f.canonical, t.phone))", "coalesce(f.canonical, t.phone)"),
)


class ReviewError(Exception):
    """A pair cannot be shown or judged so; the message says what to do."""


class ReviewQueue:
    """The queue and the judgements of one installation."""

    def __init__(self, workspace: Workspace) -> None:
        self.judgements = JudgementStore(workspace)
        self.engine = self.judgements.engine

    def find(
        self,
        *,
        kind: str | None = None,
        reason: str | None = None,
        reviewer: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[list[dict[str, Any]], int]:
        """A page of the queue and how many there are in all.

        First the pairs that clues rest on, the weakest first; then those near the threshold; then strong evidence that
        a veto broke; then what people were unsure of. With `reviewer` pairs on which this person has spoken are left
        out. `reason` `judged` lists what is decided.
        """
        said = by_pair(self.judgements.every())
        settled = {pair for pair, words in said.items() if (word := decided(words)) and word.verdict != UNSURE}
        own = {pair for pair, words in said.items() if reviewer in {each.who for each in words}}
        open_words = set(said) - settled
        on_clues = select(resting.c.pair, func.count().label("clues")).group_by(resting.c.pair).subquery()
        query = (
            select(pairs.c.pair, pairs.c.reason, on_clues.c.clues)
            .join(on_clues, on_clues.c.pair == pairs.c.pair, isouter=True)
            .order_by(
                case((on_clues.c.clues.is_not(None), pairs.c.probability), else_=2.0),
                pairs.c.distance,
                pairs.c.pair,
            )
        )
        if kind:
            query = query.where(pairs.c.kind == kind)
        with self.engine.connect() as connection:
            wanted = []
            for row in connection.execute(query).mappings():
                why = _reason(row["reason"], bool(row["clues"]), row["pair"] in settled, row["pair"] in open_words)
                if why is None or (reason and why != reason) or (not reason and why == "judged"):
                    continue
                if why == "judged" or row["pair"] not in own:
                    wanted.append((REASONS.index(why), row["pair"]))
            wanted.sort(key=lambda each: each[0])
            page = [pair for _, pair in wanted[offset : offset + limit]]
            return self._items(connection, page, said, reviewer), len(wanted)

    def get(self, pair: str, reviewer: str | None = None) -> dict[str, Any]:
        """One pair as the queue shows it. Raises ReviewError."""
        said = by_pair(self.judgements.of(pair))
        with self.engine.connect() as connection:
            found = self._items(connection, [pair], said, reviewer)
        if not found:
            raise ReviewError(f"no pair {pair} in the queue: take the key from `cluegraph review list`")
        return found[0]

    def say(self, pair: str, verdict: str, who: str, why: str, *, blind: bool = False) -> dict[str, Any]:
        """Note what a person says of a pair; `withdraw` takes this person's word back. Raises ReviewError.

        A pair that was begun blind stays blind until a second person has spoken.
        """
        if verdict == "withdraw":
            self.judgements.withdraw(pair, who, who)
            return self.get(pair, who)
        left, right = self.sides(pair)
        begun = by_pair(self.judgements.of(pair)).get(pair, [])
        self.judgements.say(left, right, verdict, who, why, blind=blind or waiting(begun))
        return self.get(pair, who)

    def sides(self, pair: str) -> tuple[Mention, Mention]:
        """The two mentions of a pair that is in the queue or was judged before. Raises ReviewError."""
        with self.engine.connect() as connection:
            row = connection.execute(select(pairs.c.left, pairs.c.right).where(pairs.c.pair == pair)).one_or_none()
        if row:
            return _mention(row[0]), _mention(row[1])
        if said := self.judgements.of(pair):
            return said[0].left, said[0].right
        raise ReviewError(f"no pair {pair} in the queue: take the key from `cluegraph review list`")

    def current_id(self, entity_id: str) -> str:
        """The id that carries on this one: itself, unless it was merged into another."""
        with self.engine.connect() as connection:
            query = select(redirects.c.entity_id).where(redirects.c.former_id == entity_id)
            return str(connection.execute(query).scalar_one_or_none() or entity_id)

    def said_of(self, entity_id: str) -> list[Judgement]:
        """Judgements that joined this entity though a veto speaks against it."""
        with self.engine.connect() as connection:
            keys = connection.execute(select(notes.c.pair).where(notes.c.entity_id == entity_id)).scalars().all()
        found = (decided(by_pair(self.judgements.of(key)).get(key, [])) for key in keys)
        return [word for word in found if word and word.verdict == SAME]

    def _items(
        self, connection: Any, keys: list[str], said: Mapping[str, list[Judgement]], reviewer: str | None
    ) -> list[dict[str, Any]]:
        rows = {row["pair"]: row for row in connection.execute(select(pairs).where(pairs.c.pair.in_(keys))).mappings()}
        on_clues: dict[str, list[dict[str, Any]]] = {}
        query = (
            select(resting.c.pair, clues.c.key, clues.c.title, clues.c.model)
            .join(clues, clues.c.key == resting.c.clue)
            .where(resting.c.pair.in_(keys), clues.c.gone_on.is_(None))
            .order_by(clues.c.model, clues.c.key)
        )
        for row in connection.execute(query).mappings():
            on_clues.setdefault(row["pair"], []).append({name: row[name] for name in ("key", "title", "model")})
        return [_item(rows[key], said.get(key, []), on_clues.get(key, []), reviewer) for key in keys if key in rows]


def prepare(workspace: Workspace) -> int:
    """Take over what the last resolution left to ask, and old ids with it; returns how many pairs there are."""
    connection = workspace.connect(read_only=True)
    try:
        install(connection)
        found = connection.sql(_PAIRS).to_arrow_table().to_pylist()
        of_records = connection.sql(_RECORDS).to_arrow_table().to_pylist()
        led = connection.sql("SELECT former_id, entity_id FROM redirect").to_arrow_table().to_pylist()
        over_veto = connection.sql(_OVER_VETO).to_arrow_table().to_pylist()
    finally:
        connection.close()
    for row in found:
        for name in ("left", "right", "values"):
            row[name] = json.loads(row[name])
    queue = ReviewQueue(workspace)
    with queue.engine.begin() as database:
        for table, rows in ((pairs, found), (records, of_records), (redirects, led), (notes, over_veto)):
            database.execute(delete(table))
            if rows:
                database.execute(insert(table), rows)
    rest(workspace)
    return len(found)


def rest(workspace: Workspace) -> int:
    """Note which clues rest on which joined pair: the row is among a clue's facts, the entity among its subjects."""
    queue, store = ReviewQueue(workspace), ClueStore(workspace)
    with queue.engine.connect() as connection:
        doubted: dict[str, list[tuple[str, str]]] = {}
        for pair, entity, fact in connection.execute(select(records.c.pair, records.c.entity_id, records.c.fact)):
            doubted.setdefault(fact, []).append((entity, pair))
    found = set()
    if doubted:
        for clue in store.every(gone=False):
            subjects = {subject["entity_id"] for subject in clue["subjects"]}
            for fact in clue["facts"]:
                for entity, pair in doubted.get(f"{fact['dataset']}/{fact['record_id']}", ()):
                    if entity in subjects:
                        found.add((pair, clue["key"]))
    with queue.engine.begin() as connection:
        connection.execute(delete(resting))
        if found:
            connection.execute(insert(resting), [{"pair": pair, "clue": clue} for pair, clue in sorted(found)])
    return len(found)


def _reason(kept: str, on_clues: bool, settled: bool, spoken: bool) -> str | None:
    """Why the pair is shown now; None when nothing is to be asked any more."""
    if settled:
        return "judged"
    if on_clues:
        return "clue"
    if spoken and kept == "judged":
        return "unsure"
    # people took back what they had said: the pair is asked again
    return "unsure" if spoken else ("threshold" if kept == "judged" else kept)


def _item(
    row: Mapping[Any, Any], said: list[Judgement], on_clues: list[dict[str, Any]], reviewer: str | None
) -> dict[str, Any]:
    word = decided(said)
    spoken = {each.who for each in said}
    secret = waiting(said) and reviewer not in spoken
    settled = word is not None and word.verdict in (SAME, NOT_SAME)
    reason = _reason(row["reason"], bool(on_clues), settled, bool(said)) or row["reason"]
    return {
        "pair": row["pair"],
        "kind": row["kind"],
        "reason": reason,
        "why": _why(row, reason, len(on_clues)),
        "probability": row["probability"],
        "threshold": row["threshold"],
        "joined": row["joined"],
        "left": {**row["left"], "entity_id": row["left_entity"]},
        "right": {**row["right"], "entity_id": row["right_entity"]},
        "values": row["values"],
        "clues": on_clues,
        "blind": bool(said) and all(each.blind for each in said),
        "waiting": waiting(said),
        "verdict": word.verdict if word and not secret else None,
        "said": []
        if secret
        else [
            {"verdict": each.verdict, "who": each.who, "why": each.why, "at": each.at.isoformat(timespec="seconds")}
            for each in said
        ],
    }


def _why(row: Mapping[Any, Any], reason: str, on_clues: int) -> str:
    """Why the pair is in the queue, in words."""
    sure = f"{row['probability'] * 100:.1f}%" if row["probability"] is not None else ""
    line = f"{row['threshold'] * 100:.0f}%"
    match reason:
        case "clue":
            return f"{on_clues} 条线索依据这两条记录为同一主体，而可能性仅 {sure}"
        case "threshold" if row["joined"]:
            return f"已合并，但可能性 {sure} 接近合并线 {line}"
        case "threshold":
            return f"未合并，可能性 {sure} 接近合并线 {line}" if sure else "曾由人工判断，现已撤回"
        case "veto" if sure:
            return f"证据较强（{sure}），但合并会把互斥的号码或人工判为不同的记录连在一起，系统已断开"
        case "veto":
            return "证件号不同，但姓名（名称）等其余要素相同，可能有一个号码写错"
        case "unsure":
            return "已有人判断，尚无一致结论"
        case _:
            return "已由人工判定"


def _mention(side: Mapping[str, str]) -> Mention:
    return Mention(side["dataset"], side["record_id"], side["role"])


_SIDE = """SELECT m.mention_id, m.dataset, m.record_id, m.role, {shown}
    FROM mentions m JOIN mention_text t USING (mention_id) LEFT JOIN norm.identity i ON i.value = t.id
    LEFT JOIN norm.address a ON a.value = t.address LEFT JOIN norm.phone f ON f.value = t.phone
    WHERE m.mention_id IN (SELECT l_mention FROM review_pair UNION SELECT r_mention FROM review_pair)""".format(
    shown=", ".join(f"{shown} AS shown_{n}, {key} AS key_{n}" for n, (_, shown, key) in enumerate(FIELDS))
)
_VALUES = ", ".join(
    f"""CASE WHEN l.shown_{n} IS NOT NULL OR r.shown_{n} IS NOT NULL THEN {{'title': '{title}', 'left': l.shown_{n},
        'right': r.shown_{n}, 'same': l.key_{n} = r.key_{n}}} END"""
    for n, (title, _, _) in enumerate(FIELDS)
)
_PAIRS = f"""
    WITH side AS ({_SIDE})
    SELECT q.pair, q.kind, q.reason, abs(coalesce(q.probability, 2) - q.threshold) AS distance, q.probability,
        q.threshold, q.joined, to_json({{'dataset': l.dataset, 'record_id': l.record_id, 'role': l.role}}) AS "left",
        to_json({{'dataset': r.dataset, 'record_id': r.record_id, 'role': r.role}}) AS "right",
        to_json(list_filter([{_VALUES}], lambda each: each IS NOT NULL)) AS "values",
        q.l_entity AS left_entity, q.r_entity AS right_entity
    FROM review_pair q JOIN side l ON l.mention_id = q.l_mention JOIN side r ON r.mention_id = q.r_mention"""
_RECORDS = """
    SELECT DISTINCT r.pair, q.l_entity AS entity_id, m.dataset || '/' || m.record_id AS fact
    FROM review_record r JOIN review_pair q USING (pair) JOIN mentions m USING (mention_id)"""
_OVER_VETO = " UNION ALL ".join(
    f"""SELECT DISTINCT e.entity_id, j.pair FROM {kind}_judged j JOIN {kind}_profile_of o ON o.unique_id = j.l
        JOIN entity_of e USING (mention_id) WHERE j.over_veto"""
    for kind in ("person", "company", "property", "trade_name")
)
