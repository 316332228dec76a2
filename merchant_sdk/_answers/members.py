"""What the calls on members answer. Personal fields are in no repr."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from merchant_sdk._answers.reading import DAY, INSTANT, TUPLE, Answer, many, one
from merchant_sdk._answers.sales import Balance
from merchant_sdk._http.errors import ApiError, error_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership(Answer):
    """Since when a member is one of a merchant's."""

    merchant_id: str
    since: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberTier(Answer):
    """The tier that counts for a member: the highest held. From `held_until` on it is looked at again."""

    id: str
    name: str = ""
    rank: int = 0
    since: datetime | None = field(default=None, metadata=INSTANT)
    held_until: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Answer):
    """A member of the district. Enrolling a phone that is one already tells only `id` and `masked_phone`."""

    id: str
    masked_phone: str | None = None
    number: str | None = None
    name: str | None = field(default=None, repr=False)
    birthday: date | None = field(default=None, repr=False, metadata=DAY)
    tier: MemberTier | None = field(default=None, metadata=one(MemberTier))
    tags: tuple[str, ...] = field(default=(), metadata=TUPLE)
    status: str | None = None
    memberships: tuple[Membership, ...] = field(default=(), metadata=many(Membership))
    created_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent(Answer):
    """A consent given or withdrawn (`granted`), to the `district` or a merchant's id."""

    id: str
    controller: str = ""
    purpose: str = ""
    version: str = ""
    granted: bool = True
    way: str | None = None
    recorded_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiring(Answer):
    """Points that can be spent through the day `on` (in the district's time zone), and no longer."""

    on: date | None = field(default=None, metadata=DAY)
    points: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime(Answer):
    """Points since the member is one."""

    earned: int = 0
    spent: int = 0
    expired: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NextTier(Answer):
    """The next tier above a member's own: `missing` points or fen (`qualifies_by`), enough through the day `by`."""

    id: str
    name: str = ""
    rank: int = 0
    qualifies_by: str = ""
    threshold: int = 0
    counted: int = 0
    missing: int = 0
    by: date | None = field(default=None, metadata=DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Points(Answer):
    """A member's points; `spendable` is what a till may take today, unless the member has locked them, or has changed its
    phone: then nothing before `spending_rests_until`.
    """

    member_id: str | None = None
    available: int = 0
    pending: int = 0
    owed: int = 0
    spendable: int = 0
    spend_locked: bool = False
    spending_rests_until: datetime | None = field(default=None, metadata=INSTANT)
    expiring: tuple[Expiring, ...] = field(default=(), metadata=many(Expiring))
    lifetime: Lifetime | None = field(default=None, metadata=one(Lifetime))
    next_tier: NextTier | None = field(default=None, metadata=one(NextTier))


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPresent(Answer):
    """Who has shown a code: `points` can be spent now."""

    id: str
    masked_name: str | None = field(default=None, repr=False)
    tier: MemberTier | None = field(default=None, metadata=one(MemberTier))
    points: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence(Answer):
    """That a member is at a store. `presence_token` names them in sales there until `expires_at`, to spend points too."""

    member: MemberPresent = field(metadata=one(MemberPresent))
    presence_token: str = field(repr=False)
    store_id: str | None = None
    expires_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Answer):
    """What moved the points: its kind and id, say a sale's."""

    kind: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Answer):
    """One movement of a member's points, with the balance after it."""

    id: str
    code: str = ""
    points: int = 0
    balance_after: int = 0
    source: Source | None = field(default=None, metadata=one(Source))
    merchant_id: str | None = None
    occurred_at: datetime = field(metadata=INSTANT)
    recorded_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment(Answer):
    """Points given, or below 0 taken, by hand; `balance` is the member's after it, and not told in an export."""

    id: str
    member_id: str
    points: int
    reason: str = ""
    merchant_id: str | None = None
    actor_id: str | None = None
    balance: Balance | None = field(default=None, metadata=one(Balance))
    recorded_at: datetime = field(metadata=INSTANT)


@dataclass(frozen=True, slots=True)
class EnrolResult:
    """What became of one of many: `index` is its place in what was given, from 0.

    `status` is that of the member enrolled alone: 201 new, 200 a member before, else refused with `problem`.
    """

    index: int
    phone: str | None = field(repr=False)
    status: int
    member: Member | None = None
    problem: dict[str, Any] | None = field(default=None, hash=False)

    @property
    def error(self) -> ApiError | None:
        """The refusal as `enrol` would have raised it, or None."""
        return None if self.member is not None else error_of(self.status, self.problem or {})
