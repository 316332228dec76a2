"""Coupons with which sales are paid: to whom their codes lead, what they take off, and that they are used once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from app.coupons.bill.errors import CodeMistyped
from app.coupons.bill.judging import Occasion
from app.coupons.bill.lines import Bill, Line, bill_of
from app.coupons.bill.terms import Presented
from app.coupons.bill.together import Reckoning, reckon
from app.coupons.campaigns import queries as campaigns
from app.coupons.redeeming.redemptions import BillPaid, Redemptions
from app.coupons.redeeming.tendered import Found, Tendered, ask_found, ask_tendered
from app.districts.queries import Shop
from app.foundation.database.parts import Asked
from app.foundation.database.unit_of_work import Overtaken, UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import Flaw, NotFound, ValidationFailed
from app.transactions.reports import SaleReport
from app.transactions.sales.record import Discount, Record
from app.transactions.sales.sale import Sale


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

    def is_busy(self, sale: Sale) -> bool:
        """Whether a neighbour may hold one of a sale's coupons."""
        return any(one.coupon_id not in self.coupons for one in self.of(sale))


NOTHING_TENDERED = Tender()


class Coupons:
    """Coupons of one set of sales, in order."""

    def __init__(self, uow: UnitOfWork, tender: Tender, zone: ZoneInfo) -> None:
        self._tender = tender
        self._zone = zone
        self._redemptions = Redemptions(uow, tender.coupons)

    def reckon(self, sale: Sale, shop: Shop, buyer: str | None, now: datetime) -> Reckoning | None:
        """What the coupons of a sale take off its bill; None for a sale that names none.

        Raises CodeMistyped, NotFound, and ValidationFailed where one of them isn't applicable.
        """
        if not sale.codes:
            return None
        presented = self._presented(sale)
        occasion = occasion_of(sale, shop, buyer, now, self._zone)
        reckoning = reckon(bill_of_report(sale.report), occasion, presented.values())
        if reckoning.refused:
            raise _not_applicable(reckoning, presented)
        return reckoning

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
        return any(self._redemptions.presented(one.coupon_id).member_id for one in self._tender.of(sale))

    def redeem(self, record: Record, reckoning: Reckoning) -> None:
        """Uses the coupons that count on a sale, and writes down what they took off."""
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
        self._redemptions.use(bill, reckoning)

    def are_of(self, record: Record, sale: Sale) -> bool:
        """Whether a sale that was recorded before was paid with all the coupons that a report names."""
        used = {one[0] for one in record.coupons or ()}
        return [one.coupon_id in used for one in self._tender.of(sale)].count(True) == len(sale.codes)

    def discount(self, reckoning: Reckoning) -> Discount:
        """What is kept of it with a sale."""
        used = [
            [one.coupon.coupon_id, one.coupon.terms.campaign_id, self._hint(one.coupon.coupon_id), one.discount]
            for one in reckoning.applied
        ]
        return Discount(reckoning.discount, used, reckoning.earns_points)

    def _hint(self, coupon_id: str) -> str:
        return self._redemptions[coupon_id].code_hint

    def write(self) -> None:
        """Sends what was used."""
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
        reference=report.reference,
    )


def bill_of_report(report: SaleReport) -> Bill:
    """The bill of a sale. Raises ValidationFailed where its items add up to more."""
    items = [Line(one["amount"], one["quantity"], one["sku"], one["category"]) for one in report.items]
    return bill_of(report.amount, items)


def _not_applicable(reckoning: Reckoning, presented: Mapping[str, Presented]) -> ValidationFailed:
    reasons = ((pointer, reckoning.refused.get(coupon.coupon_id)) for pointer, coupon in presented.items())
    flaws = [Flaw(pointer, reason.code, reason.detail) for pointer, reason in reasons if reason is not None]
    return ValidationFailed(flaws[0].detail, flaws=flaws)


class AskedTender:
    """The coupons of a set of sales on their way: first where codes lead, then, under the locks, the coupons themselves."""

    def __init__(self, uow: UnitOfWork, sales: Iterable[Sale]) -> None:
        self._uow = uow
        self._found = ask_found(uow, {code for sale in sales for code in sale.codes if isinstance(code, str)})()
        self._shared: Asked[Collection[str]] = set
        self._coupons: Asked[dict[str, Tendered]] = dict

    def share_campaigns(self, *, wait: bool) -> None:
        """Lets the campaigns stay as they are."""
        campaign_ids = {one.campaign_id for one in self._found.values()}
        self._shared = campaigns.ask_shared(self._uow, campaign_ids, wait=wait)

    def members_of(self, sale: Sale) -> set[str]:
        """Whose the coupons of a sale are, before they are locked."""
        found = Tender(self._found).of(sale)
        return {one.member_id for one in found if one.member_id is not None}

    def send(self, *, lock: bool, wait: bool) -> None:
        """Asks for the coupons: share the campaigns and lock balances before, where they are locked."""
        coupon_ids = {one.coupon_id for one in self._found.values()}
        if not lock:
            self._shared = lambda: {one.campaign_id for one in self._found.values()}
        self._coupons = ask_tendered(self._uow, coupon_ids, lock=lock, wait=wait)

    def answer(self, held: Collection[str]) -> Tender:
        """Waits for them. `held`: members who are looked after. Raises Overtaken where a coupon is another's now."""
        shared = self._shared()
        coupons = {one: kept for one, kept in self._coupons().items() if kept.coupon.terms.campaign_id in shared}
        owners = {kept.coupon.member_id for kept in coupons.values()} - {None}
        if not owners <= set(held):
            raise Overtaken
        return Tender(self._found, coupons)
