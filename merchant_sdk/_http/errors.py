"""What a call can fail with; the package's docstring has the tree."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

MOST_DETAIL = 300


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong with the input: a JSON pointer (RFC 6901) to it, a stable code, and words."""

    pointer: str
    code: str
    detail: str


class QuantongError(Exception):
    """Base of all. `idempotency_key`: the failed call's; the same call with it is safe to repeat."""

    idempotency_key: str | None = None


class ConnectionFailed(QuantongError):
    """No answer: the network, TLS or a timeout. The server may still have done the work."""


class UnexpectedAnswer(QuantongError):
    """The server said yes, but not in words of this API (say, a captive portal's page)."""


class SignatureInvalid(QuantongError):
    """A webhook that isn't signed with our secret, or not now. It may come from anyone: don't act on it."""


class SpoolError(QuantongError):
    """The file of an offline queue can't be used. What was to be kept is not kept."""


class SpoolFull(SpoolError):
    """The file can't grow: the disk or the user's share of it is full."""


class SpoolDamaged(SpoolError):
    """The file is damaged. It is left as it is, for someone to save what can be saved."""


class ApiError(QuantongError):
    """The server refused; with a status below 500 it has changed nothing.

    `status` is HTTP's; `code` is stable (`http-<status>` where the answer names none); `title` and `detail`
    are words; `errors` the flaws of the input; `request_id` is what to name to support; `retry_after_seconds`
    the pause the server asked for, or None; `problem` the answer as it came.
    """

    def __init__(
        self,
        status: int,
        problem: Mapping[str, Any],
        request_id: str | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(status, problem, request_id, retry_after_seconds)
        self.status = status
        self.problem = dict(problem)
        self.code = _text(problem, "code") or f"http-{status}"
        self.title = _text(problem, "title") or _phrase(status)
        self.detail = _text(problem, "detail") or self.title
        self.errors = flaws_of(problem.get("errors"))
        self.request_id = _text(problem, "request_id") or request_id
        self.retry_after_seconds = retry_after_seconds

    def __str__(self) -> str:
        where = "".join(f"; {flaw.pointer}: {flaw.code}" for flaw in self.errors[:5])
        request = f" (request {self.request_id})" if self.request_id else ""
        return f"{self.status} {self.code}: {self.detail}{where}{request}"


class AuthenticationError(ApiError):
    """401: no such key, or it has ended."""


class PermissionDenied(ApiError):
    """403: the key lacks a scope, or what is asked for isn't open to it."""


class NotFound(ApiError):
    """404: no such thing, or it belongs to another district or merchant."""


class SaleNotRecordedYet(NotFound):
    """`sale-not-recorded-yet`: the refunded sale isn't there. It may still come, say from a till that is offline."""


class Conflict(ApiError):
    """409: it contradicts what is there, say another sale with this reference."""


class ReferenceConflict(Conflict):
    """`reference-conflict`, `refund-reference-conflict`: the reference stands for another sale or refund."""


class MemberFrozen(Conflict):
    """`member-frozen`: the member may neither spend points nor claim anything."""


class SpendingRests(Conflict):
    """`spending-rests`: the member's phone was changed less than a day ago; points can't be spent for now."""


class SpendLocked(Conflict):
    """`spend-locked`: the member has locked their own points."""


class MemberCodeUsed(Conflict):
    """`member-code-used`: the code has proved already that the member is there; the next one comes in a minute."""


class MemberCodeExpired(ApiError):
    """410 `member-code-expired`: the code was right at another time, or the presence token has ended."""


class ValidationError(ApiError):
    """422 or 400: `errors` says what is wrong, and where."""


class RateLimited(ApiError):
    """429, and still so after all retries."""


class ServerError(ApiError):
    """5xx: the fault is the server's."""


_CLASSES: Mapping[int, type[ApiError]] = {
    400: ValidationError,
    401: AuthenticationError,
    403: PermissionDenied,
    404: NotFound,
    409: Conflict,
    422: ValidationError,
    429: RateLimited,
}


_CLASSES_BY_CODE: Mapping[tuple[int, str], type[ApiError]] = {
    (404, "sale-not-recorded-yet"): SaleNotRecordedYet,
    (409, "reference-conflict"): ReferenceConflict,
    (409, "refund-reference-conflict"): ReferenceConflict,
    (409, "member-frozen"): MemberFrozen,
    (409, "spend-locked"): SpendLocked,
    (409, "spending-rests"): SpendingRests,
    (409, "member-code-used"): MemberCodeUsed,
    (410, "member-code-expired"): MemberCodeExpired,
}
"""Refusals that a till tells apart by more than their status."""


def error_of(
    status: int,
    problem: Mapping[str, Any],
    request_id: str | None = None,
    retry_after_seconds: float | None = None,
) -> ApiError:
    """The error for a status and a problem."""
    by_status = _CLASSES.get(status, ServerError if status >= 500 else ApiError)
    kind = _CLASSES_BY_CODE.get((status, _text(problem, "code") or ""), by_status)
    return kind(status, problem, request_id, retry_after_seconds)


def problem_of(content: bytes) -> dict[str, Any]:
    """The problem in an answer's content; of one that is no JSON object, its beginning as `detail`."""
    try:
        problem = json.loads(content)
    except (ValueError, RecursionError):
        problem = None
    if isinstance(problem, dict):
        return problem
    detail = " ".join(content[: 4 * MOST_DETAIL].decode("utf-8", "replace").split())[:MOST_DETAIL]
    return {"detail": detail} if detail else {}


def _text(problem: Mapping[str, Any], name: str) -> str | None:
    value = problem.get(name)
    return value if isinstance(value, str) and value else None


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Refused"


def flaws_of(rows: object) -> tuple[Flaw, ...]:
    """The flaws in a list of an answer; what isn't one is left out."""
    if not isinstance(rows, list):
        return ()
    names = ("pointer", "code", "detail")
    return tuple(Flaw(*(_text(row, name) or "" for name in names)) for row in rows if isinstance(row, dict))
