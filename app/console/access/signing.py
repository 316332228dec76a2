"""`/console/sign-in` and what leads to it: a second factor, a forgotten password, an invitation, the choice of a district."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import orjson

from app.console.door import NEXT, SIGNED_IN, WAITING, console, kept, let_in, next_of, visitor
from app.console.forms import DistrictForm, NewPasswordForm, PasswordForm, SecondFactorForm, SignInCodeForm, SignInForm
from app.console.places import HOME
from app.foundation.database.once import do_once
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.auditing import origin_of_request
from app.foundation.i18n import words as _l
from app.foundation.jobs.queue import Job
from app.foundation.problems import DomainError, ValidationFailed
from app.foundation.tenancy import at_home
from app.pages.doors import Visit
from app.pages.outcomes import Cookie, Go, Handed, Refused, WebPage
from app.staff.accounts import factors, passkeys
from app.staff.people import invitations
from app.staff.schemas import PasskeyProof
from app.staff.sessions import services as sessions
from app.staff.sessions import signing_in
from app.staff.sessions.places import chosen_of, places_of
from app.staff.sessions.services import Opened, WaitingSignIn

SEND = "app.signin.tasks.send_code"


@console.page("/sign-in", signed_in=False)
def sign_in(uow: UnitOfWork, visit: Visit) -> Handed:
    """Login and password, and a code where one has an authenticator."""
    if visit.is_signed_in and visit.form.error is None:
        return Go(next_of(visit))
    return WebPage("console/sign_in.html", {"next": next_of(visit)})


@console.act("/sign-in", signed_in=False, form=SignInForm(), again=sign_in, own_transaction=True)
def give_password(visit: Visit) -> Handed:
    """Opens a session, or asks for the second factor."""
    origin, body = origin_of_request(), visit.body
    prepared = signing_in.prepare(body["login"], body["password"], origin)
    begun = do_once(
        visitor(), lambda uow: signing_in.sign_in(uow, prepared, otp=body["otp"], district=None), origin=origin
    )
    return _begun(visit, begun)


def _begun(visit: Visit, begun: Opened | WaitingSignIn | DomainError) -> Go:
    if isinstance(begun, DomainError):
        raise begun
    if isinstance(begun, Opened):
        return let_in(begun, next_of(visit))
    cookie = Cookie(WAITING, begun.token, int(sessions.WAITS.total_seconds()))
    return Go(f"{HOME}/second-factor", cookies=(cookie,))


@console.page("/sign-in/code", signed_in=False)
def ask_for_code(uow: UnitOfWork, visit: Visit) -> Handed:
    """A login, then the code that was sent there."""
    return WebPage("console/by_code.html", {**_coded(visit), "next": next_of(visit)})


def _coded(visit: Visit) -> dict[str, Any]:
    """What a page with a code shows: the challenge once there is one, and where codes go."""
    challenge = visit.asked("challenge") or visit.form.value("challenge")
    return {"challenge": challenge, "sends_mail": signing_in.sends_mail()}


@console.act("/sign-in/code", signed_in=False, form=SignInCodeForm(), again=ask_for_code, own_transaction=True)
def give_code(visit: Visit) -> Handed:
    """Sends the code; or opens a session, or asks for the second factor."""
    challenge, code = visit.body["challenge"], visit.body["code"] or ""
    if not challenge:
        return _send_code(visit, f"{HOME}/sign-in/code")

    def work(uow: UnitOfWork) -> Opened | WaitingSignIn | DomainError:
        return signing_in.sign_in_by_code(uow, challenge=challenge, code=code, otp=None)

    begun = do_once(visitor(), work, origin=origin_of_request())
    return _begun(visit, begun if isinstance(begun, DomainError) else signing_in.settle(begun, None))


def _send_code(visit: Visit, page: str) -> Go:
    """Sends a code to a login, whatever is known of it; the page asks for it then. Raises what asking for one raises."""
    login = visit.body["login"]
    if login is None:
        raise ValidationFailed.at("/login", "invalid-login", _l("A phone number or an e-mail address is needed."))
    challenge, _ = do_once(visitor(), lambda uow: signing_in.ask_code(uow, login), origin=origin_of_request())
    job = Job(SEND, (challenge.district_id, challenge.id))
    asked = {"challenge": challenge.text, NEXT: next_of(visit)}
    return Go(f"{page}?{urlencode(asked)}", jobs=(job,))


@console.page("/second-factor", signed_in=False)
def second_factor(uow: UnitOfWork, visit: Visit) -> Handed:
    """What is asked for after the password."""
    session = sessions.waiting_session(uow, kept(WAITING))
    if session is None:
        return Go(f"{HOME}/sign-in")
    options = passkeys.sign_in_options(uow, session.account_id, session)
    return WebPage("console/second_factor.html", {"options": options and orjson.dumps(options).decode()})


@console.act("/second-factor", signed_in=False, form=SecondFactorForm(), again=second_factor)
def give_factor(uow: UnitOfWork, visit: Visit) -> Handed:
    """Opens the session."""
    opened = signing_in.give_second_factor(uow, kept(WAITING), _answer(visit.body))
    return Refused(opened) if isinstance(opened, DomainError) else let_in(opened)


def _answer(body: dict[str, Any]) -> dict[str, Any]:
    """A passkey's answer, a code on paper, which is longer, or a code of the authenticator."""
    if body["passkey"]:
        return {factors.PASSKEY: passkey_proof(body["passkey"])}
    code = (body["otp"] or "").strip()
    return {factors.OTP if len(code) <= 8 else factors.RECOVERY_CODE: code}


def passkey_proof(text: str) -> dict[str, str]:
    """What a script has put into a field. Raises ValidationFailed."""
    schema = PasskeyProof()
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        said = None
    if not isinstance(said, dict) or schema.validate(said):
        raise ValidationFailed.at(
            "/otp", "invalid-passkey", _l("This passkey doesn't answer what was asked: begin again.")
        )
    return {name: str(one) for name, one in said.items()}


@console.act("/sign-out", signed_in=False)
def sign_out(uow: UnitOfWork, visit: Visit) -> Handed:
    """Ends the session."""
    if visit.is_signed_in:
        home = at_home(visit.principal)
        do_once(home, lambda own: sessions.end_sessions(own, home.id, "revoked", only=home.session_id))
    return Go(f"{HOME}/sign-in", cookies=(Cookie(SIGNED_IN, "", 0),))


@console.page("/forgotten", signed_in=False)
def forgotten(uow: UnitOfWork, visit: Visit) -> Handed:
    """A code to the login, then another password."""
    return WebPage("console/forgotten.html", _coded(visit))


@console.act("/forgotten", signed_in=False, form=NewPasswordForm(), again=forgotten, own_transaction=True)
def recover(visit: Visit) -> Handed:
    """Sends the code, or sets the password."""
    body, origin = visit.body, origin_of_request()
    if body["challenge"]:
        password_hash = signing_in.hashed_password(body["password"] or "", "")
        values = {"challenge": body["challenge"], "code": body["code"] or "", "password_hash": password_hash}
        done = do_once(visitor(), lambda uow: signing_in.reset_password(uow, **values), origin=origin)
        if isinstance(done, DomainError):
            raise done
        return Go(f"{HOME}/sign-in?told=password")
    return _send_code(visit, f"{HOME}/forgotten")


@console.page("/invitations/<code:secret>", signed_in=False)
def invitation(uow: UnitOfWork, visit: Visit, secret: str) -> Handed:
    """What somebody is invited to."""
    invited = invitations.look_at(secret)
    values = {"name": invited.name, "login": invited.login.hint, "role": invited.role, "secret": secret}
    return WebPage("console/invitation.html", values)


@console.act("/invitations/<code:secret>", signed_in=False, form=PasswordForm(), again=invitation, own_transaction=True)
def accept(visit: Visit, secret: str) -> Handed:
    """Makes an account, with the role."""
    return let_in(invitations.accept_as_new(secret, visit.body["password"], origin_of_request()))


@console.act("/invitations/<code:secret>/take-up", own_transaction=True, again=invitation)
def take_up(visit: Visit, secret: str) -> Handed:
    """Gives the role to the account that is signed in."""
    return let_in(invitations.accept(at_home(visit.principal), secret, origin_of_request()))


@console.page("/districts")
def choose(uow: UnitOfWork, visit: Visit) -> Handed:
    """Where one works."""
    return WebPage("console/districts.html", {"places": places_of(visit.principal.id), "next": next_of(visit)})


@console.act("/districts", form=DistrictForm(), again=choose, own_transaction=True)
def go_to_district(visit: Visit) -> Handed:
    """Works there from now on."""
    home = at_home(visit.principal)
    place = chosen_of(places_of(home.id), visit.body["district"])
    moved = do_once(home, lambda uow: sessions.move(uow, sessions.current(uow), place), origin=origin_of_request())
    return let_in(moved, next_of(visit))
