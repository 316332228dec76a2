"""Giving sales that are nobody's to members: by a receipt, by a code, by a phone that joins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.keyring import digest_of
from app.foundation.problems import NotFound, RateLimited
from app.foundation.runtime import runtime
from app.members import services as members
from app.members.codes.guessing import Guesses
from app.members.errors import MemberIsFrozen
from app.members.events import MemberEnrolled, MemberPhoneChanged
from app.points.purses import queries as points
from app.points.purses.services import Balance, Purses
from app.transactions import configuration
from app.transactions.codes import shown_codes
from app.transactions.configuration import Configuration
from app.transactions.errors import AlreadyClaimed, ClaimExpired
from app.transactions.sales import queries
from app.transactions.sales.claims import Claims, is_open
from app.transactions.sales.earning import Buying, Earning, ask_earning, facts_of, give_to_member
from app.transactions.sales.record import NOTHING, Record


def claim_sale(uow: UnitOfWork, transaction_id: str, member_id: str, *, is_proven: bool = False) -> Record:
    """Gives an unclaimed sale to a member; again to the same one changes nothing.

    `is_proven`: the member itself came, with a live code or with the receipt's secret.

    Raises NotFound, AlreadyClaimed, ClaimExpired, MemberIsFrozen, RateLimited.
    """
    balance = points.ask_balances(uow, [member_id])().get(member_id)  # locked first, as by whoever reports one
    record = queries.find_sale(uow, transaction_id, lock=True)
    if balance is None or balance.is_erased:
        raise NotFound.at("/member_id", _l("member"))
    if record.member_id == balance.member_id and not record.hides_buyer_from(uow.principal):
        return record
    if record.member_id is not None:
        raise AlreadyClaimed
    if not is_open(record, uow.now):
        if balance.is_frozen:
            raise MemberIsFrozen
        raise ClaimExpired(_l("A sale can be claimed for %(days)s days.", days=runtime().settings.claim_days))
    settings = configuration.current(uow)
    claims = Claims(uow, settings)
    claims.check(balance)
    claims.count(record, balance.member_id)
    _give_all(uow, settings, claims, [(record, balance)], is_proven=is_proven)
    return record


def claim_by_code(uow: UnitOfWork, transaction_id: str, code: str, guesses: Guesses) -> Record:
    """Gives an unclaimed sale to the member whose code was shown. To whom it belongs already the code may be over.

    Raises NotFound, AlreadyClaimed, ClaimExpired, MemberCodeExpired, RateLimited.
    """
    [presented] = shown_codes.read_shown(uow, [shown_codes.Shown(code, None, None, None, guesses)])
    record = queries.find_sale(uow, transaction_id)
    if presented.refusal is not None and (presented.member_id is None or presented.member_id != record.member_id):
        raise presented.refusal
    is_live = presented.spend_refusal is None and presented.minute is not None
    return claim_sale(uow, transaction_id, presented.member_id or "", is_proven=is_live)


def claim_by_secret(uow: UnitOfWork, secret: str, member_id: str) -> Record:
    """Gives the sale of a receipt to a member who has the receipt's secret.

    Raises NotFound, AlreadyClaimed, ClaimExpired, MemberIsFrozen, RateLimited.
    """
    record = queries.sale_to_claim(uow, digest_of(secret), member_id)
    if record is None:
        raise _no_receipt()
    return claim_sale(uow, record.id, member_id, is_proven=True)


def sale_of_receipt(uow: UnitOfWork, secret: str) -> Record:
    """The sale on whose receipt a secret stands, for whoever may see that sale; claiming it is another matter.

    Raises NotFound, also for another shop's.
    """
    record = queries.sale_of_receipt(uow, digest_of(secret))
    if record is None or not uow.principal.acts_for(record.merchant_id, record.store_id):
        raise _no_receipt()
    return record


def _no_receipt() -> NotFound:
    return NotFound.at("/secret", _l("receipt"))


def credit_waiting_sales(uow: UnitOfWork, events: Sequence[MemberEnrolled | MemberPhoneChanged]) -> None:
    """Gives members the sales that were reported in the last days to the phones that are theirs now.

    A sale whose phone came only with a second report of it counts as a claim; beyond the day's limit it stays unclaimed.
    """
    since = uow.now - timedelta(days=runtime().settings.claim_days)
    owners = {index: event.member_id for event in events for index in event.phone_indexes}
    balances = points.ask_balances(uow, owners.values())()  # locked before the sales, as by whoever reports one
    waiting = queries.waiting_for_phones(uow, owners, since)
    if not waiting:
        return
    settings = configuration.current(uow)
    claims = Claims(uow, settings)
    pairs = [(record, balances[owners[record.phone_index or b""]]) for record in waiting]
    _give_all(
        uow, settings, claims, [(record, balance) for record, balance in pairs if _is_credited(claims, record, balance)]
    )


def _is_credited(claims: Claims, record: Record, balance: Balance) -> bool:
    if record.member_print is not None:  # it was sold to this phone
        return True
    try:
        claims.check(balance)
    except (MemberIsFrozen, RateLimited):
        return False
    claims.count(record, balance.member_id)
    return True


def _give_all(
    uow: UnitOfWork,
    settings: Configuration,
    claims: Claims,
    pairs: Sequence[tuple[Record, Balance]],
    *,
    is_proven: bool = False,
) -> None:
    """Gives unclaimed sales to members, with the points they earn. Hold both: the sales, and the balances."""
    if not pairs:
        return
    earning = _earning_of(uow, settings, pairs)
    purses = Purses(uow, {balance.member_id: balance for _, balance in pairs})
    refunded = queries.ask_so_far(uow, [record.id for record, _ in pairs if record.refunded_amount])()
    for record, balance in pairs:
        so_far = refunded.get(record.id, NOTHING)
        give_to_member(record, balance.member_id, uow.principal.id, settings, earning, purses, so_far)
        record.claimed_at = uow.now
        claims.add_given(record)
    met = {(balance.member_id, record.merchant_id) for record, balance in pairs}
    members.join_merchants(uow, met, way="claim" if is_proven else "purchase", is_proven=is_proven)
    for part in (earning, claims, purses):
        part.write()


def _earning_of(uow: UnitOfWork, settings: Configuration, pairs: Iterable[tuple[Record, Balance]]) -> Earning:
    """What claims earn. They sweep budgets at once: few come at a time, and they can't be done again by themselves."""
    shops = settings.directory.by_id
    buyings = [
        Buying(balance.member_id, facts_of(record, record.eligible_amount, shops[record.store_id].category))
        for record, balance in pairs
    ]
    return ask_earning(uow, settings, buyings, settings.terms.tracking.budgets)()
