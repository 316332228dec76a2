"""Periods gathered and closed: journal by journal in sets, each in a commit of its own, and closed in one at the end.

The row of the period is held in each, so two who close go by turns; what has been gathered isn't found again, so one can die
anywhere and another goes on. The first period that isn't closed takes what none has taken; what is recorded before its end but
committed later is the next one's. Once all is gathered, lines are numbered and rows read into trees (`sealing`), also in sets.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from app.districts import queries as districts
from app.foundation.clock import end_of_day
from app.foundation.database.unit_of_work import UnitOfWork, retrying, unit_of_work
from app.foundation.jobs.queue import LONG, Job
from app.foundation.tenancy import system_principal
from app.ledger import services as ledger
from app.ledger.rules import Journal, Transfer, account_id
from app.settlement import movements, periods, queries, writing
from app.settlement.errors import EarlierPeriodOpen, PeriodNotOver
from app.settlement.events import SettlementPeriodClosed, StatementIssued
from app.settlement.models import SettlementPeriod, StatementRow
from app.settlement.movements import SoughtJournals, Unsettled
from app.settlement.queries import InForce
from app.settlement.rules import SETTLE, Party, amount_of
from app.settlement.sealing import hashes
from app.settlement.sealing.hashes import Reader

JOURNALS_A_SET = 20_000
LOOK_BACK = timedelta(hours=48)
"""No unit of work takes so long: what is older, and was there when the period before was closed, has been taken."""
ATTEMPTS = 10
ASSET = "money"
LEAVING: list[Callable[[UnitOfWork, SettlementPeriod], Collection[Party]]] = []
"""Whose statement of a period that is being closed is the final one. `app/wiring.py` fills it."""


def ask_close(uow: UnitOfWork, period_id: str) -> SettlementPeriod:
    """Lets a period be closed by a job. One that is closed, or asked for, stays as it is.

    Raises NotFound, PeriodNotOver, EarlierPeriodOpen.
    """
    period = queries.find_period(uow, period_id, lock=True)
    if period.status != "open":
        return period
    if uow.now < period.ends_at:
        raise PeriodNotOver
    before = queries.period_of_number(uow, period.number - 1)
    if before is not None and before.status != "closed":
        raise EarlierPeriodOpen
    period.status = "closing"
    return period


def job_of(district_id: str, period_id: str) -> Job:
    """The job that closes a period."""
    return Job("app.settlement.tasks.close_period", (district_id, period_id), LONG)


def close(district_id: str, period_id: str) -> bool:
    """Closes a period that is asked for; says whether this did it."""
    seal_closed(district_id)
    reader = Reader()
    while True:
        done = retrying(ATTEMPTS, lambda: _step(district_id, period_id, reader))
        if done is not None:
            return done


def _step(district_id: str, period_id: str, reader: Reader) -> bool | None:
    """One set, or the end. None: there is more to do."""
    with unit_of_work(system_principal(district_id)) as uow:
        period = queries.find_period(uow, period_id, lock=True)
        if period.status != "closing":
            return False
        if period.read_to is None:
            if not _gather_set(uow, period, onwards(period)) and not _gather_set(uow, period, _from_the_start(period)):
                _number_lines(uow, period)
            return None
        if reader.read_set(uow, period):
            return None
        _finish(uow, period)
        return True


def seal_closed(district_id: str) -> int:
    """Gives periods that were closed before there was evidence theirs, in order; says how many sets that were."""
    sets = 0
    while (period_id := _first_unsealed(district_id)) is not None:
        sets += _seal_period(district_id, period_id)
    return sets


def _seal_period(district_id: str, period_id: str) -> int:
    reader, sets = Reader(), 0
    while retrying(ATTEMPTS, lambda: _seal_some(district_id, period_id, reader)):
        sets += 1
    return sets


def _first_unsealed(district_id: str) -> str | None:
    with unit_of_work(system_principal(district_id)) as uow:
        period = queries.first_unsealed(uow)
    return None if period is None else period.id


def _seal_some(district_id: str, period_id: str, reader: Reader) -> bool:
    with unit_of_work(system_principal(district_id)) as uow:
        period = queries.find_period(uow, period_id, lock=True)
        if period.hash is not None:
            return False
        if reader.read_set(uow, period):
            return True
        hashes.seal(uow, period)
        return False


def gather(district_id: str) -> int:
    """Gathers what has been recorded of the first period that isn't closed; says how many sets that were."""
    sets = seal_closed(district_id)
    while retrying(ATTEMPTS, lambda: _gather_some(district_id)):
        sets += 1
    return sets


def _gather_some(district_id: str) -> bool:
    with unit_of_work(system_principal(district_id)) as uow:
        periods.open_due(uow)
        first = queries.first_not_closed(uow)
        if first is None:
            return False
        period = queries.find_period(uow, first.id, lock=True)
        return period.status != "closed" and period.read_to is None and _gather_set(uow, period, onwards(period)) > 0


def onwards(period: SettlementPeriod) -> SoughtJournals:
    """The journals that a period takes next, after those that it has gathered."""
    reached = None
    if period.reached_at is not None and period.reached_id is not None:
        reached = Unsettled(period.reached_id, period.reached_at)
    return _from_the_start(period)._replace(after=reached)


def _from_the_start(period: SettlementPeriod) -> SoughtJournals:
    """Also what was committed after later ones had been gathered; of the first period all that there was before."""
    return SoughtJournals(period.ends_at, since=None if period.number == 1 else period.starts_at - LOOK_BACK)


def _gather_set(uow: UnitOfWork, period: SettlementPeriod, reach: SoughtJournals) -> int:
    found = movements.unsettled(uow, reach, JOURNALS_A_SET)
    if found:
        known, ids = InForce(uow), [one.id for one in found]
        moved = movements.moved(uow, ids, known.starts, period.starts_at)
        writing.take(uow, period.id, ids, writing.summed(known.clearing, moved))
        writing.add_payments(uow, period.id, writing.paid(known.clearing, moved))
        period.reached_id, period.reached_at = found[-1]
        uow.session.flush()
    return len(found)


def _number_lines(uow: UnitOfWork, period: SettlementPeriod) -> None:
    """Numbers the lines of a period that has taken all, and rounds each once."""
    statements = queries.statements_of(uow, period.id)
    for lines in queries.lines_of(uow, [one.id for one in statements.values()]).values():
        for number, line in enumerate(lines, start=1):
            line.line, line.amount = number, amount_of(line.points, line.price)
    period.read_to = hashes.BEFORE_THE_FIRST
    uow.session.flush()


def _finish(uow: UnitOfWork, period: SettlementPeriod) -> None:
    before = queries.period_of_number(uow, period.number - 1)
    openings = {} if before is None else queries.statements_of(uow, before.id)
    carried = {party: one.closing for party, one in openings.items() if one.closing}
    final = {party for ask in LEAVING for party in ask(uow, period)}
    writing.add_statements(uow, period.id, {*carried, *final})
    statements = queries.statements_of(uow, period.id)
    for party in final:
        statements[party].is_final = True
    _issue(uow, period, statements, carried)
    period.pool = -sum(one.net_position for one in statements.values())
    period.status, period.closed_at = "closed", uow.now
    hashes.seal(uow, period)
    _post(uow, period, statements)
    periods.open_due(uow)
    uow.emit(SettlementPeriodClosed(period.id, period.number, period.pool), *_told(statements))


def _issue(
    uow: UnitOfWork, period: SettlementPeriod, statements: dict[Party, StatementRow], carried: dict[Party, int]
) -> None:
    """Gives the statements their figures."""
    zone, days = ZoneInfo(districts.district(uow).time_zone), InForce(uow).at(period.starts_at).dispute_days
    until = end_of_day(uow.now.astimezone(zone).date() + timedelta(days=days), zone)
    lines = queries.lines_of(uow, [one.id for one in statements.values()])
    for party, one in statements.items():
        one.opening = carried.get(party, 0)
        one.net_position = sum(line.amount or 0 for line in lines[one.id])
        one.closing = one.opening + one.net_position + one.payments
        one.issued_at, one.dispute_until = uow.now, until


def account_of(party: Party, district_id: str) -> tuple[str, str, str]:
    """Where in the ledger a party's closing balance stands: asset, kind and owner."""
    if party.kind == "public":
        return ASSET, "public_settlement", district_id
    return ASSET, "settlement", party.id


def _post(uow: UnitOfWork, period: SettlementPeriod, statements: dict[Party, StatementRow]) -> None:
    """Posts the net positions between the parties' accounts and the pool's."""
    pool = (ASSET, "pool", uow.district_id)
    ledger.open_accounts(uow, [pool, *(account_of(party, uow.district_id) for party in statements)])
    moving = [(party, one) for party, one in statements.items() if one.net_position]
    transfers = []
    for line, (party, one) in enumerate(moving):
        sides = account_id(*pool), account_id(*account_of(party, uow.district_id))
        debit, credit = sides if one.net_position > 0 else sides[::-1]
        amount = abs(one.net_position)
        transfers.append(Transfer(period.id, line, ASSET, debit, credit, amount, SETTLE, one.id))
    ledger.post(uow, [Journal(period.id, "settlement", uow.principal.id, uow.now)], transfers)


def _told(statements: dict[Party, StatementRow]) -> Iterator[StatementIssued]:
    for party, one in statements.items():
        if party.kind == "merchant":
            yield StatementIssued(one.id, one.period_id, party.id, one.net_position, one.closing)
