"""Coupons that cost points. Points stand beside this room: `app/wiring.py` says who takes them, and gives them back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from app.coupons.campaigns.rules import Terms
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.figures.shares import shares

Parts = Mapping[str, int]
"""Points by who accepts them: the district's id, or a merchant's."""
Take = Callable[[str], None]
"""Takes the points that are held, for the coupon of an id."""
GiveBack = Callable[[Mapping[str, str]], None]
"""Gives back what coupons cost, by their ids: each in the journal named."""
WHO_HOLDS: list[Callable[[UnitOfWork, str, Parts], Take]] = []
"""Who holds a member's points, of which a coupon costs some, and refuses where there are too few."""
WHO_GIVES_BACK: list[Callable[[UnitOfWork, Collection[str]], GiveBack]] = []
"""Who holds the points of members whose coupons are taken back."""


def price_of(terms: Terms, district_id: str) -> Parts:
    """The points that a coupon costs, by funders who have a name; in their shares. Nothing where it is free."""
    if terms["points_price"] is None:
        return {}
    funders = {district_id: terms["funding"]["district"]}
    if terms["sponsor_merchant_id"] is not None:
        funders[terms["sponsor_merchant_id"]] = terms["funding"]["merchant"]
    return {one: points for one, points in shares(terms["points_price"], funders).items() if points}


def hold_points(uow: UnitOfWork, member_id: str, price: Parts) -> Take | None:
    """Holds a member's points, before slices: call the result when the coupon is there. None where it is free.

    Raises what says that the member can't spend so many. Hold the member before.
    """
    return WHO_HOLDS[0](uow, member_id, price) if price else None


def hold_to_give_back(uow: UnitOfWork, member_ids: Collection[str]) -> GiveBack:
    """Holds points of members, before their coupons: call the result when these are taken back. Hold the members before."""
    return WHO_GIVES_BACK[0](uow, member_ids)
