"""Holdings: which datasets there are, and how much of each is loaded."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import duckdb

from resolution.source_files import read_sources
from resolution.workspace import Workspace


@dataclass(frozen=True)
class Holding:
    """One dataset and what the workspace holds of it."""

    dataset: str
    title: str
    agency: str
    own: bool
    """The office has a file of its own for it."""
    files: int
    rows: int
    rejected: int


def holdings(workspace: Workspace) -> list[Holding]:
    """Every dataset in force, by name. Raises SourceError, and WorkspaceError while another process writes."""
    loaded = _loaded(workspace)
    config = os.environ.get("CLUEGRAPH_CONFIG")
    folder = Path(config) / "sources" if config else None
    return [
        Holding(
            name, source.title, source.agency, bool(folder and (folder / f"{name}.toml").exists()),
            *loaded.get(name, (0, 0, 0)),
        )
        for name, source in read_sources().items()
    ]  # fmt: skip


def _loaded(workspace: Workspace) -> dict[str, tuple[int, int, int]]:
    """Files, rows and rejected rows by dataset."""
    if not workspace.duckdb_path.exists():
        return {}
    connection = workspace.connect(read_only=True)
    try:
        rows = connection.execute(
            'SELECT dataset, count(*), sum("rows")::BIGINT, sum(rejected)::BIGINT FROM files GROUP BY dataset'
        ).fetchall()
    except duckdb.CatalogException:  # a workspace into which nothing was ever loaded
        return {}
    finally:
        connection.close()
    return {dataset: (files, count, rejected) for dataset, files, count, rejected in rows}
