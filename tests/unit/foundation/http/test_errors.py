"""The one mapper: whatever goes wrong becomes a problem with a request id, and tells nothing more."""

from __future__ import annotations

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from psycopg import errors as pg
from sqlalchemy import exc

from app.foundation.database.unit_of_work import Overtaken
from app.foundation.http.errors import register_errors
from app.foundation.i18n import register_languages, words
from app.foundation.problems import RateLimited

FAILURES: dict[str, Exception] = {
    "refused": RateLimited(words("Slowly."), headers={"Retry-After": "2"}),
    "unique": pg.UniqueViolation("a secret row"),
    "gone": pg.OperationalError("a secret host"),
    "pool": exc.TimeoutError("a secret pool"),
    "overtaken": Overtaken("a secret neighbour"),
    "bug": ZeroDivisionError("a secret number"),
}


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("errors")
    register_languages(app)
    register_errors(app)

    @app.get("/fails/<name>")
    def fails(name: str) -> str:
        raise FAILURES[name]

    @app.get("/aborts/<int:status>")
    def aborts(status: int) -> str:
        abort(status)

    @app.get("/works")
    def works() -> str:
        return "fine"

    return app.test_client()


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("POST", "/works", 405, "method-not-allowed"),
        ("GET", "/aborts/400", 400, "bad-request"),
        ("GET", "/aborts/413", 413, "body-too-large"),
        ("GET", "/aborts/415", 400, "bad-request"),
        ("GET", "/aborts/502", 500, "internal-error"),
        ("GET", "/fails/refused", 429, "rate-limited"),
        ("GET", "/fails/unique", 409, "conflict"),
        ("GET", "/fails/gone", 503, "busy"),
        ("GET", "/fails/pool", 503, "busy"),
        ("GET", "/fails/overtaken", 503, "busy"),
        ("GET", "/fails/bug", 500, "internal-error"),
    ],
)
def test_every_failure_is_a_problem(client: FlaskClient, method: str, path: str, status: int, code: str) -> None:
    response = client.open(path, method=method)
    problem = response.get_json(force=True)
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert response.content_type == "application/problem+json"
    assert problem["request_id"] == response.headers["Request-Id"] != ""
    assert "secret" not in response.text


def test_headers_that_belong_to_a_refusal(client: FlaskClient) -> None:
    assert "GET" in client.post("/works").headers["Allow"]
    assert client.get("/fails/refused").headers["Retry-After"] == "2"
    assert client.get("/fails/gone").headers["Retry-After"] == "1"


@pytest.mark.parametrize("given", ["a", "till-7:2026.01_x", "x" * 100])
def test_a_caller_may_name_its_request(client: FlaskClient, given: str) -> None:
    assert client.get("/works", headers={"Request-Id": given}).headers["Request-Id"] == given


@pytest.mark.parametrize("given", ["", "x" * 101, "two words", "<script>", "街"])
def test_a_name_that_does_not_fit_is_replaced(client: FlaskClient, given: str) -> None:
    header = given.encode().decode("latin-1")
    named = client.get("/works", headers={"Request-Id": header}).headers["Request-Id"]
    assert len(named) == 32
    assert named.isalnum()
