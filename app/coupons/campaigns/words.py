"""What a campaign gives, in a few words for shoppers."""

from __future__ import annotations

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
        if terms["min_amount"]:
            return _l("%(percent)s%% off from %(least)s", percent=terms["percent_off"], least=least)
        return _l("%(percent)s%% off", percent=terms["percent_off"])
    if terms["exchange_price"]:
        return _l("One for %(price)s", price=_money(terms["exchange_price"]))
    return _l("One as a gift")


def _money(minor_units: int) -> str:
    """An exact decimal, without zeros at its end."""
    whole, cents = divmod(minor_units, _MINOR_UNITS)
    return f"{whole}.{cents:02}".rstrip("0").rstrip(".")
