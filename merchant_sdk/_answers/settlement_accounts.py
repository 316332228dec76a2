"""What `client.settlement_accounts` answers. Amounts in minor units; instants in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from merchant_sdk._answers.reading import DAY, INSTANT, Answer, one


@dataclass(frozen=True, slots=True, kw_only=True)
class BankDetails(Answer):
    """Where a merchant is paid; of the `account_number` its end only. Nothing is paid out before `pays_out_from`."""

    holder: str
    account_number: str
    bank: str | None = None
    bank_code: str | None = None
    changed_at: datetime | None = field(default=None, metadata=INSTANT)
    approved_at: datetime | None = field(default=None, metadata=INSTANT)
    pays_out_from: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementAccount(Answer):
    """How a merchant is billed, and its deposit."""

    id: str
    merchant_id: str = ""
    provider: str = "manual"
    credit_limit: int | None = None
    beyond_limit: str = "warn"
    deposit: int = 0
    exposure: int = 0
    credit_state: str = "within"
    awards_paused: bool = False
    bank_details: BankDetails | None = field(default=None, metadata=one(BankDetails))
    may_be_paid: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositMovement(Answer):
    """What a deposit was moved by (`received`, `returned`, `set_off`), and what it came to."""

    id: str
    merchant_id: str = ""
    kind: str = ""
    amount: int = 0
    deposit: int = 0
    reference: str | None = None
    recorded_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantExit(Answer):
    """How far a merchant that leaves has come: `announced`, `accepting`, `refunding`, `closing`, `settling`, `ended`."""

    id: str
    merchant_id: str = ""
    stage: str = ""
    announced_at: datetime | None = field(default=None, metadata=INSTANT)
    last_award_on: date | None = field(default=None, metadata=DAY)
    last_accept_on: date | None = field(default=None, metadata=DAY)
    refunds_until: datetime | None = field(default=None, metadata=INSTANT)
    final_statement_id: str | None = None
    written_off: int = 0
    ended_at: datetime | None = field(default=None, metadata=INSTANT)
