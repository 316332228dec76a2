"""What the calls on a whole member answer: locked, merged, exported. Personal fields are in no repr."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from merchant_sdk._answers.coupons import Coupon
from merchant_sdk._answers.members import Adjustment, Consent, Entry, Member, Points
from merchant_sdk._answers.reading import INSTANT, Answer, many, one
from merchant_sdk._answers.refunds import Refund
from merchant_sdk._answers.sales import Balance, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendLock(Answer):
    """Whether a member's points are locked against spending."""

    member_id: str
    locked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeSide(Answer):
    """One of two members that would be merged: its points, its sales and memberships, and the coupons that it can use."""

    id: str
    balance: Balance | None = field(default=None, metadata=one(Balance))
    transactions: int = 0
    memberships: int = 0
    coupons: int = 0
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePreview(Answer):
    """Two members, and the balance `after` a merge. `refused_because`: the problem's code where it would be refused."""

    member: MergeSide = field(metadata=one(MergeSide))
    into: MergeSide = field(metadata=one(MergeSide))
    after: Balance = field(metadata=one(Balance))
    refused_because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity(Answer):
    """What a member is known by elsewhere, say its `wechat_openid`."""

    kind: str = ""
    value: str = field(default="", repr=False)
    recorded_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInSession(Answer):
    """A phone or browser where a member has signed in."""

    id: str
    device: str | None = None
    started_at: datetime | None = field(default=None, metadata=INSTANT)
    used_at: datetime | None = field(default=None, metadata=INSTANT)
    ended_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPhoneChange(Answer):
    """To which number a member changes, once the week is over."""

    phone: str = field(default="", repr=False)
    asked_at: datetime | None = field(default=None, metadata=INSTANT)
    changes_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Answer):
    """What a shopper complains of about a sale, and the answer; `step`: `open`, `answered` or `withdrawn`.

    To merchants it doesn't say whose it is: the sale does, as far as they may know.
    """

    id: str
    kind: str = ""
    step: str = ""
    transaction_id: str = ""
    merchant_id: str = ""
    store_id: str = ""
    member_id: str | None = None
    reason: str = ""
    description: str | None = field(default=None, repr=False)
    answer: str | None = field(default=None, repr=False)
    answered_by: str | None = None
    opened_at: datetime | None = field(default=None, metadata=INSTANT)
    ended_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberNotice(Answer):
    """What a member was told in its own pages; `details` are ids and figures."""

    id: str
    kind: str
    details: Mapping[str, Any] = field(default_factory=dict, hash=False)
    told_at: datetime = field(metadata=INSTANT)
    read_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberExport(Answer):
    """Everything that is known of a member."""

    member: Member = field(metadata=one(Member))
    phone: str | None = field(default=None, repr=False)
    identities: tuple[Identity, ...] = field(default=(), metadata=many(Identity))
    consents: tuple[Consent, ...] = field(default=(), metadata=many(Consent))
    points: Points | None = field(default=None, metadata=one(Points))
    entries: tuple[Entry, ...] = field(default=(), metadata=many(Entry))
    transactions: tuple[Transaction, ...] = field(default=(), metadata=many(Transaction))
    refunds: tuple[Refund, ...] = field(default=(), metadata=many(Refund))
    adjustments: tuple[Adjustment, ...] = field(default=(), metadata=many(Adjustment))
    coupons: tuple[Coupon, ...] = field(default=(), metadata=many(Coupon))
    cases: tuple[Case, ...] = field(default=(), metadata=many(Case))
    notices: tuple[MemberNotice, ...] = field(default=(), metadata=many(MemberNotice))
    sessions: tuple[SignInSession, ...] = field(default=(), metadata=many(SignInSession))
    phone_change: WaitingPhoneChange | None = field(default=None, metadata=one(WaitingPhoneChange))
    exported_at: datetime = field(metadata=INSTANT)
