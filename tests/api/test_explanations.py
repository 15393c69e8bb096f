"""Explanations and questions over HTTP: no graph is needed, and none runs here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.cli import app as command
from graph.clue import Clue
from graph.clues import ClueStore
from resolution.reading import Reader
from resolution.workspace import Workspace
from tests.city import city as city

CLUE = "M03-0123456789abcdef"


@pytest.fixture(scope="module")
def weak(city: Workspace) -> dict[str, Any]:
    """A row that belongs to its person by a weak link, and a clue that rests on it."""
    with Reader(city).cursor() as connection:
        dataset, record, role, entity, name, probability = connection.execute(
            """SELECT m.dataset, m.record_id, m.role, e.entity_id, t.name, e.probability FROM entity_of e
            JOIN mentions m USING (mention_id) JOIN mention_text t USING (mention_id)
            WHERE m.kind = 'person' AND e.probability BETWEEN 0.75 AND 0.99 ORDER BY m.mention_id LIMIT 1"""
        ).fetchall()[0]
        other = connection.execute(
            """SELECT m.dataset || '/' || m.record_id || '/' || m.role FROM entity_of JOIN mentions m USING (mention_id)
            WHERE entity_id = ? AND probability = 1 ORDER BY mention_id LIMIT 1""",
            [entity],
        ).fetchall()
        number = connection.execute(
            "SELECT id_number FROM person_entities WHERE id_number IS NOT NULL ORDER BY 1 LIMIT 1"
        ).fetchall()[0][0]
    clue = Clue(
        "M03", CLUE, "服刑人员领取补贴", int(probability * 1000) / 1000, "high", "2024-06-30",
        [{"entity_id": entity, "label": "Person", "name": name}], [{"dataset": dataset, "record_id": record}],
        {}, ["…"],
    )  # fmt: skip
    store = ClueStore(city)
    store.record("M03", [clue], {})
    store.engine.dispose()
    return {
        "mention": f"{dataset}/{record}/{role}",
        "other": other[0][0] if other else f"{dataset}/{record}/{role}",
        "entity": entity,
        "name": name,
        "probability": probability,
        "number": number,
    }


@pytest.fixture(scope="module")
def client(city: Workspace, weak: dict[str, Any]) -> Iterator[TestClient]:
    """Somebody who has the token."""
    app = create_app(city)
    headers = {"Authorization": f"Bearer {app.state.service.token}"}
    with TestClient(app, headers=headers, raise_server_exceptions=False) as client:
        yield client


def test_a_pair_is_explained(client: TestClient, weak: dict[str, Any]) -> None:
    answer = client.get("/api/v1/why", params={"left": weak["mention"], "right": weak["other"]})
    told = answer.json()
    assert answer.status_code == 200 and told["same"] is True
    assert told["left"]["entity_id"] == weak["entity"] and told["sentences"]
    assert sum(reason["bits"] for reason in told["reasons"]) + told["prior"] == pytest.approx(told["bits"])
    assert "profile" not in told["left"]


def test_an_entity_is_explained(client: TestClient, weak: dict[str, Any]) -> None:
    told = client.get(f"/api/v1/entities/{weak['entity']}/why").json()
    assert told["mentions_in_all"] == len(told["mentions"]) > 1
    assert told["weakest"]["probability"] <= weak["probability"] + 1e-12
    assert [join["probability"] for join in told["joins"]] == sorted(
        (join["probability"] for join in told["joins"]), reverse=True
    )


def test_what_would_change_names_the_clue_that_would_lose_its_ground(client: TestClient, weak: dict[str, Any]) -> None:
    told = client.post("/api/v1/what-if", json={"kind": "person", "threshold": 0.9999}).json()
    assert told["splits"] > 0 and told["merges"] == 0
    assert [clue["key"] for clue in told["clues"]] == [CLUE]
    assert told["clues_losing_ground"] + told["clues_touched"] == 1
    nothing = client.post("/api/v1/what-if", json={"kind": "person"}).json()
    assert (nothing["splits"], nothing["clues"]) == (0, [])


def test_a_clue_says_what_it_rests_on(client: TestClient, weak: dict[str, Any]) -> None:
    footing = client.get(f"/api/v1/clues/{CLUE}").json()["footing"]
    assert footing["vanishes_above"] == weak["probability"] and footing["entity_id"] == weak["entity"]
    assert f"高于 {weak['probability']:.4f} 时" in footing["sentence"]
    meter = footing["homonyms"][0]
    assert meter["name"] in meter["sentence"] and "预计另有" in meter["sentence"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/why?left=household/none/人员&right=household/none/人员", 404),
        ("/api/v1/why?left=household&right=household", 404),
        ("/api/v1/entities/P-nobody/why", 404),
        ("/api/v1/why", 422),
    ],
)
def test_what_is_not_there_is_a_problem(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_number_typed_by_mistake_is_not_repeated(client: TestClient, weak: dict[str, Any]) -> None:
    answer = client.get("/api/v1/why", params={"left": f"household/{weak['number']}/人员", "right": weak["mention"]})
    assert answer.status_code == 404 and weak["number"] not in answer.text


@pytest.mark.parametrize("body", [{"kind": "person", "threshold": 0.2}, {"kind": "dog"}, {"kind": "person", "x": 1}])
def test_a_bad_what_if_is_refused(client: TestClient, body: dict[str, Any]) -> None:
    assert client.post("/api/v1/what-if", json=body).status_code == 422


def test_a_question_is_answered_in_words_without_the_number(client: TestClient, weak: dict[str, Any]) -> None:
    queries = [{"kind": "person", "id": weak["number"]}, {"name": "诸葛无名", "birthDate": "1901-01-01"}]
    answer = client.post("/api/v1/match", json={"queries": queries})
    first, second = answer.json()["answers"]
    assert first["candidates"][0]["score"] == 1.0 and "确定为同一人" in first["candidates"][0]["reasons"][0]
    assert weak["number"] not in answer.text
    assert second["candidates"] == []


@pytest.mark.parametrize(
    "queries", [[], [{}], [{"name": "王芳"}] * 101, [{"name": "王芳", "birthDate": "x"}], [{"nom": "王芳"}]]
)
def test_questions_that_cannot_be_understood_are_refused(client: TestClient, queries: list[Any]) -> None:
    answer = client.post("/api/v1/match", json={"queries": queries})
    assert answer.status_code == 422 and "王芳" not in answer.text


def test_strangers_are_told_nothing(client: TestClient) -> None:
    for method, path in (("GET", "/why"), ("POST", "/match"), ("GET", "/reconcile"), ("POST", "/reconcile")):
        assert client.request(method, f"/api/v1{path}", headers={"Authorization": "Bearer x"}).status_code in (401, 403)


def test_while_the_workspace_is_written_the_answer_is_to_come_back(client: TestClient, city: Workspace) -> None:
    writing = city.connect()
    try:
        answer = client.get("/api/v1/entities/P-nobody/why")
        assert answer.status_code == 503 and answer.headers["retry-after"]
        assert answer.json()["title"] == "数据正在更新，请稍后再试"
        assert "数据正在更新" in client.get(f"/api/v1/clues/{CLUE}").json()["footing"]["sentence"]
    finally:
        writing.close()


def test_the_command_line_says_the_same(city: Workspace, weak: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLUEGRAPH_HOME", str(city.home))
    run = CliRunner().invoke
    assert "共 " in run(command, ["explain", "how", weak["entity"]]).output
    told = json.loads(run(command, ["explain", "why", weak["mention"], weak["other"], "--json"]).output)
    assert told["same"] is True
    assert CLUE in run(command, ["explain", "what-if", "--threshold", "person=0.9999"]).output
    found = json.loads(run(command, ["match", "--id", weak["number"], "--json"]).output)
    assert found["candidates"][0]["score"] == 1.0
    for wrong in (["explain", "why", "a", "b"], ["explain", "what-if", "--threshold", "dog=1"], ["match"]):
        assert run(command, wrong).exit_code == 2
