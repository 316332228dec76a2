"""Verbs on sales, each in its own unit of work, and what a new member's arrival does to the sales that waited."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from psycopg import errors as pg

from app.districts.services import lock_configuration
from app.foundation.clock import end_of_day, start_of_day
from app.foundation.folding import Folder
from app.foundation.http.rate_limit import refusal
from app.foundation.i18n import words as _l
from app.foundation.keyring import digest_of
from app.foundation.problems import Busy, IdempotencyKeyInUse, NotFound
from app.foundation.runtime import runtime
from app.foundation.tenancy import Principal, system_principal
from app.foundation.unit_of_work import RETRYABLE, UnitOfWork, retrying, unit_of_work
from app.members import services as members
from app.members.events import MemberEnrolled, MemberPhoneChanged
from app.members.guessing import Guesses
from app.points import queries as point_queries
from app.points import services as points
from app.points import tier_queries
from app.points.errors import MemberFrozen
from app.points.events import TierCreated
from app.transactions import backfilling, configuration, metrics, presence, queries, reporting
from app.transactions.errors import AlreadyClaimed, ClaimExpired
from app.transactions.events import ClaimFlagged
from app.transactions.records import Record, Sale
from app.transactions.reporting import Outcome, Recorded
from app.transactions.watching import watched

ATTEMPTS = 8
STAFF = "staff"
"""The tag of members who work in the district: what they claim is looked at."""
MOST_FOLDED = 64
LEADERS = 2
CROWD = 3


def report_one(sale: Sale) -> Outcome:
    """Records one sale, together with those that come to this process at the same time for the same district."""
    with watched([sale]):
        return _folder(sale.principal.district_id).do(sale)


def quote(uow: UnitOfWork, sale: Sale) -> Recorded:
    """What a report would record now, posting nothing, of a sale that is `watched`. Raises what it would be refused with."""
    return reporting.quote(uow, sale)


@lru_cache(maxsize=4096)
def _folder(district_id: str) -> Folder[Sale, Outcome]:
    return Folder(lambda sales: _report_folded(district_id, sales), most=MOST_FOLDED, leaders=LEADERS, crowd=CROWD)


def _report_folded(district_id: str, sales: Sequence[Sale]) -> list[Outcome]:
    """Strangers' sales in one commit; if that fails, each alone, so that nobody pays for another's trouble."""
    principal = sales[0].principal if len(sales) == 1 else system_principal(district_id)
    try:
        return _report_retrying(principal, sales)
    except Exception:
        if len(sales) == 1:
            raise
    return [_report_alone(sale) for sale in sales]


def _report_alone(sale: Sale) -> Outcome:
    try:
        return _report_retrying(sale.principal, [sale])[0]
    except RETRYABLE:
        return Busy(headers={"Retry-After": "1"})


def _report_retrying(principal: Principal, sales: Sequence[Sale]) -> list[Outcome]:
    swept: set[str] = set()

    def attempt() -> list[Outcome]:
        with unit_of_work(principal, pipelined=True) as uow:
            outcomes = reporting.report(uow, sales, swept)
        metrics.SHARED.labels("folded").observe(len(sales))
        return outcomes

    try:
        return retrying(ATTEMPTS, attempt)
    except pg.LockNotAvailable as error:
        if any(sale.idempotency_key for sale in sales):
            raise IdempotencyKeyInUse(headers={"Retry-After": "1"}) from error
        raise Busy(headers={"Retry-After": "1"}) from error


def claim_by_code(uow: UnitOfWork, transaction_id: str, code: str, guesses: Guesses) -> Record:
    """Gives an unclaimed sale to the member whose code was shown. To whom it belongs already the code may be over.

    Raises NotFound, AlreadyClaimed, ClaimExpired, MemberCodeExpired, RateLimited.
    """
    [presented] = presence.read(uow, [presence.Shown(code, None, None, None, guesses)])
    record = queries.find(uow, transaction_id)
    if presented.refusal is not None and (presented.member_id is None or presented.member_id != record.member_id):
        raise presented.refusal
    return claim(uow, transaction_id, presented.member_id or "")


def claim(uow: UnitOfWork, transaction_id: str, member_id: str) -> Record:
    """Gives an unclaimed sale to a member; again to the same one changes nothing.

    Raises NotFound, AlreadyClaimed, ClaimExpired, MemberFrozen, RateLimited.
    """
    balance = point_queries.ask_balances(uow, [member_id])().get(member_id)  # locked first, as by whoever reports one
    record = queries.find(uow, transaction_id, lock=True)
    if balance is None or balance.is_erased:
        raise NotFound.at("/member_id", _l("member"))
    member_id = balance.member_id
    if record.member_id == member_id:
        return record
    if record.member_id is not None:
        raise AlreadyClaimed
    if balance.is_frozen:
        raise MemberFrozen
    days = runtime().settings.claim_days
    if record.recorded_at <= uow.now - timedelta(days=days):
        raise ClaimExpired(_l("A sale can be claimed for %(days)s days.", days=days))
    _check_claims_today(uow, member_id)
    reporting.claim(uow, [(record, member_id)])
    if STAFF in members.ask_profiles(uow, [member_id])()[member_id].tags:
        uow.emit(ClaimFlagged(record.id, record.merchant_id, member_id, STAFF))
    return record


def claim_by_secret(uow: UnitOfWork, secret: str, member_id: str) -> Record:
    """Gives the sale of a receipt to a member who has the receipt's secret.

    Raises NotFound, AlreadyClaimed, ClaimExpired, MemberFrozen, RateLimited.
    """
    sale_id = queries.sale_of_secret(uow, digest_of(secret), member_id)
    if sale_id is None:
        raise NotFound.at("/secret", _l("receipt"))
    return claim(uow, sale_id, member_id)


def _check_claims_today(uow: UnitOfWork, member_id: str) -> None:
    """Raises RateLimited where a member has claimed a day's fill of receipts. Hold the member's balance."""
    zone = configuration.current(uow).directory.zone
    today = uow.now.astimezone(zone).date()
    most = runtime().settings.claims_per_member_per_day
    if queries.count_claims(uow, member_id, start_of_day(today, zone)) >= most:
        seconds = math.ceil((end_of_day(today, zone) - uow.now).total_seconds())
        limits = {"RateLimit-Limit": str(most), "RateLimit-Remaining": "0", "RateLimit-Reset": str(seconds)}
        raise refusal(_l("At most %(most)s receipts can be claimed a day.", most=most), limits)


def credit_waiting_sales(uow: UnitOfWork, events: Sequence[MemberEnrolled | MemberPhoneChanged]) -> None:
    """Gives members the sales that were reported in the last days to the phones that are theirs now."""
    since = uow.now - timedelta(days=runtime().settings.claim_days)
    members = {index: event.member_id for event in events for index in event.phone_indexes}
    point_queries.ask_balances(uow, members.values())()  # locked before the sales, as by whoever reports one
    waiting = queries.waiting_for_phones(uow, members, since)
    reporting.claim(uow, [(record, members[record.phone_index or b""]) for record in waiting])


def count_earlier_days(uow: UnitOfWork, events: Sequence[TierCreated]) -> None:
    """What members bought before the first tier was made counts for it. The configuration lock is held alone."""
    rungs = tier_queries.ladder(uow)
    if len(rungs.tiers) == len(events):
        backfilling.count_days(uow, rungs.zone)


def publish_rule_set(uow: UnitOfWork, rule_set_id: str, effective_at: datetime | None) -> None:
    """Publishes a draft; into the past only where no later sale is recorded. It stands here since it looks at sales."""
    lock_configuration(uow)
    settings = configuration.read(uow)
    newest = None
    if effective_at is not None and effective_at < uow.now:
        newest = queries.newest_sale_at(uow, settings.directory.by_id)
    row = points.publish_rule_set(uow, rule_set_id, effective_at, newest)
    backfilling.track(uow, settings.terms, row.rules, settings.directory.zone)
