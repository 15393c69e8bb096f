"""Operation: is it alive, is it ready, how does it do, and the counts of the wall screen."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api import queries
from api.deps import Running
from api.errors import Problem, unavailable
from api.metrics import set_clues
from graph import server

READY_SECONDS = 4.0

router = APIRouter(tags=["operation"])
open_router = APIRouter(tags=["operation"])  # the one answer that asks for no token


@open_router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The service runs."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(running: Running) -> dict[str, str]:
    """The service runs, the graph answers, the clues can be read; 503 within five seconds when not."""

    def look() -> None:
        # a server that is stuck would hold this thread for long; one that has died is started again by the query
        if not running.graph.answers(READY_SECONDS - 1) and server.status(running.workspace):
            raise unavailable()
        running.read(queries.ALIVE)
        running.clues.counts()

    try:
        await running.bounded(look, seconds=READY_SECONDS)
    except Problem:
        raise
    except Exception as error:
        raise unavailable(f"The graph or the clue store does not answer ({type(error).__name__}).") from error
    return {"status": "ready"}


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(running: Running) -> PlainTextResponse:
    """Counters and durations for Prometheus."""
    set_clues(await running.bounded(running.clues.counts))
    return PlainTextResponse(generate_latest(), media_type=CONTENT_TYPE_LATEST)
