"""Cards for trying, as Stripe's documentation lists them, and what becomes of a charge on each."""

from __future__ import annotations

from typing import NamedTuple

from demo.provider.refusals import Refused, declined


class Card(NamedTuple):
    """`code` and `decline_code` are what a charge is refused with; `is_slow`: its outcome is told later only."""

    number: str
    code: str | None = None
    decline_code: str | None = None
    is_slow: bool = False


CARDS = {
    "pm_card_visa": Card("4242424242424242"),
    "pm_card_chargeCustomerFail": Card("4000000000000341", "card_declined", "generic_decline"),
    "pm_card_chargeDeclinedInsufficientFunds": Card("4000000000009995", "card_declined", "insufficient_funds"),
    "pm_card_chargeDeclinedStolenCard": Card("4000000000009979", "card_declined", "stolen_card"),
    "pm_card_chargeDeclinedExpiredCard": Card("4000000000000069", "expired_card"),
    "pm_card_authenticationRequired": Card("4000002500003155", "authentication_required", "authentication_required"),
    "pm_usBankAccount": Card("000123456789", is_slow=True),
}
BY_NUMBER = {card.number: name for name, card in CARDS.items()}


def refusal_of(card: str) -> Refused | None:
    """Why a charge on a card fails; None where it doesn't."""
    found = CARDS[card]
    return declined(found.code, found.decline_code) if found.code else None
