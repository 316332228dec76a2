"""What looks odd of a voucher, at and around each threshold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.coupons.campaigns.schemas import ScreeningBody
from app.coupons.vouchers.screening import (
    ShopCount,
    Thresholds,
    Use,
    VoucherCounts,
    is_at_minimum,
    is_refunded_soon,
    reasons_against,
    thresholds_of,
)

LIMITS = Thresholds()
TILL, SHOP, MEMBER = "key_1", "str_1", "mem_1"
USE = Use(TILL, SHOP, MEMBER)
AT = datetime(2026, 1, 1, 4, tzinfo=UTC)


def counted(
    member: int = 1, tills: tuple[int, ...] = (1,), shop: tuple[int, int] = (1, 0), till: str = TILL
) -> VoucherCounts:
    """VoucherCounts: of the member today, of the tills today (the first is the one that redeems), of the shop."""
    counts = VoucherCounts()
    counts.by_member[MEMBER] = member
    counts.by_till.update({till if n == 0 else f"other_{n}": count for n, count in enumerate(tills)})
    counts.by_shop[SHOP] = ShopCount(*shop)
    return counts


def test_what_a_campaign_keeps_without_more_are_the_defaults() -> None:
    assert thresholds_of(ScreeningBody().load({})) == LIMITS


@pytest.mark.parametrize(
    ("use", "counts", "reasons"),
    [
        (USE, counted(), []),
        (USE, counted(member=3), []),
        (USE, counted(member=4), ["same-member"]),
        (USE._replace(member_id=None), counted(member=4), []),
        (USE, counted(tills=(19, 1, 1)), []),
        (USE, counted(tills=(20, 1, 1)), ["till-share"]),
        (USE, counted(tills=(20, 4, 4)), []),
        (USE, counted(tills=(21, 4, 4)), ["till-share"]),
        (USE, counted(tills=(25, 3, 7, 2)), []),
        (USE, counted(tills=(26, 3, 7, 2)), ["till-share"]),
        (USE, counted(tills=(1_000,)), []),
        (USE, counted(tills=(1_000, 1)), []),
        (USE._replace(tags=frozenset({"staff", "vip"})), counted(), ["staff"]),
        (USE._replace(tags=frozenset({"vip"})), counted(), []),
        (USE._replace(is_outside_hours=True), counted(), ["outside-hours"]),
        (USE._replace(is_outside_hours=False), counted(), []),
        (USE._replace(is_at_minimum=True), counted(shop=(19, 19)), []),
        (USE._replace(is_at_minimum=True), counted(shop=(20, 10)), []),
        (USE._replace(is_at_minimum=True), counted(shop=(20, 11)), ["at-minimum"]),
        (USE, counted(shop=(20, 20)), []),
        (
            Use(TILL, SHOP, MEMBER, frozenset({"staff"}), is_at_minimum=True, is_outside_hours=True),
            counted(4, (20, 1, 1), (20, 20)),
            ["same-member", "till-share", "staff", "outside-hours", "at-minimum"],
        ),
    ],
)
def test_reasons_begin_at_their_thresholds(use: Use, counts: VoucherCounts, reasons: list[str]) -> None:
    assert reasons_against(use, counts, LIMITS) == reasons


def test_a_campaign_has_thresholds_of_its_own() -> None:
    limits = Thresholds(per_member_per_day=1, staff_tags=frozenset({"员工"}))
    use = USE._replace(tags=frozenset({"员工"}))
    assert reasons_against(use, counted(member=2), limits) == ["same-member", "staff"]
    assert reasons_against(use._replace(tags=frozenset({"staff"})), counted(), limits) == []


def test_those_of_one_set_count_one_by_one() -> None:
    counts, found = VoucherCounts(), []
    for _ in range(5):
        counts.add(USE)
        found.append(reasons_against(USE, counts, LIMITS))
    assert found == [[], [], [], ["same-member"], ["same-member"]]
    assert counts.by_till == {TILL: 5}
    assert counts.by_shop == {SHOP: ShopCount(5, 0)}


@pytest.mark.parametrize(
    ("amount", "least", "at_minimum"),
    [
        (9_999, 10_000, False),
        (10_000, 10_000, True),
        (10_100, 10_000, True),
        (10_101, 10_000, False),
        (99, 99, True),
        (100, 99, False),
        (0, 0, False),
        (5, 0, False),
    ],
)
def test_just_at_the_minimum_is_up_to_one_percent_above(amount: int, least: int, *, at_minimum: bool) -> None:
    assert is_at_minimum(amount, least, LIMITS) is at_minimum


@pytest.mark.parametrize(("seconds", "soon"), [(0, True), (3_600, True), (3_601, False)])
def test_soon_is_up_to_an_hour(seconds: int, *, soon: bool) -> None:
    assert is_refunded_soon(AT, AT + timedelta(seconds=seconds), LIMITS) is soon
