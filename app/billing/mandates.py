"""How a district lets the operator collect: a page of the provider's, on which it gives a card or an account."""

from __future__ import annotations

from stripe import StripeError

from app.billing import queries
from app.billing.errors import NothingBilled, ProviderAway
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.problems import NotFound
from app.foundation.tenancy import OPERATOR, Principal
from app.payments.stripe.queries import stripe_of


def begin(principal: Principal) -> str:
    """The address of that page; asked again, another one. Raises NothingBilled, ProviderAway."""
    with unit_of_work(principal) as uow:
        row = queries.subscription(uow)
        customer = row.customer if row is not None and row.status != "ended" else None
        begins = row is not None and row.status == "beginning"
    if customer is None:
        raise ProviderAway(headers={"Retry-After": "60"}) if begins else NothingBilled
    try:
        with unit_of_work(OPERATOR) as uow:
            stripe = stripe_of(uow)
        url = stripe.begin_mandate(customer).url
    except (StripeError, NotFound):
        url = None
    if url is None:
        raise ProviderAway(headers={"Retry-After": "60"})
    return url
