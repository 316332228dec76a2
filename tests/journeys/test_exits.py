"""Merchants that leave: until when they give and take points, their final statement, and who bears what is left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask

from app.settlement.accounts.checks import CHECKS
from app.settlement.accounts.exits import settle
from tests.factories.books import broken
from tests.factories.clock import SetClock
from tests.factories.districts import District, Shop, new_shop
from tests.factories.problems import check_problem
from tests.factories.refunds import give_back
from tests.factories.settlement import close, month, nets, publish_terms, statements
from tests.factories.settlement_accounts import account_of, deposit, leave, path_of


@pytest.fixture(autouse=True)
def _balanced(timed: District, timed_app: Flask, clock: SetClock) -> Iterator[None]:
    clock.set(month(1))
    with timed_app.app_context():
        yield
        assert broken(timed.id) == {}


def sell(district: District, shop: Shop, amount: int, **more: Any) -> Any:
    return district.report(store_id=shop.store_id, amount=amount, **more).ok(201)


def day(number: int, of_month: int = 10) -> str:
    return month(number, of_month).date().isoformat()


def stage(district: District, shop: Shop) -> Any:
    return district.api.get(path_of(shop, "/exit"), district.key).ok(200)["stage"]


def final_of(district: District, number: int, shop: Shop) -> Any:
    [found] = [one for one in statements(district, number) if one["party"]["id"] == shop.merchant_id]
    return found


def test_a_shop_leaves_and_its_deposit_is_set_off(timed: District, clock: SetClock) -> None:
    """No awards after one day, nothing accepted after another, then refunds; 230 of 500 set off; later items are the district's."""
    district, shop, member = timed, new_shop(timed.api, timed.key, "C303"), timed.member()
    publish_terms(district, exit_days=10, least_payment=1_000, dispute_days=5).ok(201)
    deposit(district, shop, 500).ok(201)
    sale = sell(district, shop, 25_000, member_id=member)
    leave(district, shop, day(1, 12), day(1, 15)).ok(201)
    leave(district, shop, day(1, 11), day(1, 14)).ok(201)
    assert stage(district, shop) == "announced"
    clock.set(month(1, 12))
    assert (stage(district, shop), sell(district, shop, 9_900, member_id=member)["points_earned"]) == ("accepting", 0)
    sell(district, shop, 100, member_id=member, points_to_spend=50)
    clock.set(month(1, 15))
    refused = district.report(store_id=shop.store_id, amount=100, member_id=member, points_to_spend=50)
    assert (refused.status, refused.pointers) == (422, {"/points_to_spend"})
    sell(district, shop, 100, member_id=member)
    sell(district, district.shop, 100, member_id=member, points_to_spend=50)
    assert stage(district, shop) == "refunding"
    give_back(district, sale["id"], 2_500)
    clock.set(month(1, 25))
    assert stage(district, shop) == "closing"

    clock.set(month(2, 1))
    close(district, 1)
    final = final_of(district, 1, shop)
    assert (final["closing"], final["is_final"], final["payable"], stage(district, shop)) == (
        -180,
        True,
        180,
        "settling",
    )
    check_problem(leave(district, shop, day(2), day(2)), 409, "merchant-has-left")
    write_off = path_of(shop, "/exit/write-off")
    check_problem(district.api.post(write_off, {}, district.key), 409, "exit-not-settled")
    assert settle(district.id) == 0
    clock.set(month(2, 7))
    assert [settle(district.id), settle(district.id)] == [1, 0]
    assert (stage(district, shop), account_of(district, shop)["deposit"]) == ("ended", 320)
    assert deposit(district, shop, 320, kind="returned").ok(201)["deposit"] == 0

    give_back(district, sale["id"], 1_000)
    clock.set(month(3, 1))
    close(district, 2)
    own = final_of(district, 2, shop)
    assert (own["opening"], own["payments"], own["closing"], own["is_final"]) == (-180, 180, 10, False)
    assert [settle(district.id), settle(district.id)] == [1, 0]
    clock.set(month(4, 1))
    close(district, 3)
    assert nets(district, 3)[shop.merchant_id] == -10
    assert nets(district, 3)[district.id] == 10
    assert shop.merchant_id not in nets(district, 3, "closing")
    assert settle(district.id) == 0


DAMAGE = {
    "UPDATE merchant_exits SET written_off = written_off + 1 WHERE {of}": "what was written off was booked at the district's cost",
    "UPDATE statements SET is_final = false WHERE {of} AND is_final": "each merchant that has left has had its final statement, "
    "and nobody else",
}


def check_that_damage_is_found(district: District, superuser: psycopg.Connection) -> None:
    values = {"district": district.id[-32:]}
    for damage, wanted in DAMAGE.items():
        with superuser.transaction(force_rollback=True):
            superuser.execute(damage.format(of="district_id = %(district)s").encode(), values)
            assert {one.name for one in CHECKS if superuser.execute(one.broken.encode(), values).fetchall()} == {wanted}


def test_what_a_shop_can_t_pay_is_the_district_s(
    timed: District, clock: SetClock, superuser: psycopg.Connection
) -> None:
    """C +230, district -230: never shared by other shops, once, and only when its deposit is used up."""
    district, shop = timed, new_shop(timed.api, timed.key, "C303")
    publish_terms(district, exit_days=0, dispute_days=0).ok(201)
    sell(district, shop, 23_000, member_id=district.member())
    leave(district, shop, day(1), day(1)).ok(201)
    clock.set(month(2, 1))
    close(district, 1)
    clock.set(month(2, 3))
    assert settle(district.id) == 0
    address = path_of(shop, "/exit/write-off")
    first, again = (district.api.post(address, {}, district.key).ok(200) for _ in range(2))
    assert (first["written_off"], first["stage"], again) == (230, "ended", first)
    clock.set(month(3, 1))
    close(district, 2)
    assert nets(district, 2) == {shop.merchant_id: 230, district.id: -230}
    assert nets(district, 2, "closing") == {district.id: -230}
    assert settle(district.id) == 0
    check_that_damage_is_found(district, superuser)


def test_days_of_an_exit_are_to_come_and_in_order(timed: District) -> None:
    """And there is none of a merchant that doesn't leave."""
    check_problem(timed.api.get(path_of(timed.shop, "/exit"), timed.key), 404, "not-found")
    check_problem(timed.api.post(path_of(timed.shop, "/exit/write-off"), {}, timed.key), 404, "not-found")
    assert leave(timed, timed.shop, day(1, 9), day(1)).pointers == {"/last_award_on"}
    assert leave(timed, timed.shop, day(1, 12), day(1, 11)).pointers == {"/last_accept_on"}
    assert leave(timed, timed.shop, day(1, 12), "9999-12-31").pointers == {"/last_accept_on"}
    check_problem(timed.api.get(path_of(timed.shop, "/exit"), timed.key), 404, "not-found")
