"""The provider's HTTP, without a network: keys, forms, idempotency, lists, and what goes wrong on the way by somebody's wish."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from demo.provider import moving, subscribing
from demo.provider.books import Books, Thing
from demo.provider.refusals import Refused, invalid, missing

KEY_SECONDS = 24 * 3600
"""How long an idempotency key is known."""
MOST_OF_A_PAGE, USUAL_PAGE = 100, 10
Form = dict[str, Any]
_PART = re.compile(r"[^\[\]]+")
Accident = Literal["never-arrives", "answer-lost", "answer-broken", "fails", "too-many"]


class Said(NamedTuple):
    """What the provider answers."""

    status: int
    body: bytes


@dataclass(slots=True)
class Kept:
    """What was answered under an idempotency key."""

    at: int
    asked: str
    said: Said


@dataclass
class Desk:
    """Answers requests of any account: each secret key `sk_test_…` has books of its own, made when it first comes.

    `accidents`: what goes wrong with the next requests whose path begins so, one each. `asked`: (method, path) of all that came.
    `lock`: for whoever answers, or tells events, by several threads.
    """

    here: str = "http://127.0.0.1"
    clock: Callable[[], int] = lambda: int(time.time())
    accounts: dict[str, Books] = field(default_factory=dict)
    keys: dict[tuple[str, str], Kept] = field(default_factory=dict)
    accidents: list[tuple[Accident, str]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def books_of(self, key: str) -> Books:
        """The books of a key's account."""
        if key not in self.accounts:
            name = f"acct_{hashlib.sha256(key.encode()).hexdigest()[:12]}"
            self.accounts[key] = Books(name, lambda: self.clock())
        return self.accounts[key]

    def answer(self, method: str, url: str, headers: Mapping[str, str], body: str) -> Said | None:
        """What a request is answered; None where the connection ends without an answer."""
        path = urlsplit(url).path
        self.asked.append((method, path))
        accident = self._accident(path)
        if accident == "never-arrives":
            return None
        if accident == "fails":
            return _said(500, {"error": {"type": "api_error", "message": "fails"}})
        if accident == "too-many":
            return _said(429, {"error": {"type": "invalid_request_error", "code": "rate_limit", "message": "slower"}})
        said = self._answered(method, url, headers, body)
        if accident == "answer-broken":
            return Said(said.status, said.body[: len(said.body) // 2])
        return None if accident == "answer-lost" else said

    def _accident(self, path: str) -> Accident | None:
        for place, (accident, prefix) in enumerate(self.accidents):
            if path.startswith(prefix):
                del self.accidents[place]
                return accident
        return None

    def _answered(self, method: str, url: str, headers: Mapping[str, str], body: str) -> Said:
        told = {name.lower(): value for name, value in headers.items()}
        key = told.get("authorization", "").removeprefix("Bearer ")
        if not key.startswith("sk_test_"):
            return _said(401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}})
        once, asked = (key, told.get("idempotency-key", "")), f"{method} {url} {body}"
        kept = self.keys.get(once) if once[1] else None
        if kept is not None and kept.at > self.clock() - KEY_SECONDS:
            if kept.asked != asked:
                return _said(400, {"error": {"type": "idempotency_error", "message": "other parameters"}})
            return kept.said
        said = self._done(self.books_of(key), method, url, body)
        if once[1] and method == "POST":
            self.keys[once] = Kept(self.clock(), asked, said)
        return said

    def _done(self, books: Books, method: str, url: str, body: str) -> Said:
        parts = urlsplit(url)
        form = form_of(parts.query if method == "GET" else body)
        subscribing.roll(books)
        try:
            return _said(200, self._route(books, method, parts.path.removeprefix("/v1").strip("/"), form))
        except Refused as refused:
            return _said(refused.status, {"error": refused.error})

    def _route(self, books: Books, method: str, path: str, form: Form) -> Thing:
        if method == "POST" and path == "checkout/sessions":
            return moving.begin_session(books, form, f"{self.here}/pages/{books.account}")
        for verb, pattern, act in _ACTS:
            found = re.fullmatch(pattern, path)
            if verb == method and found is not None:
                return act(books, *found.groups(), form)
        raise missing("url")


def _list(kind: str) -> Callable[..., Thing]:
    def listed(books: Books, form: Form) -> Thing:
        rows = [one for one in books.all_of(kind) if _is_asked_for(one, form)]
        page = _page(rows, form)
        if "data.source" in form.get("expand", ()):
            page["data"] = [{**one, "source": books.things[one["source"]]} for one in page["data"]]
        return page

    return listed


def _is_asked_for(thing: Thing, form: Form) -> bool:
    created = form.get("created") or {}
    since, until = int(created.get("gte", 0)), int(created.get("lt", 1 << 40))
    wanted = {
        name: value
        for name, value in form.items()
        if name not in ("created", "limit", "starting_after", "expand", "active")
    }
    names = wanted.pop("lookup_keys", None)
    if names is not None and thing["lookup_key"] not in names:
        return False
    return since <= thing["created"] < until and all(thing.get(name) == value for name, value in wanted.items())


def _page(rows: list[Thing], form: Form) -> Thing:
    ids = [one["id"] for one in rows]
    start = ids.index(form["starting_after"]) + 1 if form.get("starting_after") in ids else 0
    limit = min(int(form.get("limit") or USUAL_PAGE), MOST_OF_A_PAGE)
    shown = rows[start : start + limit]
    return {"object": "list", "data": shown, "has_more": start + limit < len(rows), "url": "/v1"}


def _get(kind: str) -> Callable[..., Thing]:
    def got(books: Books, name: str, form: Form) -> Thing:
        found = dict(books.find(kind, name))
        return found | {one: books.things[found[one]] for one in form.get("expand", ()) if found.get(one)}

    return got


def _summaries(books: Books, meter: str, form: Form) -> Thing:
    since, until = int(form["start_time"]), int(form["end_time"])
    value = subscribing.used(books, meter, form["customer"], since, until)
    summary = {
        "object": "billing.meter_event_summary",
        "aggregated_value": value,
        "start_time": since,
        "end_time": until,
    }
    return {"object": "list", "data": [summary] if value else [], "has_more": False, "url": "/v1"}


def _account(books: Books, form: Form) -> Thing:
    return {"id": books.account, "object": "account"}


_ID = r"(\w+)"
_ACTS: tuple[tuple[str, str, Callable[..., Thing]], ...] = (
    ("GET", "account", _account),
    ("POST", "customers", moving.make_customer),
    ("GET", f"customers/{_ID}", _get("customer")),
    ("POST", f"customers/{_ID}", moving.change_customer),
    ("GET", "payment_methods", _list("payment_method")),
    ("POST", "setup_intents", moving.make_setup_intent),
    ("GET", f"setup_intents/{_ID}", _get("setup_intent")),
    ("GET", f"checkout/sessions/{_ID}", _get("checkout.session")),
    ("POST", "payment_intents", moving.make_intent),
    ("GET", "payment_intents", _list("payment_intent")),
    ("GET", f"payment_intents/{_ID}", _get("payment_intent")),
    ("GET", f"charges/{_ID}", _get("charge")),
    ("POST", "transfers", moving.transfer),
    ("GET", "transfers", _list("transfer")),
    ("GET", f"transfers/{_ID}", _get("transfer")),
    ("POST", f"transfers/{_ID}/reversals", moving.reverse_transfer),
    ("POST", "refunds", moving.refund),
    ("GET", "refunds", _list("refund")),
    ("GET", "balance_transactions", _list("balance_transaction")),
    ("POST", "products", subscribing.make_product),
    ("GET", "products", _list("product")),
    ("POST", "prices", subscribing.make_price),
    ("GET", "prices", _list("price")),
    ("POST", "billing/meters", subscribing.make_meter),
    ("GET", "billing/meters", _list("billing.meter")),
    ("GET", f"billing/meters/{_ID}/event_summaries", _summaries),
    ("POST", "billing/meter_events", subscribing.report),
    ("POST", "subscriptions", subscribing.subscribe),
    ("GET", "subscriptions", _list("subscription")),
    ("GET", f"subscriptions/{_ID}", _get("subscription")),
    ("DELETE", f"subscriptions/{_ID}", lambda books, name, form: subscribing.cancel(books, name)),
    ("GET", "invoices", _list("invoice")),
    ("GET", f"invoices/{_ID}", _get("invoice")),
    ("POST", f"invoices/{_ID}/pay", lambda books, name, form: subscribing.pay(books, name)),
)


def form_of(text: str) -> Form:
    """A form as Stripe reads it: `a[b]=1`, `list[0][c]=2`, `list[]=3`. Raises Refused."""
    tree: Form = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        *way, last = _PART.findall(name)
        place = tree
        for step in way:
            place = place.setdefault(step, {})
            if not isinstance(place, dict):
                raise invalid("parameter_invalid", name)
        place[last] = value
    return {name: _lists(value) for name, value in tree.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(one) for name, one in value.items()}
    return list(inner.values()) if inner and all(name.isdecimal() for name in inner) else inner


def _said(status: int, body: Thing) -> Said:
    return Said(status, json.dumps(body).encode())
