"""What the pages of rules read: names, who did what when, and rules as cards."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from app.audit import queries as audit
from app.console.programme.changes import said_of, told_fields
from app.console.programme.controls import present
from app.console.programme.sentences import NOBODY, Names, Sentences, sentences_of, told
from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import Words, said
from app.foundation.i18n import words as _l
from app.pages.formats import signed
from app.pages.forms import Texts
from app.points.caps.budgets import spent_of
from app.points.earning.words import rule_name
from app.points.tiers.queries import ladder
from app.staff import queries as staff
from app.staff.people.present import show_staff_member

READ, WRITE = "programme:read", "programme:write"
_MOST_DEEDS = 500
_DEEDS: Mapping[str, Words] = {
    "rule_set.drafted": _l("drafted"),
    "rule_set.changed": _l("changed"),
    "rule_set.replayed": _l("rehearsed"),
    "rule_set.published": _l("published"),
}


class Deed(NamedTuple):
    """What somebody did to a rule set; `by` is None for a key, and for who doesn't work here any more."""

    action: str
    words: Words
    by: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """A rule on a page: `place` among the others, its sentences, and of its budget what is used."""

    place: int
    rule: Mapping[str, Any]
    name: str
    sentences: Sentences
    used: int | None

    def told(self, field: str, names: Names) -> str:
        """What the rule says of a field."""
        return told(field, self.rule, names)

    def text(self, names: Names) -> str:
        """All that it says."""
        return said_of(self.rule, names)

    @property
    def badge(self) -> str:
        """The gist in a word."""
        if self.rule["kind"] == "multiplier":
            return told("factor", self.rule, NOBODY)
        if self.rule["kind"] == "bonus":
            return signed(self.rule["points"])
        return said(_l("always")) if not any(self.rule.get("conditions", {}).values()) else ""


def names_of(uow: UnitOfWork) -> Names:
    """What the principal may know by name."""
    merchants = {row.id: row.name for row in uow.session.scalars(districts.merchants(uow))}
    stores = {row.id: row.name for row in uow.session.scalars(districts.stores(uow))}
    return Names(merchants, stores, {tier.id: tier.name for tier in ladder(uow).tiers})


def cards_of(uow: UnitOfWork, rules: Iterable[Mapping[str, Any]]) -> list[Card]:
    """Rules in their order."""
    listed = list(rules)
    used = spent_of(uow, [rule["key"] for rule in listed if (rule.get("caps") or {}).get("budget")])
    return [card_of(place, rule, used=used.get(rule["key"])) for place, rule in enumerate(listed)]


def card_of(
    place: int, rule: Mapping[str, Any], texts: Texts | None = None, *, kind: str = "", used: int | None = None
) -> Card:
    """One rule; with the texts of a form, as far as these speak of it."""
    kind = kind or rule["kind"]
    sentences = sentences_of(kind, told_fields(rule) if texts is None else present(texts))
    name = rule_name(rule.get("name", ""))
    return Card(place, rule, name, sentences, used)


def deeds_of(uow: UnitOfWork, subject_ids: Collection[str]) -> dict[str, list[Deed]]:
    """Who did what to rule sets, newest first."""
    found: dict[str, list[Deed]] = {one: [] for one in subject_ids}
    people = {row.account_id: show_staff_member(row)["name"] for row in uow.session.scalars(staff.staff(uow))}
    for entry in audit.history_of(uow, subject_ids, _MOST_DEEDS):
        if entry.action in _DEEDS:
            by = people.get(entry.actor_id or "")
            found[entry.subject_id].append(Deed(entry.action, _DEEDS[entry.action], by, entry.recorded_at))
    return found


def saved_of(deeds: Iterable[Deed]) -> Deed | None:
    """The last time that somebody saved."""
    return next((one for one in deeds if one.action in ("rule_set.drafted", "rule_set.changed")), None)
