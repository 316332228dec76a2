"""What campaigns look like."""

from __future__ import annotations

from app.coupons.campaigns.rules import STATUSES
from app.coupons.campaigns.schemas import CampaignFields, CampaignFunding
from app.foundation.http.accepted import shape_as_kept
from app.foundation.http.contract.shapes import (
    extended,
    instant,
    integer,
    nullable,
    one_of,
    page_of,
    public_id,
    record,
    thing,
)

_NEVER = {**nullable(instant()), "examples": [None]}
CAMPAIGN = thing(
    "campaign",
    {
        "id": public_id("cam"),
        "merchant_id": {**nullable(public_id("mer")), "description": "Whose it is; null for the alliance's."},
        "status": one_of(*STATUSES),
        **shape_as_kept(CampaignFields())["properties"],
        "funding": shape_as_kept(CampaignFunding()),
        "created_at": instant(),
        "updated_at": instant(),
        "published_at": _NEVER,
        "paused_at": _NEVER,
        "ended_at": _NEVER,
    },
)
CAMPAIGNS = page_of(CAMPAIGN)
_COUNTS = record(
    {
        "issued": integer(620, minimum=0, description="All that were ever issued."),
        "reserved": integer(0, minimum=0),
        "redeemed": integer(300, minimum=0),
        "expired": integer(20, minimum=0),
        "voided": integer(0, minimum=0),
        "left": nullable(integer(380, description="Of the stock; null without one.")),
        "budget_left": nullable(
            integer(400_000, description="Null without a budget; below 0 where more was given back.")
        ),
        "discount_given": integer(300_000, minimum=0, description="Taken off bills, net of what was given back."),
    },
    title="CampaignCounts",
)
COUNTED_CAMPAIGN = extended(
    CAMPAIGN,
    "CountedCampaign",
    {"counts": {**nullable(_COUNTS), "description": "Null to a merchant for the alliance's campaigns."}},
)
