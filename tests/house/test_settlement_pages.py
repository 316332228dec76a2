"""docs/settlement.*.md: every figure that who settles reads there is what the product comes to."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from app.payments.bank_file.profiles import PROFILES
from app.settlement.rules import Clearing, MovedSum, Party, Prices, PriceTerms, Side, amount_of, payable
from tests.factories.guides import Cells, figures, tables, tables_without_example

PAGES = ("settlement.zh.md", "settlement.en.md")
DISTRICT = f"dis_{'d' * 32}"
FUNDER, ACCEPTOR = (Party("merchant", f"mer_{letter * 32}") for letter in "ab")
MEMBER, OWED, ISSUED = Side("member", ""), Side("owed", ""), Side("issued", FUNDER.id)
REDEEMED, ADJUSTMENT = Side("redeemed", ACCEPTOR.id), Side("adjustment", DISTRICT)
MOVED = [
    (("a sale earns", "消费得分"), "earn", ISSUED, MEMBER),
    (("spent at another shop", "在另一家店使用"), "spend", MEMBER, REDEEMED),
    (("the sale is refunded, the points are there", "消费退款，积分还在"), "reverse", MEMBER, ISSUED),
    (("the sale is refunded, the member owes them", "消费退款，会员欠分"), "owe", OWED, ISSUED),
    (("a new sale's points pay that debt", "新得的积分还欠"), "pay-owed", MEMBER, OWED),
    (("spent points come back", "用掉的积分退回"), "restore", REDEEMED, MEMBER),
    (("ended unused", "到期未用"), "expire", MEMBER, Side("breakage", DISTRICT)),
    (("given by hand", "人工补分"), "adjust", ADJUSTMENT, MEMBER),
    (("taken by hand", "人工扣分"), "adjust", MEMBER, ADJUSTMENT),
]


def movements(row: Cells) -> Cells:
    [sides] = [sides for words, *sides in MOVED if row[0] in words]
    terms = PriceTerms(1, Prices(Decimal(row[2]), Decimal(row[3])), int(row[4].rstrip("%")))
    moved = MovedSum(
        *sides,  # type: ignore[arg-type]
        int(row[1]),
        lot_funder="merchant",
        lot_issuer_id=FUNDER.id,
        lot_version=1,
        cause_version=1,
        issuer_id=FUNDER.id,
    )
    nets = dict.fromkeys((FUNDER, ACCEPTOR, Party("district", DISTRICT)), 0)
    for effect in Clearing(DISTRICT, [terms]).effects(moved):
        nets[effect.party] += amount_of(effect.points, effect.line.price)
    return [*row[:5], *map(str, nets.values()), str(-sum(nets.values()))]


def rounding(row: Cells) -> Cells:
    return [*row[:2], str(amount_of(int(row[0]), Decimal(row[1])))]


def to_pay(row: Cells) -> Cells:
    return [*row[:3], str(payable(*map(int, row[:3])))]


def layouts(row: Cells) -> Cells:
    profile = PROFILES[row[0].strip("`")]
    assert row[2].startswith(profile.suffix.upper())
    columns = ("、" if "、" in row[1] else ", ").join(name for name, _ in profile.columns)
    return [row[0], columns, row[2], str(profile.most_rows)]


EXAMPLES: dict[str, Callable[[Cells], Cells]] = {
    "movements": movements,
    "rounding": rounding,
    "payable": to_pay,
    "layouts": layouts,
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
