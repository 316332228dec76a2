"""Letters to staff, by e-mail or SMS: invitations, and what others have done to an account.

Kept, sealed, in the commit of what they tell, sent by a job, and then forgotten. What can't be sent is tried again for three
days, less and less often, which is as long as an invitation lasts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson

from app.foundation.database.everywhere import ask_everywhere
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.i18n import words as _l
from app.foundation.ids import hex_of, new_id
from app.foundation.jobs.queue import Job
from app.foundation.keyring import SealBroken
from app.foundation.runtime import keyring, runtime
from app.foundation.tenancy import OPERATOR_DISTRICT, system_principal
from app.sms.mail import Letter, letter_of
from app.sms.sender import mail_for, sender_for
from app.staff.accounts.logins import EMAIL, KnownAs

INVITATION, RESET, RECOVERED = "invitation", "second-factor-reset", "account-recovered"
UNPAID, LIMITED = "bill-unpaid", "console-limited"
SEND = Job("app.staff.tasks.send_waiting_letters", ())
"""For after the commit: a letter waits no longer than for its turn."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
KEPT = timedelta(hours=72)
_ADD = """
    INSERT INTO staff_letters (district_id, id, sealed, created_at, send_at)
    VALUES (%(district)s, %(id)s, %(sealed)s, %(real_now)s, %(real_now)s)
"""
_TAKE = """
    UPDATE staff_letters SET sends = sends + 1, send_at = %(now)s + least(%(first)s * 2 ^ least(sends, 10), %(longest)s)
    WHERE district_id = %(district)s AND id = %(id)s AND send_at <= %(now)s RETURNING sealed
"""
_OWN = "SELECT district_id, id FROM staff_letters WHERE district_id = %s AND send_at <= %s LIMIT 1000"
_FORGET = "DELETE FROM staff_letters WHERE district_id = %s AND id = %s"
_FORGET_OLD = "DELETE FROM staff_letters WHERE district_id = %s AND created_at < %s"
_STALE = "SELECT id, sealed FROM staff_letters WHERE district_id = %s AND get_byte(sealed, 0) <> %s"
_RESEAL = "UPDATE staff_letters SET sealed = %s WHERE district_id = %s AND id = %s AND sealed = %s"


def add(uow: UnitOfWork, login: KnownAs, kind: str, *, is_sandbox: bool, **told: str | None) -> bool:
    """Keeps a letter to whom a login is; says whether there is a way to it. `told`: what stands in an invitation."""
    if _way_to(login, kind, is_sandbox=is_sandbox) is None:
        return False
    letter_id = new_id("ltr")
    content = orjson.dumps({"login": list(login), "kind": kind, "told": told}).decode()
    sealed = keyring().seal(content, bound_to=letter_id)
    uow.write(_ADD, {"id": hex_of(letter_id), "sealed": sealed, "real_now": uow.real_now})
    return True


def _way_to(login: KnownAs, kind: str, *, is_sandbox: bool) -> Callable[[Letter], None] | None:
    """What sends a letter to a login. Links are handed over to whom only text messages reach."""
    settings = runtime().settings
    if login.kind == EMAIL:
        mail = mail_for(settings, is_sandbox=is_sandbox)
        return None if mail is None else lambda letter: mail.send_letter(login.value, letter)
    sms = None if kind not in (RESET, RECOVERED) else sender_for(settings, is_sandbox=is_sandbox)
    return None if sms is None else lambda _letter: sms.send_account_notice(login.value)


def take(uow: UnitOfWork, letter_id: str) -> Callable[[], None] | None:
    """What sends a letter that is to leave now; None if it has left, or another sends it. Unless it is forgotten it comes again."""
    values = {"district": hex_of(uow.district_id), "id": hex_of(letter_id), "now": uow.real_now}
    rows = uow.rows(_TAKE, {**values, "first": FIRST_PAUSE, "longest": LONGEST_PAUSE})
    if not rows:
        return None
    try:
        content = orjson.loads(keyring().open(rows[0][0], bound_to=letter_id))
    except SealBroken:
        forget(uow, letter_id)
        return None
    send = _way_to(KnownAs(*content["login"]), content["kind"], is_sandbox=uow.is_sandbox)
    letter = _written(letter_id, content["kind"], **content["told"])
    return None if send is None else lambda: send(letter)


def _written(letter_id: str, kind: str, **told: Any) -> Letter:
    if kind == INVITATION:
        where = told["district"] or "Quantong"
        return letter_of(
            letter_id,
            _l("You are invited to %(where)s", where=where),
            _l(
                "You are invited to work for %(where)s. This link opens the invitation, once and within three days:",
                where=where,
            ),
            told["link"],
            _l("If you don't know who invites you, leave it: nothing happens then."),
        )
    if kind in (UNPAID, LIMITED):
        return _about_bills(letter_id, kind, told["amount"])
    done = {
        RESET: _l(
            "Your second factor was reset by an administrator. Sign in with your password and set up another one."
        ),
        RECOVERED: _l("Your password was replaced and your second factor removed by the operator of the installation."),
    }
    return letter_of(
        letter_id,
        _l("Your account has been changed"),
        done[kind],
        _l("If you don't know why, ask at once who it was: somebody may be in your place."),
    )


def _about_bills(letter_id: str, kind: str, amount: str) -> Letter:
    link = f"{runtime().settings.public_url.rstrip('/')}/console/billing"
    goes_on = _l("Tills, coupons, programs and shoppers' cards go on, whatever happens.")
    if kind == LIMITED:
        subject = _l("The console only shows, until a bill is paid")
        told = _l(
            "%(amount)s is still unpaid after three more tries. The console shows everything and changes nothing.",
            amount=amount,
        )
    else:
        subject = _l("A bill isn't paid")
        told = _l(
            "%(amount)s couldn't be collected. It is tried again 3, 5 and 7 days after each failure.", amount=amount
        )
    return letter_of(letter_id, subject, told, goes_on, _l("Invoices, and the page for another card:"), link)


def forget(uow: UnitOfWork, letter_id: str) -> None:
    """Forgets a letter that has left, or never will."""
    uow.execute(_FORGET, (hex_of(uow.district_id), hex_of(letter_id)))


def forget_old(uow: UnitOfWork) -> int:
    """Forgets letters that nobody could send for three days; gives their number."""
    return uow.execute(_FORGET_OLD, (hex_of(uow.district_id), uow.real_now - KEPT)).rowcount


def waiting() -> list[tuple[str, str]]:
    """Districts and letters, of all districts, that should leave now."""
    query = "SELECT district_id, id FROM letters_waiting(%s, %s::uuid[])"
    rows = ask_everywhere(lambda uow, among: uow.rows(query, (uow.real_now, among)))
    with unit_of_work(system_principal(OPERATOR_DISTRICT)) as uow:  # which is none of those that are spread
        rows += uow.rows(_OWN, (hex_of(uow.district_id), uow.real_now))
    return [(f"dis_{district}", f"ltr_{letter}") for district, letter in dict.fromkeys(rows)]


def refresh_keys(uow: UnitOfWork) -> tuple[int, list[str]]:
    """Seals the letters of a district that wait under the newest key; gives how many had to be, and which no key opens."""
    changed, broken = 0, []
    district = hex_of(uow.district_id)
    for hex_id, sealed in uow.rows(_STALE, (district, keyring().seal_version)):
        bound_to = f"ltr_{hex_id}"
        try:
            new = keyring().seal(keyring().open(sealed, bound_to=bound_to), bound_to=bound_to)
        except SealBroken:
            broken.append(bound_to)
            continue
        changed += uow.execute(_RESEAL, (new, district, hex_id, sealed)).rowcount
    return changed, broken
