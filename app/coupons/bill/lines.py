"""A bill as coupons see it: lines, and which of them a campaign is about. Amounts in fen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.coupons.bill.terms import Exchange, Terms
from app.foundation.i18n import words as _l
from app.foundation.problems import ValidationFailed


@dataclass(frozen=True, slots=True)
class Line:
    """Some units of an item, and what they cost together."""

    amount: int
    quantity: int = 1
    sku: str | None = None
    category: str | None = None

    @property
    def unit_amount(self) -> int:
        """What one unit costs, rounded down."""
        return self.amount // self.quantity


class Bill:
    """The lines of a bill in the order of its items; what they leave of its amount is a last line, of no sku."""

    def __init__(self, amount: int, lines: Sequence[Line]) -> None:
        self.amount = amount
        self.lines = tuple(lines)
        self._matching: dict[tuple[frozenset[str], ...], tuple[int, ...]] = {}

    def matching(self, terms: Terms) -> tuple[int, ...]:
        """The places of the lines that count for a campaign."""
        filters = (terms.item_skus, terms.item_categories, terms.excluded_skus)
        found = self._matching.get(filters)
        if found is None:
            found = tuple(place for place, line in enumerate(self.lines) if _counts(terms, line))
            self._matching[filters] = found
        return found

    def matching_amount(self, terms: Terms) -> int:
        """What the lines that count for a campaign cost."""
        return sum(self.lines[place].amount for place in self.matching(terms))

    def has_unit_for(self, exchange: Exchange) -> bool:
        """Whether there is an item that an exchange gives."""
        return any(line.sku == exchange.sku for line in self.lines)


def bill_of(amount: int, items: Sequence[Line] = ()) -> Bill:
    """A bill with its items, or without. Raises ValidationFailed at `/items` if they add up to more than it."""
    rest = amount - sum(item.amount for item in items)
    if rest < 0:
        raise ValidationFailed.at("/items", "items-above-amount", _l("The items add up to more than the bill."))
    return Bill(amount, items if items and not rest else (*items, Line(rest)))


def _counts(terms: Terms, line: Line) -> bool:
    """Its sku or its category is named, or none is; and its sku isn't excluded."""
    is_named = line.sku in terms.item_skus or line.category in terms.item_categories
    return (is_named or not (terms.item_skus or terms.item_categories)) and line.sku not in terms.excluded_skus
