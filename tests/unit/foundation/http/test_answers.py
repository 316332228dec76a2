"""Answers as responses, without a server."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
from flask import Flask, g

from app.foundation.http.answers import Answer, respond, respond_with_problem
from app.foundation.i18n import register_languages, words
from app.foundation.problems import Busy, ValidationFailed

APP = Flask("answers")
register_languages(APP)


def test_an_answer_is_200_if_nothing_is_said() -> None:
    answer = Answer({"a": 1})
    assert (answer.status, answer.stored, dict(answer.headers)) == (200, None, {})


def test_a_body_goes_out_as_json_in_utf_8() -> None:
    with APP.app_context():
        g.request_id = "till-7"
        body = {"name": "湖滨", "at": datetime(2026, 1, 1, tzinfo=UTC)}
        response = respond(body, 201, {"Idempotent-Replayed": "true"})
    assert response.status_code == 201
    assert response.content_type == "application/json"
    assert response.headers["Idempotent-Replayed"] == "true"
    assert (response.headers["Request-Id"], response.headers["Cache-Control"]) == ("till-7", "no-store")
    assert orjson.loads(response.data) == {"name": "湖滨", "at": "2026-01-01T00:00:00Z"}


def test_a_refusal_goes_out_as_a_problem() -> None:
    with APP.app_context():
        g.request_id = "req-7"
        response = respond_with_problem(ValidationFailed.at("/amount", "required", words("Needed.")))
    assert response.status_code == 422
    assert response.content_type == "application/problem+json"
    problem = orjson.loads(response.data)
    assert (problem["request_id"], problem["code"], problem["status"]) == ("req-7", "validation-failed", 422)
    assert problem["errors"] == [{"pointer": "/amount", "code": "required", "detail": "Needed."}]


def test_a_refusal_takes_its_headers_along() -> None:
    with APP.app_context():
        response = respond_with_problem(Busy(headers={"Retry-After": "1"}))
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    assert orjson.loads(response.data)["request_id"] == ""
