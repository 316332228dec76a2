"""What the calls on campaigns answer. Amounts in fen, instants in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from merchant_sdk._answers.reading import INSTANT, TUPLE, Answer, many, one


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignCounts(Answer):
    """What has become of a campaign's coupons. `left` and `budget_left` are None where there is no limit."""

    issued: int = 0
    reserved: int = 0
    redeemed: int = 0
    expired: int = 0
    voided: int = 0
    left: int | None = None
    budget_left: int | None = None
    discount_given: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign(Answer):
    """An offer of coupons: its terms as they were sent, and `status`: draft, scheduled, running, paused or ended.

    `counts` come with `campaigns.get`, to whoever runs it.
    """

    id: str
    merchant_id: str | None = None
    status: str | None = None
    name: str = ""
    kind: str = ""
    description: str | None = None
    amount_off: int | None = None
    percent_off: int | None = None
    max_discount: int | None = None
    sku: str | None = None
    exchange_price: int | None = None
    min_amount: int = 0
    merchant_ids: tuple[str, ...] = field(default=(), metadata=TUPLE)
    store_ids: tuple[str, ...] = field(default=(), metadata=TUPLE)
    categories: tuple[str, ...] = field(default=(), metadata=TUPLE)
    channels: tuple[str, ...] = field(default=(), metadata=TUPLE)
    item_skus: tuple[str, ...] = field(default=(), metadata=TUPLE)
    item_categories: tuple[str, ...] = field(default=(), metadata=TUPLE)
    excluded_skus: tuple[str, ...] = field(default=(), metadata=TUPLE)
    usable: Mapping[str, Any] = field(default_factory=dict, hash=False)
    validity: Mapping[str, Any] = field(default_factory=dict, hash=False)
    stock: int | None = None
    per_day_stock: int | None = None
    per_member_limit: int | None = None
    per_member_per_day: int | None = None
    budget: int | None = None
    claim_window: Mapping[str, Any] | None = field(default=None, hash=False)
    release_times: tuple[str, ...] = field(default=(), metadata=TUPLE)
    audience: Mapping[str, Any] = field(default_factory=dict, hash=False)
    stacking_group: str | None = None
    exclusive: bool = False
    with_points: bool = True
    earns_points: bool = True
    funding: Mapping[str, Any] = field(default_factory=dict, hash=False)
    sponsor_merchant_id: str | None = None
    issuing: tuple[str, ...] = field(default=(), metadata=TUPLE)
    points_price: int | None = None
    trigger: Mapping[str, Any] | None = field(default=None, hash=False)
    on_refund: str = ""
    screening: Mapping[str, Any] = field(default_factory=dict, hash=False)
    counts: CampaignCounts | None = field(default=None, metadata=one(CampaignCounts))
    created_at: datetime | None = field(default=None, metadata=INSTANT)
    updated_at: datetime | None = field(default=None, metadata=INSTANT)
    published_at: datetime | None = field(default=None, metadata=INSTANT)
    paused_at: datetime | None = field(default=None, metadata=INSTANT)
    ended_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue(Answer):
    """Coupons for members who were named or described, given in the queue.

    `status`: queued, running, done; failed with `finished_at` where the campaign ended before, without while it waits for the
    next try; cancelled. `left_out`: members who were meant, and got none.
    """

    id: str
    campaign_id: str = ""
    status: str = ""
    issued: int = 0
    left_out: int = 0
    created_at: datetime | None = field(default=None, metadata=INSTANT)
    finished_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodesDownload(Answer):
    """That somebody was given the codes of a batch; `reason` says why again."""

    at: datetime | None = field(default=None, metadata=INSTANT)
    key_id: str = ""
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeBatch(Answer):
    """Codes for bearers, made in the queue: `issued` of `quantity` are there, `left_out` never come, where it was stopped.

    `status`: queued, running, done, or failed while it waits for the next try.
    """

    id: str
    campaign_id: str = ""
    name: str = ""
    status: str = ""
    quantity: int = 0
    issued: int = 0
    left_out: int = 0
    downloads: tuple[CodesDownload, ...] = field(default=(), metadata=many(CodesDownload))
    created_at: datetime | None = field(default=None, metadata=INSTANT)
    finished_at: datetime | None = field(default=None, metadata=INSTANT)
