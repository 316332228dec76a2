"""Codes by SMS, those of staff by e-mail too: asked for, sent after the commit, and tried. Nothing here looks at who is a
member.

Those of a sandbox leave for no provider: its own key reads them. They end by its clock; what sends goes by real time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.limits.named import network_print
from app.foundation.i18n import words as _l
from app.foundation.ids import hex_of
from app.foundation.keyring import SealBroken
from app.foundation.problems import DomainError, Flaw
from app.foundation.runtime import keyring, runtime
from app.signin import queries
from app.signin.errors import InvalidCode, PhoneNotServed, SmsUnavailable
from app.signin.sms_codes import rules, throttle
from app.signin.sms_codes.rules import Challenge
from app.sms.sender import code_sender_for, is_address

AGAIN_AFTER = timedelta(seconds=30)
MOST_SENDS = 3
_ASK = """
    INSERT INTO sign_in_challenges (district_id, id, phone, created_at, expires_at, send_at, asked_from)
    VALUES (%(district)s, %(id)s, %(phone)s, %(now)s, %(expires)s, %(send_at)s, %(asked_from)s)
"""
_TAKE = """
    UPDATE sign_in_challenges
    SET sends = sends + 1, send_at = CASE WHEN sends + 1 < %(most)s THEN %(again)s::timestamptz END
    WHERE district_id = %(district)s AND id = %(id)s AND used_at IS NULL AND expires_at > %(now)s
      AND send_at IS NOT NULL AND (sends = 0 OR send_at <= %(real_now)s)
    RETURNING phone
"""
_SENT = "UPDATE sign_in_challenges SET send_at = NULL WHERE district_id = %s AND id = %s"
_WRONG = """
    UPDATE sign_in_challenges SET wrong_tries = wrong_tries + 1 WHERE district_id = %(district)s AND id = %(id)s
"""
_USED = """
    UPDATE sign_in_challenges SET used_at = %(now)s, send_at = NULL WHERE district_id = %(district)s AND id = %(id)s
"""
_FORGET = "DELETE FROM sign_in_challenges WHERE district_id = %s AND expires_at < %s"


def ask_code(uow: UnitOfWork, to: str, *, is_sent: bool = True) -> tuple[Challenge, dict[str, str]]:
    """Keeps a challenge whose code is to be sent to a phone (E.164), or to an address of staff; with it come the headers of
    its limit. `is_sent`: False for one of which only the asking is to be noted.

    Raises SmsUnavailable, PhoneNotServed, RateLimited, Busy.
    """
    settings = runtime().settings
    send = code_sender_for(settings, to, is_sandbox=uow.is_sandbox)
    if send is None and not uow.is_sandbox:
        raise SmsUnavailable
    if not is_address(to) and not rules.is_served(to, settings.sms_countries):
        detail = _l("Codes are sent to mobile phones of the countries that are served here.")
        raise PhoneNotServed(detail, flaws=[Flaw("/phone", PhoneNotServed.code, detail)])
    limits = throttle.count_code(uow.district_id, to, uow.origin)
    challenge = rules.new_challenge(uow.district_id)
    sealed = keyring().seal(to, bound_to=challenge.subject)
    times = {"expires": uow.now + rules.LASTS, "send_at": uow.real_now if send and is_sent else None}
    values = {"id": hex_of(challenge.id), "phone": sealed, **times}
    uow.write(_ASK, {**values, "asked_from": network_print(uow.origin)})
    return challenge, limits


def code_of(challenge: Challenge) -> str:
    """The code of a challenge."""
    return rules.code_of(keyring().derive(rules.PURPOSE, challenge.subject))


class KeptCode(NamedTuple):
    """A code that works still, and the phone (E.164) it was asked for."""

    phone: str
    code: str
    asked_at: datetime
    expires_at: datetime


def kept_codes(uow: UnitOfWork) -> list[KeptCode]:
    """The codes of a district that work still, the newest first. For sandboxes: elsewhere only the phone knows them."""
    found = []
    for challenge_id, sealed, asked_at, expires_at in queries.challenges_kept(uow):
        challenge = Challenge(uow.district_id, challenge_id)
        phone = keyring().open(sealed, bound_to=challenge.subject)
        found.append(KeptCode(phone, code_of(challenge), asked_at, expires_at))
    return found


def take_code(uow: UnitOfWork, challenge: Challenge) -> str | None:
    """The phone (E.164) or address to which a code is to be sent now; None if it has left, is over, or another is sending it.

    Unless it is told `sent`, it may be taken again after a while, some times.
    """
    values = {"district": hex_of(uow.district_id), "id": hex_of(challenge.id), "now": uow.now}
    times = {"real_now": uow.real_now, "again": uow.real_now + AGAIN_AFTER}
    rows = uow.rows(_TAKE, {**values, **times, "most": MOST_SENDS})
    return keyring().open(rows[0][0], bound_to=challenge.subject) if rows else None


def note_sent(uow: UnitOfWork, challenge: Challenge) -> None:
    """Notes that a code has left, or never will."""
    uow.execute(_SENT, (hex_of(uow.district_id), hex_of(challenge.id)))


def prove_phone(uow: UnitOfWork, text: str, code: str, *, pointer: str = "/code") -> str | DomainError:
    """The phone (E.164), or address, that a right code proves, until the commit nobody else's to use; or the refusal to commit.

    One refusal for all that is wrong, over, used or unknown. A wrong code is counted, and the fifth ends the challenge.
    The first try at a challenge is looked at even where others were wrong too often. Raises RateLimited, Busy.
    """
    challenge = rules.challenge_of(text)
    held = None
    if challenge is not None and challenge.district_id == uow.district_id:
        held = queries.lock_challenge(uow, challenge.id)
    if challenge is None or held is None:
        throttle.check_guesses(uow.origin)
        throttle.count_wrong(uow.origin)
        return invalid(pointer)
    try:
        about = throttle.About(keyring().open(held.phone, bound_to=challenge.subject), held.asked_from)
    except SealBroken:
        return invalid(pointer)
    if held.wrong_tries:
        throttle.check_guesses(uow.origin, about)
    is_right = rules.is_right(keyring().derive_all(rules.PURPOSE, challenge.subject), code)
    if is_right and held.is_open and held.wrong_tries < rules.MOST_TRIES:
        throttle.remember(about.phone, uow.origin)
        return about.phone
    if not is_right:
        uow.write(_WRONG, {"id": hex_of(challenge.id)})
        throttle.count_wrong(uow.origin, about)
    return invalid(pointer)


def use_challenge(uow: UnitOfWork, text: str) -> None:
    """Uses up a challenge that was proven in this unit of work."""
    challenge = rules.challenge_of(text)
    assert challenge is not None, "proven before"
    uow.write(_USED, {"id": hex_of(challenge.id)})


def forget_old(uow: UnitOfWork) -> int:
    """Forgets challenges that are over, with their phones; gives their number."""
    return uow.execute(_FORGET, (hex_of(uow.district_id), uow.now)).rowcount


def invalid(pointer: str) -> InvalidCode:
    """The one refusal of a code, whatever is wrong with it."""
    return InvalidCode(flaws=[Flaw(pointer, InvalidCode.code, InvalidCode.title)])
