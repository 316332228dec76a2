"""Coupons redeemed before their sale was known: on the very bill for which they were redeemed they stand as answered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from app.coupons.bill.terms import Presented
from app.coupons.bill.together import Granted
from app.coupons.redeeming.queries import OpenRedemption, RedeemedApart

Items = Sequence[Mapping[str, Any]]


def kept(item: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of an item: its name may be anything, and nothing needs it."""
    return {name: item[name] for name in ("sku", "category", "quantity", "amount")}


def print_of(store_id: str, amount: int, channel: str | None, items: Items) -> bytes:
    """16 bytes of everything in a bill but its reference: they stay where its items are forgotten."""
    values = [store_id, amount, channel, *map(kept, items)]
    return hashlib.blake2b(orjson.dumps(values, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def granted(
    before: Iterable[tuple[OpenRedemption | RedeemedApart, Presented]], amount: int, items: Items
) -> list[Granted]:
    """What coupons redeemed before take off a bill: each of its old lines, if that is the bill of them all."""
    several = list(before)
    if all(print_of(one.store_id, amount, one.channel, items) == one.body_print for one, _ in several):
        return [Granted(coupon, one.discount, {line[0]: line[1] for line in one.taken}) for one, coupon in several]
    return [Granted(coupon, one.discount) for one, coupon in several]
