"""What whoever runs the installation does from its command line: the first invitation of a district, or of the installation
itself, and the way back for somebody who has lost everything.
"""

from __future__ import annotations

import secrets

from app.districts import queries as districts
from app.districts.services import district_of_slug
from app.foundation import audit
from app.foundation.database.unit_of_work import retrying, unit_of_work
from app.foundation.ids import is_id
from app.foundation.problems import NotFound
from app.foundation.tenancy import OPERATOR_DISTRICT, system_principal
from app.staff import queries
from app.staff.accounts import factors
from app.staff.accounts import services as accounts
from app.staff.accounts.letters import RECOVERED
from app.staff.accounts.logins import parse_login
from app.staff.hashing import PASSWORDS
from app.staff.people import invitations, services
from app.staff.roles import ALLIANCE_ADMIN, OPERATOR
from app.staff.sessions import signing_in

ATTEMPTS = 5


def invite_first(district: str | None, login: str, name: str) -> str:
    """Invites an admin of the district with an id or slug, or, without one, an operator; gives the link.

    Raises NotFound, NotALogin.
    """
    district_id, role = (OPERATOR_DISTRICT, OPERATOR) if district is None else (_district(district), ALLIANCE_ADMIN)
    known_as = parse_login(login)

    def attempt() -> str:
        with unit_of_work(system_principal(district_id)) as uow:
            post = services.post_of(uow, role, None, None)
            invited = invitations.invite(uow, name=name, login=known_as, post=post)
            audit.record(uow, "staff.invited", invited.row.id, {"role": role})
            return invited.link

    return retrying(ATTEMPTS, attempt)


def _district(named: str) -> str:
    if not is_id("dis", named):
        return district_of_slug(named)
    with unit_of_work(system_principal(named)) as uow:
        if districts.is_known(uow):
            return named
    raise NotFound


def recover(login: str) -> str:
    """Gives an account a new password, which is told, and takes away its second factors; all its sessions end.

    Raises NotFound, NotALogin.
    """
    known_as, password = parse_login(login), secrets.token_urlsafe(15)
    password_hash = PASSWORDS.hash(password)

    def attempt() -> None:
        with unit_of_work(system_principal(OPERATOR_DISTRICT)) as uow:
            account = queries.account_of_login(uow, known_as)
            if account is None:
                raise NotFound
            account = queries.find_account(uow, account.id, lock=True)
            factors.reset(uow, account)
            signing_in.set_password(uow, account, password_hash, but=None)
            accounts.tell(uow, account, RECOVERED)
            audit.record(uow, "account.recovered", account.id)

    retrying(ATTEMPTS, attempt)
    return password
