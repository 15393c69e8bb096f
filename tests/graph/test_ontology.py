"""The words of the graph: facts follow from the sources, and what is built is what is said."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from rows import fill

from graph import ontology
from graph.desired import build
from resolution.workspace import Workspace

NEW_SOURCE = """
title = "共享单车投放"
agency = "城管局"
grade = "一般"
key = "recordId"
[columns]
recordId = {header = "记录编号", type = "text"}
operator = {header = "运营单位", type = "text"}
operatorPhone = {header = "联系电话", type = "phone", optional = true}
placedOn = {header = "投放日期", type = "date", event = true}
bikes = {header = "数量", type = "number"}
[mentions."运营单位"]
kind = "company"
name = "operator"
phone = "operatorPhone"
link = "PLACED_BY"
[fact]
label = "BikePlacement"
caption = "{operator} {bikes}"
on = "placedOn"
"""


def test_a_new_dataset_is_part_of_the_graph_without_a_word_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "bike_placements.toml").write_text(NEW_SOURCE, encoding="utf-8")
    monkeypatch.setenv("CLUEGRAPH_CONFIG", str(tmp_path))
    found = ontology.describe()
    label = found.labels["BikePlacement"]
    assert (label.title, label.under, label.datasets) == ("共享单车投放", "Fact", ("bike_placements",))
    assert {name: (kind.title, kind.type) for name, kind in label.properties.items()} == {
        "knownFrom": ("自何日起可见", "DATE"),
        "operator": ("运营单位", "STRING"),
        "placedOn": ("投放日期", "DATE"),
        "bikes": ("数量", "FLOAT"),
    }
    tie = found.relationships["PLACED_BY"]
    assert (tie.title, tie.start, tie.end) == ("运营单位", ("BikePlacement",), ("Company",))
    assert (
        "CREATE INDEX BikePlacement_knownFrom IF NOT EXISTS FOR (n:BikePlacement) ON (n.knownFrom)"
        in ontology.constraints()
    )


def test_a_relationship_of_several_datasets_names_all_its_ends() -> None:
    operated = ontology.describe().relationships["OPERATED_BY"]
    assert set(operated.start) == {"LodgingListing", "OnlineRestaurant", "Premises"}
    assert set(operated.end) == {"Person", "Company"}


def test_no_label_shows_a_number_that_stays_in_the_workspace() -> None:
    shown = {
        (label, name)
        for label, kind in ontology.describe().labels.items()
        for name in kind.properties
        if name in {"idNumber", "phone", "tenantPhone", "bankAccount", "landlordId", "callerPhone"}
    }
    assert shown == set()


def test_all_that_is_built_is_said(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    fill(workspace)
    with closing(workspace.connect()) as connection:
        desired = build(workspace, connection)
        ties = connection.execute("SELECT DISTINCT type FROM graph.relationships").fetchall()
    found = ontology.describe()
    unsaid = [
        (table.label, column)
        for table in desired.tables
        for column in table.columns
        if column not in found.labels[table.label].properties and column not in found.labels[table.general].properties
    ]
    assert unsaid == []
    assert {name for (name,) in ties} <= set(found.relationships)
