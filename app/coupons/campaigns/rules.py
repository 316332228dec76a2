"""What state a campaign is in by the clock, what it costs at most, and what may change once it runs: pure functions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

Status = Literal["draft", "scheduled", "running", "paused", "ended"]
STATUSES: tuple[Status, ...] = ("draft", "scheduled", "running", "paused", "ended")
KINDS = ("amount_off", "percent_off", "exchange")
WAYS = ("claim", "targeted", "code_batch", "points", "automatic")
CLAIMS = frozenset({"claim", "points"})
"""Ways of issuing in which members come by themselves: the window, the stock a day and the audience are for these."""
Terms = Mapping[str, Any]
"""A campaign as it is kept: every field of `schemas.CampaignFields`, as JSON."""


class Course(NamedTuple):
    """What has been done with a campaign, and the instants between which it can be claimed.

    `is_only_claimed`: no other way of issuing goes on when claims have ended.
    """

    published_at: datetime | None
    paused_at: datetime | None
    ended_at: datetime | None
    claims_from: datetime | None = None
    claims_until: datetime | None = None
    is_only_claimed: bool = True

    def status(self, now: datetime) -> Status:
        """The state at an instant, whether or not anybody has looked before."""
        if self.published_at is None:
            return "draft"
        if self.paused_at is not None:
            return "paused"
        if self.ended_at is not None or (self.is_only_claimed and self.are_claims_over(now)):
            return "ended"
        return "scheduled" if self.claims_from is not None and now < self.claims_from else "running"

    def are_claims_over(self, now: datetime) -> bool:
        """Whether the window in which members claim has ended."""
        return self.claims_until is not None and now >= self.claims_until


def course_of(
    terms: Terms, published_at: datetime | None, paused_at: datetime | None, ended_at: datetime | None
) -> Course:
    """The course of a campaign with these terms."""
    window = terms["claim_window"] or {}
    start, until = (window.get(end) and datetime.fromisoformat(window[end]) for end in ("from", "to"))
    return Course(published_at, paused_at, ended_at, start, until, set(terms["issuing"]) <= CLAIMS)


def largest_discount(terms: Terms) -> int:
    """What one coupon takes off at most, in minor units: set aside when it is issued. 0 where nothing bounds it."""
    return int(terms["amount_off"] if terms["kind"] == "amount_off" else terms["max_discount"] or 0)


_HIGHER = ("stock", "per_day_stock", "per_member_limit", "per_member_per_day", "budget")
_MORE_PLACES = ("merchant_ids", "store_ids", "categories", "channels")
_FREE = frozenset({"name", "description"})
_LATER = ("validity", "claim_window")
CHANGEABLE = (*sorted(_FREE), *_HIGHER, *_MORE_PLACES, *_LATER, "min_amount")
"""What of a published campaign may change at all, in favour of members."""


def less_generous(old: Terms, new: Terms) -> Iterator[str]:
    """Pointers to what a published campaign may not become.

    Limits grow or go, ends come later, places are added, the minimum falls, words change; nothing else does.
    """
    for name in old:
        if old[name] == new[name] or name in _FREE:
            continue
        if name in _LATER:
            yield from _earlier(name, old[name], new[name])
        elif not _is_more(name, old[name], new[name]):
            yield f"/{name}"


def _is_more(name: str, old: Any, new: Any) -> bool:
    if name in _HIGHER:
        return old is not None and (new is None or new > old)
    if name in _MORE_PLACES:
        return bool(old) and (not new or set(new) >= set(old))
    return name == "min_amount" and new < old


def _earlier(name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Iterator[str]:
    """Of two spans that differ, what is not a later end."""
    if old is None or new is None or old.keys() != new.keys():
        yield f"/{name}"
        return
    for part, later in (("from", False), ("wait_days", False), ("to", True), ("days_after_issue", True)):
        if part in old and old[part] != new[part] and not (later and _instant(new[part]) > _instant(old[part])):
            yield f"/{name}/{part}"


def _instant(value: str | int) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def of_its_own_shops(terms: Terms, merchant_id: str, store_ids: Collection[str]) -> Iterator[str]:
    """Pointers to what a merchant's own campaign may not have: it is paid by it wholly, and counts at its shops."""
    if terms["funding"] != {"district": 0, "merchant": 100, "government": 0}:
        yield "/funding"
    if terms["merchant_ids"] != [merchant_id]:
        yield "/merchant_ids"
    if not set(terms["store_ids"]) <= set(store_ids):
        yield "/store_ids"
    if terms["sponsor_merchant_id"] not in (None, merchant_id):
        yield "/sponsor_merchant_id"
