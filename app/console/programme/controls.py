"""The fields of a rule as a form has them: each one's control, how its texts are read, and the texts of a rule.

Nothing of a rule can be said by JSON only (`tests/unit/console/programme/test_sentences.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from werkzeug.datastructures import MultiDict

from app.foundation.i18n import Words
from app.foundation.i18n import words as _l
from app.pages import forms
from app.pages.forms import Texts
from app.pages.readers import count, fen, yuan
from app.points.schemas import RuleBody

Kind = Literal["text", "money", "count", "factor", "choice", "boxes", "typed", "windows", "day", "percent", "hidden"]


@dataclass(frozen=True, slots=True)
class Control:
    """How a field is shown and changed: `typed` are boxes, and texts that may be added; `choices` by what is sent."""

    kind: Kind
    label: Words
    hint: Words | None = None
    choices: tuple[tuple[str, Words], ...] = ()


_NO_DIFFERENCE = _l("no matter which")
CONTROLS: Mapping[str, Control] = MappingProxyType(
    {
        "key": Control(
            "text", _l("Key"), _l("Caps and budgets are counted by it: a rule with another key begins anew.")
        ),
        "kind": Control("hidden", _l("Kind")),
        "name": Control("text", _l("What it is called"), _l("Members read it beside their points.")),
        "points": Control("count", _l("Points")),
        "per_amount": Control("money", _l("For each")),
        "factor": Control("factor", _l("Factor")),
        "priority": Control(
            "count", _l("Priority"), _l("Of the base rules that match, the one with the largest counts.")
        ),
        "exclusive_group": Control(
            "text", _l("Exclusive group"), _l("Of the multipliers in one group only the largest counts.")
        ),
        "conditions.weekdays": Control("boxes", _l("Weekdays")),
        "conditions.time_windows": Control(
            "windows",
            _l("Hours"),
            _l("By the clocks of the district; hours over midnight belong to the day they begin."),
        ),
        "conditions.date_from": Control("day", _l("From the day")),
        "conditions.date_to": Control("day", _l("To the day, which is included")),
        "conditions.merchant_ids": Control("boxes", _l("Merchants")),
        "conditions.store_ids": Control("boxes", _l("Stores")),
        "conditions.categories": Control("typed", _l("Kinds of shop")),
        "conditions.channels": Control("typed", _l("Channels")),
        "conditions.payment_methods": Control("typed", _l("Ways to pay")),
        "conditions.tier_ids": Control("boxes", _l("Tiers")),
        "conditions.tags": Control("typed", _l("Groups of members"), _l("Tags of members; one of them is enough.")),
        "conditions.first_in_district": Control(
            "choice",
            _l("First purchase in the district"),
            choices=(
                ("", _NO_DIFFERENCE),
                ("true", _l("on the first purchase in the district")),
                ("false", _l("on purchases after the first in the district")),
            ),
        ),
        "conditions.first_at_merchant": Control(
            "choice",
            _l("First purchase at the merchant"),
            choices=(
                ("", _NO_DIFFERENCE),
                ("true", _l("on the first purchase at a merchant")),
                ("false", _l("on purchases after the first at a merchant")),
            ),
        ),
        "conditions.birthday": Control(
            "choice",
            _l("Birthday"),
            choices=(
                ("", _NO_DIFFERENCE),
                ("day", _l("on the member's birthday")),
                ("month", _l("in the month of the member's birthday")),
            ),
        ),
        "conditions.min_amount": Control("money", _l("From an amount of")),
        "conditions.max_amount": Control("money", _l("Up to an amount of")),
        "caps.per_transaction": Control("count", _l("At most for a sale")),
        "caps.per_member_per_day": Control("count", _l("At most for a member a day")),
        "caps.per_member_total": Control("count", _l("At most for a member ever")),
        "caps.budget": Control("count", _l("Budget for all")),
        "funding.merchant": Control(
            "percent", _l("Paid by the merchant"), _l("In percent; the district pays the rest.")
        ),
    }
)
FOLLOWS = {"funding.district": "funding.merchant"}
"""What has no control of its own, for it follows from another one's."""
CONDITIONS = tuple(name for name in CONTROLS if name.startswith("conditions."))
CAPS = tuple(name for name in CONTROLS if name.startswith("caps."))
OF_KIND: Mapping[str, tuple[str, ...]] = {
    "base": ("points", "per_amount", "priority"),
    "multiplier": ("factor", "exclusive_group"),
    "bonus": ("points",),
}
"""What a rule has that others haven't, by its kind."""
ALSO = "also."
"""Before the name of a field of kind `typed`: further values, typed with commas or line ends between them."""
_READERS = {
    name: {"money": fen, "count": count, "percent": count}[control.kind]
    for name, control in CONTROLS.items()
    if control.kind in ("money", "count", "percent")
}
_BODY = RuleBody()


def texts_of(rule: Mapping[str, Any]) -> Texts:
    """The texts that a rule's form shows."""
    return MultiDict(_texts(rule, ""))


def _texts(value: Mapping[str, Any], at: str) -> Iterator[tuple[str, str]]:
    for key, one in value.items():
        name = at + key
        if name in FOLLOWS:
            continue
        if isinstance(one, Mapping):
            yield from _texts(one, f"{name}.")
        elif not isinstance(one, list):
            yield name, _text(name, one)
        elif one and isinstance(one[0], Mapping):
            for place, item in enumerate(one):
                yield from _texts(item, f"{name}.{place}.")
        else:
            yield from ((name, str(item)) for item in one)


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return yuan(value) if name in CONTROLS and CONTROLS[name].kind == "money" else str(value)


def rule_of(texts: Texts) -> dict[str, Any]:
    """The rule that a form's texts say. Raises ValidationFailed, NotFound."""
    said = MultiDict(texts)
    for name, control in CONTROLS.items():
        if control.kind == "choice":
            said.setdefault(name, "")
        for more in said.poplist(ALSO + name):
            said.setlist(name, [*said.getlist(name), *parted(more, but=said.getlist(name))])
    merchant = count(said.get("funding.merchant", ""))
    if isinstance(merchant, int):
        said["funding.district"] = str(100 - merchant)
    return forms.read(_BODY, said, _READERS)


def parted(text: str, *, but: Collection[str] = ()) -> list[str]:
    """What somebody has typed in a row, each once."""
    for sign in "，、;；\r\n":
        text = text.replace(sign, ",")
    found = dict.fromkeys(one.strip() for one in text.split(","))
    return [one for one in found if one and one not in but]


def present(texts: Texts) -> set[str]:
    """The fields of which a form says something."""
    said = {name for name, text in texts.items(multi=True) if text.strip()}
    return {name for name in CONTROLS if any(one == name or one.startswith(f"{name}.") for one in said)}
