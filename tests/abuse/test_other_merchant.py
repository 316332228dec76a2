"""What names something of another merchant (a reference, a payment, a store's code…) says no more than what names nothing.

Ids are tried in `tests/house/test_routes.py`; here are the names that people and programs give.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from app.foundation.http.fields import Text
from tests.factories.api import Reply
from tests.factories.codes import phone_of, resolve
from tests.factories.districts import District, new_phone, next_number
from tests.factories.receipts import secret_of
from tests.factories.specs import name_of, places
from tests.factories.worlds import specs

WORDS = frozenset(
    [
        "answer",
        "at",
        "category",
        "channel",
        "closes_at",
        "currency",
        "description",
        "events",
        "file_name",
        "ignore",
        "kind",
        "name",
        "number",
        "payment_method",
        "pin",
        "purpose",
        "reason",
        "search",
        "sheet",
        "sku",
        "source",
        "stacking_group",
        "tag",
        "tags",
        "text",
        "time_zone",
        "type",
        "url",
        "version",
        "zone",
    ]
)
"""Texts that say something and lead to nothing."""
IDS = {
    prefix: f"{prefix}_{'0' * 32}"
    for prefix in ["dis", "mer", "str", "key", "mem", "txn", "rls", "into", "rfd", "tir", "rpl", "whe", "whd"]
}
OWN_VALUES = re.compile(
    r"(mem|txn|rfd|con)_[0-9a-f]{32}|\d{4}-\d\d-\d\dT[\d:.]+Z|[0-9a-f]{32}|\d{10}|\*{4}\d{4}|[RF]\d{8}|/claim/\w+"
)
"""What differs between any two answers: ids, instants, references, secrets of receipts."""

Probe = Callable[[District, str], Reply]
"""Calls with the first shop's key, naming something."""


def sell(district: District, **sale: Any) -> Reply:
    """A sale by the first shop's own key."""
    return district.report(key=district.shop.key, **sale)


def refund(district: District, **more: Any) -> Reply:
    """A refund by the first shop's own key."""
    body = {"reference": f"F{next_number():08d}", "amount": 100, **more}
    return district.api.post("/v1/refunds", body, district.shop.key)


def quote(district: District, **sale: Any) -> Reply:
    """A quote by the first shop's own key."""
    return district.api.post("/v1/transactions/quote", district.sale(**sale), district.shop.key)


def batch(district: District, **sale: Any) -> Reply:
    """A batch of one sale by the first shop's own key."""
    return district.api.post("/v1/transactions/batch", {"transactions": [district.sale(**sale)]}, district.shop.key)


def search(district: District, path: str) -> Reply:
    """A list by the first shop's own key."""
    return district.api.get(path, district.shop.key)


def enrol(district: District, **member: Any) -> Reply:
    """An enrolment by the first shop's own key."""
    return district.api.post("/v1/members", {"phone": new_phone(), **member}, district.shop.key)


PROBES: dict[str, tuple[str, Probe]] = {
    "a sale's reference": ("reference", lambda shop, name: sell(shop, reference=name)),
    "a sale's reference in a batch": ("reference", lambda shop, name: batch(shop, reference=name)),
    "a sale's reference in a quote": ("reference", lambda shop, name: quote(shop, reference=name)),
    "a sale's reference in a list": (
        "reference",
        lambda shop, name: search(shop, f"/v1/transactions?reference={name}"),
    ),
    "a sale's reference in a refund": ("reference", lambda shop, name: refund(shop, transaction_reference=name)),
    "a refund's reference": ("refund", lambda shop, name: refund(shop, transaction_reference="own", reference=name)),
    "a refund's reference in a list": ("refund", lambda shop, name: search(shop, f"/v1/refunds?reference={name}")),
    "a payment": ("payment_reference", lambda shop, name: sell(shop, payment_reference=name)),
    "a payment of another amount": (
        "payment_reference",
        lambda shop, name: sell(shop, payment_reference=name, amount=1),
    ),
    "a payment in a batch": ("payment_reference", lambda shop, name: batch(shop, payment_reference=name)),
    "a payment in a quote": ("payment_reference", lambda shop, name: quote(shop, payment_reference=name)),
    "a store's code": ("store_code", lambda shop, name: sell(shop, store_code=name)),
    "a store's code in a batch": ("store_code", lambda shop, name: batch(shop, store_code=name)),
    "a store's code in a quote": ("store_code", lambda shop, name: quote(shop, store_code=name)),
    "a receipt's secret": (
        "secret",
        lambda shop, name: shop.api.post("/v1/receipts/resolve", {"secret": name}, shop.shop.key),
    ),
    "a member's number in a list": ("number", lambda shop, name: search(shop, f"/v1/members?number={name}")),
    "a phone in a list": ("phone", lambda shop, name: search(shop, f"/v1/members?phone={name}")),
    "a presence token": ("presence_token", lambda shop, name: sell(shop, presence_token=name)),
    "a presence token in a quote": ("presence_token", lambda shop, name: quote(shop, presence_token=name)),
}
"""What a shop may name: the field, and a call that names it."""
TOLD = {
    "phone": "Whether a phone is a member's shows where a sale or an enrolment names it, and is counted per key and day.",
    "value": "An identity that is taken is refused, whoever's it is: who holds it is not told.",
    "code": "A member code is the member's own proof, at any shop.",
    "member_code": "The same.",
    "controller": "Ids, tried with the others.",
}
"""What names something and tells a little, on purpose."""


@pytest.fixture
def others(district: District, context: None) -> dict[str, str]:
    """What the second shop has, by the field that names it."""
    other, member_phone = district.other_shop, new_phone()
    at = {"store_id": other.store_id}
    member = district.member(member_phone, key=other.key, store_id=other.store_id, name="王芳")
    sale = {**at, "payment_reference": "4200001", "metadata": {"cashier": "li"}}
    district.report(key=other.key, reference="B-1", member_id=member, **sale).ok(201)
    district.api.post(
        "/v1/refunds", {"transaction_reference": "B-1", "reference": "B-F1", "amount": 100}, other.key
    ).ok(201)
    sell(district, reference="own").ok(201)
    return {
        "reference": "B-1",
        "refund": "B-F1",
        "payment_reference": "4200001",
        "store_code": other.store_code,
        "phone": member_phone,
        "number": district.api.get(f"/v1/members/{member}", district.key).ok()["number"],
        "secret": secret_of(district.report(key=other.key, **at).ok(201)),
        "presence_token": resolve(district, phone_of(district, member).code(), other.key, **at).ok(200)[
            "presence_token"
        ],
    }


def said(reply: Reply) -> str:
    """All that an answer tells, without what differs between any two."""
    return f"{reply.status} " + OWN_VALUES.sub("…", str(reply.body))


@pytest.mark.parametrize("what", PROBES)
def test_what_is_another_shop_s_says_no_more_than_what_is_nobody_s(
    what: str, district: District, others: dict[str, str]
) -> None:
    """Naming another shop's thing answers as naming nothing does."""
    field, probe = PROBES[what]
    fresh = {"phone": new_phone(), "presence_token": "pt_" + "1" * 98, "secret": "2" * 26}.get(
        field, f"X{next_number():08d}"
    )
    nothing, something = said(probe(district, fresh)), said(probe(district, others[field]))
    assert something.replace(others[field], "…") == nothing.replace(fresh, "…")


def test_every_name_that_a_shop_may_give_is_tried() -> None:
    """A field that comes is tried here, tells a little on purpose, or leads to nothing."""
    found = set()
    for spec in specs(operator=False, alliance_only=False):
        fields = {str(place[-1]): one for place, one in places(spec, IDS) if isinstance(place[-1], str)}
        fields |= dict(spec.query.fields) if spec.query else {}
        found |= {(name, name_of(spec)) for name, one in fields.items() if isinstance(one, Text)}
    tried = {field for field, _ in PROBES.values()} | {"transaction_reference"}
    assert not [one for one in found if one[0] not in WORDS | tried | TOLD.keys()]
