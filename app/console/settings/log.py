"""`/console/audit`: who did what to what, when and from where."""

from __future__ import annotations

from app.audit import schemas
from app.audit.present import page_of_entries
from app.console.door import console, must
from app.console.lists import listing
from app.console.places import HOME
from app.console.settings.acts import act_words
from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.pages.doors import Visit
from app.pages.outcomes import Handed, WebPage
from app.pages.readers import beginning_in, end_in
from app.staff import queries as staff
from app.staff.people.present import show_staff_member

HERE = f"{HOME}/audit"


@console.page("/audit")
def audit_log(uow: UnitOfWork, visit: Visit) -> Handed:
    """Entries, newest first; `from` and `to` are local days."""
    must(visit, "programme:read", alliance_only=True)
    zone = districts.district(uow).time_zone
    asked = listing(
        HERE, schemas.ENTRIES, {"from": beginning_in(zone), "to": end_in(zone)}, exported_as="audit_entries"
    )
    found = page_of_entries(uow, asked.query)
    rows = [{**one, "words": act_words(one["action"])} for one in found["data"]]
    shown = [show_staff_member(row) for row in uow.session.scalars(staff.staff(uow))]
    people = {one["id"]: one["name"] for one in shown}
    keys = {row.id: row.name for row in uow.session.scalars(districts.api_keys(uow))}
    values = {
        "listing": asked.showing([one["id"] for one in rows], has_more=found["has_more"]),
        "entries": rows,
        "people": people,
        "names": keys | people,
        "zone": zone,
    }
    return WebPage("console/audit.html", values)
