"""Shoppers who are signed in."""

from __future__ import annotations

from app.foundation.tenancy import system_principal
from app.foundation.unit_of_work import unit_of_work
from app.signin import sessions
from app.signin.sessions import SignedIn


def signed_in(district_id: str, member_id: str) -> SignedIn:
    """A new session of a member, without a code. Needs the context of an application."""
    with unit_of_work(system_principal(district_id)) as uow:
        return sessions.start(uow, member_id)
