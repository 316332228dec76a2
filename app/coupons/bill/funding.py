"""Who pays for a discount, and for what is left of it after refunds. Pure; amounts in fen."""

from __future__ import annotations

from collections.abc import Mapping

from app.coupons.bill.terms import FUNDERS, Funder
from app.foundation.figures.shares import shares


def funded(discount: int, funding: Mapping[Funder, int]) -> dict[Funder, int]:
    """What each funder pays of a discount: by largest remainder, ties in the order of `FUNDERS`."""
    return shares(discount, {funder: funding.get(funder, 0) for funder in FUNDERS})


def funded_still(left: int, funding: Mapping[Funder, int], before: Mapping[Funder, int]) -> dict[Funder, int]:
    """What each funder pays of what is left of a discount: the same, but nobody more than `before`."""
    weights = {funder: funding.get(funder, 0) for funder in FUNDERS}
    return shares(left, weights, {funder: before.get(funder, 0) for funder in FUNDERS})
