"""A rule as sentences, in both languages: phrases with a place for each field, where a text stands or a control. Pure.

Each phrase is one message with placeholders, for the order of words differs between languages.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from app.console.programme.controls import CONTROLS
from app.foundation.i18n import Words, said, words
from app.foundation.i18n import words as _l
from app.pages.formats import day, language, number, round_money, weekdays

_PLACE = re.compile(r"%\((\w+)\)s")
_MOST_NAMED = 3


class Piece(NamedTuple):
    """A part of a phrase: words, or the place of a field."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words with a place for each of some fields, called there by the last part of their names.

    `subject` is the same for phrases that say the same in another way, such as dates with an end and without.
    """

    words: Words
    fields: tuple[str, ...]
    subject: str

    def pieces(self) -> list[Piece]:
        """In the reader's language, one after the other."""
        names = {field.rpartition(".")[2]: field for field in self.fields}
        found = _PLACE.split(said(self.words))
        return [Piece("", names[one]) if at % 2 else Piece(one) for at, one in enumerate(found) if one]

    def text(self, rule: Mapping[str, Any], names: Names) -> str:
        """With what a rule says."""
        return "".join(one.text or told(one.field, rule, names) for one in self.pieces())


def _phrases(prefix: str, *alternatives: Words) -> tuple[Phrase, ...]:
    fields = [tuple(prefix + name for name in _PLACE.findall(one.message)) for one in alternatives]
    return tuple(Phrase(one, its, fields[0][0]) for one, its in zip(alternatives, fields, strict=True))


def _each(prefix: str, *phrases: Words) -> tuple[Phrase, ...]:
    return tuple(phrase for one in phrases for phrase in _phrases(prefix, one))


_WHEN = [
    _phrases("conditions.", *alternatives)
    for alternatives in (
        (_l("from %(date_from)s to %(date_to)s"), _l("from %(date_from)s on"), _l("until %(date_to)s")),
        (_l("on %(weekdays)s"),),
        (_l("at %(time_windows)s"),),
        (words("%(birthday)s"),),
        (words("%(first_in_district)s"),),
        (words("%(first_at_merchant)s"),),
        (_l("for members of %(tier_ids)s"),),
        (_l("for members tagged %(tags)s"),),
        (_l("at merchants %(merchant_ids)s"),),
        (_l("in stores %(store_ids)s"),),
        (_l("in shops of %(categories)s"),),
        (_l("by the channels %(channels)s"),),
        (_l("when paid by %(payment_methods)s"),),
        (
            _l("on amounts from %(min_amount)s to %(max_amount)s"),
            _l("on amounts of %(min_amount)s or more"),
            _l("on amounts up to %(max_amount)s"),
        ),
    )
]
"""Of each, the first of which all fields are said."""
_REWARD = {
    "base": _phrases("", _l("%(points)s for each %(per_amount)s paid")),
    "multiplier": _phrases("", _l("%(factor)s the points")),
    "bonus": _phrases("", _l("%(points)s more")),
}
_FUNDING = _phrases("funding.", _l("paid by %(merchant)s"))
_LIMITS = _each(
    "caps.",
    _l("at most %(per_transaction)s for a sale"),
    _l("at most %(per_member_per_day)s for a member a day"),
    _l("at most %(per_member_total)s for a member ever"),
    _l("a budget of %(budget)s for all"),
)
_ORDER = _each("", _l("priority %(priority)s"), _l("only the largest of the group %(exclusive_group)s"))


class Sentences(NamedTuple):
    """What a rule says: when it counts and what it gives; up to how much; and how it stands to others."""

    main: list[Phrase]
    limits: list[Phrase]
    order: list[Phrase]

    @property
    def phrases(self) -> list[Phrase]:
        """All of them."""
        return [*self.main, *self.limits, *self.order]


def sentences_of(kind: str, present: Collection[str]) -> Sentences:
    """The sentences of a rule of which some fields are said; what a rule can't do without is said in any case."""
    when = [next((one for one in group if set(one.fields) <= set(present)), None) for group in _WHEN]
    main = [*(one for one in when if one is not None), *_REWARD[kind], *_FUNDING]
    limits, order = ([one for one in some if set(one.fields) <= set(present)] for some in (_LIMITS, _ORDER))
    return Sentences(main, limits, order)


class Names(NamedTuple):
    """What merchants, stores and tiers are called, by id, as far as the reader may know; `is_whole`: all of many are named."""

    merchants: Mapping[str, str]
    stores: Mapping[str, str]
    tiers: Mapping[str, str]
    is_whole: bool = False


NOBODY = Names({}, {}, {})
"""Where no names are needed."""


def told(field: str, rule: Mapping[str, Any], names: Names) -> str:
    """What a rule says of a field, in the reader's language."""
    value = value_of(field, rule)
    known = {"conditions.merchant_ids": names.merchants, "conditions.store_ids": names.stores}
    if field == "conditions.weekdays":
        return weekdays(value)
    if field == "conditions.time_windows":
        return comma(f"{one['from']}\N{EN DASH}{one['to']}" for one in value)
    if field == "conditions.tier_ids":
        return named(value, names.tiers, names.is_whole)
    if field in known:
        return named(value, known[field], names.is_whole)
    if isinstance(value, list):
        return named(value, {one: one for one in value}, names.is_whole)
    return _scalar(field, value)


def value_of(field: str, rule: Mapping[str, Any]) -> Any:
    """The value of a field; None where a rule has none."""
    outer, _dot, inner = field.rpartition(".")
    return (rule.get(outer) or {} if outer else rule).get(inner)


def _scalar(field: str, value: Any) -> str:
    control = CONTROLS[field]
    if control.kind == "choice":
        return said(dict(control.choices)[str(value).lower()])
    if control.kind == "money":
        return round_money(value)
    if control.kind == "day":
        return day(date.fromisoformat(value))
    if control.kind == "percent":
        return funder(value)
    if field == "factor":
        return said(_l("%(factor)s times", factor=format(Decimal(value).normalize(), "f")))
    if control.kind == "count" and field != "priority":
        return said(_l("%(count)s points", count=number(value))) if value != 1 else said(_l("one point"))
    return number(value) if isinstance(value, int) else str(value)


def funder(merchant_percent: int) -> str:
    """Who pays for a rule."""
    if merchant_percent in (0, 100):
        return said(_l("the merchant")) if merchant_percent else said(_l("the district"))
    return said(
        _l(
            "the merchant (%(merchant)s%%) and the district (%(district)s%%)",
            merchant=merchant_percent,
            district=100 - merchant_percent,
        )
    )


def named(ids: Sequence[str], known: Mapping[str, str], is_whole: bool = False) -> str:
    """What some are called; of many the first few and how many there are. Of those that nobody may know, how many."""
    found = [known[one] for one in ids if one in known]
    shown = found if is_whole else found[:_MOST_NAMED]
    if not shown:
        return said(_l("%(total)s others", total=number(len(ids))))
    if len(shown) == len(ids):
        return comma(shown)
    return said(
        _l(
            "%(names)s and %(more)s more, %(total)s in all",
            names=comma(shown),
            more=number(len(ids) - len(shown)),
            total=number(len(ids)),
        )
    )


def comma(texts: Any) -> str:
    """Several in a row."""
    return ("、" if language() == "zh" else ", ").join(texts)


def sentence(phrases: Sequence[Phrase], rule: Mapping[str, Any], names: Names) -> str:
    """Phrases of a rule as one sentence, with its full stop; nothing for none."""
    if not phrases:
        return ""
    joined, end = ("，", "。") if language() == "zh" else (", ", ".")
    text = joined.join(one.text(rule, names) for one in phrases)
    return text[:1].upper() + text[1:] + end
