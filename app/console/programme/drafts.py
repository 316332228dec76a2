"""A draft in the making: one rule at a time is open, with a control for each of its fields.

Whoever saves says what was seen: of two who edit one draft the second is told, and finds all that was typed
in the form still.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from babel.dates import get_day_names

from app.console.door import console, must
from app.console.places import HOME
from app.console.programme import rehearsals
from app.console.programme.changes import said_of
from app.console.programme.controls import CAPS, CONDITIONS, CONTROLS, OF_KIND, present, rule_of, texts_of
from app.console.programme.reading import WRITE, Card, card_of, cards_of, deeds_of, names_of, saved_of
from app.console.programme.sentences import Names, told
from app.console.programme.starts import BY_NAME, STARTS, Shops, moved, rule_from
from app.console.seen import check_seen, print_of
from app.districts import queries as districts
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.fields import Body, Integer, NameText, OneOf, Text
from app.foundation.i18n import words as _l
from app.foundation.problems import Conflict, NotFound, ValidationFailed
from app.pages.doors import Visit
from app.pages.formats import language
from app.pages.forms import Form, Texts
from app.pages.outcomes import Go, Handed, WebPage
from app.points.earning.review import flaws_of_rules, warnings_of_rules
from app.points.programme import queries, services
from app.points.tiers.queries import ladder
from app.transactions.replays import services as replays

HERE = f"{HOME}/rules"
CHANGED = "rule_set.changed"
_MOST_RULES = 200
_SUMMED = tuple(name for name, control in CONTROLS.items() if control.kind in ("boxes", "typed"))
_METHODS = ("wechat", "alipay", "unionpay", "card", "cash")
_CHANNELS = ("till", "app", "mini_program", "web")


class SeenForm(Body):
    """What whoever changes a draft has seen of it."""

    seen = Text(60, required=True)


class NameForm(SeenForm):
    name = NameText(100, required=True)


class StartForm(SeenForm):
    start = OneOf(tuple(BY_NAME), required=True)


class TakeOutForm(SeenForm):
    place = Integer(0, _MOST_RULES, required=True)
    was = Text(60, required=True)


class MoveForm(TakeOutForm):
    way = OneOf(("up", "down"), required=True)


def mark_of(draft: Any) -> str:
    """Tells whether a draft is still as somebody has seen it."""
    return print_of({"name": draft.name, "rules": draft.rules})


def open_draft(uow: UnitOfWork, visit: Visit, rule_set_id: str) -> Any:
    """A draft, locked, to be changed by who has seen it as it is. Raises NotFound, RuleSetPublishedAlready, Conflict."""
    draft = services.open_draft(uow, rule_set_id)
    check_seen(visit, {"name": draft.name, "rules": draft.rules})
    return draft


def known_of(uow: UnitOfWork) -> Shops:
    """What of the district new rules can begin with."""
    tiers = ladder(uow).tiers
    categories = {row.category for row in uow.session.scalars(districts.merchants(uow)) if row.category}
    return Shops(sorted(categories), tiers[0].id if tiers else None)


def starts(uow: UnitOfWork, rules: Sequence[Mapping[str, Any]], known: Shops | None = None) -> dict[str, Any]:
    """The cards to start from, each with what it would say."""
    known, names = known or known_of(uow), Names({}, {}, {tier.id: tier.name for tier in ladder(uow).tiers})
    offered = [(start, rule) for start in STARTS if (rule := rule_from(start, known, rules)) is not None]
    return {"starts": [(start, said_of({**rule, "priority": 0}, names)) for start, rule in offered]}


@console.page("/rules/<rls:rule_set_id>/edit")
def editor(uow: UnitOfWork, visit: Visit, rule_set_id: str) -> Handed:
    """A draft with all of its rules; `open` says which of them can be changed, where no form was sent."""
    must(visit, WRITE, alliance_only=True)
    row = queries.find_rule_set(uow, rule_set_id)
    if row.version is not None:
        return Go(f"{HERE}/{row.id}")
    deeds, names, known = deeds_of(uow, [row.id])[row.id], names_of(uow), known_of(uow)
    cards = cards_of(uow, row.rules)
    values = {
        "draft": {"id": row.id, "name": row.name, "mark": mark_of(row)},
        "cards": cards,
        "names": names,
        "saved": saved_of(deeds),
        "deeds": deeds,
        "zone": districts.district(uow).time_zone,
        "now": uow.now,
        "flaws": flaws_of_rules(row.rules),
        "warnings": warnings_of_rules(row.rules),
        "was_changed": isinstance(visit.form.error, Conflict),
        **_opened(visit, cards, names, known),
        **starts(uow, row.rules, known),
        **rehearsals.rehearsal(uow, visit, row, names, saved_of(deeds)),
    }
    return WebPage("console/rules_draft.html", values)


def _opened(visit: Visit, cards: Sequence[Card], names: Names, known: Shops) -> dict[str, Any]:
    """The rule that is open: its form, its place, and what its controls offer; nothing where none is."""
    sent = visit.form.texts
    if "rule" in sent:
        found = _place(sent, [card.rule for card in cards])
        place, form = len(cards) if found is None else found, visit.form
    else:
        asked = visit.asked("open")
        place = int(asked) if asked.isdecimal() and int(asked) < len(cards) else -1
        if place < 0:
            return {"opened": None}
        form = Form(texts_of({**cards[place].rule, "name": cards[place].name}))
    kind = _kind(form.texts)
    said = present(form.texts)
    opened = {
        "card": card_of(place, cards[place].rule if place < len(cards) else {}, form.texts, kind=kind),
        "was": sent.get("was", "") if "rule" in sent else cards[place].rule["key"],
        "is_gone": place == len(cards),
        "conditions": [name for name in CONDITIONS if name not in said],
        "caps": [name for name in CAPS if name not in said],
        "more": ["name", *(name for name in OF_KIND[kind] if name in ("priority", "exclusive_group")), "key"],
        "controls": CONTROLS,
        "said": {name: _summary(name, form.texts.getlist(name), names) for name in _SUMMED},
        "choices": _choices(names),
        "offered": _offered(known),
    }
    return {"opened": opened, "form": form}


def _summary(field: str, values: Sequence[str], names: Names) -> str:
    """What a form says of a field with boxes, as its sentence would; nothing where no box is ticked."""
    sent: Sequence[Any] = values
    if field == "conditions.weekdays":
        sent = [int(one) for one in values if one in tuple("1234567")]
    outer, _dot, inner = field.partition(".")
    return told(field, {outer: {inner: list(sent)}}, names) if sent else ""


def _kind(texts: Texts) -> str:
    return texts.get("kind", "") if texts.get("kind", "") in OF_KIND else "base"


def _choices(names: Names) -> dict[str, list[tuple[str, str]]]:
    """What boxes stand for, by field: values and what they are called."""
    days = get_day_names("abbreviated", locale=language())
    return {
        "conditions.weekdays": [(str(day + 1), days[day]) for day in range(7)],
        "conditions.merchant_ids": sorted(names.merchants.items(), key=lambda one: one[1]),
        "conditions.store_ids": sorted(names.stores.items(), key=lambda one: one[1]),
        "conditions.tier_ids": list(names.tiers.items()),
    }


def _offered(known: Shops) -> dict[str, Sequence[str]]:
    """Values of fields that can be typed, too."""
    return {
        "conditions.categories": known.categories,
        "conditions.channels": _CHANNELS,
        "conditions.payment_methods": _METHODS,
        "conditions.tags": (),
    }


def _place(sent: Texts, rules: Sequence[Mapping[str, Any]]) -> int | None:
    """Where the rule stands that a form is of, though others may have been moved; None if it is gone."""
    at, was = sent.get("place", ""), sent.get("was", "")
    if at.isdecimal() and int(at) < len(rules) and rules[int(at)]["key"] == was:
        return int(at)
    return next((place for place, rule in enumerate(rules) if rule["key"] == was), None)


def started(uow: UnitOfWork, name: str, rules: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The rule of a card to start from. Raises NotFound where the district has nothing for it."""
    added = rule_from(BY_NAME[name], known_of(uow), rules)
    if added is None:
        raise NotFound
    return added


@console.act("/rules/<rls:rule_set_id>/rule", again=editor)
def save_rule(uow: UnitOfWork, visit: Visit, rule_set_id: str) -> Handed:
    """Puts a rule in the place of what it was, or at the end where that is gone."""
    must(visit, WRITE, alliance_only=True)
    texts = visit.form.texts
    rule = rule_of(texts)
    draft = open_draft(uow, visit, rule_set_id)
    rules = list(draft.rules)
    place = _place(texts, rules)
    if any(other["key"] == rule["key"] for at, other in enumerate(rules) if at != place):
        raise ValidationFailed.at("/key", "key-twice", _l("The key %(key)s stands here twice.", key=rule["key"]))
    place = len(rules) if place is None else place
    rules[place : place + 1] = [rule]
    return _changed(uow, draft, rules, f"?open={place}&told=saved#rule-{place}")


def _changed(uow: UnitOfWork, draft: Any, rules: Sequence[Mapping[str, Any]], then: str, name: str = "") -> Handed:
    """Writes what a draft has become."""
    if not 0 < len(rules) <= _MOST_RULES:
        raise ValidationFailed.at(
            "/rules", "invalid-length", _l("From %(least)s to %(most)s items are accepted.", least=1, most=_MOST_RULES)
        )
    services.change_draft(uow, draft, name=name or draft.name, rules=rules)
    audit.record(uow, CHANGED, draft.id, {"rules": len(rules)})
    return Go(f"{HERE}/{draft.id}{then}")


@console.act("/rules/<rls:rule_set_id>/name", form=NameForm(), again=editor)
def rename(uow: UnitOfWork, visit: Visit, rule_set_id: str) -> Handed:
    """Calls a draft something else."""
    must(visit, WRITE, alliance_only=True)
    draft = open_draft(uow, visit, rule_set_id)
    return _changed(uow, draft, draft.rules, "?told=saved", visit.body["name"])


@console.act("/rules/<rls:rule_set_id>/add", form=StartForm(), again=editor)
def add_rule(uow: UnitOfWork, visit: Visit, rule_set_id: str) -> Handed:
    """Adds a rule to start from, which is open then."""
    must(visit, WRITE, alliance_only=True)
    draft = open_draft(uow, visit, rule_set_id)
    rules = [*draft.rules, started(uow, visit.body["start"], draft.rules)]
    return _changed(uow, draft, rules, f"?open={len(rules) - 1}#rule-{len(rules) - 1}")


@console.act("/rules/<rls:rule_set_id>/move", form=MoveForm(), again=editor)
def move_rule(uow: UnitOfWork, visit: Visit, rule_set_id: str) -> Handed:
    """Moves a rule up or down; the upper one of two base rules is looked at first."""
    must(visit, WRITE, alliance_only=True)
    draft = open_draft(uow, visit, rule_set_id)
    by = -1 if visit.body["way"] == "up" else 1
    place = visit.body["place"]
    return _changed(uow, draft, moved(draft.rules, place, by), f"?told=saved#rule-{max(0, place + by)}")


@console.act("/rules/<rls:rule_set_id>/remove", form=TakeOutForm(), again=editor)
def remove_rule(uow: UnitOfWork, visit: Visit, rule_set_id: str) -> Handed:
    """Takes a rule out."""
    must(visit, WRITE, alliance_only=True)
    draft = open_draft(uow, visit, rule_set_id)
    place = visit.body["place"]
    return _changed(uow, draft, [rule for at, rule in enumerate(draft.rules) if at != place], "?told=saved")


@console.act("/rules/<rls:rule_set_id>/discard", form=SeenForm(), again=editor)
def discard(uow: UnitOfWork, visit: Visit, rule_set_id: str) -> Handed:
    """Puts a draft aside; what is being rehearsed by it stops."""
    must(visit, WRITE, alliance_only=True)
    services.discard_draft(uow, open_draft(uow, visit, rule_set_id))
    replays.cancel_replays_of(uow, rule_set_id)
    audit.record(uow, "rule_set.discarded", rule_set_id)
    return Go(f"{HERE}?told=discarded")
