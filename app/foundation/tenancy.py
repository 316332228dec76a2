"""Who acts, in which district, and from where."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

OPERATOR_DISTRICT = "dis_" + "0" * 32
"""Stands where a district is wanted but the operator acts above all of them; owns no rows but idempotency keys, and the accounts of staff."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who makes a call: an API key of a district, of one merchant or of one store; the operator; a member, who is
    signed in by a session; one of staff, who is too; a till of a store; or a visitor, of whom nothing is known yet.

    `scopes` holds what a key may do; `*` is everything. A member needs none: it acts for itself. `secret_hash` tells by
    which of a key's two secrets it is here. `wants`: what staff must do first, before it may do anything but that.
    `cashier_id`: whose shift is open at a till, where that matters; its id is the `session_id` then.
    """

    kind: Literal["operator", "key", "system", "member", "staff", "till", "visitor"]
    id: str
    district_id: str
    merchant_id: str | None = None
    store_id: str | None = None
    scopes: frozenset[str] = frozenset()
    session_id: str | None = None
    cashier_id: str | None = None
    secret_hash: bytes = field(default=b"", repr=False)
    wants: Literal["", "district", "second-factor"] = ""

    def may(self, scope: str) -> bool:
        """Whether this principal holds a scope."""
        return "*" in self.scopes or scope in self.scopes

    def acts_for(self, merchant_id: str, store_id: str) -> bool:
        """Whether a store, and its merchant, are within what this principal acts for."""
        return self.merchant_id in (None, merchant_id) and self.store_id in (None, store_id)

    @property
    def is_alliance(self) -> bool:
        """Whether it acts for the whole district."""
        return self.kind in ("key", "staff") and self.merchant_id is None

    @property
    def is_person(self) -> bool:
        """Whether it is somebody of staff who is signed in, the operator's included."""
        return self.kind == "staff" or (self.kind == "operator" and self.session_id is not None)


@dataclass(frozen=True, slots=True)
class Origin:
    """The request by which somebody acts: its id, the client's address where it is known, and what it says it is."""

    request_id: str
    address: str | None
    agent: str = ""


NOBODY = "0" * 32
"""Stands in an id where a principal has none of its own."""

OPERATOR = Principal("operator", f"key_{NOBODY}", OPERATOR_DISTRICT)
"""Who creates districts and keeps the house."""


def system_principal(district_id: str) -> Principal:
    """The product itself at work in one district: jobs and commands."""
    return Principal("system", f"key_{NOBODY}", district_id, scopes=frozenset({"*"}))


def at_home(person: Principal) -> Principal:
    """Staff in its own matters, where accounts are kept: in no district, and without its role's rights."""
    return replace(person, district_id=OPERATOR_DISTRICT, merchant_id=None, store_id=None, scopes=frozenset(), wants="")
