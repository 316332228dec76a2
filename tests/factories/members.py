"""Enrolling and finding members."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from tests.factories.api import Reply
from tests.factories.districts import District, new_phone
from tests.factories.lists import ids


def enrol(district: District, key: str | None = None, **body: Any) -> Reply:
    """Enrols a phone, a new one if none is given."""
    return district.api.post("/v1/members", {"phone": new_phone(), **body}, key or district.key)


def find(district: District, phone: str, key: str | None = None) -> list[str]:
    """Ids of the members with a phone, as a key sees them."""
    page = district.api.get(f"/v1/members?phone={quote(phone, safe='')}", key or district.key).ok(200)
    assert page["has_more"] is False
    return ids(page)
