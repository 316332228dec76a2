"""Verbs of accounts at Stripe and of events. They call nobody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import hex_of
from app.foundation.keyring import SealBroken
from app.foundation.problems import ValidationFailed
from app.foundation.runtime import keyring
from app.payments.stripe import queries
from app.payments.stripe.client import LIVE, TEST
from app.payments.stripe.errors import EventNotVerified
from app.payments.stripe.models import ProviderAccount, ProviderEventRow
from app.payments.stripe.signatures import read_event

KEPT = timedelta(days=90)
"""Longer than Stripe tells an event again, also by hand."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
HINT = 4
_KEEP = """
    INSERT INTO provider_events (district_id, account, event_id, type, object_id, looks, look_at, received_at)
    VALUES (%s, %s, %s, %s, %s, 0, %s, %s) ON CONFLICT DO NOTHING
"""
_FORGET = "DELETE FROM provider_events WHERE district_id = %s AND received_at < %s"


def set_account(uow: UnitOfWork, *, account: str, secret_key: str, webhook_secret: str) -> ProviderAccount:
    """Sets the district's account; the secret that signed its events before is good beside the new one.

    A sandbox has a test key, a live district a live one. Raises ValidationFailed.
    """
    if not secret_key.startswith(TEST if uow.is_sandbox else LIVE):
        wanted = _l("A sandbox needs a test key.") if uow.is_sandbox else _l("A live district needs a live key.")
        raise ValidationFailed.at("/secret_key", "out-of-range", wanted)
    row = queries.account_of(uow, lock=True)
    seal = {name: _sealed(uow, text) for name, text in (("key", secret_key), ("secret", webhook_secret))}
    if row is None:
        row = ProviderAccount(district_id=uow.district_id, provider=queries.STRIPE, previous_webhook_secret=None)
        uow.session.add(row)
    elif row.account == account and keyring().open(row.webhook_secret, bound_to=_bound(uow)) != webhook_secret:
        row.previous_webhook_secret = row.webhook_secret
    elif row.account != account:
        row.previous_webhook_secret = None
    row.account, row.secret_key, row.webhook_secret = account, seal["key"], seal["secret"]
    row.hint, row.changed_at = secret_key[-HINT:], uow.now
    uow.session.flush()
    return row


def _bound(uow: UnitOfWork) -> str:
    return queries.bound_to(uow.district_id)


def _sealed(uow: UnitOfWork, text: str) -> bytes:
    return keyring().seal(text, bound_to=_bound(uow))


def keep_event(uow: UnitOfWork, raw: bytes, headers: Mapping[str, str]) -> tuple[str, str] | None:
    """Keeps an event that is the account's, to be looked at by a job: gives account and id, None if it was told before.

    Raises NotFound where there is no account, EventNotVerified for what its secrets haven't signed or is another's.
    """
    credentials = queries.credentials_of(uow)
    try:
        event = read_event(raw, headers, uow.real_now, credentials)
    except ValueError:
        raise EventNotVerified from None
    if event.account not in (None, credentials.account) or event.is_live != credentials.is_live:
        raise EventNotVerified
    told = (event.id, event.type, event.object_id, uow.real_now, uow.real_now)
    kept = uow.execute(_KEEP, (hex_of(uow.district_id), credentials.account, *told)).rowcount
    return (credentials.account, event.id) if kept else None


def put_off(uow: UnitOfWork, row: ProviderEventRow) -> None:
    """Notes before an event is looked at when it is looked at again, should this come to nothing."""
    row.look_at = uow.real_now + min(FIRST_PAUSE * 2 ** min(row.looks, 20), LONGEST_PAUSE)
    row.looks += 1


def finish(uow: UnitOfWork, account: str, event_id: str) -> None:
    """An event has been looked at."""
    row = queries.find_event(uow, account, event_id, lock=True)
    if row is not None:
        row.look_at = None


def forget_old(uow: UnitOfWork) -> int:
    """Forgets events that nobody tells again; gives their number."""
    return uow.execute(_FORGET, (hex_of(uow.district_id), uow.real_now - KEPT)).rowcount


def refresh_keys(uow: UnitOfWork) -> tuple[int, list[str]]:
    """Seals the secrets of the district's account under the newest key; gives how many had to be, and what no key opens."""
    row = queries.account_of(uow, lock=True)
    if row is None:
        return 0, []
    try:
        names = ("secret_key", "webhook_secret", "previous_webhook_secret")
        return sum(_reseal(uow, row, name) for name in names), []
    except SealBroken:
        return 0, [queries.bound_to(uow.district_id)]


def _reseal(uow: UnitOfWork, row: ProviderAccount, name: str) -> bool:
    sealed = getattr(row, name)
    if sealed is None or keyring().seal_is_current(sealed):
        return False
    setattr(row, name, _sealed(uow, keyring().open(sealed, bound_to=_bound(uow))))
    return True
