"""The W3C Reconciliation API 0.2: every answer has the shape of the specification's JSON schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from jsonschema_rs import Registry, validator_for

from api.app import create_app
from resolution.reading import Reader
from resolution.workspace import Workspace
from tests.city import city as city

SCHEMAS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in (Path(__file__).parent / "data" / "reconciliation-0.2").glob("*.json")
}
API_KEY = {
    "type": "object",
    "additionalProperties": False,
    "required": ["type", "name", "in"],
    "properties": {
        "type": {"const": "apiKey"}, "name": {"type": "string"}, "in": {"enum": ["header", "query"]},
        "description": {"type": "string"},
    },
}  # fmt: skip
# every schema that another names is given here: nothing is looked up outside
KNOWN = Registry(
    [(schema["$id"], schema) for schema in SCHEMAS.values()]
    + [
        (
            "http://swagger.io/v2/schema.json",
            {"definitions": {"securityDefinitions": {"additionalProperties": API_KEY}}},
        )
    ]
)


def valid(schema: str, answer: Any) -> Any:
    """The answer, once it is seen to be what the specification's schema asks."""
    faults = validator_for(SCHEMAS[schema], registry=KNOWN).iter_errors(answer)
    assert [f"{list(fault.instance_path)} {fault.message}" for fault in faults] == []
    return answer


@pytest.fixture(scope="module")
def client(city: Workspace) -> Iterator[TestClient]:
    """A program that has the token."""
    app = create_app(city)
    headers = {"Authorization": f"Bearer {app.state.service.token}"}
    with TestClient(app, headers=headers, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def somebody(city: Workspace) -> dict[str, str]:
    """A person of the city with name, number and birth date."""
    with Reader(city).cursor() as connection:
        entity, name, number, born = connection.execute(
            """SELECT entity_id, name, id_number, CAST(birth_date AS VARCHAR) FROM person_entities
            WHERE id_number IS NOT NULL AND length(name) = 3 ORDER BY entity_id LIMIT 1"""
        ).fetchall()[0]
    return {"id": entity, "name": name, "number": number, "born": born}


@pytest.mark.parametrize("path", ["/api/v1/reconcile", "/reconcile"])
def test_the_manifest_names_what_the_service_offers(client: TestClient, path: str) -> None:
    manifest = valid("manifest", client.get(path).json())
    assert "0.2" in manifest["versions"]
    assert "{{id}}" in manifest["view"]["url"] and "{{id}}" in manifest["preview"]["url"]
    assert {each["id"] for each in manifest["defaultTypes"]} == {"Person", "Company", "TradeName", "Property"}
    for part in manifest["suggest"].values():
        assert client.get(f"{part['service_url']}{part['service_path']}", params={"prefix": "x"}).status_code == 200
    propose = manifest["extend"]["propose_properties"]
    assert client.get(f"{propose['service_url']}{propose['service_path']}").status_code == 200


def checked(answer: dict[str, Any], keys: set[str]) -> None:
    """A batch of results as the schema asks, each query answered, scores as percentages."""
    assert valid("reconciliation-result-batch", answer).keys() == keys
    for each in answer.values():
        assert all(0 <= candidate["score"] <= 100 for candidate in each["result"])


@pytest.mark.parametrize("how", ["form", "json", "bare json"])
def test_queries_are_answered_in_each_form(client: TestClient, somebody: dict[str, str], how: str) -> None:
    queries = {
        "q0": {
            "query": somebody["name"],
            "type": "Person",
            "limit": 3,
            "properties": [{"pid": "birthDate", "v": somebody["born"]}, {"pid": "id", "v": [somebody["number"]]}],
        },
        "q1": {"query": "诸葛无名"},
        "q2": {"properties": [{"pid": "id", "v": somebody["number"]}], "type": ["Person"], "type_strict": "any"},
    }
    if how == "form":
        answer = client.post("/reconcile", data={"queries": json.dumps(queries, ensure_ascii=False)})
    else:
        answer = client.post("/reconcile", json={"queries": queries} if how == "json" else queries)
    assert answer.status_code == 200
    checked(answer.json(), set(queries))
    first = answer.json()["q0"]["result"][0]
    assert (first["id"], first["score"], first["match"]) == (somebody["id"], 100, True)
    assert answer.json()["q2"]["result"][0]["id"] == somebody["id"]
    assert first["reasons"] and somebody["number"] not in answer.text
    assert answer.json()["q1"]["result"] == []


def test_a_blank_cell_and_a_high_limit_do_not_cost_the_rest_of_a_batch(
    client: TestClient, somebody: dict[str, str]
) -> None:
    queries = {
        "q0": {"query": somebody["name"], "type": "Person", "limit": 100},
        "q1": {"query": " ", "type": "Person", "type_strict": "should", "limit": 100},
    }
    answer = client.post("/reconcile", data={"queries": json.dumps(queries)}).json()
    checked(answer, {"q0", "q1"})
    assert somebody["id"] in {each["id"] for each in answer["q0"]["result"]}
    assert answer["q1"]["result"] == []


def test_a_number_is_not_taken_in_an_address(client: TestClient, somebody: dict[str, str]) -> None:
    named = client.get("/reconcile", params={"queries": json.dumps({"q0": {"query": somebody["name"]}})})
    checked(named.json(), {"q0"})
    numbered = client.get("/reconcile", params={"queries": json.dumps({"q0": {"query": somebody["number"]}})})
    assert numbered.status_code == 422 and somebody["number"] not in numbered.text


@pytest.mark.parametrize(
    "queries",
    ["{", "[]", "{}", '{"q": {}}', '{"q": {"query": "王芳", "type": "Dog"}}', '{"q": {"query": "王芳", "limit": 0}}',
     '{"q": {"query": "王芳", "properties": [{"v": 1}]}}',
     json.dumps({f"q{i}": {"query": "王芳"} for i in range(101)})],
)  # fmt: skip
def test_a_batch_that_cannot_be_understood_is_a_problem(client: TestClient, queries: str) -> None:
    answer = client.post("/reconcile", data={"queries": queries})
    assert answer.status_code == 400 and answer.headers["content-type"] == "application/problem+json"


def test_suggest_gives_entities_types_and_properties(client: TestClient, somebody: dict[str, str]) -> None:
    found = client.get("/reconcile/suggest/entity", params={"prefix": somebody["name"][:2]}).json()
    entities = valid("suggest-entities-response", found)["result"]
    assert somebody["id"] in {each["id"] for each in entities}
    assert all(each["name"].startswith(somebody["name"][:2]) and each["notable"] for each in entities)
    types = valid("suggest-types-response", client.get("/reconcile/suggest/type", params={"prefix": "per"}).json())
    assert types["result"][0]["id"] == "Person"
    born = client.get("/reconcile/suggest/property", params={"prefix": "出生"}).json()
    assert valid("suggest-properties-response", born)["result"] == [{"id": "birthDate", "name": "出生日期"}]
    assert client.get("/reconcile/suggest/entity", params={"prefix": somebody["number"]}).status_code == 422


def test_a_preview_loads_nothing_from_outside(client: TestClient, somebody: dict[str, str]) -> None:
    page = client.get("/reconcile/preview", params={"id": somebody["id"]})
    assert page.headers["content-type"].startswith("text/html") and somebody["name"] in page.text
    assert not re.search(r"https?://|src=|href=|url\(", page.text) and somebody["number"] not in page.text
    assert f">{somebody['born']}<" in page.text
    assert client.get("/reconcile/preview", params={"id": "<b>"}).status_code == 404


def test_what_is_suggested_tells_more_of_itself(client: TestClient, somebody: dict[str, str]) -> None:
    suggest = client.get("/reconcile").json()["suggest"]
    for part, id, words in (
        ("entity", somebody["id"], f">{somebody['born']}<"),
        ("type", "Person", "人员"),
        ("property", "records", "记载条数"),
    ):
        address = suggest[part]["flyout_service_url"] + suggest[part]["flyout_service_path"]
        told = client.get(address.replace("${id}", id)).json()
        assert told["id"] == id and words in told["html"] and somebody["number"] not in told["html"]
        assert client.get(address.replace("${id}", "nobody")).status_code == 404


def test_columns_are_extended(client: TestClient, somebody: dict[str, str]) -> None:
    proposed = client.get("/reconcile/extend/propose", params={"type": "Person", "limit": 4}).json()
    assert valid("data-extension-property-proposal", proposed)["type"] == "Person" and len(proposed["properties"]) == 4
    asked = {
        "ids": [somebody["id"], "P-nobody"],
        "properties": [{"id": "birthDate"}, {"id": "records"}, {"id": "idMasked"}],
    }
    answer = client.post("/reconcile", data={"extend": json.dumps(asked)}).json()
    assert [meta["id"] for meta in valid("data-extension-response", answer)["meta"]] == [
        "birthDate",
        "records",
        "idMasked",
    ]
    row = answer["rows"][somebody["id"]]
    assert row["birthDate"] == [{"str": somebody["born"]}] and row["records"][0]["int"] > 0
    assert row["idMasked"] == [{"str": f"{somebody['number'][:4]}**********{somebody['number'][-4:]}"}]
    assert answer["rows"]["P-nobody"] == {"birthDate": [], "records": [], "idMasked": []}
    assert client.post("/reconcile", data={"extend": '{"ids": [], "properties": [{"id": "x"}]}'}).status_code == 400


def test_whatever_property_is_suggested_can_be_fetched(client: TestClient, somebody: dict[str, str]) -> None:
    listed = [each["id"] for each in client.get("/reconcile/suggest/property").json()["result"]]
    assert {"records", "names", "phone", "id"} <= set(listed)
    asked = {"ids": [somebody["id"]], "properties": [{"id": pid} for pid in listed]}
    answer = client.post("/reconcile", data={"extend": json.dumps(asked)}).json()
    row = valid("data-extension-response", answer)["rows"][somebody["id"]]
    assert row["id"] == row["idMasked"] == [{"str": f"{somebody['number'][:4]}**********{somebody['number'][-4:]}"}]
    assert row["phone"] == row["address"] == []
