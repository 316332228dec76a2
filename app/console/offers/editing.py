"""`/console/campaigns/new` and `…/edit`: a campaign in words, every field of it."""

from __future__ import annotations

from typing import Any

from app.console.door import console, must
from app.console.offers.campaign_forms import changes_of, new_texts, terms_of, texts_of
from app.console.offers.campaigns import HERE, WRITE
from app.console.offers.shops import surroundings
from app.coupons.campaigns import queries, services
from app.coupons.campaigns.present import show_campaign
from app.coupons.campaigns.putting_off import job_of
from app.districts import queries as districts
from app.foundation import audit
from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import Conflict
from app.pages.doors import Visit
from app.pages.forms import Form
from app.pages.outcomes import Go, Handed, WebPage

_VERSION = "version"


@console.page("/campaigns/new")
def new_campaign(uow: UnitOfWork, visit: Visit) -> Handed:
    """An empty form, or that of a campaign (`like`) under no name yet."""
    must(visit, WRITE)
    services.check_may_run(uow, visit.principal.merchant_id)
    around = surroundings(uow)
    form = visit.form if visit.form.texts else Form(_beginning(uow, visit.asked("like"), around["zone"]))
    return WebPage("console/campaign_form.html", {**around, "campaign": None, **_form(visit, form, None)})


def _beginning(uow: UnitOfWork, like: str, zone: str) -> Any:
    if not like:
        return new_texts()
    texts = texts_of(queries.find_campaign(uow, like).terms, zone)
    texts["name"] = ""
    return texts


def _form(visit: Visit, form: Form, merchant_id: str | None) -> dict[str, Any]:
    """The form, with room for two more windows of time; whether it is a merchant's own: paid by it, at its own shops."""
    is_merchants = (merchant_id or visit.principal.merchant_id) is not None
    windows = sum(name.startswith("usable.time_windows.") and name.endswith(".from") for name in form.texts)
    return {"form": form, "is_merchants": is_merchants, "windows": min(windows + 2, 20)}


@console.act("/campaigns/new", again=new_campaign)
def draft_campaign(uow: UnitOfWork, visit: Visit) -> Handed:
    """Keeps it as a draft."""
    must(visit, WRITE)
    made = services.create_campaign(uow, terms_of(visit.form.texts, districts.district(uow).time_zone))
    audit.record(uow, "campaign.drafted", made.id)
    return Go(f"{HERE}/{made.id}?told=drafted")


@console.page("/campaigns/<cam:campaign_id>/edit")
def edit_campaign(uow: UnitOfWork, visit: Visit, campaign_id: str) -> Handed:
    """Its form: all of a draft, and of what is published what may change."""
    must(visit, WRITE)
    row = queries.find_campaign(uow, campaign_id)
    services.check_own(uow, row)
    around = surroundings(uow)
    form = visit.form if visit.form.texts else Form(texts_of(row.terms, around["zone"]))
    values = {
        "campaign": show_campaign(uow, row),
        "version": format_instant(row.updated_at),
        **_form(visit, form, row.merchant_id),
    }
    return WebPage("console/campaign_form.html", {**around, **values})


@console.act("/campaigns/<cam:campaign_id>/edit", again=edit_campaign)
def change_campaign(uow: UnitOfWork, visit: Visit, campaign_id: str) -> Handed:
    """Changes what the form says otherwise than it did. Who began before somebody else changed it is told, and loses nothing."""
    must(visit, WRITE)
    row, texts = services.lock_own(uow, campaign_id), visit.form.texts
    if texts.get(_VERSION) != format_instant(row.updated_at):
        raise Conflict(
            _l("Somebody has changed this campaign meanwhile. Look through what stands here, and save again.")
        )
    is_published = row.published_at is not None
    changes = changes_of(row.terms, texts, districts.district(uow).time_zone, is_published=is_published)
    if not changes:
        return Go(f"{HERE}/{campaign_id}")
    services.change_campaign(uow, campaign_id, changes)
    audit.record(uow, "campaign.changed", campaign_id, {"fields": sorted(changes)})
    jobs = (job_of(uow.district_id, campaign_id),) if is_published and "validity" in changes else ()
    return Go(f"{HERE}/{campaign_id}?told=changed", jobs=jobs)
