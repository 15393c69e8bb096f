"""What the service counts about itself, for Prometheus; no label ever holds what somebody typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("cluegraph_requests_total", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram("cluegraph_request_seconds", "Time to answer.", ["route"])
CLUES = Gauge("cluegraph_clues", "Clues by model and status.", ["model", "status"])


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """One request was answered; `route` is the template of its path."""
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


def set_clues(counts: Iterable[Mapping[str, Any]]) -> None:
    """Clues by model and status, as they are now."""
    CLUES.clear()
    for row in counts:
        CLUES.labels(row["model"], row["status"]).inc(row["clues"])
