"""When coupons end: by their rows, or later, where a change of their campaign hasn't come to them yet."""

from __future__ import annotations

MOVABLE = "('issued', 'reserved', 'redeemed')"
"""What was last done with coupons that a later end moves: those that were used may be given back."""


def ends_at(coupon: str) -> str:
    """In SQL, when a coupon ends, whether or not a later end has come to its row. `coupon` names the row; `district` is a value.

    A change moves those that weren't over then, by the day of their issue; none ends earlier for it. A coupon that is over keeps
    its end, so whoever ends one writes it down.
    """
    return f"""greatest({coupon}.expires_at, (
        SELECT l.ends_at FROM later_ends AS l
        WHERE l.district_id = %(district)s AND l.campaign_id = {coupon}.campaign_id
          AND l.issued_from <= {coupon}.issued_at AND l.changed_at < {coupon}.expires_at AND {coupon}.status IN {MOVABLE}
        ORDER BY l.issued_from DESC, l.changed_at DESC LIMIT 1
    ))"""
