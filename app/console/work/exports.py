"""`/console/exports`: a list that is looked at becomes a file."""

from __future__ import annotations

from app.console.around import around
from app.console.door import console, must
from app.console.lists import listing
from app.console.places import HOME
from app.console.work.filters import filters_in_words
from app.exports import downloading, schemas, services
from app.exports.lists import LISTS
from app.exports.present import page_of_exports
from app.exports.rules import AT_WORK
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.fields import Body, OneOf
from app.foundation.problems import NotFound
from app.pages import readers
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, Saved, WebPage

HERE, READ = f"{HOME}/exports", "transactions:read"
_DAYS = {
    "occurred_from": readers.beginning_in,
    "from": readers.beginning_in,
    "occurred_to": readers.end_in,
    "to": readers.end_in,
}
"""What a list's filter says in days, and its query in instants."""
_IN_DAYS = ("figures",)


_WITHOUT_A_PAGE = ("points_entries", "coupons", "stores")
"""Lists that are exported, but that no page shows whole."""


def _may(visit: Visit, name: str) -> bool:
    one = LISTS[name]
    return visit.principal.may(one.scope) and (visit.principal.is_alliance or not one.is_alliance_only)


class FormatForm(Body):
    """As what."""

    format = OneOf(("xlsx", "csv"), load_default="xlsx")


@console.page("/exports")
def exports(uow: UnitOfWork, visit: Visit) -> Handed:
    """What somebody has exported, newest first."""
    must(visit, READ)
    asked = listing(HERE, schemas.EXPORTS)
    page = page_of_exports(uow, asked.query)
    values = {
        "listing": asked.showing([one["id"] for one in page["data"]], has_more=page["has_more"]),
        "exports": page["data"],
        "names": {name: one.name for name, one in LISTS.items()},
        "filters": filters_in_words(uow, [one["filter"] for one in page["data"]], around(uow)["zone"]),
        "others": [name for name in _WITHOUT_A_PAGE if _may(visit, name)],
        "goes_on": any(one["status"] in AT_WORK for one in page["data"]),
    }
    return WebPage("console/exports.html", {**values, **around(uow)})


@console.page("/exports/new")
def new_export(uow: UnitOfWork, visit: Visit) -> Handed:
    """Which list, and of it what; in which format."""
    must(visit, READ)
    name = visit.form.texts.get("of") or visit.asked("of")
    if name not in LISTS:
        raise NotFound
    services.check_may(visit.principal, name)
    asked = visit.form.texts or {one: visit.asked(one) for one in LISTS[name].query.fields}
    wanted = {one: asked[one] for one in LISTS[name].query.fields if asked.get(one)}
    [words] = filters_in_words(uow, [wanted], around(uow)["zone"])
    values = {"name": name, "list_name": LISTS[name].name, "wanted": wanted, "words": words}
    return WebPage("console/export_new.html", values)


@console.act("/exports/new", form=FormatForm(), again=new_export)
def ask_export(uow: UnitOfWork, visit: Visit) -> Handed:
    """Asks for it."""
    must(visit, READ)
    texts = visit.form.texts
    name = texts.get("of", "")
    if name not in LISTS:
        raise NotFound
    zone = around(uow)["zone"]
    wanted = {one: texts[one] for one in LISTS[name].query.fields if texts.get(one)}
    if name not in _IN_DAYS:
        wanted = {one: str(_DAYS[one](zone)(text)) if one in _DAYS else text for one, text in wanted.items()}
    row = services.ask_export(uow, name, visit.body["format"], wanted)
    audit.record(uow, "export.asked", row.id, {"list": name})
    return Go(HERE, jobs=(services.job_of(uow.district_id, row.id),))


@console.act("/exports/<exp:export_id>/cancel")
def cancel_export(uow: UnitOfWork, visit: Visit, export_id: str) -> Handed:
    """Stops it."""
    must(visit, READ)
    services.cancel_export(uow, export_id)
    audit.record(uow, "export.cancelled", export_id)
    return Go(HERE)


@console.page("/exports/<exp:export_id>/download")
def download_export(uow: UnitOfWork, visit: Visit, export_id: str) -> Handed:
    """The file."""
    must(visit, READ)
    row = services.take_export(uow, export_id)
    audit.record(uow, "export.downloaded", export_id)
    return Saved(downloading.file_of(row))
