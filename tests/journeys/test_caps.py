"""Caps and budgets at work: across sales, local days, versions, batches, quotes and claims."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import Overtaken, unit_of_work
from app.foundation.tenancy import system_principal
from app.transactions import configuration
from app.transactions.reports import SaleReport
from app.transactions.sales.facts import ask_facts
from app.transactions.sales.sale import Sale
from tests.factories.books import broken
from tests.factories.clock import now
from tests.factories.districts import District, new_phone
from tests.factories.points import base_rule, bonus, multiplier, new_version

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(autouse=True)
def _balanced(district: District, context: None) -> Any:
    yield
    assert broken(district.id) == {}


def at(days_ago: int, clock: str = "12:00") -> str:
    """An instant of a local day that is over."""
    day = now().astimezone(SHANGHAI).date() - timedelta(days=days_ago)
    return format_instant(datetime.combine(day, time.fromisoformat(clock), SHANGHAI))


def points(district: District, member: str | None, **sale: Any) -> list[int | str]:
    """What each rule gave for a sale of 250.00, or the code of why it gave nothing."""
    made = district.report(**{"member_id": member, "amount": 25_000, **sale}).ok(201)
    return told(made)


def told(sale: dict[str, Any]) -> list[int | str]:
    return [one["points"] or one["code"] for one in sale["explanation"]]


def test_the_worked_figures(district: District) -> None:
    new_version(district, base_rule(caps={"per_member_per_day": 200}), multiplier("night"))
    member = district.member()
    assert points(district, member, amount=4_000) == [40, 40]
    assert points(district, member) == [160, 160]
    assert points(district, member) == ["daily-cap-reached", "no-base-points"]
    assert points(district, district.member()) == [200, 200], "each member has a day of their own"
    assert district.balance(member)["available"] == 400


def test_a_cap_counts_by_the_local_day_of_the_sale(district: District) -> None:
    new_version(district, base_rule(caps={"per_member_per_day": 200}), effective_at=at(20))
    member = district.member()
    assert points(district, member, occurred_at=at(2, "23:59"), amount=15_000) == [150]
    assert points(district, member, occurred_at=at(1, "00:00")) == [200]
    assert points(district, member, occurred_at=at(2, "00:00")) == [50], "late, on a day that has 50 left"
    assert points(district, member, occurred_at=at(2)) == ["daily-cap-reached"]
    assert points(district, member, occurred_at=at(3)) == [200]
    assert points(district, member) == [200]


def test_a_cap_for_a_member_in_total(district: District) -> None:
    caps = {"per_member_total": 70, "per_member_per_day": 60}
    new_version(district, base_rule(), bonus("welcome", caps=caps), effective_at=at(20))
    member = district.member()
    assert points(district, member) == [250, 50]
    assert points(district, member) == [250, 10]
    assert points(district, member) == [250, "daily-cap-reached"]
    assert points(district, member, occurred_at=at(3)) == [250, 10]
    assert points(district, member, occurred_at=at(4)) == [250, "member-cap-reached"]


def test_a_budget_is_given_to_the_last_point(district: District) -> None:
    new_version(district, base_rule(), bonus("party", caps={"budget": 1_030}))
    members = [district.member() for _ in range(3)]
    given = [points(district, members[n % 3])[1] for n in range(24)]
    assert given == [*[50] * 20, 30, "budget-spent", "budget-spent", "budget-spent"]


def test_a_small_budget(district: District) -> None:
    new_version(district, base_rule(caps={"budget": 3}))
    member = district.member()
    assert [points(district, member, amount=100)[0] for _ in range(5)] == [1, 1, 1, "budget-spent", "budget-spent"]


@pytest.mark.parametrize("is_keyed", [False, True])
def test_many_budgets_may_run_short_in_one_batch(district: District, is_keyed: bool) -> None:
    """None of their slices has room for a bonus; all of them together have it for two."""
    ways = [f"way-{number}" for number in range(20)]
    new_version(
        district, *(bonus(way, 50, conditions={"payment_methods": [way]}, caps={"budget": 120}) for way in ways)
    )
    member = district.member()
    for wanted in (50, 50, 20, 0):
        sales = [district.sale(member_id=member, payment_method=way) for way in ways]
        answer = district.api.post(
            "/v1/transactions/batch", {"transactions": sales}, district.key, sales[0]["reference"] if is_keyed else None
        )
        results = answer.ok(200)["results"]
        assert [one["transaction"]["points_earned"] for one in results] == [wanted] * len(ways)


def test_each_sale_of_a_batch_sees_what_those_before_it_used(district: District) -> None:
    caps = {"budget": 220, "per_member_per_day": 120}
    new_version(district, base_rule(), bonus("party", caps=caps))
    one, other = district.member(), district.member()
    sales = [district.sale(member_id=member, amount=25_000) for member in (one, one, one, other, other, other)]
    body = {"transactions": sales}
    results = district.api.post("/v1/transactions/batch", body, district.key).ok(200)["results"]
    given = [told(result["transaction"])[1] for result in results]
    assert given == [50, 50, 20, 50, 50, "budget-spent"]


def test_a_quote_says_what_is_left_and_takes_nothing(district: District) -> None:
    new_version(district, base_rule(), bonus("party", caps={"budget": 60, "per_member_per_day": 100}))
    member = district.member()
    for _ in range(3):
        body = district.sale(member_id=member, amount=25_000)
        assert told(district.api.post("/v1/transactions/quote", body, district.key).ok(200)) == [250, 50]
    assert points(district, member) == [250, 50]
    body = district.sale(member_id=member, amount=25_000)
    assert told(district.api.post("/v1/transactions/quote", body, district.key).ok(200)) == [250, 10]


def test_a_refund_opens_no_room_again_and_keeps_its_own(district: District) -> None:
    new_version(district, base_rule(caps={"per_member_per_day": 200}))
    member = district.member()
    assert points(district, member, amount=4_000) == [40]
    sale = district.report(member_id=member, amount=25_000).ok(201)
    assert sale["points_earned"] == 160
    refund = {"transaction_id": sale["id"], "reference": "back", "amount": 5_000}
    assert district.api.post("/v1/refunds", refund, district.key).ok(201)["points_reversed"] == 0, (
        "200 are left to earn"
    )
    refund = {"transaction_id": sale["id"], "reference": "more", "amount": 10_000}
    assert district.api.post("/v1/refunds", refund, district.key).ok(201)["points_reversed"] == 60
    assert points(district, member) == ["daily-cap-reached"]


def test_the_key_counts_through_versions(district: District) -> None:
    member = district.member()
    assert points(district, member) == [250], "before anything is capped"
    new_version(district, base_rule(name="Typo", caps={"per_member_per_day": 300, "budget": 400}))
    assert points(district, member) == [50]
    new_version(district, base_rule(name="No typo", caps={"per_member_per_day": 300, "budget": 400}))
    assert points(district, member) == ["daily-cap-reached"]
    assert points(district, district.member()) == [100]
    new_version(district, base_rule(caps={"per_member_per_day": 600, "budget": 430}))
    assert points(district, member) == [30], "a larger budget opens"
    new_version(district, base_rule(caps={"per_member_per_day": 360}))
    assert points(district, member) == [30], "a budget that is lifted no longer counts"
    new_version(district, base_rule())
    assert points(district, member) == [250], "as does a cap, but its use is counted"
    new_version(district, base_rule(caps={"per_member_total": 700, "per_member_per_day": 900}))
    assert points(district, member) == [90]
    new_version(district, base_rule(key="other", caps={"per_member_per_day": 10}))
    assert points(district, member) == [10], "another key counts anew"


def test_late_sales_use_the_caps_of_their_version(district: District) -> None:
    new_version(district, bonus("party", caps={"budget": 60}), effective_at=at(9))
    new_version(district, bonus("party", caps={"budget": 1_000}), effective_at=at(5))
    member = district.member()
    assert points(district, member, occurred_at=at(6)) == [50]
    assert points(district, member, occurred_at=at(1)) == [50]
    assert points(district, member, occurred_at=at(6)) == ["budget-spent"]
    assert points(district, member, occurred_at=at(1)) == [50]
    assert points(district, member, occurred_at=at(12)) == [250], "the version of the beginning has no such rule"


def test_a_claim_counts_when_it_is_made(district: District) -> None:
    caps = {"budget": 70, "per_member_per_day": 300}
    new_version(district, base_rule(), bonus("party", caps=caps), effective_at=at(9))
    member, phone = district.member(), new_phone()
    unclaimed = district.report(amount=25_000, occurred_at=at(1)).ok(201)
    waiting = [district.report(amount=25_000, phone=phone).ok(201)["id"] for _ in range(2)]
    assert points(district, member) == [250, 50]
    path = f"/v1/transactions/{unclaimed['id']}/claim"
    assert told(district.api.post(path, {"member_id": member}, district.key).ok(200)) == [250, 20]
    joined = district.member(phone)
    sales = [district.api.get(f"/v1/transactions/{one}", district.key).ok() for one in waiting]
    assert [(sale["member_id"], told(sale)) for sale in sales] == [(joined, [250, "budget-spent"])] * 2


def test_a_claim_by_the_payments_number_in_one_batch(district: District) -> None:
    """The sale that is claimed was of another day and shop than the report that claims it."""
    rules = (base_rule(caps={"per_member_per_day": 260}), bonus("party", caps={"budget": 60}))
    new_version(district, *rules, effective_at=at(9))
    member, store = district.member(), {"merchant_id": district.shop.merchant_id, "name": "x", "code": "A101-2"}
    other = district.api.post("/v1/stores", store, district.key).ok(201)["id"]
    sales = [
        district.sale(amount=25_000, payment_reference="P1", occurred_at=at(2), store_id=other),
        district.sale(amount=25_000, payment_reference="P1", member_id=member),
        district.sale(amount=25_000, member_id=member, occurred_at=at(2, "20:00")),
    ]
    body = {"transactions": sales}
    results = district.api.post("/v1/transactions/batch", body, district.key).ok(200)["results"]
    assert [told(result["transaction"]) for result in results] == [[], [250, 50], [10, 10]]


def test_who_goes_by_old_terms_takes_no_slice_before_it_reads_the_new(district: District) -> None:
    """A slice held by the old terms, and the next one by the new: whoever takes all in order would wait for ever."""
    old, new = (bonus("party", points=7, caps={"budget": budget}) for budget in (300, 500))
    new_version(district, base_rule(), old)
    member = district.member()
    assert points(district, member) == [250, 7]
    before = configuration.remembered(district.id)
    assert before is not None
    new_version(district, base_rule(), new)
    principal = system_principal(district.id)
    sale = Sale(principal, SaleReport("R1", 25_000, store_id=district.shop.store_id, member_id=member))
    for knows_old in (True, False):
        if knows_old:
            configuration._known[district.id] = before
        with unit_of_work(principal, pipelined=True) as uow, pytest.raises(Overtaken) if knows_old else nullcontext():
            ask_facts(uow, [sale])
    configuration._known[district.id] = before
    assert points(district, member) == [250, 7]
