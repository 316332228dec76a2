"""Settlement: a shop reads its own money and nobody else's, and what is closed or agreed stays as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.factories.checksums import Watch
from tests.factories.clock import SetClock
from tests.factories.coupons import claim, new_campaign
from tests.factories.districts import District, new_shop
from tests.factories.problems import check_problem
from tests.factories.settlement import ask_close, close, items, month, periods, publish_terms, statements


@pytest.fixture
def street(timed: District, timed_app: Flask, clock: SetClock) -> Iterator[District]:
    """A district in the first month of its terms."""
    clock.set(month(1))
    publish_terms(timed).ok(201)
    with timed_app.app_context():
        yield timed


def test_a_period_is_closed_when_it_is_over_and_after_those_before(
    street: District, clock: SetClock, watch: Watch
) -> None:
    """Never before its end, never out of order, and by the alliance alone."""
    clock.set(month(1, 28, "23:59"))
    before = watch.sums(street.id)
    check_problem(ask_close(street, 1), 409, "period-not-over")
    check_problem(ask_close(street, 1, key=street.shop.key), 403, "forbidden")
    assert watch.sums(street.id) == before
    clock.set(month(4))
    close(street, 1)
    before = watch.sums(street.id)
    check_problem(ask_close(street, 3), 409, "earlier-period-open")
    assert watch.sums(street.id) == before


def test_terms_never_change_what_has_begun(street: District, watch: Watch) -> None:
    """New ones begin with a period to come, on its first day; nobody is paid more for a point than it brought in."""
    before = watch.sums(street.id)
    for day in (*(day.date().isoformat() for day in (month(1, 1), month(1), month(2, 2))), "9999-12-31", "0001-01-01"):
        refused = publish_terms(street, effective_from=day)
        assert (refused.status, refused.pointers) == (422, {"/effective_from"})
    refused = publish_terms(street, effective_from=month(2, 1).date().isoformat(), redemption_price="1.0001")
    assert (refused.status, refused.pointers) == (422, {"/redemption_price"})
    check_problem(publish_terms(street, key=street.shop.key), 403, "forbidden")
    assert watch.sums(street.id) == before


def test_a_shop_s_statement_says_nothing_of_other_shops(street: District, clock: SetClock) -> None:
    """Neither where its points were spent, nor who issued those that it accepts, nor where a coupon was used that it sponsors."""
    shop, other = street.shop, street.other_shop
    sponsor, member = new_shop(street.api, street.key, "C303"), street.member()
    sale = street.report(member_id=member, amount=30_000).ok(201)
    street.report(member_id=member, amount=100, points_to_spend=100, store_id=other.store_id).ok(201)
    funding = {"district": 0, "merchant": 100, "government": 0}
    campaign = new_campaign(street, funding=funding, sponsor_merchant_id=sponsor.merchant_id)
    code = claim(street, campaign["id"], member).ok(201)["code"]
    street.report(member_id=member, amount=12_800, coupons=[code], store_id=other.store_id).ok(201)
    clock.set(month(2))
    close(street, 1)
    told: dict[str, Any] = {}
    for one in (shop, other, sponsor):
        [own] = statements(street, 1, key=one.key)
        told[one.merchant_id] = [own, *(items(street, own, line["line"], key=one.key) for line in own["lines"])]
    secrets = {
        shop.merchant_id: (other.merchant_id, other.store_id, member, sponsor.merchant_id),
        other.merchant_id: (shop.merchant_id, shop.store_id, member, sale["id"]),
        sponsor.merchant_id: (shop.merchant_id, other.merchant_id, other.store_id, member),
    }
    for merchant_id, hidden in secrets.items():
        text = json.dumps(told[merchant_id])
        assert not [one for one in hidden if one in text], merchant_id


def test_a_store_s_key_reads_no_statement_and_another_shop_s_is_like_none(street: District, clock: SetClock) -> None:
    """What a merchant is owed is no store's business, nor its neighbour's."""
    street.report(member_id=street.member(), amount=30_000).ok(201)
    clock.set(month(2))
    close(street, 1)
    [own] = statements(street, 1, key=street.shop.key)
    store = street.store_key(street.shop)
    assert statements(street, 1, key=store) == statements(street, 1, key=street.other_shop.key) == []
    for path in ("", "/items"):
        for key in (store, street.other_shop.key):
            check_problem(street.api.get(f"/v1/statements/{own['id']}{path}", key), 404, "not-found")
    check_problem(street.api.post(f"/v1/statements/{own['id']}/approve", {}, street.other_shop.key), 404, "not-found")
    shown = periods(street, key=street.other_shop.key)[0]
    assert (shown["net_position"], shown["pool"], shown["parties"], shown["direct_payments"]) == (0, None, None, [])
