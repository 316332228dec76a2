"""The routes of coupons."""

from __future__ import annotations

from app.coupons.campaigns.api import campaigns
from app.coupons.issuing.api import claims, coupons, member_coupons

ROOMS = (campaigns, claims, member_coupons, coupons)
