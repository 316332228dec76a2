"""The console's column of places: where it leads, and whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from app.foundation.i18n import Words
from app.foundation.i18n import words as _l
from app.foundation.tenancy import Principal

HOME = "/console"


def anybody(_principal: Principal) -> bool:
    """Whoever is signed in."""
    return True


def alliance(principal: Principal) -> bool:
    """Who acts for the whole district."""
    return principal.is_alliance


def operator(principal: Principal) -> bool:
    """Who keeps the installation."""
    return principal.kind == "operator"


@dataclass(frozen=True, slots=True)
class NavItem:
    """A page that the column leads to: in a group, for who holds `scope` and is one that it is for."""

    group: int
    path: str
    icon: str
    name: Words
    scope: str = ""
    is_for: Callable[[Principal], bool] = anybody

    def is_at(self, here: str) -> bool:
        """Whether the page at hand is this one or below it."""
        return here.rstrip("/") == self.path.rstrip("/") or (
            self.path != f"{HOME}/" and here.startswith(f"{self.path}/")
        )


PLACES = (
    NavItem(0, f"{HOME}/", "home", _l("Overview")),
    NavItem(0, f"{HOME}/figures", "chart-bar", _l("Figures"), "figures:read"),
    NavItem(0, f"{HOME}/sales", "receipt", _l("Transactions"), "transactions:read"),
    NavItem(0, f"{HOME}/members", "user", _l("Members"), "members:read"),
    NavItem(0, f"{HOME}/merchants", "building-store", _l("Merchants and stores"), "merchants:read"),
    NavItem(0, f"{HOME}/cases", "message-report", _l("Complaints"), "members:read"),
    NavItem(1, f"{HOME}/campaigns", "ticket", _l("Campaigns"), "campaigns:read"),
    NavItem(1, f"{HOME}/redemptions", "circle-check", _l("Redemptions"), "coupons:read"),
    NavItem(1, f"{HOME}/rules", "adjustments", _l("Points rules"), "programme:read"),
    NavItem(1, f"{HOME}/tiers", "medal", _l("Tiers"), "programme:read"),
    NavItem(1, f"{HOME}/settlement", "cash", _l("Settlement"), "settlement:read"),
    NavItem(2, f"{HOME}/imports", "arrow-up", _l("Imports"), "transactions:write"),
    NavItem(2, f"{HOME}/exports", "download", _l("Exports"), "transactions:read"),
    NavItem(2, f"{HOME}/work", "list-details", _l("Work under way"), "transactions:read"),
    NavItem(2, f"{HOME}/audit", "history", _l("Audit log"), "programme:read", alliance),
    NavItem(3, f"{HOME}/staff", "users", _l("Staff"), "staff:read"),
    NavItem(3, f"{HOME}/tills", "devices", _l("Tills"), "tills:write"),
    NavItem(3, f"{HOME}/keys", "key", _l("API keys"), "keys:write", alliance),
    NavItem(3, f"{HOME}/webhooks", "webhook", _l("Webhooks"), "webhooks:write"),
    NavItem(3, f"{HOME}/settings", "settings", _l("Settings"), "programme:read", alliance),
    NavItem(3, f"{HOME}/billing", "receipt", _l("Plan and bills"), "settlement:read", alliance),
    NavItem(3, f"{HOME}/installation", "world", _l("Districts"), is_for=operator),
)
"""Trade and members, what the programme gives, work that takes a while and what was done, and how all is set up."""


def places_of(principal: Principal) -> list[list[NavItem]]:
    """Where somebody may go, in groups."""
    open_to = [one for one in PLACES if one.is_for(principal) and (not one.scope or principal.may(one.scope))]
    return [list(group) for _, group in groupby(open_to, lambda one: one.group)]
