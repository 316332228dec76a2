"""Claims of sales that are nobody's, as a part of a unit of work.

Whichever way it comes, what a till or a shopper gives away counts as a claim: so many a day for a member, none for one
who is frozen, and those of staff are told. Only what was sold to a phone from the start is that phone's without limit.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from app.foundation.clock import end_of_day, start_of_day
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.limits.rate_limit import refusal
from app.foundation.i18n import words as _l
from app.foundation.keyring import digest_of
from app.foundation.runtime import keyring, runtime
from app.members import services as members
from app.members.errors import MemberIsFrozen
from app.points.purses.services import Balance
from app.transactions.configuration import Configuration
from app.transactions.events import ClaimFlagged, TransactionClaimed
from app.transactions.sales import queries, writing
from app.transactions.sales.record import Record

STAFF = "staff"
"""The tag of members who work in the district: what they claim is looked at."""


class Claims:
    """What a unit of work gives of sales that were nobody's: how many each member has claimed today, and what is told."""

    def __init__(self, uow: UnitOfWork, settings: Configuration) -> None:
        self._uow = uow
        self._zone = settings.directory.zone
        self._today: dict[str, int] = {}
        self._counted: list[Record] = []
        self._given: list[Record] = []
        self._waiting: list[Record] = []

    def check(self, balance: Balance) -> None:
        """Raises MemberIsFrozen, or RateLimited once as much is claimed as a day allows. Hold the member's balance."""
        if balance.is_frozen:
            raise MemberIsFrozen
        today = self._uow.now.astimezone(self._zone).date()
        most = runtime().settings.claims_per_member_per_day
        if self._claimed_today(balance.member_id) >= most:
            seconds = math.ceil((end_of_day(today, self._zone) - self._uow.now).total_seconds())
            limits = {"RateLimit-Limit": str(most), "RateLimit-Remaining": "0", "RateLimit-Reset": str(seconds)}
            raise refusal(_l("At most %(most)s receipts can be claimed a day.", most=most), limits)

    def _claimed_today(self, member_id: str) -> int:
        if member_id not in self._today:
            since = start_of_day(self._uow.now.astimezone(self._zone).date(), self._zone)
            self._today[member_id] = queries.count_claims(self._uow, member_id, since)
        return self._today[member_id]

    def count(self, record: Record, member_id: str) -> None:
        """Counts a claim; a sale that waited for a phone doesn't come by that any more."""
        record.claimed_at, record.phone_index = self._uow.now, None
        self._today[member_id] = self._claimed_today(member_id) + 1
        self._counted.append(record)

    def add_given(self, record: Record) -> None:
        """Takes in a sale that has found its member; one that was recorded before."""
        self._given.append(record)

    def add_waiting(self, record: Record) -> None:
        """Takes in a sale, recorded before, that waits for a phone now."""
        self._waiting.append(record)

    def write(self) -> None:
        """Sends whose the sales are, and tells of it. Raises Overtaken where a neighbour was quicker."""
        writing.write_claims(self._uow, self._given)
        writing.wait_for_phones(self._uow, self._waiting)
        self._uow.emit(*map(_claimed, self._given), *self._flagged())

    def _flagged(self) -> list[ClaimFlagged]:
        """The claims that are looked at."""
        profiles = members.ask_profiles(self._uow, {one.member_id for one in self._counted if one.member_id})()
        return [
            ClaimFlagged(one.id, one.merchant_id, one.member_id, STAFF)
            for one in self._counted
            if one.member_id in profiles and STAFF in profiles[one.member_id].tags
        ]


def is_open(record: Record, now: datetime) -> bool:
    """Whether the time to claim a sale is not over."""
    return record.recorded_at > now - timedelta(days=runtime().settings.claim_days)


def _claimed(record: Record) -> TransactionClaimed:
    return TransactionClaimed(record.id, record.merchant_id, record.member_id or "", record.points_earned)


def claim_secret(record: Record) -> str | None:
    """The secret on the receipt of an unclaimed sale: 128 bits that follow from the sale's id and our key.

    None where that key is gone.
    """
    secrets = keyring().derive_all("claim", record.id)
    return next((secret for secret in secrets if digest_of(secret) == record.claim_hash), None)
