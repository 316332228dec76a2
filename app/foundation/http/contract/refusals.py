"""Which problems a route may answer with: those of its house derived from what it takes, its own as it declares them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from marshmallow import Schema, fields

from app.foundation.figures.money import MAX_AMOUNT
from app.foundation.http.contract.shapes import PROBLEM, Shape, camel
from app.foundation.http.fields import Id, ListOf, Object
from app.foundation.http.routing import ANYONE, SHOPPER, STAFF, TILL, RouteSpec, needs_none
from app.foundation.i18n import words as _l
from app.foundation.problems import (
    BadRequest,
    BodyTooLarge,
    Busy,
    Conflict,
    DistrictNotChosen,
    DomainError,
    Forbidden,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    InternalError,
    MalformedJson,
    MethodNotAllowed,
    NotFound,
    RateLimited,
    SandboxOnly,
    SecondFactorRequired,
    StepUpRequired,
    TillLocked,
    Unauthorized,
    UnsupportedMediaType,
    ValidationFailed,
)

Refusal = type[DomainError]
Refusals = dict[int, list[Refusal]]
_EVERYWHERE: tuple[Refusal, ...] = (RateLimited, InternalError, Busy)
_BY_KEY: tuple[Refusal, ...] = (Unauthorized, Forbidden)
_HEADERS: dict[Refusal, dict[str, bool]] = {
    Unauthorized: {"WWW-Authenticate": True},
    MethodNotAllowed: {"Allow": True},
    IdempotencyKeyInUse: {"Retry-After": False},
    RateLimited: {"Retry-After": True, "RateLimit-Limit": True, "RateLimit-Remaining": True, "RateLimit-Reset": True},
    Busy: {"Retry-After": True},
}
"""By refusal, the headers that come with it, and whether they always do."""


def refusals_of(spec: RouteSpec) -> Refusals:
    """A route's problems by status."""
    by_status: Refusals = {}
    for one in sorted({*_derived(spec), *spec.problems}, key=lambda one: one.code):
        by_status.setdefault(one.status, []).append(one)
    return by_status


def _derived(spec: RouteSpec) -> Iterator[Refusal]:
    yield from _EVERYWHERE
    if spec.scope != ANYONE:
        yield from _BY_KEY
    if spec.scope not in (ANYONE, SHOPPER, STAFF, TILL):
        yield from (DistrictNotChosen, SecondFactorRequired)
    if spec.step_up:
        yield StepUpRequired
    if spec.sandbox_only:
        yield SandboxOnly
    if spec.till is not None and spec.till is not needs_none:
        yield TillLocked
    takes_body = spec.body is not None or spec.batch is not None
    if spec.uploads:
        yield from (BadRequest, BodyTooLarge, UnsupportedMediaType)
    if spec.raw:
        yield from (BadRequest, BodyTooLarge)
    if takes_body:
        yield from (BadRequest, MalformedJson, BodyTooLarge, UnsupportedMediaType)
    if takes_body or spec.query is not None:
        yield ValidationFailed
    if "<" in spec.rule or any(_names_ids(one) for one in (spec.body, spec.query) if one is not None):
        yield NotFound
    if spec.method != "GET":
        yield Conflict
    if spec.method == "POST":
        yield from (BadRequest, IdempotencyKeyInUse, IdempotencyKeyReused)


def _names_ids(schema: Schema) -> bool:
    return any(map(_names_an_id, schema.fields.values()))


def _names_an_id(one: fields.Field[Any]) -> bool:
    if isinstance(one, ListOf):
        return _names_an_id(one.inner)
    return isinstance(one, Id) or (isinstance(one, Object) and _names_ids(one.schema))


def name_of(refusals: Iterable[Refusal]) -> str:
    """The name of the component that describes an answer with one of these problems."""
    return "Or".join(camel(one.code) for one in refusals)


def response_of(refusals: list[Refusal]) -> dict[str, Any]:
    """An answer with one of these problems, all of one status."""
    codes = [one.code for one in refusals]
    narrowed: Shape = {"properties": {"code": {"enum": codes}, "status": {"const": refusals[0].status}}}
    examples = {one.code: {"value": example_of_problem(one)} for one in refusals}
    content = {"schema": {"allOf": [_problem_of(refusals), narrowed]}, "examples": examples}
    headers: dict[str, bool] = {"Request-Id": True, "Content-Language": True}
    for one in refusals:
        headers |= {name: always and len(refusals) == 1 for name, always in _headers_of(one).items()}
    return {
        "description": "; ".join(f"`{one.code}`: {one.title}" for one in refusals),
        "headers": {
            name: {"$ref": f"#/components/headers/{header_name(name, always)}"} for name, always in headers.items()
        },
        "content": {"application/problem+json": content},
    }


def _problem_of(refusals: list[Refusal]) -> Shape:
    """A problem that may say more, where one of these does."""
    telling = [one for one in refusals if one.more]
    if not telling:
        return PROBLEM
    more = {name: shape for one in telling for name, shape in one.more.items()}
    title = "Or".join(camel(one.code) for one in telling) + "Problem"
    return {**PROBLEM, "title": title, "properties": {**PROBLEM["properties"], **more}}


def _headers_of(refusal: Refusal) -> dict[str, bool]:
    return next((headers for kind, headers in _HEADERS.items() if issubclass(refusal, kind)), {})


def header_name(name: str, always: bool) -> str:
    """The component of a header that is always there, or only sometimes."""
    return name if always else f"{name}-if-any"


def example_of_problem(refusal: Refusal) -> dict[str, Any]:
    """What a refusal looks like, in English."""
    error = (
        ValidationFailed.at(
            "/amount", "out-of-range", _l("From %(least)s to %(most)s is accepted.", least=0, most=MAX_AMOUNT)
        )
        if refusal is ValidationFailed
        else refusal()
    )
    return error.as_problem("0193f2a1c0de7b5c9a4e2d6f81b3c507", str)
