"""`/console/account`: one's own password, second factors and sessions."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlsplit

import orjson
from flask import request

from app.console.door import SIGNED_IN, account, next_of
from app.console.forms import EndSessionForm, PasskeyForm, PasswordForm, RemoveForm
from app.console.places import HOME
from app.foundation import audit, symbols
from app.foundation.database.once import do_once
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.http.auditing import origin_of_request
from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError, StepUpRequired, ValidationFailed
from app.foundation.runtime import runtime
from app.pages.doors import Visit
from app.pages.outcomes import Cookie, Go, Handed, WebPage
from app.staff import queries
from app.staff.accounts import factors, passkeys, totp
from app.staff.accounts import services as accounts
from app.staff.errors import LastFactor
from app.staff.schemas import OtpBody, PasskeyBody, PasswordChangeBody
from app.staff.sessions import services as sessions
from app.staff.sessions import signing_in
from app.staff.sessions.places import places_of, zone_of
from app.staff.sessions.services import Opened

HERE = f"{HOME}/account"


def _proven(visit: Visit) -> None:
    """Raises StepUpRequired where the password wasn't given just now."""
    if not runtime().has_stepped_up(visit.principal):
        raise StepUpRequired


def _kept(opened: Opened) -> tuple[Cookie, ...]:
    """The cookie of a session that has a new token."""
    return (Cookie(SIGNED_IN, opened.token, int(sessions.LASTS.total_seconds())),)


@account.page("")
def overview(uow: UnitOfWork, visit: Visit) -> Handed:
    """How one signs in, and where one is signed in."""
    own, session = queries.find_account(uow, visit.principal.id), sessions.current(uow)
    places = places_of(own.id)
    needs = any(place.needs_second_factor for place in places)
    values = {
        "login": accounts.login_of(own).hint,
        "factors": factors.factors_of(uow, own),
        "codes_left": queries.recovery_codes_left(uow, own.id),
        "passkeys": queries.passkeys_of(uow, own.id),
        "sessions": list(uow.session.scalars(queries.open_sessions(uow, own.id))),
        "current": session.id,
        "notices": queries.notices_of(uow, own.id),
        "is_barred": needs and not session.is_strong,
        "zone": zone_of(places, session.chosen_district),
        **_site(),
    }
    return WebPage("console/account.html", values)


def _site() -> dict[str, Any]:
    """Whether passkeys can be added on this page; or at which other address."""
    site = passkeys.own_site()
    is_here = site is not None and request.host == urlsplit(site.origin).netloc
    return {"has_passkeys": is_here, "passkeys_at": None if site is None or is_here else f"{site.origin}{HERE}"}


@account.page("/password-again")
def ask_again(uow: UnitOfWork, visit: Visit) -> Handed:
    """The password, before what can't be left to whoever finds a screen open."""
    return WebPage("console/password_again.html", {"next": next_of(visit)})


@account.act("/password-again", form=PasswordForm(), again=ask_again, own_transaction=True)
def give_again(visit: Visit) -> Handed:
    """Opens it for five minutes."""
    if not _is_own_password(visit, visit.body["password"]):
        raise signing_in.refusal("/password")
    do_once(visit.principal, lambda uow: sessions.note_proof(uow, sessions.current(uow)))
    return Go(next_of(visit))


def _is_own_password(visit: Visit, password: str) -> bool:
    with unit_of_work(visit.principal) as uow:
        login = accounts.login_of(queries.find_account(uow, visit.principal.id))
    trusted = accounts.try_password(login, password, origin_of_request())
    return trusted is not None and trusted.account_id == visit.principal.id


@account.act("/password", form=PasswordChangeBody(), again=overview, own_transaction=True)
def change_password(visit: Visit) -> Handed:
    """Another password; all other sessions end."""
    if not _is_own_password(visit, visit.body["old_password"]):
        raise signing_in.refusal("/old_password")
    with unit_of_work(visit.principal) as uow:
        login = accounts.login_of(queries.find_account(uow, visit.principal.id))
    password_hash = signing_in.hashed_password(visit.body["password"], login.value)

    def change(uow: UnitOfWork) -> None:
        own, session = accounts.own(uow), sessions.current(uow)
        signing_in.set_password(uow, own, password_hash, but=session.id)
        audit.record(uow, "account.password_changed", own.id)

    do_once(visit.principal, change, origin=origin_of_request())
    return Go(f"{HERE}?told=password")


@account.page("/totp")
def totp_page(uow: UnitOfWork, visit: Visit) -> Handed:
    """A new key for an authenticator, to be scanned or typed; the one shown before while its code was wrong."""
    _proven(visit)
    own = accounts.own(uow)
    secret = factors.next_totp(own) if visit.form.error is not None else None
    if secret is None:
        secret = factors.start_totp(uow, own)
    link = totp.link_of(secret, issuer=passkeys.NAME, account=accounts.login_of(own).hint)
    picture = base64.b64encode(symbols.qr(link, "svg").content).decode()
    text = totp.secret_text(secret)
    grouped = " ".join(text[start : start + 4] for start in range(0, len(text), 4))
    return WebPage("console/totp.html", {"picture": f"data:image/svg+xml;base64,{picture}", "secret": grouped})


@account.act("/totp", form=OtpBody(), again=totp_page)
def confirm_totp(uow: UnitOfWork, visit: Visit) -> Handed:
    """From now on its codes are asked for."""
    _proven(visit)
    own = accounts.own(uow)
    if not factors.confirm_totp(uow, own, visit.body["otp"]):
        raise signing_in.wrong_factor("/otp")
    return _added(uow, "account.totp_added")


def _added(uow: UnitOfWork, action: str) -> Handed:
    """A second factor was added: the session is strong, and codes on paper come with the first one."""
    own, opened = accounts.own(uow), sessions.strengthen(uow, sessions.current(uow))
    audit.record(uow, action, own.id)
    cookies = _kept(opened)
    if queries.recovery_codes_left(uow, own.id):
        return Go(f"{HERE}?told=factor", cookies=cookies)
    return WebPage("console/codes.html", {"codes": factors.new_recovery_codes(uow, own)}, cookies=cookies)


@account.page("/passkey")
def passkey_page(uow: UnitOfWork, visit: Visit) -> Handed:
    """A passkey of this device, or of a key that is plugged in."""
    _proven(visit)
    options = passkeys.registration_options(uow, accounts.own(uow), sessions.current(uow))
    return WebPage("console/passkey.html", {"options": orjson.dumps(options).decode()})


@account.act("/passkey", form=PasskeyForm(), again=passkey_page)
def add_passkey(uow: UnitOfWork, visit: Visit) -> Handed:
    """From now on it can be given instead of a code."""
    _proven(visit)
    own = accounts.own(uow)
    answer = _made(visit.body)
    if passkeys.add(uow, own, sessions.current(uow), visit.body["name"], answer) is None:
        raise _no_passkey()
    return _added(uow, "account.passkey_added")


def _made(body: dict[str, Any]) -> dict[str, str]:
    try:
        said = orjson.loads(body["passkey"])
    except orjson.JSONDecodeError:
        said = None
    if not isinstance(said, dict) or PasskeyBody(exclude=("name",)).validate(said):
        raise _no_passkey()
    return {name: str(one) for name, one in said.items()}


def _no_passkey() -> DomainError:
    detail = _l("This passkey doesn't answer what was asked: begin again.")
    return ValidationFailed.at("/name", "invalid-passkey", detail)


@account.act("/factors/remove", form=RemoveForm(), again=overview)
def remove_factor(uow: UnitOfWork, visit: Visit) -> Handed:
    """Forgets a passkey, or the authenticator."""
    _proven(visit)
    own, wanted = accounts.own(uow), visit.body["passkey_id"]
    if wanted is None:
        factors.drop_totp(own)
    else:
        passkeys.remove(uow, own.id, wanted)
    uow.session.flush()
    if not factors.factors_of(uow, own) and any(place.needs_second_factor for place in places_of(own.id)):
        raise LastFactor
    audit.record(uow, "account.passkey_removed" if wanted else "account.totp_removed", own.id)
    return Go(f"{HERE}?told=factor-removed")


@account.act("/recovery-codes", again=overview)
def make_codes(uow: UnitOfWork, visit: Visit) -> Handed:
    """Ten new codes on paper."""
    _proven(visit)
    own = accounts.own(uow)
    audit.record(uow, "account.recovery_codes_made", own.id)
    return WebPage("console/codes.html", {"codes": factors.new_recovery_codes(uow, own)})


@account.act("/sessions/end", form=EndSessionForm(), again=overview)
def end_session(uow: UnitOfWork, visit: Visit) -> Handed:
    """Ends one session, or all but this one."""
    own, wanted = sessions.current(uow), visit.body["session_id"]
    if wanted is not None:
        queries.find_session(uow, visit.principal.id, wanted)
    sessions.end_sessions(uow, visit.principal.id, "revoked", only=wanted, but=None if wanted else own.id)
    audit.record(uow, "staff_session.ended" if wanted else "staff_session.others_ended", wanted or own.id)
    return Go(f"{HERE}?told=session")


@account.act("/notices/seen", again=overview)
def see_notices(uow: UnitOfWork, visit: Visit) -> Handed:
    """They aren't shown any more."""
    accounts.see_notices(uow, visit.principal.id)
    return Go(HERE)
