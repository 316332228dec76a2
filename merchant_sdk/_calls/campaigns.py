"""`client.campaigns`: what coupons are worth, to whom and when they are given, and how many."""

from __future__ import annotations

from collections.abc import Iterator

from merchant_sdk._answers.campaigns import Campaign
from merchant_sdk._calls.pages import Sends, read_all
from merchant_sdk._http.wire import path


class Campaigns:
    """Campaigns of the district, or a merchant's own where the district allows them. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def create(self, *, idempotency_key: str | None = None, **terms: object) -> Campaign:
        """Drafts a campaign; its fields are in the contract.

        At least `name`, `kind` (`amount_off`, `percent_off`, `exchange`) with what it takes off, and `validity`.
        """
        answer = self._sender.request("POST", path("campaigns"), json=terms, idempotency_key=idempotency_key)
        return Campaign.read(answer)

    def get(self, campaign_id: str) -> Campaign:
        """A campaign with its counts."""
        return Campaign.read(self._sender.request("GET", path("campaigns", campaign_id)))

    def list(self, *, merchant_id: str | None = None) -> Iterator[Campaign]:
        """Campaigns, newest first; those of one merchant, if it is named."""
        return read_all(self._sender, path("campaigns"), Campaign, {"merchant_id": merchant_id})

    def update(self, campaign_id: str, **changes: object) -> Campaign:
        """Changes what is given: of a draft anything, of a published campaign only to give more (Conflict)."""
        return Campaign.read(self._sender.request("PATCH", path("campaigns", campaign_id), json=changes))

    def publish(self, campaign_id: str, *, idempotency_key: str | None = None) -> Campaign:
        """Lets a draft run, at once or from the beginning of its claim window on."""
        return self._act(campaign_id, "publish", idempotency_key)

    def pause(self, campaign_id: str, *, idempotency_key: str | None = None) -> Campaign:
        """Lets a campaign rest: nothing of it is issued or redeemed."""
        return self._act(campaign_id, "pause", idempotency_key)

    def resume(self, campaign_id: str, *, idempotency_key: str | None = None) -> Campaign:
        """Lets a campaign that rests go on."""
        return self._act(campaign_id, "resume", idempotency_key)

    def end(self, campaign_id: str, *, idempotency_key: str | None = None) -> Campaign:
        """Ends issuing for good; coupons that are out stay usable."""
        return self._act(campaign_id, "end", idempotency_key)

    def _act(self, campaign_id: str, verb: str, idempotency_key: str | None) -> Campaign:
        address = path("campaigns", campaign_id, verb)
        return Campaign.read(self._sender.request("POST", address, idempotency_key=idempotency_key))
