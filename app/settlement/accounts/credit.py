"""How much of its credit limit a merchant uses: looked at by a job, so that no sale asks. Whoever is beyond it sells on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.tenancy import system_principal
from app.settlement import queries as core
from app.settlement.accounts import limits, queries
from app.settlement.accounts.events import CreditExceeded, CreditNearlyUsed, CreditRestored
from app.settlement.accounts.models import SettlementAccount
from app.settlement.accounts.rules import CreditState, credit_state, exposure
from app.settlement.present import nets_of
from app.settlement.rules import Party

A_DAY = timedelta(days=1)
"""Whose clock goes before ours is still heard."""


def standings(uow: UnitOfWork) -> dict[Party, int]:
    """What each party is owed, or (below 0) owes: its closing balance, and what periods that aren't closed bring it."""
    found: dict[Party, int] = {}
    for period in core.open_periods(uow):
        statements = core.statements_of(uow, period.id)
        _add(found, nets_of(uow, period, until=uow.now + A_DAY))
        _add(found, {party: one.payments for party, one in statements.items()})
    if (last := core.last_closed(uow)) is not None:
        _add(found, {party: one.closing for party, one in core.statements_of(uow, last.id).items()})
    return found


def _add(sums: dict[Party, int], figures: Mapping[Party, int]) -> None:
    for party, amount in figures.items():
        sums[party] = sums.get(party, 0) + amount


def exposure_of(row: SettlementAccount, standing: Mapping[Party, int]) -> int:
    """What the district would lose by a merchant now."""
    return exposure(standing.get(Party("merchant", row.merchant_id), 0), 0, row.deposit)


def look(district_id: str) -> int:
    """Looks at every merchant that has a limit, or had one; says of how many something has changed."""
    with unit_of_work(system_principal(district_id)) as uow:
        watched = queries.watched_accounts(uow)
        standing = standings(uow) if watched else {}
        return sum(look_at(uow, row, standing) for row in watched)


def look_at(uow: UnitOfWork, row: SettlementAccount, standing: Mapping[Party, int]) -> bool:
    """Notes how much of a limit is used, tells it once, and pauses awards or lets them go on. Hold the account."""
    exposed = exposure_of(row, standing)
    before, state = row.credit_state, credit_state(exposed, row.credit_limit)
    row.credit_state = state
    is_paused = state == "beyond" and row.beyond_limit == "pause_awards"
    if is_paused != (row.paused_at is not None):
        row.paused_at = uow.now if is_paused else None
        limits.put(uow, row, queries.find_exit(uow, row.merchant_id))
    elif state == before:
        return False
    _tell(uow, row, exposed, before, state)
    return True


def _tell(uow: UnitOfWork, row: SettlementAccount, exposed: int, before: str, state: CreditState) -> None:
    limit = row.credit_limit or 0
    if state == "beyond":
        uow.emit(CreditExceeded(row.merchant_id, exposed, limit, row.paused_at is not None))
    elif before == "beyond":
        uow.emit(CreditRestored(row.merchant_id, exposed))
    elif state == "near":
        uow.emit(CreditNearlyUsed(row.merchant_id, exposed, limit))
