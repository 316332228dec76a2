"""How the programme and rule sets are shown."""

from __future__ import annotations

from typing import Any

from app.foundation.clock import format_instant
from app.points.earning.review import warnings_of_rules
from app.points.programme.models import Programme, RuleSetRow


def show_programme(row: Programme) -> dict[str, Any]:
    """A programme as the API shows it."""
    return {
        "object": "programme",
        "point_value": format(row.point_value.normalize(), "f"),
        "rounding": row.rounding,
        "pending_days": row.pending_days,
        "expiry": row.expiry,
        "refund_policy": row.refund_policy,
        "max_spend_percent": row.max_spend_percent,
        "min_spend_points": row.min_spend_points,
        "late_sale_days": row.late_sale_days,
        "spend_proof": row.spend_proof,
        "merchant_campaigns": row.merchant_campaigns,
        "updated_at": format_instant(row.updated_at),
    }


def show_rule_set(row: RuleSetRow) -> dict[str, Any]:
    """A draft or version as the API shows it."""
    return {
        "object": "rule_set",
        "id": row.id,
        "name": row.name,
        "version": row.version,
        "status": "draft" if row.version is None else "published",
        "rules": row.rules,
        "warnings": [flaw.as_dict() for flaw in warnings_of_rules(row.rules)],
        "effective_at": row.effective_at and format_instant(row.effective_at),
        "created_at": format_instant(row.created_at),
        "published_at": row.published_at and format_instant(row.published_at),
    }
