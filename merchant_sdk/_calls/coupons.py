"""`client.coupons`: coupons that members hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, Unpack

from merchant_sdk._answers.coupons import Coupon, CouponValidation, Redemption
from merchant_sdk._calls.districts import PICTURES
from merchant_sdk._calls.pages import Sends, read_all
from merchant_sdk._calls.sales import Bill, body_of
from merchant_sdk._http.wire import given, path


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

    def bind(self, member_id: str, code: str, *, idempotency_key: str | None = None) -> Coupon:
        """A bearer's coupon becomes a member's; again the same.

        Raises Conflict (`claim-limit-reached`, `member-frozen`), NotFound for a code of no coupon, ValidationError for a mistyped
        one and for a coupon that is another's, held or over (`coupon-of-another-member`, `reserved`, `redeemed`, …).
        """
        address, body = path("members", member_id, "coupons"), {"code": code}
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

    def reserve(
        self,
        code: str,
        reference: str,
        *,
        store_id: str | None = None,
        ttl_seconds: int = 600,
        channel: str | None = None,
        idempotency_key: str | None = None,
    ) -> Coupon:
        """Holds a coupon for a bill of the merchant, for 30 seconds to half an hour; `reserved_until` says how long.

        Raises ValidationError with what stands against it as its `code`, such as `reserved`.
        """
        body = given(reference=reference, store_id=store_id, ttl_seconds=ttl_seconds, channel=channel)
        address = path("coupons", code, "reserve")
        return Coupon.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))

    def release(
        self, code: str, reference: str, *, store_id: str | None = None, idempotency_key: str | None = None
    ) -> Coupon:
        """Lets a coupon go that is held for a bill."""
        address, body = path("coupons", code, "release"), given(reference=reference, store_id=store_id)
        return Coupon.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))

    def redeem(
        self,
        code: str,
        reference: str,
        amount: int,
        *,
        store_id: str | None = None,
        items: Sequence[Mapping[str, object]] = (),
        channel: str | None = None,
        idempotency_key: str | None = None,
    ) -> Redemption:
        """Redeems a coupon for a bill whose sale is reported later, under this reference; tills that report sales name it there.

        Raises ValidationError with what stands against it as its `code`, Conflict once the sale is recorded.
        """
        bill = given(store_id=store_id, items=list(items) or None, channel=channel)
        address, body = path("coupons", code, "redeem"), {"reference": reference, "amount": amount, **bill}
        return Redemption.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))

    def rollback(
        self, redemption_id: str, reference: str, reason: str, *, idempotency_key: str | None = None
    ) -> Redemption:
        """Undoes a redemption that is no sale's yet, and gives its coupon back. Raises Conflict for that of a sale."""
        address, body = path("redemptions", redemption_id, "rollback"), {"reference": reference, "reason": reason}
        return Redemption.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))

    def validate(self, *, best: bool = False, **bill: Unpack[Bill]) -> CouponValidation:
        """What `coupons` would take off a bill, or the `best` of the member's own; nothing is recorded, held or used up.

        The bill as `transactions.report` takes it; its `reference` may be left out. A mistyped code is a ValidationError, an
        unknown one NotFound. For `best` a merchant's key names the member by `member_code` or `presence_token`:
        MemberCodeExpired, MemberCodeUsed.
        """
        body = {**body_of(bill), "best": best}
        return CouponValidation.read(self._sender.request("POST", path("coupons", "validate"), json=body))

    def void(self, code: str, reason: str, *, idempotency_key: str | None = None) -> Coupon:
        """Takes back a coupon that hasn't been used; a merchant one of its own campaigns."""
        address, body = path("coupons", code, "void"), {"reason": reason}
        return Coupon.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))


class Redemptions:
    """Coupons on bills: a merchant's own. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def get(self, redemption_id: str) -> Redemption:
        """A redemption."""
        return Redemption.read(self._sender.request("GET", path("redemptions", redemption_id)))

    def release(
        self, redemption_id: str, reason: str | None = None, *, idempotency_key: str | None = None
    ) -> Redemption:
        """Finds a government voucher right that is held. Alliance keys only; Conflict where it doesn't wait for that."""
        return self._review(redemption_id, "release", reason, idempotency_key)

    def reject(self, redemption_id: str, reason: str, *, idempotency_key: str | None = None) -> Redemption:
        """Rejects a government voucher that is held. Alliance keys only; Conflict where it doesn't wait for that."""
        return self._review(redemption_id, "reject", reason, idempotency_key)

    def _review(self, redemption_id: str, verb: str, reason: str | None, idempotency_key: str | None) -> Redemption:
        address, body = path("redemptions", redemption_id, verb), {"reason": reason}
        return Redemption.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))

    def list(
        self,
        *,
        campaign_id: str | None = None,
        merchant_id: str | None = None,
        store_id: str | None = None,
        state: str | None = None,
        redeemed_from: datetime | str | None = None,
        redeemed_to: datetime | str | None = None,
    ) -> Iterator[Redemption]:
        """Redemptions, newest first; `redeemed_from` an instant, until before another."""
        params = {"campaign_id": campaign_id, "merchant_id": merchant_id, "store_id": store_id, "state": state}
        return read_all(
            self._sender, path("redemptions"), Redemption, {**params, "from": redeemed_from, "to": redeemed_to}
        )
