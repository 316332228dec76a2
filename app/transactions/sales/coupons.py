"""Coupons with which sales are paid: to whom their codes lead, what they take off, and that they are used once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.coupons.bill.codes import hint_of
from app.coupons.bill.errors import CodeMistyped
from app.coupons.bill.judging import Occasion, belongs_to_another
from app.coupons.bill.lines import Bill, Line, bill_of
from app.coupons.bill.terms import Presented
from app.coupons.bill.together import Granted, Reckoning, reckon
from app.coupons.campaigns import queries as campaigns
from app.coupons.redeeming import same_bill
from app.coupons.redeeming.queries import OpenRedemption, ask_open, ask_shared_references
from app.coupons.redeeming.redemptions import BillPaid, Redemptions
from app.coupons.redeeming.tendered import Behind, Found, Tendered, ask_found, ask_tendered
from app.coupons.vouchers.facts import Voucher
from app.coupons.vouchers.recording import Vouchers, check_evidence, is_government
from app.districts.opening import is_open
from app.districts.queries import Shop
from app.foundation.database.parts import Asked
from app.foundation.database.unit_of_work import Overtaken, UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import Flaw, NotFound, ValidationFailed
from app.transactions.reports import SaleReport
from app.transactions.sales.record import Discount, Record
from app.transactions.sales.sale import Sale

Pair = tuple[str, str]
LOOK_FIRST = "coupons"
"""What got in the way where a packet followed codes to a coupon whose member nobody had thought of."""
MOST_FOLLOWED = 64
"""In larger sets a round trip is nothing beside finding each coupon by its code three times."""


@dataclass(frozen=True, slots=True)
class Tender:
    """The coupons that a set of sales names: where each code leads, and the coupons by id, locked.

    One that was found and isn't there a neighbour may hold.
    """

    found: Mapping[str, Found] = field(default_factory=dict)
    coupons: Mapping[str, Tendered] = field(default_factory=dict)

    def of(self, sale: Sale) -> list[Found]:
        """Where the codes of a sale lead, as far as they lead anywhere."""
        return [self.found[code] for code in sale.codes if isinstance(code, str) and code in self.found]

    def all_of(self, sale: Sale) -> list[Found | OpenRedemption]:
        """The same, and what was redeemed for it before."""
        return [*self.of(sale), *sale.redeemed_before]

    def is_busy(self, sale: Sale) -> bool:
        """Whether a neighbour may hold one of a sale's coupons, or redeem another for it."""
        return sale.is_redeemed_for or any(one.coupon_id not in self.coupons for one in self.all_of(sale))


NOTHING_TENDERED = Tender()


class Coupons:
    """Coupons of one set of sales, in order."""

    def __init__(self, uow: UnitOfWork, tender: Tender, zone: ZoneInfo) -> None:
        self._tender = tender
        self._zone = zone
        self._redemptions = Redemptions(uow, tender.coupons)
        self._vouchers = Vouchers(uow, zone)
        self._codes = {found.coupon_id: code for code, found in tender.found.items()}

    def reckon(self, sale: Sale, shop: Shop, buyer: str | None, now: datetime) -> Reckoning | None:
        """What the coupons of a sale take off its bill, and those redeemed for it before; None for a sale without any.

        Raises CodeMistyped, NotFound, and ValidationFailed where one of them isn't applicable.
        """
        if not (sale.codes or sale.redeemed_before):
            return None
        presented, reckoning = self.consider(sale, shop, buyer, now)
        if reckoning.refused:
            raise _not_applicable(reckoning, presented)
        return reckoning

    def consider(
        self, sale: Sale, shop: Shop, buyer: str | None, now: datetime
    ) -> tuple[dict[str, Presented], Reckoning]:
        """The coupons of a sale by the pointers to their codes, and what they would take off.

        Raises CodeMistyped, NotFound, ValidationFailed.
        """
        granted, presented = self._granted(sale, buyer), self._presented(sale)
        before = {one.coupon_id for one in sale.redeemed_before}
        new = [one for one in presented.values() if one.coupon_id not in before]
        occasion = occasion_of(sale, shop, buyer, now, self._zone)
        return presented, reckon(bill_of_report(sale.report), occasion, new, granted)

    def tendered(self, coupon_id: str) -> Tendered:
        """A coupon that a sale names."""
        return self._redemptions[coupon_id]

    def _granted(self, sale: Sale, buyer: str | None) -> list[Granted]:
        """What was redeemed for a sale before. Raises ValidationFailed for that of another member, or not with points."""
        before = [(one, self._redemptions.presented(one.coupon_id)) for one in sale.redeemed_before]
        granted = same_bill.granted(before, sale.report.amount, sale.report.items)
        if any(belongs_to_another(one.coupon, buyer) for one in granted):
            words = _l("The coupons of this reference belong to another member.")
            raise ValidationFailed.at("/member_id", "coupon-of-another-member", words)
        if sale.report.points_to_spend and not all(one.coupon.terms.with_points for one in granted):
            words = _l("Points aren't spent on a bill with one of these coupons.")
            raise ValidationFailed.at("/points_to_spend", "not-with-points", words)
        return granted

    def _presented(self, sale: Sale) -> dict[str, Presented]:
        """The coupons of a sale by the pointers to their codes. Raises CodeMistyped, NotFound, ValidationFailed."""
        presented: dict[str, Presented] = {}
        for place, code in enumerate(sale.codes):
            pointer = f"/coupons/{place}"
            if code in sale.codes[:place]:
                raise ValidationFailed.at(pointer, "code-twice", _l("This code stands here twice."))
            if not isinstance(code, str):
                raise CodeMistyped(flaws=[Flaw(pointer, CodeMistyped.code, CodeMistyped.title)])
            if code not in self._tender.found:
                raise NotFound.at(pointer, _l("coupon"))
            presented[pointer] = self._redemptions.presented(self._tender.found[code].coupon_id)
        return presented

    def name_a_buyer(self, sale: Sale) -> bool:
        """Whether one of a sale's coupons is somebody's."""
        return any(self._redemptions.presented(one.coupon_id).member_id for one in self._tender.all_of(sale))

    def check_evidence(self, record: Record, reckoning: Reckoning) -> None:
        """Raises PaymentEvidenceMissing where a sale with a government voucher has no payment to show for it."""
        check_evidence((one.coupon.terms for one in reckoning.applied), record.payment_reference)

    def redeem(self, sale: Sale, record: Record, shop: Shop, reckoning: Reckoning) -> None:
        """Uses the coupons that count on a sale, links those redeemed before, and writes down what they took off."""
        before = {one.coupon_id: one for one in sale.redeemed_before}
        for one in reckoning.applied:
            if one.coupon.coupon_id in before:
                earlier = before[one.coupon.coupon_id]
                self._redemptions.link(earlier.redemption_id, record.id, record.merchant_id, one, earlier.discount)
        new = [one for one in reckoning.applied if one.coupon.coupon_id not in before]
        bill = BillPaid(
            record.merchant_id,
            record.store_id,
            record.reference,
            record.amount,
            record.principal_id,
            transaction_id=record.id,
            channel=record.channel,
            payment_reference=record.payment_reference,
        )
        redeemed = self._redemptions.use(bill, new)
        for one, row in zip(new, redeemed, strict=True):
            if is_government(one.coupon.terms):
                self._add_voucher(record, shop, one.coupon, row)

    def _add_voucher(self, record: Record, shop: Shop, coupon: Presented, redemption: dict[str, Any]) -> None:
        matching = bill_with(record.amount, record.items or ()).matching_amount(coupon.terms)
        holder = coupon.member_id or record.member_id
        hours, at = shop.opening_hours, record.occurred_at
        is_outside = None if hours is None else not is_open(hours, at.astimezone(self._zone))
        self._vouchers.add(Voucher(redemption, coupon.terms, holder, matching, at, is_outside))

    def are_of(self, record: Record, sale: Sale) -> bool:
        """Whether a sale that was recorded before was paid with all the coupons of a report."""
        if sale.redeemed_before:
            return False
        used = {one[0] for one in record.coupons or ()}
        return [one.coupon_id in used for one in self._tender.of(sale)].count(True) == len(sale.codes)

    def discount(self, reckoning: Reckoning) -> Discount:
        """What is kept of it with a sale."""
        used = [
            [
                one.coupon.coupon_id,
                one.coupon.terms.campaign_id,
                self._code_hint(one.coupon.coupon_id),
                one.discount,
            ]
            for one in reckoning.applied
        ]
        return Discount(reckoning.discount, used, reckoning.earns_points)

    def _code_hint(self, coupon_id: str) -> str:
        """The end of a coupon's code: of the one that was sent, for making it again takes longer."""
        code = self._codes.get(coupon_id)
        return self.tendered(coupon_id).code_hint if code is None else hint_of(code)

    def write(self) -> None:
        """Sends what was used: vouchers are screened before."""
        self._vouchers.write()
        self._redemptions.write()


def occasion_of(sale: Sale, shop: Shop, buyer: str | None, now: datetime, zone: ZoneInfo) -> Occasion:
    """When, where and by whom a sale is paid: coupons are judged now, whenever it occurred."""
    report = sale.report
    return Occasion(
        now,
        zone,
        shop.merchant_id,
        shop.store_id,
        category=shop.category,
        channel=report.channel,
        member_id=buyer,
        points_to_spend=report.points_to_spend,
        reference=report.reference or None,
    )


def bill_of_report(report: SaleReport) -> Bill:
    """The bill of a sale. Raises ValidationFailed where its items add up to more."""
    return bill_with(report.amount, report.items)


def bill_with(amount: int, items: Iterable[Mapping[str, Any]]) -> Bill:
    """The same of a sale that is recorded."""
    return bill_of(amount, [Line(one["amount"], one["quantity"], one["sku"], one["category"]) for one in items])


def _not_applicable(reckoning: Reckoning, presented: Mapping[str, Presented]) -> ValidationFailed:
    reasons = ((pointer, reckoning.refused.get(coupon.coupon_id)) for pointer, coupon in presented.items())
    flaws = [Flaw(pointer, reason.code, reason.detail) for pointer, reason in reasons if reason is not None]
    return ValidationFailed(flaws[0].detail, flaws=flaws)


def _ask_before(
    uow: UnitOfWork, awaited: Mapping[Pair, Sequence[Sale]], *, lock: bool, wait: bool
) -> Asked[dict[Pair, list[OpenRedemption]]]:
    """Sends the question what was redeemed for sales before; once it is answered they know it."""
    shared = ask_shared_references(uow, awaited.keys(), wait=wait) if lock else awaited.keys
    found = ask_open(uow, awaited.keys())

    def answer() -> dict[Pair, list[OpenRedemption]]:
        kept, before = set(shared()), found()
        for pair, sales in awaited.items():
            for sale in sales:
                sale.redeemed_before, sale.is_redeemed_for = tuple(before.get(pair, ())), pair not in kept
        return before

    return answer


class AskedTender:
    """The coupons of a set of sales on their way: where codes lead, and under the locks the coupons themselves.

    Campaigns are locked before buyers are looked for, coupons after their balances. Where each sale names its buyer the database
    follows the codes itself, in the packet of all other questions. Else codes are looked up first: they name members, whose balances
    come before.
    """

    def __init__(
        self,
        uow: UnitOfWork,
        paying: Sequence[Sale],
        awaited: Mapping[Pair, Sequence[Sale]],
        *,
        lock: bool,
        wait: bool,
    ) -> None:
        """`awaited`: sales by references for which something may have been redeemed before."""
        self._uow = uow
        self._paying = paying
        self._lock, self._wait = lock, wait
        self._before: list[OpenRedemption] = []
        texts = {code for sale in paying for code in sale.codes if isinstance(code, str)}
        before = _ask_before(uow, awaited, lock=lock, wait=wait) if awaited else dict
        found = ask_found(uow, texts)
        self._behind = Behind(uow, texts) if lock and not awaited and _are_followed(uow, paying) else None
        self._found: Mapping[str, Found] = {}
        if self._behind is None:
            self._found = found()
            self._before = [one for several in before().values() for one in several]
        self._ask_found: Asked[Mapping[str, Found]] = found if self._behind is not None else lambda: self._found
        self._shared = self._ask_shared()
        self._coupons: Asked[dict[str, Tendered]] = dict

    def _ask_shared(self) -> Asked[Collection[str]]:
        """Lets the campaigns stay as they are."""
        if self._behind is not None:
            return self._behind.ask_shared(wait=self._wait)
        campaign_ids = {one.campaign_id for one in self._all()}
        if not self._lock:
            return lambda: campaign_ids
        return campaigns.ask_shared(self._uow, campaign_ids, wait=self._wait)

    def _all(self) -> list[Found | OpenRedemption]:
        return [*self._found.values(), *self._before]

    def members_of(self, sale: Sale) -> set[str]:
        """Whose the coupons of a sale are, before they are locked, as far as codes were looked up."""
        found = Tender(self._found).all_of(sale)
        return {one.member_id for one in found if one.member_id is not None}

    def send(self) -> None:
        """Asks for the coupons: lock balances before, where they are locked."""
        if self._behind is not None:
            self._coupons = self._behind.ask_tendered(wait=self._wait)
            return
        coupon_ids = {one.coupon_id for one in self._all()}
        self._coupons = ask_tendered(self._uow, coupon_ids, lock=self._lock, wait=self._wait)

    def answer(self, held: Collection[str]) -> Tender:
        """Waits for them. `held`: members who are looked after.

        Raises Overtaken where a coupon is another's now, or names the buyer of a sale: then codes are looked up first.
        """
        self._found, shared = self._ask_found(), self._shared()
        coupons = {one: kept for one, kept in self._coupons().items() if kept.coupon.terms.campaign_id in shared}
        owners = {kept.coupon.member_id for kept in coupons.values()} - {None}
        names_buyers = self._behind is not None and any(
            self.members_of(sale) for sale in self._paying if sale.buyer is None
        )
        if names_buyers or not owners <= set(held):
            raise Overtaken((LOOK_FIRST,))
        return Tender(self._found, coupons)


def _are_followed(uow: UnitOfWork, paying: Sequence[Sale]) -> bool:
    """Whether codes needn't be looked up first: all sales name their buyers, and are few enough for a packet to matter."""
    return (
        0 < len(paying) <= MOST_FOLLOWED
        and LOOK_FIRST not in uow.overtaken_by
        and all(sale.report.buyer_named_by and not sale.is_by_stranger for sale in paying)
    )
