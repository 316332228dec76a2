"""Jobs of this room."""

from __future__ import annotations

from app.districts.queries import all_district_ids
from app.foundation.tenancy import OPERATOR, system_principal
from app.foundation.unit_of_work import unit_of_work
from app.members import code_keys


def forget_used_codes() -> int:
    """Forgets member codes that were used more than a day ago, in every district; gives their number."""
    with unit_of_work(OPERATOR) as uow:
        districts = all_district_ids(uow)
    forgotten = 0
    for district_id in districts:
        with unit_of_work(system_principal(district_id)) as uow:
            forgotten += code_keys.forget_used(uow)
    return forgotten
