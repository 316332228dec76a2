"""The routes of coupons."""

from __future__ import annotations

from app.coupons.campaigns.api import campaigns

ROOMS = (campaigns,)
