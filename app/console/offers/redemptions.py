"""`/console/redemptions`: coupons on bills, and those that wait for the alliance's review."""

from __future__ import annotations

from typing import Any

from app.console.door import console, must
from app.console.lists import listing
from app.console.offers.campaigns import WRITE
from app.console.places import HOME
from app.coupons.campaigns.queries import campaigns_by_id
from app.coupons.redeeming import queries, schemas
from app.coupons.redeeming.present import page_of_redemptions, show_redemption
from app.coupons.vouchers import services
from app.coupons.vouchers.schemas import ReviewRejectBody, ReviewReleaseBody
from app.coupons.vouchers.services import Verdict
from app.districts import queries as districts
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage
from app.pages.readers import beginning_in, end_in

HERE = f"{HOME}/redemptions"
READ = "coupons:read"


@console.page("/redemptions")
def redemptions(uow: UnitOfWork, visit: Visit) -> Handed:
    """Redemptions, newest first; `from` and `to` are local days."""
    must(visit, READ)
    zone = districts.district(uow).time_zone
    readers = {"from": beginning_in(zone), "to": end_in(zone)}
    asked = listing(HERE, schemas.REDEMPTIONS, readers, exported_as="redemptions")
    found = page_of_redemptions(uow, asked.query)
    rows = found["data"]
    shown = asked.showing([one["id"] for one in rows], has_more=found["has_more"])
    return WebPage("console/redemptions.html", {"listing": shown, "redemptions": rows, **_around(uow, rows)})


def _around(uow: UnitOfWork, rows: list[dict[str, Any]]) -> dict[str, Any]:
    campaigns = campaigns_by_id(uow, {one["campaign_id"] for one in rows}) if rows else {}
    district = districts.district(uow)
    return {
        "campaigns": {one.id: one.terms["name"] for one in campaigns.values()},
        "stores": {one.id: one.name for one in uow.session.scalars(districts.stores(uow))},
        "zone": district.time_zone,
        "currency": district.currency,
    }


@console.page("/redemptions/<red:redemption_id>")
def redemption(uow: UnitOfWork, visit: Visit, redemption_id: str) -> Handed:
    """One of them, with what looked odd of it."""
    must(visit, READ)
    shown = show_redemption(queries.find_redemption(uow, redemption_id))
    may_review = visit.principal.may(WRITE) and visit.principal.is_alliance
    return WebPage("console/redemption.html", {"redemption": shown, "may_review": may_review, **_around(uow, [shown])})


def _reviewed(uow: UnitOfWork, visit: Visit, redemption_id: str, verdict: Verdict) -> Handed:
    must(visit, WRITE, alliance_only=True)
    if services.review(uow, redemption_id, verdict, visit.body["reason"]).is_new:
        audit.record(uow, f"redemption.{verdict}", redemption_id)
    return Go(f"{HERE}/{redemption_id}?told={verdict}")


@console.act("/redemptions/<red:redemption_id>/release", form=ReviewReleaseBody(), again=redemption)
def release_redemption(uow: UnitOfWork, visit: Visit, redemption_id: str) -> Handed:
    """Found right: it counts as any other."""
    return _reviewed(uow, visit, redemption_id, "released")


@console.act("/redemptions/<red:redemption_id>/reject", form=ReviewRejectBody(), again=redemption)
def reject_redemption(uow: UnitOfWork, visit: Visit, redemption_id: str) -> Handed:
    """Rejected: its settlement takes it back."""
    return _reviewed(uow, visit, redemption_id, "rejected")
