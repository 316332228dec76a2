"""Refusals and the problems (RFC 9457) they become."""

from __future__ import annotations

import re

import pytest

from app.foundation.i18n import words
from app.foundation.problems import (
    BodyTooLarge,
    Busy,
    DomainError,
    Flaw,
    Forbidden,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    MalformedJson,
    NotFound,
    RateLimited,
    Unauthorized,
    ValidationFailed,
)


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (ValidationFailed, "validation-failed", 422),
        (MalformedJson, "malformed-json", 400),
        (BodyTooLarge, "body-too-large", 413),
        (IdempotencyKeyReused, "idempotency-key-reused", 422),
        (IdempotencyKeyInUse, "idempotency-key-in-use", 409),
        (RateLimited, "rate-limited", 429),
        (Unauthorized, "unauthorized", 401),
        (Forbidden, "forbidden", 403),
        (NotFound, "not-found", 404),
        (Busy, "busy", 503),
    ],
)
def test_codes_and_statuses_are_the_contract_s(error: type[DomainError], code: str, status: int) -> None:
    assert (error.code, error.status) == (code, status)


def test_every_refusal_is_known_by_its_own_code() -> None:
    for code, error in DomainError.known.items():
        assert error.code == code
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
        assert 400 <= error.status < 600
        assert error.title


def test_two_classes_never_share_a_code() -> None:
    def below(error: type[DomainError]) -> list[type[DomainError]]:
        return [one for child in error.__subclasses__() for one in (child, *below(child))]

    assert sorted(error.code for error in below(DomainError)) == sorted(DomainError.known)


def test_a_problem_says_what_and_for_which_request() -> None:
    assert NotFound().as_problem("req-1") == {
        "type": "/problems/not-found",
        "title": NotFound.title,
        "status": 404,
        "detail": NotFound.title,
        "code": "not-found",
        "request_id": "req-1",
    }


def test_words_and_extra_members_and_headers() -> None:
    error = Busy(words("Try later."), headers={"Retry-After": "1"}, position=3)
    problem = error.as_problem("req-1")
    assert (problem["detail"], problem["title"], problem["position"]) == ("Try later.", Busy.title, 3)
    assert error.headers == {"Retry-After": "1"}
    assert "errors" not in problem
    assert str(error) == "Try later."


def test_flaws_become_errors() -> None:
    error = ValidationFailed(
        flaws=[Flaw("/amount", "required", words("Needed.")), Flaw("/a~1b", "unknown-field", words("No."))]
    )
    assert error.as_problem("r")["errors"] == [
        {"pointer": "/amount", "code": "required", "detail": "Needed."},
        {"pointer": "/a~1b", "code": "unknown-field", "detail": "No."},
    ]


def test_one_flaw_at_one_place() -> None:
    error = ValidationFailed.at("/occurred_at", "too-old", words("Too old."))
    assert (error.detail, error.flaws) == ("Too old.", (Flaw("/occurred_at", "too-old", words("Too old.")),))


def test_an_id_that_names_nothing_is_not_found_with_a_pointer() -> None:
    error = NotFound.at("/store_id", words("store"))
    problem = error.as_problem("r")
    assert problem["status"] == 404
    assert [flaw["pointer"] for flaw in problem["errors"]] == ["/store_id"]
    assert "store" in problem["detail"]
