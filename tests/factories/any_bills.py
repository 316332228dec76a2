"""Bills and coupons that chance makes, as the API takes them; small, so that they get in each other's way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.factories.reckoning.bills import Bill, Line, Ticket

ZONE = ZoneInfo("Asia/Shanghai")
DAY = datetime(2026, 1, 1, tzinfo=UTC)
SKUS = ("A", "B", "C")
CATEGORIES = ("tea", "food")
WINDOWS = (
    {"from": "08:00", "to": "12:00"},
    {"from": "11:00", "to": "18:00"},
    {"from": "22:00", "to": "02:00"},
    {"from": "18:00", "to": "01:00"},
)
NO_LIMITS: dict[str, Any] = {
    "amount_off": None,
    "percent_off": None,
    "max_discount": None,
    "sku": None,
    "exchange_price": None,
    "sponsor_merchant_id": None,
}


NO_TERMS: dict[str, Any] = {
    **NO_LIMITS,
    **{name: [] for name in ("merchant_ids", "store_ids", "categories", "channels")},
    **{name: [] for name in ("item_skus", "item_categories", "excluded_skus")},
    "min_amount": 0,
    "usable": {"weekdays": [], "time_windows": [], "excluded_dates": []},
    "stacking_group": None,
    "exclusive": False,
    "with_points": True,
    "earns_points": True,
    "funding": {"district": 100, "merchant": 0, "government": 0},
}


def some(chance: Random, of: tuple[Any, ...], share: float) -> list[Any]:
    """Mostly none; else a few."""
    return chance.sample(of, chance.randint(1, min(2, len(of)))) if chance.random() < share else []


def any_benefit(chance: Random, size: int) -> dict[str, Any]:
    """What a campaign gives, about as large as a bill."""
    most = chance.choice((None, None, chance.randint(1, max(1, size // 2))))
    kind = chance.choice(("amount_off", "percent_off", "exchange"))
    if kind == "amount_off":
        return {"kind": kind, "amount_off": chance.randint(1, max(1, size))}
    if kind == "percent_off":
        return {"kind": kind, "percent_off": chance.choice((1, 12, 33, 50, 60, 80, 99)), "max_discount": most}
    price = chance.choice((0, 0, 1, size // 10, size // 4))
    return {"kind": kind, "sku": chance.choice(SKUS), "exchange_price": price, "max_discount": most}


def any_funding(chance: Random) -> dict[str, int]:
    district = chance.choice((0, 5, 34, 50, 60, 100))
    merchant = chance.randint(0, 100 - district)
    return {"district": district, "merchant": merchant, "government": 100 - district - merchant}


def any_terms(chance: Random, size: int, *, is_picky: bool = True) -> dict[str, Any]:
    """A campaign's terms; a picky one looks at hours, shops, channels and points as well."""
    picky = 0.15 if is_picky else 0.0
    return {
        **NO_TERMS,
        **any_benefit(chance, size),
        "min_amount": chance.choice((0, 0, 0, size // 3, size)),
        "merchant_ids": some(chance, ("mer_a", "mer_b"), picky),
        "store_ids": some(chance, ("str_a", "str_b"), picky / 2),
        "categories": some(chance, ("catering", "retail"), picky / 2),
        "channels": some(chance, ("till", "app"), picky),
        "item_skus": some(chance, SKUS, 0.3),
        "item_categories": some(chance, CATEGORIES, 0.2),
        "excluded_skus": some(chance, SKUS, 0.2),
        "usable": {
            "weekdays": some(chance, (1, 3, 4, 5), picky),
            "time_windows": some(chance, WINDOWS, 2 * picky),
            "excluded_dates": some(chance, ("2025-12-31", "2026-01-01", "2026-01-02"), picky),
        },
        "stacking_group": chance.choice((None, None, None, "default", "b")),
        "exclusive": chance.random() < 0.08,
        "with_points": chance.random() < 0.8,
        "earns_points": chance.random() < 0.9,
        "funding": any_funding(chance),
    }


def any_line(chance: Random, size: int) -> Line:
    amount = chance.choice((0, chance.randint(0, size), chance.randint(0, size)))
    sku, category = chance.choice((None, *SKUS, *SKUS)), chance.choice((None, *CATEGORIES))
    return Line(sku, category, chance.choice((1, 1, 2, 3, 7)), amount)


def any_bill(chance: Random, size: int) -> Bill:
    """A bill with up to six items, and perhaps something above them."""
    items = tuple(any_line(chance, size) for _ in range(chance.choice((0, 1, 2, 3, 6))))
    rest = chance.choice((0, 0, 1, chance.randint(0, size)))
    at = DAY + timedelta(minutes=chance.randint(0, 2 * 24 * 60))
    return Bill(
        sum(line.amount for line in items) + rest,
        items,
        at.astimezone(ZONE),
        chance.choice(("mer_a", "mer_a", "mer_b")),
        chance.choice(("str_a", "str_b")),
        chance.choice((None, "catering", "retail")),
        chance.choice((None, "till", "app")),
        chance.choice((0, 0, 100)),
    )


def any_tickets(chance: Random, size: int, most: int, *, is_picky: bool = True) -> list[Ticket]:
    """Some coupons, of campaigns that may have several of them."""
    campaigns = [any_terms(chance, size, is_picky=is_picky) for _ in range(chance.randint(1, most))]
    tickets = []
    for number in range(chance.randint(0, most)):
        campaign = chance.randrange(len(campaigns))
        ends = DAY + timedelta(days=30, hours=chance.randint(0, 3))
        tickets.append(Ticket(f"cam_{campaign}", f"cpn_{number:02}", campaigns[campaign], ends))
    chance.shuffle(tickets)
    return tickets
