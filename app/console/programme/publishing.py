"""A draft published: what will change and when, said before it is done."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from app.console.door import console, must
from app.console.programme.changes import changes_of, is_reordered
from app.console.programme.drafts import HERE, SeenForm, mark_of, open_draft
from app.console.programme.reading import WRITE, names_of
from app.console.programme.rule_pages import shown
from app.districts import queries as districts
from app.districts.services import lock_configuration
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.fields import OneOf, Text
from app.foundation.http.validation import load
from app.foundation.i18n import words as _l
from app.foundation.problems import Conflict, ValidationFailed
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage
from app.pages.readers import instant_in
from app.points.earning.review import flaws_of_rules, warnings_of_rules
from app.points.programme import queries
from app.points.schemas import PublishBody
from app.transactions.replays.publishing import publish_rule_set


class PublishForm(SeenForm):
    """Now, or at a local time of the district."""

    when = OneOf(("now", "at"), required=True)
    effective_at = Text(40, load_default=None, allow_none=True)


@console.page("/rules/<rls:rule_set_id>/publish")
def ask_when(uow: UnitOfWork, visit: Visit, rule_set_id: str) -> Handed:
    """What will change, and what stands against it."""
    must(visit, WRITE, alliance_only=True, step_up=True)
    row, now, names = queries.find_rule_set(uow, rule_set_id), queries.in_force(uow), names_of(uow)
    zone = districts.district(uow).time_zone
    values = {
        "draft": {"id": row.id, "name": row.name, "mark": mark_of(row), "version": row.version},
        "now": shown(now),
        "coming": [shown(one) for one in queries.coming(uow)],
        "changes": changes_of(now.rules, row.rules, names),
        "is_reordered": is_reordered(now.rules, row.rules),
        "flaws": flaws_of_rules(row.rules),
        "warnings": warnings_of_rules(row.rules),
        "was_changed": isinstance(visit.form.error, Conflict),
        "zone": zone,
        "local_now": uow.now.astimezone(ZoneInfo(zone)),
    }
    return WebPage("console/rules_publish.html", values)


@console.act("/rules/<rls:rule_set_id>/publish", form=PublishForm(), again=ask_when)
def publish(uow: UnitOfWork, visit: Visit, rule_set_id: str) -> Handed:
    """Gives a draft the next number; from an instant on sales earn by it."""
    must(visit, WRITE, alliance_only=True, step_up=True)
    at = None
    if visit.body["when"] == "at":
        if not visit.body["effective_at"]:
            raise ValidationFailed.at("/effective_at", "required", _l("This field is needed."))
        read = instant_in(districts.district(uow).time_zone)
        at = load(PublishBody(), {"effective_at": read(visit.body["effective_at"])})["effective_at"]
    lock_configuration(uow)
    open_draft(uow, visit, rule_set_id)
    version = publish_rule_set(uow, rule_set_id, at)
    audit.record(uow, "rule_set.published", rule_set_id, {"version": version})
    return Go(f"{HERE}?told=published")
