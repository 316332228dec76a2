"""Any life of a district ends with the points that a plain reckoning comes to, and with books in order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.foundation.clock import format_instant
from tests.conftest import OPERATOR_KEY
from tests.factories.api import Api
from tests.factories.books import broken
from tests.factories.clock import now
from tests.factories.districts import new_district
from tests.factories.lists import pages
from tests.factories.points import base_rule, change_programme, draft, publish
from tests.factories.reckoning import Plan, Purse, Reckoning, Sold, Version

MEMBERS = 3
MINUTE, DAY = 1, 24 * 60
AGES = (-5 * MINUTE, MINUTE, *(days * DAY for days in (1, 2, 3, 29, 30, 31, 32, 40, 363, 364, 365, 366, 367, 4000)))
"""Minutes since a sale: ahead of the clock, pending, live, and about the day on which it ends."""

RULES = st.fixed_dictionaries(
    {
        "points": st.integers(1, 7),
        "per_amount": st.sampled_from((1, 100, 333)),
        "merchant": st.sampled_from((0, 33, 50, 100)),
        "age": st.sampled_from((None, *AGES)),
    }
)
SALES = st.fixed_dictionaries(
    {
        "number": st.integers(0, 99),
        "shop": st.integers(0, 1),
        "amount": st.sampled_from((0, 99, 777, 2_550, 3_333, 12_800, 10_000_000_000)),
        "age": st.sampled_from(AGES),
        "member": st.sampled_from((None, *range(MEMBERS), *range(MEMBERS))),
        "payment": st.sampled_from((None, None, None, "p1", "p2")),
    }
)


class Life(RuleBasedStateMachine):
    """Sales, batches, claims, changes of terms and rules, in any order."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self.app = app
        self.district = new_district(Api.inside(app, OPERATOR_KEY))
        self.stores = (self.district.shop.store_id, self.district.other_shop.store_id)
        self.members = [self.district.member() for _ in range(MEMBERS)]
        self.moment = now().replace(microsecond=0)
        self.reckoning = Reckoning([Purse() for _ in self.members])
        self.ids: dict[int, str] = {}

    def plan(self, given: dict[str, Any]) -> Plan:
        return Plan(
            reference=f"R{given['number']}",
            shop=given["shop"],
            amount=given["amount"],
            occurred_at=self.moment - timedelta(minutes=given["age"]),
            member=given["member"],
            payment=given["payment"],
        )

    def body(self, plan: Plan) -> dict[str, Any]:
        return {
            "reference": plan.reference,
            "store_id": self.stores[plan.shop],
            "amount": plan.amount,
            "occurred_at": format_instant(plan.occurred_at),
            "member_id": None if plan.member is None else self.members[plan.member],
            "payment_reference": plan.payment,
        }

    def expect(self, plan: Plan) -> tuple[int, dict[str, Any] | None, Sold | None]:
        """What the answer to a report must say."""
        status, sold = self.reckoning.sell(plan)
        if sold is None:
            return status, None, None
        return status, self.figures(sold), sold

    def figures(self, sold: Sold) -> dict[str, Any]:
        balance = None if sold.member is None else self.reckoning.purses[sold.member].balance(now())
        return {
            "reference": sold.plan.reference,
            "member_id": None if sold.member is None else self.members[sold.member],
            "points_earned": sold.points,
            "rule_set_version": sold.version,
            "balance": balance,
        }

    def check(self, status: int, answer: Any, expected: tuple[int, dict[str, Any] | None, Sold | None]) -> None:
        wanted, figures, sold = expected
        assert status == wanted, answer
        if figures is not None:
            assert sold is not None
            assert {name: answer[name] for name in figures} == figures
            assert self.ids.setdefault(id(sold), answer["id"]) == answer["id"]

    @rule(given=SALES)
    def sell(self, given: dict[str, Any]) -> None:
        plan = self.plan(given)
        expected = self.expect(plan)
        reply = self.district.api.post("/v1/transactions", self.body(plan), self.district.key)
        self.check(reply.status, reply.body, expected)

    @rule(many=st.lists(SALES, min_size=4, max_size=20))
    def sell_together(self, many: list[dict[str, Any]]) -> None:
        plans = [self.plan(given) for given in many]
        expected = [self.expect(plan) for plan in plans]
        body = {"transactions": [self.body(plan) for plan in plans]}
        results = self.district.api.post("/v1/transactions/batch", body, self.district.key).ok(200)["results"]
        for row, wanted in zip(results, expected, strict=True):
            self.check(row["status"], row.get("transaction", row), wanted)

    @precondition(lambda self: self.reckoning.sales)
    @rule(which=st.integers(0, 100), member=st.integers(0, MEMBERS - 1))
    def claim(self, which: int, member: int) -> None:
        sold = self.reckoning.sales[which % len(self.reckoning.sales)]
        path = f"/v1/transactions/{self.ids[id(sold)]}/claim"
        reply = self.district.api.post(path, {"member_id": self.members[member]}, self.district.key)
        if sold.member not in (None, member):
            assert (reply.status, reply.code) == (409, "already-claimed")
            return
        if sold.member is None:
            self.reckoning.claim(sold, member)
        self.check(reply.status, reply.body, (200, self.figures(sold), sold))

    @rule(pending=st.sampled_from((0, 2, 40, 365)), months=st.sampled_from((None, 1, 12)))
    def change_terms(self, pending: int, months: int | None) -> None:
        self.reckoning.pending_days, self.reckoning.expire_months = pending, months
        expiry = {"policy": "never"} if months is None else {"policy": "months", "months": months}
        change_programme(self.district, pending_days=pending, expiry=expiry)

    @rule(given=RULES)
    def change_rules(self, given: dict[str, Any]) -> None:
        number = len(self.reckoning.versions) + 1
        share = given["merchant"]
        funding = {"merchant": share, "district": 100 - share}
        rules = base_rule(points=given["points"], per_amount=given["per_amount"], funding=funding)
        made = draft(self.district, rules).ok(201)["id"]
        effective = now() if given["age"] is None else self.moment - timedelta(minutes=given["age"], seconds=-1)
        version = Version(number, effective, given["points"], given["per_amount"], share)
        accepted = self.reckoning.publish(version, now())
        reply = publish(self.district, made, format_instant(effective))
        assert reply.status == (200 if accepted else 422), reply.body
        if accepted:
            assert reply.body["version"] == number

    @initialize(given=st.lists(RULES, max_size=4))
    def start_with_rules(self, given: list[dict[str, Any]]) -> None:
        for rules in given:
            self.change_rules(rules)

    @invariant()
    def points_agree(self) -> None:
        for member, purse in zip(self.members, self.reckoning.purses, strict=True):
            told = self.district.balance(member)
            assert {name: told[name] for name in ("available", "pending", "owed")} == purse.balance(now())
            assert told["lifetime"]["earned"] == sum(purse.movements)

    def teardown(self) -> None:
        for member, purse in zip(self.members, self.reckoning.purses, strict=True):
            path = f"/v1/members/{member}/points/entries"
            walked = [
                row for page in pages(self.district.api, path, self.district.key, limit=100) for row in page["data"]
            ]
            assert [(row["points"], row["balance_after"]) for row in walked] == purse.history()
        with self.app.app_context():
            assert broken(self.district.id) == {}


def test_any_life_ends_as_reckoned(app: Flask) -> None:
    """Without shrinking: each try is a district of its own, and thousands of them would take minutes."""
    bounds = settings(max_examples=20, stateful_step_count=20, phases=[Phase.reuse, Phase.generate])
    run_state_machine_as_test(lambda: Life(app), settings=bounds)
