"""Errors that a caller is told of: one class, one code, one page in `docs/problems/` each (RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from app.foundation.i18n import Words, kept, said, said_again, speaker
from app.foundation.i18n import words as _l

Telling = Callable[[Words], Any]
"""How words stand in a problem: `said` in the reader's language, `str` in English, `kept` to be said later."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong with the input: a JSON pointer (RFC 6901) to it, a stable code, and words."""

    pointer: str
    code: str
    detail: Words

    def as_dict(self, telling: Telling = said) -> dict[str, Any]:
        """The member of a problem's `errors`."""
        return {"pointer": self.pointer, "code": self.code, "detail": telling(self.detail)}


class DomainError(Exception):
    """An expected refusal. Subclasses name the `code`, the HTTP `status` and the `title`; nothing has been changed.

    `more`: by name, as JSON Schema, what a problem may say besides what all do (`extra`).
    """

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[Words]
    more: ClassVar[Mapping[str, Any]] = {}
    known: ClassVar[dict[str, type[DomainError]]] = {}

    def __init_subclass__(cls) -> None:
        DomainError.known[cls.code] = cls

    def __init__(
        self,
        detail: Words | None = None,
        *,
        flaws: Sequence[Flaw] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.flaws = tuple(flaws)
        self.headers = dict(headers or {})
        self.extra = extra

    def as_problem(self, request_id: str, telling: Telling | None = None) -> dict[str, Any]:
        """The body of an `application/problem+json` answer, in the reader's language unless told otherwise."""
        telling = telling or speaker()
        problem: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": telling(self.title),
            "status": self.status,
            "detail": telling(self.detail),
            "code": self.code,
            "request_id": request_id,
        }
        if self.flaws:
            problem["errors"] = [flaw.as_dict(telling) for flaw in self.flaws]
        return problem | self.extra

    def as_kept(self) -> dict[str, Any]:
        """A problem without a request, to be stored and `told_again`."""
        return self.as_problem("", kept)


def told_again(problem: Mapping[str, Any]) -> dict[str, Any]:
    """A stored problem in the language of who asks now."""
    told = {**problem, "title": said_again(problem["title"]), "detail": said_again(problem["detail"])}
    if "errors" in problem:
        told["errors"] = [{**flaw, "detail": said_again(flaw["detail"])} for flaw in problem["errors"]]
    return told


class ValidationFailed(DomainError):
    code, status, title = "validation-failed", 422, _l("The input is not valid")

    @classmethod
    def at(cls, pointer: str, code: str, detail: Words) -> ValidationFailed:
        """One flaw at one place."""
        return cls(detail, flaws=[Flaw(pointer, code, detail)])


class MalformedJson(DomainError):
    code, status, title = "malformed-json", 400, _l("The body is not JSON")


class BodyTooLarge(DomainError):
    code, status, title = "body-too-large", 413, _l("The body is too large")


class UnsupportedMediaType(DomainError):
    code, status, title = "unsupported-media-type", 415, _l("The body is not sent as JSON")


class BadRequest(DomainError):
    code, status, title = "bad-request", 400, _l("The request can't be read")


class Unauthorized(DomainError):
    code, status, title = "unauthorized", 401, _l("A valid API key is needed")


class Forbidden(DomainError):
    code, status, title = "forbidden", 403, _l("This key may not do that")


class TillLocked(DomainError):
    code, status, title = "till-locked", 403, _l("The till is locked: a cashier opens it by PIN")


class DistrictNotChosen(DomainError):
    code, status, title = "district-not-chosen", 403, _l("Choose a district first")


class SecondFactorRequired(DomainError):
    code, status, title = "second-factor-required", 403, _l("This role needs a second factor")


class StepUpRequired(DomainError):
    code, status, title = "step-up-required", 403, _l("Give your password again")


class SandboxOnly(DomainError):
    code, status, title = "sandbox-only", 403, _l("Only a sandbox has that")


class NotFound(DomainError):
    code, status, title = "not-found", 404, _l("There is no such thing here")

    @classmethod
    def at(cls, pointer: str, what: Words) -> NotFound:
        """An id in a body that names nothing of this district."""
        detail = _l("There is no such %(what)s here.", what=what)
        return cls(detail, flaws=[Flaw(pointer, "not-found", detail)])


class MethodNotAllowed(DomainError):
    code, status, title = "method-not-allowed", 405, _l("This address doesn't know that method")


class Conflict(DomainError):
    code, status, title = "conflict", 409, _l("Something else has taken that place")


class IdempotencyKeyReused(DomainError):
    code, status, title = "idempotency-key-reused", 422, _l("This idempotency key was used with another request")


class IdempotencyKeyInUse(DomainError):
    code, status, title = "idempotency-key-in-use", 409, _l("A request with this idempotency key is still running")


class RateLimited(DomainError):
    code, status, title = "rate-limited", 429, _l("Too many requests")


class InternalError(DomainError):
    code, status, title = "internal-error", 500, _l("Something went wrong here")


class Busy(DomainError):
    code, status, title = "busy", 503, _l("Not now: try again in a moment")
