"""A dataset that the office adds: its people join those of the city, and leave again with its file."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from graph.ontology import describe
from resolution.holdings import holdings
from resolution.intake import load
from resolution.resolve import resolve
from resolution.workspace import Workspace
from tests.city import city

__all__ = ["city"]

SOURCE = """title = "农机购置补贴"
agency = "农业农村局"
grade = "敏感"
key = "recordId"

[columns]
recordId = {header = "申请编号", type = "text"}
farmer = {header = "农户姓名", type = "text"}
farmerId = {header = "农户身份证号", type = "id", optional = true}
paidOn = {header = "发放日期", type = "date", event = true}

[mentions."农户"]
kind = "person"
name = "farmer"
id = "farmerId"
link = "GRANTED_TO"

[fact]
label = "FarmMachineGrant"
caption = "{farmer} {paidOn}"
on = "paidOn"
"""


def asked(workspace: Workspace, query: str) -> list[tuple[Any, ...]]:
    connection = workspace.connect(read_only=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_people_of_a_new_dataset_join_those_of_the_city_and_nobody_else_moves(
    city: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLUEGRAPH_CONFIG", str(tmp_path / "office"))
    (tmp_path / "office" / "sources").mkdir(parents=True)
    (tmp_path / "office" / "sources" / "farm_machines.toml").write_text(SOURCE, encoding="utf-8")
    workspace = Workspace(tmp_path / "workspace")
    shutil.copy(city.duckdb_path, workspace.duckdb_path)
    known = asked(
        workspace,
        """SELECT h."recordId", h.name, h."idNumber", e.entity_id FROM staged.household h
        JOIN mentions m ON m.dataset = 'household' AND m.record_id = h."recordId" AND m.kind = 'person'
        JOIN entity_of e USING (mention_id) JOIN norm.identity i ON i.value = h."idNumber"
        WHERE i.valid ORDER BY h."recordId" LIMIT 40""",
    )
    assert len(known) == 40
    others = "SELECT dataset, record_id, role, entity_id FROM entity_of JOIN mentions USING (mention_id)"
    before = asked(workspace, f"{others} WHERE dataset <> 'farm_machines' ORDER BY ALL")
    files = tmp_path / "files"
    files.mkdir()
    rows = [f"NJ{number},{name},{id},2023-05-{1 + number % 28:02}" for number, (_, name, id, _) in enumerate(known)]
    rows.append("NJ99,诸葛无名,,2023-05-01")
    text = "\n".join(["申请编号,农户姓名,农户身份证号,发放日期", *rows, ""])
    (files / "农机购置补贴2023.csv").write_text(text, encoding="gb18030")
    load(workspace, files)
    resolve(workspace)
    found = dict(asked(workspace, f"SELECT record_id, entity_id FROM ({others}) WHERE dataset = 'farm_machines'"))
    joined = [found[f"NJ{number}"] == entity for number, (_, _, _, entity) in enumerate(known)]
    assert all(joined)
    assert found["NJ99"] not in {entity for *_, entity in before}
    after = asked(workspace, f"{others} WHERE dataset <> 'farm_machines' ORDER BY ALL")
    assert after == before
    held = {each.dataset: each for each in holdings(workspace)}
    assert (held["farm_machines"].rows, held["farm_machines"].own, held["leases"].own) == (41, True, False)
    assert describe().labels["FarmMachineGrant"].properties["paidOn"].type == "DATE"
    assert "FarmMachineGrant" in describe().relationships["GRANTED_TO"].start
    (tmp_path / "office" / "sources" / "farm_machines.toml").unlink()
    resolve(workspace)
    assert asked(workspace, f"{others} WHERE dataset = 'farm_machines'") == []
    assert asked(workspace, f"{others} ORDER BY ALL") == before
