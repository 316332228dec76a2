"""Errors that a caller is told of: one class, one code, one page in `docs/problems/` each (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong with the input: a JSON pointer (RFC 6901) to it, a stable code, and words."""

    pointer: str
    code: str
    detail: str

    def as_dict(self) -> dict[str, str]:
        """The member of a problem's `errors`."""
        return {"pointer": self.pointer, "code": self.code, "detail": self.detail}


class DomainError(Exception):
    """An expected refusal. Subclasses name the `code`, the HTTP `status` and the `title`; nothing has been changed."""

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]
    known: ClassVar[dict[str, type[DomainError]]] = {}

    def __init_subclass__(cls) -> None:
        DomainError.known[cls.code] = cls

    def __init__(
        self, detail: str = "", *, flaws: Sequence[Flaw] = (), headers: Mapping[str, str] | None = None, **extra: Any
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.flaws = tuple(flaws)
        self.headers = dict(headers or {})
        self.extra = extra

    def as_problem(self, request_id: str) -> dict[str, Any]:
        """The body of an `application/problem+json` answer."""
        problem: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": request_id,
        }
        if self.flaws:
            problem["errors"] = [flaw.as_dict() for flaw in self.flaws]
        return problem | self.extra


class ValidationFailed(DomainError):
    code, status, title = "validation-failed", 422, "The input is not valid"

    @classmethod
    def at(cls, pointer: str, code: str, detail: str) -> ValidationFailed:
        """One flaw at one place."""
        return cls(detail, flaws=[Flaw(pointer, code, detail)])


class MalformedJson(DomainError):
    code, status, title = "malformed-json", 400, "The body is not JSON"


class BodyTooLarge(DomainError):
    code, status, title = "body-too-large", 413, "The body is too large"


class BadRequest(DomainError):
    code, status, title = "bad-request", 400, "The request can't be read"


class Unauthorized(DomainError):
    code, status, title = "unauthorized", 401, "A valid API key is needed"


class Forbidden(DomainError):
    code, status, title = "forbidden", 403, "This key may not do that"


class NotFound(DomainError):
    code, status, title = "not-found", 404, "There is no such thing here"

    @classmethod
    def at(cls, pointer: str, what: str) -> NotFound:
        """An id in a body that names nothing of this district."""
        detail = f"There is no such {what} here."
        return cls(detail, flaws=[Flaw(pointer, "not-found", detail)])


class MethodNotAllowed(DomainError):
    code, status, title = "method-not-allowed", 405, "This address doesn't know that method"


class Conflict(DomainError):
    code, status, title = "conflict", 409, "Something else has taken that place"


class IdempotencyKeyReused(DomainError):
    code, status, title = "idempotency-key-reused", 422, "This idempotency key was used with another request"


class IdempotencyKeyInUse(DomainError):
    code, status, title = "idempotency-key-in-use", 409, "A request with this idempotency key is still running"


class RateLimited(DomainError):
    code, status, title = "rate-limited", 429, "Too many requests"


class InternalError(DomainError):
    code, status, title = "internal-error", 500, "Something went wrong here"


class Busy(DomainError):
    code, status, title = "busy", 503, "Not now: try again in a moment"
