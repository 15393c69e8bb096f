"""Scoring on Spark, for more pairs than one machine takes: the same settings, the same Splink, the same scores.

Profiles, frequencies and blocked pairs go over as Parquet files in the exchange folder, and scores come back the same
way; all else stays in DuckDB.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from resolution import spark_sql
from resolution.link import Scorer, pair_columns, predict
from resolution.settings import Settings
from resolution.spark_session import session
from resolution.weights import columns_of, frequencies
from resolution.workspace import Workspace


@contextmanager
def scorer(workspace: Workspace) -> Iterator[Scorer]:
    """A function that does on Spark what `link.score_pairs` does; Spark runs as long as the block.

    Raises `spark_session.SparkError` when there is no Spark or it fails. The function raises SettingsError for a
    condition that Spark may see differently.
    """
    folder = workspace.exchange / "spark"
    shutil.rmtree(folder, ignore_errors=True)  # a killed run may have left it
    folder.mkdir(mode=0o700)
    try:
        with session(folder) as opened:
            for function in spark_sql.FUNCTIONS:
                opened.sql(function)
            yield lambda connection, settings, population: _score(opened, folder, connection, settings, population)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _score(
    opened: Any, folder: Path, connection: duckdb.DuckDBPyConnection, settings: Settings, population: float
) -> None:
    from splink import SparkAPI

    types = {name: kind for name, kind, *_ in connection.execute("DESCRIBE profile").fetchall()}
    conditions = spark_sql.translated(settings, {name for name, kind in types.items() if kind.endswith("[]")})
    compared = {name for comparison in settings.comparison for name in columns_of(comparison)}
    needed = ", ".join(f'"{name}"' for name in types if name in {"unique_id", *compared, *frequencies(settings)})
    # scores are computed once, when they are written; Splink's other ways would write them twice
    api = SparkAPI(spark_session=opened, break_lineage_method="persist", register_udfs_automatically=False)

    def registered(name: str) -> Any:
        file = folder / f"{settings.kind}-{name}.parquet"
        columns = needed if name == "profile" else "*"
        connection.execute(f'COPY (SELECT {columns} FROM "{name}") TO {_literal(file)} (FORMAT parquet)')
        return api.register(opened.read.parquet(str(file)), table_name=f"{settings.kind}_{name}")

    _, scored = predict(registered, conditions, population)
    pairs = folder / f"{settings.kind}-pair"
    scored.as_spark_dataframe().selectExpr(*pair_columns(settings)).write.parquet(str(pairs))
    connection.execute(f"CREATE OR REPLACE TABLE pair AS FROM read_parquet({_literal(pairs / '*.parquet')})")
    opened.catalog.clearCache()


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
