"""A campaign as the texts of a form, and back. Pure.

Every field of the API's campaign has one of a form under the path of its value. Besides, a form says by `validity_way`
which of two ways of ending is meant; what another kind, way or trigger would have is left out, whatever stands in its
fields. Of a list of words each line is one.

What was changed is what the form says otherwise than it said when it was opened: so seconds that a field of time doesn't
show, or blanks around a word, stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from app.coupons.campaigns.rules import CHANGEABLE, KINDS
from app.coupons.campaigns.schemas import FIELDS_OF_KIND, FIELDS_OF_TRIGGER, CampaignBody, CampaignFields
from app.foundation.http.validation import load
from app.pages import forms
from app.pages.forms import Readers, Texts, Writers
from app.pages.readers import count, fen, instant_in, local_in, yuan

Terms = Mapping[str, Any]
BY_DATES, BY_DAYS = "dates", "days"
VALIDITY_WAY = "validity_way"
_OTHER_WAY = {
    BY_DATES: ("validity.days_after_issue", "validity.wait_days"),
    BY_DAYS: ("validity.from", "validity.to"),
}
_MONEY = ("amount_off", "max_discount", "exchange_price", "min_amount", "budget", "trigger.min_amount")
_COUNTS = ("stock", "per_day_stock", "per_member_limit", "per_member_per_day", "points_price")
_TIMES = ("validity.from", "validity.to", "claim_window.from", "claim_window.to", "audience.member_since_before")
_LINES = (
    "categories",
    "channels",
    "item_skus",
    "item_categories",
    "excluded_skus",
    "usable.excluded_dates",
    "audience.tags",
    "screening.staff_tags",
)
_WORDS = ("release_times",)
_WORD = re.compile(r"[^\s,，、;；]+")
_APART: Mapping[str, Callable[[str], list[str]]] = {
    **dict.fromkeys(_LINES, str.splitlines),
    **dict.fromkeys(_WORDS, _WORD.findall),
}
_WHOLE, _PUBLISHED = CampaignBody(), CampaignFields(only=CHANGEABLE)


def _readers(zone: str) -> Readers:
    known: dict[str, Callable[[str], Any]] = {**dict.fromkeys(_MONEY, fen), **dict.fromkeys(_COUNTS, count)}
    return known | dict.fromkeys(_TIMES, instant_in(zone))


def _writers(zone: str) -> Writers:
    return {**dict.fromkeys(_MONEY, yuan), **dict.fromkeys(_TIMES, local_in(zone))}


def texts_of(terms: Terms, zone: str) -> Texts:
    """What the fields of a form show of a campaign."""
    texts = forms.texts_of(_WHOLE, terms, _writers(zone))
    for name in _LINES:
        texts[name] = "\n".join(texts.getlist(name))
    for name in _WORDS:
        texts[name] = " ".join(texts.getlist(name))
    texts[VALIDITY_WAY] = BY_DAYS if "days_after_issue" in terms["validity"] else BY_DATES
    return texts


def new_texts() -> Texts:
    """What the form of a new campaign shows: the usual one, without its name and figures."""
    texts = texts_of(load(_WHOLE, _USUAL), "UTC")
    for name in ("name", "amount_off", "funding.district", "funding.merchant", "funding.government"):
        texts[name] = ""
    return texts


_USUAL = {
    "name": "…",
    "kind": "amount_off",
    "amount_off": 1,
    "validity": {"days_after_issue": 30},
    "per_member_limit": 1,
}


def terms_of(texts: Texts, zone: str) -> dict[str, Any]:
    """The campaign that a form asks for. Raises ValidationFailed, NotFound."""
    return forms.read(_WHOLE, _meant(texts), _readers(zone))


def changes_of(terms: Terms, texts: Texts, zone: str, *, is_published: bool) -> dict[str, Any]:
    """What a form changes of a campaign; of one that is published only what may change is looked at.

    Raises ValidationFailed, NotFound.
    """
    schema = _PUBLISHED if is_published else _WHOLE
    sent = forms.read(schema, _meant(texts), _readers(zone))
    shown = load(schema, forms.body_of(schema, _meant(texts_of(terms, zone)), _readers(zone)))
    told = {name: _said(terms[name], shown[name], sent[name]) for name in sent}
    return {name: value for name, value in told.items() if value != terms[name]}


def _said(kept: Any, shown: Any, sent: Any) -> Any:
    """What is kept where the form says what it showed, in whatever order; part by part of what has the same parts."""
    if all(isinstance(one, dict) for one in (kept, shown, sent)) and kept.keys() == shown.keys() == sent.keys():
        return {name: _said(kept[name], shown[name], sent[name]) for name in kept}
    if isinstance(sent, list) and isinstance(shown, list):
        return kept if sorted(map(str, sent)) == sorted(map(str, shown)) else sent
    return kept if sent == shown else sent


def _meant(texts: Texts) -> Texts:
    """What is meant of a form's texts, each word of a list by itself."""
    chosen = MultiDict((name, text) for name, text in texts.items(multi=True) if name not in set(_left_out(texts)))
    for name, apart in _APART.items():
        if name in chosen:
            chosen.setlist(name, apart(chosen[name]) or [""])
    return chosen


def _left_out(texts: Texts) -> Iterator[str]:
    """Fields of other kinds, ways and triggers than the chosen ones."""
    kind = texts.get("kind", "")
    if kind in KINDS:
        yield from set().union(*map(_all_of, FIELDS_OF_KIND.values())) - _all_of(FIELDS_OF_KIND[kind])
    yield from _OTHER_WAY.get(texts.get(VALIDITY_WAY, ""), ())
    ways = texts.getlist("issuing")
    if "points" not in ways:
        yield "points_price"
    on = texts.get("trigger.on", "") if "automatic" in ways else ""
    every = set().union(*map(_all_of, FIELDS_OF_TRIGGER.values())) | {"on"}
    wanted = _all_of(FIELDS_OF_TRIGGER[on]) | {"on"} if on in FIELDS_OF_TRIGGER else set()
    yield from (f"trigger.{name}" for name in every - wanted)


def _all_of(fields: tuple[frozenset[str], frozenset[str]]) -> set[str]:
    needed, optional = fields
    return set(needed | optional)
