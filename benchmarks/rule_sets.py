"""A district's rules as they grow over the years: thirty, with caps and budgets, of which a sale meets some ten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Rule = dict[str, Any]
DAILY = {"per_member_per_day": 5_000}
BUDGET = {"budget": 5_000_000_000}
HOURS = (("07:00", "11:00"), ("11:00", "14:00"), ("14:00", "17:00"), ("17:00", "22:00"), ("22:00", "07:00"))


def one_rule() -> list[Rule]:
    """What a new district starts with."""
    return [{"key": "plain", "kind": "base", "name": "1 per yuan", "points": 1, "per_amount": 100}]


def thirty_rules(merchant_ids: Sequence[str]) -> list[Rule]:
    """Two base rules, eighteen multipliers and ten bonuses."""
    return [
        {"key": "base", "kind": "base", "name": "1 per yuan", "points": 1, "per_amount": 100, "caps": DAILY},
        {
            "key": "tea",
            "kind": "base",
            "name": "Tea",
            "points": 2,
            "per_amount": 100,
            "priority": 1,
            "conditions": {"categories": ["tea"]},
        },
        *(_multiplier(f"shop{n}", "1.5", DAILY, merchant_ids=[one]) for n, one in enumerate(merchant_ids[:8])),
        *(
            _multiplier(f"hours{n}", "1.2", DAILY | BUDGET, time_windows=[{"from": start, "to": end}])
            for n, (start, end) in enumerate(HOURS)
        ),
        _multiplier("weekend", "2.0", BUDGET, "days", weekdays=[6, 7]),
        _multiplier("week", "1.1", BUDGET, "days", weekdays=[1, 2, 3, 4, 5]),
        _multiplier("staff", "1.5", DAILY, tags=["staff"]),
        _multiplier("wechat", "1.05", {"per_transaction": 100}, payment_methods=["wechat"]),
        _multiplier("app", "1.3", DAILY, channels=["app"]),
        *(_bonus(f"over{n * 50}", n * 10, BUDGET | DAILY, min_amount=n * 5_000) for n in range(1, 6)),
        _bonus("welcome", 100, {"per_member_total": 100}, min_amount=100, first_in_district=True),
        _bonus("newshop", 20, {"per_member_total": 200}, min_amount=100, first_at_merchant=True),
        _bonus("birthday", 200, {"per_member_per_day": 200}, min_amount=100, birthday="day"),
        _bonus("alipay", 5, BUDGET, min_amount=100, payment_methods=["alipay"]),
        _bonus("golden", 50, BUDGET, min_amount=100, date_from="2020-10-01", date_to="2020-10-07"),
    ]


def _multiplier(key: str, factor: str, caps: dict[str, int], group: str | None = None, **conditions: Any) -> Rule:
    rule: Rule = {"key": key, "kind": "multiplier", "name": key, "factor": factor, "caps": caps}
    return {**rule, "conditions": conditions, **({"exclusive_group": group} if group else {})}


def _bonus(key: str, points: int, caps: dict[str, int], **conditions: Any) -> Rule:
    return {"key": key, "kind": "bonus", "name": key, "points": points, "caps": caps, "conditions": conditions}
