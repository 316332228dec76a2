"""Claims of coupons, by members themselves or by keys, with proof of presence where points are spent."""

from __future__ import annotations

from app.coupons.campaigns import queries as campaigns
from app.coupons.issuing import claiming
from app.coupons.issuing.claiming import GivenCoupon
from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import NotFound, ValidationFailed
from app.members import queries as members
from app.members import services as member_services
from app.members.codes import keys as code_keys
from app.members.codes import queries as code_queries
from app.members.codes.guessing import Guesses
from app.members.codes.presence_tokens import Presence, read_token
from app.members.errors import MemberCodeUsed
from app.points.programme import queries as programme
from app.transactions.codes.shown_codes import CODE, TOKEN, PresentedCode, Shown, read_shown
from app.transactions.errors import PresenceNeeded


def claim(
    uow: UnitOfWork,
    campaign_id: str,
    guesses: Guesses,
    *,
    member_id: str | None,
    member_code: str | None,
    presence_token: str | None,
) -> GivenCoupon:
    """A coupon for a member, who is signed in, named by a key or shows a code at it.

    Raises PresenceNeeded where a key may not spend points without a proof; NotFound, MemberCodeExpired, MemberCodeUsed,
    RateLimited for a code or token, and what `claiming.claim` raises.
    """
    campaign = campaigns.hold_campaign(uow, campaign_id)
    costs_points = campaign.terms["points_price"] is not None
    if member_code is not None or presence_token is not None:
        presented = _read(uow, member_code, presence_token, guesses, spends=costs_points)
        member_id = _welcome(uow, presented, member_id, spends=costs_points)
    elif costs_points and _needs_presence(uow):
        raise PresenceNeeded.at(CODE)
    return claiming.claim(uow, campaign, member_id)


def _needs_presence(uow: UnitOfWork) -> bool:
    principal = uow.principal
    is_trusted = principal.kind == "member" or principal.may("points:spend-unproven")
    return not is_trusted and programme.programme(uow).spend_proof == "code"


def _read(uow: UnitOfWork, code: str | None, token: str | None, guesses: Guesses, *, spends: bool) -> PresentedCode:
    """Who shows a live code or token that is still good for what it is shown for."""
    presence = None if token is None else read_token(uow.district_id, token)
    if presence is not None:
        _check_shop(uow, presence)
    [presented] = read_shown(uow, [Shown(code, token, presence and presence.store_id, None, guesses)])
    if presented.spend_refusal is not None:
        raise presented.spend_refusal
    if spends and presence is not None and code_queries.ask_used_tokens(uow, [presence])():
        raise MemberCodeUsed.at(TOKEN)
    return presented


def _check_shop(uow: UnitOfWork, presence: Presence) -> None:
    """A token was given at a store; elsewhere it is nobody's."""
    shop = districts.ask_shop(uow, presence.store_id)()
    if shop is None or not uow.principal.acts_for(shop.merchant_id, shop.store_id):
        raise NotFound.at(TOKEN, _l("presence token"))


def _welcome(uow: UnitOfWork, presented: PresentedCode, named: str | None, *, spends: bool) -> str:
    """Uses the proof up; its member, or whom it became part of, deals with the merchant from now on."""
    assert presented.member_id is not None, "what leads to nobody has been refused"
    members.lock_member_row(uow, presented.member_id)
    member_id = members.survivor_of(uow, presented.member_id)
    if named is not None and members.survivor_of(uow, named) != member_id:
        pointer = CODE if presented.token is None else TOKEN
        raise ValidationFailed.at(pointer, "another-member", _l("This is another member's."))
    if presented.minute is not None:
        code_keys.use_codes(uow, [(presented.member_id, presented.minute.step, uow.principal.store_id)])
        member_services.prove_members(uow, [member_id])
    elif presented.token is not None and spends:
        code_keys.use_tokens(uow, [presented.token])
    if uow.principal.merchant_id is not None:
        pair = (member_id, uow.principal.merchant_id)
        member_services.join_merchants(uow, [pair], way="code", is_proven=True)
    return member_id
