"""After a key is added: everything sealed or indexed under older keys, done again under the newest, district by district.

What is current already is skipped by one question, so the command may be stopped and started again at any time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.districts.queries import all_district_ids
from app.foundation import audit
from app.foundation.apart import ends_all
from app.foundation.database.unit_of_work import retrying, unit_of_work
from app.foundation.keyring import SealBroken
from app.foundation.tenancy import OPERATOR, OPERATOR_DISTRICT, system_principal
from app.members import queries as members
from app.members.services import refresh_keys as refresh_member
from app.messaging.services import refresh_keys as refresh_endpoints
from app.payments.stripe.services import refresh_keys as refresh_provider
from app.settlement.accounts.bank_details import refresh_keys as refresh_bank_details
from app.signin.phones.resealing import refresh_keys as refresh_waiting
from app.staff.accounts.letters import refresh_keys as refresh_letters
from app.staff.accounts.resealing import refresh_keys as refresh_accounts
from app.staff.people.resealing import refresh_keys as refresh_people

BATCH = 200
ATTEMPTS = 5
FIRST = "mem_" + "0" * 32


@dataclass(slots=True)
class Refreshed:
    """What was done in a district. `waiting`: numbers in changes of phones and notices that wait. `staff`: accounts,
    names of those who work there or are invited, and letters to them that wait. `accounts`: bank details of merchants.

    `broken`: ids of what no key at hand opens. `failure`: why the rest of the district wasn't done.
    """

    district_id: str
    members: int = 0
    secrets: int = 0
    waiting: int = 0
    staff: int = 0
    accounts: int = 0
    broken: list[str] = field(default_factory=list)
    failure: Exception | None = None


def refresh() -> Iterator[Refreshed]:
    """Refreshes every district; one that fails holds up no other. Sales go on meanwhile."""
    with unit_of_work(OPERATOR) as uow:
        districts = [OPERATOR_DISTRICT, *all_district_ids(uow)]
    for district_id in districts:
        done = Refreshed(district_id)
        try:
            _refresh_staff(done)
            if district_id != OPERATOR_DISTRICT:
                _refresh_district(done)
        except Exception as error:
            if ends_all(error):
                raise
            done.failure = error
        if district_id != OPERATOR_DISTRICT or done.staff or done.broken or done.failure:
            yield done


def _refresh_staff(done: Refreshed) -> None:
    with unit_of_work(system_principal(done.district_id)) as uow:
        people, broken = refresh_people(uow)
        accounts, broken_accounts = refresh_accounts(uow)
        letters, broken_letters = refresh_letters(uow)
    done.staff = people + accounts + letters
    done.broken += [*broken, *broken_accounts, *broken_letters]


def _refresh_district(done: Refreshed) -> None:
    after: str | None = FIRST
    while after is not None:
        after = retrying(ATTEMPTS, lambda last=after: _refresh_members(done, last))  # type: ignore[misc]
    with unit_of_work(system_principal(done.district_id)) as uow:
        endpoints, broken = refresh_endpoints(uow)
        provider, broken_provider = refresh_provider(uow)
        done.secrets = endpoints + provider
        done.waiting, broken_numbers = refresh_waiting(uow)
        done.accounts, broken_accounts = refresh_bank_details(uow)
        figures = {name: getattr(done, name) for name in ("members", "secrets", "waiting", "accounts")}
        if any(figures.values()):
            audit.record(uow, "district.keys_refreshed", done.district_id, figures)
    done.broken += [*broken, *broken_provider, *broken_numbers, *broken_accounts]


def _refresh_members(done: Refreshed, after: str) -> str | None:
    """Refreshes the next members in one commit; gives the last one, or None when all are done."""
    broken = []
    with unit_of_work(system_principal(done.district_id)) as uow:
        stale = members.stale_members(uow, after, BATCH)
        for member in stale:
            try:
                refresh_member(uow, member)
            except SealBroken:
                broken.append(member.id)
    done.members += len(stale) - len(broken)
    done.broken += broken
    return stale[-1].id if stale else None
