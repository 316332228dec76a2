"""The books of a district, verified: every invariant of every room that keeps some, in one snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from app.districts.queries import all_district_ids, district
from app.foundation.checks import Finding, run
from app.foundation.tenancy import OPERATOR, system_principal
from app.foundation.unit_of_work import unit_of_work
from app.ledger.checks import CHECKS as LEDGER
from app.points.purses.checks import CHECKS as POINTS
from app.transactions.checks.caps import CHECKS as RULES
from app.transactions.checks.sales import CHECKS as TRANSACTIONS
from app.transactions.checks.tiers import CHECKS as TIERS
from app.transactions.local_days import shifts_of_sales

CHECKS = (*LEDGER, *POINTS, *TRANSACTIONS, *RULES, *TIERS)


def verify(only: str | None = None) -> Iterator[tuple[str, list[Finding]]]:
    """Each district's id with its findings; one district if its id is given. Sales may go on meanwhile."""
    with unit_of_work(OPERATOR) as uow:
        districts = all_district_ids(uow)
    for district_id in districts:
        if only in (None, district_id):
            with unit_of_work(system_principal(district_id), snapshot=True) as uow:
                zone = ZoneInfo(district(uow).time_zone)
                yield district_id, run(uow, CHECKS, shifts_of_sales(uow, zone))
