"""Rules, programmes and the movements of points, through the API."""

from __future__ import annotations

from typing import Any

from tests.factories.api import Reply
from tests.factories.districts import District


def base_rule(**changes: Any) -> dict[str, Any]:
    """One point per 100 fen, unless changed."""
    rule = {"key": "base", "kind": "base", "name": "1 point per yuan", "points": 1, "per_amount": 100}
    return {**rule, **changes}


def draft(district: District, *rules: dict[str, Any], name: str = "spring") -> Reply:
    """Keeps rules as a draft."""
    return district.api.post("/v1/rule-sets", {"name": name, "rules": list(rules)}, district.key)


def publish(district: District, rule_set_id: str, effective_at: str | None = None) -> Reply:
    """Publishes a draft."""
    body = {} if effective_at is None else {"effective_at": effective_at}
    return district.api.post(f"/v1/rule-sets/{rule_set_id}/publish", body, district.key)


def new_version(district: District, *rules: dict[str, Any], effective_at: str | None = None) -> dict[str, Any]:
    """Drafts rules and publishes them."""
    made = draft(district, *rules).ok(201)
    published: dict[str, Any] = publish(district, made["id"], effective_at).ok(200)
    return published


def change_programme(district: District, **changes: Any) -> Any:
    """Changes the programme."""
    return district.api.patch("/v1/programme", changes, district.key).ok(200)


def entries(district: District, member_id: str, query: str = "") -> list[dict[str, Any]]:
    """A member's movements, newest first."""
    page = district.api.get(f"/v1/members/{member_id}/points/entries{query}", district.key).ok()
    rows: list[dict[str, Any]] = page["data"]
    return rows


def adjust(district: District, member_id: str, points: int, reason: str = "goodwill") -> dict[str, Any]:
    """Gives or takes points by hand."""
    path = f"/v1/members/{member_id}/points/adjustments"
    made: dict[str, Any] = district.api.post(path, {"points": points, "reason": reason}, district.key).ok(201)
    return made


def figures(district: District, member_id: str) -> tuple[int, int, int]:
    """Available, pending and owed."""
    told = district.balance(member_id)
    return told["available"], told["pending"], told["owed"]


def multiplier(key: str, factor: str = "2.0", **changes: Any) -> dict[str, Any]:
    """A multiplier that the district pays."""
    rule = {"key": key, "kind": "multiplier", "name": key, "factor": factor}
    return {**rule, "funding": {"merchant": 0, "district": 100}, **changes}


def bonus(key: str, points: int = 50, min_amount: int = 100, **changes: Any) -> dict[str, Any]:
    """A bonus for sales of 1.00 and more; `conditions` are added to that."""
    conditions = {"min_amount": min_amount, **changes.pop("conditions", {})}
    return {"key": key, "kind": "bonus", "name": key, "points": points, "conditions": conditions, **changes}
