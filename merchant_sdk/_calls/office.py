"""What offices ask for: `client.audit_entries`, who did what, when and from where; `client.imports`, tables that the server records;
`client.exports`, lists as files; `client.settlement`, who owes
whom."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from merchant_sdk._answers.exports import Export
from merchant_sdk._answers.imports import Import
from merchant_sdk._answers.reading import INSTANT, Answer, named, one
from merchant_sdk._answers.settlement import (
    SettlementPeriod,
    SettlementTerms,
    Statement,
    StatementFlows,
    StatementInvoice,
    StatementItem,
    StatementProof,
)
from merchant_sdk._calls.pages import Sends, read_all
from merchant_sdk._http.wire import day, encode, given, path

Kind = Literal["sales", "refunds", "members", "merchants"]
FILES = {
    "pdf": "application/pdf",
    "beancount": "text/plain",
    "hledger": "text/plain",
    "json": "application/json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


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


class Imports:
    """Tables that the server reads and records in its queue. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def create(
        self,
        content: bytes,
        kind: Kind,
        *,
        source: str | None = None,
        file_name: str | None = None,
        start: bool = True,
        settings: Mapping[str, object] | None = None,
        idempotency_key: str | None = None,
    ) -> Import:
        """Sends a CSV or XLSX of up to 8 MiB. Each row is recorded once, however often it comes.

        `settings` say how it is read (`columns`: columns by field); those of a `source` are remembered. With `start=False`
        it waits to be looked at.
        """
        said = None if settings is None else json.dumps(encode(settings), ensure_ascii=False)
        params = {"kind": kind, "source": source, "file_name": file_name, "start": start, "settings": said}
        answer = self._sender.upload(path("imports"), content, params=params, idempotency_key=idempotency_key)
        return Import.read(answer)

    def get(self, import_id: str) -> Import:
        """An import: how far it is, and its first rows."""
        return Import.read(self._sender.request("GET", path("imports", import_id)))

    def list(self, *, kind: Kind | None = None, status: str | None = None) -> Iterator[Import]:
        """Imports, newest first."""
        return read_all(self._sender, path("imports"), Import, {"kind": kind, "status": status})

    def change(self, import_id: str, settings: Mapping[str, object]) -> Import:
        """Lets a file that waits, or couldn't be read, be read anew by other settings."""
        return Import.read(self._sender.request("PATCH", path("imports", import_id), json=settings))

    def start(self, import_id: str, *, idempotency_key: str | None = None) -> Import:
        """Records what was read."""
        return self._act(import_id, "start", idempotency_key)

    def cancel(self, import_id: str, *, idempotency_key: str | None = None) -> Import:
        """Stops an import; rows that are recorded stay so."""
        return self._act(import_id, "cancel", idempotency_key)

    def undo(self, import_id: str, *, idempotency_key: str | None = None) -> Import:
        """Takes back what was recorded: sales by refunds, opening balances as far as points are spendable."""
        return self._act(import_id, "undo", idempotency_key)

    def refused(self, import_id: str) -> bytes:
        """The refused rows as they were, each with the reason, as CSV."""
        return self._sender.fetch(path("imports", import_id, "refused"), "text/csv")

    def _act(self, import_id: str, verb: str, idempotency_key: str | None) -> Import:
        address = path("imports", import_id, verb)
        return Import.read(self._sender.request("POST", address, idempotency_key=idempotency_key))


class Exports:
    """Lists as files, made by the server in its queue. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def create(
        self,
        list: str,
        *,
        format: Literal["csv", "xlsx"] = "csv",
        filter: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
    ) -> Export:
        """Asks for a list (`transactions`, `refunds`, `stores`, …) as its query would show it, all pages."""
        body = {"list": list, "format": format, "filter": filter or {}}
        return Export.read(self._sender.request("POST", path("exports"), json=body, idempotency_key=idempotency_key))

    def create_books(
        self,
        period_id: str,
        *,
        format: Literal["beancount", "hledger"] = "beancount",
        idempotency_key: str | None = None,
    ) -> Export:
        """Asks for the books of a closed period, for a program of plain-text accounting."""
        body = {"kind": "books", "format": format, "period_id": period_id}
        return Export.read(self._sender.request("POST", path("exports"), json=body, idempotency_key=idempotency_key))

    def get(self, export_id: str) -> Export:
        """An export: how far it is."""
        return Export.read(self._sender.request("GET", path("exports", export_id)))

    def list(self, *, list: str | None = None, status: str | None = None) -> Iterator[Export]:
        """Those that this key has asked for, newest first."""
        return read_all(self._sender, path("exports"), Export, {"list": list, "status": status})

    def cancel(self, export_id: str, *, idempotency_key: str | None = None) -> Export:
        """Stops an export; one that is over stays as it is."""
        address = path("exports", export_id, "cancel")
        return Export.read(self._sender.request("POST", address, idempotency_key=idempotency_key))

    def download(self, export_id: str, *, format: Literal["csv", "xlsx", "beancount", "hledger"] = "csv") -> bytes:
        """The file of an export that is done, in the format that it was asked for.

        Raises Conflict before it is done, and ApiError (410) once it is no longer kept.
        """
        return self._sender.fetch(path("exports", export_id, "download"), FILES[format])


class Settlement:
    """Settlement. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def terms(self) -> Iterator[SettlementTerms]:
        """The versions of the terms, newest first."""
        return read_all(self._sender, path("settlement-terms"), SettlementTerms, {})

    def publish_terms(
        self,
        *,
        effective_from: date | str,
        issue_price: Decimal | str,
        redemption_price: Decimal | str,
        period: str | None = None,
        breakage_share: int | None = None,
        own_points: str | None = None,
        least_payment: int | None = None,
        dispute_days: int | None = None,
        payment_days: int | None = None,
        exit_days: int | None = None,
        overrides: Sequence[Mapping[str, str]] | None = None,
        idempotency_key: str | None = None,
    ) -> SettlementTerms:
        """Adds the next version, from the first day of a period. Prices in minor units for a point."""
        body = given(
            effective_from=day(effective_from),
            issue_price=_price(issue_price),
            redemption_price=_price(redemption_price),
            period=period,
            breakage_share=breakage_share,
            own_points=own_points,
            least_payment=least_payment,
            dispute_days=dispute_days,
            payment_days=payment_days,
            exit_days=exit_days,
            overrides=None if overrides is None else list(overrides),
        )
        answer = self._sender.request("POST", path("settlement-terms"), json=body, idempotency_key=idempotency_key)
        return SettlementTerms.read(answer)

    def periods(self, *, status: str | None = None) -> Iterator[SettlementPeriod]:
        """Periods, newest first."""
        return read_all(self._sender, path("settlement-periods"), SettlementPeriod, {"status": status})

    def period(self, period_id: str) -> SettlementPeriod:
        """A period: what it comes to so far, or came to."""
        return SettlementPeriod.read(self._sender.request("GET", path("settlement-periods", period_id)))

    def close(self, period_id: str, *, idempotency_key: str | None = None) -> SettlementPeriod:
        """Lets a period that is over be closed; read it again until its `status` is `closed`."""
        address = path("settlement-periods", period_id, "close")
        return SettlementPeriod.read(self._sender.request("POST", address, idempotency_key=idempotency_key))

    def draw(self, period_id: str, amount: int, reason: str, *, idempotency_key: str | None = None) -> SettlementPeriod:
        """Lets the district have of the pool what exceeds its reserve (`reserve.drawable`)."""
        address, body = path("settlement-periods", period_id, "draw"), {"amount": amount, "reason": reason}
        return SettlementPeriod.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))

    def statements(self, period_id: str) -> Iterator[Statement]:
        """The statements of a closed period that the key may see."""
        return read_all(self._sender, path("settlement-periods", period_id, "statements"), Statement, {})

    def statement(self, statement_id: str) -> Statement:
        """A statement with its lines."""
        return Statement.read(self._sender.request("GET", path("statements", statement_id)))

    def items(self, statement_id: str, line: int) -> Iterator[StatementItem]:
        """What comes together in a line, newest first."""
        return read_all(self._sender, path("statements", statement_id, "items"), StatementItem, {"line": line})

    def proof(self, statement_id: str) -> StatementProof:
        """That a statement stands in its period."""
        return StatementProof.read(self._sender.request("GET", path("statements", statement_id, "proof")))

    def flows(self, statement_id: str) -> StatementFlows:
        """From whom the points came that its party accepted; a merchant isn't told of small ones."""
        return StatementFlows.read(self._sender.request("GET", path("statements", statement_id, "flows")))

    def export(self, statement_id: str, *, format: Literal["json", "csv", "xlsx", "pdf"] = "json") -> bytes:
        """A statement as a file; as JSON it is what `quantong-merchant check` recomputes."""
        address = path("statements", statement_id, "export")
        return self._sender.fetch(address, FILES[format], params={"format": format})

    def approve(self, statement_id: str, *, idempotency_key: str | None = None) -> Statement:
        """Approves a statement; again it stays as it is."""
        address = path("statements", statement_id, "approve")
        return Statement.read(self._sender.request("POST", address, idempotency_key=idempotency_key))

    def hold(self, statement_id: str, amount: int, reason: str, *, idempotency_key: str | None = None) -> Statement:
        """Keeps an amount from being paid, or asked for, with a reason that its party reads too."""
        address, body = path("statements", statement_id, "hold"), given(amount=amount, reason=reason)
        return Statement.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))

    def note_invoice(
        self,
        statement_id: str,
        number: str,
        *,
        direction: str,
        amount: int,
        issued_on: date | str,
        idempotency_key: str | None = None,
    ) -> StatementInvoice:
        """Notes a tax invoice for what the party is paid (`direction` `to_invoice`) or charged (`to_be_invoiced`)."""
        body = given(number=number, direction=direction, amount=amount, issued_on=day(issued_on))
        address = path("statements", statement_id, "invoices")
        return StatementInvoice.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))

    def release(self, statement_id: str, *, idempotency_key: str | None = None) -> Statement:
        """Releases what the alliance holds of a statement; what is disputed stays held."""
        address = path("statements", statement_id, "release")
        return Statement.read(self._sender.request("POST", address, idempotency_key=idempotency_key))


def _price(price: Decimal | str) -> str:
    return format(price, "f") if isinstance(price, Decimal) else price
