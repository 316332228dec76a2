"""Statements made payments, each once at most. What isn't paid of one stays on the balance that the next opens with.

Holds the district's cash, then payments by id: so two at once go by turns, and no more is promised than there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.tenancy import system_principal
from app.payments import queries as payments
from app.payments import services as paying
from app.payments.booking import today
from app.payments.queries import LivePayment, PartyOfPayment
from app.payments.rules import BY_HAND
from app.payments.services import WantedPayment
from app.settlement import queries as settlement
from app.settlement.accounts import bank_details
from app.settlement.accounts import queries as accounts
from app.settlement.paying import queries
from app.settlement.paying.queries import PayableStatement
from app.settlement.paying.rules import DueBalance, payouts
from app.settlement.rules import Party


def make_in_district(district_id: str) -> int:
    """Makes the payments that are due in a district; says how many. Twice makes none."""
    with unit_of_work(system_principal(district_id)) as uow:
        statements = queries.settled_statements(uow)
        if not statements:
            return 0
        payments.lock_cash(uow)
        live = {_party_of(one): one for one in payments.hold_live(uow, "settlement")}
        done = payments.statements_with_payments(uow, [one.row.id for one in statements])
        waiting = [one for one in statements if one.row.id not in done and not _is_under_way(live, one)]
        return _make(uow, waiting, live)


def _party_of(one: LivePayment) -> Party:
    return Party(one.party.kind, one.party.id)  # type: ignore[arg-type]


def _is_under_way(live: Mapping[Party, LivePayment], one: PayableStatement) -> bool:
    """Money that may be moving is waited for: only then is it known what is due."""
    payment = live.get(settlement.party_of(one.row))
    return payment is not None and payment.is_under_way


def _make(uow: UnitOfWork, waiting: Iterable[PayableStatement], live: Mapping[Party, LivePayment]) -> int:
    made = 0
    for (number, least, due_on), group in groupby(
        sorted(waiting, key=lambda one: one.number), lambda one: (one.number, one.least, one.due_on)
    ):
        rows = {settlement.party_of(one.row): one for one in group}
        due = _due(uow, number, rows, least)
        replaced = [live[party] for party in due if party in live]
        asked = {party: amount for party, amount in due.items() if amount < 0}
        owed = {party: amount for party, amount in due.items() if amount > 0 and _may_be_paid(uow, party)}
        free = payments.cash(uow) - payments.drafted_payouts(uow, but=[row.id for row in replaced])
        out = payouts(owed, free, least, is_last_day=due_on <= today(uow))
        for party, amount in {**asked, **out}.items():
            if party in live:
                paying.give_up(uow, live[party].id)
            paying.make(uow, _wanted(uow, party, amount, rows[party]))
            made += 1
    return made


def _due(uow: UnitOfWork, number: int, rows: Mapping[Party, PayableStatement], least: int) -> dict[Party, int]:
    """What parties are to be paid, and to pay. The public pays by its claims; the district's payouts are its draws."""
    since = queries.paid_since(uow, number, [one.row for one in rows.values()])
    holds = settlement.holds(uow, [one.row.id for one in rows.values()])
    held = {statement: sum(hold.amount for hold in placed) for statement, placed in holds.items()}
    due = {
        party: DueBalance(one.row.closing, since.get(party, 0), held.get(one.row.id, 0)).amount(least)
        for party, one in rows.items()
        if party.kind != "public"
    }
    return {party: amount for party, amount in due.items() if amount < 0 or (amount > 0 and party.kind == "merchant")}


def _may_be_paid(uow: UnitOfWork, party: Party) -> bool:
    """Whether bank details that were changed are approved, and have waited; who has given none is paid by hand."""
    account = accounts.account(uow, party.id)
    return account is None or account.bank_details is None or bank_details.may_be_paid(uow, account)


def _wanted(uow: UnitOfWork, party: Party, amount: int, one: PayableStatement) -> WantedPayment:
    account = accounts.account(uow, party.id) if party.kind == "merchant" else None
    return WantedPayment(
        PartyOfPayment(party.kind, party.id),
        "in" if amount < 0 else "out",
        abs(amount),
        statement_id=one.row.id,
        due_on=one.due_on,
        provider=BY_HAND if account is None else account.provider,
    )
