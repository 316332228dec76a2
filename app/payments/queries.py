"""Reading payments and their attempts, and the cash that they leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, or_, select

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.problems import NotFound
from app.payments.models import PaymentAttempt, PaymentRow
from app.payments.rules import BY_FILE, BY_HAND, LIVE, UNDER_WAY, net_cash

ACCOUNTS = ("settlement", "public_settlement", "deposit")
_LOCK_CASH = "SELECT pg_advisory_xact_lock(hashtextextended(%s::uuid::text, 7))"
_CASH = """
    SELECT coalesce(sum(p.paid_amount) FILTER (WHERE p.direction = 'in'), 0)::bigint,
           coalesce(sum(p.paid_amount) FILTER (WHERE p.direction = 'out'), 0)::bigint,
           coalesce(sum(p.amount) FILTER (WHERE p.direction = 'out' AND p.state IN ('sent', 'unknown')), 0)::bigint
    FROM payments AS p WHERE p.district_id = %(district)s
"""
BOOKED = """
    SELECT p.party_kind, p.party_id, p.account, j.journal_id,
           CASE WHEN (p.direction = 'in') = j.is_first THEN a.amount ELSE -a.amount END AS amount
    FROM payments AS p JOIN payment_attempts AS a ON a.district_id = p.district_id AND a.payment_id = p.id
    CROSS JOIN LATERAL (VALUES (a.journal_id, true), (a.returned_in, false)) AS j (journal_id, is_first)
    WHERE p.district_id = %(district)s AND j.journal_id IS NOT NULL
"""
"""What has moved and come back, as the party's account sees it, with its journals."""


class PartyOfPayment(NamedTuple):
    """Whose account of which kind it is about. `id` is a merchant's, the district's, or the public's (`pty_`)."""

    kind: str
    id: str
    account: str = "settlement"


def party_of(row: PaymentRow) -> PartyOfPayment:
    """Whose a payment is."""
    prefix = {"merchant": "mer", "district": "dis", "public": "pty"}[row.party_kind]
    return PartyOfPayment(row.party_kind, prefix + row.party_id[-33:], row.account)


def payments(uow: UnitOfWork) -> Select[PaymentRow]:
    """All payments."""
    return select(PaymentRow).where(PaymentRow.district_id == uow.district_id)


def wanted_payments(uow: UnitOfWork, wanted: Mapping[str, Any]) -> Select[PaymentRow]:
    """Payments by what a list asks for."""
    query = payments(uow)
    for name, column in (("state", PaymentRow.state), ("direction", PaymentRow.direction)):
        if wanted.get(name):
            query = query.where(column == wanted[name])
    if wanted.get("statement_id"):
        query = query.where(PaymentRow.statement_id == wanted["statement_id"])
    if wanted.get("merchant_id"):
        own = f"pty_{hex_of(wanted['merchant_id'])}"
        query = query.where(PaymentRow.party_kind == "merchant", PaymentRow.party_id == own)
    return query


def find_payment(uow: UnitOfWork, payment_id: str, *, lock: bool = False) -> PaymentRow:
    """Raises NotFound."""
    query = payments(uow).where(PaymentRow.id == payment_id)
    found = uow.session.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NotFound
    return found


def lock_payments(uow: UnitOfWork, query: Select[PaymentRow]) -> list[PaymentRow]:
    """Payments under their locks, in the order of their ids, as they are then."""
    ordered = query.order_by(PaymentRow.id).with_for_update().execution_options(populate_existing=True)
    return list(uow.session.scalars(ordered))


class LivePayment(NamedTuple):
    """A payment of which money may yet move; `is_under_way`: it may be moving now."""

    id: str
    party: PartyOfPayment
    is_under_way: bool


def hold_live(uow: UnitOfWork, account: str) -> list[LivePayment]:
    """The live payments of accounts of a kind, under their locks."""
    is_live = or_(PaymentRow.state.in_(LIVE), PaymentRow.retry_at.is_not(None))
    rows = lock_payments(uow, payments(uow).where(PaymentRow.account == account, is_live))
    return [LivePayment(row.id, party_of(row), row.state in UNDER_WAY) for row in rows]


def attempts_of(uow: UnitOfWork, payment_ids: Iterable[str]) -> dict[str, list[PaymentAttempt]]:
    """The attempts of payments, the first ones first."""
    query = select(PaymentAttempt).where(
        PaymentAttempt.district_id == uow.district_id, PaymentAttempt.payment_id.in_(list(payment_ids))
    )
    found: dict[str, list[PaymentAttempt]] = {}
    for row in uow.session.scalars(query.order_by(PaymentAttempt.payment_id, PaymentAttempt.number)):
        found.setdefault(row.payment_id, []).append(row)
    return found


def find_attempt(uow: UnitOfWork, payment_id: str, number: int) -> PaymentAttempt:
    """Hold the payment. Raises NotFound."""
    found = uow.session.get(PaymentAttempt, (uow.district_id, payment_id, number))
    if found is None:
        raise NotFound
    return found


def open_attempt(uow: UnitOfWork, row: PaymentRow) -> PaymentAttempt | None:
    """The attempt whose outcome isn't known yet."""
    if row.state not in UNDER_WAY:
        return None
    return find_attempt(uow, row.id, row.attempts)


def slip_taken(uow: UnitOfWork, reference: str) -> PaymentAttempt | None:
    """What a person has booked under a bank's reference."""
    query = select(PaymentAttempt).where(
        PaymentAttempt.district_id == uow.district_id,
        PaymentAttempt.provider == BY_HAND,
        PaymentAttempt.reference == reference,
        PaymentAttempt.journal_id.is_not(None),
    )
    return uow.session.scalars(query).one_or_none()


def lock_cash(uow: UnitOfWork) -> None:
    """Lets nobody else decide on payouts until the commit. Before the locks of payments."""
    uow.rows(_LOCK_CASH, (hex_of(uow.district_id),))


def cash(uow: UnitOfWork) -> int:
    """What may be paid out: what has come in, less what left or is about to."""
    [figures] = uow.rows(_CASH, {"district": hex_of(uow.district_id)})
    return net_cash(*figures)


def drafted_payouts(uow: UnitOfWork, but: Sequence[str]) -> int:
    """What payouts that are drafted come to, but for some."""
    query = select(func.coalesce(func.sum(PaymentRow.amount), 0)).where(
        PaymentRow.district_id == uow.district_id,
        PaymentRow.direction == "out",
        PaymentRow.state == "draft",
        PaymentRow.id.not_in(but),
    )
    return int(uow.session.scalars(query).one())


def statements_with_payments(uow: UnitOfWork, statement_ids: Sequence[str]) -> set[str | None]:
    """Those of some statements that have become payments."""
    query = select(PaymentRow.statement_id).where(
        PaymentRow.district_id == uow.district_id, PaymentRow.statement_id.in_(statement_ids)
    )
    return set(uow.session.scalars(query))


def due_calls(uow: UnitOfWork, most: int) -> Sequence[str]:
    """Payments that a provider is to be asked about now: new ones, those to be tried again, those of unknown outcome."""
    by_program = PaymentRow.provider.not_in((BY_HAND, BY_FILE))
    look = select(PaymentAttempt.payment_id).where(
        PaymentAttempt.district_id == uow.district_id, PaymentAttempt.look_at <= uow.real_now
    )
    due = or_(
        and_(by_program, PaymentRow.state == "draft"),
        PaymentRow.retry_at <= uow.now,
        PaymentRow.id.in_(look),
    )
    query = select(PaymentRow.id).where(PaymentRow.district_id == uow.district_id, due)
    return uow.session.scalars(query.order_by(PaymentRow.id).limit(most)).all()


def next_retry(uow: UnitOfWork) -> datetime | None:
    """When the next payment is tried again by itself."""
    query = select(PaymentRow.retry_at).where(
        PaymentRow.district_id == uow.district_id, PaymentRow.retry_at.is_not(None)
    )
    return uow.session.scalars(query.order_by(PaymentRow.retry_at).limit(1)).one_or_none()
