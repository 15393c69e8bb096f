"""What a query may do, and what it may not, against a real Neo4j."""

from __future__ import annotations

import time

import psutil  # type: ignore[import-untyped]
import pytest

from graph import ontology
from graph.connection import Graph, GraphError, GraphUnavailable, QueryTimeout, QueryTooLarge

ENDLESS = "UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b WITH a, b WHERE a * b = 0 RETURN count(*)"


@pytest.mark.parametrize(
    "query",
    [
        "CREATE (:Person {key: 'p1'})",
        "MATCH (n) DETACH DELETE n",
        "MATCH (n) SET n.name = ''",
        "MERGE (:Person {key: 'p1'})",
        "CREATE INDEX FOR (n:Person) ON (n.sex)",
        "CALL () { CREATE (:Person) } RETURN 1",
    ],
)
def test_a_read_that_writes_is_refused_and_changes_nothing(empty: Graph, query: str) -> None:
    empty.write("CREATE (:Person {key: 'p0', name: '张伟'})")
    with pytest.raises(GraphError, match="a read may not"):
        empty.read(query)
    assert [dict(row["n"]) for row in empty.read("MATCH (n) RETURN n")] == [{"key": "p0", "name": "张伟"}]


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "http://127.0.0.1:1/", "http://[::1]:1/", "http://10.0.0.1/"]
)
def test_no_query_reads_a_file_or_an_address(empty: Graph, address: str) -> None:
    with pytest.raises(GraphError, match=r"Cannot load|blocked"):
        empty.read("LOAD CSV FROM $address AS row RETURN row", {"address": address})


def test_a_runaway_query_is_stopped_at_the_server(empty: Graph) -> None:
    with pytest.raises(QueryTimeout, match=r"stopped after 0.5 s"):
        empty.read(ENDLESS, timeout=0.5)
    time.sleep(1)
    running = empty.read("SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery CONTAINS 'a * b = 0' RETURN *")
    assert [row for row in running if "SHOW TRANSACTIONS" not in row["currentQuery"]] == []


def test_a_query_that_takes_all_memory_is_stopped_and_others_go_on(empty: Graph) -> None:
    with pytest.raises(QueryTooLarge, match="narrow it"):
        empty.read("UNWIND range(1, 100000000) AS a RETURN count(DISTINCT [a, a, a, a])")
    assert empty.read("RETURN 1 AS one")[0]["one"] == 1


def test_a_limit_fetches_no_more_records(empty: Graph) -> None:
    assert [row["a"] for row in empty.read("UNWIND range(1, 1000000000) AS a RETURN a", limit=3)] == [1, 2, 3]


def test_a_hostile_value_is_a_value(empty: Graph) -> None:
    name = "'}) DETACH DELETE n //`\"\\u0027"
    empty.write("CREATE (:Person {key: 'p1', name: $name})", {"name": name})
    assert empty.read("MATCH (n {name: $name}) RETURN n.key AS key", {"name": name})[0]["key"] == "p1"


def test_a_failed_write_leaves_nothing(empty: Graph) -> None:
    with pytest.raises(GraphError):
        empty.write("UNWIND [1, 2, 0] AS x CREATE (:Person {share: 1 / x})")
    assert empty.read("MATCH (n) RETURN count(n) AS count")[0]["count"] == 0


def test_a_stuck_engine_is_noticed_and_serves_again(empty: Graph) -> None:
    engine = psutil.Process(empty.server.pid)
    engine.suspend()
    try:
        time.sleep(0.2)
        assert not empty.answers(timeout=1)
    finally:
        engine.resume()
    assert empty.answers()
    assert empty.read("RETURN 1 AS one")[0]["one"] == 1


def test_a_neo4j_that_is_not_there_is_named(tmp_path: object, monkeypatch: pytest.MonkeyPatch, served: object) -> None:
    from resolution.workspace import Workspace

    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    with Graph(Workspace(str(tmp_path)), retry=0.5) as graph, pytest.raises(GraphUnavailable, match="check NEO4J_URI"):
        graph.read("RETURN 1")


def test_the_constraints_hold_and_may_be_made_again(empty: Graph) -> None:
    for statement in ontology.constraints() * 2:
        empty.write(statement)
    empty.read("CALL db.awaitIndexes(60)")
    kept = empty.read("SHOW CONSTRAINTS YIELD labelsOrTypes AS labels, properties")
    assert {(row["labels"][0], row["properties"][0]) for row in kept} >= {
        (label, "key") for label in ("Entity", "Fact", "Phone", "Address", "Household", "Dataset")
    }
    empty.write("CREATE (:Fact:Lease {key: 'leases/1'})")
    with pytest.raises(GraphError, match="already exists"):
        empty.write("CREATE (:Fact:Penalty {key: 'leases/1'})")


def test_names_are_found_by_parts_without_spaces(empty: Graph) -> None:
    empty.write(next(statement for statement in ontology.constraints() if "FULLTEXT" in statement))
    empty.write(
        "CREATE (:Entity:Company {key: 'c1', name: '兰州老马牛肉面馆', names: ['老马牛肉面']}),"
        " (:Entity:Company {key: 'c2', name: '新马餐饮有限公司', names: ['新马餐饮有限公司', '新马牛肉面']}),"
        " (:Entity:Person {key: 'p1', name: '张伟'})"
    )
    empty.read("CALL db.awaitIndexes(60)")
    found = {
        words: [
            row["key"]
            for row in empty.read(
                "CALL db.index.fulltext.queryNodes($index, $words) YIELD node RETURN node.key AS key ORDER BY key",
                {"index": ontology.ENTITY_NAMES, "words": f'"{words}"'},
            )
        ]
        for words in ("老马", "牛肉面", "张伟", "兰州", "王芳")
    }
    assert found == {"老马": ["c1"], "牛肉面": ["c1", "c2"], "张伟": ["p1"], "兰州": ["c1"], "王芳": []}
