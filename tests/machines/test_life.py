"""Any life of a district ends with the points that a plain reckoning comes to, and with books in order.

`pytest tests/machines --lives 500` lives longer.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
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
from app.points.tasks import expire_district
from tests.conftest import OPERATOR_KEY
from tests.factories.api import Api, Reply
from tests.factories.books import broken
from tests.factories.clock import SetClock
from tests.factories.districts import new_district
from tests.factories.lives import (
    BACKS,
    EFFECTIVE,
    MEMBERS,
    MIDNIGHTS,
    PROGRAMMES,
    RULES,
    SALES,
    SPANS,
    STARTS,
    ZONES,
)
from tests.factories.points import change_programme, draft, publish
from tests.factories.purses import Told, read_accounts, read_purses
from tests.factories.reckoning.district import Back, Given, Plan, Reckoning, Refused, Sold, Version
from tests.factories.reckoning.purses import Purse

STEPS = 50
MAX_AMOUNT = 10_000_000_000
BASE = {
    "key": "base",
    "kind": "base",
    "name": "1 point per yuan",
    "points": 1,
    "per_amount": 100,
    "priority": 0,
    "funding": {"merchant": 100, "district": 0},
}


class Life(RuleBasedStateMachine):
    """Sales, refunds, claims, adjustments, changes of terms and rules, and time, in any order."""

    def __init__(self, app: Flask, clock: SetClock) -> None:
        super().__init__()
        self.app, self.clock = app, clock

    @initialize(zone=st.sampled_from(ZONES), start=st.sampled_from(STARTS), terms=PROGRAMMES, rules=st.none() | RULES)
    def begin(self, zone: str, start: datetime, terms: dict[str, Any], rules: list[dict[str, Any]] | None) -> None:
        self.clock.moment = start
        self.district = new_district(Api.inside(self.app, OPERATOR_KEY), time_zone=zone)
        self.shops = (self.district.shop, self.district.other_shop)
        self.members = [self.district.member() for _ in range(MEMBERS)]
        self.told = [Told() for _ in self.members]
        self.reckoning = Reckoning(
            ZoneInfo(zone),
            [Purse() for _ in self.members],
            [shop.merchant_id for shop in self.shops],
            self.district.api.get("/v1/programme", self.district.key).ok(),
            [Version(1, datetime.min.replace(tzinfo=UTC), [BASE])],
        )
        self.ids: dict[int, str] = {}
        self.change_terms(terms)
        if rules:
            self.change_rules(rules, None)

    @property
    def now(self) -> datetime:
        return self.clock.moment

    def plan(self, given: dict[str, Any]) -> Plan:
        """A sale as it will be reported; what is spent stays within the terms, unless there is something extra."""
        amount, points, terms = given["amount"], 0, self.reckoning.programme
        if given["spend"] is not None:
            purse = self.reckoning.purses[given["member"] or 0]
            most = int(Fraction(amount * terms["max_spend_percent"], 100) / Fraction(terms["point_value"]))
            points = min(purse.spendable(self.now), most, MAX_AMOUNT // 2) * given["spend"] // 1000 + given["extra"]
        paid = amount - int(points * Fraction(terms["point_value"]))
        return Plan(
            reference=f"R{given['number']}",
            shop=given["shop"],
            amount=amount,
            occurred_at=self.now - timedelta(minutes=given["age"]),
            member=given["member"],
            payment=given["payment"],
            channel=given["channel"],
            eligible=None if given["eligible"] is None else min(amount, max(0, paid * given["eligible"] // 1000)),
            points=points,
        )

    def body(self, plan: Plan) -> dict[str, Any]:
        return {
            "reference": plan.reference,
            "store_id": self.shops[plan.shop].store_id,
            "amount": plan.amount,
            "occurred_at": format_instant(plan.occurred_at),
            "member_id": None if plan.member is None else self.members[plan.member],
            "payment_reference": plan.payment,
            "channel": plan.channel,
            "eligible_amount": plan.eligible,
            "points_to_spend": plan.points,
        }

    def expect(self, plan: Plan) -> tuple[int, Any, Any]:
        """What the answer to a report must say, as far as it may change later; and of which sale."""
        told = self.reckoning.sell(plan, self.now)
        return (told.status, told, None) if isinstance(told, Refused) else (told[0], self.figures(told[1]), told[1])

    def figures(self, sold: Sold) -> dict[str, Any]:
        balance = None if sold.member is None else self.reckoning.purses[sold.member].balance(self.now)
        start, end = sold.life if sold.earned.points else (None, None)
        return {
            "reference": sold.plan.reference,
            "member_id": None if sold.member is None else self.members[sold.member],
            "points_spent": sold.plan.points,
            "points_amount": sold.points_amount,
            "paid_amount": sold.paid,
            "eligible_amount": sold.eligible,
            "refunded_amount": sold.back("amount"),
            "points_earned": sold.earned.points,
            "available_at": start and format_instant(start),
            "expires_at": end and format_instant(end),
            "rule_set_version": sold.version and sold.version.number,
            "explanation": [(key, code, points) for key, (code, points) in sold.earned.outcomes.items()],
            "balance": balance,
        }

    def check(self, status: int, answer: Any, expected: tuple[int, Any, Any]) -> None:
        wanted, figures, thing = expected
        assert status == wanted, (answer, figures)
        if isinstance(figures, Refused):
            flaws = [one for one in answer.get("errors", ()) if one["code"] != "differs"]
            assert {one["pointer"] for one in flaws} == {figures.pointer} - {None}
            return
        self.check_figures(answer, figures)
        assert self.ids.setdefault(id(thing), answer["id"]) == answer["id"]

    @staticmethod
    def check_figures(answer: Any, figures: dict[str, Any]) -> None:
        if "explanation" in figures:
            told = [(one["rule_key"], one.get("code", "applied"), one["points"]) for one in answer["explanation"]]
            answer = {**answer, "explanation": told}
        assert {name: answer[name] for name in figures} == figures

    def check_quote(self, quoted: Reply, expected: tuple[int, Any, Any]) -> None:
        wanted, figures, _ = expected
        assert quoted.status == (wanted if isinstance(figures, Refused) else 200), quoted.body
        if not isinstance(figures, Refused):
            self.check_figures(quoted.body, figures)

    def post(self, path: str, body: Any) -> Reply:
        return self.district.api.post(path, body, self.district.key)

    @rule(given=SALES, is_quoted=st.booleans())
    def sell(self, given: dict[str, Any], is_quoted: bool) -> None:
        """A quote says what the report will, and changes nothing."""
        plan = self.plan(given)
        quoted = self.post("/v1/transactions/quote", self.body(plan)) if is_quoted else None
        expected = self.expect(plan)
        if quoted is not None:
            self.check_quote(quoted, expected)
        reply = self.post("/v1/transactions", self.body(plan))
        self.check(reply.status, reply.body, expected)

    @rule(many=st.lists(SALES, min_size=3, max_size=12))
    def sell_together(self, many: list[dict[str, Any]]) -> None:
        plans = [self.plan(given) for given in many]
        expected = [self.expect(plan) for plan in plans]
        answer = self.post("/v1/transactions/batch", {"transactions": [self.body(plan) for plan in plans]}).ok(200)
        for row, wanted in zip(answer["results"], expected, strict=True):
            self.check(row["status"], row.get("transaction", row.get("problem")), wanted)

    def back(self, given: dict[str, Any]) -> Back:
        sold = self.reckoning.sales[-1 - given["which"] % len(self.reckoning.sales)]
        left = sold.plan.amount - sold.back("amount")
        amount = min(MAX_AMOUNT, max(1, left * given["part"] // 1000, given["part"] - 1000 + left))
        eligible = None
        if given["eligible"] is not None:
            earning = int(sold.left_to_earn())
            more = max(0, earning * given["eligible"] // 1000, given["eligible"] - 1000 + earning)
            eligible = min(MAX_AMOUNT, more)
        return Back(sold, f"B{given['number']}", amount, eligible)

    def body_of_back(self, back: Back, by: str) -> dict[str, Any]:
        named: dict[str, Any] = {"transaction_id": self.ids[id(back.sold)]}
        if by != "id":
            shop = self.shops[back.sold.plan.shop]
            named = {"transaction_reference": back.sold.plan.reference, "merchant_id": shop.merchant_id}
        return {**named, "reference": back.reference, "amount": back.amount, "eligible_amount": back.eligible}

    def expect_back(self, back: Back, by: str = "id") -> tuple[int, Any, Any]:
        told = self.reckoning.refund(back, self.now)
        if isinstance(told, Refused):
            return told.status, told, None
        status, given = told
        return status, self.figures_of_back(given, by), given

    def figures_of_back(self, given: Given, by: str) -> dict[str, Any]:
        """A shop's own key isn't told the balance: no member here has proved anything to a shop."""
        sold = given.plan.sold
        is_told = sold.member is not None and by != "shop"
        return {
            "transaction_id": self.ids[id(sold)],
            "amount": given.amount,
            "money_amount": given.money,
            "discount_reversed": 0,
            "points_reversed": given.reversed,
            "points_owed": given.owed,
            "points_forgiven": given.forgiven,
            "points_restored": given.restored,
            "balance": self.reckoning.purses[sold.member].balance(self.now) if is_told else None,
        }

    @precondition(lambda self: self.reckoning.sales)
    @rule(given=BACKS)
    def give_back(self, given: dict[str, Any]) -> None:
        back = self.back(given)
        body = self.body_of_back(back, given["by"])
        expected = self.expect_back(back, given["by"])
        key = self.shops[back.sold.plan.shop].key if given["by"] == "shop" else self.district.key
        reply = self.district.api.post("/v1/refunds", body, key)
        self.check(reply.status, reply.body, expected)

    @precondition(lambda self: self.reckoning.sales)
    @rule(many=st.lists(BACKS, min_size=2, max_size=8))
    def give_back_together(self, many: list[dict[str, Any]]) -> None:
        backs = [self.back(given) for given in many]
        bodies = [self.body_of_back(back, given["by"]) for back, given in zip(backs, many, strict=True)]
        expected = [self.expect_back(back) for back in backs]
        answer = self.post("/v1/refunds/batch", {"refunds": bodies}).ok(200)
        for row, wanted in zip(answer["results"], expected, strict=True):
            self.check(row["status"], row.get("refund", row.get("problem")), wanted)

    @precondition(lambda self: self.reckoning.sales)
    @rule(which=st.integers(0, 100), member=st.integers(0, MEMBERS - 1))
    def claim(self, which: int, member: int) -> None:
        sold = self.reckoning.sales[-1 - which % len(self.reckoning.sales)]
        reply = self.post(f"/v1/transactions/{self.ids[id(sold)]}/claim", {"member_id": self.members[member]})
        if sold.member not in (None, member):
            assert (reply.status, reply.code) == (409, "already-claimed")
        elif sold.member is None and self.reckoning.is_old(sold, self.now):
            assert (reply.status, reply.code) == (410, "claim-expired")
        else:
            if sold.member is None:
                self.reckoning.give(sold, member, self.now)
            self.check(reply.status, reply.body, (200, self.figures(sold), sold))

    @rule(member=st.integers(0, MEMBERS - 1), part=st.sampled_from((-1001, -1000, -300, 1, 70, 400)))
    def adjust(self, member: int, part: int) -> None:
        """Up by some points; down by thousandths of what can be spent."""
        purse, points = self.reckoning.purses[member], part
        if part < 0:
            points = max(-MAX_AMOUNT, min(-1, part * purse.spendable(self.now) // 1000))
        accepted = purse.adjust(points, self.now, self.reckoning.end(self.reckoning.day(self.now)))
        reply = self.post(f"/v1/members/{self.members[member]}/points/adjustments", {"points": points, "reason": "x"})
        assert reply.status == (201 if accepted else 422), reply.body
        if accepted:
            assert reply.body["balance"] == purse.balance(self.now)

    @rule(terms=PROGRAMMES)
    def change_terms(self, terms: dict[str, Any]) -> None:
        self.reckoning.programme.update(terms)
        change_programme(self.district, **terms)

    @rule(rules=RULES, age=EFFECTIVE)
    def change_rules(self, rules: list[dict[str, Any]], age: int | None) -> None:
        for one in rules:
            if "merchant_ids" in one["conditions"]:
                shops = {"merchant_ids": [self.district.shop.merchant_id]}
                one["conditions"] = {**one["conditions"], **shops}
        made = draft(self.district, *rules).ok(201)["id"]
        effective = self.now if age is None else self.now - timedelta(minutes=age, seconds=-1)
        version = Version(len(self.reckoning.versions) + 1, effective, rules)
        accepted = self.reckoning.publish(version, self.now)
        reply = publish(self.district, made, format_instant(effective))
        assert reply.status == (200 if accepted else 422), reply.body
        if accepted:
            assert reply.body["version"] == version.number

    @rule(days=st.sampled_from(SPANS))
    def pass_time(self, days: float) -> None:
        self.clock.moment += timedelta(days=days)

    @rule(seconds=st.sampled_from(MIDNIGHTS))
    def wait_for_midnight(self, seconds: int) -> None:
        """Points become available and end at midnight."""
        tomorrow = self.reckoning.start_of(self.reckoning.day(self.now) + timedelta(days=1))
        self.clock.moment = tomorrow.astimezone(UTC) + timedelta(seconds=seconds)

    @rule()
    def come_late(self) -> None:
        """Who has waited for a lock records by an instant before that of who held it; so may another machine."""
        self.clock.moment -= timedelta(seconds=2)

    @rule()
    def expire(self) -> None:
        for purse in self.reckoning.purses:
            purse.expire(self.now)
        with self.app.app_context():
            expire_district(self.district.id)

    @invariant()
    def points_agree(self) -> None:
        with self.app.app_context():
            read_purses(self.district.id, self.members, self.told)
        for told, purse in zip(self.told, self.reckoning.purses, strict=True):
            told.check(purse, self.now, self.reckoning)

    def teardown(self) -> None:
        if hasattr(self, "told"):
            self.clock.moment += timedelta(days=1)
            with self.app.app_context():
                assert read_accounts(self.district.id, self.reckoning.merchant_ids) == self.reckoning.books()
                assert broken(self.district.id) == {}


@pytest.fixture
def lives(request: pytest.FixtureRequest) -> int:
    """How many lives."""
    return int(request.config.getoption("--lives"))


def test_any_life_ends_as_reckoned(timed_app: Flask, clock: SetClock, lives: int) -> None:
    """Without shrinking: each try is a district of its own, and thousands of them would take minutes."""
    bounds = settings(
        max_examples=lives,
        stateful_step_count=STEPS,
        phases=[Phase.reuse, Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lambda: Life(timed_app, clock), settings=bounds)
