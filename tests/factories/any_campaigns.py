"""Campaigns that chance makes, as they are asked for: small limits, near ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from app.foundation.clock import format_instant
from tests.factories.any_bills import any_terms, some

RELEASES = ("00:00", "09:30", "10:00", "14:00", "23:59")


def soon(chance: Random, now: datetime, least: float, most: float) -> str:
    """An instant so many hours from now."""
    seconds = int(3600 * chance.uniform(least, most))
    return format_instant((now + timedelta(seconds=seconds)).astimezone(UTC).replace(microsecond=0))


def any_campaign(chance: Random, now: datetime, shops: list[tuple[str, str]]) -> dict[str, Any]:
    """The body of a campaign; shops by merchant and store."""
    terms = any_terms(chance, 3_000, is_picky=chance.random() < 0.5)
    ids = {"mer_a": shops[0][0], "mer_b": shops[1][0], "str_a": shops[0][1], "str_b": shops[1][1]}
    places = {name: [ids[one] for one in terms[name]] for name in ("merchant_ids", "store_ids")}
    district = chance.choice((0, 34, 60, 100))
    body = {
        **terms,
        **places,
        **({name: [] for name in ("item_skus", "item_categories")} if chance.random() < 0.6 else {}),
        "name": "任意",
        "funding": {"district": district, "merchant": 100 - district, "government": 0},
        "usable": {**terms["usable"], "excluded_dates": days(chance, now)},
        "on_refund": chance.choice(("return", "return", "forfeit")),
        "issuing": chance.choice((["claim"], ["claim"], ["claim", "targeted"])),
        "validity": any_validity(chance, now),
    }
    return {**body, **any_limits(chance, now, body)}


def days(chance: Random, now: datetime) -> list[str]:
    near = tuple((now + timedelta(days=number)).date().isoformat() for number in range(-1, 3))
    return some(chance, near, 0.1)


def any_validity(chance: Random, now: datetime) -> dict[str, Any]:
    if chance.random() < 0.4:
        return {"from": soon(chance, now, -24, 2), "to": soon(chance, now, 6, 300)}
    return {"days_after_issue": chance.choice((1, 2, 9, 30)), "wait_days": chance.choice((0, 0, 0, 1))}


def any_limits(chance: Random, now: datetime, body: dict[str, Any]) -> dict[str, Any]:
    """Some of the limits on issuing."""
    limits: dict[str, Any] = {
        "stock": chance.choice((None, None, None, 3, 8)),
        "per_day_stock": chance.choice((None, None, None, None, 2, 5)),
        "per_member_limit": chance.choice((None, None, None, 1, 2)),
        "per_member_per_day": chance.choice((None, None, None, 1)),
        "claim_window": None,
        "budget": None,
        "release_times": [],
    }
    if chance.random() < 0.2:
        limits["claim_window"] = {"from": soon(chance, now, -5, 5), "to": soon(chance, now, 6, 60)}
    if limits["per_day_stock"] and chance.random() < 0.6:
        limits["release_times"] = chance.sample(RELEASES, chance.randint(1, 3))
    largest = body["amount_off"] or body["max_discount"]
    if largest and chance.random() < 0.4:
        limits["budget"] = largest * chance.randint(1, 5) + chance.randint(0, largest - 1)
    return limits
