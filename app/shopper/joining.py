"""Joining: a poster's or receipt's QR code, a phone, its code and consents, the card. Who is a member only signs in."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlencode

from flask import request

from app.districts import queries as districts
from app.districts.queries import OpenShop
from app.foundation.database.once import do_once
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http import auditing
from app.foundation.jobs.queue import Job
from app.foundation.problems import DomainError, NotFound
from app.foundation.tenancy import Principal
from app.members import services as members
from app.members.rules import mask_phone
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, Refused, WebPage
from app.shopper import consents, forms, keeping
from app.shopper.door import home, session_cookie, shopper
from app.signin import services as signin
from app.signin.sessions import services as sessions
from app.signin.sessions.browsers import member_of
from app.signin.sms_codes import services as sms_codes
from app.transactions.claims import services as claims
from app.transactions.claims.guessing import one_secret

SEND = "app.signin.tasks.send_code"
JOINING = "joining"
_PERSONAL = ("none", "same-origin")
"""Whence a member came itself, by a scanner, an address or one of our pages: `Sec-Fetch-Site`."""


@shopper.page("/join", signed_in=False)
def join(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """The first page of who comes by a poster; a member goes on to the card, now as a member of that shop, too.

    A link of another site makes nobody a shop's member: then the member is asked.
    """
    named = visit.form.texts or request.args
    shop = _shop(uow, named.get("store", ""))
    receipt = named.get("receipt", "")
    if not visit.is_signed_in:
        return WebPage("shopper/join.html", {"shop": shop, "receipt": receipt})
    if receipt:
        return Go(f"{home(visit.path)}/receipt/{receipt}")
    if shop is None:
        return Go(f"{home(visit.path)}/")
    if request.headers.get("Sec-Fetch-Site") not in _PERSONAL:
        return WebPage("shopper/join_shop.html", {"shop": shop})
    return _join_shop(uow, visit, shop)


@shopper.page("/join/<store>", signed_in=False)
def join_by_poster(uow: UnitOfWork, visit: Visit, store: str, **_: str) -> Handed:
    """What a store's QR code leads to."""
    return Go(f"{home(visit.path)}/join?{urlencode({'store': store})}")


@shopper.act("/join/shop")
def join_shop(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """A member joins a shop."""
    shop = _shop(uow, visit.form.texts.get("store", ""))
    if shop is None:
        raise NotFound
    return _join_shop(uow, visit, shop)


def _join_shop(uow: UnitOfWork, visit: Visit, shop: OpenShop) -> Go:
    member = members.lock_present(uow, visit.principal.id)
    members.join_merchants(uow, [(member.id, shop.merchant_id)], way="sign-in", is_proven=True)
    return Go(f"{home(visit.path)}/?{urlencode({'told': 'joined', 'shop': shop.code})}")


def _shop(uow: UnitOfWork, code: str) -> OpenShop | None:
    return districts.shop_of_code(uow, code) if code else None


@shopper.act("/join", signed_in=False, form=forms.JoinForm(), again=join)
def ask_for_code(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """Send a code to a phone."""
    return _ask(uow, visit, visit.body)


@shopper.act("/join/again", signed_in=False)
def ask_again(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """Send another code to the same phone."""
    return _ask(uow, visit, keeping.kept(visit, JOINING))


def _ask(uow: UnitOfWork, visit: Visit, wanted: dict[str, str]) -> Handed:
    if "phone" not in wanted:
        return Go(f"{home(visit.path)}/join")
    challenge, _limits = sms_codes.ask_code(uow, wanted["phone"])
    known = {name: wanted[name] for name in ("phone", "store", "receipt") if wanted.get(name)}
    cookie = keeping.keep(visit, JOINING, {**known, "challenge": challenge.text})
    job = Job(SEND, (challenge.district_id, challenge.id))
    return Go(f"{home(visit.path)}/join/code", cookies=(cookie,), jobs=(job,))


@shopper.page("/join/code", signed_in=False)
def code(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """The code that was sent, and the consents of who is new."""
    asked = keeping.kept(visit, JOINING)
    if "challenge" not in asked:
        return Go(f"{home(visit.path)}/join")
    shop = _shop(uow, asked.get("store", ""))
    values = {"phone": mask_phone(asked["phone"]), "shop": shop, "offers": _offers(uow, shop)}
    return WebPage("shopper/code.html", values)


def _offers(uow: UnitOfWork, shop: OpenShop | None) -> list[consents.Offered]:
    return consents.offered(districts.district(uow).name, shop)


@shopper.act("/join/code", signed_in=False, form=forms.CodeForm(), again=code, own_transaction=True)
def sign_in(visit: Visit, **_: str) -> Handed:
    """Sign in, or join; a receipt that led here is claimed on the way."""
    asked = keeping.kept(visit, JOINING)
    if "challenge" not in asked:
        return Go(f"{home(visit.path)}/join")
    origin = auditing.origin_of_request()
    outcome = do_once(visit.principal, lambda uow: _signed_in(uow, visit, asked), origin=origin)
    if isinstance(outcome, DomainError):
        return Refused(outcome)
    cookies = (session_cookie(visit.path, outcome), keeping.forget(visit, JOINING))
    return Go(_first_page(visit, outcome, asked.get("receipt")), cookies=cookies)


def _signed_in(uow: UnitOfWork, visit: Visit, asked: dict[str, str]) -> str | DomainError:
    """The token of a session that begins. Who is new joins the shop by consent; a member does by having come to it."""
    shop = _shop(uow, asked.get("store", ""))
    given = consents.ticked(_offers(uow, shop), visit.body["consent"])
    proven = signin.prove(uow, challenge=asked["challenge"], code=visit.body["code"], store_id=None, consents=given)
    if isinstance(proven, DomainError):
        return proven
    if shop is not None and not proven.is_new:
        members.join_merchants(uow, [(proven.member_id, shop.merchant_id)], way="sign-in", is_proven=True)
    return sessions.start_in_browser(uow, proven.member_id)


def _first_page(visit: Visit, token: str, receipt: str | None) -> str:
    """The card; of a receipt that can't be claimed by itself, its page, which says why."""
    member = member_of(token)
    if not receipt or member is None:
        return f"{home(visit.path)}/?told=welcome"
    with suppress(DomainError):
        claim_receipt(member, receipt)
        return f"{home(visit.path)}/?told=claimed"
    return f"{home(visit.path)}/receipt/{receipt}"


def claim_receipt(member: Principal, secret: str) -> None:
    """Gives a member the sale of a receipt. Raises NotFound, ClaimExpired, MemberIsFrozen, RateLimited."""
    with one_secret(member.id):
        do_once(
            member,
            lambda uow: claims.claim_by_secret(uow, secret, member.id),
            origin=auditing.origin_of_request(),
        )
