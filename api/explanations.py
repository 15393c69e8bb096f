"""Explanations of resolution as the service and the command line give them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import duckdb

from api.deps import Service
from api.errors import NotFound, Problem
from api.failures import masked
from resolution.account import How, how
from resolution.explain import Why, why
from resolution.footing import Footing, footing
from resolution.foresight import Foresight, Pair, foresee
from resolution.growth import MentionKey, UnknownEntity, UnknownMention
from resolution.reading import NotResolved, WorkspaceBusy
from resolution.settings import Kind, SettingsError

Result = TypeVar("Result")
CLUES_SHOWN = 50
NOT_RESOLVED: dict[int | str, dict[str, Any]] = {
    409: {"description": "Nothing is resolved yet", "content": {"application/problem+json": {}}}
}
"""For the OpenAPI document of what asks the resolved data."""


def asked(service: Service, work: Callable[[duckdb.DuckDBPyConnection], Result]) -> Result:
    """Ask the resolved data; what goes wrong is told as the service tells it."""
    try:
        with service.reader.cursor() as connection:
            return work(connection)
    except WorkspaceBusy:
        raise busy() from None
    except NotResolved:
        raise Problem(409, "尚未识别实体", "Run cluegraph load and cluegraph resolve first.") from None
    except UnknownEntity:
        raise NotFound("实体") from None
    except UnknownMention as error:
        raise Problem(404, "没有这条记载", masked(f"{error}.")) from None
    except SettingsError as error:
        raise Problem(422, "请求参数有误", f"{error}.") from None


def busy() -> Problem:
    """Another process writes the workspace."""
    return Problem(
        503,
        "数据正在更新，请稍后再试",
        "The workspace is being written by another process; ask again soon.",
        retry=True,
    )


def pair_why(service: Service, left: str, right: str) -> Why:
    """Why two mentions, written dataset/record/role, are one or not."""
    return asked(
        service,
        lambda connection: why(
            connection, MentionKey.parse(left), MentionKey.parse(right), service.review.judgements.told
        ),
    )


def entity_how(service: Service, entity_id: str) -> How:
    """How an entity grew."""
    return asked(service, lambda connection: how(connection, entity_id))


def what_if(
    service: Service, kind: Kind, threshold: float | None, same: Sequence[Pair], apart: Sequence[Pair]
) -> dict[str, Any]:
    """What another threshold or judgement would change, in entities and clues."""
    found = asked(service, lambda connection: foresee(connection, kind, threshold, same, apart))
    return foreseen(found, service.clues.every(gone=False))


def foreseen(found: Foresight, clues: Any, head: str = "") -> dict[str, Any]:
    """A foresight as JSON takes it, with the clues that it would touch.

    A clue loses ground when a row of it would leave one of its subjects; it is touched when a subject merges. `head`
    begins the sentence where neither a threshold nor a judgement was asked about.
    """
    losing, touched = [], []
    for clue in clues:
        subjects = {subject["entity_id"] for subject in clue["subjects"]}
        rows = {(fact["dataset"], fact["record_id"]) for fact in clue["facts"]}
        if any((dataset, record) in rows for dataset, record, _ in found.moved):
            losing.append(clue)
        elif subjects & found.changed:
            touched.append(clue)
    return {
        "kind": found.kind,
        "threshold": found.threshold,
        "asked_threshold": found.asked_threshold,
        "entities": found.entities,
        "asked_entities": found.asked_entities,
        "merges": found.merges,
        "splits": found.splits,
        "merged": [vars(change) for change in found.merged],
        "split": [vars(change) for change in found.split],
        "clues_losing_ground": len(losing),
        "clues_touched": len(touched),
        "clues": [
            {
                "key": clue["key"],
                "title": clue["title"],
                "confidence": clue["confidence"],
                "effect": "losing" if each is losing else "touched",
            }
            for each in (losing, touched)
            for clue in each[:CLUES_SHOWN]
        ],
        "sentence": _foreseen_words(found, len(losing), len(touched), head),
    }


def _foreseen_words(found: Foresight, losing: int, touched: int, head: str) -> str:
    head = head or (
        f"合并阈值由 {found.threshold:.2f} 改为 {found.asked_threshold:.2f}"
        if found.threshold != found.asked_threshold
        else "照此判定"
    )
    if not (found.merges or found.splits):
        return f"{head}：没有实体会合并或拆分。"
    return (
        f"{head}：{found.splits:,} 个实体将拆分，{found.merges:,} 组实体将合并，实体总数由 {found.entities:,} 变为"
        f" {found.asked_entities:,}；{losing:,} 条线索将失去依据的记载，另有 {touched:,} 条涉及变动的实体。"
    )


def clue_footing(service: Service, clue: Mapping[str, Any]) -> Footing:
    """What a clue rests on; where the data cannot be read now, a sentence says so, for the clue itself is there."""
    subjects = [subject["entity_id"] for subject in clue["subjects"]]
    try:
        with service.reader.cursor() as connection:
            return footing(connection, clue["facts"], subjects, clue["confidence"])
    except WorkspaceBusy:
        return Footing("数据正在更新，暂时无法说明本线索的身份依据，请稍后刷新。")
    except NotResolved:
        return Footing("本机没有识别结果，无法说明本线索的身份依据。")
    except (UnknownEntity, UnknownMention, KeyError):
        return Footing("识别结果已更新，请重新发布图谱并运行模型后再看本线索的身份依据。")
