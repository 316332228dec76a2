"""The one decorator that makes a function a route: who may call, what it takes, in which transaction it runs.

A view is `view(uow, call, **path)` and gives an `Answer`. Around it, in this order: the key, the scope, the body, the
unit of work, the idempotency key. A view of an `own_transaction` route is `view(call, **path)` and opens its own.

Beside the scopes of keys there are five: `operator`, `shopper` (a member's token and nothing else), `staff` (whoever is
signed in as staff, in its own matters), `till` (a till's token and nothing else), and `anyone`.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar, cast

from flask import Blueprint, Flask, Response, g, request
from marshmallow import Schema
from werkzeug.routing import BaseConverter, Map

from app.foundation.database import idempotency
from app.foundation.database.idempotency import StoredAnswer
from app.foundation.database.once import Once, ToStore, do_once
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http import auditing, turns, uploads
from app.foundation.http.answers import Answer, Replay, respond, respond_with_download, respond_with_picture
from app.foundation.http.batches import BatchOf, Item, canonical
from app.foundation.http.bodies import check_media_type, read_body
from app.foundation.http.contract.shapes import Shape
from app.foundation.http.fields import Nothing
from app.foundation.http.framing import body_is_read
from app.foundation.http.limits import rate_limit, strangers
from app.foundation.http.validation import load, parse_json
from app.foundation.i18n import language_headers
from app.foundation.i18n import words as _l
from app.foundation.ids import ID_PREFIXES
from app.foundation.jobs import queue
from app.foundation.metrics import BATCH_ITEMS
from app.foundation.problems import (
    BadRequest,
    DistrictNotChosen,
    DomainError,
    Forbidden,
    NotFound,
    SandboxOnly,
    SecondFactorRequired,
    StepUpRequired,
    Unauthorized,
)
from app.foundation.runtime import runtime
from app.foundation.tenancy import Origin, Principal, at_home

MAX_BODY_BYTES = 1 << 20
MAX_BATCH_BYTES = 8 << 20
T = TypeVar("T")
MOST_OF_A_CODE = 64
OPERATOR, SHOPPER, STAFF, TILL, ANYONE = "operator", "shopper", "staff", "till", "anyone"
"""Scopes that no key is given."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose caller is known and whose input is checked: `body` and `items` as their schemas load them, or a file.

    `raw` and `headers`: of a route that takes its body as it is.
    """

    principal: Principal
    body: Any = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    query: dict[str, Any] = field(default_factory=dict)
    idempotency_key: str | None = None
    origin: Origin | None = None
    beside: Any = None
    upload: uploads.Upload | None = None
    raw: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Beside = Callable[[Call], AbstractContextManager[Any]]
NeedsShift = Callable[[Call], bool]
"""Whether a till must be open for a call."""


def needs_shift(_: Call) -> bool:
    """What only a cashier may do at a till."""
    return True


def needs_none(_: Call) -> bool:
    """What a till may do while it is locked."""
    return False


@dataclass(frozen=True, slots=True)
class RouteSpec:
    """What a route promises, for the checks here, the house tests and the contract's document.

    `answers`: by status of success, the shape of the body. `problems`: what it may refuse with besides what follows from
    its other promises (see `refusals.py`). `name`, `summary` and `description` come from the view.
    `batch` stands for a body of many items, which come as `call.items`; `quick` may say yes to a body before the
    schema is asked; `uploads`: the body is a file, and what is said of it stands in the query or beside it in a form; `replay` makes a stored answer again, for `replay_seconds` if that is less than a day.
    `raw`: the body is taken as it is, whatever it says of itself: for what is signed in its bytes.
    `audit`: the action that the audit log keeps once the view has returned, such as `merchant.created`; of a GET, but for
    members, who read themselves.
    `shopper`: a member's token may call it too; a `member_id` in the path must then be its own.
    `till`: a till's token may call it too, for its store; and whether a cashier's shift must be open for that.
    `installation`: the operator, as a person, may call it too, for those who run the installation.
    `step_up`: staff must have given its password within the last minutes.
    `sandbox_only`: live districts haven't got it.
    `pipelined`: its unit of work sends statements without waiting for each answer, and has no ORM session.
    `visitor`: for whom a call of `anyone` acts, and in which district, told from the body and what the path names.
    `ahead` does something in units of work of its own before that of the view, and may answer in its place: a call with
    others that come at the same moment. Where it gives None, the view answers.
    `beside`: a context that its unit of work runs in, and that holds no database connection: for what waits for others,
    such as counting tries. What it gives is `call.beside`.
    """

    method: str
    rule: str
    scope: str
    answers: Mapping[int, Shape] = field(default_factory=dict)
    problems: tuple[type[DomainError], ...] = ()
    body: Schema | None = None
    batch: BatchOf | None = None
    uploads: bool = False
    raw: bool = False
    query: Schema | None = None
    alliance_only: bool = False
    sandbox_only: bool = False
    installation: bool = False
    step_up: bool = False
    own_transaction: bool = False
    pipelined: bool = False
    replay: Replay | None = None
    replay_seconds: int | None = None
    audit: str | None = None
    shopper: bool = False
    till: NeedsShift | None = None
    visitor: Callable[[dict[str, Any]], Principal] | None = None
    quick: Callable[[Any], Any] | None = None
    ahead: Callable[..., Answer | None] | None = None
    beside: Beside | None = None
    name: str = ""
    summary: str = ""
    description: str = ""


class Routes(Blueprint):
    """A blueprint whose routes are declared by `serve`."""

    def __init__(self, name: str, import_name: str, *, url_prefix: str) -> None:
        super().__init__(name, import_name, url_prefix=url_prefix)
        self.specs: list[RouteSpec] = []

    def serve(
        self, method: str, rule: str, *, scope: str, **options: Any
    ) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
        """Declares a route; see RouteSpec for the options."""

        def decorate(view: Callable[..., Answer]) -> Callable[..., Answer]:
            summary, _, more = inspect.cleandoc(view.__doc__ or "").partition("\n")
            if method == "POST" and not options.keys() & {"batch", "uploads", "raw"}:
                options.setdefault("body", Nothing())
            words: dict[str, Any] = {"name": view.__name__, "summary": summary.rstrip("."), "description": more.strip()}
            spec = RouteSpec(method, f"{self.url_prefix}{rule}", scope, **words, **options)
            self.specs.append(spec)
            self.add_url_rule(rule, view.__name__, _handler(spec, view), methods=[method])
            return view

        return decorate


class _IdConverter(BaseConverter):
    part_isolating = True

    def __init__(self, url_map: Map, prefix: str) -> None:
        super().__init__(url_map)
        self.regex = f"{prefix}_[0-9a-f]{{32}}"


class _CodeConverter(BaseConverter):
    """A code as it was scanned or typed."""

    part_isolating = True
    regex = f"[^/]{{1,{MOST_OF_A_CODE}}}"


class _SlugConverter(BaseConverter):
    """The name of a district in addresses."""

    part_isolating = True
    regex = "[0-9a-z-]{1,40}"


def register_converters(app: Flask) -> None:
    """Lets rules say `<mem:member_id>`: a path with an id of another shape leads nowhere, and none is redirected.

    `<code:code>` takes any text, `<slug:slug>` what a slug may be.
    """
    app.url_map.merge_slashes = False
    app.url_map.converters |= {"code": _CodeConverter, "slug": _SlugConverter}
    for prefix in ID_PREFIXES:
        converter = type(f"{prefix.title()}Id", (_IdConverter,), {"__init__": _converter_init(prefix)})
        app.url_map.converters[prefix] = converter


def _converter_init(prefix: str) -> Callable[[BaseConverter, Map], None]:
    return lambda self, url_map: _IdConverter.__init__(self, url_map, prefix)  # type: ignore[arg-type]


def _handler(spec: RouteSpec, view: Callable[..., Answer]) -> Callable[..., Response]:
    def handle(**path: str) -> Response:
        principal, limits = (None, {}) if spec.visitor else _caller(spec, path)
        data = _body(spec)
        with turns.in_turn(principal.district_id) if spec.batch and principal else nullcontext():
            return _handled(spec, view, principal, limits, data, path)

    return handle


def _handled(
    spec: RouteSpec,
    view: Callable[..., Answer],
    principal: Principal | None,
    limits: Mapping[str, str],
    data: bytes,
    path: dict[str, str],
) -> Response:
    """What a call with a body that has come is answered."""
    upload, beside = uploads.take_apart(data) if spec.uploads else (None, {})
    body = parse_json(data) if data and upload is None and not spec.raw else {}
    checked, items, query, key = _checked(spec, body), _items(spec, body), _query(spec, beside), _idempotency_key(spec)
    call = Call(
        spec.visitor({**checked, **path}) if spec.visitor else cast(Principal, principal),
        checked,
        items,
        query,
        key,
        auditing.origin_of_request(),
        upload=upload,
        raw=data if spec.raw else b"",
        headers=dict(request.headers) if spec.raw else {},
    )
    if call.principal.kind == "till" and spec.till is not None and spec.till(call):
        call = replace(call, principal=runtime().at_open_till(call.principal))
    if spec.beside is None:
        answer = _answered(spec, view, call, path)
    else:
        with spec.beside(call) as beside:
            answer = _answered(spec, view, replace(call, beside=beside), path)
    if answer.refusal is not None:
        raise answer.refusal
    if answer.jobs:
        queue.put_jobs(answer.jobs)
    headers = {**limits, **(language_headers() if spec.batch else {}), **answer.headers}
    if answer.picture is not None:
        return respond_with_picture(answer.picture, headers)
    if answer.download is not None:
        return respond_with_download(answer.download, headers)
    return respond(answer.body, answer.status, headers)


def _caller(spec: RouteSpec, path: Mapping[str, str]) -> tuple[Principal, dict[str, str]]:
    """Who calls, and the headers of its limit. Raises Unauthorized, RateLimited, Forbidden, NotFound."""
    principal = authenticate()
    g.principal = principal
    limits = rate_limit.check(principal)
    if principal.kind == "member":
        _authorize_member(principal, spec, path)
    elif principal.kind == "till":
        _authorize_till(principal, spec)
    elif principal.is_person:
        principal = _authorize_person(principal, spec)
    else:
        _authorize(principal, spec)
    return principal, limits


def authenticate() -> Principal:
    """The caller by its bearer key or token. Raises Unauthorized, RateLimited."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise Unauthorized(_l("Send the API key as `Authorization: Bearer …`."), headers={"WWW-Authenticate": "Bearer"})
    secret = secret.strip()
    strangers.check(secret)
    try:
        principal = runtime().authenticate(secret)
    except Unauthorized:
        strangers.turned_away(secret)
        raise
    strangers.came_in(secret)
    return principal


def _authorize_member(principal: Principal, spec: RouteSpec, path: Mapping[str, str]) -> None:
    """Another member is to a member like one that doesn't exist."""
    if not (spec.shopper or spec.scope == SHOPPER):
        raise Forbidden(_l("A shopper's token may not do that."))
    if path.get("member_id", principal.id) != principal.id:
        raise NotFound


def _authorize_till(principal: Principal, spec: RouteSpec) -> None:
    if spec.till is None or not (spec.scope == TILL or principal.may(spec.scope)):
        raise Forbidden(_l("A till may not do that."))


def _authorize_person(principal: Principal, spec: RouteSpec) -> Principal:
    """In its own matters a person acts where accounts are kept, in others as its role says."""
    if spec.scope == STAFF:
        if spec.step_up and not runtime().has_stepped_up(principal):
            raise StepUpRequired
        return at_home(principal)
    if principal.wants:
        raise DistrictNotChosen if principal.wants == "district" else SecondFactorRequired
    if not (spec.installation and principal.may(spec.scope)):
        _authorize(principal, spec)
    if spec.step_up and not runtime().has_stepped_up(principal):
        raise StepUpRequired
    return principal


def _authorize(principal: Principal, spec: RouteSpec) -> None:
    if (spec.scope == OPERATOR) != (principal.kind == "operator"):
        operators = _l("The operator's key creates districts, and only that.")
        raise Forbidden(operators if principal.kind == "operator" else None)
    if spec.scope == SHOPPER:
        raise Forbidden(_l("Only a shopper who is signed in may do that."))
    if spec.scope == TILL:
        raise Forbidden(_l("Only a till may do that."))
    if spec.scope == STAFF:
        raise Forbidden(_l("Only staff who is signed in may do that."))
    if spec.scope != OPERATOR and not principal.may(spec.scope):
        if principal.kind == "staff":
            raise Forbidden(_l("Your role lacks the scope %(scope)s.", scope=spec.scope))
        raise Forbidden(_l("This key lacks the scope %(scope)s.", scope=spec.scope))
    if spec.alliance_only and not principal.is_alliance:
        raise Forbidden(_l("Only a key of the whole district may do that."))


def _body(spec: RouteSpec) -> bytes:
    """What comes as JSON, as a file or as it is; nothing where no body is expected."""
    if spec.body is None and spec.batch is None and not spec.uploads and not spec.raw:
        return b""
    if spec.uploads:
        uploads.check_upload_type()
    elif not spec.raw:
        check_media_type()
    data = read_body(MAX_BATCH_BYTES if spec.batch or spec.uploads else MAX_BODY_BYTES)
    body_is_read()
    return data


def _checked(spec: RouteSpec, body: Any) -> Any:
    if spec.body is None:
        return {}
    return (spec.quick(body) if spec.quick else None) or load(spec.body, body)


def _items(spec: RouteSpec, body: Any) -> list[Item]:
    if spec.batch is None:
        return []
    items = spec.batch.items(body)
    BATCH_ITEMS.labels(spec.rule).observe(len(items))
    return items


def _query(spec: RouteSpec, beside: Mapping[str, str]) -> dict[str, Any]:
    checked: dict[str, Any] = load(spec.query, {**request.args.to_dict(), **beside}) if spec.query else {}
    return checked


def _idempotency_key(spec: RouteSpec) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if spec.method != "POST" or key is None:
        return None
    if not 1 <= len(key) <= idempotency.MAX_KEY_LENGTH or not (key.isascii() and key.isprintable()):
        raise BadRequest(_l("An Idempotency-Key has 1 to 255 visible characters of ASCII."))
    return key


def _answered(spec: RouteSpec, view: Callable[..., Answer], call: Call, path: dict[str, str]) -> Answer:
    answer = spec.ahead(call, **path) if spec.ahead is not None else None
    if answer is not None:
        return answer
    if spec.own_transaction:
        return view(call, **path)
    return do_once(
        call.principal,
        lambda uow: _done(uow, spec, view, call, path),
        _once(spec, call),
        origin=call.origin,
        pipelined=spec.pipelined,
    )


def _done(uow: UnitOfWork, spec: RouteSpec, view: Callable[..., Answer], call: Call, path: dict[str, str]) -> Answer:
    if spec.sandbox_only and not uow.is_sandbox:
        raise SandboxOnly(_l("This district is live: its time and its messages are everybody's."))
    answer = view(uow, call, **path)
    is_own_read = spec.method == "GET" and call.principal.kind == "member"
    if spec.audit is not None and answer.refusal is None and answer.audited is not None and not is_own_read:
        auditing.keep_entry(uow, spec.audit, spec.body, call.body, path, answer.body.get("id"), answer.audited)
    return answer


def _once(spec: RouteSpec, call: Call) -> Once[Answer] | None:
    """The idempotency key of a call, if it has one; a refusal leaves nothing under it."""

    def to_store(answer: Answer) -> ToStore | None:
        if answer.refusal is not None:
            return None
        return answer.status, answer.body if answer.stored is None else answer.stored

    def again(uow: UnitOfWork, stored: StoredAnswer) -> Answer:
        body = spec.replay(uow, stored.answer) if spec.replay else stored.answer
        return Answer(body, stored.status, headers={"Idempotent-Replayed": "true"})

    keep = None if spec.replay_seconds is None else timedelta(seconds=spec.replay_seconds)
    return once_of(call, to_store, again, keep)


def once_of(
    call: Call,
    to_store: Callable[[T], ToStore | None],
    again: Callable[[UnitOfWork, StoredAnswer], T],
    keep: timedelta | None = None,
) -> Once[T] | None:
    """What a call's idempotency key promises; None where it has none."""
    if call.idempotency_key is None:
        return None
    return Once(call.idempotency_key, fingerprint_of(request.method, call), to_store, again, keep)


def fingerprint_of(method: str, call: Call) -> bytes:
    """What tells this request from another under the same idempotency key."""
    said = call.body if call.upload is None else call.upload.as_compared(call.query)
    said = hashlib.sha256(call.raw).hexdigest() if call.raw else said
    return idempotency.fingerprint(method, request.path, canonical(call.items) or said)
