"""Subscriptions at Stripe: products and prices by plan, a subscription for each customer, meters, invoices. Everything may be done again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from stripe import InvalidRequestError, StripeError

from app.payments.stripe.adapter import Stripe

MOST_INVOICES = 24
_KNOWN = ("duplicate_meter_event", "resource_already_exists")


@dataclass(frozen=True, slots=True)
class PlanPrices:
    """What a plan costs: minor units a month, and for each of what `meter` counts."""

    plan_id: str
    name: str
    currency: str
    base_amount: int
    unit_amount: Decimal
    meter: str


@dataclass(frozen=True, slots=True)
class SeenInvoice:
    """An invoice as it is now."""

    reference: str
    number: str | None
    status: str
    currency: str
    amount: int
    paid_amount: int
    page: str | None
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """A subscription as it is now."""

    status: str
    has_mandate: bool
    period_ends_at: datetime | None
    invoices: tuple[SeenInvoice, ...]


class Subscriptions:
    """Those of one account of Stripe's. Every call raises StripeError."""

    def __init__(self, stripe: Stripe) -> None:
        self._v1 = stripe.client.v1

    def subscribe(self, customer: str, prices: PlanPrices, trial_ends_at: datetime | None) -> str:
        """The customer's subscription; made where it has none that goes on."""
        found = self._v1.subscriptions.list({"customer": customer, "limit": 10}).data
        going = [one.id for one in found if one.status not in ("canceled", "incomplete_expired")]
        if going:
            return going[0]
        base, by_use = self._prices_of(prices)
        wanted: Any = {"customer": customer, "items": [{"price": base}, {"price": by_use}]}
        if trial_ends_at is not None:
            wanted["trial_end"] = int(trial_ends_at.timestamp())
        made = self._v1.subscriptions.create(wanted, {"idempotency_key": f"subscription:{customer}:{len(found)}"})
        return made.id

    def _prices_of(self, prices: PlanPrices) -> tuple[str, str]:
        base, by_use = (f"{prices.plan_id}:{one}" for one in ("month", "sale"))
        known = {one.lookup_key: one.id for one in self._v1.prices.list({"lookup_keys": [base, by_use]}).data}
        if base in known and by_use in known:
            return known[base], known[by_use]
        product = self._v1.products.create(
            {"name": prices.name, "metadata": {"plan": prices.plan_id}},
            {"idempotency_key": f"product:{prices.plan_id}"},
        ).id
        shared: Any = {"product": product, "currency": prices.currency.lower()}
        metered = {"interval": "month", "usage_type": "metered", "meter": self._meter(prices.meter)}
        return (
            known.get(base)
            or self._price(base, {**shared, "unit_amount": prices.base_amount, "recurring": {"interval": "month"}}),
            known.get(by_use)
            or self._price(by_use, {**shared, "unit_amount_decimal": f"{prices.unit_amount:f}", "recurring": metered}),
        )

    def _price(self, name: str, about: dict[str, Any]) -> str:
        wanted: Any = about | {"lookup_key": name}
        return self._v1.prices.create(wanted, {"idempotency_key": f"price:{name}"}).id

    def _meter(self, name: str) -> str:
        for one in self._v1.billing.meters.list({"status": "active", "limit": 100}).auto_paging_iter():
            if one.event_name == name:
                return one.id
        return self._v1.billing.meters.create(
            {
                "display_name": name,
                "event_name": name,
                "default_aggregation": {"formula": "sum"},
                "customer_mapping": {"type": "by_id", "event_payload_key": "stripe_customer_id"},
                "value_settings": {"event_payload_key": "value"},
            },
            {"idempotency_key": f"meter:{name}"},
        ).id

    def report(self, customer: str, meter: str, identifier: str, quantity: int, at: datetime) -> None:
        """Tells usage; what was told before under this identifier is left as it is."""
        try:
            self._v1.billing.meter_events.create(
                {
                    "event_name": meter,
                    "identifier": identifier,
                    "timestamp": int(at.timestamp()),
                    "payload": {"stripe_customer_id": customer, "value": str(quantity)},
                }
            )
        except InvalidRequestError as error:
            if error.code not in _KNOWN:
                raise

    def has_used(self, customer: str, meter: str, since: datetime, until: datetime) -> bool:
        """Whether a meter has counted anything of a customer in a time."""
        span: Any = {"customer": customer, "start_time": int(since.timestamp()), "end_time": int(until.timestamp())}
        return any(
            one.aggregated_value for one in self._v1.billing.meters.event_summaries.list(self._meter(meter), span).data
        )

    def look(self, customer: str, reference: str) -> Seen:
        """How a subscription stands. The card that the customer gave last becomes the one that is charged."""
        methods = self._v1.payment_methods.list({"customer": customer, "limit": 1}).data
        if methods:
            settings: Any = self._v1.customers.retrieve(customer).invoice_settings
            if settings is None or settings.default_payment_method != methods[0].id:
                self._v1.customers.update(customer, {"invoice_settings": {"default_payment_method": methods[0].id}})
        found = self._v1.subscriptions.retrieve(reference)
        invoices = self._v1.invoices.list({"customer": customer, "limit": MOST_INVOICES}).data
        ends = [one["current_period_end"] for one in found["items"]["data"]]
        seen = tuple(map(_seen_invoice, invoices))
        return Seen(found.status, bool(methods), datetime.fromtimestamp(min(ends), UTC) if ends else None, seen)

    def pay(self, invoices: Sequence[str], attempt: str) -> bool:
        """Tries to have invoices paid, once under an attempt's name; says whether all of them are."""
        for reference in invoices:
            try:
                self._v1.invoices.pay(reference, {}, {"idempotency_key": f"{reference}:{attempt}"})
            except InvalidRequestError as error:
                if error.code != "invoice_already_paid":
                    return False
            except StripeError:
                return False
        return True

    def end(self, reference: str) -> None:
        """Ends a subscription at once."""
        if self._v1.subscriptions.retrieve(reference).status != "canceled":
            self._v1.subscriptions.cancel(reference)

    def party_of(self, customer: str) -> str | None:
        """Which party of ours a customer is."""
        found = self._v1.customers.retrieve(customer)
        return getattr(found.metadata, "party", None)


def _seen_invoice(one: Any) -> SeenInvoice:
    issued = datetime.fromtimestamp(one.created, UTC)
    amounts = one.amount_due, one.amount_paid
    return SeenInvoice(one.id, one.number, one.status, one.currency.upper(), *amounts, one.hosted_invoice_url, issued)
