"""The same lives with members who are frozen, merged and erased in between."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from tests.factories.clock import SetClock
from tests.factories.lives import MEMBERS, PROGRAMMES, RULES, STARTS, ZONES
from tests.factories.purses import Told, read_purses
from tests.factories.reckoning.district import Plan, Reckoning, Refused, Sold
from tests.factories.reckoning.purses import Purse
from tests.machines.test_life import STEPS, Life, lives

__all__ = ["lives"]
SLOTS = st.integers(0, MEMBERS - 1)


class CaredFor(Reckoning):
    """Knows who is frozen. Erased members keep their number, and nobody else gets it."""

    frozen: set[int]

    def _record(self, plan: Plan, now: Any) -> tuple[int, Sold] | Refused:
        if plan.points and plan.member in self.frozen:
            return Refused(409)
        return super()._record(plan, now)

    def _same(self, sold: Sold, plan: Plan) -> bool:  # type: ignore[override]
        """How an erased member was named is forgotten."""
        if sold.member is not None and self.purses[sold.member].is_erased and plan.member is None:
            return super()._same(sold, replace(plan, member=sold.member))
        return super()._same(sold, plan)

    def merge(self, old: int, survivor: int) -> None:
        for sold in self.sales:
            if sold.member == old:
                sold.member = survivor
        self.used = [(key, survivor if who == old else who, *more) for key, who, *more in self.used]
        self.purses[survivor].join(self.purses[old])


class CareLife(Life):
    """Whoever is merged or erased is followed by somebody new, so that there are always as many to sell to."""

    @initialize(zone=st.sampled_from(ZONES), start=st.sampled_from(STARTS), terms=PROGRAMMES, rules=st.none() | RULES)
    def begin(self, zone: str, start: Any, terms: dict[str, Any], rules: list[dict[str, Any]] | None) -> None:
        super().begin(zone, start, terms, rules)
        known = self.reckoning
        self.reckoning = CaredFor(known.zone, known.purses, known.merchant_ids, known.programme, known.versions)
        self.reckoning.frozen = set()
        self.slots = list(range(MEMBERS))
        self.merged: set[int] = set()

    def somebody_new(self, slot: int) -> None:
        self.members.append(self.district.member())
        self.reckoning.purses.append(Purse())
        self.told.append(Told())
        self.slots[slot] = len(self.members) - 1

    def plan(self, given: dict[str, Any]) -> Plan:
        member = given["member"]
        return super().plan({**given, "member": None if member is None else self.slots[member]})

    def act(self, member: int, verb: str, body: dict[str, Any] | None = None) -> Any:
        return self.post(f"/v1/members/{self.members[member]}/{verb}", body or {})

    @rule(slot=SLOTS)
    def freeze(self, slot: int) -> None:
        member, frozen = self.slots[slot], self.reckoning.frozen
        told = self.act(member, "unfreeze" if member in frozen else "freeze").ok(200)
        assert told["status"] == ("active" if member in frozen else "frozen")
        frozen ^= {member}

    @rule(slot=SLOTS, other=SLOTS)
    def merge(self, slot: int, other: int) -> None:
        old, survivor = self.slots[slot], self.slots[other]
        reply = self.act(old, "merge", {"into": self.members[survivor]})
        if old == survivor:
            assert reply.status == 422
        elif self.reckoning.frozen & {old, survivor}:
            assert (reply.status, reply.code) == (409, "member-frozen")
        else:
            assert reply.ok(200)["id"] == self.members[survivor]
            self.reckoning.merge(old, survivor)
            self.merged.add(old)
            self.somebody_new(slot)

    @rule(slot=SLOTS)
    def erase(self, slot: int) -> None:
        member = self.slots[slot]
        reply = self.district.api.delete(f"/v1/members/{self.members[member]}", self.district.key)
        assert reply.ok(200)["status"] == "erased"
        self.reckoning.purses[member].erase(self.now)
        self.reckoning.frozen.discard(member)
        self.somebody_new(slot)

    @precondition(lambda self: self.reckoning.sales)
    @rule(which=st.integers(0, 100), member=SLOTS)
    def claim(self, which: int, member: int) -> None:
        sold, number = self.reckoning.sales[-1 - which % len(self.reckoning.sales)], self.slots[member]
        if sold.member is None and number in self.reckoning.frozen:
            path = f"/v1/transactions/{self.ids[id(sold)]}/claim"
            reply = self.post(path, {"member_id": self.members[number]})
            assert (reply.status, reply.code) == (409, "member-frozen")
        else:
            super().claim(which, number)

    @rule(member=SLOTS, part=st.sampled_from((-1001, -1000, -300, 1, 70, 400)))
    def adjust(self, member: int, part: int) -> None:
        super().adjust(self.slots[member], part)

    @invariant()
    def points_agree(self) -> None:
        """Of a merged member the product tells what the survivor has."""
        there = [number for number in range(len(self.members)) if number not in self.merged]
        with self.app.app_context():
            read_purses(
                self.district.id, [self.members[number] for number in there], [self.told[number] for number in there]
            )
        for number in there:
            self.told[number].check(self.reckoning.purses[number], self.now, self.reckoning)


def test_any_life_with_care_ends_as_reckoned(timed_app: Flask, clock: SetClock, lives: int) -> None:
    bounds = settings(
        max_examples=max(1, lives // 2),
        stateful_step_count=STEPS,
        phases=[Phase.reuse, Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lambda: CareLife(timed_app, clock), settings=bounds)
