"""Explanations in the reader's language, made from stable codes when they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from app.foundation.i18n import LOCALES, said
from app.foundation.i18n import words as _l
from app.points.earning.conditions import PLACES
from app.points.earning.outcomes import Outcome, Outcomes, row_of
from app.points.earning.rules import Rule

Line = dict[str, Any]
"""What is said of one rule."""

FIRST_RULE = _l("1 point per yuan")
"""What the rule is called with which every district begins. Until somebody names it anew it speaks the reader's language."""
_WHY: Mapping[str, Callable[[], str]] = {
    "nothing-eligible": lambda: _("No part of this sale earns points."),
    "awards-paused": lambda: _("This merchant gives no points at present."),
    "amount-too-small": lambda: _("The amount is too small for a whole point."),
    "lower-priority": lambda: _("Another base rule comes first."),
    "smaller-factor": lambda: _("A larger multiplier of its group counts."),
    "no-base-points": lambda: _("There are no base points to multiply."),
    "other-merchant": lambda: _("The rule is for other merchants."),
    "other-store": lambda: _("The rule is for other stores."),
    "other-category": lambda: _("The rule is for other kinds of shop."),
    "other-channel": lambda: _("The rule is for other channels."),
    "other-payment-method": lambda: _("The rule is for other ways to pay."),
    "other-tier": lambda: _("The rule is for other tiers."),
    "other-tag": lambda: _("The rule is for other groups of members."),
    "not-first-in-district": lambda: _("The rule is for the first purchase in the district."),
    "first-in-district": lambda: _("The rule is for purchases after the first in the district."),
    "not-first-at-merchant": lambda: _("The rule is for the first purchase at this merchant."),
    "first-at-merchant": lambda: _("The rule is for purchases after the first at this merchant."),
    "not-birthday": lambda: _("It was not the member's birthday."),
    "daily-cap-reached": lambda: _("The member has had all that the rule gives in a day."),
    "member-cap-reached": lambda: _("The member has had all that the rule gives to one member."),
    "not-told": lambda: _("It depends on the member, who hasn't shown a code at this merchant."),
    "budget-spent": lambda: _("The rule's budget is spent."),
    "below-min-amount": lambda: _("The amount is below the rule's minimum."),
    "above-max-amount": lambda: _("The amount is above the rule's maximum."),
    "outside-time-windows": lambda: _("The sale was outside the rule's hours."),
    "outside-weekdays": lambda: _("The sale was not on one of the rule's weekdays."),
    "outside-dates": lambda: _("The sale was outside the rule's dates."),
}
CODES = frozenset(_WHY)
"""Every reason for which a rule can be skipped."""
_OF_THE_SALE = frozenset({"nothing-eligible", "awards-paused", *(code for _field, _condition, code in PLACES)})
"""Reasons that are found before anybody looks at the member."""
_OF_OTHER_RULES = frozenset({"amount-too-small", "lower-priority", "smaller-factor", "no-base-points"})
"""Reasons that hang on what became of other rules."""
_MOST_KNOWN = 256
"""Explanations that an explainer remembers, but for what was given."""


@lru_cache(maxsize=256)
def _words(language: str, code: str) -> str:
    """A reason in the reader's language, which is `language`: looking it up takes longer than evaluating its rule."""
    return _WHY[code]()


@lru_cache(maxsize=256)
def _name(language: str, name: str) -> str:
    """What a rule is called in the reader's language, which is `language`: as the district says, but for FIRST_RULE."""
    return said(FIRST_RULE) if name in _first_names() else name


def _first_names() -> set[str]:
    """In all languages: what was kept may be said in another one."""
    names = {str(FIRST_RULE)}
    for language in LOCALES:
        with force_locale(language):
            names.add(said(FIRST_RULE))
    return names


def rule_name(name: str) -> str:
    """What a rule, or a set of them, is called in the reader's language: as the district says, but for FIRST_RULE."""
    return _name(str(get_locale()), name)


class Explainer:
    """Explains sales by one version of the rules, in the language of who asks when it is made, and to such readers only.

    What is said again and again is put together once. Nobody may change what it says.

    Unless the reader `is_told` of the member, what gave no points says nothing from which its facts could be guessed.
    """

    def __init__(self, rules: Sequence[Rule], *, is_told: bool = True) -> None:
        self._language = str(get_locale())
        self._is_told = is_told
        self._of_member = {rule.key for rule in rules if rule.looks_at_member}
        self._names = {rule.key: _name(self._language, rule.name) for rule in rules}
        self._lines: dict[Outcome | None, Line] = {}
        self._others: dict[str, tuple[list[Line], list[int]]] = {}

    def __call__(self, outcomes: Outcomes) -> list[Line]:
        """The `explanation` of a sale: every rule considered, applied with its points or why not."""
        others, open_places = self._others.get(outcomes.others) or self._explain_others(outcomes.others)
        lines = others.copy()
        for place, (key, points) in zip(open_places, outcomes.given, strict=True):
            lines[place] = {**self._head(key), "outcome": "applied", "points": points}
        return lines

    def _explain_others(self, others: str) -> tuple[list[Line], list[int]]:
        """Lines of rules that gave nothing, and the places of those that gave."""
        row = row_of(others)
        lines = [self._lines.get(one) or self._skipped(one) for one in row]
        if len(self._others) >= _MOST_KNOWN:
            self._others.clear()
        known = self._others[others] = lines, [place for place, one in enumerate(row) if one is None]
        return known

    def _head(self, rule_key: str) -> Line:
        return {"rule_key": rule_key, "name": self._names.get(rule_key, rule_key)}

    def _skipped(self, outcome: Outcome | None) -> Line:
        if outcome is None:
            return {}
        code = outcome.code if self._is_told else self._untold(outcome.rule_key, outcome.code)
        why = {"code": code, "why": _words(self._language, code)}
        line = self._lines[outcome] = {**self._head(outcome.rule_key), "outcome": "skipped", "points": 0, **why}
        return line

    def _untold(self, rule_key: str, code: str) -> str:
        if code in _OF_THE_SALE or not self._of_member:
            return code
        return "not-told" if rule_key in self._of_member or code in _OF_OTHER_RULES else code


def said_again(explanation: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """An explanation that was kept, in the language of who asks now."""
    language = str(get_locale())
    return [
        {**line, "name": _name(language, line["name"])}
        | ({"why": _words(language, line["code"])} if "why" in line else {})
        for line in explanation
    ]
