"""Government vouchers that are redeemed with sales, as a part of a unit of work: screened, and written down as evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from app.coupons.bill.terms import Terms
from app.coupons.errors import PaymentEvidenceMissing
from app.coupons.events import RedemptionHeld
from app.coupons.vouchers.chain import masked_number
from app.coupons.vouchers.facts import Facts, Voucher, ask_facts
from app.coupons.vouchers.rows import Counted, NewRow, add_rows, when_and_who
from app.coupons.vouchers.screening import Reason, Use, is_at_minimum, reasons_against
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import Flaw


def is_government(terms: Terms) -> bool:
    """Whether coupons of a campaign are government vouchers."""
    return terms.funding.get("government", 0) > 0


def check_evidence(terms: Iterable[Terms], payment_reference: str | None) -> None:
    """Raises PaymentEvidenceMissing where there is a government voucher among coupons and no payment to show for it."""
    if payment_reference is None and any(map(is_government, terms)):
        words = _l("A government voucher is only redeemed with the payment company's number.")
        raise PaymentEvidenceMissing(words, flaws=[Flaw("/payment_reference", PaymentEvidenceMissing.code, words)])


class Vouchers:
    """The government vouchers of a set of sales, in order. Without any, nothing is asked or written."""

    def __init__(self, uow: UnitOfWork, zone: ZoneInfo) -> None:
        self._uow = uow
        self._today = uow.now.astimezone(zone).date()
        self._vouchers: list[Voucher] = []

    def add(self, voucher: Voucher) -> None:
        """Takes in a voucher. Its sale has a payment reference; its member's balance is locked."""
        self._vouchers.append(voucher)

    def write(self) -> None:
        """Marks what looks odd, before the redemptions are sent, and sends the evidence."""
        if not self._vouchers:
            return
        facts = ask_facts(self._uow, self._vouchers, self._today)
        add_rows(self._uow, [self._row(one, facts) for one in self._vouchers])
        self._uow.emit(*(_held(one.redemption) for one in self._vouchers if one.redemption["reasons"]))

    def _row(self, voucher: Voucher, facts: Facts) -> NewRow:
        """The evidence of a voucher, once it is marked."""
        redemption = voucher.redemption
        number, tags = facts.holders.get(voucher.member_id or "", (None, ()))
        limits = facts.limits[redemption["campaign_id"]]
        at_minimum = is_at_minimum(voucher.matching_amount, voucher.terms.min_amount, limits)
        till, store_id = redemption["principal_id"], redemption["store_id"]
        use = Use(till, store_id, voucher.member_id, frozenset(tags), at_minimum, voucher.is_outside_hours)
        counts = facts.counts[redemption["campaign_id"]]
        counts.add(use)
        _mark(redemption, reasons_against(use, counts, limits))
        content = {
            "kind": "redemption",
            "redemption_id": redemption["id"],
            "campaign_id": redemption["campaign_id"],
            "coupon_index": facts.code_indexes[redemption["coupon_id"]].hex(),
            "member_number": number and masked_number(number),
            "merchant_id": redemption["merchant_id"],
            "store_id": store_id,
            "amount": redemption["amount"],
            "discount_amount": redemption["discount_amount"],
            "government_amount": redemption["government_part"],
            "payment_reference": redemption["payment_reference"],
            **when_and_who(self._uow, voucher.occurred_at, till),
            "state": redemption["state"],
            "reasons": redemption["reasons"],
        }
        return NewRow("redemption", content, Counted(till, store_id, voucher.member_id, self._today, at_minimum))


def _mark(redemption: dict[str, Any], reasons: list[Reason]) -> None:
    redemption["reasons"] = reasons
    if reasons:
        redemption["state"] = "held"


def _held(redemption: Mapping[str, Any]) -> RedemptionHeld:
    return RedemptionHeld(
        redemption["id"],
        redemption["campaign_id"],
        redemption["merchant_id"],
        redemption["store_id"],
        tuple(redemption["reasons"]),
    )
