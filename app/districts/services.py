"""Verbs that write districts and shops. A change of what sales depend on raises the district's revision."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from app.districts import api_keys, queries
from app.districts.errors import CodeTaken, SlugTaken
from app.districts.events import DistrictCreated, MerchantCreated, StoreCreated
from app.districts.models import ApiKey, District, Merchant, Store
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.i18n import words as _l
from app.foundation.ids import hex_of, new_id
from app.foundation.problems import NotFound
from app.foundation.runtime import Runtime, runtime
from app.foundation.tenancy import OPERATOR_DISTRICT, system_principal


def create_district(
    uow: UnitOfWork, *, name: str, slug: str, currency: str, time_zone: str, mode: str
) -> tuple[District, ApiKey, str]:
    """Makes a tenant and its first key. Gives the district, the key and its secret. Raises SlugTaken."""
    if queries.district_by_slug(uow, slug) is not None:
        raise SlugTaken
    district = District(
        id=new_id("dis"),
        name=name,
        slug=slug,
        currency=currency,
        time_zone=time_zone,
        mode=mode,
        revision=1,
        created_at=uow.now,
    )
    uow.session.add(district)
    uow.session.flush()
    with uow.inside(district.id):
        uow.emit(DistrictCreated(district.id))
        key, secret = api_keys.create(uow, district=district, name="alliance", scopes=["*"])
    return district, key, secret


def update_district(uow: UnitOfWork, district_id: str, changes: Mapping[str, Any]) -> District:
    """Changes the name of a district, or the colour of its pages: the operator of any, an alliance its own. Raises NotFound."""
    district = queries.find_district(uow, district_id)
    for name, value in changes.items():
        setattr(district, name, value)
    return district


def lock_configuration(uow: UnitOfWork) -> datetime:
    """Waits for sales under way, and lets those that follow wait for this commit (see `hold_configuration`).

    Gives the instant (UTC) at which none was under way any more: whatever is recorded already came before it.
    """
    uow.rows("SELECT pg_advisory_xact_lock(hashtextextended(%s::uuid::text, 1))", (hex_of(uow.district_id),))
    return uow.clock()


def touch_configuration(uow: UnitOfWork) -> datetime:
    """Raises the revision, alone, so that the sales that follow see the change. Gives the instant of the lock."""
    locked_at = lock_configuration(uow)
    uow.execute("UPDATE districts SET revision = revision + 1 WHERE id = %s", (hex_of(uow.district_id),))
    return locked_at


def let_redeem_apart(uow: UnitOfWork, merchant_id: str) -> None:
    """From the next on, sales of a merchant look for coupons that it has redeemed before they were reported."""
    touch_configuration(uow)
    query = "UPDATE merchants SET redeems_apart = true WHERE district_id = %s AND id = %s"
    uow.execute(query, (hex_of(uow.district_id), hex_of(merchant_id)))


def limit_merchant(
    uow: UnitOfWork, merchant_id: str, *, awards_until: datetime | None, accepts_until: datetime | None
) -> None:
    """From when on a merchant's sales earn nothing, and it takes no points and coupons. Twice changes nothing."""
    merchant = queries.find_merchant(uow, merchant_id)
    if (merchant.awards_until, merchant.accepts_until) != (awards_until, accepts_until):
        touch_configuration(uow)
        merchant.awards_until, merchant.accepts_until = awards_until, accepts_until
        uow.session.flush()


def create_merchant(uow: UnitOfWork, *, name: str, code: str, category: str | None) -> Merchant:
    """Raises CodeTaken."""
    if queries.merchant_code_taken(uow, code):
        raise CodeTaken(_l("Another merchant has the code %(code)s.", code=code))
    merchant = Merchant(
        district_id=uow.district_id, id=new_id("mer"), code=code, name=name, category=category, created_at=uow.now
    )
    uow.session.add(merchant)
    uow.session.flush()
    uow.emit(MerchantCreated(merchant.id))
    return merchant


def update_merchant(uow: UnitOfWork, merchant: Merchant, changes: Mapping[str, Any]) -> None:
    """Changes name, code or category. Raises CodeTaken."""
    if changes.get("code", merchant.code) != merchant.code and queries.merchant_code_taken(uow, changes["code"]):
        raise CodeTaken
    for name, value in changes.items():
        setattr(merchant, name, value)
    touch_configuration(uow)


def create_store(
    uow: UnitOfWork,
    *,
    merchant_id: str,
    name: str,
    code: str,
    zone: str | None,
    area_m2: int | None,
    opening_hours: list[dict[str, Any]] | None,
) -> Store:
    """Raises CodeTaken, and NotFound for a merchant that isn't the district's."""
    try:
        queries.find_merchant(uow, merchant_id)
    except NotFound:
        raise NotFound.at("/merchant_id", _l("merchant")) from None
    if queries.store_code_taken(uow, code):
        raise CodeTaken(_l("Another store has the code %(code)s.", code=code))
    store = Store(
        district_id=uow.district_id,
        id=new_id("str"),
        merchant_id=merchant_id,
        code=code,
        name=name,
        zone=zone,
        area_m2=area_m2,
        opening_hours=opening_hours,
        created_at=uow.now,
    )
    uow.session.add(store)
    uow.session.flush()
    touch_configuration(uow)
    uow.emit(StoreCreated(store.id, merchant_id))
    return store


def update_store(uow: UnitOfWork, store: Store, changes: Mapping[str, Any]) -> None:
    """Changes name, code, zone, area or hours. Raises CodeTaken."""
    if changes.get("code", store.code) != store.code and queries.store_code_taken(uow, changes["code"]):
        raise CodeTaken
    for name, value in changes.items():
        setattr(store, name, value)
    touch_configuration(uow)


def district_of_slug(slug: str) -> str:
    """The id of the district with a slug, which stays its own for good, for who comes without a key. Raises NotFound."""
    known = _slugs(runtime())
    if slug in known:
        return known[slug]
    with unit_of_work(system_principal(OPERATOR_DISTRICT)) as uow:
        found = queries.id_of_slug(uow, slug)
    if found is None:
        raise NotFound
    known[slug] = found
    return found


@lru_cache(maxsize=4)
def _slugs(_of: Runtime) -> dict[str, str]:
    """Ids of districts by the slugs that were asked for."""
    return {}


def is_operator(secret: str, operator_key: str) -> bool:
    """Compares in constant time."""
    return hmac.compare_digest(secret.encode(), operator_key.encode())
