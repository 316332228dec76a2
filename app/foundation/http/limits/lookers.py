"""Who looks without being known: counted by network, whatever it looks at."""

from __future__ import annotations

from limits import RateLimitItem

from app.foundation.http.limits.callers import network_print
from app.foundation.http.limits.rate_limit import count_use
from app.foundation.http.limits.windows import Window
from app.foundation.i18n import words as _l


def count_look(looks: RateLimitItem) -> None:
    """Takes one of the looks that a network has in a minute. Raises RateLimited."""
    count_use(Window(looks, (network_print(),)), _l("At most %(amount)s of these a minute.", amount=looks.amount))
