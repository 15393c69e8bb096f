"""A small synthetic city, loaded and resolved once for all tests that read it. Nothing may write to it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from resolution import synthetic
from resolution.intake import load
from resolution.judgements import Judgement, Mention, pair_key
from resolution.resolve import resolve
from resolution.workspace import Workspace

RECORDS = 4_000


_made: list[Workspace] = []  # modules that import the fixture share what the first of them made


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The workspace of the city."""
    if not _made:
        folder: Path = tmp_path_factory.mktemp("city")
        synthetic.generate(folder / "files", records=RECORDS, seed=11)
        workspace = Workspace(folder / "workspace")
        load(workspace, folder / "files")
        resolve(workspace)
        _made.append(workspace)
    return _made[0]


def said(left: Mention, right: Mention, verdict: str) -> Judgement:
    """What 甲 says of two mentions."""
    left, right = sorted((left, right))
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Judgement(1, pair_key(left, right), left, right, verdict, "甲", "", now)


def pairs_in_doubt(connection: duckdb.DuckDBPyConnection) -> list[Judgement]:
    """60 pairs of people of the run of any score, called the same when they score well, one in five as not."""
    rows = connection.execute(
        """WITH one AS (SELECT f.unique_id, arg_min([dataset, record_id, role], mention_id) AS place
            FROM mentions JOIN person_profile_of f USING (mention_id) WHERE kind = 'person' GROUP BY ALL)
        SELECT a.place, b.place, bits FROM person_pair JOIN one a ON a.unique_id = l JOIN one b ON b.unique_id = r
        ORDER BY md5(l || r) LIMIT 60"""
    ).fetchall()
    return [
        said(Mention(*left), Mention(*right), "same" if (bits > 5) == bool(number % 5) else "not_same")
        for number, (left, right, bits) in enumerate(rows)
    ]
