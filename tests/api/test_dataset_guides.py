"""The guides to a new dataset and to other worlds, followed word by word; the first one into a real Neo4j."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator

import pytest

from graph import server
from graph.connection import Graph
from tests.api.conftest import free_port
from tests.api.followed import ROOT, Followed


def guide(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Followed]:
    """The office that followed `add-a-dataset.md`."""
    with pytest.MonkeyPatch.context() as patch:
        # half the work of a start
        patch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        made = Followed(tmp_path_factory.mktemp("added"), guide("add-a-dataset.md"))
        server.remember(made.workspace, server.Settings(bolt=free_port(), http=free_port()))
        try:
            made.follow()
            yield made
        finally:
            server.stop(made.workspace)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Followed:
    """The office that followed `other-worlds.md`."""
    made = Followed(tmp_path_factory.mktemp("elsewhere"), guide("other-worlds.md"))
    made.follow()
    return made


def test_every_command_prints_what_the_guide_says(added: Followed) -> None:
    assert added.files == [
        "try/deaths.csv",
        "try/farm_machines.csv",
        "office/sources/farm_machines.toml",
        "office/models/X11.cypher",
    ]
    assert len(added.said) >= 15 and added.missing == []


def test_the_new_datasets_rows_are_facts_of_their_own_label_tied_to_people_of_other_agencies(added: Followed) -> None:
    with Graph(added.workspace) as graph:
        rows = graph.read(
            "MATCH (g:FarmMachineGrant:Fact)-[to:GRANTED_TO]->(p:Person)<-[:DEATH_OF]-(d:Death)"
            " RETURN g.recordId AS grant, d.recordId AS death, g.amount AS amount, to.role AS role ORDER BY grant"
        )
        properties = {
            name for row in graph.read("MATCH (g:FarmMachineGrant) RETURN keys(g) AS names") for name in row["names"]
        }
    assert [(row["grant"], row["death"], row["amount"], row["role"]) for row in rows] == [
        ("NJ1", "SW1", 12000.0, "农户"),
        ("NJ2", "SW2", 15000.0, "农户"),
    ]
    assert {"machine", "amount", "paidOn"} <= properties
    assert not {"farmerId", "farmerPhone"} & properties


def test_the_model_on_the_new_dataset_finds_the_dead_farmer_only(added: Followed) -> None:
    found = json.loads(added.run("cluegraph detect --model X11 --dry-run").stdout)["clues"]
    assert [[fact["record_id"] for fact in clue["facts"]] for clue in found] == [["SW1", "NJ1"]]


def test_the_chinese_guide_names_the_same_files_and_commands() -> None:
    chinese = guide("add-a-dataset.zh-CN.md")
    commands = re.findall(r"`(cluegraph [^`]+)`", chinese)
    assert [each for each in commands if each not in guide("add-a-dataset.md")] == [] and len(commands) >= 6
    assert "farm_machines.toml" in chinese and "X11.cypher" in chinese


def test_people_of_another_world_are_compared_by_the_offices_settings(elsewhere: Followed) -> None:
    assert elsewhere.missing == [] and len(elsewhere.said) >= 4
    output = elsewhere.folder / "entities.csv"
    elsewhere.run(f"cluegraph export entities --format csv --output {output}")
    groups: dict[str, set[str]] = {}
    with output.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            groups.setdefault(row["entity_id"], set()).add(row["record_id"])
    assert sorted(map(sorted, groups.values())) == [["G1", "V1"], ["G2", "V2"], ["G3"], ["V3"], ["V4"], ["V5"]]


def test_settings_that_name_an_attribute_which_people_do_not_have_change_nothing(elsewhere: Followed) -> None:
    path = elsewhere.folder / "office" / "settings" / "person.toml"
    kept = path.read_text(encoding="utf-8")
    before = (elsewhere.run("cluegraph explain why hotel_guests/G1/guest visas/V1/holder")).stdout
    try:
        path.write_text(kept.replace("l.document = r.document", "l.documents = r.documents"), encoding="utf-8")
        done = elsewhere.run("cluegraph resolve")
    finally:
        path.write_text(kept, encoding="utf-8")
    assert done.returncode == 1
    assert "comparison document, level 号码相同: no attribute 'documents': did you mean document?" in done.stderr
    assert elsewhere.run("cluegraph explain why hotel_guests/G1/guest visas/V1/holder").stdout == before


def test_the_passport_is_masked_where_it_is_explained(elsewhere: Followed) -> None:
    done = elsewhere.run("cluegraph explain why hotel_guests/G1/guest visas/V3/holder --json")
    assert "AB*****12" in done.stdout and "5334012" not in done.stdout and "7781290" not in done.stdout
