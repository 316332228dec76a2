"""`/console/coupons`: a coupon found by its code, with what became of it."""

from __future__ import annotations

from typing import Any

from app.console.door import console, must
from app.console.offers.campaigns import ISSUE
from app.console.places import HOME
from app.coupons.bulk.schemas import BindingBody
from app.coupons.campaigns.queries import campaigns_by_id
from app.coupons.guessing import one_guess_of
from app.coupons.issuing import queries, voiding
from app.coupons.issuing.present import show_coupon_of_code, void_words
from app.coupons.redeeming import queries as redemptions
from app.coupons.redeeming.present import show_redemption
from app.districts import queries as districts
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.fields import Text
from app.pages.doors import Visit
from app.pages.outcomes import Handed, WebPage

HERE = f"{HOME}/coupons"


class VoidForm(BindingBody):
    """A coupon by its code, and why it is taken back."""

    reason = Text(500, required=True)


@console.page("/coupons")
def ask_code(uow: UnitOfWork, visit: Visit) -> Handed:
    """A field for a code; below it the coupon, where only the way to take it back was flawed."""
    must(visit, "coupons:read")
    return WebPage("console/coupon.html", {"coupon": None})


@console.act("/coupons", form=BindingBody(), again=ask_code)
def find_coupon(uow: UnitOfWork, visit: Visit) -> Handed:
    """Whose campaign a coupon is of, and what became of it; to a merchant nothing of the member."""
    must(visit, "coupons:read")
    return WebPage("console/coupon.html", _life(uow, visit))


def _life(uow: UnitOfWork, visit: Visit) -> dict[str, Any]:
    """A coupon from its issue on. Raises CodeMistyped, NotFound, RateLimited."""
    with one_guess_of(visit.principal):
        row = queries.coupon_of_code(uow, visit.body["code"])
    campaign = campaigns_by_id(uow, [row.campaign_id])[row.campaign_id]
    is_own = visit.principal.merchant_id in (None, campaign.merchant_id)
    return {
        "coupon": show_coupon_of_code(uow, row),
        "code": visit.body["code"],
        "bound_at": row.bound_at,
        "void_reason": void_words(row) if is_own else None,
        "uses": [show_redemption(one) for one in redemptions.of_coupon(uow, row.id)],
        "stores": {one.id: one.name for one in uow.session.scalars(districts.stores(uow))},
        "may_void": is_own and visit.principal.may(ISSUE),
        "zone": districts.district(uow).time_zone,
        "currency": districts.district(uow).currency,
    }


@console.act("/coupons/void", form=VoidForm(), again=ask_code)
def void_coupon(uow: UnitOfWork, visit: Visit) -> Handed:
    """Takes it back."""
    must(visit, ISSUE)
    with one_guess_of(visit.principal):
        coupon = voiding.void(uow, visit.body["code"], visit.body["reason"])
    audit.record(uow, "coupon.voided", coupon.id)
    return WebPage("console/coupon.html", {**_life(uow, visit), "told": "voided"})
