"""The pages: what people at a procuratorate look at, in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, Query, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from api import clues, entities, explanations, models, review
from api.access import COOKIE, LONGEST_SECONDS, same
from api.deps import Running, Service
from api.errors import NotFound, Problem
from api.guard import local_path
from api.routers.clues import Filters, following
from api.routers.dashboard import counts
from api.routers.models import EXPLAIN_SECONDS
from api.schemas import Record
from api.wording import ENTITIES, SEVERITIES, STATUSES, dataset_title, label_title, record_named
from graph.catalogue import beneath, catalogue
from graph.clues import STATUSES as SETTABLE
from graph.model import LINES

FOLDER = Path(__file__).parents[1] / "pages"
ROWS = 200  # source rows on an entity's page
PAIRS = 20  # pairs on a page of the review queue
CLUES = 200  # clues of each sort on the page of a model's changes
ADVICE = {
    401: "请重新登录。",
    404: "可能已被移走，或网址有误。",
    409: "数据可能尚未载入、识别或发布，请告知数据管理员。",
    422: "请检查网址中的参数。",
    503: "图数据库正在启动或重启，请稍后刷新本页。",
    504: "查询用时过长，请缩小范围后再试。",
}

router = APIRouter(include_in_schema=False)


def _by_title(record: Record) -> dict[str, Any]:
    return {value.title: value.value for value in record.values}


def _columns_of(records: list[Record]) -> list[str]:
    return list(dict.fromkeys(value.title for record in records for value in record.values))


pages = Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined)
pages.globals |= {
    "severities": SEVERITIES,
    "statuses": STATUSES,
    "label_title": label_title,
    "dataset_title": dataset_title,
    "by_title": _by_title,
    "columns_of": _columns_of,
}
pages.filters |= {"dataset_title": dataset_title, "record_named": record_named}


def render(
    request: Request, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
) -> HTMLResponse:
    """A page; `here` marks the part of the service that it belongs to."""
    path = request.url.path
    here = next((each for each in ("/models", "/entities", "/review", "/data") if path.startswith(each)), "/")
    signed_in = template != "login.html"
    text = pages.get_template(template).render(here=here, signed_in=signed_in, **values)
    return HTMLResponse(text, status_code=status, headers=headers)


@router.get("/login")
async def login_form(request: Request, next: str = "/") -> Response:
    return render(request, "login.html", next=local_path(next), refused=False)


@router.post("/login")
async def login(
    request: Request,
    running: Running,
    token: Annotated[str, Form(max_length=200)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    if not same(token.strip(), running.token):
        return render(request, "login.html", status=401, next=local_path(next), refused=True)
    answer = RedirectResponse(local_path(next), status_code=303)
    answer.set_cookie(
        COOKIE,
        running.sessions.open(),
        max_age=LONGEST_SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


@router.post("/logout")
async def logout(request: Request, running: Running) -> Response:
    running.sessions.close(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/login", status_code=303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


@router.get("/")
async def clue_list(request: Request, running: Running, filters: Filters) -> Response:
    found, total = await running.bounded(clues.find, running, filters)
    rows = await running.bounded(running.clues.counts)
    severity = clues.tally(rows, "severity")
    return render(
        request,
        "clues.html",
        clues=found,
        total=total,
        wanted=filters,
        figures={"total": sum(severity.values()), "severity": severity, "status": clues.tally(rows, "status")},
        models={model.id: model.title for model in catalogue().values()},
        lines=LINES,
        link=lambda offset: f"/?{following(filters, offset)}",
    )


@router.get("/clues/{key}")
async def clue_page(request: Request, running: Running, key: str) -> Response:
    clue = await running.bounded(clues.get, running, key)
    records = await running.bounded(clues.evidence, running, clue)
    listed = min(len(clue["facts"]), clues.MOST_EVIDENCE)
    model = catalogue().get(clue["model"])
    return render(
        request,
        "clue.html",
        clue=clue,
        model_title=model.title if model else "",
        titles=models.column_titles(clue["model"]),
        records=records,
        not_shown=len(clue["facts"]) - listed,
        missing=listed - len(records),
        settable=SETTABLE,
        footing=await running.bounded(explanations.clue_footing, running, clue),
        history=[{"at": _local(event["at"]), "words": _told(event)} for event in clue["events"]],
    )


@router.get("/entities")
async def entity_search(request: Request) -> Response:
    return render(request, "entities.html", q="", number=False, found=None, total=0, most=entities.MOST_FOUND)


@router.post("/entities")
async def entity_found(request: Request, running: Running, q: Annotated[str, Form(max_length=100)] = "") -> Response:
    if not q.strip():
        return await entity_search(request)
    found, total = await running.bounded(entities.search, running, q, "", 0, 100)
    return render(
        request,
        "entities.html",
        q=q,
        number=entities.looks_like_number(q),
        found=found,
        total=total,
        most=entities.MOST_FOUND,
    )


@router.get("/entities/{key}")
async def entity_page(request: Request, running: Running, key: str) -> Response:
    entity = await running.bounded(entities.profile, running, key)
    if entity is None:
        raise NotFound("实体")
    if entity.entity_id != key:
        return RedirectResponse(f"/entities/{quote(entity.entity_id)}", status_code=303)
    records, _ = await running.bounded(entities.records, running, key, "", 0, ROWS)
    events = await running.bounded(entities.timeline, running, key)
    found = await running.bounded(clues.about, running, key)
    known = {model.id: model.title for model in catalogue().values()}
    return render(request, "entity.html", entity=entity, records=records, events=events, clues=found, models=known)


@router.get("/entities/{key}/models")
async def chosen_model(key: str, model: Annotated[str, Query(max_length=64)]) -> Response:
    """The choice of a model on an entity's page has an address of its own."""
    return RedirectResponse(f"/entities/{quote(key, safe='')}/models/{quote(model, safe='')}", status_code=303)


@router.get("/entities/{key}/models/{model_id}")
async def why_not(
    request: Request, running: Running, key: str, model_id: str, as_of: Annotated[str, Query(max_length=10)] = ""
) -> Response:
    """Condition by condition, why a model has no clue about an entity; parameters as they are named in the address."""
    model = models.get(model_id)
    entity = await running.bounded(entities.profile, running, key)
    if entity is None:
        raise NotFound("实体")
    if entity.entity_id != key:
        return RedirectResponse(f"/entities/{quote(entity.entity_id)}/models/{model.id}", status_code=303)
    given = {name: value for name, value in request.query_params.items() if name in model.params and value.strip()}
    seconds = min(model.timeout_seconds, EXPLAIN_SECONDS) + 10
    found = await running.bounded(models.explain, running, model, key, _day(as_of), given, 0.0, seconds=seconds)
    return render(
        request,
        "why_not.html",
        entity=entity,
        model=model,
        told=found,
        as_of=as_of,
        given=given,
        models={each.id: each.title for each in catalogue().values()},
        recorded=await running.bounded(_recorded, running, model.id),
    )


@router.get("/review")
async def review_queue(
    request: Request,
    running: Running,
    kind: review.Kind | Literal[""] = "",
    reason: review.Reason | Literal[""] = "",
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    items, total = await running.bounded(review.find, running, kind, reason, "", offset, PAIRS)
    return render(
        request,
        "review.html",
        items=items,
        total=total,
        kind=kind,
        reason=reason,
        offset=offset,
        limit=PAIRS,
        kinds=review.KINDS,
        reasons=review.REASONS,
        verdicts=review.VERDICTS,
        link=lambda place: "/review?" + urlencode({"kind": kind, "reason": reason, "offset": place}),
    )


@router.get("/models")
async def model_list(request: Request, running: Running) -> Response:
    listed = await running.bounded(models.summaries, running)
    known = catalogue()
    faults, doubts = map(str, known.faults), map(str, known.doubts)
    return render(request, "models.html", models=listed, faults=list(faults), doubts=list(doubts))


@router.get("/models/{model_id}")
async def model_page(request: Request, running: Running, model_id: str) -> Response:
    model = models.get(model_id)
    return render(
        request,
        "model.html",
        model=await running.bounded(models.detail, running, model_id),
        overlap=await running.bounded(models.overlap, running, model),
        titles={each.id: each.title for each in catalogue().values()},
        former=beneath(model),
    )


@router.get("/models/{model_id}/difference")
async def difference(
    request: Request, running: Running, model_id: str, against: Literal["recorded", "former"] = "recorded"
) -> Response:
    """What the model finds now beside what is on record, or beside the shipped version that it lies over."""
    model = models.get(model_id)
    seconds = min(model.timeout_seconds, EXPLAIN_SECONDS) + 10
    found = await running.bounded(models.difference, running, model, against == "former", seconds=seconds)
    return render(
        request,
        "difference.html",
        found=found,
        against=against,
        former=beneath(model),
        titles={each.id: each.title for each in catalogue().values()},
        recorded=await running.bounded(_recorded, running, model.id),
        most=CLUES,
    )


@router.get("/data")
async def data_page(request: Request, running: Running) -> Response:
    found = await running.bounded(counts, running)
    return render(request, "data.html", counts=found.entities, datasets=found.datasets, entities=ENTITIES)


@router.get("/docs")
async def docs(request: Request) -> Response:
    return render(request, "docs.html")


@router.get("/favicon.ico")
async def icon() -> Response:
    return FileResponse(FOLDER / "static" / "icon.svg", media_type="image/svg+xml")


def problem_page(request: Request, problem: Problem) -> Response:
    """What went wrong, for people."""
    advice = ADVICE.get(problem.status, "请返回重试；如一再出现，请告知数据管理员。")
    return render(
        request, "problem.html", status=problem.status, headers=problem.headers, title=problem.title, advice=advice
    )


def _day(text: str) -> date | None:
    """The day that a form names; an empty field names none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Problem(422, "请求参数有误", "Write as_of as YYYY-MM-DD.") from None


def _recorded(running: Service, model_id: str) -> set[str]:
    """Keys of the model's clues that have a page."""
    return {clue["key"] for clue in running.clues.every([model_id])}


def _local(moment: str) -> str:
    """A moment of the store, which counts in UTC, as the clock on the wall shows it."""
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"


def _told(event: Mapping[str, Any]) -> str:
    """A step in a clue's life in words."""
    detail = event["detail"]
    match event["what"]:
        case "new":
            return "模型发现"
        case "changed":
            return f"模型更新：证据 {detail.get('before')} 行变为 {detail.get('facts')} 行"
        case "gone":
            return "数据更新后不再成立"
        case "back":
            return "再次成立"
        case "status":
            return f"状态由“{STATUSES.get(detail['from'])}”改为“{STATUSES.get(detail['to'])}”"
        case "note":
            return f"备注：{detail['to']}"
        case what:
            return str(what)
