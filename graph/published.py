"""What Neo4j holds of the desired graph, as DuckDB remembers it.

`graph.published_nodes` and `graph.published_relationships` list every key sent, with the hash of what was sent. A row
whose hash is NULL is in doubt: it was about to be sent or removed, and no answer came. So that a crash can be told from
a finished publication, the order is always: note what will be sent (`plan`), send, note what was acknowledged
(`acknowledge`), and at the end take it all in (`settle`).

A publication has an id, which a node `:Publication` in Neo4j bears too. Where the two differ, the graph there is not
the one that this workspace sent: another workspace wrote to it, it was emptied, or an older store was restored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from graph.draft import RELATIONSHIP_PROPERTIES

NODES, RELATIONSHIPS = "nodes", "relationships"
KEYS = {NODES: ("key",), RELATIONSHIPS: ("type", "from_key", "to_key")}
KINDS = {NODES: ("general", "label"), RELATIONSHIPS: ("type", "from_general", "to_general")}
"""Columns that tell which statement sends a row."""

DELETE_RELATIONSHIPS, UPSERT_NODES, UPSERT_RELATIONSHIPS, DELETE_NODES = 1, 2, 3, 4
"""The order of work: nothing is ever sent to a node that is not there."""

COLUMNS = {
    NODES: "key VARCHAR, general VARCHAR, label VARCHAR, hash UBIGINT",
    RELATIONSHIPS: "type VARCHAR, from_general VARCHAR, from_key VARCHAR, to_general VARCHAR, to_key VARCHAR,"
    " hash UBIGINT",
}


@dataclass(frozen=True)
class Batch:
    """Rows that one statement sends, in one transaction."""

    part: str
    number: int
    stage: int
    kind: tuple[str, ...]
    relabel: bool
    rows: int


class Published:
    """The published tables of one workspace."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        for part in COLUMNS:
            connection.execute(f"CREATE TABLE IF NOT EXISTS graph.published_{part} ({COLUMNS[part]})")
        connection.execute("CREATE TABLE IF NOT EXISTS graph.publication (id VARCHAR, next VARCHAR)")
        if not self._all("FROM graph.publication"):
            connection.execute("INSERT INTO graph.publication VALUES (NULL, NULL)")

    # -- which publication

    @property
    def ids(self) -> tuple[str | None, str | None]:
        """The id that Neo4j bore when last seen, and that of the publication under way."""
        id, following = self._all("SELECT id, next FROM graph.publication")[0]
        return id, following

    def forget(self) -> None:
        """Neo4j is not as these tables say: the next publication must look for itself."""
        self._together(
            "UPDATE graph.publication SET id = NULL, next = NULL",
            *(f"DELETE FROM graph.published_{part}" for part in COLUMNS),
            *self._drop_plan(),
        )

    def recover(self, id: str | None) -> bool:
        """Take in what a publication that was cut short had reached; False when Neo4j bears none of our ids."""
        last, following = self.ids
        if id is None or id not in (last, following):
            self.forget()
            return False
        if self._exists("imported_nodes") and id == following:
            self.adopt_import()
            return True
        reached = self._take_in() if self._exists("planned_nodes") else []
        # a store that was built but never taken into service is dropped with the plan
        self._together(
            "UPDATE graph.publication SET id = ?, next = NULL", *reached, *self._drop_plan(), parameters=[id]
        )
        return True

    def read_back(self, part: str, rows: object) -> None:
        """Note keys found in Neo4j (an arrow table with the key columns and kinds), all in doubt."""
        self.connection.register("found", rows)
        names = ", ".join(name.split()[0] for name in COLUMNS[part].split(", ")[:-1])
        self.connection.execute(f"INSERT INTO graph.published_{part} SELECT {names}, NULL FROM found")
        self.connection.unregister("found")

    def in_doubt(self) -> bool:
        """Whether something was sent or removed without an answer."""
        return any(self._all(f"SELECT 1 FROM graph.published_{part} WHERE hash IS NULL LIMIT 1") for part in COLUMNS)

    def counts(self, prefix: str = "published_") -> dict[tuple[str, str], int]:
        """(part, general label or type) → how many there are; with the prefix '' of the desired graph."""
        return {
            (part, kind): count
            for part, column in ((NODES, "general"), (RELATIONSHIPS, "type"))
            for kind, count in self._all(f"SELECT {column}, count(*) FROM graph.{prefix}{part} GROUP BY 1")
        }

    # -- the difference over Bolt

    def differences(self) -> int:
        """How many nodes and relationships differ from what is desired."""
        total = 0
        for part in COLUMNS:
            total += self._all(f"SELECT count(*) FROM ({self._difference(part)})")[0][0]
        return total

    def plan(self, id: str, size: int) -> None:
        """Note what publication `id` will send, in batches of at most `size` rows; it is all in doubt from now on."""
        statements = ["UPDATE graph.publication SET next = ?"]
        for part in COLUMNS:
            group = ", ".join(("stage", *KINDS[part], "relabel"))
            keys = ", ".join(KEYS[part])
            statements += [
                f"CREATE OR REPLACE TABLE graph.planned_{part} AS"
                f" SELECT * EXCLUDE (chunk), dense_rank() OVER (ORDER BY {group}, chunk) AS batch FROM"
                f" (SELECT *, (row_number() OVER (PARTITION BY {group} ORDER BY {keys}) - 1) // {size} AS chunk"
                f" FROM ({self._difference(part)})) ORDER BY batch",
                self._delete(part, f"FROM graph.planned_{part}"),
                f"INSERT INTO graph.published_{part} BY NAME"
                f" SELECT * REPLACE (NULL AS hash) FROM (SELECT {self._names(part)} FROM graph.planned_{part})",
            ]
        statements.append("CREATE OR REPLACE TABLE graph.acknowledged (part VARCHAR, batch BIGINT)")
        self._together(*statements, parameters=[id])

    def batches(self) -> Iterator[Batch]:
        """The batches planned, in the order of work."""
        found = []
        for part in COLUMNS:
            kinds = ", ".join(KINDS[part])
            for stage, number, relabel, rows, *kind in self._all(
                f"SELECT stage, batch, relabel, count(*), {kinds} FROM graph.planned_{part} GROUP BY ALL"
            ):
                found.append(Batch(part, number, stage, tuple(kind), relabel, rows))
        return iter(sorted(found, key=lambda batch: (batch.stage, batch.number)))

    def acknowledge(self, batch: Batch) -> None:
        """Neo4j has committed the batch."""
        self.connection.execute("INSERT INTO graph.acknowledged VALUES (?, ?)", [batch.part, batch.number])

    def settle(self) -> None:
        """All batches are acknowledged: the publication under way is now the last one."""
        self._together(*self._take_in(), *self._drop_plan(), "UPDATE graph.publication SET id = next, next = NULL")

    def abandon(self) -> None:
        """Nothing was planned: the last publication stays the last."""
        self._together("UPDATE graph.publication SET next = NULL", *self._drop_plan())

    # -- the whole graph, imported aside

    def plan_import(self, id: str) -> None:
        """Note what Neo4j will hold if it turns out to bear this id."""
        self._together(
            "UPDATE graph.publication SET next = ?",
            *self._drop_plan(),
            *(
                f"CREATE TABLE graph.imported_{part} AS SELECT {self._names(part)} FROM graph.{part}"
                for part in COLUMNS
            ),
            parameters=[id],
        )

    def adopt_import(self) -> None:
        """The imported store is in service."""
        statements = []
        for part in COLUMNS:
            statements += [
                f"DROP TABLE graph.published_{part}",
                f"ALTER TABLE graph.imported_{part} RENAME TO published_{part}",
            ]
        self._together(
            *statements, "UPDATE graph.publication SET id = next, next = NULL", *self._drop_plan(imported=False)
        )

    # -- SQL

    def _difference(self, part: str) -> str:
        """Rows to upsert or delete: stage, relabel, keys, kinds, hash, and the properties of relationships."""
        upsert, delete = (UPSERT_NODES, DELETE_NODES) if part == NODES else (UPSERT_RELATIONSHIPS, DELETE_RELATIONSHIPS)
        keys = ", ".join(KEYS[part])
        first = KEYS[part][0]
        # a node of ours may bear the label of a former life: of an answer that never came, or of another kind
        relabel = "(p.hash IS NULL OR p.label <> d.label) AND p.key IS NOT NULL" if part == NODES else "false"
        other_label = "OR p.label <> d.label" if part == NODES else ""
        properties = "" if part == NODES else "".join(f", d.{name}" for name in RELATIONSHIP_PROPERTIES)
        return (
            f"SELECT {upsert} AS stage, {relabel} AS relabel, {self._names(part, 'd')}{properties}"
            f" FROM graph.{part} d LEFT JOIN graph.published_{part} p USING ({keys})"
            f" WHERE p.{first} IS NULL OR p.hash IS NULL OR p.hash <> d.hash {other_label}"
            f" UNION ALL BY NAME"
            f" SELECT {delete} AS stage, false AS relabel, {self._names(part, 'p')}"
            f" FROM graph.published_{part} p ANTI JOIN graph.{part} d USING ({keys})"
        )

    def _take_in(self) -> list[str]:
        statements = []
        for part in COLUMNS:
            done = f"FROM graph.planned_{part} SEMI JOIN (FROM graph.acknowledged WHERE part = '{part}') USING (batch)"
            statements += [
                self._delete(part, done),
                f"INSERT INTO graph.published_{part} BY NAME SELECT {self._names(part)} {done}"
                f" WHERE stage IN ({UPSERT_NODES}, {UPSERT_RELATIONSHIPS})",
            ]
        return statements

    @staticmethod
    def _delete(part: str, rows: str) -> str:
        same = " AND ".join(f"p.{key} = gone.{key}" for key in KEYS[part])
        return f"DELETE FROM graph.published_{part} p USING ({rows}) gone WHERE {same}"

    def _drop_plan(self, *, imported: bool = True) -> list[str]:
        tables = [f"planned_{part}" for part in COLUMNS] + ["acknowledged"]
        if imported:
            tables += [f"imported_{part}" for part in COLUMNS]
        return [f"DROP TABLE IF EXISTS graph.{table}" for table in tables]

    @staticmethod
    def _names(part: str, alias: str = "") -> str:
        names = [column.split()[0] for column in COLUMNS[part].split(", ")]
        return ", ".join(f"{alias}.{name}" if alias else name for name in names)

    def _exists(self, table: str) -> bool:
        return bool(
            self._all(
                "SELECT 1 FROM information_schema.tables WHERE table_schema = 'graph' AND table_name = ?", [table]
            )
        )

    def _all(self, query: str, parameters: list[str] | None = None) -> list[tuple]:  # type: ignore[type-arg]
        return self.connection.execute(query, parameters).fetchall()

    def _together(self, *statements: str, parameters: list[str] | None = None) -> None:
        """Run the statements in one transaction; the parameters belong to the first."""
        self.connection.begin()
        try:
            for position, statement in enumerate(statements):
                self.connection.execute(statement, parameters if position == 0 else None)
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()
