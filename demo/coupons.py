"""Which purchases of the street use a coupon, and who holds others: pure functions, as `demo/history.py`.

Only regulars, the first customers of the file, claim coupons or are given some by name, so that a quick demo shows nearly
all of them, and the full one takes hardly longer; whoever finds a printed code uses it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from demo import history
from demo.campaigns import OFFERS, Offer
from demo.history import Purchase

REGULARS = 1_500
"""No more than a quick demo has, so that the full one goes on where that stopped."""
GUEST = 5
"""The customer whom the demo offers to be: one who comes often, and holds what everybody may claim."""
OLD_FRIEND = 6
"""From so many purchases on a customer gets a gift by name."""
POINTS_LAST = timedelta(days=300)
"""Points earned this long before the history's end are surely still there."""
STAFF = 3
"""So many holders of government vouchers work on the street."""
_REFUNDED = 7
"""Percent of the purchases with a coupon."""


class Use(NamedTuple):
    """A purchase that uses a coupon."""

    purchase: Purchase
    offer: Offer


@dataclass(frozen=True, slots=True)
class Plan:
    """What the street does with its coupons: `uses` by the line of the purchase, as they happen.

    `spares`: of which offers customers hold coupons besides. `old_friends` get a gift by name; `newcomers` use the gift of
    joining, and so join when there is one; `staff` use vouchers that aren't meant for them.
    """

    uses: Mapping[int, Use]
    spares: Sequence[tuple[Offer, int]]
    old_friends: Sequence[int]
    newcomers: frozenset[int] = frozenset()

    @property
    def staff(self) -> Sequence[int]:
        """The first customers who use government vouchers, but for the guest."""
        users = (use.purchase.customer for use in self.uses.values() if _is_voucher(use.offer))
        return [one for one in dict.fromkeys(users) if one != GUEST][:STAFF]

    def waits_for_coupons(self, purchase: Purchase) -> bool:
        """Whether it is made with a coupon, or by somebody who joins when these are there."""
        return purchase.line in self.uses or purchase.customer in self.newcomers

    def is_late(self, purchase: Purchase) -> bool:
        """Whether its coupon costs points, which have to be earned first."""
        use = self.uses.get(purchase.line)
        return use is not None and use.offer.way == "points"


NONE = Plan({}, (), ())
"""A street without coupons."""


def plan(purchases: Sequence[Purchase], shift: int, newcomers: Collection[int] = ()) -> Plan:
    """The plan for purchases, given as they happened; `shift` is the days by which they move.

    `newcomers` join at the end, whatever they use: a phone that isn't used for half a year is taken for another's.
    """
    visits = Counter(purchase.customer for purchase in purchases if purchase.customer <= REGULARS)
    regulars = sorted(visits)
    friends = [customer for customer in regulars if visits[customer] >= OLD_FRIEND]
    spares = [(offer, one) for offer in OFFERS for one in regulars if _spares(offer, one)]
    uses = _uses(purchases, shift, frozenset(friends))
    thankful = {use.purchase.customer for use in uses.values() if use.offer.way == "automatic"}
    return Plan(uses, spares, friends, frozenset(thankful | set(newcomers)))


def _uses(purchases: Iterable[Purchase], shift: int, friends: Container[int]) -> dict[int, Use]:
    """Each purchase uses one coupon at most, and nobody more than an offer allows, or than its points pay for."""
    uses: dict[int, Use] = {}
    had: Counter[tuple[str, int]] = Counter()
    purse: Counter[int] = Counter()
    for purchase in purchases:
        customer = purchase.customer
        for offer in OFFERS:
            price = offer.terms.get("points_price", 0)
            is_left = had[offer.code, customer] < offer.terms.get("per_member_limit", math.inf)
            is_for = offer.way != "targeted" or customer in friends
            if is_left and is_for and purse[customer] >= price and _is_drawn(offer, purchase, shift):
                uses[purchase.line] = Use(purchase, offer)
                had[offer.code, customer] += 1
                purse[customer] -= price
                break
        if history.LAST_DAY - purchase.day < POINTS_LAST:
            purse[customer] += purchase.amount // 200  # half of what it earns: coupons and refunds take some
    return uses


def with_coupon(sale: dict[str, Any], use: Use | None, code: str | None) -> dict[str, Any]:
    """A sale with the code that it uses, if it has got one; a government's asks for the payment company's number."""
    if use is None or code is None:
        return sale
    paid = {"payment_reference": f"4200001{use.purchase.line:021d}"} if _is_voucher(use.offer) else {}
    return {**sale, "coupons": [code], **paid}


def refund(purchase: Purchase, shift: int, merchants: Mapping[str, str]) -> dict[str, Any] | None:
    """What comes back of a purchase with a coupon: mostly nothing; else all of it, or half, two hours later."""
    drawn = history.draw("refund", purchase.line) % 100
    if drawn >= _REFUNDED:
        return None
    return {
        "reference": f"refund-{purchase.line:06d}",
        "merchant_id": merchants[history.store_of(purchase).merchant_code],
        "transaction_reference": purchase.reference,
        "amount": purchase.amount if drawn % 2 else -(-purchase.amount // 2),
        "occurred_at": (history.occurred_at(purchase, shift) + timedelta(hours=2)).isoformat(),
        "reason": "顾客退货",
    }


def _is_drawn(offer: Offer, purchase: Purchase, shift: int) -> bool:
    if purchase.customer > REGULARS and offer.way != "code_batch":
        return False
    month = (purchase.day + timedelta(days=shift)).month
    percent = offer.percent * (2 if month in offer.peak else 1)
    drawn = history.draw("uses", offer.code, purchase.line) % 100
    return month in offer.months and drawn < percent and _fits(offer, purchase)


def _fits(offer: Offer, purchase: Purchase) -> bool:
    """Whether a coupon of the offer takes something off a purchase."""
    store, terms = history.store_of(purchase), offer.terms
    is_here = store.merchant_code in (offer.merchants or (store.merchant_code,))
    is_meant = store.category in terms.get("categories", (store.category,))
    if not (is_here and is_meant and purchase.amount >= max(1, terms.get("min_amount", 0))):
        return False
    if terms["kind"] != "exchange":
        return True
    units = [item for item in history.items(purchase, store) if item["sku"] == terms["sku"]]
    return any(item["amount"] // item["quantity"] > terms["exchange_price"] for item in units)


def _spares(offer: Offer, customer: int) -> bool:
    is_open = "claim" in offer.terms["issuing"] and offer.course != "draft"
    return is_open and (customer == GUEST or history.draw("spares", offer.code, customer) % 1_000 < offer.spare)


def _is_voucher(offer: Offer) -> bool:
    return bool(offer.terms["funding"].get("government"))
