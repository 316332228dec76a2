"""What the calls on staff answer. Instants in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from merchant_sdk._answers.reading import INSTANT, Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember(Answer):
    """Somebody who works for the district, a merchant or a store; `login` is masked."""

    id: str
    name: str = ""
    login: str = ""
    role: str = ""
    merchant_id: str | None = None
    store_id: str | None = None
    since: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation(Answer):
    """An invitation to a role. Its link `url` comes once, with the answer that makes it.

    `sent_by`: `email` where it has been sent; None where it is to be handed on.
    """

    id: str
    name: str = ""
    login: str = ""
    role: str = ""
    merchant_id: str | None = None
    store_id: str | None = None
    url: str | None = field(default=None, repr=False)
    sent_by: str | None = None
    created_at: datetime | None = field(default=None, metadata=INSTANT)
    expires_at: datetime | None = field(default=None, metadata=INSTANT)
