"""Customers, their permissions, charges, transfers to others, and what is given back."""

from __future__ import annotations

from typing import Any

from demo.provider.books import Books, Thing, fee_of, metadata_of
from demo.provider.cards import BY_NUMBER, CARDS, refusal_of
from demo.provider.refusals import Refused, invalid

Form = dict[str, Any]


def make_customer(books: Books, form: Form) -> Thing:
    settings = {"default_payment_method": None}
    return books.make(
        "cus", "customer", name=form.get("name"), metadata=metadata_of(form), invoice_settings=settings, deleted=False
    )


def change_customer(books: Books, name: str, form: Form) -> Thing:
    customer = books.find("customer", name)
    customer["invoice_settings"] |= form.get("invoice_settings") or {}
    customer["metadata"] |= metadata_of(form)
    return customer


def begin_session(books: Books, form: Form, here: str) -> Thing:
    """A page on which a customer gives a card, to be charged later without it."""
    if form.get("mode") != "setup":
        raise invalid("parameter_unknown", "mode")
    customer = books.find("customer", form.get("customer"))
    intent = make_setup_intent(books, {"customer": customer["id"], **(form.get("setup_intent_data") or {})})
    session = books.make(
        "cs",
        "checkout.session",
        mode="setup",
        status="open",
        customer=customer["id"],
        setup_intent=intent["id"],
        success_url=form.get("success_url"),
        metadata=metadata_of(form),
    )
    session["url"] = f"{here}/{session['id']}"
    return session


def complete_session(books: Books, name: str, number: str) -> Thing:
    """What the customer does on that page."""
    session = books.find("checkout.session", name)
    if session["status"] == "open":
        confirm_setup(books, session["setup_intent"], {"payment_method": BY_NUMBER.get(number, "")})
        session["status"] = "complete"
        books.tell("checkout.session.completed", session)
    return session


def make_setup_intent(books: Books, form: Form) -> Thing:
    customer = books.find("customer", form.get("customer"))
    made = books.make(
        "seti",
        "setup_intent",
        customer=customer["id"],
        status="requires_payment_method",
        payment_method=None,
        usage=form.get("usage", "off_session"),
        metadata=metadata_of(form),
    )
    made["client_secret"] = f"{made['id']}_secret_trying"
    if form.get("payment_method"):
        confirm_setup(books, made["id"], form)
    return made


def confirm_setup(books: Books, name: str, form: Form) -> Thing:
    intent = books.find("setup_intent", name)
    attached = attach(books, form.get("payment_method", ""), intent["customer"])
    intent |= {"status": "succeeded", "payment_method": attached["id"]}
    books.tell("setup_intent.succeeded", intent)
    return intent


def attach(books: Books, card: str, customer: str) -> Thing:
    """A card for trying becomes a payment method of a customer's."""
    if card not in CARDS:
        raise invalid("resource_missing", "payment_method")
    kind = "us_bank_account" if CARDS[card].is_slow else "card"
    return books.make(
        "pm", "payment_method", type=kind, customer=customer, of_card=card, card={"last4": CARDS[card].number[-4:]}
    )


def make_intent(books: Books, form: Form) -> Thing:
    """A charge, confirmed at once, the customer being away."""
    customer = books.find("customer", form.get("customer"))
    amount = _amount(form)
    method = books.find("payment_method", form.get("payment_method"))
    if method["customer"] != customer["id"]:
        raise invalid("resource_missing", "payment_method")
    intent = books.make(
        "pi",
        "payment_intent",
        amount=amount,
        currency=form.get("currency", "cny"),
        customer=customer["id"],
        payment_method=method["id"],
        status="processing",
        latest_charge=None,
        last_payment_error=None,
        metadata=metadata_of(form),
    )
    if not CARDS[method["of_card"]].is_slow:
        settle(books, intent["id"])
    return intent


def settle(books: Books, name: str, refusal: Refused | None = None) -> Thing:
    """Ends a charge that is under way, as its card or the caller says. Raises Refused where it fails by its card."""
    intent = books.find("payment_intent", name)
    by_card = refusal_of(books.find("payment_method", intent["payment_method"])["of_card"])
    failure = refusal or by_card
    charge = books.make(
        "ch",
        "charge",
        amount=intent["amount"],
        payment_intent=name,
        amount_refunded=0,
        refunded=False,
        metadata=intent["metadata"],
    )
    intent["latest_charge"] = charge["id"]
    if failure is None:
        intent["status"] = charge["status"] = "succeeded"
        booked = books.book("charge", intent["amount"], charge["id"], fee_of(intent["amount"]))
        charge["balance_transaction"] = booked["id"]
        books.tell("payment_intent.succeeded", intent)
        return intent
    charge["status"] = "failed"
    intent |= {"status": "requires_payment_method", "last_payment_error": failure.error}
    books.tell("payment_intent.payment_failed", intent)
    if by_card is None:
        return intent
    raise Refused(failure.status, **_renamed(failure.error), payment_intent=dict(intent))


def _renamed(error: Thing) -> Thing:
    return {"kind" if key == "type" else key: value for key, value in error.items() if key != "message"}


def transfer(books: Books, form: Form) -> Thing:
    """Money to another account, of what this one has."""
    amount = _amount(form)
    if not str(form.get("destination", "")).startswith("acct_"):
        raise invalid("resource_missing", "destination")
    if amount > books.balance:
        raise Refused(400, "invalid_request_error", "balance_insufficient")
    sent = books.make(
        "tr",
        "transfer",
        amount=amount,
        amount_reversed=0,
        reversed=False,
        currency=form.get("currency", "cny"),
        destination=form["destination"],
        transfer_group=form.get("transfer_group"),
        metadata=metadata_of(form),
    )
    sent["balance_transaction"] = books.book("transfer", -amount, sent["id"])["id"]
    books.tell("transfer.created", sent)
    return sent


def reverse_transfer(books: Books, name: str, form: Form) -> Thing:
    """Takes a transfer back, whole or in part."""
    sent = books.find("transfer", name)
    amount = int(form.get("amount") or sent["amount"] - sent["amount_reversed"])
    if not 0 < amount <= sent["amount"] - sent["amount_reversed"]:
        raise invalid("amount_too_large", "amount")
    sent["amount_reversed"] += amount
    sent["reversed"] = sent["amount_reversed"] == sent["amount"]
    undone = books.make("trr", "transfer_reversal", amount=amount, transfer=name, metadata=metadata_of(form))
    undone["balance_transaction"] = books.book("transfer_refund", amount, undone["id"])["id"]
    books.tell("transfer.reversed", sent)
    return undone


def refund(books: Books, form: Form) -> Thing:
    """Gives a charge back, whole or in part."""
    intent = books.find("payment_intent", form.get("payment_intent"))
    charge = books.find("charge", intent["latest_charge"])
    left = charge["amount"] - charge["amount_refunded"] if charge["status"] == "succeeded" else 0
    amount = int(form.get("amount") or left)
    if not 0 < amount <= left:
        raise invalid("charge_already_refunded", "amount")
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    given = books.make(
        "re",
        "refund",
        amount=amount,
        payment_intent=intent["id"],
        charge=charge["id"],
        status="succeeded",
        metadata=metadata_of(form),
    )
    given["balance_transaction"] = books.book("refund", -amount, given["id"])["id"]
    books.tell("charge.refunded", charge)
    return given


def _amount(form: Form) -> int:
    amount = str(form.get("amount", ""))
    if not amount.isdecimal() or int(amount) < 1:
        raise invalid("parameter_invalid_integer", "amount")
    return int(amount)
