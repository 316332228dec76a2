"""What may become of a redemption."""

from __future__ import annotations

from typing import Literal

RedemptionState = Literal["redeemed", "held", "released", "rejected", "returned", "rolled_back"]
STATES: tuple[RedemptionState, ...] = ("redeemed", "held", "released", "rejected", "returned", "rolled_back")
REASONS = ("same-member", "same-payer", "till-share", "staff", "outside-hours", "at-minimum", "refunded-soon")
"""Why a redemption of a government voucher is held."""
