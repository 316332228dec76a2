"""What coupons would take off a bill, and which of a member's would take most; nothing is recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from app.coupons.bill.best import best
from app.coupons.bill.codes import shown
from app.coupons.bill.together import Reckoning
from app.coupons.bill.why_not import WhyNot
from app.coupons.issuing import code_index
from app.coupons.redeeming.tendered import Tendered, ask_open_of
from app.districts.queries import Shop
from app.foundation import audit
from app.foundation.database.idempotency import StoredAnswer
from app.foundation.database.once import ToStore
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import said
from app.foundation.i18n import words as _l
from app.foundation.problems import ValidationFailed
from app.transactions.reports import BillQuestion
from app.transactions.sales.coupons import Coupons, bill_of_report, occasion_of
from app.transactions.sales.facts import Facts, ask_facts
from app.transactions.sales.sale import Sale


class Validated(NamedTuple):
    """What became of a question, as it is kept under an idempotency key: figures and ids, without codes."""

    discount_amount: int
    payable_amount: int
    coupons: list[dict[str, Any]]
    is_replay: bool = False


def validate(uow: UnitOfWork, sale: Sale, question: BillQuestion) -> Validated:
    """What a sale with these coupons would take off, as it would be judged now.

    By phone a merchant's key isn't told whether a coupon is that of its member. Raises what a report would be refused
    with, but that a coupon isn't applicable; and for `best` what stands against showing a member's codes.
    """
    sale.is_by_stranger = sale.principal.merchant_id is not None and sale.report.phone is not None
    facts, _ = ask_facts(uow, [sale], lock_budgets=False)
    [shop] = facts.shops
    if not isinstance(shop, Shop):
        raise shop
    buyer = None if sale.is_by_stranger else facts.buyer_of(sale)
    if question.best:
        return _best(uow, sale, facts, shop, _shows_codes(sale, buyer))
    coupons = Coupons(uow, facts.tender, facts.settings.directory.zone)
    presented, reckoning = coupons.consider(sale, shop, buyer, uow.now)
    tendered = (coupons.tendered(coupon.coupon_id) for coupon in presented.values())
    return _validated(reckoning, _considered(reckoning, tendered))


def _shows_codes(sale: Sale, buyer: str | None) -> str:
    """The member whose codes may be shown. Raises why not: a merchant's key needs them to be there."""
    if sale.principal.merchant_id is not None and not sale.is_present:
        if sale.presented is not None and sale.presented.spend_refusal is not None:
            raise sale.presented.spend_refusal
        words = _l("The member's live code is needed to see their coupons.")
        raise ValidationFailed.at("/member_code", "presence-needed", words)
    if buyer is None:
        raise ValidationFailed.at("/member_id", "member-needed", _l("Whose coupons? A member is needed."))
    return buyer


def _best(uow: UnitOfWork, sale: Sale, facts: Facts, shop: Shop, member_id: str) -> Validated:
    """What the best set of a member's coupons takes off, and why each other one isn't in it."""
    own = ask_open_of(uow, member_id)()
    if sale.principal.merchant_id is not None:
        own = [one for one in own if one.of_merchant_id in (None, sale.principal.merchant_id)]
    occasion = occasion_of(sale, shop, member_id, uow.now, facts.settings.directory.zone)
    reckoning = best(bill_of_report(sale.report), occasion, [one.coupon for one in own])
    details = {"coupons": len(own)}
    audit.record(uow, "member.coupons_read", member_id, details, actor=sale.principal, origin=sale.origin)
    considered = list(_considered(reckoning, own))
    for one, tendered in zip(considered, own, strict=True):
        is_for_others = sale.principal.merchant_id is not None and (one["why_not"] or [None])[0] == "wrong-shop"
        one["code_key"] = None if is_for_others else tendered.code_key
    return _validated(reckoning, considered)


def _considered(reckoning: Reckoning, tendered: Iterable[Tendered]) -> Iterator[dict[str, Any]]:
    discounts = {one.coupon.coupon_id: one.discount for one in reckoning.applied}
    for one in tendered:
        coupon_id = one.coupon.coupon_id
        why_not = reckoning.refused.get(coupon_id)
        yield {
            "coupon_id": coupon_id,
            "campaign_id": one.coupon.terms.campaign_id,
            "campaign_name": one.campaign_name,
            "discount_amount": discounts.get(coupon_id, 0),
            "why_not": why_not and [why_not.code, why_not.missing, why_not.with_coupon_id],
        }


def _validated(reckoning: Reckoning, coupons: Iterable[dict[str, Any]]) -> Validated:
    return Validated(reckoning.discount, reckoning.payable, list(coupons))


def to_store(validated: Validated) -> ToStore:
    """What is kept of an answer under an idempotency key."""
    discount_amount, payable_amount, coupons, _ = validated
    return 200, {"discount_amount": discount_amount, "payable_amount": payable_amount, "coupons": coupons}


def again(_: UnitOfWork, stored: StoredAnswer) -> Validated:
    """The answer of what was kept."""
    return Validated(**stored.answer, is_replay=True)


def show(validated: Validated, question: BillQuestion) -> dict[str, Any]:
    """An answer as the API shows it: codes as they were sent, or made again for whom they may be shown."""
    codes = [_code_again(one) for one in validated.coupons] if question.best else question.report.coupons
    coupons = [
        {
            "code": code,
            **{name: one[name] for name in ("coupon_id", "campaign_id", "campaign_name")},
            "applicable": one["why_not"] is None,
            "discount_amount": one["discount_amount"],
            **({} if one["why_not"] is None else {"why_not": _told(*one["why_not"])}),
        }
        for code, one in zip(codes, validated.coupons, strict=True)
    ]
    figures = {"discount_amount": validated.discount_amount, "payable_amount": validated.payable_amount}
    return {"object": "coupon_validation", **figures, "coupons": coupons}


def _code_again(one: dict[str, Any]) -> str | None:
    code = None if one["code_key"] is None else code_index.code_again(one["coupon_id"], one["code_key"])
    return code and shown(code)


def _told(code: Any, missing: int | None, with_coupon_id: str | None) -> dict[str, Any]:
    told = {"code": code, "detail": said(WhyNot(code).detail), "missing": missing, "with": with_coupon_id}
    return {name: value for name, value in told.items() if value is not None}
