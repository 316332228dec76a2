"""Every route that the product declares, and inputs for it made from its schemas: new routes come by themselves."""

from __future__ import annotations

import json
import re
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import reduce
from itertools import cycle
from typing import Any

from marshmallow import Schema, ValidationError, fields

from app.coupons.bulk.schemas import CouponCodeText
from app.factory import ROOMS
from app.foundation.clock import format_instant
from app.foundation.http.fields import Day, Flag, Id, Instant, Integer, ListOf, Metadata, Object, OneOf, SomeId, Text
from app.foundation.http.routing import MAX_BODY_BYTES, RouteSpec
from app.foundation.http.times_of_day import Clock
from app.members.schemas import Controller, MemberCodeText, Phone
from app.messaging.schemas import EndpointUrl, EventPattern
from app.payments.stripe.schemas import NameAtStripe
from app.points.schemas import PointValue, RuleBody
from app.settlement.rules import next_boundary
from app.signin.sessions.tokens import new_refresh_token
from app.signin.sms_codes.rules import Challenge
from app.staff.schemas import LoginText
from app.staff.tills.schemas import PinText
from tests.factories.clock import ago, ahead, now
from tests.factories.districts import new_phone
from tests.factories.staff import PASSWORD, new_email

SPECS: tuple[RouteSpec, ...] = tuple(spec for room in ROOMS for spec in room.specs)
PATH_ID = re.compile(r"<(\w+):(\w+)>")
Ids = Mapping[str, str]
"""An id by its prefix."""
FILE = "单号,金额\r\nA1,1\r\n".encode()
"""What is sent where a file is taken."""
Place = tuple[str | int, ...]
"""Where in a body something stands."""
A_BUNDLE = 20
"""So many flaws at once are told for certain: of a hundred, some may have several."""
BUNDLE_BYTES = MAX_BODY_BYTES // 2


def name_of(spec: RouteSpec) -> str:
    """A route as a test names it."""
    return f"{spec.method} {spec.rule}"


def path_of(spec: RouteSpec, ids: Ids) -> str:
    """A route's path with these ids in it, and the query that it can't do without."""
    path = PATH_ID.sub(lambda found: ids[found[1]], spec.rule)
    return path + _NEEDED_QUERY.get(name_of(spec), "").format(**ids)


def prefixes_in(spec: RouteSpec) -> list[str]:
    """The kinds of ids in a route's path."""
    return [prefix for prefix, _ in PATH_ID.findall(spec.rule)]


def schema_of(spec: RouteSpec) -> Schema | None:
    """The schema of a route's body, or of an item of its batch."""
    return spec.batch.schema if spec.batch else spec.body


def body_of(spec: RouteSpec, ids: Ids, *, whole: bool = False) -> Any:
    """A body that a route accepts; `whole` fills what may be left out, too."""
    schema = schema_of(spec)
    if spec.uploads:
        return _FILES.get(name_of(spec), FILE)
    if schema is None:
        return None
    item = {**_object(schema, ids, whole=whole), **_NEEDED.get(name_of(spec), lambda ids: {})(ids)}
    for left_out in _QUARRELS.get(name_of(spec), ()):
        item.pop(left_out, None)
    return {spec.batch.name: [item]} if spec.batch else item


FAR = (now().date() + timedelta(days=300)).isoformat()
"""A day on which no test is any more."""
_FILES = {
    "POST /v1/bank-statements": "日期,金额\r\n20260415,1.00\r\n".encode(),
    "POST /v1/payment-batches/<bat:batch_id>/outcomes": "收款账号,金额,处理结果\r\n1,1.00,成功\r\n".encode(),
}
"""Files that are no tables of sales."""
_NEEDED_QUERY = {
    "GET /v1/members/<mem:member_id>/merge-preview": "?into={into}",
    "POST /v1/imports": "?kind=sales",
    "GET /v1/statements/<stm:statement_id>/export": "?format=json",
}
_NEEDED: dict[str, Callable[[Ids], dict[str, Any]]] = {
    "PATCH /v1/districts/<dis:district_id>": lambda ids: {"brand_color": "#8a1538"},
    "POST /v1/auth/tokens": lambda ids: {"challenge": Challenge(ids["dis"], f"chl_{'0' * 32}").text},
    "POST /v1/auth/refresh": lambda ids: {"refresh_token": new_refresh_token(ids["dis"])},
    "POST /v1/auth/revoke": lambda ids: {"refresh_token": new_refresh_token(ids["dis"])},
    "POST /v1/transactions": lambda ids: {"store_id": ids["str"]},
    "POST /v1/merchants/<mer:merchant_id>/exit": lambda ids: dict.fromkeys(("last_award_on", "last_accept_on"), FAR),
    "POST /v1/transactions/quote": lambda ids: {"store_id": ids["str"]},
    "POST /v1/coupons/validate": lambda ids: {"store_id": ids["str"]},
    "POST /v1/transactions/batch": lambda ids: {"store_id": ids["str"]},
    "POST /v1/transactions/<txn:transaction_id>/claim": lambda ids: {"member_id": ids["mem"]},
    "POST /v1/members/<mem:member_id>/merge": lambda ids: {"into": ids["into"]},
    "POST /v1/rule-sets/<rls:rule_set_id>/replay": lambda ids: {"from": ago(days=30), "to": format_instant(now())},
    "POST /v1/refunds": lambda ids: {"transaction_id": ids["txn"]},
    "POST /v1/corrections": lambda ids: {"merchant_id": ids["mer"]},
    "POST /v1/statements/<stm:statement_id>/dispute": lambda ids: {"lines": [{"amount": 100}], "reason": "missing"},
    "POST /v1/payment-batches": lambda ids: {"direction": "in"},
    "POST /v1/settlement-terms": lambda ids: {
        "effective_from": next_boundary(now().date() + timedelta(days=1), "month").isoformat()
    },
    "POST /v1/test-clock": lambda ids: {"advance_seconds": 60},
    "POST /v1/campaigns": lambda ids: {
        "kind": "amount_off",
        "amount_off": 100,
        "funding": {"merchant": 100},
        "issuing": ["claim", "automatic"],
        "trigger": {"on": "tier_reached", "tier_ids": [ids["tir"]]},
    },
    "POST /v1/campaigns/<cam:campaign_id>/claims": lambda ids: {"member_id": ids["mem"]},
    "POST /v1/campaigns/<cam:campaign_id>/issue": lambda ids: {"member_ids": [ids["mem"]]},
    "PATCH /v1/campaigns/<cam:campaign_id>": lambda ids: {"name": "更多优惠"},
    "POST /v1/coupons/<code:code>/reserve": lambda ids: {"store_id": ids["str"]},
    "POST /v1/coupons/<code:code>/release": lambda ids: {"store_id": ids["str"]},
    "POST /v1/coupons/<code:code>/redeem": lambda ids: {"store_id": ids["str"]},
    "POST /v1/staff/invitations": lambda ids: {"role": "merchant_manager", "merchant_id": ids["mer"]},
    "PATCH /v1/staff/<acc:account_id>": lambda ids: {"role": "merchant_manager", "merchant_id": ids["mer"]},
    "POST /v1/staff/me/district": lambda ids: {"district": ids["slug"]},
    "POST /v1/staff/me/password": lambda ids: {"old_password": PASSWORD},
    "POST /v1/staff/me/step-up": lambda ids: {"password": PASSWORD},
    "POST /v1/refunds/batch": lambda ids: {"transaction_id": ids["txn"]},
    "POST /v1/exports": lambda ids: {"list": "stores", "filter": {"zone": "east"}},
    "POST /v1/tills/<til:till_id>/pairing-code": lambda ids: {"for_tests": False},
}
"""What a schema can't say that it needs."""
_SALE = ("store_code", "phone", "member_code", "presence_token")
_REFUND = ("transaction_reference",)
_OTHER_KINDS = ("percent_off", "max_discount", "sku", "exchange_price", "points_price")
_QUARRELS: dict[str, tuple[str, ...]] = {
    "POST /v1/transactions": _SALE,
    "POST /v1/transactions/quote": _SALE,
    "POST /v1/transactions/batch": _SALE,
    "POST /v1/coupons/validate": (*_SALE, "best"),
    "POST /v1/refunds": _REFUND,
    "POST /v1/refunds/batch": _REFUND,
    "POST /v1/transactions/<txn:transaction_id>/claim": ("member_code",),
    "POST /v1/campaigns/<cam:campaign_id>/claims": ("member_code", "presence_token"),
    "POST /v1/campaigns/<cam:campaign_id>/issue": ("audience",),
    "POST /v1/api-keys": ("store_id",),
    "POST /v1/staff/invitations": ("store_id",),
    "PATCH /v1/staff/<acc:account_id>": ("store_id",),
    "POST /v1/test-clock": ("advance_to", "begin_at"),
    "POST /v1/campaigns": _OTHER_KINDS,
    "PATCH /v1/campaigns/<cam:campaign_id>": (*_OTHER_KINDS, "kind"),
}
"""Fields that don't go together with others of a whole body."""
_RIVALS = {"POST /v1/campaigns/<cam:campaign_id>/issue": {"audience": "member_ids"}}
"""Of such fields those that hold others, each with what it stands in for."""


def places(spec: RouteSpec, ids: Ids) -> Iterator[tuple[Place, fields.Field[Any]]]:
    """Every field of a route's body, and where it stands in a whole one."""
    schema = schema_of(spec)
    if schema is not None:
        head: Place = (spec.batch.name, 0) if spec.batch else ()
        yield from _places(schema, head)


def _places(schema: Schema, head: Place) -> Iterator[tuple[Place, fields.Field[Any]]]:
    for name, one in schema.fields.items():
        place = (*head, one.data_key or name)
        yield place, one
        if isinstance(one, ListOf) and one.most:
            yield (*place, 0), one.inner
            one, place = one.inner, (*place, 0)
        if isinstance(one, Object):
            yield from _places(one.schema, place)


def rival_of(spec: RouteSpec, place: Place) -> str:
    """The field of a whole body that has to be left out where a place is filled; empty for most."""
    return _RIVALS.get(name_of(spec), {}).get(str(place[0]), "")


def with_value(body: Any, place: Place, value: Any) -> Any:
    """A copy of a body with a value at a place; lists and objects on the way are made where there are none."""
    if not place:
        return value
    step, rest = place[0], place[1:]
    if isinstance(step, int):
        return [with_value(body[0] if isinstance(body, list) and body else None, rest, value)]
    inner = body if isinstance(body, dict) else {}
    return {**inner, step: with_value(inner.get(step), rest, value)}


Odd = list[tuple[Place, Any]]
"""Places of a body, each with a value that is odd there."""


def in_bundles(plain: Any, odd: Mapping[Place, tuple[fields.Field[Any], Sequence[Any]]]) -> Iterator[tuple[Odd, Any]]:
    """Bodies with odd values, and which: what fields refuse by themselves goes along with others of the kind.

    A schema says all that it refuses at once, so a call for each would say nothing more.
    """
    holders = {place[:steps] for place in odd for steps in range(len(place))}
    refused: defaultdict[int, Odd] = defaultdict(list)
    for place, (one, values) in odd.items():
        for number, value in enumerate(values):
            if place not in holders and _is_refused(one, value):
                refused[number].append((place, value))
            else:
                yield [(place, value)], with_value(plain, place, value)
    for several in refused.values():
        for bundle in _of_a_size(several):
            yield bundle, reduce(lambda body, one: with_value(body, *one), bundle, plain)


def _is_refused(one: fields.Field[Any], value: Any) -> bool:
    try:
        one.deserialize(value)
    except ValidationError:
        return True
    return False


def _of_a_size(several: Odd) -> Iterator[Odd]:
    bundle, size = Odd(), 0
    for one in several:
        length = len(json.dumps(one[1]))
        if bundle and (len(bundle) == A_BUNDLE or size + length > BUNDLE_BYTES):
            yield bundle
            bundle, size = [], 0
        bundle.append(one)
        size += length
    yield bundle


def pointer_of(place: Place) -> str:
    """A place as a JSON pointer."""
    return "".join(f"/{step}" for step in place)


def sample(one: fields.Field[Any], ids: Ids, *, whole: bool = False) -> Any:
    """A value that a field accepts."""
    if isinstance(one, Object):
        return _object(one.schema, ids, whole=whole)
    if isinstance(one, ListOf):
        return [sample(one.inner, ids, whole=whole) for _ in range(min(one.most, max(one.least, int(whole))))]
    for kind, make in _SAMPLES:
        if isinstance(one, kind):
            return make(one, ids)
    raise AssertionError(f"tests/factories/specs.py doesn't know what a {type(one).__name__} accepts: tell it")


_TIMES = (f"{minute // 60:02}:{minute % 60:02}" for minute in cycle(range(1440)))
"""One after another: no two that belong together are the same."""
_SAMPLES: tuple[tuple[type, Callable[[Any, Ids], Any]], ...] = (
    (Phone, lambda one, ids: new_phone()),
    (Controller, lambda one, ids: ids["mer"]),
    (CouponCodeText, lambda one, ids: ids["code"]),
    (LoginText, lambda one, ids: new_email()),
    (MemberCodeText, lambda one, ids: "88"),
    (NameAtStripe, lambda one, ids: one.example),
    (EndpointUrl, lambda one, ids: f"https://{secrets.token_hex(8)}.example.com/hook"),
    (EventPattern, lambda one, ids: "points.earned"),
    (PinText, lambda one, ids: "2580"),
    (Clock, lambda one, ids: next(_TIMES)),
    (PointValue, lambda one, ids: "1"),
    (Id, lambda one, ids: ids[one.prefix]),
    (SomeId, lambda one, ids: ids["mem"]),
    (OneOf, lambda one, ids: one.choices[-1]),
    (Integer, lambda one, ids: max(one.least, min(one.most, 100))),
    (Flag, lambda one, ids: True),
    (Instant, lambda one, ids: format_instant(now() + timedelta(minutes=5))),
    (Day, lambda one, ids: "2001-02-03"),
    (Metadata, lambda one, ids: {"till": "7"}),
    (Text, lambda one, ids: secrets.token_hex(20)[: min(one.most, 30)]),
)


def _object(schema: Schema, ids: Ids, *, whole: bool) -> dict[str, Any]:
    quirks: dict[str, dict[str, Any]] = {
        "Expiry": {"policy": "never"},
        "Funding": {"merchant": 100, "district": 0},
        "CampaignFunding": {"merchant": 100},
        "Validity": {"days_after_issue": 30},
        "ClaimWindow": {"from": ago(hours=1), "to": ahead(days=1)},
        "Trigger": {"on": "tier_reached", "tier_ids": [ids["tir"]]} if "tir" in ids else {"on": "joined"},
    }
    known = quirks.get(type(schema).__name__)
    if known is not None:
        return known
    special = {"currency": "CNY", "time_zone": "Asia/Shanghai", "max_amount": 10_000, "from": ago(hours=1)}
    special["rank"] = 2 + secrets.randbelow(999)
    made = {
        one.data_key or name: special.get(name) or sample(one, ids, whole=whole)
        for name, one in schema.fields.items()
        if one.required or whole
    }
    if not isinstance(schema, RuleBody):
        return made
    of_other_kinds = ("factor", "exclusive_group")
    base = {**made, "kind": "base", "points": 1, "per_amount": 100}
    return {name: value for name, value in base.items() if name not in of_other_kinds}
