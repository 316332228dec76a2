"""The routes of coupons."""

from __future__ import annotations

from app.coupons.bulk.api import campaign_codes, campaign_voids, code_batches
from app.coupons.bulk.binding_api import binding
from app.coupons.campaigns.api import campaigns
from app.coupons.giving.api import campaign_issues, issues
from app.coupons.issuing.api import coupons, member_coupons
from app.coupons.offers.api import district_offers
from app.coupons.redeeming.api import holds, redemptions
from app.coupons.vouchers.api import evidence, reviews

ROOMS = (
    campaigns,
    campaign_codes,
    campaign_voids,
    code_batches,
    binding,
    campaign_issues,
    issues,
    member_coupons,
    coupons,
    district_offers,
    holds,
    redemptions,
    reviews,
    evidence,
)
