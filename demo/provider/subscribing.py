"""Products, prices, meters, subscriptions and their invoices: what a service is paid for, month by month."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from demo.provider.books import Books, Thing, metadata_of
from demo.provider.moving import make_intent
from demo.provider.refusals import Refused, invalid

Form = dict[str, Any]
OLDEST_SECONDS, AHEAD_SECONDS = 35 * 86_400, 5 * 60
"""Which usage is taken."""


def make_product(books: Books, form: Form) -> Thing:
    return books.make("prod", "product", name=form.get("name"), active=True, metadata=metadata_of(form))


def make_meter(books: Books, form: Form) -> Thing:
    name = form.get("event_name")
    if any(one["event_name"] == name for one in books.all_of("billing.meter")):
        raise invalid("resource_already_exists", "event_name")
    return books.make(
        "mtr", "billing.meter", event_name=name, display_name=form.get("display_name"), status="active", of_events={}
    )


def make_price(books: Books, form: Form) -> Thing:
    recurring = form.get("recurring") or {}
    books.find("product", form.get("product"))
    if recurring.get("meter"):
        books.find("billing.meter", recurring["meter"])
    return books.make(
        "price",
        "price",
        product=form["product"],
        currency=form.get("currency"),
        unit_amount_decimal=str(form.get("unit_amount_decimal") or form.get("unit_amount")),
        recurring={"interval": "month", "usage_type": "licensed", "meter": None, **recurring},
        lookup_key=form.get("lookup_key"),
    )


def report(books: Books, form: Form) -> Thing:
    """Usage of a customer's. An identifier counts once; what is too old or ahead of time is refused."""
    meter = next((one for one in books.all_of("billing.meter") if one["event_name"] == form.get("event_name")), None)
    if meter is None:
        raise invalid("resource_missing", "event_name")
    payload, at = form.get("payload") or {}, int(form.get("timestamp") or books.clock())
    if not books.clock() - OLDEST_SECONDS <= at <= books.clock() + AHEAD_SECONDS:
        raise invalid("timestamp_out_of_range", "timestamp")
    books.find("customer", payload.get("stripe_customer_id"))
    identifier = str(form.get("identifier"))
    if identifier in meter["of_events"]:
        raise invalid("duplicate_meter_event", "identifier")
    value = int(payload["value"])
    meter["of_events"][identifier] = (payload["stripe_customer_id"], at, value)
    return {"object": "billing.meter_event", "identifier": identifier, "timestamp": at, "payload": payload}


def used(books: Books, meter: str, customer: str, since: int, until: int) -> int:
    """What a meter has counted of a customer in a time."""
    events = books.find("billing.meter", meter)["of_events"].values()
    return sum(value for who, at, value in events if who == customer and since <= at < until)


def subscribe(books: Books, form: Form) -> Thing:
    """A subscription; in a trial nothing is charged, else its first month is."""
    customer = books.find("customer", form.get("customer"))
    now, trial_end = books.clock(), int(form.get("trial_end") or 0)
    ends = trial_end if trial_end > now else _month_after(now)
    items = [
        {
            "id": f"si_{place}",
            "price": books.find("price", one["price"]),
            "current_period_start": now,
            "current_period_end": ends,
        }
        for place, one in enumerate(form["items"])
    ]
    made = books.make(
        "sub",
        "subscription",
        customer=customer["id"],
        items={"object": "list", "data": items, "has_more": False},
        status="trialing" if trial_end > now else "active",
        trial_end=trial_end or None,
        cancel_at_period_end=False,
        canceled_at=None,
        latest_invoice=None,
        metadata=metadata_of(form),
    )
    books.tell("customer.subscription.created", made)
    if made["status"] == "active":
        _bill(books, made, now, now, ends)
    return made


def cancel(books: Books, name: str) -> Thing:
    subscription = books.find("subscription", name)
    if subscription["status"] != "canceled":
        subscription |= {"status": "canceled", "canceled_at": books.clock()}
        books.tell("customer.subscription.deleted", subscription)
    return subscription


def roll(books: Books) -> None:
    """Whatever has fallen due: trials and months that are over are billed."""
    for subscription in books.all_of("subscription"):
        while subscription["status"] in ("trialing", "active", "past_due"):
            start, end = _span(subscription)
            if end > books.clock():
                break
            following = _month_after(end)
            for item in subscription["items"]["data"]:
                item |= {"current_period_start": end, "current_period_end": following}
            if subscription["status"] == "trialing":
                subscription["status"] = "active"
            _bill(books, subscription, start, end, following)


def _bill(books: Books, subscription: Thing, start: int, end: int, following: int) -> None:
    """An invoice over what was used up to a moment, and the month that follows it; and an attempt to have it paid."""
    lines = []
    for item in subscription["items"]["data"]:
        price, meter = item["price"], item["price"]["recurring"]["meter"]
        quantity = used(books, meter, subscription["customer"], start, end) if meter else 1
        amount = round(Fraction(price["unit_amount_decimal"]) * quantity)
        lines.append({"description": price["lookup_key"], "quantity": quantity, "amount": amount})
    total = sum(line["amount"] for line in lines)
    invoice = books.make(
        "in",
        "invoice",
        number=f"INV-{books.made + 1:05}",
        customer=subscription["customer"],
        subscription=subscription["id"],
        status="open",
        currency="cny",
        total=total,
        amount_due=total,
        amount_paid=0,
        attempt_count=0,
        period_start=end,
        period_end=following,
        hosted_invoice_url=None,
        lines={"object": "list", "data": lines, "has_more": False},
        metadata={},
    )
    subscription["latest_invoice"] = invoice["id"]
    books.tell("invoice.finalized", invoice)
    try:
        pay(books, invoice["id"])
    except Refused:
        books.tell("customer.subscription.updated", subscription)


def pay(books: Books, name: str) -> Thing:
    """Tries to have an invoice paid. Raises Refused."""
    invoice = books.find("invoice", name)
    if invoice["status"] == "paid":
        raise invalid("invoice_already_paid", "invoice")
    customer = books.find("customer", invoice["customer"])
    subscription = books.find("subscription", invoice["subscription"])
    method = customer["invoice_settings"]["default_payment_method"]
    invoice["attempt_count"] += 1
    try:
        if invoice["amount_due"]:
            if method is None:
                raise invalid("invoice_no_payment_method_types", "customer")
            make_intent(books, {"customer": customer["id"], "payment_method": method, "amount": invoice["amount_due"]})
    except Refused:
        _turn(books, subscription, "past_due")
        books.tell("invoice.payment_failed", invoice)
        raise
    invoice |= {"status": "paid", "amount_paid": invoice["amount_due"]}
    books.tell("invoice.paid", invoice)
    if not any(
        one["status"] == "open" and one["subscription"] == subscription["id"] for one in books.all_of("invoice")
    ):
        _turn(books, subscription, "active")
    return invoice


def _turn(books: Books, subscription: Thing, status: str) -> None:
    if subscription["status"] not in (status, "canceled"):
        subscription["status"] = status
        books.tell("customer.subscription.updated", subscription)


def _span(subscription: Thing) -> tuple[int, int]:
    first = subscription["items"]["data"][0]
    return first["current_period_start"], first["current_period_end"]


def _month_after(moment: int) -> int:
    at = datetime.fromtimestamp(moment, UTC)
    first = at.replace(day=1) + timedelta(days=32)
    last = calendar.monthrange(first.year, first.month)[1]
    return int(first.replace(day=min(at.day, last)).timestamp())
