"""Giving sales that are nobody's to members: by a receipt, by a second report of their payment, by a phone that joins.

Whichever way it comes, what a till or a shopper gives away counts as a claim: so many a day for a member, none for one
who is frozen, and those of staff are told. Only what was sold to a phone from the start is that phone's without limit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import timedelta

from app.foundation.clock import end_of_day, start_of_day
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.limits.rate_limit import refusal
from app.foundation.i18n import words as _l
from app.foundation.keyring import digest_of
from app.foundation.problems import NotFound, RateLimited
from app.foundation.runtime import keyring, runtime
from app.members import services as members
from app.members.codes.guessing import Guesses
from app.members.events import MemberEnrolled, MemberPhoneChanged
from app.points.errors import MemberIsFrozen
from app.points.purses import queries as points
from app.points.purses.services import Balance, Purses
from app.transactions import configuration
from app.transactions.codes import shown_codes
from app.transactions.configuration import Configuration
from app.transactions.errors import AlreadyClaimed, ClaimExpired
from app.transactions.events import ClaimFlagged, TransactionClaimed
from app.transactions.sales import left_queries, queries, writing
from app.transactions.sales.award import give_to_member
from app.transactions.sales.earning import Buying, Earning, ask_earning, facts_of
from app.transactions.sales.left import NOTHING
from app.transactions.sales.record import Record

STAFF = "staff"
"""The tag of members who work in the district: what they claim is looked at."""


class Claims:
    """The claims of a unit of work: how many each member has made today, and whose are looked at."""

    def __init__(self, uow: UnitOfWork, settings: Configuration) -> None:
        self._uow = uow
        self._zone = settings.directory.zone
        self._today: dict[str, int] = {}
        self._made: list[Record] = []

    def check(self, balance: Balance) -> None:
        """Raises MemberIsFrozen, or RateLimited where a day's fill is claimed. Hold the member's balance."""
        if balance.is_frozen:
            raise MemberIsFrozen
        today = self._uow.now.astimezone(self._zone).date()
        most = runtime().settings.claims_per_member_per_day
        if self._count(balance.member_id) >= most:
            seconds = math.ceil((end_of_day(today, self._zone) - self._uow.now).total_seconds())
            limits = {"RateLimit-Limit": str(most), "RateLimit-Remaining": "0", "RateLimit-Reset": str(seconds)}
            raise refusal(_l("At most %(most)s receipts can be claimed a day.", most=most), limits)

    def _count(self, member_id: str) -> int:
        if member_id not in self._today:
            since = start_of_day(self._uow.now.astimezone(self._zone).date(), self._zone)
            self._today[member_id] = queries.count_claims(self._uow, member_id, since)
        return self._today[member_id]

    def add(self, record: Record, member_id: str) -> None:
        """Notes a claim; a sale that waited for a phone doesn't come by that any more."""
        record.claimed_at, record.phone_index = self._uow.now, None
        self._today[member_id] = self._count(member_id) + 1
        self._made.append(record)

    def write(self) -> None:
        """Tells of the claims that are looked at."""
        profiles = members.ask_profiles(self._uow, {one.member_id for one in self._made if one.member_id})()
        self._uow.emit(
            *(
                ClaimFlagged(one.id, one.merchant_id, one.member_id, STAFF)
                for one in self._made
                if one.member_id in profiles and STAFF in profiles[one.member_id].tags
            )
        )


def is_open(uow: UnitOfWork, record: Record) -> bool:
    """Whether the time to claim a sale is not over."""
    return record.recorded_at > uow.now - timedelta(days=runtime().settings.claim_days)


def claimed(record: Record) -> TransactionClaimed:
    """What is told of a sale that was given to a member."""
    return TransactionClaimed(record.id, record.merchant_id, record.member_id or "", record.points_earned)


def claim(uow: UnitOfWork, transaction_id: str, member_id: str, *, is_proven: bool = False) -> Record:
    """Gives an unclaimed sale to a member; again to the same one changes nothing.

    `is_proven`: the member itself came, with a live code or with the receipt's secret.

    Raises NotFound, AlreadyClaimed, ClaimExpired, MemberIsFrozen, RateLimited.
    """
    balance = points.ask_balances(uow, [member_id])().get(member_id)  # locked first, as by whoever reports one
    record = queries.find(uow, transaction_id, lock=True)
    if balance is None or balance.is_erased:
        raise NotFound.at("/member_id", _l("member"))
    if record.member_id == balance.member_id:
        return record
    if record.member_id is not None:
        raise AlreadyClaimed
    claims = Claims(uow, configuration.current(uow))
    if not is_open(uow, record):
        days = runtime().settings.claim_days
        raise (
            MemberIsFrozen
            if balance.is_frozen
            else ClaimExpired(_l("A sale can be claimed for %(days)s days.", days=days))
        )
    claims.check(balance)
    claims.add(record, balance.member_id)
    _give_all(uow, [(record, balance.member_id)], is_proven=is_proven)
    claims.write()
    return record


def credit_waiting_sales(uow: UnitOfWork, events: Sequence[MemberEnrolled | MemberPhoneChanged]) -> None:
    """Gives members the sales that were reported in the last days to the phones that are theirs now.

    A phone that came only with a second report is as good as a claim: what is too much for today stays unclaimed.
    """
    since = uow.now - timedelta(days=runtime().settings.claim_days)
    owners = {index: event.member_id for event in events for index in event.phone_indexes}
    balances = points.ask_balances(uow, owners.values())()  # locked before the sales, as by whoever reports one
    waiting = queries.waiting_for_phones(uow, owners, since)
    if not waiting:
        return
    claims = Claims(uow, configuration.current(uow))
    pairs = [(record, owners[record.phone_index or b""]) for record in waiting]
    _give_all(uow, [(record, owner) for record, owner in pairs if _is_credited(claims, record, balances[owner])])
    claims.write()


def _is_credited(claims: Claims, record: Record, balance: Balance) -> bool:
    if record.member_print is not None:  # it was sold to this phone
        return True
    try:
        claims.check(balance)
    except (MemberIsFrozen, RateLimited):
        return False
    claims.add(record, balance.member_id)
    return True


def _give_all(uow: UnitOfWork, pairs: Sequence[tuple[Record, str]], *, is_proven: bool = False) -> None:
    """Gives unclaimed sales, locked by the caller, to members (second), with the points they earn. Raises NotFound."""
    if not pairs:
        return
    settings = configuration.current(uow)
    balances = points.ask_balances(uow, {member_id for _, member_id in pairs})()
    earning = _earning_of(uow, settings, pairs)
    purses = Purses(uow, balances)
    refunded = left_queries.ask_so_far(uow, [record.id for record, _ in pairs if record.refunded_amount])()
    for record, member_id in pairs:
        balance = balances.get(member_id)
        if balance is None or balance.is_erased:
            raise NotFound.at("/member_id", _l("member"))
        give_to_member(uow, record, balance.member_id, settings, earning, purses, refunded.get(record.id, NOTHING))
        record.claimed_at = uow.now
    records = [record for record, _ in pairs]
    writing.claim(uow, records)
    purses.write()
    joined = {(one.member_id, one.merchant_id) for one in records if one.member_id is not None}
    members.join_merchants(uow, joined, way="claim" if is_proven else "purchase", is_proven=is_proven)
    uow.emit(*map(claimed, records))
    earning.write()


def _earning_of(uow: UnitOfWork, settings: Configuration, pairs: Iterable[tuple[Record, str]]) -> Earning:
    """What claims earn. They sweep budgets at once: few come at a time, and they can't be done again by themselves."""
    shops = settings.directory.by_id
    buyings = [
        Buying(member_id, facts_of(record, record.eligible_amount, shops[record.store_id].category))
        for record, member_id in pairs
    ]
    return ask_earning(uow, settings, buyings, set(settings.terms.tracking.budgets))()


def claim_secret(record: Record) -> str | None:
    """The secret on the receipt of an unclaimed sale: 128 bits that follow from the sale's id and our key.

    None where that key is gone.
    """
    secrets = keyring().derive_all("claim", record.id)
    return next((secret for secret in secrets if digest_of(secret) == record.claim_hash), None)


def claim_by_code(uow: UnitOfWork, transaction_id: str, code: str, guesses: Guesses) -> Record:
    """Gives an unclaimed sale to the member whose code was shown. To whom it belongs already the code may be over.

    Raises NotFound, AlreadyClaimed, ClaimExpired, MemberCodeExpired, RateLimited.
    """
    [presented] = shown_codes.read(uow, [shown_codes.Shown(code, None, None, None, guesses)])
    record = queries.find(uow, transaction_id)
    if presented.refusal is not None and (presented.member_id is None or presented.member_id != record.member_id):
        raise presented.refusal
    is_live = presented.spend_refusal is None and presented.moment is not None
    return claim(uow, transaction_id, presented.member_id or "", is_proven=is_live)


def claim_by_secret(uow: UnitOfWork, secret: str, member_id: str) -> Record:
    """Gives the sale of a receipt to a member who has the receipt's secret.

    Raises NotFound, AlreadyClaimed, ClaimExpired, MemberIsFrozen, RateLimited.
    """
    sale_id = queries.sale_of_secret(uow, digest_of(secret), member_id)
    if sale_id is None:
        raise NotFound.at("/secret", _l("receipt"))
    return claim(uow, sale_id, member_id, is_proven=True)
