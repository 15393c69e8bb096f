"""Who may enter, and what a hostile page or a long request gets."""

from __future__ import annotations

import stat

import pytest
from fastapi import FastAPI
from httpx import Client

from resolution.workspace import Workspace

CLOSED = ("/", "/docs", "/openapi.json", "/metrics", "/readyz", "/clues/x", "/api/v1/clues", "/api/v1/entities/P-zhang")


@pytest.mark.parametrize("path", CLOSED)
def test_without_the_token_nothing_is_told(stranger: Client, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "张伟" not in answer.text


@pytest.mark.parametrize("given", ["Bearer wrong", "Basic abc", "Bearer 令牌", "bearer"])
def test_a_wrong_token_is_refused(stranger: Client, given: str) -> None:
    assert stranger.get("/api/v1/clues", headers={"Authorization": given.encode()}).status_code == 401


def test_health_is_open(stranger: Client) -> None:
    assert stranger.get("/healthz").json() == {"status": "ok"}


def test_the_token_is_kept_for_the_owner_only(app: FastAPI, workspace: Workspace) -> None:
    path = workspace.home / "access.token"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == app.state.service.token
    assert len(app.state.service.token) >= 43


def test_a_browser_is_sent_to_the_login_and_back(app: FastAPI, stranger: Client) -> None:
    asked = stranger.get("/models/M03", headers={"Accept": "text/html"})
    assert (asked.status_code, asked.headers["location"]) == (303, "/login?next=/models/M03")
    entered = stranger.post("/login", data={"token": app.state.service.token, "next": "/models/M03"})
    assert (entered.status_code, entered.headers["location"]) == (303, "/models/M03")
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and app.state.service.token not in cookie
    assert "服刑人员领取补贴" in stranger.get("/models/M03").text


def test_a_wrong_token_on_the_page_is_told_in_words(stranger: Client) -> None:
    answer = stranger.post("/login", data={"token": "wrong"})
    assert answer.status_code == 401
    assert "令牌不对" in answer.text
    assert "set-cookie" not in answer.headers


def test_after_signing_out_the_cookie_is_dead(app: FastAPI, stranger: Client) -> None:
    stranger.post("/login", data={"token": app.state.service.token})
    cookie = stranger.cookies["cluegraph_session"]
    assert stranger.get("/api/v1/clues").status_code == 200
    stranger.post("/logout")
    assert stranger.get("/api/v1/clues", headers={"Cookie": f"cluegraph_session={cookie}"}).status_code == 401


@pytest.mark.parametrize(
    "place", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/a\r\nX: y"]
)
def test_the_login_sends_nobody_elsewhere(app: FastAPI, stranger: Client, place: str) -> None:
    answer = stranger.post("/login", data={"token": app.state.service.token, "next": place})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]
)
def test_another_site_cannot_change_a_clue_through_a_signed_in_browser(
    app: FastAPI, stranger: Client, headers: dict[str, str]
) -> None:
    stranger.post("/login", data={"token": app.state.service.token})
    key = stranger.get("/api/v1/clues").json()["items"][0]["key"]
    answer = stranger.patch(f"/api/v1/clues/{key}", json={"status": "rejected"}, headers=headers)
    assert answer.status_code == 403
    assert stranger.get(f"/api/v1/clues/{key}").json()["status"] == "new"


def test_every_answer_forbids_foreign_and_inline_scripts(client: Client) -> None:
    for path in ("/", "/api/v1/clues", "/nothing", "/docs", "/static/style.css"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe-inline" not in policy and "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert path.startswith("/static") or headers["cache-control"] == "no-store"


def test_a_long_address_is_refused(client: Client) -> None:
    assert client.get("/api/v1/entities", params={"q": "a" * 5000}).status_code == 414


def test_a_large_body_is_refused_announced_or_not(client: Client) -> None:
    large = b'{"note": "' + b"a" * 300_000 + b'"}'
    json = {"Content-Type": "application/json"}
    assert client.patch("/api/v1/clues/M03-x", content=large, headers=json).status_code == 413
    assert client.patch("/api/v1/clues/M03-x", content=iter([large]), headers=json).status_code == 413
