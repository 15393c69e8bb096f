"""What stands before every request: size bounds, the access token, the origin of changes, and strict headers."""

from __future__ import annotations

import logging
import time
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access import COOKIE, Sessions, same
from api.errors import problem
from api.metrics import count_request

API = "/api/v1"
LONGEST_URL = 4096
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
OPEN_PATHS = frozenset({"/healthz", "/api/v1/healthz", "/login", "/favicon.ico"})
OPEN_PREFIX = "/static/"
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
log = logging.getLogger("cluegraph.access")


class Guard:
    """ASGI middleware; answers by itself what may not pass."""

    def __init__(self, app: ASGIApp, token: str, sessions: Sessions) -> None:
        self.app = app
        self.token = token
        self.sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.monotonic()
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _protect(MutableHeaders(scope=message), scope["path"])
            await send(message)

        refusal = self._refusal(scope)
        try:
            if refusal:
                await refusal(scope, receive, answer)
            else:
                await self.app(scope, receive, answer)
        finally:
            route = _template(scope)
            seconds = time.monotonic() - started
            count_request(_method(scope), route, status, seconds)
            log.info("%s %s %d %.0f ms", _method(scope), route, status, seconds * 1000)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_URL:
            return problem(414, "网址过长", f"Keep the address under {LONGEST_URL:,} characters.")
        path, method = scope["path"], scope["method"]
        unsafe = method not in ("GET", "HEAD", "OPTIONS")
        request = Request(scope)
        cookie = request.cookies.get(COOKIE)
        scheme, _, given = headers.get("authorization", "").partition(" ")
        by_token = scheme.lower() == "bearer" and same(given.strip(), self.token)
        if unsafe and not by_token and not _same_origin(headers):
            return problem(403, "来源不符", "Changes are taken only from the service's own pages, or with the token.")
        if by_token or path in OPEN_PATHS or path.startswith(OPEN_PREFIX):
            return None
        if cookie and not headers.get("authorization") and self.sessions.holds(cookie):
            return None
        if method == "GET" and not path.startswith(API) and "text/html" in headers.get("accept", ""):
            return RedirectResponse(f"/login?next={quote(path)}", status_code=303)
        return problem(
            401,
            "需要访问令牌",
            "Send the token that the service printed at its start: Authorization: Bearer <token>.",
            headers={"WWW-Authenticate": "Bearer"},
        )


def _method(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in METHODS else "OTHER"


def _template(scope: Scope) -> str:
    """The path's template, never the path or the query: what somebody typed stays out of logs and metrics."""
    template: str | None = getattr(scope.get("route"), "path", None)
    if template is None:
        return "-"
    return API + template if scope["path"].startswith(API) and not template.startswith(API) else template


def _protect(headers: MutableHeaders, path: str) -> None:
    headers["Content-Security-Policy"] = CONTENT_POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    # personal data must not stay in a browser's or a proxy's store
    headers["Cache-Control"] = "no-cache" if path.startswith(OPEN_PREFIX) else "no-store"


def _same_origin(headers: Headers) -> bool:
    """A browser says where a request comes from; what says nothing is no browser."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def local_path(path: Any) -> str:
    """Where to go after signing in: a path of this service, or the first page."""
    text = str(path or "")
    safe = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isascii() and text.isprintable()
    return text if safe and "\\" not in text else "/"
