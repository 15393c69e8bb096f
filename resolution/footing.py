"""What a clue rests on: the weakest identity link among its rows, and the threshold at which it would vanish."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from resolution import disclosure
from resolution.entities import AS_PUBLISHED
from resolution.explain import Step, steps
from resolution.growth import MentionKey, growth
from resolution.homonyms import Homonyms, homonyms


@dataclass(frozen=True)
class Footing:
    """The weakest identity link of a clue."""

    sentence: str
    entity_id: str | None = None
    mention: MentionKey | None = None
    """The row whose link to its entity is the weakest of all that the clue uses."""
    link: Step | None = None
    """The two mentions that this link was scored between."""
    vanishes_above: float | None = None
    """With a joining threshold above this the row would leave the entity, and the clue would go."""
    homonyms: tuple[Homonyms, ...] = ()


def footing(
    connection: duckdb.DuckDBPyConnection,
    facts: Sequence[Mapping[str, Any]],
    subjects: Iterable[str],
    confidence: float,
) -> Footing:
    """What a clue with these facts (`dataset`, `record_id`), subjects and confidence rests on."""
    people = list(subjects)
    meters = tuple(meter for entity in people if (meter := homonyms(connection, entity)) is not None)
    if confidence >= 1:
        return Footing("所依据的记载均由有效号码或完全相同的要素对应到当事人，不随合并阈值变化。", homonyms=meters)
    rows = connection.execute(
        f"""WITH named AS (SELECT unnest($datasets) AS dataset, unnest($records) AS record_id)
        SELECT m.dataset, m.record_id, m.role, e.entity_id, probability FROM mentions m
        JOIN named USING (dataset, record_id) JOIN entity_of e USING (mention_id)
        WHERE abs({AS_PUBLISHED} - $confidence) < 1e-6
        ORDER BY list_contains($subjects, e.entity_id) DESC, probability, m.dataset, m.record_id, m.role LIMIT 1""",
        {
            "datasets": [fact["dataset"] for fact in facts],
            "records": [fact["record_id"] for fact in facts],
            "confidence": confidence,
            "subjects": people,
        },
    ).fetchall()
    if not rows:
        return Footing(
            f"最弱一环的可能性为 {disclosure.percent(confidence)}，但不在当前识别结果的人员对应关系中"
            "（可能是企业与分支机构等对应关系，或识别结果已更新而模型尚未重新运行）。",
            homonyms=meters,
        )
    dataset, record_id, role, entity_id, probability = rows[0]
    mention = MentionKey(dataset, record_id, role)
    grown = growth(connection, entity_id)
    way = grown.way(grown.unit_of(mention), grown.core())
    weakest = min(way, key=lambda link: (link.probability, link.bits), default=None)
    link = steps(grown, [weakest])[0] if weakest else None
    between = f"{link.left} 与 {link.right} 之间的关联" if link else f"{mention} 与当事人的对应"
    return Footing(
        f"本线索最弱的一环是{between}，可能性为 {disclosure.percent(probability)}；"
        f"合并阈值高于 {probability:.4f} 时，该记载将脱离当事人，本线索随之消失（现行阈值 {grown.threshold:.2f}）。",
        entity_id,
        mention,
        link,
        probability,
        meters,
    )
