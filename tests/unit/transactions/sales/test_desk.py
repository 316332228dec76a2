"""The desk decides on reported sales by facts alone: no database here, and nothing is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.districts.queries import Shop
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import new_id
from app.foundation.problems import DomainError, IdempotencyKeyReused, NotFound, ValidationFailed
from app.foundation.tenancy import Principal
from app.members.errors import MemberIsFrozen
from app.points.caps.budgets import Budgets, BudgetSlice, BudgetsRanDry
from app.points.caps.usage import Usage
from app.points.earning.rules import Rule
from app.points.errors import SpendLocked
from app.points.purses.services import Balance, Lot
from app.points.tiers.member_tiers import TierStates
from app.transactions.configuration import Configuration
from app.transactions.errors import PaymentReferenceConflict, ReferenceConflict
from app.transactions.reports import SaleReport
from app.transactions.sales import queries
from app.transactions.sales.desk import Desk, Outcome, Recorded, to_store
from app.transactions.sales.earning import Earning
from app.transactions.sales.facts import Earlier, Facts, shop_of
from app.transactions.sales.parts import Parts, parts_of
from app.transactions.sales.record import Record, new_record
from app.transactions.sales.sale import Sale, name_prints
from tests.factories.desks import BASE, DISTRICT, KEY, MEMBER, MERCHANT, NOW, OTHER, SHOP, TILL, Paper, keys, settings

PARTY = Rule("party", "Party", points=30, kind="bonus", budget=40)


@pytest.fixture(autouse=True)
def _keys() -> Iterator[None]:
    with keys():
        yield


def sale(reference: str = "S1", amount: int = 12800, by: Principal = KEY, key: str | None = None, **more: Any) -> Sale:
    """A sale to the member, unless told otherwise, as it is when it comes to the desk."""
    made = Sale(by, SaleReport(reference, amount, **{"store_id": SHOP.store_id, "member_id": MEMBER} | more), key)
    name_prints(made, SHOP.store_id, DISTRICT)
    made.buyer = made.report.member_id
    return made


def recorded_before(one: Sale, **changes: Any) -> Record:
    """What stands in the table of a sale; nobody's, unless told otherwise."""
    record = new_record(one, SHOP, settings(), NOW - timedelta(days=1), 0)
    return replace(record, **changes)


@dataclass
class Street:
    """Facts as plain objects, and the desk over them."""

    settings: Configuration = field(default_factory=settings)
    balances: dict[str, Balance] = field(default_factory=lambda: {MEMBER: Balance(MEMBER), OTHER: Balance(OTHER)})
    budgets: dict[str, list[BudgetSlice]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    earlier: Earlier = field(default_factory=Earlier)
    uow: Paper = field(default_factory=Paper)

    def desk(self, *sales: Sale, shops: Sequence[Shop | DomainError] = ()) -> Desk:
        uow, terms = cast(UnitOfWork, self.uow), self.settings.terms
        facts = Facts(self.settings, shops or [SHOP] * len(sales), self.balances, self.earlier, **self.facts)
        usage, states = Usage(uow, terms.tracking), TierStates(uow, terms.ladder)
        earning = Earning(uow, self.settings, usage, states, Budgets(uow, self.budgets), may_sweep=True)
        self.parts: Parts = parts_of(uow, facts, earning)
        return Desk(sales, facts, self.parts, NOW, self.uow.principal)

    def handle(self, *sales: Sale) -> list[Outcome]:
        desk = self.desk(*sales)
        return [desk.handle(position) for position in range(len(sales))]

    def record(self, *sales: Sale) -> list[Recorded]:
        outcomes = self.handle(*sales)
        assert all(isinstance(one, Recorded) for one in outcomes), outcomes
        return cast("list[Recorded]", outcomes)

    def refuse(self, *sales: Sale) -> DomainError:
        """Why the last of some sales is refused."""
        outcome = self.handle(*sales)[-1]
        assert isinstance(outcome, DomainError), outcome
        return outcome


def pointers(error: DomainError) -> list[str]:
    return [one.pointer for one in error.flaws]


def test_a_new_sale_earns_by_the_version_in_force() -> None:
    [outcome] = Street().record(sale())
    record = outcome.record
    assert (outcome.status, outcome.is_replay) == (201, False)
    assert (record.member_id, record.points_earned, record.rule_set_version) == (MEMBER, 128, 1)
    assert (record.amount, record.paid_amount, record.eligible_amount, record.points_amount) == (12800, 12800, 12800, 0)
    assert outcome.balance is not None
    assert outcome.balance["available"] == 128


def test_a_sale_to_nobody_has_a_claim_and_no_points() -> None:
    [outcome] = Street().record(sale(member_id=None))
    assert outcome.record.claim_hash is not None
    assert (outcome.record.member_id, outcome.record.points_earned, outcome.balance) == (None, 0, None)


def test_who_became_part_of_another_buys_as_the_other() -> None:
    survivor = Balance(OTHER)
    [outcome] = Street(balances={MEMBER: survivor, OTHER: survivor}).record(sale())
    assert outcome.record.member_id == OTHER


@pytest.mark.parametrize("balances", [{}, {MEMBER: Balance(MEMBER, is_erased=True)}], ids=["unknown", "erased"])
def test_who_is_not_there_buys_nothing(balances: dict[str, Balance]) -> None:
    error = Street(balances=balances).refuse(sale())
    assert isinstance(error, NotFound)
    assert pointers(error) == ["/member_id"]


@pytest.mark.parametrize(
    ("by", "more", "pointer"),
    [
        (KEY, {"store_id": new_id("str")}, "/store_id"),
        (KEY, {"store_id": None, "store_code": "Z9"}, "/store_code"),
        (KEY, {"store_id": None}, "/store_id"),
        (replace(TILL, merchant_id=new_id("mer"), store_id=None), {}, "/store_id"),
        (replace(TILL, store_id=new_id("str")), {}, "/store_id"),
    ],
)
def test_a_store_that_is_not_the_keys_is_refused(by: Principal, more: dict[str, Any], pointer: str) -> None:
    strange = sale(by=by, **more)
    error = shop_of(strange, settings())
    assert isinstance(error, DomainError)
    assert pointers(error) == [pointer]
    desk = Street().desk(strange, sale("S2"), shops=[error, SHOP])
    assert desk.handle(0) is error
    assert isinstance(desk.handle(1), Recorded), "each stands alone"


# --- Known before


def test_an_idempotency_key_gives_the_first_answer_again() -> None:
    first = sale(key="k")
    record = recorded_before(first, member_id=MEMBER, points_earned=128, refunded_amount=100)
    then = to_store(Recorded(replace(record, refunded_amount=0), 201, {"available": 128}))
    street = Street()
    street.earlier.remember(record)
    street.earlier.remember_answer((KEY.id, "k"), (first.key_prints[0], 201, then), record)
    [again] = street.record(sale(key="k"))
    assert (again.is_replay, again.status, again.balance) == (True, 201, {"available": 128})
    assert again.record.refunded_amount == 0, "as it stood then"
    other = street.refuse(sale(key="k", amount=1))
    assert isinstance(other, IdempotencyKeyReused)
    assert pointers(other) == ["/amount"]


def test_a_key_that_comes_twice_in_a_set_answers_the_same() -> None:
    first, again = Street().record(sale(key="k"), sale(key="k"))
    assert (again.is_replay, again.status, again.record) == (True, 201, first.record)
    error = Street().refuse(sale(key="k"), sale("S2", key="k"))
    assert isinstance(error, IdempotencyKeyReused)
    assert pointers(error) == ["/reference"]


def test_a_reference_that_comes_again_is_the_same_sale() -> None:
    street = Street()
    street.earlier.remember(recorded_before(sale(), member_id=MEMBER))
    [again] = street.record(sale())
    assert (again.status, again.record.member_id) == (200, MEMBER)
    assert street.balances[MEMBER].available == 0, "nothing is given twice"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [({"amount": 1}, "/amount"), ({"channel": "web"}, "/channel"), ({"member_id": OTHER}, "/member_id")],
)
def test_a_reference_with_other_figures_is_a_conflict(changes: dict[str, Any], pointer: str) -> None:
    street = Street()
    street.earlier.remember(recorded_before(sale(), member_id=MEMBER))
    error = street.refuse(sale(**changes))
    assert isinstance(error, ReferenceConflict)
    assert pointer in pointers(error)


def test_a_payment_counts_once_at_a_merchant() -> None:
    street = Street()
    street.earlier.remember(recorded_before(sale(payment_reference="P"), member_id=MEMBER))
    [again] = street.record(sale("S2", payment_reference="P", member_id=OTHER))
    assert (again.status, again.record.reference, again.record.member_id) == (200, "S1", MEMBER)
    error = street.refuse(sale("S3", amount=1, payment_reference="P"))
    assert isinstance(error, PaymentReferenceConflict)
    assert pointers(error) == ["/amount"]


@pytest.mark.parametrize("days", [1, 31])
def test_a_second_report_of_a_payment_claims_as_long_as_it_is_time(days: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "count_claims", lambda *_: 0)
    street, at = Street(), NOW - timedelta(days=days)
    unclaimed = sale(payment_reference="P", member_id=None)
    street.earlier.remember(recorded_before(unclaimed, recorded_at=at, occurred_at=at))
    [claimed] = street.record(sale("S2", payment_reference="P"))
    wanted = (MEMBER, 128, NOW) if days == 1 else (None, 0, None)
    assert (claimed.record.member_id, claimed.record.points_earned, claimed.record.claimed_at) == wanted


def test_what_was_answered_in_a_set_stays_as_it_was_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "count_claims", lambda *_: 0)
    nobodys, claimed = Street().record(sale(payment_reference="P", member_id=None), sale("S2", payment_reference="P"))
    assert (nobodys.status, nobodys.record.member_id) == (201, None)
    assert (claimed.status, claimed.record.member_id, claimed.record.id) == (200, MEMBER, nobodys.record.id)


# --- Spending


def with_points(points: int, **more: Any) -> dict[str, Any]:
    """A member with points, in one lot."""
    lot = Lot(new_id("lot"), MEMBER, MERCHANT, "merchant", new_id("txn"), points, points, NOW - timedelta(1), None)
    balance = Balance(MEMBER, ledger=points, available=points, earned=points, **more)
    return {"balances": {MEMBER: balance}, "facts": {"lots": [lot]}}


def test_points_within_the_balance_take_off_the_bill() -> None:
    [outcome] = Street(**with_points(500)).record(sale(points_to_spend=500))
    record = outcome.record
    assert (record.points_spent, record.points_amount, record.paid_amount) == (500, 500, 12300)
    assert record.points_earned == 123, "on what is paid in money"
    assert outcome.balance is not None
    assert outcome.balance["available"] == 123


def test_more_points_than_there_are_are_refused() -> None:
    street = Street(**with_points(500))
    error = street.refuse(sale(points_to_spend=501))
    assert isinstance(error, ValidationFailed)
    assert [(one.pointer, one.code) for one in error.flaws] == [("/points_to_spend", "not-enough-points")]
    assert street.balances[MEMBER].available == 500


def test_a_sale_sees_what_those_before_it_spent_and_earned() -> None:
    spent = sale(points_to_spend=500)
    assert pointers(Street(**with_points(500)).refuse(spent, sale("S2", points_to_spend=124))) == ["/points_to_spend"]
    _, second = Street(**with_points(500)).record(spent, sale("S2", points_to_spend=123))
    assert second.record.points_spent == 123


@pytest.mark.parametrize(("hold", "error"), [("is_frozen", MemberIsFrozen), ("is_spend_locked", SpendLocked)])
def test_who_is_frozen_or_locked_earns_and_spends_nothing(hold: str, error: type[DomainError]) -> None:
    street = Street(**with_points(500, **{hold: True}))
    assert isinstance(street.refuse(sale(points_to_spend=1)), error)
    [earned] = street.record(sale("S2"))
    assert earned.record.points_earned == 128


def test_who_is_frozen_claims_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    street = Street(balances={MEMBER: Balance(MEMBER, is_frozen=True)})
    street.earlier.remember(recorded_before(sale(payment_reference="P", member_id=None)))
    assert isinstance(street.refuse(sale("S2", payment_reference="P")), MemberIsFrozen)


def test_where_proof_is_needed_a_key_without_the_scope_spends_nothing() -> None:
    proving = {"settings": settings(needs_proof=True), **with_points(500)}
    error = Street(**proving).refuse(sale(by=replace(TILL, scopes=frozenset()), points_to_spend=1))
    assert [one.code for one in error.flaws] == ["proof-needed"]


# --- Sets


def test_a_reference_that_comes_twice_in_a_set_is_one_sale() -> None:
    first, again = Street().record(sale(), sale())
    assert (first.status, again.status, again.record.id) == (201, 200, first.record.id)
    assert isinstance(Street().refuse(sale(), sale(amount=1)), ReferenceConflict)


def test_a_sale_sees_what_those_before_it_left_of_a_budget() -> None:
    part = BudgetSlice("party", 0, 40, allotted=40)
    street = Street(settings(BASE, PARTY), budgets={"party": [part]})
    first, second = street.record(sale(amount=100), sale("S2", amount=100))
    assert [first.record.points_earned, second.record.points_earned] == [31, 11]
    assert part.spent == 40


def test_a_slice_that_runs_dry_is_told_with_its_rule_before_anything_is_written() -> None:
    street = Street(settings(BASE, PARTY), budgets={"party": [BudgetSlice("party", 0, 40, allotted=20)]})
    desk = street.desk(sale(amount=100))
    assert isinstance(desk.handle(0), Recorded)
    with pytest.raises(BudgetsRanDry) as dry:
        desk.write()
    assert dry.value.keys == {"party"}
    assert street.uow.written == []


def test_a_sale_waits_behind_one_that_waits_and_shares_a_reference() -> None:
    street = Street(facts={"busy": frozenset({MEMBER})})
    desk = street.desk(
        sale("S1", member_id=OTHER),
        sale("S2", payment_reference="P"),
        sale("S2", member_id=OTHER),
        sale("S3", member_id=OTHER, payment_reference="P"),
        sale("S4", member_id=OTHER, payment_reference="Q"),
        sale("S3", member_id=OTHER),
        sale("P", member_id=OTHER),
    )
    assert [desk.puts_off(position) for position in range(7)] == [False, True, True, True, False, True, False]


def test_where_nobody_is_busy_no_sale_waits() -> None:
    desk = Street().desk(sale(), sale())
    assert [desk.puts_off(0), desk.puts_off(1)] == [False, False]


def test_every_part_writes_once_in_its_order() -> None:
    written: list[int] = []
    parts = [SimpleNamespace(write=lambda number=number: written.append(number)) for number in range(3)]
    Desk([], Facts(settings(), [], {}), cast(Parts, parts), NOW, KEY).write()
    assert written == [0, 1, 2]
