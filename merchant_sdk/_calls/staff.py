"""`client.staff`: who works for the district and its shops, and invitations, by which people come."""

from __future__ import annotations

from collections.abc import Iterator

from merchant_sdk._answers.staff import Invitation, StaffMember
from merchant_sdk._calls.pages import Sends, read_all
from merchant_sdk._http.wire import given, path


class Staff:
    """People who work there; for keys with `staff:read` and `staff:write`. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def list(self, *, role: str | None = None) -> Iterator[StaffMember]:
        """All who work there, or those in a role, newest first."""
        return read_all(self._sender, path("staff"), StaffMember, {"role": role})

    def get(self, account_id: str) -> StaffMember:
        """Somebody who works there."""
        return StaffMember.read(self._sender.request("GET", path("staff", account_id)))

    def change_role(
        self, account_id: str, *, role: str, merchant_id: str | None = None, store_id: str | None = None
    ) -> StaffMember:
        """Gives somebody another role, of a merchant or store where it is one's."""
        body = given(role=role, merchant_id=merchant_id, store_id=store_id)
        return StaffMember.read(self._sender.request("PATCH", path("staff", account_id), json=body))

    def remove(self, account_id: str) -> StaffMember:
        """Lets somebody work there no more."""
        return StaffMember.read(self._sender.request("DELETE", path("staff", account_id)))

    def reset_second_factor(self, account_id: str, *, idempotency_key: str | None = None) -> StaffMember:
        """Takes away the second factors of somebody who has lost them."""
        place = path("staff", account_id, "second-factor", "reset")
        return StaffMember.read(self._sender.request("POST", place, idempotency_key=idempotency_key))

    def invite(
        self,
        *,
        name: str,
        login: str,
        role: str,
        merchant_id: str | None = None,
        store_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Invitation:
        """Invites a phone or an e-mail address to a role; hand on the `url`, which comes now only."""
        body = given(name=name, login=login, role=role, merchant_id=merchant_id, store_id=store_id)
        answer = self._sender.request("POST", path("staff", "invitations"), json=body, idempotency_key=idempotency_key)
        return Invitation.read(answer)

    def invitations(self) -> Iterator[Invitation]:
        """Invitations that are open, newest first."""
        return read_all(self._sender, path("staff", "invitations"), Invitation, {})

    def withdraw_invitation(self, invitation_id: str) -> Invitation:
        """Withdraws an invitation that nobody has taken up."""
        return Invitation.read(self._sender.request("DELETE", path("staff", "invitations", invitation_id)))
