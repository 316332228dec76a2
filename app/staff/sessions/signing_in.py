"""Sign-in of staff: by password or by a code to the login, then by a second factor where there is one.

What takes long, a password's comparison, and what is asked of several districts comes before the unit of work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.http.routing import Call
from app.foundation.i18n import words as _l
from app.foundation.keyring import digest_of
from app.foundation.problems import DomainError, Flaw, NotFound, ValidationFailed
from app.foundation.runtime import keyring, runtime
from app.foundation.tenancy import OPERATOR_DISTRICT, Origin, Principal, system_principal
from app.signin.errors import InvalidCode
from app.signin.sms_codes import rules as codes
from app.signin.sms_codes import services as sms_codes
from app.signin.sms_codes.rules import Challenge
from app.sms.sender import is_address, mail_of
from app.staff import queries
from app.staff.accounts import factors, throttle
from app.staff.accounts import services as accounts
from app.staff.accounts.logins import EMAIL, PHONE, KnownAs
from app.staff.accounts.passwords import check_password
from app.staff.accounts.services import Trusted
from app.staff.errors import SignInRefused
from app.staff.hashing import PASSWORDS
from app.staff.models import StaffAccount
from app.staff.sessions import services as sessions
from app.staff.sessions.places import Workplace, chosen_of, places_of
from app.staff.sessions.services import Opened, WaitingSignIn


class Prepared(NamedTuple):
    """What is known of a sign-in before its unit of work: whose password was right, and where that account works."""

    trusted: Trusted | None
    places: list[Workplace]


def visitor_of_login(body: Mapping[str, Any]) -> Principal:
    """Who comes with a login, where accounts are kept."""
    login: KnownAs = body["login"]
    return _visitor(keyring().index(OPERATOR_DISTRICT, "visitor", login.value).hex())


def visitor_of_challenge(body: Mapping[str, Any]) -> Principal:
    """Who comes with a challenge of staff's. Raises InvalidCode for a text that is none."""
    challenge = codes.challenge_of(body["challenge"])
    if challenge is None or challenge.district_id != OPERATOR_DISTRICT:
        raise sms_codes.invalid("/code")
    return visitor_of_secret(body["challenge"])


def visitor_of_secret(secret: str) -> Principal:
    """Who comes with a secret: told from others by a print of it, so that idempotency keys are its own."""
    return _visitor(digest_of(secret)[:16].hex())


def _visitor(known_as: str) -> Principal:
    return Principal("visitor", f"vis_{known_as}", OPERATOR_DISTRICT)


def prepare(login: KnownAs, password: str, origin: Origin | None) -> Prepared:
    """Raises RateLimited, Busy."""
    trusted = accounts.try_password(login, password, origin)
    return Prepared(trusted, places_of(trusted.account_id) if trusted else [])


@contextmanager
def before(call: Call) -> Iterator[Prepared]:
    """The same for a route."""
    yield prepare(call.body["login"], call.body["password"], call.origin)


def sign_in(
    uow: UnitOfWork, prepared: Prepared, *, otp: str | None, district: str | None
) -> Opened | WaitingSignIn | DomainError:
    """Signs in whose password was right; asks for a second factor first where there is one, unless its code is here.

    Raises NotFound for a district in which the account has no role, RateLimited.
    """
    if prepared.trusted is None:
        return refusal()
    account = queries.find_account(uow, prepared.trusted.account_id, lock=True)
    if account.password_hash != prepared.trusted.password_hash:
        return refusal()
    return _second(uow, account, chosen_of(prepared.places, district), otp)


def _second(
    uow: UnitOfWork, account: StaffAccount, place: Workplace | None, otp: str | None
) -> Opened | WaitingSignIn | DomainError:
    own = factors.factors_of(uow, account)
    if own and otp is None:
        return sessions.let_wait(uow, account, place)
    if own and not factors.use_otp(uow, account, otp or ""):
        return wrong_factor("/otp")
    return signed_in(uow, account, place, is_strong=bool(own))


def signed_in(uow: UnitOfWork, account: StaffAccount, place: Workplace | None, *, is_strong: bool = False) -> Opened:
    """A session of an account whose owner has proven to be the one."""
    opened = sessions.open_session(uow, account, place, is_strong=is_strong)
    _note(uow, opened)
    return opened


def _note(uow: UnitOfWork, opened: Opened) -> None:
    details = {"account_id": opened.account_id, "at": opened.district_id}
    _note_act(uow, opened.account_id, "staff.signed_in", opened.session_id, details)


def _note_act(uow: UnitOfWork, account_id: str, action: str, subject_id: str, details: Mapping[str, Any]) -> None:
    """The visitor has become somebody: the entry is that one's."""
    person = Principal("staff", account_id, OPERATOR_DISTRICT)
    audit.record(uow, action, subject_id, details, actor=person, origin=uow.origin)


def ask_code(uow: UnitOfWork, login: KnownAs) -> tuple[Challenge, dict[str, str]]:
    """Asks for a code to a login; it leaves only where that is an account's, and nothing tells whether it does.

    With it come the headers of its limit. Raises ValidationFailed, SmsUnavailable, PhoneNotServed, RateLimited, Busy.
    """
    if login.kind == EMAIL and not sends_mail():
        raise ValidationFailed.at("/login", "invalid-phone", _l("Codes go to phones."))
    is_known = queries.account_of_login(uow, login) is not None
    return sms_codes.ask_code(uow, login.value, is_sent=is_known)


def sends_mail() -> bool:
    """Whether e-mail leaves from this installation."""
    return mail_of(runtime().settings) is not None


def account_of_code(uow: UnitOfWork, challenge: str, code: str) -> StaffAccount | DomainError:
    """The account whose login is proven by a code, under lock, and the code used up; or a refusal to be committed.

    Raises RateLimited, Busy.
    """
    proven = sms_codes.prove_phone(uow, challenge, code)
    if isinstance(proven, DomainError):
        return proven
    sms_codes.use_challenge(uow, challenge)
    account = queries.account_of_login(uow, KnownAs(EMAIL if is_address(proven) else PHONE, proven))
    return sms_codes.invalid("/code") if account is None else queries.find_account(uow, account.id, lock=True)


def sign_in_by_code(
    uow: UnitOfWork, *, challenge: str, code: str, otp: str | None, **_: Any
) -> Opened | WaitingSignIn | DomainError:
    """Signs in who proves an account's login; where it works is settled afterwards.

    Raises RateLimited, Busy.
    """
    account = account_of_code(uow, challenge, code)
    return account if isinstance(account, DomainError) else _second(uow, account, None, otp)


def settle(begun: Opened | WaitingSignIn, wanted: str | None) -> Opened | WaitingSignIn:
    """Chooses the district that is wanted, or the only one, for a session whose token nobody has yet.

    Opens units of work of its own.
    """
    try:
        place = chosen_of(places_of(begun.account_id), wanted)
    except NotFound:
        return begun
    if place is None:
        return begun
    with unit_of_work(system_principal(OPERATOR_DISTRICT)) as uow:
        is_strong = sessions.settle(uow, begun.session_id, place)
    if isinstance(begun, WaitingSignIn):
        return begun
    return begun._replace(district_id=place.district_id, wants=sessions.wants_of(place, is_strong=is_strong))


def give_second_factor(uow: UnitOfWork, token: str, answer: Mapping[str, Any]) -> Opened | DomainError:
    """Ends a sign-in that waits, where its second factor is right. Raises RateLimited, Busy."""
    session = sessions.waiting_session(uow, token)
    if session is None:
        return refusal("/token")
    account = queries.find_account(uow, session.account_id, lock=True)
    opened = sessions.finish_waiting(uow, session, account, answer)
    if opened is None:
        return wrong_factor("/otp")
    _note(uow, opened)
    return opened


def hashed_password(password: str, login: str) -> str:
    """What is kept of a new password. Raises ValidationFailed, Busy."""
    check_password(password, login)
    return PASSWORDS.hash(password)


@contextmanager
def before_reset(call: Call) -> Iterator[str]:
    """A new password's hash, made before the unit of work."""
    yield hashed_password(call.body["password"], "")


def reset_password(uow: UnitOfWork, *, challenge: str, code: str, password_hash: str) -> StaffAccount | DomainError:
    """Gives an account whose login is proven another password, and ends its sessions. Its second factor stays.

    Raises RateLimited, Busy.
    """
    account = account_of_code(uow, challenge, code)
    if not isinstance(account, DomainError):
        set_password(uow, account, password_hash, but=None)
        throttle.forgive(accounts.login_of(account), uow.origin)
        _note_act(uow, account.id, "account.password_reset", account.id, {})
    return account


def set_password(uow: UnitOfWork, account: StaffAccount, password_hash: str, *, but: str | None) -> None:
    """Another password; sessions end but the one by which it was set."""
    account.password_hash = password_hash
    sessions.end_sessions(uow, account.id, "password-changed", but=but)


def refusal(pointer: str = "/login") -> SignInRefused:
    """The one refusal of a sign-in, whatever is wrong with it."""
    return SignInRefused(flaws=[Flaw(pointer, SignInRefused.code, SignInRefused.title)])


def wrong_factor(pointer: str) -> InvalidCode:
    """The refusal of a second factor."""
    detail = _l("The code of the second factor is wrong, or was used.")
    return InvalidCode(detail, flaws=[Flaw(pointer, InvalidCode.code, detail)])
