"""Tiers, through the API."""

from __future__ import annotations

from typing import Any

from tests.factories.districts import District

MILLISECOND = len("evt_") + 12
"""So much of an id says when it was made."""


def new_tier(district: District, name: str = "Gold", rank: int = 2, **terms: Any) -> str:
    """A tier of 500 points in 30 days, unless told otherwise; gives its id."""
    body = {"qualifies_by": "points_earned", "threshold": 500, "period_days": 30, **terms}
    return str(district.api.post("/v1/tiers", {"name": name, "rank": rank, **body}, district.key).ok(201)["id"])


def change_tier(district: District, tier_id: str, **changes: Any) -> dict[str, Any]:
    """Changes a tier."""
    changed: dict[str, Any] = district.api.patch(f"/v1/tiers/{tier_id}", changes, district.key).ok(200)
    return changed


def tier_of(district: District, member_id: str) -> dict[str, Any] | None:
    """A member's tier as it is shown."""
    shown: dict[str, Any] | None = district.api.get(f"/v1/members/{member_id}", district.key).ok()["tier"]
    return shown


def name_of(district: District, member_id: str) -> str | None:
    """The name of a member's tier."""
    shown = tier_of(district, member_id)
    return None if shown is None else str(shown["name"])


def tier_events(district: District, member_id: str) -> list[tuple[str, str, str | None]]:
    """What was told of a member's tiers, oldest first: gained or lost, which, and the one before or left.

    What was told by two processes in one millisecond stands in the order in which one follows from the other.
    """
    found = []
    for kind, other in (("gained", "previous_tier_id"), ("lost", "remaining_tier_id")):
        page = district.api.get(f"/v1/events?type=member.tier_{kind}&limit=100", district.key).ok()
        found += [
            (event["id"], (kind, event["data"]["tier_id"], event["data"][other]))
            for event in page["data"]
            if event["data"]["member_id"] == member_id
        ]
    found.sort(reverse=True)
    told: list[tuple[str, str, str | None]] = []
    tier = None
    while found:
        moment = [one for one in found if one[0][:MILLISECOND] == found[-1][0][:MILLISECOND]]
        one = next((one for one in reversed(moment) if _before(one[1]) == tier), found[-1])
        found.remove(one)
        told.append(one[1])
        tier = one[1][1] if one[1][0] == "gained" else one[1][2]
    return told


def _before(event: tuple[str, str, str | None]) -> str | None:
    """The tier from which an event went."""
    kind, tier, other = event
    return other if kind == "gained" else tier
