"""The desk decides on refunds by facts alone: no database here, and nothing is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast

import pytest

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of, new_id
from app.foundation.problems import DomainError
from app.foundation.tenancy import Principal
from app.points.purses.services import Balance, Lot
from app.transactions.configuration import Configuration
from app.transactions.errors import RefundReferenceConflict, SaleNotRecordedYet
from app.transactions.refunds.desk import Desk, Given, Outcome
from app.transactions.refunds.facts import Facts
from app.transactions.refunds.parts import parts_of
from app.transactions.reports import RefundReport, SaleReport
from app.transactions.sales.record import Record, new_record
from app.transactions.sales.sale import Sale
from tests.factories.desks import KEY, MEMBER, MERCHANT, NOW, SHOP, TILL, Paper, keys, settings

THEN = NOW - timedelta(days=1)


@pytest.fixture(autouse=True)
def _keys() -> Iterator[None]:
    with keys():
        yield


def bought(amount: int = 12800, points: int = 128, **changes: Any) -> Record:
    """A sale to the member that earned points a day ago, unless told otherwise."""
    record = new_record(Sale(KEY, SaleReport("S1", amount)), SHOP, settings(), THEN, 0)
    terms = {"member_id": MEMBER, "points_earned": points, "rule_set_version": 1, "rounding": "floor"}
    return replace(record, **(terms | changes))


@dataclass
class Counter:
    """Facts as plain objects, and the desk over them. What the sale earned is in one lot, and nothing else."""

    sale: Record = field(default_factory=bought)
    balance: Balance = field(default_factory=lambda: Balance(MEMBER, ledger=128, available=128, earned=128))
    settings: Configuration = field(default_factory=settings)
    facts: dict[str, Any] = field(default_factory=dict)
    by: Principal = KEY

    def handle(self, *reports: RefundReport) -> list[Outcome]:
        lot = Lot(new_id("lot"), MEMBER, MERCHANT, "merchant", self.sale.id, 128, 128, THEN, None)
        given: dict[str, Any] = {"lots": [lot], "sale_ids": [self.sale.id] * len(reports)}
        self.read = Facts(
            **{"settings": self.settings, "sales": {self.sale.id: self.sale}, "balances": {MEMBER: self.balance}}
            | given
            | self.facts
        )
        uow = cast(UnitOfWork, Paper(principal=self.by))
        desk = Desk(reports, self.read, parts_of(uow, self.read), NOW, self.by)
        return [desk.handle(position) for position in range(len(reports))]

    def give(self, *reports: RefundReport) -> list[Given]:
        outcomes = self.handle(*reports)
        assert all(isinstance(one, Given) for one in outcomes), outcomes
        return cast("list[Given]", outcomes)

    def refuse(self, *reports: RefundReport) -> DomainError:
        """Why the last of some refunds is refused."""
        outcome = self.handle(*reports)[-1]
        assert isinstance(outcome, DomainError), outcome
        return outcome


def pointers(error: DomainError) -> list[str]:
    return [one.pointer for one in error.flaws]


def test_half_of_a_sale_gives_half_of_its_points_back() -> None:
    [given] = Counter().give(RefundReport("R1", 6400))
    refund = given.refund
    assert (given.status, refund.money_amount, refund.points_reversed, refund.points_owed) == (201, 6400, 64, 0)
    assert given.balance is not None
    assert given.balance["available"] == 64


def test_a_refund_sees_what_those_before_it_gave_back() -> None:
    counter = Counter()
    first, second = counter.give(RefundReport("R1", 12700), RefundReport("R2", 100))
    assert [first.refund.points_reversed, second.refund.points_reversed] == [127, 1]
    assert counter.read.sales[counter.sale.id].status == "refunded"
    error = Counter().refuse(RefundReport("R1", 12700), RefundReport("R2", 101))
    assert pointers(error) == ["/amount"]


def test_points_that_are_gone_are_owed() -> None:
    lot = Lot(new_id("lot"), MEMBER, MERCHANT, "merchant", "", 128, 28, THEN, None)
    counter = Counter(balance=Balance(MEMBER, ledger=28, available=28, earned=128, spent=100))
    lot.source_id = counter.sale.id
    counter.facts["lots"] = [lot]
    [given] = counter.give(RefundReport("R1", 12800))
    assert (given.refund.points_reversed, given.refund.points_owed) == (128, 100)


def test_points_that_were_spent_come_back() -> None:
    spent_from = Lot(new_id("lot"), MEMBER, MERCHANT, "merchant", new_id("txn"), 500, 0, THEN, None)
    sale = bought(points=0, points_spent=500, points_amount=500, paid_amount=12300, rule_set_version=1)
    counter = Counter(sale, Balance(MEMBER, earned=500, spent=500))
    counter.facts |= {"lots": [spent_from], "spent": {hex_of(sale.id): [(spent_from.id, 500)]}}
    [given] = counter.give(RefundReport("R1", 12800))
    assert (given.refund.points_restored, given.refund.money_amount) == (500, 12300)
    assert counter.balance.available == 500


def test_a_refund_that_is_known_is_shown_again() -> None:
    first, again = Counter().give(RefundReport("R1", 100), RefundReport("R1", 100))
    assert (first.status, again.status, again.refund) == (201, 200, first.refund)
    error = Counter().refuse(RefundReport("R1", 100), RefundReport("R1", 101))
    assert isinstance(error, RefundReferenceConflict)
    assert pointers(error) == ["/amount"]


@pytest.mark.parametrize(
    ("by", "report"),
    [
        (KEY, RefundReport("R1", 100, merchant_id=new_id("mer"))),
        (replace(TILL, merchant_id=new_id("mer"), store_id=None), RefundReport("R1", 100)),
        (replace(TILL, store_id=new_id("str")), RefundReport("R1", 100)),
    ],
)
def test_another_shops_sale_is_not_there(by: Principal, report: RefundReport) -> None:
    assert isinstance(Counter(by=by).refuse(report), SaleNotRecordedYet)


def test_a_sale_that_is_not_there_keeps_no_other_refund_from_being_given() -> None:
    counter, missing = Counter(), SaleNotRecordedYet()
    counter.facts["sale_ids"] = [missing, counter.sale.id]
    refused, given = counter.handle(RefundReport("R1", 100), RefundReport("R2", 100))
    assert refused is missing
    assert isinstance(given, Given)


def test_nobodys_sale_gives_money_back_and_no_points() -> None:
    [given] = Counter(bought(points=0, member_id=None, rule_set_version=None)).give(RefundReport("R1", 100))
    assert (given.refund.money_amount, given.refund.points_reversed, given.balance) == (100, 0, None)


def test_of_who_was_erased_nothing_is_kept_that_a_till_wrote() -> None:
    counter = Counter(balance=Balance(MEMBER, ledger=128, available=128, earned=128, is_erased=True))
    [given] = counter.give(RefundReport("R1", 100, reason="Frau Wang war da"))
    assert (given.refund.reason, given.refund.body_print, given.refund.points_owed) == (None, b"", 0)


@pytest.mark.parametrize(("readable", "told"), [(None, True), (frozenset({MEMBER}), True), (frozenset(), False)])
def test_the_balance_is_told_to_whom_may_read_it(readable: frozenset[str] | None, told: bool) -> None:
    [given] = Counter(facts={"readable": readable}).give(RefundReport("R1", 100))
    assert (given.balance is not None) is told
