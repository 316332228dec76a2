"""Words of cases. Pure."""

from __future__ import annotations

STEPS = ("open", "answered", "withdrawn")
"""Open until somebody answers or its shopper withdraws it; then it is over."""
KINDS = ("complaint",)
REASONS = ("points-missing", "wrong-amount", "not-mine", "coupon", "goods", "other")
"""What may be wrong with a purchase, in one word."""
