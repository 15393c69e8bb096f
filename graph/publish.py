"""Publication: bring Neo4j to the desired graph by sending only what differs.

Two ways lead there. Over Bolt, the difference goes in batches, each one transaction, each noted in DuckDB before and
after it is sent (see `published`): killed at any point and run again, the graph ends the same. When most of it differs
and the Neo4j is the service's own, the whole graph is written to files and imported into a store aside (see `bulk`),
which then takes the place of the former one.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from time import monotonic
from typing import Any, Literal

import duckdb
import pyarrow as pa

from graph import bulk, exchange, ontology
from graph.connection import Graph
from graph.desired import Desired, build
from graph.draft import RELATIONSHIP_PROPERTIES, NodeTable
from graph.published import (
    DELETE_NODES,
    DELETE_RELATIONSHIPS,
    NODES,
    RELATIONSHIPS,
    UPSERT_NODES,
    Batch,
    Published,
)
from resolution.workspace import Workspace

Progress = Callable[[str, int, int | None], None]
Way = Literal["auto", "bolt", "offline"]

BATCH_SIZE = 5_000
"""Rows a transaction."""

OFFLINE_SHARE = 0.3
OFFLINE_FROM = 100_000
"""From this share of the graph, and this many nodes and relationships, an import aside is faster than Bolt."""

READ_BACK_PAGE = 5_000
BASE = ("Entity", "Fact", "Address", "Phone", "Household", "Dataset")
"""General labels that are ours in any Neo4j, whatever is loaded now."""


class PublishError(Exception):
    """The graph in Neo4j is not what was sent; the message says what to do."""


@dataclass
class PublishReport:
    """What a publication did."""

    way: Literal["unchanged", "bolt", "offline"] = "unchanged"
    nodes: int = 0
    """Nodes in the graph now."""
    relationships: int = 0
    nodes_sent: int = 0
    nodes_removed: int = 0
    relationships_sent: int = 0
    relationships_removed: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    """Seconds by step."""
    notes: list[str] = field(default_factory=list)
    """What the data office should know about its data, in Chinese."""

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values, for JSON."""
        return asdict(self)


def publish(
    workspace: Workspace, progress: Progress | None = None, *, way: Way = "auto", batch_size: int = BATCH_SIZE
) -> PublishReport:
    """Bring the graph in Neo4j to the state resolved; run again, it sends nothing.

    `way` forces the difference over Bolt or the import aside (only possible with the service's own Neo4j);
    `batch_size` is the number of rows a transaction.
    Raises DesiredError when there is nothing to publish, GraphError when Neo4j cannot be reached, PublishError when
    another writer changed the graph meanwhile.
    """
    with closing(workspace.connect()) as connection:
        tell = progress or (lambda stage, done, total: None)
        return _Publication(workspace, connection, tell, batch_size).run(way)


class _Publication:
    def __init__(
        self, workspace: Workspace, connection: duckdb.DuckDBPyConnection, progress: Progress, batch_size: int
    ) -> None:
        self.workspace = workspace
        self.connection = connection
        self.progress = progress
        self.batch_size = batch_size
        self.published = Published(connection)
        self.report = PublishReport()
        self.since = monotonic()

    def run(self, way: Way) -> PublishReport:
        self.progress("构建图谱", 0, None)
        desired = build(self.workspace, self.connection)
        self.report.nodes, self.report.relationships = desired.nodes, desired.relationships
        self.report.notes = desired.notes
        self._lap("build")
        if self._compare(desired, way) == "offline":
            self._offline(desired)
        else:
            self._over_bolt(desired)
        return self.report

    def _lap(self, step: str) -> None:
        now = monotonic()
        self.report.seconds[step] = round(now - self.since, 2)
        self.since = now

    # -- what Neo4j holds

    def _compare(self, desired: Desired, way: Way) -> Way:
        """Find out what Neo4j holds and choose the way."""
        own = bulk.possible()
        if way == "offline" and not own:
            raise PublishError("an import aside needs the service's own Neo4j: unset NEO4J_URI, or publish over Bolt")
        size = desired.nodes + desired.relationships
        large = own and size >= OFFLINE_FROM
        self.progress("比对已发布内容", 0, None)
        with closing(Graph(self.workspace)) as graph:
            known = self._recover(graph)
            if not known and not (way == "offline" or (way == "auto" and large)):
                self._read_back(graph, desired)
        if way == "auto":
            changed = self.published.differences() if known and large else size
            way = "offline" if large and changed >= OFFLINE_SHARE * size else "bolt"
        self._lap("compare")
        return way

    def _recover(self, graph: Graph) -> bool:
        """Whether the published tables tell what this Neo4j holds."""
        found = graph.read("MATCH (p:Publication) RETURN p.id AS id")
        id = found[0]["id"] if len(found) == 1 else None
        if not self.published.recover(id):
            return False
        if not self.published.in_doubt() and self._counts(graph) != self.published.counts("published_"):
            self.published.forget()
            return False
        return True

    def _counts(self, graph: Graph) -> dict[tuple[str, str], int]:
        """(part, general label or type) → how many Neo4j has, of all kinds that are published or desired."""
        asked = sorted({*self.published.counts("published_"), *self.published.counts("")})
        if not asked:
            return {}
        patterns = [f"(n:{_name(kind)})" if part == NODES else f"()-[n:{_name(kind)}]->()" for part, kind in asked]
        # each part alone is answered from Neo4j's own statistics, without a look at the nodes
        query = " UNION ALL ".join(
            f"MATCH {pattern} RETURN {position} AS position, count(n) AS count"
            for position, pattern in enumerate(patterns)
        )
        return {asked[row["position"]]: row["count"] for row in graph.read(query) if row["count"]}

    def _read_back(self, graph: Graph, desired: Desired) -> None:
        """Note every node and relationship of ours in Neo4j; what they hold is unknown, so all are sent anew."""
        generals = sorted({*BASE, *(table.general for table in desired.tables)})
        for general in generals:
            for page in _pages(graph, general, generals):
                self.progress("读取现有图谱", 0, None)
                self.published.read_back(NODES, _table(page, ("key", "general", "label")))
                edges = [edge for node in page for edge in node["edges"]]
                self.published.read_back(
                    RELATIONSHIPS, _table(edges, ("type", "from_general", "from_key", "to_general", "to_key"))
                )

    # -- the difference over Bolt

    def _over_bolt(self, desired: Desired) -> None:
        id = uuid.uuid4().hex
        self.published.plan(id, self.batch_size)
        batches = list(self.published.batches())
        with closing(Graph(self.workspace)) as graph:
            _constrain(graph)
            if batches:
                graph.write("MERGE (p:Publication {key: 'publication'}) SET p.id = $id", {"id": id})
                self._send(graph, id, batches, {table.label: table for table in desired.tables})
                self.published.settle()
            else:
                self.published.abandon()
            self._lap("send")
            self._check(graph)
        self._lap("check")

    def _send(self, graph: Graph, id: str, batches: list[Batch], tables: dict[str, NodeTable]) -> None:
        total, done = sum(batch.rows for batch in batches), 0
        labels: list[str] = []
        if any(batch.relabel for batch in batches):
            labels = [row["label"] for row in graph.read("CALL db.labels() YIELD label RETURN label")]
        self.progress("写入图谱", 0, total)
        for batch in batches:
            rows = self._rows(batch, tables)
            statement = _statement(batch, labels)
            answer = graph.write(statement, {"publication": id, "rows": rows})
            sent = answer[0]["count"]
            removes = batch.stage in (DELETE_NODES, DELETE_RELATIONSHIPS)
            if sent != len(rows):
                self.published.forget()
                raise PublishError(
                    f"Neo4j took {sent} of {len(rows)} rows of {'/'.join(batch.kind)}: something else changed the graph"
                    " meanwhile; run `cluegraph publish` again, it looks at what is there"
                )
            self.published.acknowledge(batch)
            name = f"{batch.part}_{'removed' if removes else 'sent'}"
            setattr(self.report, name, getattr(self.report, name) + len(rows))
            done += len(rows)
            self.progress("写入图谱", done, total)
        self.report.way = "bolt"

    def _rows(self, batch: Batch, tables: dict[str, NodeTable]) -> list[dict[str, Any]]:
        planned = f"(FROM graph.planned_{batch.part} WHERE batch = ?)"
        if batch.stage == UPSERT_NODES:
            table = tables[batch.kind[1]]
            query = f"SELECT t.* EXCLUDE (hash) FROM {table.name} t SEMI JOIN {planned} USING (key)"
            return [_present(row) for row in self._fetch(query, batch)]
        if batch.stage == DELETE_NODES:
            return self._fetch(f"SELECT key FROM {planned}", batch)
        if batch.stage == DELETE_RELATIONSHIPS:
            return self._fetch(f"SELECT from_key, to_key FROM {planned}", batch)
        properties = ", ".join(f"{name} := {name}" for name in RELATIONSHIP_PROPERTIES)
        rows = self._fetch(f"SELECT from_key, to_key, struct_pack({properties}) AS properties FROM {planned}", batch)
        return [{**row, "properties": _present(row["properties"])} for row in rows]

    def _fetch(self, query: str, batch: Batch) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.connection.sql(query, params=[batch.number]).to_arrow_table().to_pylist()
        return rows

    def _check(self, graph: Graph) -> None:
        """Neo4j must now hold as much as is desired."""
        if self._counts(graph) != self.published.counts(""):
            self.published.forget()
            raise PublishError(
                "Neo4j does not hold as many nodes and relationships as were sent: something else writes to it;"
                " stop that and run `cluegraph publish` again, it looks at what is there"
            )

    # -- the whole graph, imported aside

    def _offline(self, desired: Desired) -> None:
        id = uuid.uuid4().hex
        self.published.plan_import(id)
        self.progress("导出批量文件", 0, None)
        with exchange.written(self.workspace, self.connection, desired, id) as (nodes, relationships):
            self._lap("files")
            self.progress("离线导入", 0, None)
            name = bulk.import_aside(self.workspace, nodes, relationships)
            self._lap("import")
        self.progress("切换图谱", 0, None)
        bulk.switch(self.workspace, name, prepare=ontology.constraints())
        self._lap("switch")
        self.progress("核对", 0, None)
        with closing(Graph(self.workspace)) as graph:
            if self._counts(graph) != self.published.counts(""):
                bulk.roll_back(self.workspace)
                raise PublishError(
                    "the imported store does not hold what was written to it, the former graph is back in service;"
                    " look at the import's report in the workspace's neo4j/logs and run `cluegraph publish` again"
                )
        self.published.adopt_import()
        self.report.way = "offline"
        self.report.nodes_sent, self.report.relationships_sent = desired.nodes, desired.relationships
        self._lap("check")


def _constrain(graph: Graph) -> None:
    """See to it that every constraint and index is there and on line."""
    for statement in ontology.constraints():
        graph.write(statement)
    graph.read("CALL db.awaitIndexes(600)", timeout=610)


def _statement(batch: Batch, labels: list[str]) -> str:
    """The Cypher that sends one batch; it does nothing once another publication has taken the graph over."""
    ours = "MATCH (:Publication {key: 'publication', id: $publication}) UNWIND $rows AS row "
    if batch.part == NODES:
        general, label = batch.kind
        if batch.stage == DELETE_NODES:
            gone = f"OPTIONAL MATCH (n:{_name(general)} {{key: row.key}}) DETACH DELETE n"
            return f"{ours} {gone} RETURN count(row) AS count"
        others = "".join(f":{_name(other)}" for other in labels if other not in batch.kind) if batch.relabel else ""
        return (
            f"{ours} MERGE (n:{_name(general)} {{key: row.key}}) SET n = row, n:{_name(label)}"
            f"{' REMOVE n' + others if others else ''} RETURN count(row) AS count"
        )
    kind, start, end = map(_name, batch.kind)
    a, b = f"(a:{start} {{key: row.from_key}})", f"(b:{end} {{key: row.to_key}})"
    if batch.stage == DELETE_RELATIONSHIPS:
        return f"{ours} OPTIONAL MATCH {a}-[r:{kind}]->{b} DELETE r RETURN count(row) AS count"
    return f"{ours} MATCH {a} MATCH {b} MERGE (a)-[r:{kind}]->(b) SET r = row.properties RETURN count(row) AS count"


def _name(name: str) -> str:
    """A label or type as it stands in Cypher."""
    return "`" + name.replace("`", "``") + "`"


def _present(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value is not None}


def _table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> pa.Table:
    return pa.table({column: pa.array([row[column] for row in rows], pa.string()) for column in columns})


def _pages(graph: Graph, general: str, generals: list[str]) -> Iterator[list[dict[str, Any]]]:
    """All nodes of the label with the relationships that leave them for a node of ours, in order of key."""
    query = f"""
        MATCH (n:{_name(general)}) WHERE n.key > $after
        WITH n ORDER BY n.key LIMIT $size
        RETURN n.key AS key, $general AS general, coalesce([l IN labels(n) WHERE l <> $general][0], $general) AS label,
            COLLECT {{
                MATCH (n)-[r]->(m) WHERE m.key IS NOT NULL AND any(l IN labels(m) WHERE l IN $generals)
                RETURN DISTINCT {{type: type(r), from_general: $general, from_key: n.key,
                    to_general: [l IN labels(m) WHERE l IN $generals][0], to_key: m.key}}
            }} AS edges
    """
    after = ""
    while True:
        parameters = {"after": after, "size": READ_BACK_PAGE, "general": general, "generals": generals}
        page = [dict(row) for row in graph.read(query, parameters)]
        if not page:
            return
        yield page
        after = page[-1]["key"]


def checksum(graph: Graph) -> str:
    """Hash over all nodes and relationships, whatever their order; for tests and comparisons.

    The `:Publication` is left out, and when a dataset was loaded: that says nothing of what was loaded.
    """
    nodes = graph.read("MATCH (n) WHERE NOT n:Publication RETURN labels(n) AS labels, properties(n) AS properties")
    edges = graph.read(
        "MATCH (a)-[r]->(b) RETURN type(r) AS type, a.key AS start, b.key AS end, properties(r) AS properties"
    )
    lines = [_line("node", sorted(row["labels"]), row["properties"]) for row in nodes]
    lines += [_line("relationship", [row["type"], row["start"], row["end"]], row["properties"]) for row in edges]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _line(part: str, identity: list[str], properties: dict[str, Any]) -> str:
    values = {n: [type(value).__name__, value] for n, value in sorted(properties.items()) if n != "loadedAt"}
    return json.dumps([part, identity, values], ensure_ascii=False, default=str)
