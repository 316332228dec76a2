"""Statements become payments: each party is asked once for all it owes, and paid out of what has come in, never more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.payments import sending
from app.payments.port import PaymentOutcome
from app.settlement.paying.services import make_in_district
from tests.factories.books import broken
from tests.factories.clock import SetClock
from tests.factories.districts import District, Shop, new_shop
from tests.factories.payments import FakeProvider, act, payment, payments, receive, slip
from tests.factories.points import adjust
from tests.factories.settlement import close, month, nets, publish_terms


@pytest.fixture
def street(timed: District, timed_app: Flask, clock: SetClock) -> Iterator[District]:
    """Points are worth a fen to all; a statement can be disputed for 10 days, and is paid within 15."""
    clock.set(month(1))
    publish_terms(timed, redemption_price="1").ok(201)
    with timed_app.app_context():
        yield timed
        assert broken(timed.id) == {}


def owe(district: District, shop: Shop, points: int) -> None:
    """Lets a shop issue points."""
    district.report(store_id=shop.store_id, member_id=district.member(), amount=points * 100).ok(201)


def earn(district: District, shop: Shop, points: int) -> None:
    """Lets a shop accept points that the district has given."""
    member = district.member()
    adjust(district, member, points)
    sale = {"amount": points, "points_to_spend": points, "eligible_amount": 0}
    district.report(store_id=shop.store_id, member_id=member, **sale).ok(201)


def told(district: District, **query: str) -> dict[str, tuple[str, int, str]]:
    return {one["party"]["id"]: (one["direction"], one["amount"], one["state"]) for one in payments(district, **query)}


def of(district: District, party: str) -> Any:
    return [one for one in payments(district) if one["party"]["id"] == party][-1]


def test_cash_1106_of_1675_due_is_shared_and_the_rest_is_carried(street: District, clock: SetClock) -> None:
    a, b, c = street.shop, street.other_shop, new_shop(street.api, street.key, "C303")
    earn(street, a, 1_111)
    earn(street, b, 564)
    owe(street, c, 560)
    clock.set(month(2, 1))
    close(street, 1)
    clock.set(month(2, 11))
    assert make_in_district(street.id) == 0, "it can be disputed until the end of the day"
    clock.set(month(2, 12))
    assert make_in_district(street.id) == 2
    assert told(street) == {c.merchant_id: ("in", 560, "draft"), street.id: ("in", 1_675, "draft")}
    assert make_in_district(street.id) == 0
    act(street, of(street, street.id)["id"], "confirm", slip(966, at=clock())).ok(200)
    receive(street, slip(140, at=clock())).ok(201)
    assert make_in_district(street.id) == 0, "there is time to top up until the day of payment"
    clock.set(month(2, 16))
    assert make_in_district(street.id) == 2
    out = told(street, direction="out")
    assert out == {a.merchant_id: ("out", 734, "draft"), b.merchant_id: ("out", 372, "draft")}
    for shop, amount in ((a, 734), (b, 372)):
        act(street, of(street, shop.merchant_id)["id"], "confirm", slip(amount, at=clock())).ok(200)
    clock.set(month(3, 1))
    close(street, 2)
    assert nets(street, 2, "closing") == {
        a.merchant_id: 377,
        b.merchant_id: 192,
        c.merchant_id: -560,
        street.id: -1_675 + 966 + 140,
    }
    clock.set(month(3, 12))
    make_in_district(street.id)
    asked = [(one["amount"], one["state"]) for one in payments(street, merchant_id=c.merchant_id)]
    assert asked == [(560, "cancelled"), (560, "draft")], "once for all it owes"


def test_a_balance_that_turns_while_money_is_under_way_waits_for_it(
    street: District, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C's charge runs, and meanwhile it is owed: only once the charge has come to something is it known what is due."""
    fake = FakeProvider([PaymentOutcome("accepted", "pi_1")])
    monkeypatch.setitem(sending.PROVIDERS, "stripe", lambda uow: fake)
    shop, path = street.shop, f"/v1/merchants/{street.shop.merchant_id}/settlement-account"
    street.api.patch(path, {"provider": "stripe"}, street.key).ok(200)
    owe(street, shop, 200)
    clock.set(month(2, 1))
    close(street, 1)
    clock.set(month(2, 12))
    make_in_district(street.id)
    sending.send_due(street.id)
    charge = of(street, shop.merchant_id)
    assert (charge["state"], charge["amount"], charge["provider"]) == ("sent", 200, "stripe")
    earn(street, shop, 500)
    receive(street, slip(2_000, at=clock())).ok(201)
    clock.set(month(3, 1))
    close(street, 2)
    assert nets(street, 2, "closing")[shop.merchant_id] == 300
    clock.set(month(3, 12))
    make_in_district(street.id)
    assert len(payments(street, merchant_id=shop.merchant_id)) == 1
    fake.done[f"{charge['id']}:1"] = PaymentOutcome("succeeded", "pi_1")
    sending.send_due(street.id)
    assert payment(street, charge["id"])["state"] == "succeeded"
    make_in_district(street.id)
    assert told(street, merchant_id=shop.merchant_id, direction="out") == {shop.merchant_id: ("out", 500, "draft")}


def test_who_changed_its_bank_account_waits_and_little_is_carried(street: District, clock: SetClock) -> None:
    """Payouts to new details wait for a second person and 48 hours; under the least payment nobody pays."""
    shop, other = street.shop, street.other_shop
    details = {
        "holder": "湖滨餐饮有限公司",
        "account_number": "001234567890",
        "bank": "建设银行",
        "bank_code": "105331000014",
    }
    path = f"/v1/merchants/{shop.merchant_id}/settlement-account"
    street.api.patch(path, {"bank_details": details}, street.key).ok(200)
    earn(street, shop, 300)
    owe(street, other, 99)
    clock.set(month(2, 1))
    close(street, 1)
    receive(street, slip(1_000, at=clock())).ok(201)
    clock.set(month(2, 20))
    make_in_district(street.id)
    assert told(street, direction="out") == {}
    assert other.merchant_id not in told(street)
