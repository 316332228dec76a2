"""An in-memory Quantong, just enough of it for the demo, behind httpx.MockTransport."""

from __future__ import annotations

import json
from collections import Counter
from threading import RLock
from typing import Any

import httpx
import pytest

from tests.unit.demo.fake_campaigns import FakeCampaigns
from tests.unit.demo.fake_months import FakeMonths

NOW = "2026-01-01T00:00:00Z"
Row = dict[str, Any]


class CrashError(Exception):
    """The machine of the demo goes off: nothing of the product or the SDK catches this."""


class FakeServer:
    """Districts, merchants, stores, keys, members, sales and months.

    After `crash_after` calls of a kind the next one crashes: before the server sees it, or (`late`) after it
    has committed and before its answer arrives.
    """

    crash = CrashError

    def __init__(self) -> None:
        self.first_number = 0
        self.wipe()

    def wipe(self) -> None:
        """Begins with an empty database, whose ids never were another's."""
        self.first_number += 10_000
        self.districts: list[Row] = []
        self.merchants: list[Row] = []
        self.stores: list[Row] = []
        self.tiers: list[Row] = []
        self.keys: list[Row] = []
        self.members: dict[str, Row] = {}
        self.sales: dict[str, Row] = {}
        self.refunds: dict[str, Row] = {}
        self.street = FakeCampaigns()
        self.months = FakeMonths()
        self.invited: list[Row] = []
        self.complaints: list[Row] = []
        self.tills: list[Row] = []
        self.cashiers: list[Row] = []
        self.replays = 0
        self.calls: Counter[str] = Counter()
        self.crash_after: dict[str, int] = {}
        self.late = False
        self.refuse: set[str] = set()
        self._answers: dict[str, tuple[str, Row]] = {}
        self._lock = RLock()

    @property
    def transport(self) -> httpx.MockTransport:
        """The transport that answers for this server."""
        return httpx.MockTransport(self._handle)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            call = f"{request.method} {request.url.path}"
            self.calls[call] += 1
            due = call in self.crash_after and self.calls[call] > self.crash_after[call]
            if due and not self.late:
                raise CrashError(call)
            status, answer = self._answer(call, request)
            if due:
                raise CrashError(call)
            if isinstance(answer, bytes):
                return httpx.Response(status, content=answer, headers={"Content-Type": "text/csv"})
            return httpx.Response(status, json=answer)

    def _answer(self, call: str, request: httpx.Request) -> tuple[int, Any]:
        parts = request.url.path.removeprefix("/v1/").split("/")
        listed = {"districts": self.districts, "merchants": self.merchants, "stores": self.stores, "tiers": self.tiers}
        if request.method == "GET" and parts[0] in listed:
            return 200, _page(listed[parts[0]], request)
        if request.method == "GET" and parts == ["test-inbox"]:
            return 200, {"object": "list", "data": [{"phone": request.url.params["phone"], "code": "123456"}]}
        if request.method == "GET" and parts == ["transactions"]:
            own = [one for one in self.sales.values() if one["member_id"] == request.url.params["member_id"]]
            return 200, {"object": "list", "data": [transaction(one) for one in own[-1:]], "has_more": False}
        text = request.content.decode()
        if request.method == "GET" and parts[0] == "settlement-periods":
            return self.months.answer("GET", parts, {}, self.street.now)
        if request.method != "POST":
            return self.street.answer(request.method, parts, json.loads(text or "{}"), request.url.params)
        key = request.headers["Idempotency-Key"]
        if key in self._answers:
            assert self._answers[key][0] == text, "an idempotency key came with another body"
            return 200, self._answers[key][1]
        status, answer = self._do(call, parts, json.loads(text or "{}"))
        if status < 300:
            self._answers[key] = (text, answer)
        return status, answer

    def _do(self, call: str, parts: list[str], body: Row) -> tuple[int, Any]:
        if call == "POST /v1/districts":
            key = {"id": public_id("key", 1000), "secret": f"sk_test_alliance_{len(self.districts)}"}
            return self._add(self.districts, "dis", body, "slug", api_key=key)
        if call == "POST /v1/merchants":
            return self._add(self.merchants, "mer", body, "code")
        if call == "POST /v1/stores":
            return self._add(self.stores, "str", body, "code")
        if call == "POST /v1/tiers":
            return self._add(self.tiers, "tir", body, "rank")
        if call == "POST /v1/api-keys":
            return self._add(self.keys, "key", body, "id", secret=f"sk_test_till_{len(self.keys)}")
        if call == "POST /v1/tills":
            return self._add(self.tills, "til", body, "id")
        if parts[2:] == ["cashiers"]:
            return self._add(self.cashiers, "csh", body, "id", store_id=parts[1])
        if parts[2:] == ["pairing-code"]:
            assert body == {"for_tests": True}
            return 201, {"object": "pairing_code", "till_id": parts[1], "code": "4821093755162048", "for_tests": True}
        if call == "POST /v1/members/batch":
            assert len(body["members"]) <= 500
            enrolled = map(self._enrol, body["members"])
            results = [{"index": index, "status": one[0], "member": one[1]} for index, one in enumerate(enrolled)]
            return 200, {"object": "batch", "results": results}
        if call == "POST /v1/transactions/batch":
            assert len(body["transactions"]) <= 500
            results = [self._record(index, sale) for index, sale in enumerate(body["transactions"])]
            return 200, {"object": "list", "results": results}
        if call == "POST /v1/refunds/batch":
            results = [self._refund(index, refund) for index, refund in enumerate(body["refunds"])]
            return 200, {"object": "list", "results": results}
        if parts[0] == "auth":
            return 201, {"challenge": "ch_1", "access_token": "at_1"}
        if parts[0] == "cases":
            return self._hear(parts[1:], body)
        if parts[0].startswith("settlement-"):
            return self.months.answer("POST", parts, body, self.street.now)
        if parts[0] == "staff":
            return self._hire(parts[1:], body)
        return self.street.answer("POST", parts, body, httpx.QueryParams())

    def _hear(self, parts: list[str], body: Row) -> tuple[int, Row]:
        if not parts:
            self.complaints.append({"id": public_id("cas", len(self.complaints)), **body})
            return 201, self.complaints[-1]
        [case] = [one for one in self.complaints if one["id"] == parts[0]]
        return 200, case | body

    def _hire(self, parts: list[str], body: Row) -> tuple[int, Any]:
        match parts:
            case ["invitations"]:
                self.invited.append(body)
                number = len(self.invited)
                return 201, {
                    "id": public_id("inv", number),
                    "url": f"http://quantong.test/console/invitations/in_{number}",
                }
            case ["invitations", "accept"]:
                return 201, {"access_token": f"ss_{body['invitation']}"}
            case ["me", "totp"]:
                return 200, {"secret": "A" * 32}
        return 201, {}

    def _add(self, rows: list[Row], prefix: str, body: Row, unique: str, **more: Any) -> tuple[int, Row]:
        if any(row[unique] == body.get(unique) for row in rows):
            return 409, _problem(409, f"{unique}-taken")
        row = {
            "object": prefix,
            "id": public_id(prefix, self.first_number + len(rows)),
            "created_at": "2026-01-01T00:00:00Z",
            **body,
        }
        rows.append(row)
        return 201, {**row, **more}

    def _enrol(self, body: Row) -> tuple[int, Row]:
        assert body["consents"] == [{"controller": "district", "purpose": "membership", "version": "2026-01"}]
        known = body["phone"] in self.members
        row = self.members.setdefault(body["phone"], {**body, "id": public_id("mem", len(self.members))})
        short = {
            "object": "member",
            "id": row["id"],
            "masked_phone": f"{body['phone'][:3]}****{body['phone'][-4:]}",
        }
        if known:
            return 200, short
        self.street.joined(row["id"])
        rest: Row = {"number": "0000000001", "tier": None, "status": "active", "memberships": []}
        return 201, {
            **short,
            **rest,
            "name": row.get("name"),
            "birthday": row.get("birthday"),
            "created_at": "2026-01-01T00:00:00Z",
        }

    def _record(self, index: int, sale: Row) -> Row:
        reference = sale["reference"]
        if reference in self.refuse:
            return {"index": index, "status": 422, "problem": _problem(422, "validation-failed")}
        if reference in self.sales:
            assert self.sales[reference] == sale, "a sale was repeated with another body"
            self.replays += 1
        known = self.sales.setdefault(reference, sale) is not sale
        if not known:
            self.street.redeem(sale)
        return {"index": index, "status": 200 if known else 201, "transaction": transaction(sale)}

    def _refund(self, index: int, refund: Row) -> Row:
        sale = self.sales[refund["transaction_reference"]]
        assert refund["occurred_at"] > sale["occurred_at"]
        known = refund["reference"] in self.refunds
        assert self.refunds.setdefault(refund["reference"], refund) == refund
        told = {"id": public_id("rfd", index), "transaction_id": public_id("txn", index), "recorded_at": NOW}
        return {"index": index, "status": 200 if known else 201, "refund": {**refund, **told}}


def transaction(sale: Row) -> Row:
    """The answer to a sale without coupons or points."""
    amount = sale["amount"]
    return {
        "object": "transaction",
        "id": public_id("txn", int(sale["reference"][-6:])),
        "reference": sale["reference"],
        "merchant_id": public_id("mer", 0),
        "store_id": sale["store_id"],
        "member_id": sale["member_id"],
        **dict.fromkeys(("amount", "paid_amount", "eligible_amount"), amount),
        **dict.fromkeys(("discount_amount", "points_spent", "points_amount"), 0),
        "currency": "CNY",
        "status": "recorded",
        "coupons": [],
        "points_earned": amount // 100,
        "available_at": None,
        "expires_at": None,
        "balance": {"available": 0, "pending": 0, "owed": 0},
        "rule_set_version": 1,
        "explanation": [],
        "occurred_at": sale["occurred_at"],
        "recorded_at": NOW,
    }


def public_id(prefix: str, number: int) -> str:
    """An id of the usual form."""
    return f"{prefix}_{number:032x}"


def _problem(status: int, code: str) -> Row:
    return {
        "type": f"/problems/{code}",
        "title": code,
        "status": status,
        "detail": f"No: {code}.",
        "code": code,
        "request_id": "r",
    }


def _page(rows: list[Row], request: httpx.Request) -> Row:
    newest_first = sorted(rows, key=lambda row: str(row["id"]), reverse=True)
    after = request.url.params.get("starting_after")
    left = [row for row in newest_first if after is None or row["id"] < after]
    limit = int(request.url.params.get("limit", "20"))
    return {"object": "list", "data": left[:limit], "has_more": len(left) > limit}


@pytest.fixture
def server() -> FakeServer:
    """A server on which nothing was done yet."""
    return FakeServer()
