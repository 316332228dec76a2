"""The provider for trying, as tests use it: behind `responses` without a network, with a customer who has given a card."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import requests
import responses

from app.payments.port import Payer
from app.payments.stripe.adapter import Stripe
from app.payments.stripe.client import Credentials
from demo.provider import moving
from demo.provider.books import Books
from demo.provider.cards import CARDS
from demo.provider.desk import Desk

ADDRESS = "https://api.stripe.com"
KEY, SECRET, OLD_SECRET = "sk_test_trying", "whsec_now", "whsec_before"
CREDENTIALS = Credentials("acct_trying", KEY, (SECRET, OLD_SECRET))


@contextmanager
def answering(desk: Desk) -> Iterator[None]:
    """Requests to Stripe's address are answered by a desk; those to others fail."""

    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        body = request.body or ""
        text = body if isinstance(body, str) else body.decode()
        said = desk.answer(str(request.method), str(request.url), dict(request.headers), text)
        if said is None:
            raise requests.ConnectionError("the connection has ended")
        return said.status, {"Request-Id": "req_trying"}, said.body

    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in ("GET", "POST", "DELETE"):
            mock.add_callback(method, re.compile(f"{ADDRESS}/.*"), answer)
        yield


def adapter() -> Stripe:
    """The adapter of the account whose books `books_of` gives."""
    return Stripe(ADDRESS, CREDENTIALS, "https://quantong.example/console/")


def books_of(desk: Desk) -> Books:
    """What the provider keeps of that account."""
    return desk.books_of(KEY)


def customer_with(desk: Desk, stripe: Stripe, card: str = "pm_card_visa", books: Books | None = None) -> str:
    """A customer who has given a card, of the account of these books if any are given."""
    customer = stripe.ensure_customer(Payer("mer_1", "Tea"))
    session = stripe.begin_mandate(customer).reference
    moving.complete_session(books or books_of(desk), session, CARDS[card].number)
    return customer
