"""Roles: sets of the scopes that keys have, too. This is their one table; `docs/roles.md` is made from it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from app.districts.rules import MERCHANT_SCOPES, SCOPES

Reach = Literal["district", "merchant", "store", "installation"]
ALLIANCE_ADMIN, OPERATOR = "alliance_admin", "operator"


@dataclass(frozen=True, slots=True)
class Role:
    """What somebody may do, and where: in a whole district, at one merchant or store, or for the installation."""

    name: str
    reach: Reach
    scopes: frozenset[str]
    purpose: str

    @property
    def needs_second_factor(self) -> bool:
        """Whether it may change keys, staff, rules or settlement, or export people."""
        return bool(self.scopes & _POWERS) or (self.reach == "district" and self.covers({"members:read"}))

    @property
    def is_watched(self) -> bool:
        """Whether its sessions end when nothing is done for a while: where it has rights to change more than sales."""
        return any(scope not in _AT_TILLS and _changes(scope) for scope in self.scopes)

    def covers(self, scopes: Collection[str]) -> bool:
        """Whether it holds all of some scopes."""
        return "*" in self.scopes or self.scopes >= frozenset(scopes)


def _changes(scope: str) -> bool:
    return not scope.endswith(":read")


_AT_TILLS = frozenset({"transactions:write", "members:write", "coupons:redeem"})
_POWERS = frozenset({"*", "keys:write", "staff:write", "programme:write", "settlement:write", "payments:write"})
_MANAGED = frozenset({"staff:write", "staff:read"})
_OF_OFFICES = frozenset({"figures:read", "settlement:read", "disputes:write"})
"""What of a shop's rights isn't for who stands at a till."""
_READ = frozenset(scope for scope in SCOPES if scope.endswith(":read"))
_ALL = (
    Role(ALLIANCE_ADMIN, "district", frozenset({"*"}), "everything in its district"),
    Role(
        "alliance_operator",
        "district",
        (_READ - {"settlement:read", "payments:read", "staff:read"})
        | {
            "members:write",
            "points:adjust",
            "campaigns:write",
            "coupons:issue",
            "coupons:redeem",
            "transactions:write",
        },
        "members, campaigns and sales; no keys, staff, rules or settlement",
    ),
    Role(
        "alliance_viewer",
        "district",
        _READ - {"members:read", "staff:read"},
        "figures, sales, rules and statements; no person's data",
    ),
    Role(
        "merchant_manager",
        "merchant",
        frozenset(MERCHANT_SCOPES)
        | _MANAGED
        | {
            "tills:write",
            "campaigns:write",
            "campaigns:read",
            "coupons:issue",
            "merchants:read",
            "programme:read",
        },
        "one merchant: its shops, staff, sales, own campaigns and statement",
    ),
    Role("cashier", "store", frozenset(MERCHANT_SCOPES) - _OF_OFFICES, "sales and refunds of one store"),
    Role(OPERATOR, "installation", _MANAGED, "districts, and who else runs the installation"),
)
ROLES = {role.name: role for role in _ALL}


def may_give(holder: Collection[str], merchant_id: str | None, role: Role, of_merchant: str | None) -> bool:
    """Whether whoever holds scopes, in a whole district or at one merchant, may give or take a role of a merchant or none.

    Nobody gives what it lacks; a merchant's manager gives roles at its own merchant.
    """
    holds = "*" in holder or frozenset(holder) >= role.scopes
    return holds and (merchant_id is None or merchant_id == of_merchant)


def roles_page() -> str:
    """The text of `docs/roles.md`."""
    head = "# Roles\n\nMade from `app/staff/roles.py` by `quantong roles-page`. A role is a set of [scopes](api.md), in one place.\n\n"
    rows = [
        f"| `{role.name}` | {role.reach} | {role.purpose} | {'yes' if role.needs_second_factor else 'no'} "
        f"| {'30 min' if role.is_watched else '12 h'} | {', '.join(f'`{scope}`' for scope in sorted(role.scopes))} |"
        for role in _ALL
    ]
    table = "| role | of a | for | second factor | ends when idle | scopes |\n| --- | --- | --- | --- | --- | --- |\n"
    return head + table + "\n".join(rows) + "\n"
