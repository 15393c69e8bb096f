"""Publication to a real Neo4j: only what differs is sent, and a crash at any moment leaves nothing wrong."""

from __future__ import annotations

import copy
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rows import ROWS, WANG_ID, ZHANG_ID, ZHANG_PHONE, fill

from graph import server
from graph.connection import Graph
from graph.publish import PublishError, checksum, publish
from resolution.workspace import Workspace

KILLED = """
import os, signal, sys
from graph.publish import publish
from graph.published import Published
from resolution.workspace import Workspace

home, way, moment, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
seen = 0

def die_at(stage, done=0, total=None):
    global seen
    if stage == moment:
        seen += 1
        if seen == count:
            os.kill(os.getpid(), signal.SIGKILL)

def die_before_noting(self, batch):
    die_at("acknowledge")
    noted(self, batch)

noted, Published.acknowledge = Published.acknowledge, die_before_noting
publish(Workspace(home), die_at, way=way, batch_size=7)
"""


@pytest.fixture(scope="module")
def running(served: Workspace) -> Iterator[Workspace]:
    yield served
    # an import aside left a server that outlives its parent
    server.stop(served)
    server.start(served, owner=True)


@pytest.fixture
def workspace(running: Workspace) -> Workspace:
    """A workspace with the rows loaded and resolved, and an empty Neo4j."""
    running.duckdb_path.unlink(missing_ok=True)
    with Graph(running, owner=True) as graph:
        graph.write("MATCH (n) DETACH DELETE n")
    fill(running)
    return running


def rows() -> dict[str, list[dict[str, Any]]]:
    return copy.deepcopy(ROWS)


def read(workspace: Workspace, query: str) -> list[list[Any]]:
    with Graph(workspace, owner=True) as graph:
        return [record.values() for record in graph.read(query)]


def sum_of(workspace: Workspace) -> str:
    with Graph(workspace, owner=True) as graph:
        return checksum(graph)


def kill_publish(workspace: Workspace, way: str, moment: str, count: int) -> None:
    arguments = [
        sys.executable,
        "-c",
        KILLED,
        str(workspace.home),
        way,
        moment,
        str(count),
    ]
    root = str(Path(__file__).parents[2])
    ended = subprocess.run(arguments, cwd=root, env={**os.environ, "PYTHONPATH": root}, timeout=120, check=False)
    assert ended.returncode == -signal.SIGKILL


def test_the_graph_holds_what_the_rows_say(workspace: Workspace) -> None:
    report = publish(workspace)
    paid = read(
        workspace,
        "MATCH (term:PrisonTerm)-[s:SERVED_BY]->(p:Person)<-[t:PAID_TO]-(payment:SubsidyPayment)"
        " WHERE term.admissionDate < payment.paidOn < term.termEnd"
        " RETURN p.name, payment.amount, s.probability, t.probability",
    )
    assert paid == [["张秀英", 110.0, 0.99, 0.93]]
    assert (report.way, report.nodes_sent, report.relationships_sent) == ("bolt", report.nodes, report.relationships)


def test_published_again_nothing_is_sent(workspace: Workspace) -> None:
    publish(workspace)
    before = sum_of(workspace)
    report = publish(workspace)
    assert (report.way, report.nodes_sent, report.relationships_sent) == ("unchanged", 0, 0)
    assert sum_of(workspace) == before


def test_one_changed_cell_sends_one_node(workspace: Workspace) -> None:
    publish(workspace)
    changed = rows()
    changed["subsidy_payments"][0]["amount"] = 220.5
    fill(workspace, changed)
    report = publish(workspace)
    assert (report.nodes_sent, report.nodes_removed) == (1, 0)
    assert (report.relationships_sent, report.relationships_removed) == (0, 0)
    assert read(workspace, "MATCH (s:SubsidyPayment) RETURN s.amount, s.name") == [
        [220.5, "高龄津贴 220.5 元 2022-11-14"]
    ]


def test_an_emptied_cell_leaves_no_property(workspace: Workspace) -> None:
    publish(workspace)
    changed = rows()
    del changed["household"][0]["sex"]
    fill(workspace, changed)
    publish(workspace)
    assert read(workspace, "MATCH (h {key: 'household/H1'}) RETURN 'sex' IN keys(h)") == [[False]]


def test_a_removed_row_takes_its_relationships_with_it(workspace: Workspace) -> None:
    publish(workspace)
    changed = rows()
    changed["judgments"].pop()
    fill(workspace, changed)
    report = publish(workspace)
    assert (report.nodes_removed, report.relationships_removed) == (1, 1)
    assert read(workspace, "MATCH (e:EnforcementCase)-[:ENFORCES]->(j) RETURN j.key") == [["judgments/J1"]]


def test_an_entity_that_turns_out_to_be_of_another_kind_changes_its_label(workspace: Workspace) -> None:
    publish(workspace)
    connection = workspace.connect()
    connection.execute("DELETE FROM person_entities WHERE entity_id = 'P2'")
    connection.execute(
        "INSERT INTO company_entities VALUES ('P2', '王强', ['王强'], '王强', 'wang qiang', '', '', '', '', NULL)"
    )
    connection.close()
    publish(workspace)
    assert read(workspace, "MATCH (n {key: 'P2'}) RETURN labels(n)") == [[["Entity", "Company"]]]
    with_relationships = read(workspace, "MATCH (:Lease)-[:LET_TO]->(n:Company) RETURN n.key")
    assert with_relationships == [["P2"]]


def test_a_graph_that_was_emptied_is_published_again(workspace: Workspace) -> None:
    publish(workspace)
    before = sum_of(workspace)
    with Graph(workspace, owner=True) as graph:
        graph.write("MATCH (n) DETACH DELETE n")
    publish(workspace)
    assert sum_of(workspace) == before


def test_a_node_that_someone_deleted_comes_back(workspace: Workspace) -> None:
    publish(workspace)
    before = sum_of(workspace)
    with Graph(workspace, owner=True) as graph:
        graph.write("MATCH (n:Person {key: 'P1'}) DETACH DELETE n")
    publish(workspace)
    assert sum_of(workspace) == before


def test_a_graph_of_another_workspace_is_taken_over(workspace: Workspace) -> None:
    publish(workspace)
    before = sum_of(workspace)
    with Graph(workspace, owner=True) as graph:
        graph.write("MATCH (p:Publication) SET p.id = 'another'")
        graph.write("MATCH (t:PrisonTerm) SET t.crime = '盗窃罪'")
        graph.write("MATCH (a:Person {key: 'P1'}) CREATE (:Fact:Death {key: 'deaths/D9'})-[:DEATH_OF]->(a)")
        graph.write("MATCH (a:Person {key: 'P1'}) MATCH (b:Person {key: 'P2'}) CREATE (b)-[:BRANCH_OF]->(a)")
    publish(workspace)
    assert sum_of(workspace) == before


def test_what_others_keep_in_the_same_neo4j_stays(workspace: Workspace) -> None:
    publish(workspace)
    with Graph(workspace, owner=True) as graph:
        graph.write("MATCH (c:MandatoryReport) CREATE (c)-[:NOTED_IN]->(:Notebook {key: 'note/1'})")
        graph.write("MATCH (p:Publication) DETACH DELETE p")
    publish(workspace)
    assert read(workspace, "MATCH (:MandatoryReport)-[:NOTED_IN]->(n:Notebook) RETURN n.key") == [["note/1"]]


@pytest.mark.parametrize(
    ("moment", "count"), [("写入图谱", 1), ("写入图谱", 3), ("acknowledge", 1), ("acknowledge", 9), ("acknowledge", 15)]
)
def test_killed_while_it_sends_and_run_again_the_graph_is_the_same(
    workspace: Workspace, moment: str, count: int
) -> None:
    publish(workspace)
    whole = sum_of(workspace)
    with Graph(workspace, owner=True) as graph:
        graph.write("MATCH (n) DETACH DELETE n")
    kill_publish(workspace, "bolt", moment, count)
    publish(workspace)
    assert sum_of(workspace) == whole


def test_killed_while_it_sends_a_row_that_is_then_withdrawn_the_row_is_gone(workspace: Workspace) -> None:
    fewer = rows()
    del fewer["judgments"][1]
    fill(workspace, fewer)
    publish(workspace)
    without = sum_of(workspace)
    fill(workspace)
    kill_publish(workspace, "bolt", "acknowledge", 2)
    assert read(workspace, "MATCH (j:Judgment) RETURN count(j)") == [[2]]
    fill(workspace, fewer)
    publish(workspace)
    assert sum_of(workspace) == without


def test_imported_aside_the_graph_is_the_one_that_bolt_builds(workspace: Workspace) -> None:
    nasty = rows()
    nasty["mandatory_reports"][0]["content"] = "引号\"逗号,分号;反斜杠\\换行\n制表\t撇号' 竖线| 单元\u001f分隔"
    fill(workspace, nasty)
    publish(workspace, way="bolt")
    by_bolt = sum_of(workspace)
    report = publish(workspace, way="offline")
    assert report.way == "offline"
    assert sum_of(workspace) == by_bolt
    assert publish(workspace).way == "unchanged"
    assert list(workspace.exchange.iterdir()) == []


@pytest.mark.parametrize("moment", ["导出批量文件", "离线导入", "切换图谱", "核对"])
def test_killed_in_an_import_aside_and_run_again_the_graph_is_the_same(workspace: Workspace, moment: str) -> None:
    publish(workspace)
    whole = sum_of(workspace)
    changed = rows()
    changed["judgments"].pop()
    fill(workspace, changed)
    kill_publish(workspace, "offline", moment, 1)
    fill(workspace)
    publish(workspace)
    assert sum_of(workspace) == whole


def test_no_full_number_of_a_person_is_in_neo4j(workspace: Workspace) -> None:
    publish(workspace)
    values = read(
        workspace,
        "MATCH (n) UNWIND keys(n) AS k WITH n[k] AS v WHERE NOT v IS :: LIST<ANY> RETURN toString(v)"
        " UNION ALL MATCH (n) UNWIND keys(n) AS k WITH n[k] AS v WHERE v IS :: LIST<ANY> UNWIND v AS x"
        " RETURN toString(x) AS `toString(v)`"
        " UNION ALL MATCH ()-[r]->() UNWIND keys(r) AS k WITH r[k] AS v WHERE NOT v IS :: LIST<ANY>"
        " RETURN toString(v)",
    )
    texts = [re.sub(r"[0-9a-f]{32}", "", text) for (text,) in values]
    assert len(texts) > 300
    assert [t for t in texts if any(number in t for number in (ZHANG_ID, WANG_ID, ZHANG_PHONE, "13912345678"))] == []
    assert [t for t in texts if re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", t)] == []


def test_an_import_aside_is_refused_for_a_neo4j_that_is_not_ours(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    with pytest.raises(PublishError, match="NEO4J_URI"):
        publish(workspace, way="offline")
