"""The graph that comes out of a handful of rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from rows import ACCOUNT, ROWS, ZHANG_ID, ZHANG_PHONE, fill

from graph.desired import Desired, DesiredError, build
from resolution.workspace import Workspace


class Built:
    """The desired graph, read as a user would read it."""

    def __init__(self, workspace: Workspace, connection: duckdb.DuckDBPyConnection, desired: Desired) -> None:
        self.workspace, self.connection, self.desired = workspace, connection, desired

    def node(self, key: str) -> dict[str, Any]:
        for table in self.desired.tables:
            columns = list(table.columns)
            row = self.connection.execute(f"SELECT * EXCLUDE (hash) FROM {table.name} WHERE key = ?", [key]).fetchone()
            if row:
                found = {name: value for name, value in zip(columns, row, strict=True) if value is not None}
                return {"labels": (table.general, table.label), **found}
        raise KeyError(key)

    def from_node(self, key: str) -> set[tuple[str, str]]:
        rows = self.connection.execute("SELECT type, to_key FROM graph.relationships WHERE from_key = ?", [key])
        return set(rows.fetchall())

    def relationship(self, start: str, type: str, end: str) -> dict[str, Any]:
        row = self.connection.execute(
            "SELECT probability, role, match, records FROM graph.relationships"
            " WHERE from_key = ? AND type = ? AND to_key = ?",
            [start, type, end],
        ).fetchone()
        assert row is not None, f"no {start} -{type}-> {end}"
        named = zip(("probability", "role", "match", "records"), row, strict=True)
        return {name: value for name, value in named if value is not None}

    def texts(self) -> Iterator[str]:
        """Every value of every property of nodes and relationships, as text; keyed hashes are random digits."""
        tables = [table.name for table in self.desired.tables] + ["graph.relationships"]
        for name in tables:
            for row in self.connection.execute(f"SELECT * EXCLUDE (hash) FROM {name}").fetchall():
                yield from (re.sub(r"[0-9a-f]{32}", "", str(value)) for value in row)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    workspace = Workspace(tmp_path_factory.mktemp("desired"))
    fill(workspace)
    connection = workspace.connect()
    yield Built(workspace, connection, build(workspace, connection))
    connection.close()


def test_a_prison_term_is_a_fact_with_typed_properties_and_a_caption(built: Built) -> None:
    assert built.node("prison_terms/P1") == {
        "labels": ("Fact", "PrisonTerm"),
        "key": "prison_terms/P1",
        "name": "诈骗罪 2019-02-10 至 2024-02-09",
        "dataset": "prison_terms",
        "recordId": "P1",
        "knownFrom": date(2019, 2, 10),
        "personName": "张秀英",
        "crime": "诈骗罪",
        "execution": "监狱服刑",
        "admissionDate": date(2019, 2, 10),
        "termEnd": date(2024, 2, 9),
    }


def test_money_is_a_number_and_the_account_stays_behind(built: Built) -> None:
    payment = built.node("subsidy_payments/S1")
    assert payment["amount"] == 110.0
    assert payment["name"] == "高龄津贴 110 元 2022-11-14"
    assert not {"bankAccount", "phone", "idNumber"} & set(payment)


def test_a_moment_a_year_and_a_truth_keep_their_types(built: Built) -> None:
    service = built.node("elevator_maintenance/M1")
    assert service["servicedAt"] == datetime.fromisoformat("2024-03-08T08:01:00")
    assert service["knownFrom"] == date(2024, 3, 8)
    assert built.node("land_use_tax/LT1")["year"] == 2022
    assert built.node("land_use_tax/LT1")["knownFrom"] == date(2022, 1, 1)
    assert built.node("mandatory_reports/MR1")["policeFiled"] is False


def test_a_row_without_a_day_has_always_been_known(built: Built) -> None:
    assert built.node("household/H1")["knownFrom"] == date(1900, 1, 1)


def test_a_person_has_a_masked_number_and_its_hash(built: Built) -> None:
    assert built.node("P1") == {
        "labels": ("Entity", "Person"),
        "key": "P1",
        "entityId": "P1",
        "name": "张秀英",
        "names": ["张秀瑛", "张秀英"],
        "sex": "女",
        "birthDate": date(1955, 3, 1),
        "idMasked": "6201**********0048",
        "idHash": built.workspace.hash("id", ZHANG_ID),
        "homonyms": 0,
    }
    assert "idMasked" not in built.node("P2")


def test_a_fact_is_tied_to_its_entity_with_the_weakest_link(built: Built) -> None:
    assert built.relationship("subsidy_payments/S1", "PAID_TO", "P1") == {"probability": 0.93, "role": "领取人"}
    assert built.from_node("prison_terms/P1") == {("SERVED_BY", "P1")}


def test_a_document_number_joins_all_rows_that_bear_it(built: Built) -> None:
    case = built.from_node("enforcement_cases/E1")
    assert {("ENFORCES", "judgments/J1"), ("ENFORCES", "judgments/J2")} <= case
    assert ("SERVICES", "elevators/EL1") in built.from_node("elevator_maintenance/M1")


def test_a_certificate_number_joins_its_property_whatever_the_brackets(built: Built) -> None:
    assert built.relationship("enforcement_cases/E1", "SEIZES", "H1") == {"probability": 1.0}
    assert built.relationship("leases/L1", "LEASES", "H1")["probability"] == 0.98


def test_two_notations_of_one_home_are_one_address(built: Built) -> None:
    homes = {end for key in ("P1", "P2") for type, end in built.from_node(key) if type == "HAS_ADDRESS"}
    assert len(homes) == 1
    home = built.node(homes.pop())
    assert home["holders"] == 2
    assert (home["district"], home["road"], home["number"], home["unit"]) == ("河东区", "滨河路", "807", "4-3-301")
    assert home["name"] == "云岭市河东区滨河路807号恒泰华府4号楼3单元301室"
    assert ("LOCATED_AT", home["key"]) in built.from_node("elevators/EL1")


def test_a_phone_is_masked_and_counts_its_holders(built: Built) -> None:
    key = f"Phone:{built.workspace.hash('phone', ZHANG_PHONE)}"
    assert built.node(key)["masked"] == "138****5678"
    assert built.node(key)["holders"] == 2
    assert built.relationship("P1", "HAS_PHONE", key)["records"] == ["household/H1", "subsidy_payments/S1"]


def test_people_of_one_household_number_share_its_node(built: Built) -> None:
    assert ("IN_HOUSEHOLD", "Household:H100484") in built.from_node("household/H1")
    assert ("IN_HOUSEHOLD", "Household:H100484") in built.from_node("household/H2")
    assert built.node("Household:H100484")["members"] == 2


def test_a_branch_and_a_pair_in_doubt_are_tied_with_their_likelihood(built: Built) -> None:
    assert built.relationship("C2", "BRANCH_OF", "C1") == {"probability": 0.95}
    assert built.relationship("P1", "POSSIBLY_SAME", "P2") == {"probability": 0.62}
    assert built.relationship("P1", "MAY_BE", "P2") == {"probability": 0.62}
    assert built.relationship("C1", "MAY_BE", "C2") == {"probability": 0.25}


def test_a_mark_says_which_trades_it_reaches(built: Built) -> None:
    mark = built.node("trademarks/T1")
    assert mark["trades"] == ["住宿业", "餐饮业"]
    assert mark["markPinyin"] == "tang lou xuan"
    assert built.node("companies/C1")["tradeName"] == "棠楼轩"


def test_companies_named_like_a_mark_resemble_it(built: Built) -> None:
    assert built.relationship("companies/C1", "RESEMBLES", "trademarks/T1") == {"match": "same"}
    assert built.relationship("companies/C2", "RESEMBLES", "trademarks/T1") == {"match": "contains"}
    assert built.relationship("companies/C3", "RESEMBLES", "trademarks/T1") == {"match": "sameSound"}


def test_no_full_number_of_a_person_leaves_the_workspace(built: Built) -> None:
    texts = list(built.texts())
    hidden = re.compile(r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])\d{5}[\dX]|(?<!\d)1[3-9]\d{9}(?!\d)")
    assert [text for text in texts if hidden.search(text)] == []
    assert [text for text in texts if ACCOUNT in text or ZHANG_ID in text or ZHANG_PHONE in text] == []
    assert built.node("disability_register/D1")["certificateNumber"] == "6201**********004862"
    summary = "被告张秀英（身份证6201**********0048，电话138****5678）应向账号6217********0123还款"
    assert built.node("judgments/J1")["summary"] == summary
    assert built.node("mandatory_reports/MR1")["content"] == "报告人 手机139****5678"


def test_a_device_number_is_long_and_still_readable(built: Built) -> None:
    assert built.node("elevators/EL1")["deviceCode"] == "31101100012014010001"


def test_a_dataset_says_what_was_loaded(built: Built) -> None:
    dataset = built.node("dataset/judgments")
    assert (dataset["rows"], dataset["rejected"], dataset["agency"]) == (2, 1, "法院")
    assert dataset["lastEvent"] == date(2021, 3, 9)
    assert dataset["loadedAt"] == datetime.fromisoformat("2024-07-01T08:00:00")


def test_a_filler_that_hundreds_of_rows_share_joins_nothing(tmp_path: Path) -> None:
    filler = [{**ROWS["judgments"][0], "recordId": f"J{n}", "documentNumber": "无"} for n in range(150)]
    case = {**ROWS["enforcement_cases"][0], "judgmentNumber": "无"}
    workspace = Workspace(tmp_path)
    fill(workspace, {"judgments": filler, "enforcement_cases": [case]})
    connection = workspace.connect()
    desired = build(workspace, connection)
    found = Built(workspace, connection, desired).from_node("enforcement_cases/E1")
    connection.close()
    assert "ENFORCES" not in {type for type, _ in found}
    assert any("文书号" in note for note in desired.notes)


def test_rows_gone_since_they_were_resolved_leave_no_loose_ends(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    fill(workspace)
    connection = workspace.connect()
    connection.execute("DELETE FROM staged.prison_terms")
    built = Built(workspace, connection, build(workspace, connection))
    assert built.from_node("prison_terms/P1") == set()
    connection.close()


def test_an_empty_workspace_says_what_to_do_first(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    connection = workspace.connect()
    with pytest.raises(DesiredError, match="cluegraph load"):
        build(workspace, connection)
    connection.close()


def test_records_without_entities_say_what_to_do_first(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    fill(workspace)
    connection = workspace.connect()
    connection.execute("DROP TABLE entity_of")
    with pytest.raises(DesiredError, match="cluegraph resolve"):
        build(workspace, connection)
    connection.close()


def test_a_source_that_takes_a_name_of_the_graphs_own_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config" / "sources").mkdir(parents=True)
    (tmp_path / "config" / "sources" / "schools.toml").write_text(
        '[columns]\nkey = {header = "钥匙", type = "text", optional = true}\n', encoding="utf-8"
    )
    monkeypatch.setenv("CLUEGRAPH_CONFIG", str(tmp_path / "config"))
    workspace = Workspace(tmp_path / "home")
    fill(workspace, {"schools": [{"recordId": "S1", "schoolName": "第一小学", "schoolType": "小学"}]})
    connection = workspace.connect()
    with pytest.raises(DesiredError, match="'schools': the graph needs the column names key"):
        build(workspace, connection)
    connection.close()
