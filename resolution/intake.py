"""Intake: a folder of agency files into `staged`, each file whole or not at all, rejected rows with their reason."""

from __future__ import annotations

import hashlib
import re
import time
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from resolution.delivery import Delivery, Reject, prepare
from resolution.read import FileRefused
from resolution.report import FileReport, LoadReport
from resolution.source import Source
from resolution.source_files import read_sources
from resolution.workspace import Workspace

Progress = Callable[[str, int, int | None], None]
"""Called with the stage, how much of it is done, and how much there is."""

SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xls", ".xlsm", ".xlsb"})
SQL_TYPES = {
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "month": "DATE",
    "year": "INTEGER",
    "bool": "BOOLEAN",
    **dict.fromkeys(("money", "number", "lon", "lat"), "DOUBLE"),
}
REJECTS = pa.schema(
    [
        ("dataset", pa.string()),
        ("file", pa.string()),
        ("line", pa.int64()),
        ("column_name", pa.string()),
        ("value", pa.string()),
        ("reason", pa.string()),
    ]
)


class IntakeError(Exception):
    """A folder cannot be loaded; the message says what to do."""


class IntakeRefused(IntakeError):
    """Some files were refused; the others are loaded. `report` tells of all of them."""

    def __init__(self, report: LoadReport) -> None:
        self.report = report
        refused = [file.message for file in report.files if file.status == "refused"]
        others = len(report.files) - len(refused)
        lines = "\n".join(refused)
        super().__init__(f"{len(refused)} 个文件未导入（其余 {others} 个文件已处理）：\n{lines}")


def load(workspace: Workspace, folder: Path | str, progress: Progress | None = None) -> LoadReport:
    """Read every file of a known dataset in the folder into the workspace.

    A file is taken whole in one transaction or not at all. One that is loaded already (same SHA-256, same reading of
    its dataset) changes nothing; a changed one replaces what came from it and any record of the same number.
    Raises IntakeError when the folder holds no known file, IntakeRefused after all others are loaded when a file
    cannot be taken in.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise IntakeError(f"{folder} is not a folder; name the folder that holds the agencies' files")
    sources = read_sources()
    known, unknown = _assigned(folder, sources)
    if not known:
        raise IntakeError(
            f"{folder} holds no file of a known dataset; name files after datasets, such as household.csv"
            f" (datasets: {', '.join(sources)})"
        )
    report = LoadReport(unknown=unknown)
    names = {name: {path.name for path, source in known if source.name == name} for name in sources}
    connection = workspace.connect()
    try:
        create_tables(connection)
        for done, (path, source) in enumerate(known):
            if progress:
                progress("load", done, len(known))
            report.files.append(_load(connection, path, source, names[source.name]))
        if progress:
            progress("load", len(known), len(known))
    finally:
        connection.close()
    if any(file.status == "refused" for file in report.files):
        raise IntakeRefused(report)
    return report


def last_event(connection: duckdb.DuckDBPyConnection, today: date | None = None) -> dict[str, date]:
    """The newest day, not after today, on which something happened, by loaded dataset.

    Datasets without such a day are left out.
    """
    staged = {name for (name,) in connection.execute(_STAGED).fetchall()}
    today = today or datetime.now().astimezone().date()
    found: dict[str, date] = {}
    for name, source in read_sources().items():
        events = [column for column, spec in source.columns.items() if spec.event]
        if name not in staged or not events:
            continue
        newest = ", ".join(f"max({_quoted(c)}::DATE) FILTER ({_quoted(c)}::DATE <= $today)" for c in events)
        rows = connection.execute(f"SELECT {newest} FROM staged.{_quoted(name)}", {"today": today}).fetchall()
        if days := [day for day in rows[0] if day]:
            found[name] = max(days)
    return found


def dataset_of(stem: str, sources: dict[str, Source]) -> str | None:
    """The dataset that a file of this stem holds: `household`, `household_2024`, `户籍人口`, `户籍人口（河东）`."""
    plain = unicodedata.normalize("NFKC", stem).strip().lower()
    found: dict[int, str] = {}
    for name, source in sources.items():
        title = unicodedata.normalize("NFKC", source.title)
        if re.match(rf"{re.escape(name)}(?![a-z])", plain):
            found[len(name)] = name
        for wording in (title, title.split("(")[0]):
            if plain.startswith(wording.lower()):
                found[len(wording)] = name
    return found[max(found)] if found else None


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """The tables that tell of files and rejected rows, when they are not there yet."""
    connection.execute(
        """CREATE TABLE IF NOT EXISTS files (
            dataset VARCHAR, sha256 VARCHAR, name VARCHAR, encoding VARCHAR, "rows" BIGINT, rejected BIGINT,
            extra_columns VARCHAR[], loaded_at TIMESTAMPTZ, reading VARCHAR)"""
    )
    connection.execute(
        """CREATE TABLE IF NOT EXISTS rejects (
            dataset VARCHAR, file VARCHAR, line BIGINT, column_name VARCHAR, value VARCHAR, reason VARCHAR)"""
    )


_STAGED = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'staged'"


def _assigned(folder: Path, sources: dict[str, Source]) -> tuple[list[tuple[Path, Source]], list[str]]:
    """Files with their dataset, in order of name, and the names of those that belong to none."""
    known: list[tuple[Path, Source]] = []
    unknown: list[str] = []
    for path in sorted(folder.iterdir()):
        # ~$name.xlsx is Excel's mark of an open workbook
        if not path.is_file() or path.name.startswith((".", "~$")):
            continue
        name = dataset_of(path.stem, sources) if path.suffix.lower() in SUFFIXES else None
        if name:
            known.append((path, sources[name]))
        else:
            unknown.append(path.name)
    return known, unknown


def _load(connection: duckdb.DuckDBPyConnection, path: Path, source: Source, beside: set[str]) -> FileReport:
    """One file. `beside` are the names of all files of the dataset in the folder: they add up, not replace."""
    begun = time.monotonic()
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    report = FileReport(file=path.name, dataset=source.name, sha256=sha256)
    before = connection.execute(
        'SELECT name, "rows", rejected, extra_columns, encoding FROM files'
        " WHERE dataset = $dataset AND sha256 = $sha256 AND reading = $reading",
        {"dataset": source.name, "sha256": sha256, "reading": source.digest},
    ).fetchall()
    if before:
        report.status = "unchanged"
        name, report.rows, report.rejected, report.extra_columns, report.encoding = before[0]
        if name != path.name and name not in beside:
            _rename(connection, source, name, path.name)
        return report
    try:
        delivery = prepare(path, source)
        _replace(connection, delivery, source, beside, report)
    except FileRefused as error:
        report.status, report.message = "refused", str(error)
    report.seconds = round(time.monotonic() - begun, 2)
    return report


def _rename(connection: duckdb.DuckDBPyConnection, source: Source, old: str, new: str) -> None:
    """The same file under another name: what came from it goes on to be known by the name that it has now."""
    names = {"old": old, "new": new, "dataset": source.name}
    connection.begin()
    try:
        connection.execute("UPDATE files SET name = $new WHERE dataset = $dataset AND name = $old", names)
        connection.execute("UPDATE rejects SET file = $new WHERE dataset = $dataset AND file = $old", names)
        table = f"staged.{_quoted(source.name)}"
        connection.execute(f'UPDATE {table} SET "_file" = $new WHERE "_file" = $old', {"old": old, "new": new})
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _replace(
    connection: duckdb.DuckDBPyConnection, delivery: Delivery, source: Source, beside: set[str], report: FileReport
) -> None:
    """Put the file's rows in the place of those that came from it before, in one transaction."""
    connection.begin()
    try:
        _shape(connection, source)
        connection.register("incoming", delivery.table)
        doubles = _doubles(connection, delivery, source, beside)
        connection.unregister("incoming")
        rejects = delivery.rejects + [double for double in doubles.values() if double is not None]
        table = delivery.table
        if doubles:
            kept = ~np.isin(table["_line"].to_numpy(), np.fromiter(doubles, np.int64, len(doubles)))
            table = table.filter(pa.array(kept))
        report.rows, report.rejected = table.num_rows, len(rejects)
        report.duplicates = len(doubles) - (len(rejects) - len(delivery.rejects))
        report.blank, report.encoding = delivery.blank, delivery.encoding
        report.extra_columns, report.absent_columns = delivery.extra, delivery.absent
        _expect(source, report)
        _write(connection, table, rejects, source, beside, report)
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _expect(source: Source, report: FileReport) -> None:
    rows = source.expect.rows
    if report.rows < rows.min:
        raise FileRefused(
            f"{report.file}：只有 {report.rows} 行可用（另有 {report.rejected} 行被拒），少于应有的 {rows.min} 行；"
            f"请核对是否导全，或修改 {source.name}.toml 的 [expect]"
        )
    if rows.max is not None and report.rows > rows.max:
        report.warnings.append(f"有 {report.rows} 行，多于预期的 {rows.max} 行，请核对")
    if not report.rows:
        report.warnings.append("没有一行可用，请核对文件")


def _shape(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """The staged table as the source describes it now; a column that is new is empty in rows loaded before."""
    wanted = {"recordId": "VARCHAR", "_line": "BIGINT", "_file": "VARCHAR"}
    wanted |= {name: SQL_TYPES.get(column.type, "VARCHAR") for name, column in source.columns.items()}
    table = f"staged.{_quoted(source.name)}"
    columns = ", ".join(f"{_quoted(name)} {kind}" for name, kind in wanted.items())
    connection.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
    present = dict(
        connection.execute(
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = 'staged' AND table_name = $table",
            {"table": source.name},
        ).fetchall()
    )
    for name, kind in present.items():
        if wanted.get(name) != kind:
            connection.execute(f"ALTER TABLE {table} DROP COLUMN {_quoted(name)}")
    for name, kind in wanted.items():
        if present.get(name) != kind:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {_quoted(name)} {kind}")


def _doubles(
    connection: duckdb.DuckDBPyConnection, delivery: Delivery, source: Source, beside: set[str]
) -> dict[int, Reject | None]:
    """Lines whose record number was read before, in this file or in one beside it.

    None for a line that says the same as the one before: it is left out; one that says another thing is rejected.
    """
    found: dict[int, Reject | None] = {}
    same = " AND ".join(f"i.{_quoted(name)} IS NOT DISTINCT FROM f.{_quoted(name)}" for name in source.columns)
    ((repeated,),) = connection.execute('SELECT count(*) - count(DISTINCT "recordId") FROM incoming').fetchall()
    if repeated:
        within = connection.execute(
            f"""WITH first AS (SELECT * FROM incoming QUALIFY row_number()
                    OVER (PARTITION BY "recordId" ORDER BY "_line") = 1)
            SELECT i."_line", i."recordId", f."_line", {same} FROM incoming i JOIN first f USING ("recordId")
            WHERE i."_line" > f."_line" ORDER BY ALL"""
        ).fetchall()
        for line, number, first, equal in within:
            words = f"记录编号与第 {first} 行相同而内容不同，保留了第 {first} 行；请核对后改正其中一行"
            found[line] = None if equal else delivery.reject(line, source.key, number, words)
    others = connection.execute(
        f"""SELECT i."_line", i."recordId", f."_file", f."_line", {same}
        FROM incoming i JOIN staged.{_quoted(source.name)} f USING ("recordId")
        WHERE f."_file" IN (SELECT unnest($beside)) ORDER BY ALL""",
        {"beside": sorted(beside - {delivery.file})},
    ).fetchall()
    for line, number, file, first, equal in others:
        words = f"记录编号与文件 {file} 第 {first} 行相同而内容不同，保留了前者；请核对后改正其中一行"
        if line not in found:
            found[line] = None if equal else delivery.reject(line, source.key, number, words)
    return found


def _write(
    connection: duckdb.DuckDBPyConnection,
    table: pa.Table,
    rejects: list[Reject],
    source: Source,
    beside: set[str],
    report: FileReport,
) -> None:
    """Delete what came before and insert; the caller commits."""
    staged = f"staged.{_quoted(source.name)}"
    columns = ", ".join(map(_quoted, table.column_names))
    former = _former(connection, source, report.file, beside)
    names = {"names": former}
    connection.register("kept", table)
    connection.execute(f'DELETE FROM {staged} WHERE "_file" IN (SELECT unnest($names))', names)
    connection.execute(f'DELETE FROM {staged} WHERE "recordId" IN (SELECT "recordId" FROM kept)')
    connection.execute(f"INSERT INTO {staged} ({columns}) SELECT {columns} FROM kept")
    connection.unregister("kept")
    for name, column in (("files", "name"), ("rejects", "file")):
        connection.execute(
            f"DELETE FROM {name} WHERE dataset = $dataset AND {column} IN (SELECT unnest($names))",
            {"dataset": source.name, **names},
        )
    connection.register("refused", pa.Table.from_pylist([vars(reject) for reject in rejects], REJECTS))
    connection.execute("INSERT INTO rejects SELECT * FROM refused ORDER BY line")
    connection.unregister("refused")
    connection.execute(
        "INSERT INTO files VALUES ($dataset, $sha256, $name, $encoding, $rows, $rejected, $extra, $now, $reading)",
        {
            "dataset": source.name,
            "sha256": report.sha256,
            "name": report.file,
            "encoding": report.encoding,
            "rows": report.rows,
            "rejected": report.rejected,
            "extra": report.extra_columns,
            "now": datetime.now(UTC),
            "reading": source.digest,
        },
    )


def _former(connection: duckdb.DuckDBPyConnection, source: Source, file: str, beside: set[str]) -> list[str]:
    """Names under which the file's rows may have come before: its own, and its stem with a suffix no longer there."""
    loaded: list[Any] = connection.execute("SELECT name FROM files WHERE dataset = $1", [source.name]).fetchall()
    stem = Path(file).stem
    return [file, *(name for (name,) in loaded if Path(name).stem == stem and name not in beside)]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
