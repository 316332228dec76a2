"""docs/coupons.*.md: every figure that a campaign's manager reads there is what the product comes to."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest

from app.coupons.bill.best import best
from app.coupons.bill.funding import funded, funded_still
from app.coupons.bill.giving_back import Paid, discount_by_units, discount_in_proportion, paid_back
from app.coupons.bill.lines import Bill, Line, bill_of
from app.coupons.bill.terms import FUNDERS, AmountOff, Exchange, Funder, PercentOff, Presented
from app.coupons.bill.together import reckon
from app.coupons.bill.validity import end_after_return, span_of
from app.coupons.campaigns.schemas import ScreeningBody
from app.coupons.issuing.limits import Limits, left, opened
from app.foundation.clock import end_of_day
from tests.factories.bills import HERE, NOW, SHANGHAI, coupon
from tests.factories.guides import Cells, fen, figures, in_percent, tables, tables_without_example, yuan

PAGES = ("coupons.zh.md", "coupons.en.md")
SPLIT = re.compile(r"\s*[,，]\s*")


def benefit_of(text: str, number: int, group: str | None = None) -> Presented:
    """A coupon as the pages write it: `from 100: 10 off`, `12%`, `A: 20 off`, `A for 1`, and the same in Chinese, where `12%` is
    `8.8 折`."""
    text = in_percent(text)
    numbers = re.findall(r"[\d.]+", text)
    sku = re.match(r"[AG]\b", text)
    skus = frozenset(sku[0] if sku else "")
    if "%" in text:
        return coupon(PercentOff(int(numbers[0])), number, item_skus=skus, stacking_group=group)
    if re.search("for|换购价", text):
        return coupon(Exchange(text[0], fen(numbers[0])), number, stacking_group=group)
    least = fen(numbers[0]) if len(numbers) == 2 else 0
    return coupon(AmountOff(fen(numbers[-1])), number, min_amount=least, item_skus=skus, stacking_group=group)


def benefits_of(text: str, groups: list[str] | None = None) -> list[Presented]:
    parts = text.split("+")
    return [benefit_of(one.strip(), n, groups[n - 1] if groups else None) for n, one in enumerate(parts, 1)]


def lines_of(text: str) -> list[Line]:
    found = re.findall(r"([AG-Z])\s(\d+) × ([\d.]+)|(B)\s(\d+) × ([\d.]+)", text)
    parts = [one[:3] if one[0] else one[3:] for one in found]
    return [Line(int(count) * fen(each), int(count), sku) for sku, count, each in parts]


def paid_with(bill: Bill, coupons: list[Presented], row: Cells) -> Cells:
    """The last two cells: what is taken off and what is left to pay, or the refusal."""
    reckoning = reckon(bill, HERE, coupons)
    if not reckoning.refused:
        return [yuan(reckoning.discount), yuan(reckoning.payable)]
    [against] = reckoning.refused.values()
    assert against.missing is not None
    missing = yuan(against.missing)
    return [f"拒绝，差 {missing}", "拒绝"] if "拒绝" in row else [f"refused, {missing} missing", "refused"]


def bills(row: Cells) -> Cells:
    return [*row[:2], *paid_with(bill_of(fen(row[0])), benefits_of(row[1]), row)]


def items(row: Cells) -> Cells:
    lines = lines_of(row[0])
    return [*row[:2], *paid_with(bill_of(sum(one.amount for one in lines), lines), benefits_of(row[1]), row)]


def best_set(row: Cells) -> Cells:
    groups, bill = SPLIT.split(row[2]), bill_of(fen(row[0]))
    chosen = best(bill, HERE, benefits_of(row[1], groups))
    numbers = [str(int(one.coupon.coupon_id[-2:])) for one in chosen.applied]
    return [*row[:3], ("，" if "，" in row[2] else ", ").join(numbers), yuan(chosen.discount)]


def budgets(row: Cells) -> Cells:
    limits = Limits(None, fen(row[0]), fen(row[1]), None)
    return [*row[:2], str(left(limits, [], NOW.date(), time()).in_all)]


def releases(row: Cells) -> Cells:
    times = tuple(map(time.fromisoformat, re.findall(r"\d\d:\d\d", row[1])))
    limits = Limits(None, None, 0, int(row[0]), times)
    return [*row[:2], *(str(opened(limits, at)) for at in (time(9, 59), time(10), time(16)))]


def last_day(end: datetime) -> str:
    return (end - timedelta(microseconds=1)).astimezone(SHANGHAI).date().isoformat()


def noon(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(12), SHANGHAI)


def life(row: Cells) -> Cells:
    span = span_of({"wait_days": int(row[1]), "days_after_issue": int(row[2])}, noon(row[0]), SHANGHAI)
    return [*row[:3], span.usable_from.astimezone(SHANGHAI).date().isoformat(), last_day(span.expires_at)]


def shares(row: Cells) -> Cells:
    discount, rest = fen(row[0]), fen(row[2])
    funding: dict[Funder, int] = dict(zip(FUNDERS, map(int, row[1].split("/")), strict=True))
    parts = funded(discount, funding)
    if rest < discount:
        parts = funded_still(rest, funding, parts)
    return [*row[:3], *(yuan(parts.get(funder, 0)) for funder in FUNDERS)]


def refunds(row: Cells) -> Cells:
    amount, discount, so_far = fen(row[0]), fen(row[1]), fen(row[3])
    paid = amount - discount
    if row[2] in ("按比例", "in proportion"):
        back = discount_in_proportion(discount, amount, so_far)
        return [*row[:4], yuan(back), yuan(paid * so_far // amount)]
    lines = [Line(10_000, sku="A"), Line(10_000, sku="G")]
    [gift] = reckon(bill_of(amount, lines), HERE, [coupon(Exchange("G", 0))]).applied
    assert gift.discount == discount
    units = {1: 1} if so_far < amount else {0: 1, 1: 1}
    back = discount_by_units(lines, gift.taken, units)
    return [*row[:4], yuan(back), yuan(paid_back(Paid(paid), so_far - back, Paid(0)).money)]


def returned(row: Cells) -> Cells:
    end = end_of_day(date.fromisoformat(row[0]), SHANGHAI)
    return [*row[:3], last_day(end_after_return(end, noon(row[1]), SHANGHAI, is_first=row[2] in ("否", "no")))]


def screening(row: Cells) -> Cells:
    kept = ScreeningBody().load({})
    of_reason = {
        "`same-member`": [kept["per_member_per_day"]],
        "`till-share`": [kept["till_vouchers_per_day"], kept["till_times_median"]],
        "`staff`": [],
        "`at-minimum`": [kept["shop_vouchers"], kept["at_minimum_share"], kept["at_minimum_percent"]],
        "`refunded-soon`": [kept["refunded_within_minutes"]],
    }[row[0]]
    assert re.findall(r"`(\w+)`", row[1]) == (kept["staff_tags"] if row[0] == "`staff`" else [])
    assert list(map(int, re.findall(r"\d+", row[1]))) == of_reason
    return row


EXAMPLES: dict[str, Callable[[Cells], Cells]] = {
    "best": best_set,
    **{one.__name__: one for one in (bills, items, budgets, releases, life, shares, refunds, returned, screening)},
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


def test_amounts_are_written_without_zeros_that_say_nothing() -> None:
    assert [yuan(amount) for amount in (1_000, 880, 1, 0)] == ["10", "8.80", "0.01", "0"]
    assert Decimal(fen("8.80")) == 880
