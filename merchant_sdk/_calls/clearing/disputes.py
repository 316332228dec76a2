"""`client.disputes`: what is wrong with statements; `client.corrections`: what was made good."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from merchant_sdk._answers.settlement import Correction, Dispute
from merchant_sdk._calls.pages import Sends, read_all
from merchant_sdk._http.wire import given, path


class Disputes:
    """Disputes. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def open(
        self,
        statement_id: str,
        *,
        lines: Sequence[Mapping[str, object]],
        reason: str,
        text: str | None = None,
        idempotency_key: str | None = None,
    ) -> Dispute:
        """Says what is wrong with a statement: `lines` of `line`, `amount` and `item_ids`. The amount is held meanwhile."""
        body = given(lines=[dict(line) for line in lines], reason=reason, text=text)
        address = path("statements", statement_id, "dispute")
        return Dispute.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))

    def list(self, *, status: str | None = None, statement_id: str | None = None) -> Iterator[Dispute]:
        """Disputes that the key may see, newest first."""
        return read_all(self._sender, path("disputes"), Dispute, {"status": status, "statement_id": statement_id})

    def get(self, dispute_id: str) -> Dispute:
        """A dispute with what was said on it."""
        return Dispute.read(self._sender.request("GET", path("disputes", dispute_id)))

    def say(self, dispute_id: str, text: str, *, idempotency_key: str | None = None) -> Dispute:
        """Says something more while it is open."""
        return self._do(dispute_id, "messages", given(text=text), idempotency_key)

    def accept(self, dispute_id: str, amount: int, reason: str, *, idempotency_key: str | None = None) -> Dispute:
        """Grants what is disputed, or less: a correction in the open period. Not by who opened it."""
        return self._do(dispute_id, "accept", given(amount=amount, reason=reason), idempotency_key)

    def reject(self, dispute_id: str, reason: str, *, idempotency_key: str | None = None) -> Dispute:
        """Lets the statement stand; nothing is held for it any more."""
        return self._do(dispute_id, "reject", given(reason=reason), idempotency_key)

    def withdraw(self, dispute_id: str, *, idempotency_key: str | None = None) -> Dispute:
        """Withdraws a dispute while it is open."""
        return self._do(dispute_id, "withdraw", None, idempotency_key)

    def _do(
        self, dispute_id: str, verb: str, body: Mapping[str, object] | None, idempotency_key: str | None
    ) -> Dispute:
        address = path("disputes", dispute_id, verb)
        return Dispute.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))


class Corrections:
    """Corrections, each of which takes two people. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def list(self, *, status: str | None = None) -> Iterator[Correction]:
        """Corrections that the key may see, newest first."""
        return read_all(self._sender, path("corrections"), Correction, {"status": status})

    def get(self, correction_id: str) -> Correction:
        """A correction."""
        return Correction.read(self._sender.request("GET", path("corrections", correction_id)))

    def propose(self, merchant_id: str, amount: int, reason: str, *, idempotency_key: str | None = None) -> Correction:
        """Proposes that a merchant gets more from the district, or (below 0) pays."""
        body = given(merchant_id=merchant_id, amount=amount, reason=reason)
        answer = self._sender.request("POST", path("corrections"), json=body, idempotency_key=idempotency_key)
        return Correction.read(answer)

    def approve(self, correction_id: str, *, idempotency_key: str | None = None) -> Correction:
        """Approves what somebody else has proposed; it falls into the open period."""
        return self._decide(correction_id, "approve", idempotency_key)

    def reject(self, correction_id: str, *, idempotency_key: str | None = None) -> Correction:
        """Lets go what nobody has approved."""
        return self._decide(correction_id, "reject", idempotency_key)

    def _decide(self, correction_id: str, verb: str, idempotency_key: str | None) -> Correction:
        address = path("corrections", correction_id, verb)
        return Correction.read(self._sender.request("POST", address, idempotency_key=idempotency_key))
