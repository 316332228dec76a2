"""Batches: each sale alone and in order, as if it had been posted singly."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from app.foundation.clock import format_instant
from app.launcher.postgres import SUPERUSER, EmbeddedPostgres
from app.transactions.sales import batches as batching
from tests.factories.api import Reply
from tests.factories.clock import ago, now
from tests.factories.districts import District, new_phone
from tests.factories.points import base_rule, change_programme, entries, new_version
from tests.factories.processes import wait_until
from tests.factories.running import Meanwhile


def report(district: District, sales: Any, key: str | None = None, idempotency_key: str | None = None) -> Reply:
    path = "/v1/transactions/batch"
    return district.api.post(path, {"transactions": sales}, key or district.key, idempotency_key)


def results(district: District, sales: Any, **more: Any) -> list[dict[str, Any]]:
    body = report(district, sales, **more).ok(200)
    assert body["object"] == "batch"
    assert [one["index"] for one in body["results"]] == list(range(len(sales)))
    rows: list[dict[str, Any]] = body["results"]
    return rows


def statuses(rows: list[dict[str, Any]]) -> list[int]:
    for row in rows:
        assert ("transaction" in row) != ("problem" in row)
        assert row["status"] < 400 if "transaction" in row else row["problem"]["status"] == row["status"]
    return [row["status"] for row in rows]


def test_a_thousand_sales_are_accepted(district: District) -> None:
    members = [district.member() for _ in range(10)]
    sales = [district.sale(member_id=members[n % 10], amount=100 * (n // 10 + 1)) for n in range(1000)]
    rows = results(district, sales)
    assert statuses(rows) == [201] * 1000
    assert [row["transaction"]["reference"] for row in rows] == [sale["reference"] for sale in sales]
    assert [district.balance(member)["available"] for member in members] == [sum(range(1, 101))] * 10


def test_a_thousand_and_one_are_refused_whole(district: District) -> None:
    refused = report(district, [district.sale() for _ in range(1001)])
    assert (refused.status, refused.code, refused.pointers) == (422, "validation-failed", {"/transactions"})
    assert district.api.get("/v1/transactions", district.key).ok()["data"] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([], ""),
        ({}, "/transactions"),
        ({"transactions": {}}, "/transactions"),
        ({"transactions": None}, "/transactions"),
        ({"transactions": [], "store_id": "x"}, "/store_id"),
    ],
)
def test_what_is_no_batch(untouched: District, body: Any, pointer: str) -> None:
    refused = untouched.api.post("/v1/transactions/batch", body, untouched.key)
    assert (refused.status, refused.pointers) == (422, {pointer})


def test_no_sales_are_no_results(district: District) -> None:
    assert results(district, []) == []


def test_a_batch_may_be_larger_than_other_bodies(district: District) -> None:
    metadata = {f"key{n}": "v" * 500 for n in range(50)}
    sales = [district.sale(metadata=metadata) for _ in range(60)]
    assert statuses(results(district, sales)) == [201] * 60
    path = "/v1/transactions/batch"
    refused = district.api.call("POST", path, key=district.key, data=b" " * (8 * 2**20 + 1))
    assert (refused.status, refused.code) == (413, "body-too-large")


def test_a_bad_one_in_the_middle_harms_nobody(district: District, other_district: District) -> None:
    member = district.member()
    good = [district.sale(member_id=member, amount=1000) for _ in range(4)]
    bad: list[tuple[Any, int, str, set[str]]] = [
        (district.sale(amount="12"), 422, "validation-failed", {"/amount"}),
        (district.sale(colour="red"), 422, "validation-failed", {"/colour"}),
        (None, 422, "validation-failed", {""}),
        ("sale", 422, "validation-failed", {""}),
        (district.sale(member_id="mem_" + "9" * 32), 404, "not-found", {"/member_id"}),
        (district.sale(member_id=other_district.member()), 404, "not-found", {"/member_id"}),
        (district.sale(store_id=district.other_shop.store_id), 404, "not-found", {"/store_id"}),
        (district.sale(occurred_at=ago(days=91)), 422, "validation-failed", {"/occurred_at"}),
        (district.sale(eligible_amount=12801), 422, "validation-failed", {"/eligible_amount"}),
    ]
    rows = results(district, [*good[:2], *(one[0] for one in bad), *good[2:]], key=district.shop.key)
    assert statuses(rows) == [201, 201, *(one[1] for one in bad), 201, 201]
    for row, (_, _, code, pointers) in zip(rows[2:-2], bad, strict=True):
        assert row["problem"]["code"] == code
        assert {flaw["pointer"] for flaw in row["problem"]["errors"]} == pointers
        assert row["problem"]["type"] == f"/problems/{code}"
    assert [rows[n]["transaction"]["points_earned"] for n in (0, 1, -2, -1)] == [10] * 4
    assert district.balance(member)["available"] == 40


def test_duplicates_inside_one_batch_count_once(district: District) -> None:
    member = district.member()
    one = district.sale(member_id=member)
    rows = results(district, [one, one, {**one, "amount": 1}, one])
    assert statuses(rows) == [201, 200, 409, 200]
    assert rows[2]["problem"]["code"] == "reference-conflict"
    assert len({row["transaction"]["id"] for row in rows if "transaction" in row}) == 1
    assert district.balance(member)["available"] == 128


def test_one_payment_inside_one_batch_counts_once(district: District) -> None:
    member = district.member()
    paid = {"payment_reference": "4200001"}
    sales = [
        district.sale(**paid),
        district.sale(**paid, member_id=member),
        district.sale(**paid, amount=1),
        district.sale(**paid, member_id=district.member()),
    ]
    rows = results(district, sales)
    assert statuses(rows) == [201, 200, 409, 200]
    assert [row["transaction"]["member_id"] for row in rows if "transaction" in row] == [None, member, member]
    assert rows[2]["problem"]["code"] == "payment-reference-conflict"
    assert len(district.api.get("/v1/transactions", district.key).ok()["data"]) == 1
    assert [entry["points"] for entry in entries(district, member)] == [128]


def test_a_batch_again_answers_each_sale_as_known(district: District) -> None:
    member = district.member()
    sales = [district.sale(member_id=member, amount=100 * n) for n in range(1, 6)]
    first = results(district, sales)
    again = results(district, sales)
    assert statuses(again) == [200] * 5
    ids = [[row["transaction"]["id"] for row in rows] for rows in (first, again)]
    assert ids[0] == ids[1]
    assert district.balance(member)["available"] == 15


def test_a_batch_with_an_idempotency_key_is_answered_again(district: District) -> None:
    member = district.member()
    sales = [district.sale(member_id=member), district.sale(amount=-1), district.sale()]
    first = report(district, sales, idempotency_key="b-1")
    district.report(member_id=member).ok(201)
    again = report(district, sales, idempotency_key="b-1")
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.status, again.body) == (first.status, first.body)
    other = report(district, sales[:2], idempotency_key="b-1")
    assert (other.status, other.code) == (422, "idempotency-key-reused")
    assert district.balance(member)["available"] == 256


def test_a_batch_that_broke_off_goes_on_under_its_key(
    district: District, superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batching, "MOST_IN_PIECE", 200)
    member = district.member()
    sales = [district.sale(member_id=member, amount=100) for _ in range(450)]
    first = report(district, sales, idempotency_key="long")
    assert statuses(first.ok(200)["results"]) == [201] * 450
    assert report(district, sales, idempotency_key="long").body == first.body
    forgotten = superuser.execute("DELETE FROM idempotency_keys WHERE key LIKE 'long_%'").rowcount
    again = report(district, sales, idempotency_key="long")
    assert forgotten > 0
    assert "Idempotent-Replayed" not in again.headers
    shown = again.ok(200)["results"]
    new = statuses(shown).count(201)
    assert 0 < new < 450
    assert statuses(shown) == [201] * new + [200] * (450 - new)
    assert shown[:new] == first.body["results"][:new]
    ids = [[row["transaction"]["id"] for row in rows] for rows in (first.body["results"], shown)]
    assert ids[0] == ids[1]
    assert report(district, sales[:-1], idempotency_key="long").code == "idempotency-key-reused"
    assert district.balance(member)["available"] == 450


def test_parts_of_another_size_are_answered_as_they_were(
    district: District, superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that was replaced between a batch and its repetition may cut parts another way."""
    sales = [district.sale(member_id=district.member(), amount=100) for _ in range(25)]
    monkeypatch.setattr(batching, "MOST_IN_PIECE", 10)
    first = report(district, sales, idempotency_key="cut")
    superuser.execute("DELETE FROM idempotency_keys WHERE key LIKE 'cut_2'")
    monkeypatch.setattr(batching, "MOST_IN_PIECE", 12)
    again = results(district, sales, idempotency_key="cut")
    assert statuses(again) == [201] * 20 + [200] * 5
    assert again[:20] == first.body["results"][:20]


@pytest.mark.parametrize("idempotency_key", [None, "busy"])
def test_nobody_waits_for_a_member_who_is_busy_elsewhere(
    district: District, postgres: EmbeddedPostgres, idempotency_key: str | None
) -> None:
    """Others' sales are recorded meanwhile; those of the member, and what has a payment in common, come last, in order."""
    busy, free = district.member(), district.member()
    paid = {"payment_reference": "4200001", "amount": 100}
    sales = [
        district.sale(member_id=busy, amount=100),
        district.sale(member_id=free, amount=200),
        district.sale(member_id=busy, **paid),
        district.sale(member_id=free, **paid),
        district.sale(member_id=free, amount=300),
    ]
    with psycopg.connect(f"host={postgres.sockets} user={SUPERUSER} dbname=quantong") as neighbour:
        neighbour.execute("SELECT FROM point_balances WHERE member_id = %s FOR UPDATE", (busy[-32:],))
        batch = Meanwhile(lambda: results(district, sales, idempotency_key=idempotency_key))
        assert wait_until(lambda: district.balance(free)["available"] == 5)
        assert batch.is_alive()
        assert district.balance(busy)["available"] == 0
    rows = batch.wait()
    assert statuses(rows) == [201, 201, 201, 200, 201]
    assert rows[3]["transaction"]["id"] == rows[2]["transaction"]["id"]
    assert [entry["points"] for entry in entries(district, busy)] == [1, 1]
    if idempotency_key:
        assert results(district, sales, idempotency_key=idempotency_key) == rows


def test_a_key_needs_the_scope(district: District) -> None:
    reader = district.merchant_key(district.shop, scopes=["transactions:read"])
    assert report(district, [district.sale()], key=reader).code == "forbidden"


class Street:
    """One district of a pair that lives through the same sales; names instead of ids, so that both can be compared."""

    def __init__(self, district: District, phones: list[str], moment: datetime) -> None:
        self.district = district
        self.stores = (district.shop.store_id, district.other_shop.store_id)
        self.members = [district.member(phone) for phone in phones[:4]]
        self.phones = phones
        change_programme(district, pending_days=3, expiry={"policy": "months", "months": 1})
        new_version(district, base_rule(points=2), effective_at=format_instant(moment))

    def sale(self, plan: dict[str, Any]) -> dict[str, Any]:
        body = {name: value for name, value in plan.items() if name not in ("store", "member", "phone")}
        body["store_id"] = self.stores[plan["store"]]
        if plan.get("member") is not None:
            body["member_id"] = self.members[plan["member"]]
        if plan.get("phone") is not None:
            body["phone"] = self.phones[plan["phone"]]
        return body

    def told(self, status: int, body: dict[str, Any]) -> tuple[Any, ...]:
        """What an answer says, without ids and instants of recording."""
        if status >= 400:
            return status, body["code"], [(flaw["pointer"], flaw["code"]) for flaw in body.get("errors", ())]
        buyer = body["member_id"] and self.members.index(body["member_id"])
        names = ("reference", "amount", "points_earned", "balance", "rule_set_version", "explanation", "expires_at")
        return status, buyer, [body[name] for name in names]

    def state(self) -> list[Any]:
        """Every member's balance and history."""
        state = []
        for member in self.members:
            points = self.district.balance(member)
            points.pop("member_id")
            told = [(one["points"], one["balance_after"]) for one in entries(self.district, member, "?limit=100")]
            state.append((points, told))
        return state


def plans(chance: random.Random, moment: datetime, many: int) -> list[dict[str, Any]]:
    """Sales with everything that may go wrong among them."""
    made: list[dict[str, Any]] = []
    for number in range(many):
        kind = chance.random()
        if kind < 0.12 and made:
            made.append(dict(chance.choice(made)))  # reported again
            continue
        plan: dict[str, Any] = {
            "reference": f"P{number}",
            "store": chance.randrange(2),
            "amount": chance.choice([0, 99, 12800, 777]),
        }
        if kind < 0.2 and made:
            plan["reference"] = chance.choice(made)["reference"]  # perhaps of another sale
        who = chance.random()
        if who < 0.6:
            plan["member"] = chance.randrange(4)
        elif who < 0.85:
            plan["phone"] = chance.randrange(6)
        if chance.random() < 0.25:
            plan["payment_reference"] = f"pay{chance.randrange(6)}"
        if chance.random() < 0.6:
            hours = chance.choice([-2, -0.1, 0.1, 5, 24 * 5, 24 * 40, 24 * 100])
            plan["occurred_at"] = format_instant(moment - timedelta(hours=hours))
        if chance.random() < 0.05:
            plan["amount"] = "12800"
        made.append(plan)
    return made


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_batch_equals_its_sales_posted_one_by_one(district: District, other_district: District, seed: int) -> None:
    chance = random.Random(seed)
    moment = now() + timedelta(minutes=8)
    phones = [new_phone() for _ in range(6)]
    together, singly = Street(district, phones, moment), Street(other_district, phones, moment)
    sales = plans(chance, moment, 60)
    batched = [
        together.told(row["status"], row.get("transaction") or row["problem"])
        for row in results(together.district, [together.sale(plan) for plan in sales])
    ]
    alone = []
    for plan in sales:
        reply = singly.district.api.post("/v1/transactions", singly.sale(plan), singly.district.key)
        alone.append(singly.told(reply.status, reply.body))
    assert batched == alone
    assert {status for status, *_ in alone} >= {200, 201, 409, 422}
    assert together.state() == singly.state()
