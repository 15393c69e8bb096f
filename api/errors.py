"""Answers to what went wrong, as RFC 9457 problem details for programs and as a page for people."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from api.failures import masked
from graph.connection import GraphUnavailable, QueryTimeout, QueryTooLarge
from graph.server import ServerError

RETRY_SECONDS = 5
log = logging.getLogger("cluegraph.errors")


class Problem(Exception):
    """A request that cannot be answered: status, a title in Chinese, and what to do."""

    def __init__(self, status: int, title: str, detail: str, *, retry: bool = False) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail = status, title, detail
        self.headers = {"Retry-After": str(RETRY_SECONDS)} if retry else None


class NotFound(Problem):
    """There is nothing under this key."""

    def __init__(self, what: str) -> None:
        super().__init__(404, f"没有这个{what}", f"Check the key; the list of {what} shows what there is.")


def unavailable(detail: str = "The graph does not answer.") -> Problem:
    """The graph is away for now."""
    return Problem(503, "图数据库暂不可用", f"{detail} Try again in {RETRY_SECONDS} seconds.", retry=True)


def problem(
    status: int, title: str, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any
) -> JSONResponse:
    """One problem as application/problem+json."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **members}
    return JSONResponse(body, status_code=status, headers=headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Have every failure of `app` answered in one of the two forms."""

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return _answer(request, error)

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        phrase = HTTPStatus(error.status_code).phrase
        title = {404: "没有这个页面", 405: "不支持这种请求", 413: "请求过大"}.get(error.status_code, phrase)
        answered = Problem(error.status_code, title, f"{phrase}: see /docs for what the service offers.")
        answered.headers = dict(error.headers) if error.headers else None
        return _answer(request, answered)

    async def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        # the value itself is left out: it may be a number that must not be shown
        faults = [{"at": ".".join(map(str, fault["loc"])), "fault": fault["msg"]} for fault in error.errors()]
        if _wants_page(request):
            return _answer(request, Problem(422, "请求参数有误", "请检查网址中的参数。"))
        return problem(422, "请求参数有误", "Mend the parameters named in errors.", errors=faults)

    async def on_graph(request: Request, error: Exception) -> Response:
        log.warning("graph: %s", masked(f"{type(error).__name__} {error}"))
        if isinstance(error, QueryTimeout | QueryTooLarge):
            return _answer(request, Problem(504, "查询超出限度", f"{error}."))
        return _answer(request, unavailable())

    async def on_error(request: Request, error: Exception) -> Response:
        log.error("%s", masked("".join(traceback.format_exception(error))))
        return _answer(
            request, Problem(500, "服务内部错误", "The service's log says more; report it to the data office.")
        )

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_invalid)
    for away in (GraphUnavailable, QueryTimeout, QueryTooLarge, ServerError):
        app.add_exception_handler(away, on_graph)
    app.add_exception_handler(Exception, on_error)


def _wants_page(request: Request) -> bool:
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def _answer(request: Request, error: Problem) -> Response:
    if _wants_page(request):
        from api.routers.pages import problem_page

        return problem_page(request, error)
    return problem(error.status, error.title, error.detail, headers=error.headers)
