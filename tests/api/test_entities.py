"""Entities over the API: found, seen with their neighbours, rows and days."""

from __future__ import annotations

import pytest
from httpx import Client
from sqlalchemy import insert

from graph.review import ReviewQueue, redirects
from resolution.workspace import Workspace
from tests.api.conftest import ZHANG_ID, ZHANG_PHONE


def found(client: Client, words: str) -> list[str]:
    answer = client.post("/api/v1/entities/search", json={"q": words}).json()
    return [item["entity_id"] for item in answer["items"]]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("张伟", ["P-namesake", "P-zhang"]),
        ("張偉", ["P-zhang"]),
        ("秀英", ["P-wang"]),
        ("老马牛肉面", ["C-firm"]),
        ("滨河路", ["R-home"]),
        (ZHANG_ID, ["P-zhang"]),
        (" 6201021974 05061234 ", ["P-zhang"]),
        (ZHANG_PHONE, ["P-wang", "P-zhang"]),
        ("91620100MA1234567X", ["C-firm"]),
        ("620102197405061235", []),
        ("李四", []),
        ("*", []),
        ('name:"张伟" OR *', []),
        ("\\", []),
    ],
)
def test_words_find_whom_they_name(client: Client, words: str, expected: list[str]) -> None:
    assert sorted(found(client, words)) == expected


@pytest.mark.parametrize(
    "number", [ZHANG_ID, ZHANG_PHONE, "6201 0219 7405 0612 34", "６２０１０２１９７４０５０６１２３４"]
)
def test_a_number_is_not_taken_in_an_address(client: Client, number: str) -> None:
    answer = client.get("/api/v1/entities", params={"q": number})
    assert answer.status_code == 422
    assert "POST" in answer.json()["detail"]


def test_a_search_pages_through_all_it_found(client: Client) -> None:
    seen, path = [], "/api/v1/entities?q=集贸市场&limit=150"
    while path:
        page = client.get(path).json()
        seen += [item["entity_id"] for item in page["items"]]
        path = page["next"]
    assert len(seen) == len(set(seen)) == page["total"] == 398


def test_a_profile_counts_rows_by_dataset_and_hides_numbers(client: Client) -> None:
    answer = client.get("/api/v1/entities/P-zhang")
    assert answer.json()["datasets"] == {"leases": 1, "prison_terms": 1, "subsidy_payments": 9}
    values = {value["title"]: value["value"] for value in answer.json()["values"]}
    assert values["证件号（遮掩）"] == "6201**********1234"
    assert ZHANG_ID not in answer.text and "idHash" not in answer.text


@pytest.mark.parametrize("part", ["", "/records", "/timeline", "/network"])
def test_an_id_that_was_merged_answers_with_who_carries_it_on(client: Client, workspace: Workspace, part: str) -> None:
    with ReviewQueue(workspace).engine.begin() as connection:
        connection.execute(insert(redirects).values(former_id="P-before", entity_id="P-zhang"))
    answer = client.get(f"/api/v1/entities/P-before{part}")
    assert (answer.status_code, answer.json()) == (200, client.get(f"/api/v1/entities/P-zhang{part}").json())
    assert client.get(f"/api/v1/entities/P-nobody{part}").status_code == 404


def test_records_come_with_the_link_that_they_rest_on(client: Client) -> None:
    page = client.get("/api/v1/entities/P-zhang/records", params={"dataset": "subsidy_payments", "limit": 4}).json()
    assert (page["total"], len(page["items"])) == (9, 4)
    newest = page["items"][0]
    assert (newest["record_id"], newest["probability"], newest["roles"]) == ("BT0009", 0.91, ["领取人"])
    assert {"title": "发放日期", "name": "paidOn", "value": "2020-09-15"} in newest["values"]
    assert len(client.get(page["next"]).json()["items"]) == 4


def test_a_timeline_holds_happenings_in_order_and_no_ends_of_terms(client: Client) -> None:
    events = client.get("/api/v1/entities/P-zhang/timeline").json()
    assert [event["on"] for event in events] == sorted(event["on"] for event in events)
    assert events[0] == {
        **{"on": "2019-03-11", "title": "收监日期", "name": "盗窃罪 2019-03-11 至 2021-03-10"},
        **{"dataset": "prison_terms", "record_id": "FX0001"},
    }
    assert "2040-05-31" not in [event["on"] for event in events]


def test_a_neighbourhood_reaches_over_rows_to_other_entities(client: Client) -> None:
    near = client.get("/api/v1/entities/P-zhang/network").json()
    far = client.get("/api/v1/entities/P-zhang/network", params={"depth": 2}).json()
    assert "P-wang" not in [node["key"] for node in near["nodes"]]
    assert {"P-wang", "R-home"} <= {node["key"] for node in far["nodes"]}


def test_a_market_hall_is_cut_and_says_how_much_is_left_out(client: Client) -> None:
    answer = client.post("/api/v1/network", json={"key": "Address:hall", "known": ["C-firm"]}).json()
    assert len(answer["nodes"]) == 300
    hall = next(node for node in answer["nodes"] if node["key"] == "Address:hall")
    assert hall["hidden"] == 400 - 299
    assert answer["truncated"] and answer["not_shown"] >= 101


def test_a_market_hall_is_not_walked_through_on_the_way(client: Client) -> None:
    around = client.get("/api/v1/entities/P-namesake/network", params={"depth": 2}).json()
    assert not [node["key"] for node in around["nodes"] if node["key"].startswith("C-stall")]


def test_expanding_a_node_adds_what_is_new_and_ties_it_to_what_is_known(client: Client) -> None:
    answer = client.post("/api/v1/network", json={"key": "leases/ZL0001", "known": ["P-zhang"]}).json()
    assert {node["key"] for node in answer["nodes"]} == {"leases/ZL0001", "P-zhang", "P-wang", "R-home"}
    assert ("leases/ZL0001", "P-zhang") in {(edge["source"], edge["target"]) for edge in answer["edges"]}


def test_two_people_hang_together_over_a_lease_and_a_phone(client: Client) -> None:
    answer = client.get("/api/v1/paths", params={"from": "P-zhang", "to": "P-wang"}).json()
    assert {way["keys"][1].split(":")[0]: way["probability"] for way in answer["paths"]} == {
        "leases/ZL0001": 0.88,
        "Phone": 0.9,
    }


def test_no_way_leads_over_the_market_hall(client: Client) -> None:
    answer = client.get("/api/v1/paths", params={"from": "P-namesake", "to": "C-stall-7"}).json()
    assert answer["paths"] == [] and answer["network"]["nodes"] == []


def test_one_who_merely_may_be_another_is_no_neighbour_and_no_way(client: Client) -> None:
    near = client.get("/api/v1/entities/P-namesake/network").json()
    assert "P-wang" not in [node["key"] for node in near["nodes"]]
    assert "MAY_BE" not in [edge["type"] for edge in near["edges"]]
    ways = client.get("/api/v1/paths", params={"from": "P-namesake", "to": "P-wang"}).json()["paths"]
    assert ways and all(way["keys"][1] == "P-zhang" for way in ways)


@pytest.mark.parametrize("part", ["", "/network", "/records", "/timeline"])
def test_an_unknown_entity_is_not_found(client: Client, part: str) -> None:
    assert client.get(f"/api/v1/entities/P-nobody{part}").status_code == 404


@pytest.mark.parametrize("params", [{"depth": 3}, {"depth": 0}, {"limit": 301}, {"limit": 0}, {"limit": "x"}])
def test_bounds_hold(client: Client, params: dict[str, object]) -> None:
    assert client.get("/api/v1/entities/P-zhang/network", params=params).status_code == 422
