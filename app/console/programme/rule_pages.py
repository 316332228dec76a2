"""`/console/rules`: the rules in force, drafts and versions, and what is different between two of them."""

from __future__ import annotations

from typing import Any

from app.console.door import console, must
from app.console.lists import listing
from app.console.places import HOME
from app.console.programme import drafts
from app.console.programme.changes import changes_of, is_reordered
from app.console.programme.reading import READ, WRITE, cards_of, deeds_of, names_of
from app.console.programme.starts import BY_NAME
from app.districts import queries as districts
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.fields import Body, Id, NameText, OneOf
from app.foundation.ids import is_id
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage
from app.points.earning.words import rule_name
from app.points.programme import queries, services
from app.points.schemas import RULE_SETS

HERE = f"{HOME}/rules"


class NewDraftForm(Body):
    """A draft that begins with what another one says, or with the version in force; and a rule to be added to it."""

    name = NameText(100, required=True)
    source = Id("rls", load_default=None, allow_none=True)
    start = OneOf(tuple(BY_NAME), load_default=None, allow_none=True)


@console.page("/rules")
def rules(uow: UnitOfWork, visit: Visit) -> Handed:
    """What is in force, what will be, and all drafts and versions."""
    must(visit, READ)
    asked = listing(HERE, RULE_SETS)
    rows, has_more = queries.page_of_rule_sets(uow, asked.query)
    now = queries.in_force(uow)
    values = {
        "listing": asked.showing([row.id for row in rows], has_more=has_more),
        "rows": [shown(row) for row in rows],
        "in_force": shown(now),
        "cards": cards_of(uow, now.rules),
        "names": names_of(uow),
        "coming": [shown(row) for row in queries.coming(uow)],
        "may_write": may_write(visit),
        "today": uow.now,
        **told_to(uow, visit, [row.id for row in rows]),
        **drafts.starts(uow, now.rules),
    }
    return WebPage("console/rules.html", values)


@console.act("/rules/new", form=NewDraftForm(), again=rules)
def start_draft(uow: UnitOfWork, visit: Visit) -> Handed:
    """A new draft, with a rule more if a card to start from was chosen."""
    must(visit, WRITE, alliance_only=True)
    source, start = visit.body["source"], visit.body["start"]
    said = list((queries.find_rule_set(uow, source) if source else queries.in_force(uow)).rules)
    added = [drafts.started(uow, start, said)] if start else []
    draft = services.draft_rule_set(uow, name=visit.body["name"], rules=[*said, *added])
    audit.record(uow, "rule_set.drafted", draft.id)
    return Go(f"{HERE}/{draft.id}" + (f"?open={len(said)}#rule-{len(said)}" if added else ""))


def may_write(visit: Visit) -> bool:
    """Whether somebody may change rules."""
    return visit.principal.may(WRITE) and visit.principal.is_alliance


def told_to(uow: UnitOfWork, visit: Visit, rule_set_ids: list[str]) -> dict[str, Any]:
    """The district's zone; and who did what, which merchants aren't told."""
    deeds = deeds_of(uow, rule_set_ids) if visit.principal.is_alliance else {}
    return {"zone": districts.district(uow).time_zone, "deeds": deeds}


def shown(row: Any) -> dict[str, Any]:
    """A draft or version for a page; the rules of a district's beginning are called in the reader's language."""
    names = ("id", "version", "effective_at", "created_at", "published_at", "rules")
    return {name: getattr(row, name) for name in names} | {"name": rule_name(row.name)}


@console.page("/rules/<rls:rule_set_id>")
def rule_set(uow: UnitOfWork, visit: Visit, rule_set_id: str) -> Handed:
    """A draft to be edited, by who may; else what it says, and what is different from another one (`with`)."""
    must(visit, READ)
    row = queries.find_rule_set(uow, rule_set_id)
    if row.version is None and may_write(visit):
        return drafts.editor(uow, visit, rule_set_id)
    values = {
        "row": shown(row),
        "cards": cards_of(uow, row.rules),
        "names": names_of(uow),
        "may_write": may_write(visit),
    }
    return WebPage("console/rule_set.html", {**values, **told_to(uow, visit, [row.id])})


@console.page("/rules/<rls:rule_set_id>/changes")
def compare(uow: UnitOfWork, visit: Visit, rule_set_id: str) -> Handed:
    """Two of them side by side: this one, and the one that it is held against, which is the one in force by itself."""
    must(visit, READ)
    row, wanted = queries.find_rule_set(uow, rule_set_id), visit.asked("with")
    other = queries.find_rule_set(uow, wanted) if is_id("rls", wanted) else queries.in_force(uow)
    names = names_of(uow)
    others, _has_more = queries.page_of_rule_sets(uow, {"limit": 100})
    values = {
        "row": shown(row),
        "other": shown(other),
        "others": [shown(one) for one in others if one.id != row.id],
        "changes": changes_of(other.rules, row.rules, names),
        "is_reordered": is_reordered(other.rules, row.rules),
        "before": cards_of(uow, other.rules),
        "after": cards_of(uow, row.rules),
        "names": names,
    }
    return WebPage("console/rule_changes.html", values)
