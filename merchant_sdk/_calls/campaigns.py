"""`client.campaigns`: what coupons are worth, to whom and when they are given, and how many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

from merchant_sdk._answers.campaigns import Campaign, CodeBatch, Issue
from merchant_sdk._answers.evidence import Evidence
from merchant_sdk._calls.pages import Sends, read_all
from merchant_sdk._http.wire import path

FILES: Final[Mapping[str, str]] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


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

    def list(
        self, *, merchant_id: str | None = None, status: str | None = None, name: str | None = None
    ) -> Iterator[Campaign]:
        """Campaigns, newest first; those of one merchant, in one state, or with a part of a name."""
        query = {"merchant_id": merchant_id, "status": status, "name": name}
        return read_all(self._sender, path("campaigns"), Campaign, query)

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

    def void(self, campaign_id: str, reason: str, *, idempotency_key: str | None = None) -> Campaign:
        """Takes back all coupons that aren't used, in the queue; the campaign itself goes on."""
        address, body = path("campaigns", campaign_id, "void"), {"reason": reason}
        return Campaign.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))

    def order_codes(
        self, campaign_id: str, quantity: int, name: str, *, idempotency_key: str | None = None
    ) -> CodeBatch:
        """Orders codes for bearers, up to 100,000: counted in the campaign at once, made in the queue.

        Raises Conflict where there aren't as many left (`campaign-sold-out`).
        """
        address, body = path("campaigns", campaign_id, "codes"), {"quantity": quantity, "name": name}
        return CodeBatch.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))

    def issue(
        self,
        campaign_id: str,
        member_ids: Sequence[str] | None = None,
        *,
        audience: Mapping[str, object] | None = None,
        idempotency_key: str | None = None,
    ) -> Issue:
        """Gives each of some members a coupon, in the queue: those who are named, or an audience (`{}` is everybody)."""
        ways = {"member_ids": None if member_ids is None else list(member_ids), "audience": audience}
        body = {name: value for name, value in ways.items() if value is not None}
        address = path("campaigns", campaign_id, "issue")
        return Issue.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))

    def evidence(self, campaign_id: str, *, starting_after: int = 0, limit: int = 100) -> Evidence:
        """What the authority is shown of a campaign's government vouchers, after the row of a number. Alliance keys only."""
        params = {"starting_after": starting_after, "limit": limit}
        return Evidence.read(self._sender.request("GET", path("campaigns", campaign_id, "evidence"), params=params))

    def _act(self, campaign_id: str, verb: str, idempotency_key: str | None) -> Campaign:
        address = path("campaigns", campaign_id, verb)
        return Campaign.read(self._sender.request("POST", address, idempotency_key=idempotency_key))


class Issues:
    """`client.issues`: coupons given to members who were named or described. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def get(self, issue_id: str) -> Issue:
        """An issue: how far it is."""
        return Issue.read(self._sender.request("GET", path("issues", issue_id)))

    def cancel(self, issue_id: str, *, idempotency_key: str | None = None) -> Issue:
        """Stops an issue: who has a coupon keeps it, nobody else gets one."""
        address = path("issues", issue_id, "cancel")
        return Issue.read(self._sender.request("POST", address, idempotency_key=idempotency_key))


class CodeBatches:
    """Batches of codes for bearers. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def get(self, code_batch_id: str) -> CodeBatch:
        """A batch: how far it is."""
        return CodeBatch.read(self._sender.request("GET", path("code-batches", code_batch_id)))

    def cancel(self, code_batch_id: str, *, idempotency_key: str | None = None) -> CodeBatch:
        """Stops a batch: codes that are made stay, the others return to the campaign."""
        answer = self._sender.request(
            "POST", path("code-batches", code_batch_id, "cancel"), idempotency_key=idempotency_key
        )
        return CodeBatch.read(answer)

    def download(
        self, code_batch_id: str, *, format: Literal["csv", "xlsx"] = "csv", reason: str | None = None
    ) -> bytes:
        """The codes of a batch that is done, as a file: once, and again only with a reason (Conflict).

        Whoever has a code has its coupon. Raises ValueError for other formats.
        """
        if format not in FILES:
            raise ValueError(f"format: one of {', '.join(FILES)}")
        params = {"format": format, "reason": reason}
        return self._sender.fetch(path("code-batches", code_batch_id, "download"), FILES[format], params=params)
