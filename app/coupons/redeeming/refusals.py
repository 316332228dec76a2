"""Why the coupon whose code is in the path isn't applicable: problems of their own, under the codes of `why_not`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from app.coupons.bill.why_not import Code, WhyNot
from app.foundation.http.contract.shapes import integer
from app.foundation.problems import DomainError, Flaw
from app.members.errors import MemberIsFrozen

_MORE = {"below-minimum": {"missing": integer(1, description="What is missing to the minimum, in minor units.")}}


def _refusal(code: Code) -> type[DomainError]:
    named = {"code": code, "status": 422, "title": WhyNot(code).detail, "more": _MORE.get(code, {})}
    return type(f"Coupon{code.title().replace('-', '')}", (DomainError,), named)


REFUSALS: Mapping[Code, type[DomainError]] = {
    **{code: _refusal(code) for code in get_args(Code) if code not in ("member-frozen", "not-in-best")},
    "member-frozen": MemberIsFrozen,
}
ALL_REFUSALS = tuple(REFUSALS.values())
_OF_A_BILL = {"no-matching-item", "below-minimum", "exclusive", "stacking-conflict", "nothing-left", "not-with-points"}
HINDRANCES = tuple(refusal for code, refusal in REFUSALS.items() if code not in _OF_A_BILL)
"""What may be told whatever is on the bill."""


def not_applicable(against: WhyNot) -> DomainError:
    """The refusal, with a flaw at `/code`."""
    more: dict[str, Any] = {} if against.missing is None else {"missing": against.missing}
    return REFUSALS[against.code](against.detail, flaws=[Flaw("/code", against.code, against.detail)], **more)
