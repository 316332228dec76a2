"""`client.audit_entries`: who did what in the district, when and from where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from merchant_sdk._answers.reading import INSTANT, Answer, named, one
from merchant_sdk._calls.pages import Sends, read_all
from merchant_sdk._http.wire import path


@dataclass(frozen=True, slots=True, kw_only=True)
class Party(Answer):
    """Who did something, or to what it was done; without an `id` it is the operator or the product itself."""

    kind: str = ""
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry(Answer):
    """One act: `action` is a stable name, `details` ids and figures; `address` is the client's, where one is known."""

    id: str
    action: str
    actor: Party | None = field(default=None, metadata=one(Party))
    subject: Party | None = field(default=None, metadata=one(Party))
    details: Mapping[str, Any] = field(default_factory=dict, hash=False)
    request_id: str | None = None
    address: str | None = field(default=None, metadata=named("from"))
    recorded_at: datetime = field(metadata=INSTANT)


class AuditEntries:
    """The audit log; with a district's key only. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def list(
        self,
        *,
        actor_id: str | None = None,
        action: str | None = None,
        subject_id: str | None = None,
        recorded_from: datetime | str | None = None,
        recorded_to: datetime | str | None = None,
    ) -> Iterator[AuditEntry]:
        """Entries, newest first; `recorded_to` is the first instant left out."""
        filters = {"actor_id": actor_id, "action": action, "subject_id": subject_id}
        span = {"from": recorded_from, "to": recorded_to}
        return read_all(self._sender, path("audit-entries"), AuditEntry, {**filters, **span})
