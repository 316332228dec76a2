"""What movements are worth, to whom: figures of the design, and what holds for any."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.settlement.rules import (
    Clearing,
    LineKey,
    MovedSum,
    Party,
    PartyEffect,
    Prices,
    PriceTerms,
    Side,
    amount_of,
    direct_payments,
    drawable,
    is_boundary,
    next_boundary,
    payable,
    public_of,
)

DISTRICT = f"dis_{'d' * 32}"
A, B, C = (Party("merchant", f"mer_{letter * 32}") for letter in "abc")
D, PUBLIC = Party("district", DISTRICT), public_of(DISTRICT)
ONE, NINE = Decimal("1.0"), Decimal("0.9")
FIRST, SECOND = PriceTerms(1, Prices(ONE, NINE), 50), PriceTerms(2, Prices(Decimal("1.2"), ONE), 50)
MEMBER, OWED = Side("member", "mem"), Side("owed", "mem")
BREAKAGE, ADJUSTMENT = Side("breakage", DISTRICT), Side("adjustment", DISTRICT)


def issued(party: Party) -> Side:
    return Side("issued", party.id)


def redeemed(party: Party) -> Side:
    return Side("redeemed", party.id)


def of_lot(issuer: Party | None, funder: str = "merchant", version: int = 1) -> dict[str, object]:
    return {"lot_funder": funder, "lot_issuer_id": issuer and issuer.id, "lot_version": version}


def moved(code: str, debit: Side, credit: Side, points: int, cause: int = 1, **more: object) -> MovedSum:
    return MovedSum(code, debit, credit, points, cause_version=cause, **more)  # type: ignore[arg-type]


def earn(issuer: Party, points: int, cause: int = 1, funder: Party | None = None) -> MovedSum:
    funder = funder or issuer
    lot = of_lot(issuer, funder.kind, cause)
    return moved("earn", issued(funder), MEMBER, points, cause, issuer_id=issuer.id, **lot)


def back(code: str, issuer: Party, points: int, cause: int = 1, **lot: object) -> MovedSum:
    debit = OWED if code == "owe" else MEMBER
    return moved(code, debit, issued(issuer), points, cause, issuer_id=issuer.id, **lot)


def spend(issuer: Party, acceptor: Party, points: int, cause: int = 1) -> MovedSum:
    return moved("spend", MEMBER, redeemed(acceptor), points, cause, **of_lot(issuer))


def nets(movements: list[MovedSum], *terms: PriceTerms) -> dict[Party, int]:
    """Each party's lines, each rounded once; and `pool`, what they lack to 0."""
    clearing, sums = Clearing(DISTRICT, terms or (FIRST, SECOND)), dict[tuple[Party, LineKey], int]()
    for one in movements:
        for effect in clearing.effects(one):
            key = effect.party, effect.line
            sums[key] = sums.get(key, 0) + effect.points
    told: dict[Party, int] = {}
    for (party, line), points in sums.items():
        told[party] = told.get(party, 0) + amount_of(points, line.price)
    return told


def coupon(code: str, merchant: Party, parts: dict[Party, int]) -> list[MovedSum]:
    sides = []
    for payer, amount in parts.items():
        kind, owner = ("public_funding", DISTRICT) if payer == PUBLIC else ("coupon_funding", payer.id)
        pair = Side(kind, owner), Side("coupon_redeemed", merchant.id)
        sides.append((pair if code == "coupon" else pair[::-1], amount))
    return [MovedSum(code, *pair, amount, campaign_id="cam") for pair, amount in sides]


WORKED = [
    ([earn(A, 500), earn(C, 200), spend(A, B, 300), spend(C, A, 100)], {A: -410, B: 270, C: -200}),
    ([back("reverse", A, 50), back("owe", A, 60)], {A: 110, D: -60}),
    ([moved("restore", redeemed(B), MEMBER, 40, **of_lot(A))], {B: -36}),
    ([moved("expire", MEMBER, BREAKAGE, 100, **of_lot(C))], {C: 50}),
    ([earn(C, 80), moved("pay-owed", MEMBER, OWED, 60, **of_lot(C))], {C: -80, D: 60}),
    ([moved("adjust", ADJUSTMENT, MEMBER, 25, **of_lot(None, "district"))], {D: -25}),
    (coupon("coupon", B, {D: 600}), {B: 600, D: -600}),
    (coupon("coupon", A, {D: 341, C: 330, PUBLIC: 330}), {A: 1001, D: -341, C: -330, PUBLIC: -330}),
    (coupon("coupon-back", A, {D: 170, C: 165, PUBLIC: 165}), {A: -500, D: 170, C: 165, PUBLIC: 165}),
    ([back("reverse", A, 190), back("owe", A, 10)], {A: 200, D: -10}),
    ([earn(A, 33, 2), earn(A, 67, 2, D)], {A: -40, D: -80}),
]


@pytest.mark.parametrize(("movements", "wanted"), WORKED)
def test_the_worked_rows(movements: list[MovedSum], wanted: dict[Party, int]) -> None:
    assert nets(movements) == wanted


FINE = PriceTerms(1, Prices(Decimal("1.05"), Decimal("0.95")), 50)
THIRDS = PriceTerms(1, Prices(Decimal("1.5"), ONE))
COST = PriceTerms(1, Prices(ONE, NINE), own_points="cost")
CASES = [
    ([earn(A, 333), spend(A, B, 333)], FINE, {A: -350, B: 316}),
    ([earn(A, 10)], FINE, {A: -11}),
    ([back("reverse", A, 10)], FINE, {A: 11}),
    ([earn(A, 1)] * 3, THIRDS, {A: -5}),
    ([back("take", A, 70, **of_lot(C)), back("owe", A, 30)], FIRST, {A: 100, D: -30}),
    ([earn(A, 100), moved("expire", MEMBER, BREAKAGE, 100, **of_lot(A))], FIRST, {A: -50}),
    ([earn(A, 500), spend(A, A, 100)], FIRST, {A: -410}),
    ([earn(A, 500), spend(A, A, 100)], COST, {A: -400}),
    ([moved("merge", MEMBER, Side("transit", DISTRICT), 9, **of_lot(A))], FIRST, {}),
    ([moved("erase", ADJUSTMENT, OWED, 9), moved("owe", OWED, ADJUSTMENT, 9)], FIRST, {}),
    ([moved("adjust", MEMBER, ADJUSTMENT, 20, **of_lot(C))], FIRST, {D: 20}),
]


@pytest.mark.parametrize(("movements", "terms", "wanted"), CASES)
def test_the_cases(movements: list[MovedSum], terms: PriceTerms, wanted: dict[Party, int]) -> None:
    assert nets(movements, terms) == wanted


def test_a_refund_gives_back_what_was_charged() -> None:
    """Also after the prices have changed, and where one merchant has its own."""
    own = PriceTerms(2, SECOND.prices, 50, overrides={A.id: Prices(Decimal("1.1"), Decimal("0.7"))})
    assert nets([back("reverse", A, 100, 1)], FIRST, own) == {A: 100}
    assert nets([back("reverse", A, 100, 2)], FIRST, own) == {A: 110}
    assert nets([earn(A, 100, 2), earn(A, 100, 2, D), earn(B, 100, 2)], FIRST, own) == {A: -110, D: -110, B: -120}
    assert nets([spend(C, A, 100, 2), spend(C, B, 100, 2)], FIRST, own) == {A: 70, B: 100}


PRICES = st.decimals(Decimal("0.0001"), Decimal("99"), places=4)
POINTS = st.integers(1, 10**9)


@given(POINTS, PRICES)
def test_a_line_and_its_opposite_cancel(points: int, price: Decimal) -> None:
    assert amount_of(points, price) + amount_of(-points, price) == 0
    assert abs(Fraction(amount_of(points, price)) - points * Fraction(price)) <= Fraction(1, 2)


@given(st.lists(st.sampled_from([one for row, _ in WORKED for one in row]), max_size=30), PRICES, PRICES)
def test_what_parties_get_is_what_the_pool_gives(movements: list[MovedSum], one: Decimal, other: Decimal) -> None:
    """Booked against exact: at most half a minor unit a line; and coupons never touch the pool."""
    prices = Prices(max(one, other), min(one, other))
    terms, effects = (PriceTerms(1, prices, 50), PriceTerms(2, prices, 50)), list[PartyEffect]()
    for moving in movements:
        effects += Clearing(DISTRICT, terms).effects(moving)
    lines = {(effect.party, effect.line) for effect in effects}
    exact = sum(effect.points * Fraction(effect.line.price) for effect in effects if effect.line.price is not None)
    assert sum(effect.points for effect in effects if effect.line.price is None) == 0
    assert abs(sum(nets(movements, *terms).values()) - exact) <= Fraction(len(lines), 2)


@pytest.mark.parametrize(
    ("closing", "held", "is_final", "wanted"),
    [(1_111, 0, False, 1_111), (-560, 80, False, 480), (37, 0, False, 0), (44, 0, True, 44), (-99, 0, False, 0)],
)
def test_what_is_to_be_paid(closing: int, held: int, is_final: bool, wanted: int) -> None:
    assert payable(closing, held, 100, is_final=is_final) == wanted


def test_direct_payments_of_the_worked_closing() -> None:
    paid = direct_payments({A: -410, B: 270, C: -200}, D)
    assert set(paid) == {(A, D, 340), (A, B, 70), (C, B, 200)}


@given(st.dictionaries(st.sampled_from([A, B, C, PUBLIC]), st.integers(-(10**6), 10**6)))
def test_direct_payments_settle_everything_with_few(closings: dict[Party, int]) -> None:
    paid = direct_payments(closings, D)
    left = dict(closings)
    for one in paid:
        left[one.payer] = left.get(one.payer, 0) + one.amount
        left[one.payee] = left.get(one.payee, 0) - one.amount
    assert all(left[party] == 0 for party in closings)
    assert len(paid) <= len(closings)
    assert all(one.amount > 0 for one in paid)


@pytest.mark.parametrize(
    ("day", "period", "after"),
    [
        ("2026-01-31", "month", "2026-02-01"),
        ("2026-12-01", "month", "2027-01-01"),
        ("2028-02-29", "month", "2028-03-01"),
        ("2026-03-02", "week", "2026-03-09"),
        ("2026-03-08", "week", "2026-03-09"),
    ],
)
def test_where_periods_begin(day: str, period: str, after: str) -> None:
    assert next_boundary(date.fromisoformat(day), period) == date.fromisoformat(after)
    assert is_boundary(date.fromisoformat(after), period)
    assert not is_boundary(date.fromisoformat("2026-03-03"), period)


@pytest.mark.parametrize(
    ("outstanding", "pool", "booked", "wanted"),
    [
        ("300", "340", 340, 40),
        ("235", "321", 321, 86),
        ("165", "251", 251, 86),
        ("33.3", "34", 33, 0),
        ("50", "40", 40, 0),
    ],
)
def test_what_exceeds_the_reserve_may_be_drawn(outstanding: str, pool: str, booked: int, wanted: int) -> None:
    assert drawable(Decimal(outstanding), Decimal(pool), booked) == wanted
