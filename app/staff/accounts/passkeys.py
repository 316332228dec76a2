"""Passkeys (WebAuthn level 2), by py_webauthn. They belong to the host of PUBLIC_URL, if it has a name."""

from __future__ import annotations

from typing import Any

import orjson
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of, new_id
from app.foundation.problems import NotFound
from app.foundation.runtime import runtime
from app.staff import queries
from app.staff.accounts import throttle
from app.staff.accounts.services import login_of
from app.staff.accounts.sites import Site, site_of
from app.staff.errors import PasskeysUnavailable
from app.staff.models import Passkey, StaffAccount, StaffSession

NAME = "Quantong"
MOST = 20


def registration_options(uow: UnitOfWork, account: StaffAccount, session: StaffSession) -> dict[str, Any]:
    """What a browser is asked for a new passkey; its challenge is the session's until it is answered.

    Raises PasskeysUnavailable.
    """
    site = own_site()
    if site is None:
        raise PasskeysUnavailable
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=NAME,
        user_id=bytes.fromhex(hex_of(account.id)),
        user_name=login_of(account).hint,
        exclude_credentials=_known(uow, account.id),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    session.challenge = options.challenge
    return _in_json(options)


def sign_in_options(uow: UnitOfWork, account_id: str, session: StaffSession) -> dict[str, Any] | None:
    """What a browser is asked to prove a passkey of an account; None where there is none to prove."""
    site, known = own_site(), _known(uow, account_id)
    if site is None or not known:
        return None
    options = generate_authentication_options(
        rp_id=site.host,
        allow_credentials=known,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    session.challenge = options.challenge
    return _in_json(options)


def add(
    uow: UnitOfWork, account: StaffAccount, session: StaffSession, name: str, answer: dict[str, str]
) -> Passkey | None:
    """Keeps a passkey that answers the session's challenge; None for what doesn't."""
    challenge, session.challenge, site = session.challenge, None, own_site()
    if challenge is None or site is None or len(queries.passkeys_of(uow, account.id)) >= MOST:
        return None
    response = {"clientDataJSON": answer["client_data"], "attestationObject": answer["attestation"]}
    try:
        proven = verify_registration_response(
            credential=_credential(answer["id"], response),
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    except (WebAuthnException, ValueError):
        return None
    row = Passkey(
        district_id=uow.district_id,
        id=new_id("pky"),
        account_id=account.id,
        name=name,
        credential_id=proven.credential_id,
        public_key=proven.credential_public_key,
        sign_count=proven.sign_count,
        created_at=uow.now,
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def use(uow: UnitOfWork, account: StaffAccount, session: StaffSession, answer: dict[str, str]) -> bool:
    """Whether a passkey of the account answers the session's challenge, which is used up. Raises RateLimited."""
    throttle.take_factor(account.id)
    challenge, session.challenge, site = session.challenge, None, own_site()
    try:
        credential_id = base64url_to_bytes(answer["id"])
    except ValueError:
        return False
    row = next((one for one in queries.passkeys_of(uow, account.id) if one.credential_id == credential_id), None)
    if challenge is None or row is None or site is None:
        return False
    response = {
        "clientDataJSON": answer["client_data"],
        "authenticatorData": answer["authenticator_data"],
        "signature": answer["signature"],
    }
    try:
        proven = verify_authentication_response(
            credential=_credential(answer["id"], response),
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count,
        )
    except (WebAuthnException, ValueError):
        return False
    row.sign_count, row.used_at = proven.new_sign_count, uow.now
    throttle.forgive_factors(account.id)
    return True


def remove(uow: UnitOfWork, account_id: str, passkey_id: str) -> None:
    """Forgets a passkey. Raises NotFound."""
    row = next((one for one in queries.passkeys_of(uow, account_id) if one.id == passkey_id), None)
    if row is None:
        raise NotFound
    uow.session.delete(row)


def _credential(credential_id: str, response: dict[str, str]) -> dict[str, Any]:
    return {"id": credential_id, "rawId": credential_id, "type": "public-key", "response": response}


def _known(uow: UnitOfWork, account_id: str) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=one.credential_id) for one in queries.passkeys_of(uow, account_id)]


def _in_json(options: Any) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(options_to_json(options))
    return body


def own_site() -> Site | None:
    """The site that passkeys belong to; None where PUBLIC_URL has no name."""
    return site_of(runtime().settings.public_url)
