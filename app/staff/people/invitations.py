"""Invitations by link: three days, once. The link names a login, of which there may be an account already, or not.

An account stands in another place than the role: it is made first. Where a crash comes between, there is an account without
a role, and the invitation is still open: its holder signs in with the new password and takes it up.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from app.districts import queries as districts
from app.foundation import audit
from app.foundation.database.once import Once, do_once, outcome_before
from app.foundation.database.unit_of_work import UnitOfWork, retrying, unit_of_work
from app.foundation.i18n import words as _l
from app.foundation.ids import new_id
from app.foundation.keyring import digest_of
from app.foundation.problems import Forbidden
from app.foundation.runtime import keyring, runtime
from app.foundation.tenancy import OPERATOR_DISTRICT, Origin, Principal, system_principal
from app.staff import queries
from app.staff.accounts import letters
from app.staff.accounts import services as accounts
from app.staff.accounts.logins import KnownAs
from app.staff.errors import AlreadyStaff, InvitationOver
from app.staff.models import Invitation
from app.staff.people.services import Post, must_give, take_post
from app.staff.sessions import services as sessions
from app.staff.sessions import signing_in, tokens
from app.staff.sessions.places import Workplace, places_of
from app.staff.sessions.services import Opened

LASTS = timedelta(hours=72)
ATTEMPTS = 5
Accepted = Once[Opened]
"""Of what was opened."""


class Invited(NamedTuple):
    """What an invitation says to whoever has its link."""

    district_id: str
    invitation_id: str
    login: KnownAs
    name: str
    role: str


class NewInvitation(NamedTuple):
    """An invitation just made, with its link; `is_sent`: by a letter, so that nobody has to hand it over."""

    row: Invitation
    link: str
    is_sent: bool


def invite(uow: UnitOfWork, *, name: str, login: KnownAs, post: Post) -> NewInvitation:
    """Makes an invitation and, where letters reach the login, one with its link, which is kept nowhere else.

    `post` is one that the principal may give.
    """
    invitation_id, secret = new_id("inv"), tokens.new_invitation(uow.district_id)
    row = Invitation(
        district_id=uow.district_id,
        id=invitation_id,
        secret_hash=digest_of(secret),
        name=keyring().seal(name, bound_to=invitation_id),
        login_kind=login.kind,
        login=keyring().seal(login.value, bound_to=invitation_id),
        role=post.role,
        merchant_id=post.merchant_id,
        store_id=post.store_id,
        invited_by=uow.principal.id,
        created_at=uow.real_now,
        expires_at=uow.real_now + LASTS,
    )
    uow.session.add(row)
    uow.session.flush()
    link = link_of(secret)
    where = None if uow.district_id == OPERATOR_DISTRICT else districts.district(uow).name
    is_sent = letters.add(uow, login, letters.INVITATION, is_sandbox=uow.is_sandbox, district=where, link=link)
    return NewInvitation(row, link, is_sent)


def link_of(secret: str) -> str:
    """Where an invitation is taken up."""
    return f"{runtime().settings.public_url.rstrip('/')}/console/invitations/{secret}"


def withdraw(uow: UnitOfWork, invitation_id: str) -> Invitation:
    """Ends an invitation that nobody has taken up. Raises NotFound, Forbidden."""
    row = queries.find_invitation(uow, invitation_id)
    must_give(uow, Post(row.role, row.merchant_id, row.store_id))
    row.withdrawn_at = uow.real_now
    return row


def login_of(row: Invitation) -> KnownAs:
    """Whom an invitation is for."""
    return KnownAs(row.login_kind, keyring().open(row.login, bound_to=row.id))


def look_at(secret: str) -> Invited:
    """What an invitation says. Opens a unit of work of its own. Raises InvitationOver."""
    district_id = tokens.district_of_invitation(secret)
    if district_id is None:
        raise InvitationOver
    with unit_of_work(system_principal(district_id)) as uow:
        row = queries.invitation_of(uow, digest_of(secret))
        if row is None:
            raise InvitationOver
        name = keyring().open(row.name, bound_to=row.id)
        return Invited(district_id, row.id, login_of(row), name, row.role)


def accept_as_new(secret: str, password: str, origin: Origin | None, once: Accepted | None = None) -> Opened:
    """Makes the account of an invitation with its password, gives it the role, and signs it in.

    Opens units of work of its own, of which the last keeps the idempotency key. Raises InvitationOver, LoginKnown where there is an account, ValidationFailed, Busy.
    """
    visitor = signing_in.visitor_of_secret(secret)
    before = outcome_before(visitor, once)
    if before is not None:
        return before
    invited = look_at(secret)
    password_hash = signing_in.hashed_password(password, invited.login.value)
    with unit_of_work(visitor, origin=origin) as uow:
        account_id = accounts.create_account(uow, invited.login, password_hash).id
    person = Principal("staff", account_id, OPERATOR_DISTRICT)
    place = _take_up(secret, invited, person, origin)

    def begin(uow: UnitOfWork) -> Opened:
        return signing_in.signed_in(uow, queries.find_account(uow, account_id, lock=True), place)

    return do_once(visitor, begin, once, origin=origin)


def accept(person: Principal, secret: str, origin: Origin | None, once: Accepted | None = None) -> Opened:
    """Gives the role of an invitation to the account that is signed in, if it is for that one's login.

    Opens units of work of its own, of which the last keeps the idempotency key. Raises InvitationOver, AlreadyStaff, Forbidden.
    """
    before = outcome_before(person, once)
    if before is not None:
        return before
    invited = look_at(secret)
    with unit_of_work(person) as uow:
        if accounts.login_of(queries.find_account(uow, person.id)) != invited.login:
            raise Forbidden(_l("This invitation is for another login."))
    place = _take_up(secret, invited, person, origin)
    return do_once(person, lambda uow: sessions.move(uow, sessions.current(uow), place), once, origin=origin)


def _take_up(secret: str, invited: Invited, person: Principal, origin: Origin | None) -> Workplace | None:
    def attempt() -> None:
        acting = Principal("staff", person.id, invited.district_id)
        with unit_of_work(acting, origin=origin) as uow:
            row = queries.invitation_of(uow, digest_of(secret), lock=True)
            if row is None:
                raise InvitationOver
            if queries.role_of(uow, person.id) is not None:
                raise AlreadyStaff
            post = Post(row.role, row.merchant_id, row.store_id)
            take_post(uow, person.id, invited.name, invited.login.hint, post)
            row.used_at, row.account_id = uow.real_now, person.id
            audit.record(uow, "staff.joined", person.id, {"invitation_id": row.id, **post._asdict()})

    retrying(ATTEMPTS, attempt)
    return next((one for one in places_of(person.id) if one.district_id == invited.district_id), None)
