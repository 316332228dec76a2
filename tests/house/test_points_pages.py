"""docs/points.*.md: every figure that a programme manager reads there is what the product comes to."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.foundation.problems import ValidationFailed
from app.points.earning.conditions import Allowance, Conditions, SaleFacts
from app.points.earning.evaluate import Evaluation, evaluate
from app.points.earning.rule_sets import RuleSet
from app.points.earning.rules import Rule
from app.points.purses.balance import Balance
from app.points.purses.lifetimes import available_at, expires_at
from app.points.purses.lots import Lot, smaller_shares, take_back
from app.points.purses.spending import SpendingTerms, spend_value
from app.points.tiers.rules import Tier, TierState, reached, upheld
from tests.factories.guides import Cells, fen, figures, tables, tables_without_example, yuan

PAGES = ("points.zh.md", "points.en.md")
CHINA = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
BASE = Rule("base", "base", points=1, per_amount=100)


def earned(amount: int, *rules: Rule, room: dict[str, Allowance] | None = None) -> Evaluation:
    facts = SaleFacts(amount, NOW, "mer", "str", allowances=room or {})
    return evaluate(RuleSet(1, None, rules or (BASE,)), facts, CHINA, "floor")


def base(row: Cells) -> Cells:
    return [row[0], str(earned(fen(row[0])).points)]


def multipliers(row: Cells) -> Cells:
    group = "g" if row[2] in ("是", "yes") else None
    factors = [
        Rule(f"m{place}", "m", kind="multiplier", factor=Fraction(one.strip()), exclusive_group=group)
        for place, one in enumerate(row[1].split("+"))
    ]
    return [*row[:3], str(earned(fen(row[0]), BASE, *factors).points)]


def bonus(row: Cells) -> Cells:
    more = Rule("b", "b", kind="bonus", points=int(row[2]), conditions=Conditions(min_amount=fen(row[1])))
    return [*row[:3], str(earned(fen(row[0]), BASE, more).points)]


def caps(row: Cells) -> Cells:
    most, had = int(row[1]), int(row[2])
    capped = Rule("base", "base", points=1, per_amount=100, most_per_day=most)
    more = [] if row[3] in ("无", "none") else [Rule("m", "m", kind="multiplier", factor=Fraction(row[3]))]
    room = {"base": Allowance(most - had, "daily-cap-reached")}
    return [*row[:4], str(earned(fen(row[0]), capped, *more, room=room).points)]


def funding(row: Cells) -> Cells:
    paid = earned(fen(row[0]), Rule("base", "base", points=1, per_amount=100, merchant_percent=int(row[1])))
    return [*row[:2], str(paid.points), *(str(paid.funded.get(one, 0)) for one in ("merchant", "district"))]


def life(row: Cells) -> Cells:
    day = date.fromisoformat(row[0])
    months = re.search(r"(\d+)", row[2])
    if months is None:
        expiry: dict[str, Any] = {"policy": "never"}
    elif re.search("年底|end of year", row[2]):
        expiry = {"policy": "year_end", "grace_months": int(months[1])}
    else:
        expiry = {"policy": "months", "months": int(months[1])}
    start, end = available_at(day, int(row[1]), CHINA), expires_at(day, expiry, CHINA)
    last = (end - timedelta(microseconds=1)).astimezone(CHINA).date().isoformat() if end else row[4]
    assert end is not None or row[4] in ("无", "none")
    return [*row[:3], start.astimezone(CHINA).date().isoformat(), last]


def spending(row: Cells) -> Cells:
    bill, points = fen(row[0]), int(row[1])
    terms = SpendingTerms(Decimal(row[2]), int(row[3]), 0, needs_proof=False)
    try:
        value = spend_value(points, bill, Balance("mem", available=1_000), terms, is_proven=False, now=NOW)
    except ValidationFailed:
        word = "拒绝" if "拒绝" in row else "refused"
        return [*row[:4], word, word, word]
    return [*row[:4], yuan(value), yuan(bill - value), str(earned(bill - value).points)]


def refunds(row: Cells) -> Cells:
    more = Rule("b", "b", kind="bonus", points=50, conditions=Conditions(min_amount=20_000))
    before, after = earned(25_000, BASE, more), earned(25_000 - fen(row[1]), BASE, more)
    new = smaller_shares(dict(before.funded), dict(after.funded))
    back = {funder: before.funded.get(funder, 0) - new[funder] for funder in new}
    lot = Lot("lot", "mem", "mer", "merchant", "txn", before.points, before.points - int(row[0]), NOW, None)
    missing = take_back(back, [lot], NOW).missing
    return [*row[:2], str(sum(back.values())), str(sum(missing.values()))]


def tiers(row: Cells) -> Cells:
    gold = Tier("tir", "Gold", 2, "points_earned", 500, 30, NOW)
    first, today = date(2026, 3, 1), date.fromisoformat(row[0])
    member = TierState((gold,), today, {"tir": reached(gold, first, NOW)}, {gold.window: 0}, first)
    for tier, hold in member.ended():
        member.set_hold("tir", upheld(tier, hold, int(row[1])))
    name, none = ("金卡", "无") if row[2] in ("金卡", "无") else ("Gold", "none")
    return [*row[:2], name, member.holds["tir"].ends_on.isoformat()] if member.tier else [*row[:2], none, ""]


EXAMPLES: dict[str, Callable[[Cells], Cells]] = {
    one.__name__: one for one in (base, multipliers, bonus, caps, funding, life, spending, refunds, tiers)
}


@pytest.mark.parametrize("page", PAGES)
def test_every_figure_is_what_the_product_comes_to(page: str) -> None:
    rows = list(tables(page))
    assert {name for name, _ in rows} == EXAMPLES.keys()
    for name, row in rows:
        assert EXAMPLES[name](row) == row, name


def test_both_languages_tell_the_same_figures() -> None:
    first, second = (figures(page) for page in PAGES)
    assert first == second


@pytest.mark.parametrize("page", PAGES)
def test_figures_stand_in_tables_that_are_checked(page: str) -> None:
    assert tables_without_example(page) == 0
