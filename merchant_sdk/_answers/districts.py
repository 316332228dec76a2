"""What the calls on districts, merchants, stores and keys answer, and on the programme. Instants in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from merchant_sdk._answers.reading import DECIMAL, INSTANT, TUPLE, Answer, one
from merchant_sdk._http.errors import Flaw, flaws_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey(Answer):
    """A key of a district, merchant or store. Its `secret` is told once, when it is made or rotated."""

    id: str
    name: str | None = None
    merchant_id: str | None = None
    store_id: str | None = None
    scopes: tuple[str, ...] = field(default=(), metadata=TUPLE)
    hint: str | None = None
    secret: str | None = field(default=None, repr=False)
    expires_at: datetime | None = field(default=None, metadata=INSTANT)
    revoked_at: datetime | None = field(default=None, metadata=INSTANT)
    created_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class District(Answer):
    """A business district. `api_key`, with its secret, comes only with the answer that creates it."""

    id: str
    name: str = ""
    slug: str = ""
    currency: str = "CNY"
    time_zone: str | None = None
    mode: str | None = None
    brand_color: str | None = None
    created_at: datetime | None = field(default=None, metadata=INSTANT)
    api_key: ApiKey | None = field(default=None, metadata=one(ApiKey))


@dataclass(frozen=True, slots=True, kw_only=True)
class Merchant(Answer):
    """A shop of the district; `code` is the district's own name for it."""

    id: str
    code: str = ""
    name: str = ""
    category: str | None = None
    created_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Store(Answer):
    """A place where a merchant sells."""

    id: str
    merchant_id: str = ""
    code: str = ""
    name: str = ""
    zone: str | None = None
    area_m2: int | None = None
    opening_hours: tuple[Mapping[str, Any], ...] | None = field(default=None, metadata=TUPLE)
    created_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme(Answer):
    """How points work. `point_value`: fen that one point takes off a bill; `expiry` as in the contract."""

    point_value: Decimal = field(metadata=DECIMAL)
    rounding: str | None = None
    pending_days: int = 0
    expiry: Mapping[str, Any] = field(default_factory=dict, hash=False)
    refund_policy: str | None = None
    max_spend_percent: int = 100
    min_spend_points: int = 0
    late_sale_days: int | None = None
    spend_proof: str | None = None
    merchant_campaigns: bool = False
    currency: str | None = None
    time_zone: str | None = None
    updated_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet(Answer):
    """Rules for earning: a draft (no `version`), or a published version that never changes.

    `warnings` are what may not be meant; they keep nobody from publishing.
    """

    id: str
    name: str = ""
    version: int | None = None
    status: str | None = None
    rules: tuple[Mapping[str, Any], ...] = field(default=(), hash=False, metadata=TUPLE)
    warnings: tuple[Flaw, ...] = field(default=(), metadata={"read": flaws_of})
    effective_at: datetime | None = field(default=None, metadata=INSTANT)
    created_at: datetime | None = field(default=None, metadata=INSTANT)
    published_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier(Answer):
    """What members reach by `points_earned` or `amount_spent` (fen) within `period_days`; the highest `rank` counts."""

    id: str
    name: str = ""
    rank: int = 0
    qualifies_by: str = ""
    threshold: int = 0
    period_days: int = 0
    created_at: datetime | None = field(default=None, metadata=INSTANT)
    updated_at: datetime | None = field(default=None, metadata=INSTANT)
