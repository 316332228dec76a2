"""How merchants are billed, as an alliance says it."""

from __future__ import annotations

from typing import Any

from tests.factories.api import Reply
from tests.factories.districts import District, Shop

BANK = {"holder": "=cmd|' /C calc'!A0 𠮷野", "account_number": "0012345678", "bank": "城东支行", "bank_code": "001"}
"""A name that a spreadsheet would run, a character beyond the first plane, and numbers that begin with 0."""


def path_of(shop: Shop, more: str = "/settlement-account") -> str:
    """The address of something of a merchant's."""
    return f"/v1/merchants/{shop.merchant_id}{more}"


def change_account(district: District, shop: Shop, *, key: str | None = None, **changes: Any) -> Reply:
    """Changes how a merchant is billed."""
    return district.api.patch(path_of(shop), changes, key or district.key)


def account_of(district: District, shop: Shop) -> Any:
    """How a merchant is billed."""
    return district.api.get(path_of(shop), district.key).ok(200)


def deposit(district: District, shop: Shop, amount: int, **more: Any) -> Reply:
    """Books what was received of a deposit, or given back."""
    return district.api.post(path_of(shop, "/deposits"), {"amount": amount, **more}, district.key)


def another_key(district: District) -> str:
    """A second key of the alliance: another person."""
    body = {"name": "财务复核", "scopes": ["*"]}
    return str(district.api.post("/v1/api-keys", body, district.key).ok(201)["secret"])


def leave(district: District, shop: Shop, last_award_on: str, last_accept_on: str) -> Reply:
    """Says until when a merchant that leaves gives points, and takes any."""
    body = {"last_award_on": last_award_on, "last_accept_on": last_accept_on}
    return district.api.post(path_of(shop, "/exit"), body, district.key)
