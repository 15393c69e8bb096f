"""What every request shares: the workspace, the graph, the clues, and a bound on how long they may take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Annotated, Any, TypeVar

import anyio
import anyio.to_thread
from fastapi import Depends, Request

from api.access import Sessions
from api.errors import unavailable
from graph.clues import ClueStore
from graph.connection import Graph
from graph.review import ReviewQueue
from resolution.match import Matcher
from resolution.reading import Reader
from resolution.workspace import Workspace

QUERY_SECONDS = 10.0  # one query
REQUEST_SECONDS = 15.0  # all queries of one request
RETRY_SECONDS = 3.0  # for a dropped connection, before a request is answered with 503
READERS = 16  # requests that wait for the graph at the same time

Result = TypeVar("Result")


@dataclass
class Service:
    """One running service."""

    workspace: Workspace
    token: str
    sessions: Sessions = field(default_factory=Sessions)

    @cached_property
    def graph(self) -> Graph:
        """The graph, read only."""
        return Graph(self.workspace, retry=RETRY_SECONDS)

    @cached_property
    def clues(self) -> ClueStore:
        """The clues and what became of them."""
        return ClueStore(self.workspace)

    @cached_property
    def reader(self) -> Reader:
        """The resolved data, read only; held open only while somebody reads."""
        return Reader(self.workspace)

    @cached_property
    def matcher(self) -> Matcher:
        """Answers who somebody is."""
        return Matcher(self.reader)

    @cached_property
    def review(self) -> ReviewQueue:
        """Pairs in doubt and what people said of them."""
        return ReviewQueue(self.workspace)

    @cached_property
    def _limiter(self) -> anyio.CapacityLimiter:
        return anyio.CapacityLimiter(READERS)

    def read(self, query: str, **params: Any) -> list[dict[str, Any]]:
        """Rows of one catalogued query, within the time limit of a query."""
        return [dict(record) for record in self.graph.read(query, params, timeout=QUERY_SECONDS)]

    async def bounded(self, work: Callable[..., Result], *args: Any, seconds: float = REQUEST_SECONDS) -> Result:
        """Run blocking work aside and answer 503 when it takes longer than `seconds`.

        A server that hangs holds its thread, not the request; once all threads wait, further requests wait
        for a free one within the same bound.
        """
        try:
            with anyio.fail_after(seconds):
                return await anyio.to_thread.run_sync(
                    partial(work, *args), abandon_on_cancel=True, limiter=self._limiter
                )
        except TimeoutError:
            raise unavailable("The graph took too long.") from None


def service(request: Request) -> Service:
    """The running service of this request."""
    running: Service = request.app.state.service
    return running


Running = Annotated[Service, Depends(service)]
