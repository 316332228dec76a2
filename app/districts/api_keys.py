"""Verbs on API keys. Whoever mints, rotates or revokes one needs all of its scopes, and nobody's key outlasts its maker's.

Each verb asks anew who calls (`_caller`): a key that was revoked or rotated away in the last seconds is still trusted for
its sales, but makes no other key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from app.districts import queries, rules
from app.districts.models import ApiKey, District
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import new_id
from app.foundation.keyring import digest_of
from app.foundation.problems import Forbidden, NotFound, Unauthorized, ValidationFailed
from app.foundation.tenancy import Principal


class _Caller(NamedTuple):
    """Who acts on a key, and until when (UTC) the secret works by which it is here; None: without end."""

    principal: Principal
    ends_at: datetime | None

    def must_hold(self, scopes: Iterable[str]) -> None:
        """Raises Forbidden."""
        for scope in scopes:
            if self.principal.kind in ("key", "staff") and not self.principal.may(scope):
                raise Forbidden(_l("This key lacks %(scope)s, and has no say over a key that holds it.", scope=scope))

    def outlasts(self, ends_at: datetime | None) -> bool:
        """Whether it ends no earlier than at an instant, or ever."""
        return self.ends_at is None or (ends_at is not None and ends_at <= self.ends_at)


def _caller(uow: UnitOfWork) -> _Caller:
    """Who calls, as the database knows it now, and until the commit. Raises Unauthorized."""
    queries.lock_keys(uow)
    if uow.principal.kind != "key":
        return _Caller(uow.principal, None)
    found = queries.principal_of(uow, uow.principal.secret_hash)
    if found is None:
        raise Unauthorized(headers={"WWW-Authenticate": "Bearer"})
    return _Caller(*found)


def create(
    uow: UnitOfWork,
    *,
    district: District,
    name: str,
    merchant_id: str | None = None,
    store_id: str | None = None,
    scopes: Sequence[str] | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Makes a key of the district, a merchant or a store; gives it and its secret, which is nowhere kept.

    Without an end of its own it ends with its maker. Raises Forbidden where its maker lacks one of its scopes,
    ValidationFailed where a shop's key would get what only the alliance may do or would outlast its maker, NotFound for
    foreign shops.
    """
    caller = _caller(uow)
    _check_owner(uow, merchant_id, store_id)
    of_shop = bool(merchant_id or store_id)
    scopes = list(scopes or (rules.MERCHANT_SCOPES if of_shop else ["*"]))
    caller.must_hold(scopes)
    _check_scopes(scopes, of_shop=of_shop)
    expires_at = expires_at or caller.ends_at
    if not caller.outlasts(expires_at):
        raise ValidationFailed.at("/expires_at", "out-of-range", _l("A key ends no later than the one that makes it."))
    secret = rules.new_secret(district.id, district.mode)
    key = ApiKey(
        district_id=district.id,
        id=new_id("key"),
        name=name,
        merchant_id=merchant_id,
        store_id=store_id,
        scopes=scopes,
        secret_hash=digest_of(secret),
        secret_hint=secret[-4:],
        expires_at=expires_at,
        created_at=uow.now,
    )
    uow.session.add(key)
    uow.session.flush()
    return key, secret


def _check_owner(uow: UnitOfWork, merchant_id: str | None, store_id: str | None) -> None:
    if merchant_id and store_id:
        raise ValidationFailed.at("/store_id", "invalid", _l("A key is of one merchant or of one store, not of both."))
    if store_id:
        queries.store_exists(uow, store_id)
    if merchant_id:
        try:
            queries.find_merchant(uow, merchant_id)
        except NotFound:
            raise NotFound.at("/merchant_id", _l("merchant")) from None


_SHOP_SCOPES = {*rules.MERCHANT_SCOPES, "transactions:backdate", "merchants:read", "programme:read"}
_SHOP_SCOPES |= {"points:spend-unproven", "campaigns:write", "campaigns:read", "coupons:issue", "webhooks:write"}
_SHOP_SCOPES |= {"tills:write"}


def _check_scopes(scopes: Sequence[str], *, of_shop: bool) -> None:
    for position, scope in enumerate(scopes):
        if of_shop and scope not in _SHOP_SCOPES:
            raise ValidationFailed.at(
                f"/scopes/{position}", "not-for-shops", _l("A shop's key can't have %(scope)s.", scope=scope)
            )


def rotate(uow: UnitOfWork, key_id: str, mode: str, overlap: timedelta) -> tuple[ApiKey, str]:
    """Gives a key a new secret; the old one works until the overlap ends.

    Raises NotFound, also for a revoked key, and Forbidden where the caller lacks one of its scopes or ends earlier.
    """
    caller, key = _caller(uow), queries.find_api_key(uow, key_id)
    _check_standing(caller, key)
    secret = rules.new_secret(key.district_id, mode)
    key.previous_hash, key.previous_until = key.secret_hash, uow.now + overlap
    key.secret_hash, key.secret_hint = digest_of(secret), secret[-4:]
    return key, secret


def revoke(uow: UnitOfWork, key_id: str) -> ApiKey:
    """Ends a key; processes that remember it forget it within `key_cache_seconds`.

    Raises NotFound, also for a revoked key, and Forbidden where the caller lacks one of its scopes.
    """
    caller, key = _caller(uow), queries.find_api_key(uow, key_id)
    caller.must_hold(key.scopes)
    key.revoked_at = uow.now
    return key


def end_all(uow: UnitOfWork) -> list[ApiKey]:
    """Ends every key of the district, old secrets in their overlap too; gives those that worked until now.

    Whoever is making one at this moment is waited for, and whoever comes later finds itself revoked.
    """
    queries.lock_district_alone(uow)
    ended = list(uow.session.scalars(queries.api_keys(uow).where(ApiKey.revoked_at.is_(None)).with_for_update()))
    for key in ended:
        key.revoked_at, key.previous_hash, key.previous_until = uow.now, None, None
    uow.session.flush()
    return ended


def check_maker(uow: UnitOfWork, scopes: Iterable[str]) -> datetime | None:
    """Until when (UTC; None: without end) what the caller makes may work that holds these scopes.

    Raises Forbidden where the caller lacks one of them, Unauthorized where its key has ended meanwhile.
    """
    caller = _caller(uow)
    caller.must_hold(scopes)
    return caller.ends_at


def check_standing(uow: UnitOfWork, key_id: str) -> None:
    """Refuses who may not be told a key's secret: Forbidden, Unauthorized, NotFound."""
    _check_standing(_caller(uow), queries.find_api_key(uow, key_id))


def _check_standing(caller: _Caller, key: ApiKey) -> None:
    caller.must_hold(key.scopes)
    if not caller.outlasts(key.expires_at):
        raise Forbidden(_l("This key ends earlier than the one that it would give a new secret."))
