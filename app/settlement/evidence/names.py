"""What lines of statements are called, on paper and on pages."""

from __future__ import annotations

from collections.abc import Mapping

from app.foundation.i18n import Words
from app.foundation.i18n import words as _l

LINES: Mapping[str, Words] = {
    "issue": _l("Points issued"),
    "acceptance": _l("Points accepted"),
    "coupon": _l("Coupons taken"),
    "coupon-funding": _l("Coupons funded"),
    "breakage": _l("Points that ended unused"),
    "debt": _l("Points that members owe"),
    "adjustment": _l("Points given or taken by hand"),
    "take-over": _l("Taken over of who has left"),
    "draw": _l("Drawn from the pool"),
    "correction": _l("Correction"),
}
