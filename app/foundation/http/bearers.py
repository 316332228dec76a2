"""Which of several authenticators knows a bearer secret, by how it begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.foundation.tenancy import Principal

Authenticate = Callable[[str], Principal]


def by_head(known: Mapping[str, Authenticate], others: Authenticate) -> Authenticate:
    """Asks the one of a secret's first three characters; what begins otherwise goes to the `others`."""
    return lambda secret: known.get(secret[:3], others)(secret)
