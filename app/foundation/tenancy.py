"""Who acts, and in which district."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

OPERATOR_DISTRICT = "dis_" + "0" * 32
"""Stands where a district is wanted but the operator acts above all of them; owns no rows but idempotency keys."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who makes a call: an API key of a district, of one merchant or of one store; or the operator.

    `scopes` holds what it may do; `*` is everything.
    """

    kind: Literal["operator", "key", "system"]
    id: str
    district_id: str
    merchant_id: str | None = None
    store_id: str | None = None
    scopes: frozenset[str] = frozenset()

    def may(self, scope: str) -> bool:
        """Whether this principal holds a scope."""
        return "*" in self.scopes or scope in self.scopes

    @property
    def is_alliance(self) -> bool:
        """Whether it acts for the whole district."""
        return self.kind == "key" and self.merchant_id is None


OPERATOR = Principal("operator", "key_" + "0" * 32, OPERATOR_DISTRICT)
"""Who creates districts and keeps the house."""


def system_principal(district_id: str) -> Principal:
    """The product itself at work in one district: jobs and commands."""
    return Principal("system", "key_" + "0" * 32, district_id, scopes=frozenset({"*"}))
