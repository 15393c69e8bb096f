"""A real Neo4j for the tests of the graph: one for each test process, gone with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from graph import server
from graph.connection import Graph
from resolution.workspace import Workspace


@pytest.fixture(scope="session", autouse=True)
def frugal() -> Iterator[None]:
    """Little memory for every Neo4j that a test starts, and none but such is used."""
    with pytest.MonkeyPatch.context() as environment:
        for name in ("NEO4J_URI", "NEO4J_DATABASE", "NEO4J_USERNAME", "NEO4J_PASSWORD"):
            environment.delenv(name, raising=False)
        environment.setenv("CLUEGRAPH_NEO4J_HEAP", "512m")
        environment.setenv("CLUEGRAPH_NEO4J_PAGECACHE", "64m")
        # half the work of a start, which is most of what these tests ask of Java
        environment.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        yield


@pytest.fixture(scope="session")
def served(frugal: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace whose Neo4j runs; it ends with the tests even when they are killed."""
    workspace = Workspace(tmp_path_factory.mktemp("served"))
    server.start(workspace, owner=True)
    yield workspace
    server.stop(workspace)


@pytest.fixture
def empty(served: Workspace) -> Iterator[Graph]:
    """The graph of `served`, without nodes, constraints or indexes."""
    with Graph(served, owner=True) as graph:
        for row in graph.read("SHOW CONSTRAINTS YIELD name"):
            graph.write(f"DROP CONSTRAINT {row['name']}")
        for row in graph.read("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name"):
            graph.write(f"DROP INDEX {row['name']}")
        graph.write("MATCH (n) DETACH DELETE n")
        yield graph
