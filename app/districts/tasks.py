"""Jobs over every district."""

from __future__ import annotations

from app.districts.walking import once_in_every_district
from app.foundation.database import idempotency


def forget_old_answers() -> int:
    """Forgets the answers kept under idempotency keys for longer than a day; gives their number."""
    return once_in_every_district(idempotency.prune, operator_too=True)


def forget_secret_answers() -> int:
    """Forgets kept answers with secrets that can't be asked for any more, in every district; gives their number."""
    return once_in_every_district(idempotency.prune_secrets, operator_too=True)
