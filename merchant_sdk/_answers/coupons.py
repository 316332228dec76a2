"""What the calls on coupons answer. Instants in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from merchant_sdk._answers.reading import INSTANT, Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupon(Answer):
    """A coupon: usable from `usable_from` until before `expires_at`; `words` say what it gives.

    `status`: issued, reserved, redeemed, expired or voided. A merchant is told no `code` (`code_hint` is its end), and by a
    code no member.
    """

    id: str
    code: str | None = field(default=None, repr=False)
    code_hint: str = ""
    campaign_id: str = ""
    campaign_name: str = ""
    kind: str = ""
    words: str = ""
    member_id: str | None = None
    status: str = ""
    usable_from: datetime | None = field(default=None, metadata=INSTANT)
    expires_at: datetime | None = field(default=None, metadata=INSTANT)
    issued_at: datetime | None = field(default=None, metadata=INSTANT)
    ended_at: datetime | None = field(default=None, metadata=INSTANT)
