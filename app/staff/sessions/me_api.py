"""`/v1/staff/me`: what somebody of staff sees of itself, and how it keeps its account."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.http.answers import Answer
from app.foundation.http.routing import STAFF, Call, Routes
from app.foundation.i18n import words as _l
from app.foundation.pagination import list_answer
from app.foundation.problems import Flaw, NotFound, ValidationFailed
from app.signin.errors import InvalidCode
from app.staff import answers, queries, schemas
from app.staff.accounts import factors, passkeys, totp
from app.staff.accounts import services as accounts
from app.staff.errors import LastFactor, PasskeysUnavailable, SignInRefused
from app.staff.models import StaffAccount
from app.staff.present import (
    REPLAYED_SECONDS,
    answer_begun,
    open_token,
    show_notice,
    show_opened,
    show_passkey,
    show_place,
)
from app.staff.roles import ROLES
from app.staff.sessions import services as sessions
from app.staff.sessions import signing_in
from app.staff.sessions.places import Workplace, chosen_of, places_of

staff_me = Routes("staff_me", __name__, url_prefix="/v1/staff/me")


@contextmanager
def _places(call: Call) -> Iterator[list[Workplace]]:
    yield places_of(call.principal.id)


@contextmanager
def _password(call: Call) -> Iterator[bool]:
    """Whether the password that is given is one's own."""
    yield is_own_password(call, call.body["password"])


@contextmanager
def _new_password(call: Call) -> Iterator[str | None]:
    """What is kept of the new password, if the old one is right."""
    if not is_own_password(call, call.body["old_password"]):
        yield None
        return
    with unit_of_work(call.principal) as uow:
        login = accounts.login_of(queries.find_account(uow, call.principal.id))
    yield signing_in.hashed_password(call.body["password"], login.value)


def is_own_password(call: Call, password: str) -> bool:
    """Whether a password is that of whoever calls. Raises RateLimited, Busy."""
    with unit_of_work(call.principal) as uow:
        login = accounts.login_of(queries.find_account(uow, call.principal.id))
    trusted = accounts.try_password(login, password, call.origin)
    return trusted is not None and trusted.account_id == call.principal.id


def _wrong_password(pointer: str) -> Answer:
    return Answer.refused(signing_in.refusal(pointer))


def _wrong_code() -> Answer:
    return Answer.refused(InvalidCode(flaws=[Flaw("/otp", InvalidCode.code, InvalidCode.title)]))


@staff_me.serve("GET", "", scope=STAFF, answers={200: answers.ME}, beside=_places)
def get_staff_me(uow: UnitOfWork, call: Call) -> Answer:
    """Read oneself: where one works, with which rights, and how one signs in."""
    account, session = queries.find_account(uow, call.principal.id), sessions.current(uow)
    places: list[Workplace] = call.beside
    here = next((place for place in places if place.district_id == session.chosen_district), None)
    body = {
        "object": "account",
        "id": account.id,
        "login": accounts.login_of(account).hint,
        "session_id": session.id,
        "district_id": here and here.district_id,
        "wants": sessions.wants_of(here, is_strong=session.is_strong) or None,
        "scopes": sorted(ROLES[here.here.role].scopes) if here else [],
        "places": [show_place(place) for place in places],
        "second_factors": factors.factors_of(uow, account),
        "recovery_codes_left": queries.recovery_codes_left(uow, account.id),
        "notices": [show_notice(row) for row in queries.notices_of(uow, account.id)],
    }
    return Answer(body)


@staff_me.serve(
    "POST",
    "/district",
    scope=STAFF,
    body=schemas.PlaceBody(),
    answers={201: answers.OPENED},
    problems=(NotFound,),
    beside=_places,
    replay=open_token,
    replay_seconds=REPLAYED_SECONDS,
    audit="staff_session.moved",
)
def choose_district(uow: UnitOfWork, call: Call) -> Answer:
    """Choose the district to work in, of those in which one has a role. The session gets a new token."""
    session = sessions.current(uow)
    place = chosen_of(call.beside, call.body["district"])
    moved = sessions.move(uow, session, place)
    return answer_begun(moved, audited={"at": moved.district_id})


@staff_me.serve(
    "POST",
    "/step-up",
    scope=STAFF,
    body=schemas.StepUpBody(),
    answers={200: answers.STEPPED_UP},
    problems=(SignInRefused,),
    beside=_password,
)
def step_up(uow: UnitOfWork, call: Call) -> Answer:
    """Give the password again, which opens for five minutes what needs it: publishing rules, keys, payouts, exports of people."""
    if not call.beside:
        return _wrong_password("/password")
    session = sessions.current(uow)
    until = sessions.note_proof(uow, session)
    return Answer({"object": "step_up", "id": session.id, "fresh_until": format_instant(until)})


@staff_me.serve(
    "POST",
    "/password",
    scope=STAFF,
    body=schemas.PasswordChangeBody(),
    answers={200: answers.DONE},
    problems=(SignInRefused,),
    beside=_new_password,
    audit="account.password_changed",
)
def change_password(uow: UnitOfWork, call: Call) -> Answer:
    """Set another password. All other sessions of the account end."""
    if call.beside is None:
        return _wrong_password("/old_password")
    account, session = accounts.own(uow), sessions.current(uow)
    signing_in.set_password(uow, account, call.beside, but=session.id)
    return _changed(account)


def _changed(account: StaffAccount) -> Answer:
    return Answer({"object": "account", "id": account.id, "status": "changed"})


@staff_me.serve("POST", "/notices/seen", scope=STAFF, answers={200: answers.DONE})
def see_staff_notices(uow: UnitOfWork, call: Call) -> Answer:
    """Say that one has seen what others have done to the account."""
    account = accounts.own(uow)
    accounts.see_notices(uow, account.id)
    return _changed(account)


@staff_me.serve(
    "POST", "/totp", scope=STAFF, step_up=True, answers={200: answers.TOTP}, replay=lambda uow, stored: _new_totp(uow)
)
def start_totp(uow: UnitOfWork, call: Call) -> Answer:
    """Take a new key for an authenticator. It counts once a code of it is given."""
    return Answer(_new_totp(uow), stored={"id": call.principal.id})


def _new_totp(uow: UnitOfWork) -> dict[str, Any]:
    account = accounts.own(uow)
    secret = factors.start_totp(uow, account)
    link = totp.link_of(secret, issuer=passkeys.NAME, account=accounts.login_of(account).hint)
    return {"object": "totp", "id": account.id, "secret": totp.secret_text(secret), "link": link}


@staff_me.serve(
    "POST",
    "/totp/confirm",
    scope=STAFF,
    step_up=True,
    body=schemas.OtpBody(),
    answers={201: answers.FACTOR_ADDED},
    problems=(InvalidCode,),
    replay=lambda uow, stored: _factor_added(uow, accounts.own(uow)),
    audit="account.totp_added",
)
def confirm_totp(uow: UnitOfWork, call: Call) -> Answer:
    """Give the first code of an authenticator: from then on it is asked for at sign-in. Codes on paper come with it.

    The session gets a new token.
    """
    account = accounts.own(uow)
    if not factors.confirm_totp(uow, account, call.body["otp"]):
        return _wrong_code()
    return Answer(_factor_added(uow, account), 201, stored={"id": account.id})


def _factor_added(uow: UnitOfWork, account: StaffAccount) -> dict[str, Any]:
    """A session that has become strong, and codes on paper where there are none yet."""
    opened = sessions.strengthen(uow, sessions.current(uow))
    is_first = not queries.recovery_codes_left(uow, account.id)
    codes = factors.new_recovery_codes(uow, account) if is_first else []
    return {"object": "second_factor", "id": account.id, "session": show_opened(opened), "recovery_codes": codes}


@staff_me.serve(
    "DELETE",
    "/totp",
    scope=STAFF,
    step_up=True,
    answers={200: answers.DONE},
    problems=(LastFactor,),
    beside=_places,
    audit="account.totp_removed",
)
def remove_totp(uow: UnitOfWork, call: Call) -> Answer:
    """Forget the authenticator."""
    account = accounts.own(uow)
    factors.drop_totp(account)
    return _without_factor(uow, account, call.beside)


def _without_factor(uow: UnitOfWork, account: StaffAccount, places: list[Workplace]) -> Answer:
    uow.session.flush()
    if not factors.factors_of(uow, account) and any(place.needs_second_factor for place in places):
        raise LastFactor
    return _changed(account)


@staff_me.serve("GET", "/passkeys", scope=STAFF, answers={200: answers.PASSKEYS})
def list_passkeys(uow: UnitOfWork, call: Call) -> Answer:
    """List one's passkeys."""
    rows = queries.passkeys_of(uow, call.principal.id)
    return Answer(list_answer([show_passkey(row) for row in rows], has_more=False))


@staff_me.serve(
    "POST",
    "/passkeys/options",
    scope=STAFF,
    step_up=True,
    answers={200: answers.PASSKEY_OPTIONS},
    problems=(PasskeysUnavailable,),
)
def ask_for_passkey(uow: UnitOfWork, call: Call) -> Answer:
    """Ask for what `navigator.credentials.create` needs to make a passkey."""
    account = accounts.own(uow)
    options = passkeys.registration_options(uow, account, sessions.current(uow))
    return Answer({"object": "passkey_options", "id": account.id, "options": options})


@staff_me.serve(
    "POST",
    "/passkeys",
    scope=STAFF,
    step_up=True,
    body=schemas.PasskeyBody(),
    answers={201: answers.FACTOR_ADDED},
    replay=lambda uow, stored: _factor_added(uow, accounts.own(uow)),
    audit="account.passkey_added",
)
def add_passkey(uow: UnitOfWork, call: Call) -> Answer:
    """Keep a passkey as a second factor. The session gets a new token; codes on paper come with the first factor."""
    account, session = accounts.own(uow), sessions.current(uow)
    answer = {name: one for name, one in call.body.items() if name != "name"}
    if passkeys.add(uow, account, session, call.body["name"], answer) is None:
        detail = _l("This passkey doesn't answer what was asked: begin again.")
        return Answer.refused(ValidationFailed.at("/attestation", "invalid-passkey", detail))
    return Answer(_factor_added(uow, account), 201, stored={"id": account.id})


@staff_me.serve(
    "DELETE",
    "/passkeys/<pky:passkey_id>",
    scope=STAFF,
    step_up=True,
    answers={200: answers.DONE},
    problems=(LastFactor,),
    beside=_places,
    audit="account.passkey_removed",
)
def remove_passkey(uow: UnitOfWork, call: Call, passkey_id: str) -> Answer:
    """Forget a passkey."""
    account = accounts.own(uow)
    passkeys.remove(uow, account.id, passkey_id)
    return _without_factor(uow, account, call.beside)


@staff_me.serve(
    "POST",
    "/recovery-codes",
    scope=STAFF,
    step_up=True,
    answers={201: answers.RECOVERY_CODES},
    replay=lambda uow, stored: _new_codes(uow),
    audit="account.recovery_codes_made",
)
def make_recovery_codes(uow: UnitOfWork, call: Call) -> Answer:
    """Make ten new codes on paper, in the place of the old ones."""
    return Answer(_new_codes(uow), 201, stored={"id": call.principal.id})


def _new_codes(uow: UnitOfWork) -> dict[str, Any]:
    account = accounts.own(uow)
    return {"object": "recovery_codes", "id": account.id, "recovery_codes": factors.new_recovery_codes(uow, account)}
