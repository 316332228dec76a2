"""The way in."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from merchant_sdk._calls.campaigns import Campaigns, CodeBatches, Issues
from merchant_sdk._calls.clearing.accounts import SettlementAccounts
from merchant_sdk._calls.clearing.disputes import Corrections, Disputes
from merchant_sdk._calls.coupons import Coupons, Redemptions
from merchant_sdk._calls.districts import ApiKeys, Districts, Merchants, Stores
from merchant_sdk._calls.members import Cases, Members
from merchant_sdk._calls.money.billing import BillingCalls, Provider
from merchant_sdk._calls.money.payment_batches import PaymentBatches
from merchant_sdk._calls.money.payments import Payments
from merchant_sdk._calls.money.reconciliation import ReconciliationCalls
from merchant_sdk._calls.office import AuditEntries, Exports, Imports, Settlement
from merchant_sdk._calls.programme import Programmes, Replays, RuleSets, Tiers
from merchant_sdk._calls.refunds import Refunds
from merchant_sdk._calls.sandbox import TestClocks, TestInbox
from merchant_sdk._calls.staff import Staff
from merchant_sdk._calls.tills import Cashiers, Tills
from merchant_sdk._calls.transactions import FiguresCalls, Transactions
from merchant_sdk._calls.webhook_endpoints import Events, WebhookDeliveries, WebhookEndpoints
from merchant_sdk._http.retries import MOST_RETRIES
from merchant_sdk._http.sending import Sender
from merchant_sdk._version import __version__

CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
PROXIES = frozenset(("all_proxy", "https_proxy", "http_proxy", "no_proxy"))
TIMEOUT = httpx.Timeout(30.0, connect=5.0)
RETRIES = 4


class Client:
    """Speaks to one Quantong with one key. Threads may share it; it keeps connections open until `close()`.

    `timeout` in seconds is for each attempt; after a failure that may pass, up to `retries` attempts follow. Words are
    answered in `language` (`zh` or `en`; the district's own if left out).
    Raises ValueError for a key or address that can't be one, and for a proxy or certificates of the environment
    (ALL_PROXY, SSL_CERT_FILE, …) that can't be used.
    """

    def __init__(
        self,
        api_key: str,
        base_url: str,
        *,
        timeout: float | httpx.Timeout = TIMEOUT,
        retries: int = RETRIES,
        language: str | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not 0 <= retries <= MOST_RETRIES:
            raise ValueError(f"retries: from 0 to {MOST_RETRIES}")
        self._http = _connected(_checked_url(base_url), _headers(api_key, language), timeout, transport)
        self._sender = Sender(self._http, retries=retries, sleep=sleep)
        self.transactions = Transactions(self._sender)
        self.refunds = Refunds(self._sender)
        self.members = Members(self._sender)
        self.cases = Cases(self._sender)
        self.merchants = Merchants(self._sender)
        self.stores = Stores(self._sender)
        self.api_keys = ApiKeys(self._sender)
        self.tills = Tills(self._sender)
        self.cashiers = Cashiers(self._sender)
        self.staff = Staff(self._sender)
        self.programme = Programmes(self._sender)
        self.rule_sets = RuleSets(self._sender)
        self.replays = Replays(self._sender)
        self.tiers = Tiers(self._sender)
        self.campaigns = Campaigns(self._sender)
        self.code_batches = CodeBatches(self._sender)
        self.issues = Issues(self._sender)
        self.coupons = Coupons(self._sender)
        self.redemptions = Redemptions(self._sender)
        self.districts = Districts(self._sender)
        self.provider = Provider(self._sender)
        self.billing = BillingCalls(self._sender)
        self.figures = FiguresCalls(self._sender)
        self.imports = Imports(self._sender)
        self.exports = Exports(self._sender)
        self.settlement = Settlement(self._sender)
        self.settlement_accounts = SettlementAccounts(self._sender)
        self.payments = Payments(self._sender)
        self.reconciliation = ReconciliationCalls(self._sender)
        self.payment_batches = PaymentBatches(self._sender)
        self.disputes = Disputes(self._sender)
        self.corrections = Corrections(self._sender)
        self.audit_entries = AuditEntries(self._sender)
        self.webhook_endpoints = WebhookEndpoints(self._sender)
        self.webhook_deliveries = WebhookDeliveries(self._sender)
        self.events = Events(self._sender)
        self.test_clock = TestClocks(self._sender, sleep)
        self.test_inbox = TestInbox(self._sender)

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, object] | None = None,
        params: Mapping[str, object] | None = None,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """Any call of the API, say one newer than this package; `path` begins with `/v1/`.

        Datetimes in `json` and `params` must be aware. A POST gets an idempotency key if none is given.
        Raises QuantongError; ValueError and TypeError for what can't be sent.
        """
        return self._sender.request(method, path, json=json, params=params, idempotency_key=idempotency_key)

    def once(self) -> Sender:
        """The same connections and key, one attempt for each call: for who has retries of its own."""
        return Sender(self._http, retries=0, sleep=time.sleep)

    def close(self) -> None:
        """Closes the connections; the client can't be used afterwards."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client(base_url={str(self._http.base_url)!r})"


def _checked_url(base_url: str) -> httpx.URL:
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL as error:
        raise ValueError(f"base_url: {error}") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("base_url: an address like https://points.example.com is needed")
    if url.userinfo or url.query or url.fragment:
        raise ValueError("base_url: without user, query and fragment")
    return url


def _connected(
    base_url: httpx.URL,
    headers: Mapping[str, str],
    timeout: float | httpx.Timeout,
    transport: httpx.BaseTransport | None,
) -> httpx.Client:
    """The connections, by what the environment says of proxies and certificates. Raises ValueError."""
    try:
        return httpx.Client(base_url=base_url, headers=headers, timeout=timeout, transport=transport)
    except OSError as error:
        names = [f"{name}={os.environ[name]}" for name in CERTIFICATES if os.environ.get(name)]
        raise ValueError(f"certificates that can't be read ({', '.join(names) or 'system'}): {error}") from error
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        names = [
            f"{name}={_without_secret(value)}"
            for name, value in os.environ.items()
            if name.lower() in PROXIES and value
        ]
        raise ValueError(f"a proxy that can't be used ({', '.join(names)}): {error}") from error


def _without_secret(address: str) -> str:
    """A proxy's address without its user and password."""
    scheme, _, rest = address.rpartition("://")
    return (f"{scheme}://" if scheme else "") + rest.rpartition("@")[2]


def _headers(api_key: str, language: str | None) -> dict[str, str]:
    if not api_key or not api_key.isascii() or not api_key.isprintable() or " " in api_key:
        raise ValueError("api_key: a key as Quantong showed it (sk_live_… or sk_test_…) is needed")
    agent = f"quantong-merchant-sdk/{__version__} python/{platform.python_version()}"
    headers = {"Authorization": f"Bearer {api_key}", "Accept": "application/json", "User-Agent": agent}
    return headers | ({"Accept-Language": language} if language else {})
