from __future__ import annotations

import pickle

import pytest

import merchant_sdk
from merchant_sdk._http import errors
from merchant_sdk._http.errors import ApiError, Flaw, QuantongError, error_of, problem_of

CLASSES = [
    (400, errors.ValidationError),
    (401, errors.AuthenticationError),
    (403, errors.PermissionDenied),
    (404, errors.NotFound),
    (409, errors.Conflict),
    (410, ApiError),
    (413, ApiError),
    (422, errors.ValidationError),
    (429, errors.RateLimited),
    (500, errors.ServerError),
    (503, errors.ServerError),
    (599, errors.ServerError),
]


@pytest.mark.parametrize(("status", "kind"), CLASSES)
def test_the_class_follows_the_status(status: int, kind: type[ApiError]) -> None:
    error = error_of(status, {"code": "a-code", "status": 200})
    assert type(error) is kind
    assert (error.status, error.code) == (status, "a-code")


@pytest.mark.parametrize(
    ("status", "code", "kind", "base"),
    [
        (409, "member-code-used", errors.MemberCodeUsed, errors.Conflict),
        (410, "member-code-expired", errors.MemberCodeExpired, ApiError),
        (404, "sale-not-recorded-yet", errors.SaleNotRecordedYet, errors.NotFound),
        (409, "reference-conflict", errors.ReferenceConflict, errors.Conflict),
        (409, "refund-reference-conflict", errors.ReferenceConflict, errors.Conflict),
        (409, "member-frozen", errors.MemberFrozen, errors.Conflict),
        (409, "spend-locked", errors.SpendLocked, errors.Conflict),
        (409, "spending-rests", errors.SpendingRests, errors.Conflict),
    ],
)
def test_some_codes_have_a_class_of_their_own(
    status: int, code: str, kind: type[ApiError], base: type[ApiError]
) -> None:
    assert type(error_of(status, {"code": code})) is kind
    assert issubclass(kind, base)
    assert type(error_of(500, {"code": code})) is errors.ServerError


def test_a_problem_is_taken_apart() -> None:
    problem = {
        "title": "The input is not valid",
        "detail": "An integer is needed.",
        "code": "validation-failed",
        "request_id": "req-1",
        "errors": [{"pointer": "/amount", "code": "invalid-type", "detail": "An integer is needed."}],
        "extra": 1,
    }
    error = error_of(422, problem, "req-of-header", 2.0)
    assert error.errors == (Flaw("/amount", "invalid-type", "An integer is needed."),)
    assert (error.title, error.detail) == ("The input is not valid", "An integer is needed.")
    assert (error.request_id, error.retry_after_seconds) == ("req-1", 2.0)
    assert error.problem == problem
    assert str(error) == ("422 validation-failed: An integer is needed.; /amount: invalid-type (request req-1)")


@pytest.mark.parametrize(
    "problem",
    [{}, {"code": 7, "title": None, "detail": [], "errors": "x"}, {"errors": [None, "x"]}],
)
def test_a_problem_of_another_shape_still_is_an_error(problem: dict[str, object]) -> None:
    error = error_of(502, problem, "req-of-header")
    assert (error.code, error.title, error.detail) == ("http-502", "Bad Gateway", "Bad Gateway")
    assert (error.errors, error.request_id, error.problem) == ((), "req-of-header", problem)


def test_flaws_that_lack_something() -> None:
    assert error_of(422, {"errors": [{"pointer": "/a"}]}).errors == (Flaw("/a", "", ""),)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'{"code": "x"}', {"code": "x"}),
        (b"", {}),
        (b"  \n", {}),
        (b"[1]", {"detail": "[1]"}),
        (b"<html>\n  Bad   gateway</html>", {"detail": "<html> Bad gateway</html>"}),
        (b"\xff\xfe", {"detail": "\ufffd\ufffd"}),
        (b"[" * 100_000, {"detail": "[" * 300}),
    ],
)
def test_contents_that_are_no_json_object(content: bytes, problem: dict[str, str]) -> None:
    assert problem_of(content) == problem


def test_errors_survive_pickling() -> None:
    error = error_of(409, {"code": "reference-conflict"}, "req-1", 1.0)
    error.idempotency_key = "k"
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.idempotency_key) == (errors.ReferenceConflict, str(error), "k")
    assert again.problem == error.problem


def test_all_errors_are_exported_and_told_of() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, QuantongError)]
    assert len(kinds) == 22
    for kind in kinds:
        assert getattr(merchant_sdk, kind.__name__) is kind
        assert kind.__name__ in (merchant_sdk.__doc__ or "")
