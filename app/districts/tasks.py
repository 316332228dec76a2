"""Jobs over every district."""

from __future__ import annotations

from app.districts.queries import all_district_ids
from app.foundation import idempotency
from app.foundation.tenancy import OPERATOR, OPERATOR_DISTRICT, system_principal
from app.foundation.unit_of_work import unit_of_work


def forget_old_answers() -> int:
    """Forgets the answers kept under idempotency keys for longer than a day; gives their number."""
    with unit_of_work(OPERATOR) as uow:
        districts = [OPERATOR_DISTRICT, *all_district_ids(uow)]
    forgotten = 0
    for district_id in districts:
        with unit_of_work(system_principal(district_id)) as uow:
            forgotten += idempotency.prune(uow)
    return forgotten
