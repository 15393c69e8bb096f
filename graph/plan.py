"""How Neo4j would run a model, without running it: what it cannot parse, what it warns of, what joins all with all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import neo4j
from neo4j.exceptions import ClientError

from graph.connection import CONNECTION_SETTINGS
from graph.fault import Fault
from graph.model import Model
from graph.server import Server

# a graph in which a dataset is not loaded does not know its names: `graph.words` looks at these
_IGNORED = frozenset({neo4j.NotificationClassification.UNRECOGNIZED})


def plan(server: Server, models: Iterable[Model]) -> list[Fault]:
    """What is wrong with these models by the plans that the server makes of them. Raises neo4j's DriverError."""
    settings = {**CONNECTION_SETTINGS, "notifications_min_severity": "INFORMATION"}
    auth = (server.username, server.password) if server.password else None
    database = server.database if server.pid is None else None
    with (
        neo4j.GraphDatabase.driver(server.uri, auth=auth, **settings) as driver,
        driver.session(database=database, default_access_mode=neo4j.READ_ACCESS) as session,
    ):
        return [fault for model in models for fault in _one(session, model)]


def _one(session: neo4j.Session, model: Model) -> Iterator[Fault]:
    values = {"as_of": None, "min_confidence": 0.0, **model.parameters({})}
    try:
        # the text of a model is a file of the office's own, read and found to be one reading query
        summary = session.run(neo4j.Query(f"EXPLAIN {model.query}"), values).consume()
    except ClientError as error:
        yield Fault(model.path, model.begins, f"mend the query: {error.message}")
        return
    for status in summary.gql_status_objects:
        if status.is_notification and status.classification not in _IGNORED:
            line = status.position.line if status.position else 1
            yield Fault(model.path, model.begins + line - 1, f"Neo4j warns: {status.status_description}")
    if "CartesianProduct" in _operators(summary.plan):
        message = "tie the patterns to each other: the plan joins all rows with all (CartesianProduct)"
        yield Fault(model.path, model.begins, message)


def _operators(plan: Any) -> set[str]:
    return {plan["operatorType"].split("@")[0]}.union(*(_operators(child) for child in plan.get("children", [])))
