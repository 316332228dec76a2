"""`/v1/districts/{slug}/offers`: for shoppers who aren't signed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from limits import RateLimitItemPerMinute

from app.coupons.campaigns.models import Campaign
from app.coupons.offers import answers, present, queries
from app.districts.services import district_of_slug
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.fields import page_query
from app.foundation.http.limits.lookers import count_look
from app.foundation.http.routing import ANYONE, Call, Routes
from app.foundation.i18n import language_headers
from app.foundation.pagination import list_answer, rows_of_page
from app.foundation.problems import NotFound
from app.foundation.tenancy import NOBODY, Principal

district_offers = Routes("offers", __name__, url_prefix="/v1/districts/<slug:slug>/offers")
LOOKS = RateLimitItemPerMinute(600, namespace="offers")
"""Of one network: a whole street may share one."""


def _passer_by(named: Mapping[str, Any]) -> Principal:
    """Raises NotFound, RateLimited."""
    count_look(LOOKS)
    return Principal("visitor", f"vis_{NOBODY}", district_of_slug(named["slug"]))


@district_offers.serve(
    "GET",
    "",
    scope=ANYONE,
    query=page_query("cam"),
    answers={200: answers.OFFERS},
    problems=(NotFound,),
    visitor=_passer_by,
)
def list_offers(uow: UnitOfWork, call: Call, slug: str) -> Answer:
    """List what can be claimed in a district now, newest first, with no more of the stock than many, few or none."""
    rows, has_more = rows_of_page(uow, queries.offered(uow), Campaign.id, call.query)
    return Answer(list_answer(present.show_offers(uow, rows), has_more=has_more), headers=language_headers())
