"""What every refusal has in common."""

from __future__ import annotations

from app.foundation.problems import DomainError
from tests.factories.api import Reply


def check_problem(reply: Reply, status: int | None = None, code: str | None = None) -> Reply:
    """A refusal is a problem of RFC 9457 whose code is known, and says so in every place alike."""
    assert reply.headers["Content-Type"] == "application/problem+json", (reply.status, reply.body)
    assert status in (None, reply.status), reply.body
    body = reply.body
    assert {"type", "title", "status", "detail", "code", "request_id"} <= body.keys()
    known = DomainError.known[body["code"]]
    assert (body["status"], body["status"]) == (reply.status, known.status)
    assert body["type"] == f"/problems/{known.code}"
    assert reply.headers["Content-Language"] == "zh" or body["title"] == known.title
    assert body["detail"]
    assert body["request_id"] == reply.headers["Request-Id"] != ""
    assert code in (None, body["code"]), body
    for flaw in body.get("errors", ()):
        assert flaw.keys() == {"pointer", "code", "detail"}, flaw
        assert flaw["pointer"] == "" or flaw["pointer"].startswith("/"), flaw
    if body["code"] == "validation-failed":
        assert body["errors"]
    return reply
