"""Clues over the API: found, looked at, changed."""

from __future__ import annotations

import pytest
from httpx import Client

from tests.api.conftest import LEASE_CLUE


def keys(client: Client, **filters: object) -> list[str]:
    return [item["model"] for item in client.get("/api/v1/clues", params=filters).json()["items"]]


def test_the_gravest_clue_comes_first(client: Client) -> None:
    assert keys(client) == ["M02", "M03"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"model": "M03"}, ["M03"]),
        ({"model": "M99"}, []),
        ({"line": "行政"}, ["M03"]),
        ({"line": "民事"}, ["M02"]),
        ({"line": "民事", "model": "M03"}, []),
        ({"status": "new"}, ["M02", "M03"]),
        ({"status": "closed"}, []),
        ({"severity": "high"}, ["M02"]),
        ({"min_confidence": 0.9}, ["M03"]),
        ({"q": "王秀英"}, ["M02"]),
        ({"q": "%"}, []),
        ({"q": LEASE_CLUE}, ["M02"]),
    ],
)
def test_a_filter_leaves_what_it_says(client: Client, filters: dict[str, object], found: list[str]) -> None:
    assert keys(client, **filters) == found


def test_following_next_shows_every_clue_once(client: Client) -> None:
    seen, path = [], "/api/v1/clues?limit=1"
    while path:
        page = client.get(path).json()
        assert page["total"] == 2
        seen += [item["key"] for item in page["items"]]
        path = page["next"]
    assert len(seen) == len(set(seen)) == 2


def test_a_clue_has_its_reasons_columns_and_rows(client: Client) -> None:
    clue = client.get("/api/v1/clues", params={"model": "M03"}).json()["items"][0]
    assert clue["confidence"] == 0.91
    assert clue["columns"]["payments"] == 9
    assert clue["columns"]["total"] == 5040
    assert len(clue["facts"]) == 10
    assert clue["subjects"] == [{"entity_id": "P-zhang", "label": "Person", "name": "张伟"}]
    assert any("5040" in reason for reason in clue["reasons"])


def test_what_people_say_of_a_clue_is_kept_with_its_history(client: Client) -> None:
    client.patch(f"/api/v1/clues/{LEASE_CLUE}", json={"status": "checking", "note": "已约谈出租人"})
    clue = client.get(f"/api/v1/clues/{LEASE_CLUE}").json()
    assert (clue["status"], clue["note"]) == ("checking", "已约谈出租人")
    assert [event["what"] for event in clue["events"]] == ["new", "status", "note"]


@pytest.mark.parametrize(
    "change",
    [{"status": "gone"}, {"status": "x"}, {"severity": "low"}, {"note": "a" * 2001}, {"note": "a\x00"}, [], "x"],
)
def test_a_change_that_cannot_be_is_refused(client: Client, change: object) -> None:
    answer = client.patch(f"/api/v1/clues/{LEASE_CLUE}", json=change)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.get(f"/api/v1/clues/{LEASE_CLUE}").json()["status"] == "new"


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_an_unknown_clue_is_not_found(client: Client, method: str) -> None:
    body = {"json": {"status": "closed"}} if method == "PATCH" else {}
    answer = client.request(method, "/api/v1/clues/M03-nothing", **body)
    assert answer.status_code == 404
    assert answer.json()["title"] == "没有这个线索"


def test_the_network_of_a_clue_shows_rows_entities_and_the_phone_they_share(client: Client) -> None:
    network = client.get(f"/api/v1/clues/{LEASE_CLUE}/network").json()
    shown = {node["key"].split(":")[0]: node for node in network["nodes"]}
    assert set(shown) == {"leases/ZL0001", "P-zhang", "P-wang", "R-home", "Phone"}
    assert shown["P-zhang"]["subject"] and not shown["R-home"]["subject"]
    assert {(edge["title"], edge["probability"]) for edge in network["edges"]} == {
        *(("出租人", 0.97), ("承租人", 0.88), ("房屋", 0.99), ("使用电话", 0.98), ("使用电话", 0.9))
    }
    assert network["not_shown"] > 0 and network["truncated"]


def test_a_model_says_what_it_is_and_runs_on_request(client: Client) -> None:
    model = client.get("/api/v1/models/M03").json()
    assert model["ready"] and model["clues"] == {"new": 1}
    assert [param["name"] for param in model["params"]] == ["grace_months", "subsidy_types"]
    ran = client.post("/api/v1/models/M03/run", json={"as_of": "2020-03-31"}).json()
    assert ran["dry_run"] and [clue["columns"]["payments"] for clue in ran["clues"]] == [3]
    assert client.get("/api/v1/clues", params={"model": "M03"}).json()["items"][0]["columns"]["payments"] == 9


def test_a_model_without_its_data_says_what_is_missing(client: Client) -> None:
    listed = {model["id"]: model for model in client.get("/api/v1/models").json()["items"]}
    assert not listed["M02"]["ready"] and "leases" in listed["M02"]["missing"]
    assert listed["M02"]["readiness"]["state"] == "no" and "请载入房屋租赁备案" in listed["M02"]["readiness"]["words"]
    assert listed["M03"]["readiness"]["state"] == "ready"
    assert "leases" in client.post("/api/v1/models/M02/run", json={}).json()["problem"]


@pytest.mark.parametrize("params", [{"grace": 1}, {"grace_months": "many"}, {"grace_months": -1}])
def test_a_parameter_that_the_model_does_not_take_is_refused(client: Client, params: dict[str, object]) -> None:
    answer = client.post("/api/v1/models/M03/run", json={"params": params})
    assert answer.status_code == 422
    assert "grace" in answer.json()["detail"]


def test_precision_counts_what_people_judged(client: Client) -> None:
    key = client.get("/api/v1/clues", params={"model": "M03"}).json()["items"][0]["key"]
    assert client.get("/api/v1/models/M03").json()["precision"] is None
    client.patch(f"/api/v1/clues/{key}", json={"status": "confirmed"})
    assert client.get("/api/v1/models/M03").json()["precision"] == 1.0


def test_the_dashboard_counts(client: Client) -> None:
    counts = client.get("/api/v1/dashboard").json()
    assert counts["by_severity"] == {"high": 1, "medium": 1}
    assert counts["by_line"] == {"民事": 1, "行政": 1, "公益": 1}
    assert (counts["entities"]["Person"], counts["entities"]["Fact"]) == (3, 12)
    assert [each["rejected"] for each in counts["datasets"]] == [0, 2]
    assert client.get("/api/v1/datasets").json()["items"] == counts["datasets"]
