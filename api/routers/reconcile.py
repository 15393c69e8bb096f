"""The W3C Reconciliation Service API 0.2, which OpenRefine speaks: manifest, queries, suggest, preview, extend."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from api import matching, reconciling
from api.deps import Running, Service
from api.entities import looks_like_number
from api.errors import NotFound, Problem
from api.explanations import NOT_RESOLVED
from api.failures import masked
from api.reconciling import KIND, ReconcileError
from resolution.candidates import facts_shown
from resolution.match import MOST
from resolution.question import Question

REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"description": "No batch of queries", "content": {"application/problem+json": {}}}
}
router = APIRouter(prefix="/reconcile", tags=["reconcile"], responses=NOT_RESOLVED | REFUSED)

Prefix = Annotated[str, Query(max_length=100)]
Identifier = Annotated[str, Query(min_length=1, max_length=200)]
SUGGESTED = 20


@router.get("")
async def manifest(request: Request, running: Running, queries: str = "", extend: str = "") -> dict[str, Any]:
    """The service manifest; with `queries` or `extend`, their answer. Numbers that identify are taken by POST only."""
    if not queries and not extend:
        service = str(request.url.replace(query="", fragment="")).rstrip("/")
        return reconciling.manifest(str(request.base_url).rstrip("/"), service)
    if looks_like_number(queries):
        raise Problem(422, "号码不得出现在网址中", "Send queries with numbers as POST.")
    return await _answer(running, {"queries": _parsed(queries)} if queries else {"extend": _parsed(extend)})


@router.post("")
async def answer(request: Request, running: Running) -> dict[str, Any]:
    """A batch of queries, or a data extension query: a form with `queries` or `extend`, or the same as JSON."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json":
        body = _parsed(await request.body())
        if not isinstance(body, dict):
            raise Problem(400, "请求格式有误", 'Send {"queries": {…}} or {"extend": {…}}.')
        asked = body if {"queries", "extend"} & body.keys() else {"queries": body}
    else:
        form = await request.form()
        asked = {name: _parsed(str(form[name])) for name in ("queries", "extend") if name in form}
    return await _answer(running, asked)


@router.get("/suggest/entity")
async def suggest_entity(running: Running, prefix: Prefix = "", type: Prefix = "", cursor: int = 0) -> dict[str, Any]:
    """Entities whose name begins so."""
    if looks_like_number(prefix):
        raise Problem(422, "号码不得出现在网址中", "Suggest takes names; send numbers as queries by POST.")
    kinds = [KIND[type]] if type in KIND else list(KIND.values())
    first = max(0, min(cursor, 500))

    def work() -> list[dict[str, Any]]:
        words = prefix.strip()
        if not words:
            return []
        return matching.looked_up(running, lambda matcher: matcher.beginning(words, kinds, first + SUGGESTED))

    return {"result": reconciling.suggested((await running.bounded(work))[first:])}


@router.get("/suggest/type")
async def suggest_type(prefix: Prefix = "") -> dict[str, Any]:
    """Types whose name begins so."""
    return {"result": reconciling.types(prefix)}


@router.get("/suggest/property")
async def suggest_property(prefix: Prefix = "") -> dict[str, Any]:
    """Properties that a query may give or that can be fetched."""
    return {"result": reconciling.properties(prefix)}


@router.get("/flyout/{part}")
async def flyout(running: Running, part: Literal["entity", "type", "property"], id: Identifier) -> dict[str, str]:
    """What is known of something suggested, as a piece of HTML. Raises NotFound."""
    if part == "entity":
        told = await _told(running, id)
    else:
        listed = reconciling.types("") if part == "type" else reconciling.properties("")
        told = next(({"name": each["name"], "type": "", "facts": {}} for each in listed if each["id"] == id), None)
    if told is None:
        raise NotFound("条目")
    return {"id": id, "html": _page("flyout.html", told)}


@router.get("/preview")
async def preview(running: Running, id: Identifier) -> HTMLResponse:
    """What is known of an entity, as a small page that loads nothing from outside."""
    told = await _told(running, id)
    nobody = {"name": "没有这个实体", "type": "", "facts": {}}
    return HTMLResponse(_page("preview.html", told or nobody), status_code=200 if told else 404)


async def _told(running: Service, entity_id: str) -> dict[str, Any] | None:
    """Name, type and facts of an entity; None when there is none of this id."""
    known = await running.bounded(matching.looked_up, running, lambda matcher: matcher.known([entity_id]))
    if (row := known.get(entity_id)) is None:
        return None
    kind = reconciling.types(reconciling.TYPE[row["kind"]])[0]["name"]
    return {"name": row["name"], "type": kind, "facts": facts_shown(row["kind"], row)}


def _page(template: str, told: dict[str, Any]) -> str:
    from api.routers.pages import pages

    return pages.get_template(template).render(told)


@router.get("/extend/propose")
async def propose(
    type: Annotated[str, Query(max_length=40)] = "", limit: Annotated[int | None, Query(ge=1, le=100)] = None
) -> dict[str, Any]:
    """Properties that can be fetched for entities of a type."""
    return reconciling.proposal(type, limit)


async def _answer(running: Service, asked: dict[str, Any]) -> dict[str, Any]:
    try:
        if "extend" in asked:
            ids, pids = reconciling.wanted(asked["extend"])
            known = await running.bounded(matching.looked_up, running, lambda matcher: matcher.known(ids))
            return reconciling.extended(ids, pids, known)
        if "queries" not in asked:
            raise ReconcileError("send queries or extend")
        batch = reconciling.questions(asked["queries"])
    except ReconcileError as error:
        raise Problem(400, "请求格式有误", masked(f"{error}.")) from None
    flat: list[Question] = [question for each in batch.values() for question in each]
    answers = []
    for start in range(0, len(flat), MOST):
        answers += await running.bounded(matching.answered, running, flat[start : start + MOST])
    coming = iter(answers)
    return {
        key: reconciling.result(
            [question.kind for question in each], [next(coming) for _ in each], each[0].limit if each else 0
        )
        for key, each in batch.items()
    }


def _parsed(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise Problem(400, "请求格式有误", "queries and extend are JSON.") from None
