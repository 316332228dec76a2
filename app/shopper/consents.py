"""What shoppers may consent to: to whom, for what, by which version of the text; each apart, none ticked before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from app.districts.queries import OpenShop

VERSION = "2026-01"
"""Of the texts in `templates/shopper/consent_text.html`: who changes what they say raises it."""
DISTRICT = "district"
MEMBERSHIP, OFFERS = "membership", "marketing"


class Offered(NamedTuple):
    """A consent that may be given, to whom it is given by name, and whether nobody joins without it."""

    controller: str
    purpose: str
    whom: str
    is_needed: bool = False

    @property
    def value(self) -> str:
        """As its box says it."""
        return f"{self.controller}/{self.purpose}/{VERSION}"

    def given(self) -> Mapping[str, str]:
        """As the API takes it."""
        return {"controller": self.controller, "purpose": self.purpose, "version": VERSION}


def offered(district: str, shop: OpenShop | None) -> list[Offered]:
    """What is offered to who joins: the district's, and the shop's where one stands at its till."""
    found = [Offered(DISTRICT, MEMBERSHIP, district, is_needed=True)]
    if shop is not None:
        found.append(Offered(shop.merchant_id, MEMBERSHIP, shop.merchant))
    return [*found, Offered(DISTRICT, OFFERS, district)]


def ticked(offers: Iterable[Offered], values: Iterable[str]) -> list[Mapping[str, str]]:
    """Those of the offered consents whose boxes were ticked."""
    chosen = set(values)
    return [one.given() for one in offers if one.value in chosen]
