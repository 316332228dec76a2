"""Complaints of shoppers, who are signed in. Needs the context of an application."""

from __future__ import annotations

from typing import Any

from tests.factories.api import Reply
from tests.factories.districts import District
from tests.factories.shoppers import signed_in

MISSING = {"reason": "points-missing", "description": "少算了一杯茶的积分"}


def complain(district: District, member_id: str, transaction_id: str, token: str = "", **more: Any) -> Reply:
    """A member says that points are missing, unless told otherwise."""
    token = token or signed_in(district.id, member_id).access_token
    return district.api.post("/v1/cases", {"transaction_id": transaction_id, **MISSING, **more}, token)
