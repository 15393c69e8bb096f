"""The W3C Reconciliation Service API 0.2 in terms of our own questions and answers.

Types are the labels of the graph, identifiers are entity ids, scores are percentages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.wording import label_title
from resolution.candidates import Answer, facts_shown
from resolution.match import MOST
from resolution.question import LONGEST, Question
from resolution.settings import Kind

KIND: dict[str, Kind] = {"Person": "person", "Company": "company", "TradeName": "trade_name", "Property": "property"}
TYPE = {kind: label for label, kind in KIND.items()}
UNTYPED: tuple[Kind, ...] = ("person", "company")
ASKED = {
    "id": "证件号码（身份证号、统一社会信用代码、注册号、权证号）",
    "birthDate": "出生日期",
    "sex": "性别",
    "address": "地址",
    "district": "区县",
    "phone": "电话",
}
"""Properties that a query may give."""
FIELDS = {"id": "id", "birthDate": "birth_date", "sex": "sex", "address": "address", "district": "district",
          "phone": "phone"}  # fmt: skip
TOLD: dict[str, tuple[str, str, frozenset[str]]] = {
    "name": ("name", "名称", frozenset(KIND)),
    "names": ("names", "全部名称", frozenset(KIND)),
    "birthDate": ("birth", "出生日期", frozenset({"Person"})),
    "sex": ("sex", "性别", frozenset({"Person"})),
    "idMasked": ("number", "证件号码（遮掩）", frozenset({"Person"})),
    "creditCode": ("number", "统一社会信用代码", frozenset({"Company"})),
    "registrationNumber": ("number", "注册号", frozenset({"TradeName"})),
    "certificates": ("number", "权证号", frozenset({"Property"})),
    "region": ("birth", "行政区划", frozenset({"Company"})),
    "district": ("district", "区县", frozenset({"Person", "Company", "Property"})),
    "records": ("mentions", "记载条数", frozenset(KIND)),
}
"""Properties that can be fetched: their column, title, and the types that have them."""
NUMBERS = {
    "Person": "idMasked", "Company": "creditCode", "TradeName": "registrationNumber", "Property": "certificates",
}  # fmt: skip
"""What is fetched of each type for `id`, by which any of them may be asked."""
MOST_CANDIDATES = 50  # of one query; who asks for more is given these


class ReconcileError(ValueError):
    """A batch cannot be understood; the message says what to mend and holds no value."""


def manifest(base: str, service: str) -> dict[str, Any]:
    """The service manifest. `base` is the root of the service, `service` the endpoint, as the client reached it."""
    return {
        "versions": ["0.2"],
        "name": "cluegraph 实体对照",
        "identifierSpace": f"{base}/entities/",
        "schemaSpace": f"{base}/docs",
        "documentation": f"{base}/docs",
        "defaultTypes": types(""),
        "view": {"url": f"{base}/entities/{{{{id}}}}"},
        "authentication": {
            "type": "apiKey", "in": "header", "name": "Authorization", "description": "Bearer <service token>",
        },
        "suggest": {
            part: {
                "service_url": service, "service_path": f"/suggest/{part}",
                # without it OpenRefine asks an address that nobody serves
                "flyout_service_url": service, "flyout_service_path": f"/flyout/{part}?id=${{id}}",
            }
            for part in ("entity", "type", "property")
        },
        "preview": {"url": f"{service}/preview?id={{{{id}}}}", "width": 420, "height": 260},
        "extend": {"propose_properties": {"service_url": service, "service_path": "/extend/propose"}},
    }  # fmt: skip


def questions(batch: Any) -> dict[str, list[Question]]:
    """The questions of a batch by its keys; one for each kind where a query names no type.

    A query of blanks asks nothing: OpenRefine sends blank cells, and takes a refusal for that of the whole batch.
    Raises ReconcileError.
    """
    if not isinstance(batch, Mapping) or not batch:
        raise ReconcileError('send queries as an object: {"q0": {"query": "…"}}')
    if len(batch) > MOST:
        raise ReconcileError(f"send at most {MOST} queries at a time")
    return {str(key): _questions(str(key), query) for key, query in batch.items()}


def _questions(key: str, query: Any) -> list[Question]:
    if not isinstance(query, Mapping):
        raise ReconcileError(f"{key[:20]}: a query is an object")
    words = query.get("query")
    given: dict[str, str] = {}
    for each in query.get("properties") or []:
        if not isinstance(each, Mapping) or "pid" not in each or "v" not in each:
            raise ReconcileError(f"{key[:20]}: each of properties has pid and v")
        if (pid := str(each["pid"])) in FIELDS and (value := _value(each["v"])):
            given[FIELDS[pid]] = value[:LONGEST]
    if not isinstance(words, str) and not given:
        raise ReconcileError(f"{key[:20]}: give query, or properties of {', '.join(ASKED)}")
    limit = query.get("limit", 5)
    if isinstance(limit, bool) or not isinstance(limit, int | float) or limit < 1:
        raise ReconcileError(f"{key[:20]}: limit is a number from 1")
    named = query.get("type") or []
    wanted = [named] if isinstance(named, str) else list(named)
    kinds = [KIND[each] for each in wanted if each in KIND]
    if wanted and not kinds:
        raise ReconcileError(f"{key[:20]}: type is one of {', '.join(KIND)}")
    name = words.strip()[:LONGEST] if isinstance(words, str) and words.strip() else None
    if not name and not given:
        return []
    most = int(min(limit, MOST_CANDIDATES))
    return [Question(kind=kind, name=name, limit=most, **given) for kind in kinds or UNTYPED]


def _value(value: Any) -> str:
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, Mapping):
        first = first.get("name") or first.get("id")
    return str(first).strip() if first not in (None, []) else ""


def result(kinds: Sequence[Kind], answers: Sequence[Answer], limit: int) -> dict[str, Any]:
    """The candidates of one query, the best first."""
    found = [
        {
            "id": candidate.entity_id,
            "name": candidate.name,
            "description": "，".join(f"{title} {value}" for title, value in candidate.facts.items()),
            "type": [_type(TYPE[kind])],
            "score": round(candidate.score * 100, 4),
            "match": candidate.match,
            "features": [{"id": "probability", "value": candidate.score}, {"id": "bits", "value": candidate.bits}],
            "reasons": list(candidate.reasons),
        }
        for kind, answer in zip(kinds, answers, strict=True)
        for candidate in answer.candidates
    ]
    return {"result": sorted(found, key=lambda each: -float(each["score"]))[:limit]}  # type: ignore[arg-type]


def types(prefix: str) -> list[dict[str, str]]:
    """The types whose id or title begins so."""
    return [_type(label) for label in KIND if _begins(prefix, label, label_title(label))]


def properties(prefix: str) -> list[dict[str, str]]:
    """The properties that a query may give or that can be fetched; a client suggests them for both."""
    return [{"id": pid, "name": title} for pid, title in _titles().items() if _begins(prefix, pid, title)]


def suggested(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Entities as the suggest service gives them."""
    return [
        {
            "id": row["entity_id"],
            "name": row["name"],
            "description": "，".join(f"{t} {v}" for t, v in facts_shown(row["kind"], dict(row)).items()),
            "notable": [_type(TYPE[row["kind"]])],
        }
        for row in rows
    ]


def proposal(type_id: str, limit: int | None) -> dict[str, Any]:
    """The properties that can be fetched for a type."""
    listed = [
        {"id": pid, "name": title} for pid, (_, title, held) in TOLD.items() if type_id in held or type_id not in KIND
    ]
    shown = listed if limit is None else listed[:limit]
    return {"type": type_id, "properties": shown} | ({} if limit is None else {"limit": limit})


def wanted(extend: Any) -> tuple[list[str], list[str]]:
    """Entity ids and properties of a data extension query. Raises ReconcileError."""
    ids = extend.get("ids") if isinstance(extend, Mapping) else None
    asked = extend.get("properties") if isinstance(extend, Mapping) else None
    if not isinstance(ids, list) or not isinstance(asked, list) or len(ids) > 10 * MOST:
        raise ReconcileError(f'send extend as {{"ids": […], "properties": [{{"id": "…"}}]}}, at most {10 * MOST} ids')
    pids = [str(each.get("id")) for each in asked if isinstance(each, Mapping)]
    if unknown := [pid for pid in pids if pid not in _titles()]:
        raise ReconcileError(f"unknown property {unknown[0][:40]}; there are {', '.join(_titles())}")
    return [str(each) for each in ids], pids


def extended(ids: Sequence[str], pids: Sequence[str], known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The answer to a data extension query; an entity that is not there has no values."""
    return {
        "meta": [{"id": pid, "name": _titles()[pid]} for pid in pids],
        "rows": {each: {pid: _cells(known.get(each), pid) for pid in pids} for each in ids},
    }


def _cells(row: Mapping[str, Any] | None, pid: str) -> list[dict[str, Any]]:
    label = TYPE[row["kind"]] if row else ""
    # what can only be asked by, as a phone, is not given back
    column, _, held = TOLD.get(NUMBERS.get(label, pid) if pid == "id" else pid, ("", "", frozenset()))
    if row is None or label not in held or (value := row.get(column)) in (None, "", []):
        return []
    if isinstance(value, int):
        return [{"int": value}]
    return [{"str": str(each)} for each in (value if isinstance(value, list) else [value])]


def _titles() -> dict[str, str]:
    return ASKED | {pid: title for pid, (_, title, _) in TOLD.items() if pid not in ASKED}


def _type(label: str) -> dict[str, str]:
    return {"id": label, "name": label_title(label)}


def _begins(prefix: str, *texts: str) -> bool:
    return any(text.lower().startswith(prefix.lower()) for text in texts)
