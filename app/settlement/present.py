"""How terms, periods, statements and their items are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.pagination import list_answer, page_of_found, rows_of_page
from app.foundation.problems import NotFound
from app.settlement import items, movements, queries, services, writing
from app.settlement.closing import onwards
from app.settlement.models import (
    SettlementPeriod,
    SettlementTerms,
    StatementHold,
    StatementInvoice,
    StatementLine,
    StatementRow,
)
from app.settlement.queries import InForce
from app.settlement.reserve import Reserve, draw, reserve_of
from app.settlement.rules import INVOICED, LineKey, Party, Prices, amount_of, direct_payments, payable
from app.settlement.sealing.texts import plain

PREVIEWED = 20_000
"""So many journals that haven't been gathered yet are counted in a preview; there are more only where no job runs."""
_KEPT = (
    "version",
    "period",
    "breakage_share",
    "own_points",
    "least_payment",
    "dispute_days",
    "payment_days",
    "exit_days",
)


def show_terms(uow: UnitOfWork, row: SettlementTerms) -> dict[str, Any]:
    """A version of the terms."""
    return _show_terms(row, queries.overrides(uow, [row.version]).get(row.version, {}))


def page_of_terms(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the versions, newest first."""
    rows, has_more = rows_of_page(uow, queries.terms(uow), SettlementTerms.id, query)
    others = queries.overrides(uow, [row.version for row in rows])
    return list_answer([_show_terms(row, others.get(row.version, {})) for row in rows], has_more=has_more)


def _show_terms(row: SettlementTerms, others: Mapping[str, Prices]) -> dict[str, Any]:
    return {
        "object": "settlement_terms",
        "id": row.id,
        "effective_from": row.effective_from.isoformat(),
        **_show_prices(Prices(row.issue_price, row.redemption_price)),
        **{name: getattr(row, name) for name in _KEPT},
        "overrides": [{"merchant_id": merchant, **_show_prices(prices)} for merchant, prices in others.items()],
        "created_at": format_instant(row.created_at),
    }


def _show_prices(prices: Prices) -> dict[str, str]:
    return {"issue_price": plain(prices.issue), "redemption_price": plain(prices.redemption)}


def show_period(uow: UnitOfWork, row: SettlementPeriod) -> dict[str, Any]:
    """A period: what it comes to so far, or came to."""
    nets = nets_of(uow, row)
    own = uow.principal.merchant_id
    shown: dict[str, Any] = {
        **show_span(row),
        **dict.fromkeys(("parties", "pool", "owed_to_parties", "owed_by_parties", "net_position", "reserve")),
        "direct_payments": [],
    }
    if own is not None:
        return {**shown, "net_position": nets.get(Party("merchant", own), 0)}
    return {
        **shown,
        "parties": len(nets),
        "pool": -sum(nets.values()),
        "owed_to_parties": sum(net for net in nets.values() if net > 0),
        "owed_by_parties": -sum(net for net in nets.values() if net < 0),
        "direct_payments": _direct(uow, row) if row.status == "closed" else [],
        "reserve": _show_reserve(reserve_of(uow, row, -sum(nets.values()))) if _is_first(uow, row) else None,
    }


def _is_first(uow: UnitOfWork, row: SettlementPeriod) -> bool:
    first = queries.first_not_closed(uow)
    return first is not None and first.id == row.id


def _show_reserve(one: Reserve) -> dict[str, Any]:
    return {
        "outstanding": plain(one.outstanding),
        "pool": plain(one.pool),
        "booked": one.booked,
        "drawable": one.drawable,
    }


def drawn(uow: UnitOfWork, period_id: str, *, amount: int, reason: str) -> SettlementPeriod:
    """Lets the district draw of the pool, in the first period that isn't closed. Raises NotFound, PoolTooSmall."""
    row = queries.find_period(uow, period_id, lock=True)
    if not _is_first(uow, row):
        raise NotFound
    draw(uow, row, -sum(nets_of(uow, row).values()), amount=amount, reason=reason)
    return row


def show_span(row: SettlementPeriod) -> dict[str, Any]:
    """A period without its figures."""
    return {
        "object": "settlement_period",
        "id": row.id,
        "number": row.number,
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on.isoformat(),
        "starts_at": format_instant(row.starts_at),
        "ends_at": format_instant(row.ends_at),
        "terms_version": row.terms_version,
        "status": row.status,
        "closed_at": row.closed_at and format_instant(row.closed_at),
        "hash": row.hash and row.hash.hex(),
    }


def page_of_periods(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the periods, newest first."""
    rows, has_more = _rows_of_periods(uow, query)
    return list_answer([show_period(uow, row) for row in rows], has_more=has_more)


def page_of_spans(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """The same without their figures."""
    rows, has_more = _rows_of_periods(uow, query)
    return list_answer([show_span(row) for row in rows], has_more=has_more)


def _rows_of_periods(uow: UnitOfWork, query: Mapping[str, Any]) -> tuple[list[SettlementPeriod], bool]:
    found = queries.periods(uow)
    if query.get("status"):
        found = found.where(SettlementPeriod.status == query["status"])
    return rows_of_page(uow, found, SettlementPeriod.id, query)


def nets_of(uow: UnitOfWork, row: SettlementPeriod, *, until: datetime | None = None) -> dict[Party, int]:
    """The parties' net positions in a period; as far as they are known, while it isn't closed.

    `until`: of the first of these also what was recorded after its end, which others will take.
    """
    statements = queries.statements_of(uow, row.id)
    if row.status == "closed":
        return {party: one.net_position for party, one in statements.items()}
    sums: dict[tuple[Party, LineKey], int] = {}
    lines = queries.lines_of(uow, [one.id for one in statements.values()])
    for party, one in statements.items():
        sums |= {(party, queries.line_of(line)): line.points for line in lines[one.id]}
    for key, more in _not_gathered(uow, row, until or row.ends_at).items():
        sums[key] = sums.get(key, 0) + more.points
    nets: dict[Party, int] = {}
    for (party, line), points in sums.items():
        nets[party] = nets.get(party, 0) + amount_of(points, line.price)
    return nets


def _not_gathered(uow: UnitOfWork, row: SettlementPeriod, until: datetime) -> writing.Sums:
    first = queries.first_not_closed(uow)
    if first is None or first.id != row.id:
        return {}
    known = InForce(uow)
    found = movements.unsettled(uow, onwards(row)._replace(until=until), PREVIEWED)
    moved = movements.moved(uow, [one.id for one in found], known.starts, row.starts_at) if found else []
    return writing.summed(known.clearing, moved)


def _direct(uow: UnitOfWork, row: SettlementPeriod) -> list[dict[str, Any]]:
    closings = {party: one.closing for party, one in queries.statements_of(uow, row.id).items()}
    pool = Party("district", uow.district_id)
    return [
        {"payer": one.payer._asdict(), "payee": one.payee._asdict(), "amount": one.amount}
        for one in direct_payments(closings, pool)
    ]


class _Kept(NamedTuple):
    """What is shown of statements beside their rows: by their ids, lines, what is held, and invoices."""

    known: InForce
    lines: Mapping[str, Sequence[StatementLine]]
    holds: Mapping[str, Sequence[StatementHold]]
    invoices: Mapping[str, Sequence[StatementInvoice]]


def _kept(uow: UnitOfWork, ids: Sequence[str]) -> _Kept:
    return _Kept(InForce(uow), queries.lines_of(uow, ids), queries.holds(uow, ids), queries.invoices(uow, ids))


def show_statement(uow: UnitOfWork, row: StatementRow) -> dict[str, Any]:
    """A statement with its lines."""
    return _show_statement(uow, queries.find_period(uow, row.period_id), row, _kept(uow, [row.id]))


def page_of_statements(uow: UnitOfWork, period: SettlementPeriod, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the statements of a period that the principal may see, newest first."""
    found = queries.visible_statements(uow).where(StatementRow.period_id == period.id)
    rows, has_more = rows_of_page(uow, found, StatementRow.id, query)
    kept = _kept(uow, [row.id for row in rows])
    return list_answer([_show_statement(uow, period, row, kept) for row in rows], has_more=has_more)


def _show_statement(uow: UnitOfWork, period: SettlementPeriod, row: StatementRow, kept: _Kept) -> dict[str, Any]:
    assert row.issued_at is not None and row.dispute_until is not None, "only issued statements are shown"
    lines, holds = kept.lines.get(row.id, ()), kept.holds.get(row.id, ())
    tacit = services.is_tacit(uow, row, holds)
    paid_for = sum(line.amount or 0 for line in lines if line.kind in INVOICED)
    held = sum(one.amount for one in holds)
    invoices = kept.invoices.get(row.id, ())
    return {
        "object": "statement",
        "id": row.id,
        "period_id": row.period_id,
        "party": queries.party_of(row)._asdict(),
        "opening": row.opening,
        "net_position": row.net_position,
        "payments": row.payments,
        "closing": row.closing,
        "held": held,
        "payable": payable(row.closing, held, kept.known.at(period.starts_at).least_payment, is_final=row.is_final),
        "status": "approved" if tacit or row.approved_at else "issued",
        "tacit": tacit,
        "is_final": row.is_final,
        "issued_at": format_instant(row.issued_at),
        "dispute_until": format_instant(row.dispute_until),
        "to_invoice": paid_for,
        "to_be_invoiced": paid_for - row.net_position,
        "invoiced": sum(one.amount for one in invoices if one.direction == "to_invoice"),
        "been_invoiced": sum(one.amount for one in invoices if one.direction == "to_be_invoiced"),
        "lines": [_show_line(line) for line in lines],
        "holds": [_show_hold(one) for one in holds],
        "invoices": [show_invoice(one) for one in invoices],
    }


def show_invoice(row: StatementInvoice) -> dict[str, Any]:
    """An invoice as a side has noted it."""
    return {
        "object": "statement_invoice",
        "id": row.id,
        "statement_id": row.statement_id,
        "number": row.number,
        "direction": row.direction,
        "amount": row.amount,
        "issued_on": row.issued_on.isoformat(),
        "side": row.side,
        "noted_at": format_instant(row.noted_at),
    }


def _show_hold(row: StatementHold) -> dict[str, Any]:
    return {
        "statement_id": row.statement_id,
        "kind": row.kind,
        "source_id": row.source_id,
        "amount": row.amount,
        "reason": row.reason,
        "placed_at": format_instant(row.placed_at),
    }


def _show_line(row: StatementLine) -> dict[str, Any]:
    funder = queries.funder_of(row)
    return {
        "line": row.line,
        "kind": row.kind,
        "points": 0 if row.price is None else row.points,
        "price": None if row.price is None else plain(row.price),
        "terms_version": row.terms_version,
        "campaign_id": row.campaign_id,
        "funder": funder and funder._asdict(),
        "amount": row.amount,
        "items": row.items,
        "of_earlier_periods": row.of_earlier_periods,
    }


def page_of_items(uow: UnitOfWork, row: StatementRow, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of a line's items, newest first; what expired comes by days, all of them. Raises NotFound."""
    line = queries.find_line(uow, row, query["line"])
    if line.kind == "breakage":
        return list_answer([_show_item(one, line.price) for one in items.items_of_days(uow, row, line)])
    after = query.get("starting_after")
    found, has_more = page_of_found(query, lambda limit: items.items(uow, row, line, after, limit + 1))
    return list_answer([_show_item(one, line.price) for one in found], has_more=has_more)


def _show_item(one: items.Item, price: Decimal | None) -> dict[str, Any]:
    return {
        "object": "statement_item",
        "id": one.journal_id,
        "source_id": one.source_id,
        "recorded_at": one.recorded_at and format_instant(one.recorded_at),
        "day": one.day and one.day.isoformat(),
        "points": 0 if price is None else one.points,
        "amount": plain(Decimal(one.points) if price is None else one.points * price),
    }
