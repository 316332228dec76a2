"""Reading terms, periods, statements and lines."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import BigInteger, Select, and_, cast, false, func, select
from sqlalchemy.orm import aliased

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.problems import NotFound
from app.settlement.models import (
    PriceOverride,
    SettlementPeriod,
    SettlementTerms,
    StatementHold,
    StatementInvoice,
    StatementLine,
    StatementPiece,
    StatementRow,
)
from app.settlement.rules import Clearing, LineKey, Party, Prices, PriceTerms

_ID_BYTES = 16
_PIECE_BEFORE = """
    SELECT p.journals FROM statement_pieces AS p
    WHERE p.district_id = %(district)s AND p.statement_id = %(statement)s
      AND (%(after)s::text IS NULL OR substring(p.journals FROM 1 FOR 16) < decode(%(after)s::text, 'hex'))
    ORDER BY p.number DESC LIMIT 1
"""


def terms(uow: UnitOfWork) -> Select[SettlementTerms]:
    """All versions of the terms."""
    return select(SettlementTerms).where(SettlementTerms.district_id == uow.district_id)


def versions(uow: UnitOfWork) -> list[SettlementTerms]:
    """All versions, in order."""
    return list(uow.session.scalars(terms(uow).order_by(SettlementTerms.version)))


def overrides(uow: UnitOfWork, numbers: Iterable[int]) -> dict[int, dict[str, Prices]]:
    """Prices of some merchants, by version and merchant."""
    query = select(PriceOverride).where(
        PriceOverride.district_id == uow.district_id, PriceOverride.version.in_(list(numbers))
    )
    found: dict[int, dict[str, Prices]] = defaultdict(dict)
    for row in uow.session.scalars(query.order_by(PriceOverride.merchant_id)):
        found[row.version][row.merchant_id] = Prices(row.issue_price, row.redemption_price)
    return found


class InForce:
    """All terms of a district, as the core wants them. `starts`: when the second version and later ones begin to hold."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.rows = versions(uow)
        others = overrides(uow, [row.version for row in self.rows])
        self.starts: Sequence[datetime] = [row.starts_at for row in self.rows[1:]]
        self.clearing = Clearing(uow.district_id, [_terms(row, others[row.version]) for row in self.rows])

    def at(self, instant: datetime) -> SettlementTerms:
        """The version at an instant; the first one holds since ever."""
        return self.rows[sum(start <= instant for start in self.starts)]

    def before(self, instant: datetime) -> list[SettlementTerms]:
        """The versions that have held by an instant, in order."""
        return self.rows[: 1 + sum(start < instant for start in self.starts)]


def _terms(row: SettlementTerms, others: dict[str, Prices]) -> PriceTerms:
    prices = Prices(row.issue_price, row.redemption_price)
    return PriceTerms(row.version, prices, row.breakage_share, row.own_points, others)


def periods(uow: UnitOfWork) -> Select[SettlementPeriod]:
    """All periods."""
    return select(SettlementPeriod).where(SettlementPeriod.district_id == uow.district_id)


def find_period(uow: UnitOfWork, period_id: str, *, lock: bool = False) -> SettlementPeriod:
    """Raises NotFound."""
    query = periods(uow).where(SettlementPeriod.id == period_id)
    found = uow.session.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NotFound
    return found


def period_of_number(uow: UnitOfWork, number: int) -> SettlementPeriod | None:
    """A period by its number."""
    return uow.session.scalars(periods(uow).where(SettlementPeriod.number == number)).one_or_none()


def last_period(uow: UnitOfWork) -> SettlementPeriod | None:
    """The period that began last."""
    query = periods(uow).order_by(SettlementPeriod.number.desc()).limit(1)
    return uow.session.scalars(query).one_or_none()


def open_periods(uow: UnitOfWork) -> list[SettlementPeriod]:
    """The periods that aren't closed."""
    return list(uow.session.scalars(periods(uow).where(SettlementPeriod.status != "closed")))


def last_closed(uow: UnitOfWork) -> SettlementPeriod | None:
    """The period that was closed last."""
    query = periods(uow).where(SettlementPeriod.status == "closed").order_by(SettlementPeriod.number.desc()).limit(1)
    return uow.session.scalars(query).one_or_none()


def first_not_closed(uow: UnitOfWork) -> SettlementPeriod | None:
    """The period that takes what none has taken."""
    query = periods(uow).where(SettlementPeriod.status != "closed").order_by(SettlementPeriod.number).limit(1)
    return uow.session.scalars(query).one_or_none()


def first_unsealed(uow: UnitOfWork) -> SettlementPeriod | None:
    """The first period that is closed and has no hash yet."""
    query = periods(uow).where(SettlementPeriod.status == "closed", SettlementPeriod.hash.is_(None))
    return uow.session.scalars(query.order_by(SettlementPeriod.number).limit(1)).one_or_none()


def visible_statements(uow: UnitOfWork) -> Select[StatementRow]:
    """Statements that were issued: all to the alliance, a merchant's own to it; none to a store, which is a part of one."""
    query = select(StatementRow).where(StatementRow.district_id == uow.district_id, StatementRow.issued_at.is_not(None))
    own = uow.principal.merchant_id
    if uow.principal.store_id:
        return query.where(false())
    return (
        query.where(StatementRow.party_kind == "merchant", StatementRow.party_id == f"pty_{own[-32:]}")
        if own
        else query
    )


class PeriodSums(NamedTuple):
    """What the statements of a period that the principal may see come to: how many, and net positions owed either way."""

    statements: int = 0
    owed_to: int = 0
    owed_by: int = 0


def sums_of_periods(uow: UnitOfWork, period_ids: Iterable[str]) -> dict[str, PeriodSums]:
    """By closed period."""
    net = StatementRow.net_position
    found = (
        visible_statements(uow)
        .where(StatementRow.period_id.in_(list(period_ids)))
        .with_only_columns(
            StatementRow.period_id,
            func.count(),
            func.coalesce(func.sum(net).filter(net > 0), 0),
            func.coalesce(-func.sum(net).filter(net < 0), 0),
        )
        .group_by(StatementRow.period_id)
    )
    return {period: PeriodSums(*map(int, sums)) for period, *sums in uow.session.execute(found)}


class Closing(NamedTuple):
    """A period that is being closed, or is; `items`: the movements that its lines hold so far."""

    period_id: str
    starts_on: date
    ends_on: date
    status: str
    closed_at: datetime | None
    items: int


def newest_closings(uow: UnitOfWork, most: int) -> list[Closing]:
    """Periods that are being closed or are closed, the newest first."""
    of_district = StatementLine.district_id == StatementRow.district_id
    items = (
        select(cast(func.coalesce(func.sum(StatementLine.items), 0), BigInteger))
        .join(StatementRow, of_district & (StatementRow.id == StatementLine.statement_id))
        .where(StatementRow.district_id == SettlementPeriod.district_id)
        .where(StatementRow.period_id == SettlementPeriod.id)
        .scalar_subquery()
    )
    columns = [getattr(SettlementPeriod, name) for name in ("id", "starts_on", "ends_on", "status", "closed_at")]
    query = periods(uow).where(SettlementPeriod.status != "open").with_only_columns(*columns, items)
    rows = uow.session.execute(query.order_by(SettlementPeriod.number.desc()).limit(most))
    return [Closing._make(row) for row in rows]


class StatementHead(NamedTuple):
    """A statement in a line."""

    statement_id: str
    period_id: str
    net_position: int
    closing: int
    dispute_until: datetime
    approved_at: datetime | None


def heads_of(uow: UnitOfWork, period_ids: Iterable[str]) -> dict[str, StatementHead]:
    """A merchant's own statements, by period."""
    query = visible_statements(uow).where(StatementRow.period_id.in_(list(period_ids)))
    return {one.period_id: one for one in _heads(uow, query)}


def waiting(uow: UnitOfWork) -> list[StatementHead]:
    """Statements of merchants that may be approved or disputed still, of those that the principal may see; the oldest first."""
    query = visible_statements(uow).where(StatementRow.approved_at.is_(None), StatementRow.dispute_until > uow.now)
    return _heads(uow, query.where(StatementRow.party_kind == "merchant").order_by(StatementRow.id))


def _heads(uow: UnitOfWork, query: Select[StatementRow]) -> list[StatementHead]:
    names = ("id", "period_id", "net_position", "closing", "dispute_until", "approved_at")
    columns = [getattr(StatementRow, name) for name in names]
    return [StatementHead(*row) for row in uow.session.execute(query.with_only_columns(*columns))]


def find_statement(uow: UnitOfWork, statement_id: str, *, lock: bool = False) -> StatementRow:
    """Raises NotFound, also for another party's."""
    query = visible_statements(uow).where(StatementRow.id == statement_id)
    found = uow.session.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NotFound
    return found


def statements_of(uow: UnitOfWork, period_id: str) -> dict[Party, StatementRow]:
    """The statements of a period by party, issued or not."""
    query = select(StatementRow).where(StatementRow.district_id == uow.district_id, StatementRow.period_id == period_id)
    return {party_of(row): row for row in uow.session.scalars(query.order_by(StatementRow.id))}


def party_of(row: StatementRow) -> Party:
    """Whose a statement is."""
    return party_named(row.party_kind, row.party_id)


def party_named(kind: str, party_id: str) -> Party:
    """A party by its kind and the digits of its id."""
    return Party(kind, _id_of(kind, party_id))  # type: ignore[arg-type]


def _id_of(kind: str, party_id: str) -> str:
    return {"merchant": "mer", "district": "dis", "public": "pty"}[kind] + party_id[-33:]


def lines_of(uow: UnitOfWork, statement_ids: Iterable[str]) -> dict[str, list[StatementLine]]:
    """The lines of statements, by statement, in their order."""
    query = select(StatementLine).where(
        StatementLine.district_id == uow.district_id, StatementLine.statement_id.in_(list(statement_ids))
    )
    found: dict[str, list[StatementLine]] = defaultdict(list)
    for row in uow.session.scalars(query.order_by(StatementLine.statement_id, StatementLine.line, StatementLine.key)):
        found[row.statement_id].append(row)
    return found


def holds(uow: UnitOfWork, statement_ids: Iterable[str]) -> dict[str, list[StatementHold]]:
    """What is held of statements, by statement: for them, or for earlier ones of the party, whose balance they carry on."""
    placed, placed_in, own_in = aliased(StatementRow), aliased(SettlementPeriod), aliased(SettlementPeriod)
    district = uow.district_id
    query = (
        select(StatementRow.id, StatementHold)
        .join(own_in, and_(own_in.district_id == district, own_in.id == StatementRow.period_id))
        .join(
            placed,
            and_(
                placed.district_id == district,
                placed.party_kind == StatementRow.party_kind,
                placed.party_id == StatementRow.party_id,
            ),
        )
        .join(placed_in, and_(placed_in.district_id == district, placed_in.id == placed.period_id))
        .join(StatementHold, and_(StatementHold.district_id == district, StatementHold.statement_id == placed.id))
        .where(
            StatementRow.district_id == district,
            StatementRow.id.in_(list(statement_ids)),
            StatementHold.released_at.is_(None),
            placed_in.number <= own_in.number,
        )
        .order_by(StatementHold.id)
    )
    found: dict[str, list[StatementHold]] = defaultdict(list)
    for statement_id, hold in uow.session.execute(query):
        found[statement_id].append(hold)
    return found


def invoices(uow: UnitOfWork, statement_ids: Iterable[str]) -> dict[str, list[StatementInvoice]]:
    """The invoices that are noted for statements, by statement, the first first."""
    query = select(StatementInvoice).where(
        StatementInvoice.district_id == uow.district_id, StatementInvoice.statement_id.in_(list(statement_ids))
    )
    found: dict[str, list[StatementInvoice]] = defaultdict(list)
    for row in uow.session.scalars(query.order_by(StatementInvoice.id)):
        found[row.statement_id].append(row)
    return found


def find_invoice(uow: UnitOfWork, invoice_id: str) -> StatementInvoice:
    """Raises NotFound."""
    query = select(StatementInvoice).where(
        StatementInvoice.district_id == uow.district_id, StatementInvoice.id == invoice_id
    )
    found = uow.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def placed_holds(uow: UnitOfWork, **of: str) -> list[StatementHold]:
    """Holds that aren't released, by some of their columns."""
    query = select(StatementHold).where(
        StatementHold.district_id == uow.district_id, StatementHold.released_at.is_(None)
    )
    return list(uow.session.scalars(query.filter_by(**of).order_by(StatementHold.id)))


def line_of(row: StatementLine) -> LineKey:
    """What is summed in a line."""
    return LineKey(row.kind, row.price, row.campaign_id, funder_of(row))  # type: ignore[arg-type]


def funder_of(row: StatementLine) -> Party | None:
    """Who pays what a line is paid for, where one party does."""
    if row.funder_kind is None or row.funder_id is None:
        return None
    return party_named(row.funder_kind, row.funder_id)


def exact_sum_of_lines(uow: UnitOfWork) -> Decimal:
    """What all lines come to before they are rounded, also of periods that aren't closed."""
    found = func.sum(StatementLine.points * func.coalesce(StatementLine.price, 1))
    query = select(found).where(StatementLine.district_id == uow.district_id)
    return Decimal(uow.session.scalars(query).one() or 0)


def has_pieces(uow: UnitOfWork, statement_id: str) -> bool:
    """Whether it is known which journals a statement's rows are of."""
    query = select(StatementPiece.number).where(
        StatementPiece.district_id == uow.district_id, StatementPiece.statement_id == statement_id
    )
    return uow.session.scalars(query.limit(1)).one_or_none() is not None


def journals_before(uow: UnitOfWork, statement_id: str, after: str | None, most: int) -> list[str]:
    """Up to so many journals that a statement's rows are of, newest first, from one that was seen before on."""
    values = {"district": hex_of(uow.district_id), "statement": hex_of(statement_id), "after": after and hex_of(after)}
    found = uow.rows(_PIECE_BEFORE, values)
    if not found:
        return []
    packed: bytes = found[0][0]
    ids = [f"jou_{packed[start : start + _ID_BYTES].hex()}" for start in range(0, len(packed), _ID_BYTES)]
    return ids[: None if after is None else bisect_left(ids, after)][::-1][:most]


def find_line(uow: UnitOfWork, statement: StatementRow, number: int) -> StatementLine:
    """A line by its number. Raises NotFound."""
    query = select(StatementLine).where(
        StatementLine.district_id == uow.district_id,
        StatementLine.statement_id == statement.id,
        StatementLine.line == number,
    )
    found = uow.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found
