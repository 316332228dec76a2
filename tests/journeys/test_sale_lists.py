"""Sales found again, and the history of a member's points."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from flask import Flask

from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import system_principal
from app.transactions.sales import queries
from tests.factories.api import Reply
from tests.factories.clock import ago, now
from tests.factories.districts import District
from tests.factories.lists import check_paging, ids, pages
from tests.factories.points import base_rule, entries, new_version
from tests.factories.problems import check_problem


def listed(district: District, key: str | None = None, **filters: str) -> list[str]:
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in filters.items())
    return ids(district.api.get(f"/v1/transactions?{query}", key or district.key).ok(200))


def sell(district: District, **sale: Any) -> str:
    made: str = district.report(**sale).ok(201)["id"]
    return made


def test_sales_are_listed_newest_recorded_first(district: District) -> None:
    made = [sell(district, occurred_at=ago(hours=n)) for n in (1, 5, 2, 4, 3)]
    check_paging(district.api, "/v1/transactions", district.key, made[::-1])


@pytest.mark.parametrize("sort", ["amount", "occurred_at"])
def test_sales_are_sorted_and_paged_from_the_greatest_or_the_least(district: District, sort: str) -> None:
    """What is as great as another keeps its place, also at the edge of a page."""
    rows = [
        (district.report(amount=amount, occurred_at=ago(hours=amount)).ok(201)["id"], amount)
        for amount in (700, 100, 500, 500, 500, 900)
    ]
    rank = {one: (amount if sort == "amount" else -amount, one) for one, amount in rows}
    least_first = sorted(rank, key=lambda one: rank[one])
    check_paging(district.api, f"/v1/transactions?sort={sort}", district.key, least_first)
    check_paging(district.api, f"/v1/transactions?sort=-{sort}", district.key, least_first[::-1])
    assert listed(district, sort=sort, store_id=district.other_shop.store_id) == []


@pytest.mark.parametrize(
    ("sort", "index"), [("amount", "transactions_by_amount"), ("occurred_at", "transactions_by_time")]
)
def test_sorted_sales_are_read_in_the_order_of_an_index(
    app: Flask, district: District, monkeypatch: pytest.MonkeyPatch, sort: str, index: str
) -> None:
    plans: list[str] = []
    with app.app_context(), unit_of_work(system_principal(district.id)) as uow:
        uow.execute("SET LOCAL enable_seqscan = off")
        uow.execute("SET LOCAL enable_sort = off")
        rows = uow.rows

        def explained(query: str, values: Any) -> list[Any]:
            plans.append("\n".join(line for (line,) in rows(f"EXPLAIN {query}", values)))
            return []

        monkeypatch.setattr(uow, "rows", explained)
        queries.listed(uow, {"sort": sort}, 50)
        queries.listed(uow, {"sort": f"-{sort}", "starting_after": f"txn_{'0' * 32}"}, 50)
    for plan in plans:
        assert index in plan
        assert "Sort" not in plan
    assert f"ROW({sort}, id) <" in plans[1].replace("t.", ""), "the index leads to where the page begins"


def test_a_list_shows_sales_as_they_are_read_alone(district: District) -> None:
    member = district.member()
    for sale in ({"member_id": member}, {}, {"member_id": member, "amount": 99}):
        district.report(**sale).ok(201)
    rows = district.api.get("/v1/transactions", district.key).ok()["data"]
    assert [district.api.get(f"/v1/transactions/{row['id']}", district.key).ok() for row in rows] == rows
    assert rows[2]["balance"] == {"available": 128, "pending": 0, "owed": 0}


def test_sales_are_found_by_what_they_are(district: District) -> None:
    member, shop, other = district.member(), district.shop, district.other_shop
    moment = now() - timedelta(days=1)
    first = sell(district, member_id=member, reference="A 1/2", occurred_at=format_instant(moment))
    second = sell(district, store_id=other.store_id, occurred_at=format_instant(moment + timedelta(hours=1)))
    third = sell(district, member_id=member, store_id=other.store_id)
    assert listed(district, member_id=member) == [third, first]
    assert listed(district, merchant_id=other.merchant_id) == [third, second]
    assert listed(district, store_id=shop.store_id) == [first]
    assert listed(district, reference="A 1/2") == [first]
    assert listed(district, reference="a 1/2") == []
    assert listed(district, member_id=member, store_id=other.store_id) == [third]
    start, end = format_instant(moment), format_instant(moment + timedelta(hours=1))
    assert listed(district, occurred_from=start) == [third, second, first]
    assert listed(district, occurred_from=start, occurred_to=end) == [first], "until before its end"
    assert listed(district, occurred_from=end.replace("Z", "+00:00")) == [third, second]
    assert listed(district, occurred_to=start) == []


def test_sales_are_found_by_how_much_was_given_back(district: District) -> None:
    kept, whole, part = (sell(district, reference=one) for one in ("K", "W", "P"))
    for sale, amount in ((whole, 12800), (part, 100)):
        refund = {"transaction_id": sale, "reference": f"R{sale}", "amount": amount}
        district.api.post("/v1/refunds", refund, district.key).ok(201)
    found = [listed(district, status=one) for one in ("recorded", "refunded", "partially_refunded")]
    assert found == [[kept], [whole], [part]]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("member=x", "/member"),
        ("occurred_from=2026-01-01", "/occurred_from"),
        ("limit=0", "/limit"),
        ("limit=101", "/limit"),
        ("reference=" + "a" * 256, "/reference"),
    ],
)
def test_what_is_no_question(untouched: District, query: str, pointer: str) -> None:
    refused = untouched.api.get(f"/v1/transactions?{query}", untouched.key)
    assert (refused.status, refused.pointers) == (422, {pointer})


def test_a_key_sees_its_own_sales(district: District, other_district: District) -> None:
    shop, other = district.shop, district.other_shop
    body = {"merchant_id": shop.merchant_id, "name": "西", "code": "A101-2"}
    second_store = district.api.post("/v1/stores", body, district.key).ok(201)["id"]
    stores = (shop.store_id, other.store_id, second_store)
    east, others, west = (sell(district, store_id=store) for store in stores)
    for key, seen in (
        (district.key, [west, others, east]),
        (shop.key, [west, east]),
        (district.store_key(shop), [east]),
        (other.key, [others]),
        (other_district.key, []),
    ):
        assert listed(district, key) == seen
        for sale in (east, others, west):
            status = district.api.get(f"/v1/transactions/{sale}", key).status
            assert status == (200 if sale in seen else 404)
    assert listed(district, shop.key, merchant_id=other.merchant_id) == []


def test_an_id_of_another_shape_leads_nowhere(district: District) -> None:
    for name in ("txn_1", "txn_" + "9" * 32, "mem_" + "9" * 32, "txn_" + "G" * 32):
        refused = district.api.get(f"/v1/transactions/{name}", district.key)
        assert (refused.status, refused.code) == (404, "not-found")


# History


def test_a_history_tells_each_movement_with_the_balance_after_it(district: District) -> None:
    member, shop, other = district.member(), district.shop, district.other_shop
    sales = [
        district.report(member_id=member, amount=1280).ok(201),
        district.report(member_id=member, amount=5000, store_id=other.store_id, occurred_at=ago(days=2)).ok(201),
        district.report(member_id=member, amount=99).ok(201),
        district.report(member_id=member, amount=100).ok(201),
    ]
    told = entries(district, member)
    assert [(one["points"], one["balance_after"]) for one in told] == [(1, 63), (50, 62), (12, 12)]
    earned = [sales[3], sales[1], sales[0]]
    assert [one["source"] for one in told] == [{"kind": "sale", "id": sale["id"]} for sale in earned]
    assert [one["merchant_id"] for one in told] == [shop.merchant_id, other.merchant_id, shop.merchant_id]
    assert [one["occurred_at"] for one in told] == [sale["occurred_at"] for sale in earned]
    assert [one["recorded_at"] for one in told] == [sale["recorded_at"] for sale in earned]
    assert {(one["object"], one["code"]) for one in told} == {("points_entry", "earn")}


def test_points_of_two_funders_are_two_movements(district: District) -> None:
    member = district.member()
    new_version(district, base_rule(funding={"merchant": 30, "district": 70}))
    district.report(member_id=member, amount=1100).ok(201)
    told = entries(district, member)
    assert sorted(one["points"] for one in told) == [3, 8]
    assert told[0]["balance_after"] == 11


def test_a_history_pages_both_ways(district: District) -> None:
    member = district.member()
    for _ in range(5):
        district.report(member_id=member, amount=100).ok(201)
    path = f"/v1/members/{member}/points/entries"
    walked = [one["balance_after"] for page in pages(district.api, path, district.key, limit=2) for one in page["data"]]
    assert walked == [5, 4, 3, 2, 1]
    check_paging(district.api, path, district.key, [str(n) for n in (5, 4, 3, 2, 1)])


def test_a_history_is_of_a_member_one_may_see(district: District, other_district: District) -> None:
    member = district.member()
    path = f"/v1/members/{member}/points/entries"
    assert district.api.get(path, district.shop.key).code == "not-found"
    assert district.api.get(path, other_district.key).code == "not-found"
    refused = district.api.get(f"{path}?starting_after=mem_1", district.key)
    assert (refused.status, refused.pointers) == (422, {"/starting_after"})


# Quotes


def test_a_quote_says_what_a_report_would_and_posts_nothing(district: District) -> None:
    member = district.member()
    body = district.sale(member_id=member)
    quoted = district.api.post("/v1/transactions/quote", body, district.shop.key).ok(200)
    assert (quoted["object"], quoted["status"]) == ("quote", "quoted")
    assert listed(district) == []
    assert entries(district, member) == []
    assert district.balance(member)["available"] == 0
    made = district.api.post("/v1/transactions", body, district.shop.key).ok(201)
    same = ("points_earned", "paid_amount", "eligible_amount", "balance", "explanation", "rule_set_version")
    assert {name: quoted[name] for name in same} == {name: made[name] for name in same}


def test_a_quote_under_an_idempotency_key_is_kept_without_the_callers_words(
    district: District, superuser: psycopg.Connection
) -> None:
    item = {"sku": None, "name": "wedding cake", "category": None, "quantity": 1, "amount": 12_800}
    body = district.sale(
        member_id=district.member(), items=[item], metadata={"note": "for Lan"}, occurred_at=ago(days=1)
    )

    def ask(**change: Any) -> Reply:
        return district.api.post("/v1/transactions/quote", {**body, **change}, district.shop.key, "quoted")

    first = ask()
    district.report(member_id=body["member_id"]).ok(201)
    again = ask()
    assert (again.ok(200), again.headers["Idempotent-Replayed"]) == (first.ok(200), "true")
    assert (first.body["items"], first.body["metadata"]) == ([item], {"note": "for Lan"})
    assert check_problem(ask(amount=1), 422, "idempotency-key-reused")
    [kept] = superuser.execute("SELECT answer::text FROM idempotency_keys WHERE key = 'quoted'").fetchone() or [""]
    assert "cake" not in kept
    assert "Lan" not in kept


def test_a_quote_is_refused_as_a_report_would_be(district: District) -> None:
    for change, pointer in (({"amount": -1}, "/amount"), ({"store_id": district.other_shop.store_id}, "/store_id")):
        refused = district.api.post("/v1/transactions/quote", district.sale(**change), district.shop.key)
        assert refused.pointers == {pointer}
