"""Reading accounts at Stripe, and events that wait. The operator's account is a setting, and stands in no table."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.config import Settings
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.problems import NotFound
from app.foundation.runtime import keyring, runtime
from app.foundation.tenancy import OPERATOR_DISTRICT
from app.payments.stripe.adapter import Stripe
from app.payments.stripe.client import Credentials
from app.payments.stripe.models import ProviderAccount, ProviderEventRow

STRIPE = "stripe"
CONSOLE = "/console/"


def account_of(uow: UnitOfWork, *, lock: bool = False) -> ProviderAccount | None:
    """The district's account at Stripe."""
    query = select(ProviderAccount).where(
        ProviderAccount.district_id == uow.district_id, ProviderAccount.provider == STRIPE
    )
    return uow.session.scalars(query.with_for_update() if lock else query).one_or_none()


def credentials_of(uow: UnitOfWork) -> Credentials:
    """What opens the account of the district, or the operator's where it acts for itself. Raises NotFound."""
    if uow.district_id == OPERATOR_DISTRICT:
        return operators_credentials(runtime().settings)
    row = account_of(uow)
    if row is None:
        raise NotFound
    sealed = [one for one in (row.webhook_secret, row.previous_webhook_secret) if one is not None]
    secrets = tuple(keyring().open(one, bound_to=bound_to(uow.district_id)) for one in sealed)
    return Credentials(row.account, keyring().open(row.secret_key, bound_to=bound_to(uow.district_id)), secrets)


def operators_credentials(settings: Settings) -> Credentials:
    """The operator's own, by which districts are billed. Raises NotFound where there are none."""
    if not settings.stripe_secret_key:
        raise NotFound
    secrets = tuple(one for one in settings.stripe_webhook_secrets.split(",") if one)
    return Credentials(settings.stripe_account, settings.stripe_secret_key, secrets)


def bound_to(district_id: str) -> str:
    """What the seal of an account's secrets is bound to."""
    return f"{district_id}:{STRIPE}"


def stripe_of(uow: UnitOfWork) -> Stripe:
    """The adapter of the district's account, or of the operator's; it calls nobody yet. Raises NotFound."""
    settings = runtime().settings
    return Stripe(
        settings.stripe_address.rstrip("/"), credentials_of(uow), f"{settings.public_url.rstrip('/')}{CONSOLE}"
    )


def find_event(uow: UnitOfWork, account: str, event_id: str, *, lock: bool = False) -> ProviderEventRow | None:
    """An event that was told."""
    query = select(ProviderEventRow).where(
        ProviderEventRow.district_id == uow.district_id,
        ProviderEventRow.account == account,
        ProviderEventRow.event_id == event_id,
    )
    return uow.session.scalars(query.with_for_update() if lock else query).one_or_none()


def waiting_events(uow: UnitOfWork, most: int) -> Sequence[tuple[str, str]]:
    """Account and id of events that are to be looked at now, the oldest first."""
    query = select(ProviderEventRow.account, ProviderEventRow.event_id).where(
        ProviderEventRow.district_id == uow.district_id, ProviderEventRow.look_at <= uow.real_now
    )
    found = uow.session.execute(query.order_by(ProviderEventRow.received_at, ProviderEventRow.event_id).limit(most))
    return [(account, event_id) for account, event_id in found]
