"""One real Neo4j for all cases, in a workspace of its own that goes with the run."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from graph import server
from graph.connection import Graph
from resolution.workspace import Workspace


@pytest.fixture(scope="session")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    """An empty graph to build cases in. `CLUEGRAPH_TEST_URI` names a Neo4j to use instead: what it holds is deleted."""
    workspace = Workspace(tmp_path_factory.mktemp("cypher"))
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("NEO4J_URI", raising=False)
        if uri := os.environ.get("CLUEGRAPH_TEST_URI"):
            environment.setenv("NEO4J_URI", uri)
        environment.setenv("CLUEGRAPH_NEO4J_HEAP", "768m")
        environment.setenv("CLUEGRAPH_NEO4J_PAGECACHE", "64m")
        # most of the work is planning, and each plan runs a few times only
        environment.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        with Graph(workspace, owner=True) as graph:
            yield graph
        server.stop(workspace)
