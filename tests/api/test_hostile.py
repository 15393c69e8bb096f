"""Whatever is sent, the service answers for itself: no failure of its own, no query text but its own."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
import schemathesis
from fastapi import FastAPI
from httpx import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi import checks

from api import queries

HOSTILE = [
    "' OR 1=1 //",
    '"}) MATCH (n) DETACH DELETE n //',
    "`x` SET n.a=1",
    "\\u0060",
    "\x00",
    "%00",
    "../../secret.key",
    "$key",
    "{{7*7}}",
    "￿",
    "𬎆㐂",
    "a" * 300,
    "-1",
    "1e309",
    "NaN",
    "[]",
    "null",
    "M03\n",
]
TEXT = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60))
bounded = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@bounded
@given(
    text=TEXT, name=st.sampled_from(["q", "label", "offset", "limit", "depth", "dataset", "status", "model", "from"])
)
def test_no_parameter_breaks_the_service(client: Client, text: str, name: str) -> None:
    sent = text.encode("utf-8", "replace")
    for path in ("/api/v1/entities", "/api/v1/clues", "/api/v1/paths", "/api/v1/entities/P-zhang/records", "/"):
        assert client.get(f"{path}?{name}={quote(sent)}").status_code < 500


@bounded
@given(text=TEXT)
def test_no_key_breaks_the_service(client: Client, text: str) -> None:
    key = quote(text.encode("utf-8", "replace"), safe="")
    for path in ("/api/v1/entities/{}/network", "/api/v1/clues/{}", "/api/v1/models/{}", "/entities/{}", "/clues/{}"):
        answer = client.get(path.format(key))
        assert answer.status_code in (200, 303, 404, 405, 422)


@bounded
@given(text=TEXT)
def test_no_body_breaks_the_service(client: Client, text: str) -> None:
    words = text.encode("utf-8", "replace").decode()
    assert client.post("/api/v1/entities/search", json={"q": words}).status_code in (200, 422)
    assert client.post("/api/v1/network", json={"key": words, "known": [words]}).status_code in (200, 404, 422)
    assert client.post("/api/v1/models/M03/run", json={"params": {words: words}}).status_code == 422
    assert client.post("/entities", data={"q": words}).status_code in (200, 422)


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/%2e%2e/cli.py", "/static/vendor/..%2f..%2f..%2fapp.py"]
)
def test_no_path_leads_out_of_the_static_files(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "create_app" not in answer.text


def test_every_query_only_reads() -> None:
    texts = [text for name, text in vars(queries).items() if name.isupper() and not name.startswith("_")]
    assert len(texts) >= 15
    for text in texts:
        assert not re.search(r"\b(CREATE|MERGE|SET|DELETE|REMOVE|LOAD|FOREACH)\b", text)


def test_the_interface_is_kept_to_the_letter(app: FastAPI, client: Client) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", app=app, headers=dict(client.headers))
    for operation in schema.get_all_operations():
        check(operation.ok(), app.state.service.token)


# not that all that fits the schema is taken: a number in an address and a model's unknown parameter are refused too
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.ignored_auth,
]


def check(operation: schemathesis.schemas.APIOperation, token: str) -> None:
    """A few generated requests of one operation, right and wrong ones."""

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(case=operation.as_strategy())
    def conforms(case: schemathesis.Case) -> None:
        case.call_and_validate(
            headers={"Authorization": f"Bearer {token}"},
            checks=CHECKS,
        )

    conforms()
