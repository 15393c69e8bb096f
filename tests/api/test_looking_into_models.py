"""Over the API: why a model has no clue, what others have already, what a rule file would add and drop."""

from __future__ import annotations

import pytest
from httpx import Client

EXPLAIN = "/api/v1/models/M03/explain"
RULE = """
[[rule]]
id = "own"
theme = "测试"
any = ["充电"]
receiver = "某局"
line = "公益"
"""


def test_an_entity_with_a_clue_is_told_its_key(client: Client) -> None:
    clue = client.get("/api/v1/clues", params={"model": "M03"}).json()["items"][0]
    told = client.get(EXPLAIN, params={"entity": "P-zhang"}).json()
    assert told["found"] is True
    assert [found["key"] for found in told["clues"]] == [clue["key"]]


def test_a_parameter_shows_by_how_much_it_is_missed(client: Client) -> None:
    told = client.get(EXPLAIN, params={"entity": "P-zhang", "param": "grace_months=19"}).json()
    assert told["found"] is False
    conditions = {each["text"]: each for each in told["attempts"][0]["nearest"][0]["conditions"]}
    assert conditions["payment.paidOn >= countedFrom"]["gap"] == "差 16 天"
    assert conditions["payment.paidOn < released"]["holds"] is True


def test_a_namesake_is_told_that_it_is_the_other_one(client: Client) -> None:
    told = client.get(EXPLAIN, params={"entity": "P-namesake"}).json()
    assert "同名的另一实体（P-zhang）有" in told["sentences"][1]


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        (EXPLAIN, {"entity": "P-nobody"}, 404),
        ("/api/v1/models/M99/explain", {"entity": "P-zhang"}, 404),
        (EXPLAIN, {}, 422),
        (EXPLAIN, {"entity": "P-zhang", "param": "grace_months=many"}, 422),
        (EXPLAIN, {"entity": "P-zhang", "param": "grace_months"}, 422),
        ("/api/v1/models/M99/overlap", {}, 404),
    ],
)
def test_what_cannot_be_answered_is_a_problem(client: Client, path: str, params: dict[str, str], status: int) -> None:
    answer = client.get(path, params=params)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_two_models_share_a_person(client: Client) -> None:
    told = client.get("/api/v1/models/M03/overlap").json()
    assert (told["clues"], told["alone"]) == (1, 0)
    assert [(other["model"], other["same_facts"], other["same_subjects"]) for other in told["others"]] == [
        ("M02", 0, 1)
    ]
    assert told["others"][0]["examples"][0]["subjects"] == ["张伟"]


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        ({"toml": "[[rule]\n"}, "mend the TOML"),
        ({"toml": RULE, "name": "a/b.toml"}, "without a folder"),
        ({"toml": RULE}, "load one of hotline_calls"),
        ({"toml": RULE, "more": 1}, "errors"),
    ],
)
def test_a_rule_file_that_cannot_be_previewed_says_why(client: Client, draft: dict[str, object], words: str) -> None:
    answer = client.post("/api/v1/rules/preview", json=draft)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
