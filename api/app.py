"""The HTTP service: API under /api/v1, documents at /docs, pages at /."""

from __future__ import annotations

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from fastapi_offline import FastAPIOffline
from starlette.staticfiles import StaticFiles

from api import errors
from api.access import access_token
from api.deps import Service
from api.guard import API, Guard
from api.routers import (
    clues,
    dashboard,
    entities,
    explanations,
    matching,
    models,
    operation,
    pages,
    reconcile,
    review,
    rules,
)
from resolution.workspace import Workspace

TITLE = "cluegraph"
LARGEST_BODY = 256 * 1024
DESCRIPTION = "Clues for legal supervision, found by models over a graph. Send `Authorization: Bearer <token>`."
# told in the OpenAPI document; the guard has looked at the token before
BEARER = HTTPBearer(auto_error=False, description="The token that the service printed at its start.")
PROBLEMS = {
    status: {"description": words, "content": {"application/problem+json": {}}}
    for status, words in {
        401: "No token, or a wrong one",
        404: "Nothing under this key",
        422: "A parameter is refused",
        503: "The graph is away; Retry-After says when to ask again",
        504: "Stopped at the time limit",
    }.items()
}


def create_app(workspace: Workspace) -> FastAPI:
    """The service over one workspace; it starts nothing and connects when it is first asked."""
    service = Service(workspace, access_token(workspace.home / "access.token"))
    app = FastAPIOffline(
        docs_url=None,
        redoc_url=None,
        title=TITLE,
        description=DESCRIPTION,
        version="1",
        redirect_slashes=False,
        max_body_size=LARGEST_BODY,
        openapi_url="/openapi.json",
        generate_unique_id_function=_operation_id,
    )
    app.state.service = service
    v1 = APIRouter(prefix=API, responses=PROBLEMS, dependencies=[Depends(BEARER)])  # type: ignore[arg-type]
    for part in (clues, models, entities, explanations, matching, reconcile, review, rules, dashboard, operation):
        v1.include_router(part.router)
    app.include_router(v1)
    app.include_router(operation.open_router)
    app.include_router(operation.open_router, prefix=API, include_in_schema=False)
    app.include_router(operation.router, include_in_schema=False)
    app.include_router(reconcile.router, include_in_schema=False)
    app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=pages.FOLDER / "static"))
    errors.install(app)
    app.add_middleware(Guard, token=service.token, sessions=service.sessions)
    return app


def _operation_id(route: APIRoute) -> str:
    return f"{route.tags[0] if route.tags else 'pages'}_{route.name}"
