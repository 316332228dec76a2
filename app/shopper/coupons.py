"""Coupons: what can be claimed, what one has, what is over, and the code to show at the till."""

from __future__ import annotations

from urllib.parse import urlencode

from app.coupons.issuing import queries
from app.coupons.issuing.present import past_coupons, show_coupon, usable_coupons
from app.coupons.offers.present import newest_offers
from app.foundation import symbols
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.problems import NotFound
from app.members.codes.guessing import Guesses
from app.pages.doors import Visit
from app.pages.outcomes import File, Go, Handed, WebPage
from app.shopper import forms
from app.shopper.door import home, shopper
from app.transactions.coupon_claims import services as coupon_claims

_MOST = 100
_SHELVES = ("claim", "mine", "past")


@shopper.page("/coupons")
def coupons(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """One of three shelves: to claim, mine, past. Who has some to use sees those first."""
    own, asked = visit.principal.id, visit.asked("show")
    mine = usable_coupons(uow, own, _MOST)
    shelf = asked if asked in _SHELVES else "mine" if mine else "claim"
    values = {
        "shelf": shelf,
        "mine": mine,
        "offers": newest_offers(uow, _MOST) if shelf == "claim" else [],
        "past": past_coupons(uow, own, _MOST) if shelf == "past" else [],
    }
    return WebPage("shopper/coupons.html", values)


def _shelf_again(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """The offers, with what was against a claim."""
    values = {"shelf": "claim", "mine": [], "offers": newest_offers(uow, _MOST), "past": []}
    return WebPage("shopper/coupons.html", values)


@shopper.act("/coupons", form=forms.ClaimForm(), again=_shelf_again)
def claim_coupon(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """Claim one."""
    nobody = Guesses(visit.principal, None, [])
    given = coupon_claims.claim(
        uow, visit.body["campaign_id"], nobody, member_id=None, member_code=None, presence_token=None
    )
    return Go(f"{home(visit.path)}/coupons/{given.coupon.id}?{urlencode({'told': 'coupon'})}")


@shopper.page("/coupons/<cpn:coupon_id>")
def coupon(uow: UnitOfWork, visit: Visit, coupon_id: str, **_: str) -> Handed:
    """One coupon, with its code."""
    return WebPage("shopper/coupon.html", {"coupon": show_coupon(uow, queries.find_own(uow, coupon_id))})


@shopper.data("/coupons/<cpn:coupon_id>/code.svg")
def coupon_picture(uow: UnitOfWork, visit: Visit, coupon_id: str, **_: str) -> Handed:
    """Its code, drawn."""
    code = show_coupon(uow, queries.find_own(uow, coupon_id))["code"]
    if code is None:
        raise NotFound
    draw = symbols.code128 if visit.asked("symbol") == "code128" else symbols.qr
    drawn = draw(code.replace("-", ""), "svg")
    return File(drawn.content, drawn.media_type)
