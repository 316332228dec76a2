"""Reading of this room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, or_, select

from app.districts.models import ApiKey, District, Merchant, Store
from app.districts.opening import OpeningHours, hours_of
from app.foundation.database.parts import Asked
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import hex_of, is_id
from app.foundation.problems import NotFound
from app.foundation.tenancy import Principal

T = TypeVar("T")
ZONE = "SELECT d.time_zone FROM districts AS d WHERE d.id = %(district)s"
"""The name of the district's time zone, as a part of a larger question."""


@dataclass(frozen=True, slots=True)
class Shop:
    """What a sale needs to know of its store. `opening_hours`: None where they aren't known.

    `awards_until`, `accepts_until`: from when on its sales earn nothing, and it takes no points and coupons; None for never.
    """

    store_id: str
    merchant_id: str
    category: str | None
    opening_hours: OpeningHours | None = None
    awards_until: datetime | None = None
    accepts_until: datetime | None = None

    def awards_at(self, instant: datetime) -> bool:
        """Whether a sale of an instant earns points."""
        return self.awards_until is None or instant < self.awards_until

    def accepts_at(self, instant: datetime) -> bool:
        """Whether points and coupons are taken at an instant."""
        return self.accepts_until is None or instant < self.accepts_until


@dataclass(frozen=True, slots=True)
class Directory:
    """A district as of one revision: its clock, its money and its stores by id and by code.

    `redeems_apart`: merchants that have redeemed coupons before their sales were reported.
    """

    revision: int
    slug: str
    currency: str
    zone: ZoneInfo
    by_id: dict[str, Shop]
    by_code: dict[str, Shop]
    redeems_apart: frozenset[str] = frozenset()


def ask_revision(uow: UnitOfWork) -> Asked[int]:
    """Sends the question for the number of the district's configuration, which stays as it is until the commit."""
    cursor = uow.execute("SELECT hold_configuration(%s)", (hex_of(uow.district_id),))
    return lambda: int((cursor.fetchone() or (0,))[0])


def ask_shop(uow: UnitOfWork, store_id: str) -> Asked[Shop | None]:
    """Sends the question for one store of the district, whoever asks."""
    cursor = uow.execute(
        "SELECT s.merchant_id, m.category, m.awards_until, m.accepts_until FROM stores s "
        "JOIN merchants m ON m.district_id = s.district_id AND m.id = s.merchant_id WHERE s.district_id = %s AND s.id = %s",
        (hex_of(uow.district_id), hex_of(store_id)),
    )

    def answer() -> Shop | None:
        row = cursor.fetchone()
        return None if row is None else Shop(store_id, f"mer_{row[0]}", row[1], None, *row[2:])

    return answer


def ask_zone(uow: UnitOfWork) -> Asked[ZoneInfo]:
    """Sends the question for the district's time zone."""
    cursor = uow.execute(ZONE, {"district": hex_of(uow.district_id)})
    return lambda: ZoneInfo(cursor.fetchall()[0][0])


def directory(uow: UnitOfWork) -> Directory:
    """The district's stores and settings, in two statements."""
    (number, slug, currency, zone) = uow.rows(
        "SELECT revision, slug, currency, time_zone FROM districts WHERE id = %s", (uow.district_id[-32:],)
    )[0]
    rows = uow.rows(
        "SELECT s.id, s.code, s.merchant_id, m.category, s.opening_hours, m.awards_until, m.accepts_until, m.redeems_apart "
        "FROM stores s "
        "JOIN merchants m ON m.district_id = s.district_id AND m.id = s.merchant_id WHERE s.district_id = %s",
        (uow.district_id[-32:],),
    )
    shops = {
        code: Shop("str_" + store, "mer_" + merchant, category, hours and hours_of(hours), awards, accepts)
        for store, code, merchant, category, hours, awards, accepts, _ in rows
    }
    apart = frozenset("mer_" + merchant for _, _, merchant, *_, is_apart in rows if is_apart)
    by_id = {shop.store_id: shop for shop in shops.values()}
    return Directory(number, slug, currency, ZoneInfo(zone), by_id, shops, apart)


def store_ids(uow: UnitOfWork) -> list[str]:
    """Ids of the district's stores, in their order, whoever asks."""
    rows = uow.rows("SELECT id FROM stores WHERE district_id = %s ORDER BY id", (hex_of(uow.district_id),))
    return [f"str_{store}" for (store,) in rows]


def redeems_apart(uow: UnitOfWork, merchant_id: str) -> bool:
    """Whether a merchant, whoever asks, has redeemed coupons before their sales were reported."""
    query = "SELECT FROM merchants WHERE district_id = %s AND id = %s AND redeems_apart"
    return bool(uow.rows(query, (hex_of(uow.district_id), hex_of(merchant_id))))


def sandboxes(uow: UnitOfWork) -> list[str]:
    """Ids of all sandboxes, for the operator."""
    return list(uow.session.scalars(select(District.id).where(District.mode == "sandbox").order_by(District.id)))


def district(uow: UnitOfWork) -> District:
    """The district of this unit of work; asked for once."""
    return uow.row(District, uow.district_id)


def district_by_slug(uow: UnitOfWork, slug: str) -> District | None:
    """The operator's look-up."""
    return uow.session.scalars(select(District).where(District.slug == slug)).one_or_none()


def is_known(uow: UnitOfWork) -> bool:
    """Whether there is a district with the id of this unit of work."""
    return bool(uow.rows("SELECT FROM districts WHERE id = %s", (hex_of(uow.district_id),)))


def id_of_slug(uow: UnitOfWork, slug: str) -> str | None:
    """The id of the district with a slug, whoever asks: who signs in names a district before any is known."""
    [(found,)] = uow.rows("SELECT district_of_slug(%s)", (slug,))
    return found and f"dis_{found}"


def find_district(uow: UnitOfWork, district_id: str) -> District:
    """Raises NotFound."""
    return _found(uow.session.scalars(select(District).where(District.id == district_id)).one_or_none())


def merchants(uow: UnitOfWork) -> Select[Merchant]:
    """The merchants that the principal may see."""
    query = select(Merchant).where(Merchant.district_id == uow.district_id)
    own = uow.principal.merchant_id
    return query.where(Merchant.id == own) if own else query


def stores(uow: UnitOfWork) -> Select[Store]:
    """The stores that the principal may see."""
    query = select(Store).where(Store.district_id == uow.district_id)
    if uow.principal.store_id:
        return query.where(Store.id == uow.principal.store_id)
    own = uow.principal.merchant_id
    return query.where(Store.merchant_id == own) if own else query


def merchants_like(uow: UnitOfWork, search: str | None, category: str | None) -> Select[Merchant]:
    """Those of them in whose name or code a text stands, and of a category."""
    query = merchants(uow)
    if category is not None:
        query = query.where(Merchant.category == category)
    return query if search is None else query.where(_is_called(Merchant, search))


def stores_like(uow: UnitOfWork, search: str | None, merchant_id: str | None, zone: str | None) -> Select[Store]:
    """The same of stores, of a merchant and in a zone."""
    query = stores(uow)
    for column, wanted in ((Store.merchant_id, merchant_id), (Store.zone, zone)):
        if wanted is not None:
            query = query.where(column == wanted)
    return query if search is None else query.where(_is_called(Store, search))


def _is_called(table: type[Merchant] | type[Store], text: str) -> ColumnElement[bool]:
    return or_(table.name.icontains(text, autoescape=True), table.code.icontains(text, autoescape=True))


def find_merchant(uow: UnitOfWork, merchant_id: str) -> Merchant:
    """Raises NotFound, also for another merchant than the principal's."""
    return _found(uow.session.scalars(merchants(uow).where(Merchant.id == merchant_id)).one_or_none())


def find_store(uow: UnitOfWork, store_id: str) -> Store:
    """Raises NotFound, also for another merchant's store."""
    return _found(uow.session.scalars(stores(uow).where(Store.id == store_id)).one_or_none())


def store_exists(uow: UnitOfWork, store_id: str) -> Store:
    """The store that an input names at `/store_id`. Raises NotFound with that pointer."""
    store = uow.session.scalars(stores(uow).where(Store.id == store_id)).one_or_none()
    if store is None:
        raise NotFound.at("/store_id", _l("store"))
    return store


def merchant_code_taken(uow: UnitOfWork, code: str) -> bool:
    """Whether another merchant has this code."""
    query = select(Merchant.id).where(Merchant.district_id == uow.district_id, Merchant.code == code)
    return uow.session.scalar(query) is not None


def store_code_taken(uow: UnitOfWork, code: str) -> bool:
    """Whether another store has this code."""
    query = select(Store.id).where(Store.district_id == uow.district_id, Store.code == code)
    return uow.session.scalar(query) is not None


def api_keys(uow: UnitOfWork) -> Select[ApiKey]:
    """The district's keys."""
    return select(ApiKey).where(ApiKey.district_id == uow.district_id)


def wanted_keys(uow: UnitOfWork, wanted: Mapping[str, Any]) -> Select[ApiKey]:
    """Those of them that are of a merchant or a store, if one is named."""
    query = api_keys(uow)
    for name in ("merchant_id", "store_id"):
        if wanted.get(name):
            query = query.where(getattr(ApiKey, name) == wanted[name])
    return query


def find_key(uow: UnitOfWork, key_id: str) -> ApiKey:
    """A key of the district, also one that was revoked. Raises NotFound."""
    return _found(uow.session.scalars(api_keys(uow).where(ApiKey.id == key_id)).one_or_none())


def lock_keys(uow: UnitOfWork) -> None:
    """Whoever ends all keys of the district at once waits for this commit, or has come before (see `api_keys`)."""
    uow.rows("SELECT FROM districts WHERE id = %s FOR KEY SHARE", (hex_of(uow.district_id),))


def lock_district_alone(uow: UnitOfWork) -> None:
    """Waits until nobody makes or changes a key of the district, and keeps everybody from it until the commit."""
    uow.rows("SELECT FROM districts WHERE id = %s FOR UPDATE", (hex_of(uow.district_id),))


def find_api_key(uow: UnitOfWork, key_id: str) -> ApiKey:
    """Raises NotFound, also for a revoked key."""
    query = api_keys(uow).where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None))
    return _found(uow.session.scalars(query.with_for_update()).one_or_none())


def principal_of(uow: UnitOfWork, secret_hash: bytes) -> tuple[Principal, datetime | None] | None:
    """Who holds a secret, and until when; None for nobody, or a key revoked or past its end."""
    row = uow.session.execute(
        select(
            ApiKey.id,
            ApiKey.merchant_id,
            ApiKey.store_id,
            ApiKey.scopes,
            ApiKey.expires_at,
            ApiKey.previous_until,
            ApiKey.secret_hash == secret_hash,
            Store.merchant_id,
        )
        .outerjoin(Store, (Store.district_id == ApiKey.district_id) & (Store.id == ApiKey.store_id))
        .where(
            ApiKey.district_id == uow.district_id,
            ApiKey.revoked_at.is_(None),
            or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > uow.now),
            or_(
                ApiKey.secret_hash == secret_hash,
                (ApiKey.previous_hash == secret_hash) & (ApiKey.previous_until > uow.now),
            ),
        )
    ).one_or_none()
    if row is None:
        return None
    key_id, merchant_id, store_id, scopes, expires_at, previous_until, is_current, store_merchant = row
    shop = (merchant_id or store_merchant, store_id)
    principal = Principal("key", key_id, uow.district_id, *shop, frozenset(scopes), secret_hash=secret_hash)
    ends = [moment for moment in (expires_at, None if is_current else previous_until) if moment]
    return principal, min(ends, default=None)


def _found(row: T | None) -> T:
    if row is None:
        raise NotFound
    return row


def all_district_ids(uow: UnitOfWork) -> list[str]:
    """Ids of every district, for the operator."""
    return list(uow.session.scalars(select(District.id).order_by(District.id)))


def all_districts() -> Select[District]:
    """Every district; row-level security leaves only the operator more than one."""
    return select(District)


def ids_of_shops(uow: UnitOfWork) -> tuple[set[str], set[str]]:
    """Ids of the district's merchants, and of its stores."""
    merchant_ids = uow.session.scalars(select(Merchant.id).where(Merchant.district_id == uow.district_id))
    store_ids = uow.session.scalars(select(Store.id).where(Store.district_id == uow.district_id))
    return set(merchant_ids), set(store_ids)


def visible_shops(uow: UnitOfWork) -> tuple[set[str], set[str]]:
    """Ids of the merchants, and of the stores, that the principal may see."""
    return {one.id for one in uow.session.scalars(merchants(uow))}, {one.id for one in uow.session.scalars(stores(uow))}


class NamedShop(NamedTuple):
    """A store, its merchant, and what people know of that one."""

    store_id: str
    merchant_id: str
    name: str
    category: str | None


def named_shops(uow: UnitOfWork) -> list[NamedShop]:
    """Every store of the district with its merchant, whoever asks, in the order in which merchants came."""
    rows = uow.rows(
        "SELECT s.id, s.merchant_id, m.name, m.category FROM stores AS s "
        "JOIN merchants AS m ON m.district_id = s.district_id AND m.id = s.merchant_id "
        "WHERE s.district_id = %s ORDER BY s.merchant_id, s.id",
        (hex_of(uow.district_id),),
    )
    return [NamedShop(f"str_{store}", f"mer_{merchant}", name, category) for store, merchant, name, category in rows]


class OpenShop(NamedTuple):
    """A store as shoppers find it."""

    store_id: str
    merchant_id: str
    merchant: str
    name: str
    code: str
    zone: str | None
    category: str | None
    opening_hours: Sequence[Mapping[str, Any]] | None = None


_OPEN_SHOPS = """
    SELECT s.id, s.merchant_id, m.name, s.name, s.code, s.zone, m.category, s.opening_hours FROM stores AS s
    JOIN merchants AS m ON m.district_id = s.district_id AND m.id = s.merchant_id WHERE s.district_id = %(district)s
"""


def open_shops(uow: UnitOfWork) -> list[OpenShop]:
    """Every store of the district, whoever asks, by zone, merchant and name."""
    rows = uow.rows(f"{_OPEN_SHOPS} ORDER BY s.zone NULLS LAST, m.name, s.name", {"district": hex_of(uow.district_id)})
    return [_open_shop(*row) for row in rows]


def shop_of_code(uow: UnitOfWork, code: str) -> OpenShop | None:
    """The store with a code, or with an id, whoever asks."""
    by_id = is_id("str", code)
    values = {"district": hex_of(uow.district_id), "named": hex_of(code) if by_id else code}
    rows = uow.rows(f"{_OPEN_SHOPS} AND s.{'id' if by_id else 'code'} = %(named)s", values)
    return _open_shop(*rows[0]) if rows else None


def _open_shop(store: str, merchant: str, *rest: Any) -> OpenShop:
    return OpenShop(f"str_{store}", f"mer_{merchant}", *rest)


def merchant_names(uow: UnitOfWork) -> dict[str, str]:
    """What the district's merchants are called, by id, whoever asks."""
    rows = uow.rows("SELECT id, name FROM merchants WHERE district_id = %s", (hex_of(uow.district_id),))
    return {f"mer_{merchant}": name for merchant, name in rows}


def store_ids_of(uow: UnitOfWork, merchant_id: str) -> set[str]:
    """Ids of a merchant's stores, whoever asks."""
    query = select(Store.id).where(Store.district_id == uow.district_id, Store.merchant_id == merchant_id)
    return set(uow.session.scalars(query))
