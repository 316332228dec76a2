"""Coupons that are redeemed apart from the report of their sale, which comes later or from elsewhere.

Sales look for what was redeemed under their references only of merchants that do so (`Directory.redeems_apart`), and keep
it still until they are recorded (docs/locks.md): so a coupon is redeemed before its sale, and linked to it, or refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.coupons.bill.judging import Occasion
from app.coupons.bill.lines import Line, bill_of
from app.coupons.bill.together import Reckoning, reckon
from app.coupons.campaigns.queries import ask_shared
from app.coupons.errors import PaymentEvidenceMissing
from app.coupons.redeeming import holding, same_bill
from app.coupons.redeeming import queries as redemptions
from app.coupons.redeeming.queries import RedeemedApart
from app.coupons.redeeming.redemptions import BillPaid, Redemptions
from app.coupons.redeeming.refusals import not_applicable
from app.coupons.redeeming.tendered import Tendered, ask_tendered
from app.districts import queries as districts
from app.districts import services as district_services
from app.districts.queries import Shop
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.i18n import words as _l
from app.foundation.problems import Flaw, ValidationFailed
from app.foundation.tenancy import Principal
from app.transactions import configuration
from app.transactions.errors import NOT_ACCEPTED, ReferenceConflict, SaleAlreadyRecorded
from app.transactions.reports import BillReport
from app.transactions.sales import differing
from app.transactions.sales.queries import ask_met


class Answered(NamedTuple):
    """A redemption by its id, and whether it was made only now."""

    redemption_id: str
    is_new: bool


def announce(principal: Principal, store_id: str | None) -> None:
    """Lets the sales of a store's merchant look for what was redeemed before them, from the first time on.

    Raises NotFound, ValidationFailed.
    """
    known = configuration.remembered(principal.district_id)
    shop = None if known is None else known.directory.by_id.get(store_id or principal.store_id or "")
    if known is not None and shop is not None and shop.merchant_id in known.directory.redeems_apart:
        return
    with unit_of_work(principal) as uow:
        merchant_id = holding.shop_of(uow, store_id).merchant_id
        if not districts.redeems_apart(uow, merchant_id):
            district_services.let_redeem_apart(uow, merchant_id)


def redeem(uow: UnitOfWork, code: str, bill: BillReport) -> Answered:
    """Redeems a coupon for a bill whose sale hasn't been reported, or gives what was redeemed before; announce it first.

    Raises CodeMistyped, NotFound, ValidationFailed, PaymentEvidenceMissing, ReferenceConflict, SaleAlreadyRecorded, one of
    ALL_REFUSALS.
    """
    shop = holding.shop_of(uow, bill.store_id)
    if not shop.accepts_at(uow.now):
        raise ValidationFailed.at("/store_id", "not-accepted-here", NOT_ACCEPTED)
    found = holding.find_of_code(uow, code)
    redemptions.lock_reference(uow, shop.merchant_id, bill.reference)
    earlier = redemptions.apart_under(uow, shop.merchant_id, bill.reference)
    again = next((one for one in earlier if one.coupon_id == found.coupon_id), None)
    if again is not None:
        _check_same(again, bill, shop)
        return Answered(again.redemption_id, False)
    met = ask_met(uow, [(shop.merchant_id, bill.reference)], (), ())()
    if met:
        raise SaleAlreadyRecorded(transaction_id=f"txn_{met[0].id}")
    ask_shared(uow, [found.campaign_id])()
    tendered = ask_tendered(uow, [found.coupon_id])()
    before = [one for one in earlier if one.is_open]
    reckoning = _reckon(uow, bill, shop, tendered[found.coupon_id], before)
    return Answered(_use(uow, bill, shop, tendered, reckoning), True)


def _reckon(
    uow: UnitOfWork, bill: BillReport, shop: Shop, tendered: Tendered, before: Sequence[RedeemedApart]
) -> Reckoning:
    """What a coupon takes off what those redeemed before leave of the bill: nothing but its own part."""
    kept = ask_tendered(uow, [one.coupon_id for one in before], lock=False)()
    granted = same_bill.granted([(one, kept[one.coupon_id].coupon) for one in before], bill.amount, bill.items)
    zone = ZoneInfo(districts.district(uow).time_zone)
    where = (shop.merchant_id, shop.store_id, shop.category, bill.channel)
    items = [Line(one["amount"], one["quantity"], one["sku"], one["category"]) for one in bill.items]
    occasion = Occasion(uow.now, zone, *where, reference=bill.reference)
    reckoning = reckon(bill_of(bill.amount, items), occasion, [tendered.coupon], granted)
    against = reckoning.refused.get(tendered.coupon.coupon_id)
    if against is not None:
        raise not_applicable(against)
    if tendered.coupon.terms.funding["government"]:
        words = _l("Such a coupon is redeemed by the report of its sale, with its payment.")
        raise PaymentEvidenceMissing(words, flaws=[Flaw("/code", PaymentEvidenceMissing.code, words)])
    own = [one for one in reckoning.applied if one.coupon is tendered.coupon]
    return replace(reckoning, applied=tuple(own))


def _use(uow: UnitOfWork, bill: BillReport, shop: Shop, tendered: Mapping[str, Tendered], reckoning: Reckoning) -> str:
    paid = BillPaid(
        shop.merchant_id,
        shop.store_id,
        bill.reference,
        bill.amount,
        uow.principal.id,
        channel=bill.channel,
        items=[same_bill.kept(one) for one in bill.items] or None,
        body_print=_print(bill, shop),
    )
    part = Redemptions(uow, tendered)
    [row] = part.use(paid, reckoning.applied)
    part.write()
    return str(row["id"])


def _print(bill: BillReport, shop: Shop) -> bytes:
    return same_bill.print_of(shop.store_id, bill.amount, bill.channel, bill.items)


def _check_same(row: RedeemedApart, bill: BillReport, shop: Shop) -> None:
    """Raises ReferenceConflict where the coupon was redeemed for another bill of this reference."""
    if row.body_print == _print(bill, shop):
        return
    now = (bill.amount, shop.store_id, bill.channel, [same_bill.kept(one) for one in bill.items] or None)
    then = (row.amount, row.store_id, row.channel, row.items)
    pointers = ("/amount", "/store_id", "/channel", "/items")
    differs = [one for one, a, b in zip(pointers, now, then, strict=True) if a != b]
    raise ReferenceConflict(flaws=list(map(differing.flaw, differs)))
