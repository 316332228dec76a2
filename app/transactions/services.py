"""Verbs on sales, each in its own unit of work, and what a new member's arrival does to the sales that waited."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from threading import BoundedSemaphore
from typing import TypeVar

from psycopg import errors as pg

from app.districts.services import lock_configuration
from app.foundation.folding import Folder
from app.foundation.i18n import words as _l
from app.foundation.keyring import digest_of
from app.foundation.problems import Busy, IdempotencyKeyInUse, NotFound
from app.foundation.tenancy import Principal, system_principal
from app.foundation.unit_of_work import RETRYABLE, UnitOfWork, retrying, unit_of_work
from app.members.guessing import Guesses
from app.points import services as points
from app.points import tier_queries
from app.points.events import TierCreated
from app.transactions import backfilling, claiming, configuration, metrics, presence, queries, quoting, reporting
from app.transactions.records import Record, Sale
from app.transactions.reporting import Outcome, Recorded
from app.transactions.watching import watched

ATTEMPTS = 8
MOST_FOLDED = 64
LEADERS = 2
CROWD = 3
MOST_PATIENT = 3
"""So many sales of a process wait at a time for members whom a neighbour holds: the other connections serve the rest."""
_patience = BoundedSemaphore(MOST_PATIENT)


def report_one(sale: Sale) -> Outcome:
    """Records one sale, together with those that come to this process at the same time for the same district.

    None of them waits for another's member: a sale that has to waits by itself.
    """
    with watched([sale]):
        outcome = _folder(sale.principal.district_id).do(sale)
        return _report_patiently(sale) if outcome is None else outcome


def quote(uow: UnitOfWork, sale: Sale) -> Recorded:
    """What a report would record now, posting nothing, of a sale that is `watched`. Raises what it would be refused with."""
    return quoting.quote(uow, sale)


@lru_cache(maxsize=4096)
def _folder(district_id: str) -> Folder[Sale, Outcome | None]:
    return Folder(lambda sales: _report_folded(district_id, sales), most=MOST_FOLDED, leaders=LEADERS, crowd=CROWD)


def _report_folded(district_id: str, sales: Sequence[Sale]) -> Sequence[Outcome | None]:
    """Strangers' sales in one commit; None for each that has to wait, and for all if it fails: nobody pays for another."""
    principal = sales[0].principal if len(sales) == 1 else system_principal(district_id)
    try:
        return _report_retrying(principal, sales, reporting.report_free)
    except Exception:
        if len(sales) == 1:
            raise
    return [None] * len(sales)


def _report_patiently(sale: Sale) -> Outcome:
    try:
        with _patience:
            return _report_retrying(sale.principal, [sale], reporting.report)[0]
    except RETRYABLE:
        return Busy(headers={"Retry-After": "1"})


O = TypeVar("O")  # noqa: E741


def _report_retrying(
    principal: Principal, sales: Sequence[Sale], report: Callable[[UnitOfWork, Sequence[Sale], set[str]], list[O]]
) -> list[O]:
    swept: set[str] = set()

    def attempt() -> list[O]:
        with unit_of_work(principal, pipelined=True) as uow:
            outcomes = report(uow, sales, swept)
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
    is_live = presented.spend_refusal is None and presented.moment is not None
    return claiming.claim(uow, transaction_id, presented.member_id or "", is_proven=is_live)


def claim_by_secret(uow: UnitOfWork, secret: str, member_id: str) -> Record:
    """Gives the sale of a receipt to a member who has the receipt's secret.

    Raises NotFound, AlreadyClaimed, ClaimExpired, MemberFrozen, RateLimited.
    """
    sale_id = queries.sale_of_secret(uow, digest_of(secret), member_id)
    if sale_id is None:
        raise NotFound.at("/secret", _l("receipt"))
    return claiming.claim(uow, sale_id, member_id, is_proven=True)


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
