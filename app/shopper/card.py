"""The card: the member code, what is in the purse, and what an open page asks for to keep both fresh.

An open card asks every two seconds whether anything has changed, later more seldom; mostly the answer is 304. A stream for
each would hold one of the web server's threads, and ask the database all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from werkzeug.http import http_date

from app.coupons.issuing import queries as coupons
from app.coupons.issuing.present import usable_coupons
from app.districts import queries as districts
from app.foundation import symbols
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import said
from app.members.codes import rules as codes
from app.members.shown_tiers import tiers_of
from app.pages import formats
from app.pages.doors import Visit
from app.pages.outcomes import File, Go, Handed, Told, WebPage
from app.points.present import show_points
from app.points.programme.queries import programme
from app.points.purses import queries as purses
from app.shopper.door import home, shopper
from app.shopper.movements import newest
from app.signin.present import show_key
from app.signin.sessions.browsers import extend_session
from app.signin.sessions.own_codes import own_key


@shopper.page("", signed_in=False)
def without_slash(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """The address as people type it."""
    return Go(f"{home(visit.path)}/")


@shopper.page("/")
def card(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """The card."""
    own = visit.principal.id
    extend_session(uow)
    points = show_points(uow, own)
    shop = districts.shop_of_code(uow, visit.asked("shop")) if visit.asked("shop") else None
    soonest = usable_coupons(uow, own, most=1)
    values = {
        "points": points,
        "worth": worth_of(uow, points["spendable"]),
        "tier": tiers_of(uow, [own]).get(own),
        "coupon": soonest[0] if soonest else None,
        "coupons": coupons.count_usable(uow, own),
        "key_print": _print_of(own_key(uow)[2]),
        "now": _now(uow, own, points),
        "shop": shop,
    }
    return WebPage("shopper/card.html", values)


def worth_of(uow: UnitOfWork, points: int) -> int:
    """What points take off a bill, in minor units."""
    return int(Decimal(points) * programme(uow).point_value)


def _print_of(secret: bytes) -> str:
    """Tells a browser whether the key that it has is still this one; of 320 random bits nothing can be read from it."""
    return blake2b(secret, digest_size=8, person=b"card").hexdigest()


@shopper.data("/code-key")
def code_key(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """The key of this browser's codes, and the time by which they are made."""
    member_id, number, secret = own_key(uow)
    body = {**show_key(member_id, number, secret), "print": _print_of(secret)}
    return Told(body, headers={"Cache-Control": "no-store", **_time_of(uow)})


@shopper.data("/now")
def now(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """What an open card shows, in words."""
    own = visit.principal.id
    balance = purses.balance(uow, own)
    points = {**balance.as_figures(), "spendable": balance.spendable}
    return Told(_now(uow, own, points), headers=_time_of(uow))


def _now(uow: UnitOfWork, own: str, points: Mapping[str, Any]) -> Mapping[str, Any]:
    last = newest(uow, own)
    return {
        "available": formats.number(points["available"]),
        "pending": formats.number(points["pending"]),
        "worth": formats.money(worth_of(uow, points["spendable"]), districts.district(uow).currency),
        "movement": last.sequence if last else 0,
        "points": formats.signed(last.points) if last else "",
        "what": " · ".join(filter(None, (last.shop, said(last.what)))) if last else "",
    }


def _time_of(uow: UnitOfWork) -> dict[str, str]:
    """The time of a sandbox; everybody's is the web server's to say."""
    return {"Date": http_date(uow.now)} if uow.is_sandbox else {}


@shopper.data("/code.svg")
def picture(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """The code of this minute, for browsers that can't make it."""
    number, secret = own_key(uow)[1:]
    draw = symbols.code128 if visit.asked("symbol") == "code128" else symbols.qr
    drawn = draw(codes.make_code(number, secret, uow.now), "svg")
    return File(drawn.content, drawn.media_type)
