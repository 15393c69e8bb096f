"""The service database keeps what people said through releases, and is opened by many at once."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine, insert, inspect, text

from graph import clues, review
from graph.clues import ClueStore
from resolution import judgements
from resolution.judgements import JudgementStore
from resolution.service_database import NEWEST, opened
from resolution.workspace import Workspace, WorkspaceError

ROOT = Path(__file__).parents[2]
TABLES = (judgements.metadata, clues.metadata, review.metadata)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.delenv("CLUEGRAPH_DATABASE_URL", raising=False)
    return Workspace(tmp_path)


def revision(workspace: Workspace) -> str:
    with opened(workspace).connect() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())


def test_a_new_database_has_the_tables_that_the_stores_ask(workspace: Workspace) -> None:
    declared = MetaData()
    for each in TABLES:
        for table in each.tables.values():
            table.to_metadata(declared)
    with opened(workspace).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), declared) == []
    assert revision(workspace) == NEWEST


def test_a_database_from_before_revisions_keeps_its_judgement_and_gets_what_it_lacks(workspace: Workspace) -> None:
    former = create_engine(workspace.database_url)
    judgements.metadata.create_all(former)
    said = {"verdict": "not_same", "who": "李检", "why": "冒用证件", "at": datetime.now(UTC), "blind": False}
    sides = ("household", "H1", "人员", "subsidy_payments", "S1", "领取人")
    columns = [f"{side}_{part}" for side in ("left", "right") for part in ("dataset", "record", "role")]
    with former.begin() as connection:
        row = said | {"pair": "0" * 16} | dict(zip(columns, sides, strict=True))
        connection.execute(insert(judgements.judgements), row)
    assert inspect(former).get_table_names() == ["judgements"]
    former.dispose()

    assert [(each.verdict, each.who, each.why) for each in JudgementStore(workspace).every()] == [
        ("not_same", "李检", "冒用证件")
    ]
    assert list(ClueStore(workspace).every()) == [] and revision(workspace) == NEWEST


def test_a_database_of_a_newer_release_is_refused_and_left_alone(workspace: Workspace) -> None:
    with opened(workspace).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(WorkspaceError, match=r"revision 9999.*install the newer release"):
        JudgementStore(workspace)
    with create_engine(workspace.database_url).connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == ["9999"]


def test_processes_that_open_a_new_database_at_once_all_get_it(workspace: Workspace) -> None:
    opening = "import sys; from resolution.judgements import *; print(JudgementStore(Workspace(sys.argv[1])).every())"
    command = [sys.executable, "-c", opening, str(workspace.home)]
    started = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)
    ]
    ended = [process.communicate(timeout=60) for process in started]
    assert ended == [("[]\n", "")] * 4 and revision(workspace) == NEWEST


def test_opening_a_database_that_is_up_to_date_does_not_load_alembic(workspace: Workspace) -> None:
    opened(workspace)
    looked = "import sys; from resolution.service_database import opened; from resolution.workspace import Workspace\n"
    looked += "opened(Workspace(sys.argv[1])); print('alembic' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", looked, str(workspace.home)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
