"""A server made of a list of answers, and clients that neither wait nor draw lots."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from merchant_sdk import Client, cli
from tests.factories.command_product import Product

Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


@dataclass
class Server:
    """Gives its answers in turn (raising those that are exceptions), and keeps the requests and pauses."""

    answers: list[Answer] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def will(self, *answers: Answer) -> None:
        """Sets the answers to come."""
        self.answers = list(answers)

    def handle(self, request: httpx.Request) -> httpx.Response:
        """The next answer."""
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else answer(request)

    @property
    def keys(self) -> list[str | None]:
        """The idempotency key of every request."""
        return [request.headers.get("Idempotency-Key") for request in self.requests]

    @property
    def bodies(self) -> list[Any]:
        """The JSON of every request."""
        return [json.loads(request.content) for request in self.requests]

    @property
    def addresses(self) -> list[str]:
        """Method and target of every request."""
        return [f"{request.method} {request.url.raw_path.decode()}" for request in self.requests]


@pytest.fixture
def server() -> Server:
    """A server without answers yet."""
    return Server()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    """A client of that server; its pauses are kept, not slept."""
    with Client(
        "sk_test_secret",
        "http://quantong.test",
        transport=httpx.MockTransport(server.handle),
        sleep=server.pauses.append,
    ) as client:
        yield client


@pytest.fixture
def problem() -> Callable[..., httpx.Response]:
    """Makes a problem as the product answers it."""

    def make(status: int, code: str, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        body = {
            "type": f"/problems/{code}",
            "title": "A title",
            "status": status,
            "detail": "Words.",
            "code": code,
            "request_id": "req-1",
        }
        kind = {"Content-Type": "application/problem+json"}
        return httpx.Response(status, content=json.dumps(body | more), headers=kind | (headers or {}))

    return make


@pytest.fixture
def sale_row() -> Callable[..., dict[str, Any]]:
    """Makes the JSON of a sale as the product answers it."""

    def make(**more: Any) -> dict[str, Any]:
        return {
            "object": "transaction",
            "id": "txn_1",
            "reference": "A-1",
            "merchant_id": "mer_1",
            "store_id": "str_1",
            "member_id": "mem_1",
            "amount": 12800,
            "discount_amount": 1000,
            "points_spent": 300,
            "points_amount": 300,
            "paid_amount": 11500,
            "eligible_amount": 11500,
            "refunded_amount": 0,
            "currency": "CNY",
            "status": "recorded",
            "coupons": [{"code_hint": "…7K", "campaign_id": "cam_1", "discount_amount": 1000}],
            "points_earned": 115,
            "available_at": None,
            "expires_at": "2027-01-01T00:00:00+08:00",
            "balance": {"available": 815, "pending": 115, "owed": 0},
            "rule_set_version": 3,
            "explanation": [
                {"rule_key": "base", "name": "1 per yuan", "outcome": "applied", "points": 115},
                {
                    "rule_key": "night",
                    "name": "Night",
                    "outcome": "skipped",
                    "code": "outside-weekdays",
                    "why": "No",
                },
            ],
            "items": [{"sku": "s", "quantity": 2, "amount": 12800}],
            "metadata": {"till": "3"},
            "occurred_at": "2026-01-01T12:15:00Z",
            "recorded_at": "2026-01-01T12:15:01.123456Z",
            **more,
        }

    return make


@pytest.fixture
def refund_row() -> Callable[..., dict[str, Any]]:
    """Makes the JSON of a refund as the product answers it."""

    def make(**more: Any) -> dict[str, Any]:
        return {
            "object": "refund",
            "id": "rfd_1",
            "transaction_id": "txn_1",
            "merchant_id": "mer_1",
            "member_id": "mem_1",
            "reference": "R-1",
            "amount": 6000,
            "eligible_amount": None,
            "currency": "CNY",
            "money_amount": 5500,
            "discount_reversed": 500,
            "points_reversed": 110,
            "points_owed": 60,
            "points_forgiven": 0,
            "points_restored": 140,
            "reason": "wrong size",
            "balance": {"available": 0, "pending": 0, "owed": 60},
            "occurred_at": "2026-01-02T12:15:00Z",
            "recorded_at": "2026-01-02T12:15:01.123456Z",
            **more,
        }

    return make


@pytest.fixture
def product(monkeypatch: pytest.MonkeyPatch) -> Product:
    """The command reaches this one, and has its key."""
    product = Product()

    def client(key: str, base_url: str, retries: int, language: str | None) -> Client:
        return Client(key, base_url, retries=0, language=language, transport=httpx.MockTransport(product.handle))

    monkeypatch.setattr(cli, "Client", client)
    monkeypatch.setenv("QUANTONG_API_KEY", "sk_test_1")
    monkeypatch.setenv("QUANTONG_BASE_URL", "http://quantong.test")
    return product
