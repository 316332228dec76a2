"""`client.coupons`: coupons that members hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from merchant_sdk._answers.coupons import Coupon
from merchant_sdk._calls.districts import PICTURES
from merchant_sdk._calls.pages import Sends, read_all
from merchant_sdk._http.wire import path


class Coupons:
    """Coupons of the key's district. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def claim(
        self,
        campaign_id: str,
        member_id: str | None = None,
        *,
        member_code: str | None = None,
        presence_token: str | None = None,
        idempotency_key: str | None = None,
    ) -> Coupon:
        """A coupon of a campaign for a member, named by id or by the code that it shows; one that costs points needs a code.

        Raises Conflict: its `code` says why (`campaign-sold-out`, `claim-limit-reached` with `problem["coupon_id"]`,
        `campaign-not-running`, `not-in-audience`, `not-claimable`, `not-enough-points`, `spend-locked`, `member-frozen`).
        ValidationError `presence-needed` where points are spent without a code.
        """
        ways = {"member_id": member_id, "member_code": member_code, "presence_token": presence_token}
        body = {name: value for name, value in ways.items() if value is not None}
        address = path("campaigns", campaign_id, "claims")
        return Coupon.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))

    def get(self, code: str) -> Coupon:
        """The coupon of a code, as it was scanned or typed. A mistyped one is a ValidationError, an unknown one NotFound."""
        return Coupon.read(self._sender.request("GET", path("coupons", code)))

    def list(self, member_id: str, *, status: str | None = None) -> Iterator[Coupon]:
        """A member's coupons, newest first; those in one state, if it is named."""
        return read_all(self._sender, path("members", member_id, "coupons"), Coupon, {"status": status})

    def qr(self, code: str, *, symbol: Literal["qr", "code128"] = "qr", format: Literal["svg", "png"] = "svg") -> bytes:
        """A picture of a coupon's code, and nothing but the code. Raises ValueError for other formats."""
        if format not in PICTURES:
            raise ValueError(f"format: one of {', '.join(PICTURES)}")
        params = {"symbol": symbol, "format": format}
        return self._sender.fetch(path("coupons", code, "qr"), PICTURES[format], params=params)

    def void(self, code: str, reason: str, *, idempotency_key: str | None = None) -> Coupon:
        """Takes back a coupon that hasn't been used; a merchant one of its own campaigns."""
        address, body = path("coupons", code, "void"), {"reason": reason}
        return Coupon.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))
