"""What a campaign gives, in a few words for shoppers."""

from __future__ import annotations

from decimal import Decimal

from app.coupons.campaigns.rules import Terms
from app.foundation.i18n import Words
from app.foundation.i18n import words as _l

_MINOR_UNITS = 100


def worth_of(terms: Terms) -> Words:
    """What one coupon takes off. Amounts without a currency, which is the district's."""
    least = _money(terms["min_amount"])
    if terms["kind"] == "amount_off":
        off = _money(terms["amount_off"])
        if terms["min_amount"]:
            return _l("%(off)s off from %(least)s", off=off, least=least)
        return _l("%(off)s off", off=off)
    if terms["kind"] == "percent_off":
        percent, tenths = terms["percent_off"], tenths_left(terms["percent_off"])
        if terms["min_amount"]:
            return _l("%(percent)s%% off from %(least)s%(tenths).0s", percent=percent, tenths=tenths, least=least)
        return _l("%(percent)s%% off%(tenths).0s", percent=percent, tenths=tenths)
    if terms["exchange_price"]:
        return _l("One for %(price)s", price=_money(terms["exchange_price"]))
    return _l("One as a gift")


def tenths_left(percent_off: int | Decimal) -> str:
    """What is left to pay, in tenths of the price, as Chinese shops say it: 20% off is 8 折, 12.5% off 8.75 折.

    In English nobody says it, so there it takes no room (`.0s`); but catalogues know only values that a message has.
    """
    return f"{((100 - Decimal(percent_off)) / 10).normalize():f}"


def _money(minor_units: int) -> str:
    """An exact decimal, without zeros at its end."""
    whole, cents = divmod(minor_units, _MINOR_UNITS)
    return f"{whole}.{cents:02}".rstrip("0").rstrip(".")
