"""The books of a district, verified: every invariant of every room that keeps some, in one snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.coupons.issuing.checks import CHECKS as COUPONS
from app.coupons.redeeming.checks import CHECKS as REDEMPTIONS
from app.coupons.vouchers.checks import CHECKS as VOUCHERS
from app.districts.queries import all_district_ids, district
from app.foundation.apart import ends_all
from app.foundation.checks import Finding, run
from app.foundation.database.local_days import shifts_of_all
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import OPERATOR, system_principal
from app.insights.checks import CHECKS as INSIGHTS
from app.ledger.checks import CHECKS as LEDGER
from app.payments.checks import CHECKS as PAYMENTS
from app.points.purses.checks import CHECKS as POINTS
from app.settlement.accounts.checks import CHECKS as SETTLEMENT_ACCOUNTS
from app.settlement.checks import CHECKS as SETTLEMENT
from app.settlement.disputes.checks import CHECKS as DISPUTES
from app.settlement.evidence.checks import CHECKS as SETTLEMENT_EVIDENCE
from app.transactions.checks.caps import CHECKS as RULES
from app.transactions.checks.sales import CHECKS as TRANSACTIONS
from app.transactions.checks.tiers import CHECKS as TIERS

CHECKS = (
    *LEDGER,
    *POINTS,
    *TRANSACTIONS,
    *RULES,
    *TIERS,
    *COUPONS,
    *REDEMPTIONS,
    *VOUCHERS,
    *INSIGHTS,
    *SETTLEMENT,
    *SETTLEMENT_EVIDENCE,
    *SETTLEMENT_ACCOUNTS,
    *PAYMENTS,
    *DISPUTES,
)


class Verified(NamedTuple):
    """What was found in a district's books. `failure`: why they couldn't be read."""

    district_id: str
    findings: list[Finding]
    failure: Exception | None = None


def verify(only: str | None = None) -> Iterator[Verified]:
    """Verifies each district; one if its id is given. One that fails holds up no other. Sales may go on meanwhile."""
    with unit_of_work(OPERATOR) as uow:
        districts = all_district_ids(uow)
    for district_id in districts:
        if only in (None, district_id):
            yield _verified(district_id)


def _verified(district_id: str) -> Verified:
    try:
        return Verified(district_id, _findings(district_id))
    except Exception as error:
        if ends_all(error):
            raise
        return Verified(district_id, [], error)


def _findings(district_id: str) -> list[Finding]:
    with unit_of_work(system_principal(district_id), snapshot=True) as uow:
        zone = ZoneInfo(district(uow).time_zone)
        return run(uow, CHECKS, shifts_of_all(zone, uow.now.date()))
