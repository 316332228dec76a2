"""Second factors of an account: an authenticator's codes, passkeys, and codes on paper for the day on which both are lost."""

from __future__ import annotations

import base64
import secrets

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.keyring import digest_of
from app.foundation.runtime import keyring
from app.staff import queries
from app.staff.accounts import throttle, totp
from app.staff.models import RecoveryCode, StaffAccount

OTP, PASSKEY, RECOVERY_CODE = "otp", "passkey", "recovery_code"
CODES = 10
_CODE_BYTES = 10
_DROP_CODES = "DELETE FROM staff_recovery_codes WHERE district_id = %s AND account_id = %s"
_DROP_PASSKEYS = "DELETE FROM staff_passkeys WHERE district_id = %s AND account_id = %s"


def factors_of(uow: UnitOfWork, account: StaffAccount) -> list[str]:
    """By what an account proves itself besides its password; nothing where it has no second factor."""
    own = [OTP] if account.totp_secret is not None else []
    if queries.passkeys_of(uow, account.id):
        own.append(PASSKEY)
    return [*own, RECOVERY_CODE] if own and queries.recovery_codes_left(uow, account.id) else own


def use_otp(uow: UnitOfWork, account: StaffAccount, code: str) -> bool:
    """Whether a code is the authenticator's, and is used now for the first time; the account is locked. Raises RateLimited."""
    throttle.take_factor(account.id)
    if account.totp_secret is None:
        return False
    secret = totp.secret_of(keyring().open(account.totp_secret, bound_to=f"{account.id}/totp"))
    step = totp.right_step(secret, code, uow.now, after=account.totp_step)
    if step is None:
        return False
    account.totp_step = step
    throttle.forgive_factors(account.id)
    return True


def use_recovery_code(uow: UnitOfWork, account: StaffAccount, code: str) -> bool:
    """Whether a code on paper is right, and not yet used; the account is locked. Raises RateLimited."""
    throttle.take_factor(account.id)
    row = queries.recovery_code(uow, account.id, _plain(code))
    if row is None:
        return False
    row.used_at = uow.now
    throttle.forgive_factors(account.id)
    return True


def start_totp(uow: UnitOfWork, account: StaffAccount) -> bytes:
    """A new key for an authenticator; it counts once a code of it is given."""
    secret = totp.new_secret()
    account.totp_next_secret = keyring().seal(totp.secret_text(secret), bound_to=f"{account.id}/totp")
    return secret


def next_totp(account: StaffAccount) -> bytes | None:
    """The new key that isn't confirmed yet."""
    sealed = account.totp_next_secret
    return None if sealed is None else totp.secret_of(keyring().open(sealed, bound_to=f"{account.id}/totp"))


def confirm_totp(uow: UnitOfWork, account: StaffAccount, code: str) -> bool:
    """Whether a code is that of the new key, which then takes the place of an old one. Raises RateLimited."""
    throttle.take_factor(account.id)
    secret = next_totp(account)
    if secret is None:
        return False
    step = totp.right_step(secret, code, uow.now, after=0)
    if step is None:
        return False
    account.totp_secret, account.totp_next_secret, account.totp_step = account.totp_next_secret, None, step
    throttle.forgive_factors(account.id)
    return True


def new_recovery_codes(uow: UnitOfWork, account: StaffAccount) -> list[str]:
    """Ten codes in the place of those there were; only their digests are kept."""
    uow.execute(_DROP_CODES, (hex_of(uow.district_id), hex_of(account.id)))
    codes = [base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().lower() for _ in range(CODES)]
    for code in codes:
        uow.session.add(
            RecoveryCode(district_id=uow.district_id, account_id=account.id, code_hash=digest_of(code), used_at=None)
        )
    return ["-".join(code[start : start + 4] for start in range(0, len(code), 4)) for code in codes]


def drop_totp(account: StaffAccount) -> None:
    """Forgets the authenticator."""
    account.totp_secret = account.totp_next_secret = None


def reset(uow: UnitOfWork, account: StaffAccount) -> None:
    """Forgets all second factors."""
    drop_totp(account)
    for statement in (_DROP_PASSKEYS, _DROP_CODES):
        uow.execute(statement, (hex_of(uow.district_id), hex_of(account.id)))


def _plain(code: str) -> str:
    """A code on paper as it was made, however it is typed."""
    return "".join(one for one in code.lower() if one.isalnum())
