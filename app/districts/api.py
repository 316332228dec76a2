"""`/v1/districts`, `/v1/merchants`, `/v1/stores`, `/v1/api-keys`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.districts import answers, api_keys, queries, rules, schemas, services
from app.districts.errors import CodeTaken, SlugTaken
from app.districts.models import ApiKey
from app.districts.present import (
    page_of_districts,
    page_of_keys,
    page_of_merchants,
    page_of_stores,
    show_api_key,
    show_district,
    show_merchant,
    show_store,
)
from app.foundation import symbols
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.contract.shapes import PICTURE
from app.foundation.http.fields import PictureQuery
from app.foundation.http.routing import Call, Routes
from app.foundation.i18n import words as _l
from app.foundation.problems import ValidationFailed
from app.foundation.runtime import keyring, runtime

districts = Routes("districts", __name__, url_prefix="/v1/districts")
merchants = Routes("merchants", __name__, url_prefix="/v1/merchants")
stores = Routes("stores", __name__, url_prefix="/v1/stores")
keys = Routes("api_keys", __name__, url_prefix="/v1/api-keys")
ROOMS = (districts, merchants, stores, keys)


def _sealed(uow: UnitOfWork, body: dict[str, Any], key: ApiKey, secret: str) -> dict[str, Any]:
    sealed = keyring().seal(secret, bound_to=key.id).hex()
    return {"body": body, "key_id": key.id, "sealed": sealed, "told": uow.principal.secret_hash.hex()}


def _replay_key(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    """Whoever was told a secret is told it again; by another secret one must be as strong as the key."""
    if uow.principal.secret_hash.hex() != stored.get("told"):
        api_keys.check_standing(uow, stored["key_id"])
    secret = keyring().open(bytes.fromhex(stored["sealed"]), bound_to=stored["key_id"])
    body: dict[str, Any] = stored["body"]
    if body["object"] == "api_key":
        return {**body, "secret": secret}
    return {**body, "api_key": {"id": stored["key_id"], "secret": secret}}


@districts.serve(
    "POST",
    "",
    scope="operator",
    body=schemas.DistrictBody(),
    answers={201: answers.NEW_DISTRICT},
    problems=(SlugTaken,),
    replay=_replay_key,
    audit="district.created",
)
def create_district(uow: UnitOfWork, call: Call) -> Answer:
    """Create a district, with its first key."""
    district, key, secret = services.create_district(uow, **call.body)
    body = show_district(district)
    answer = {**body, "api_key": {"id": key.id, "secret": secret}}
    return Answer(answer, 201, stored=_sealed(uow, body, key, secret))


@districts.serve("GET", "", scope="operator", query=schemas.DISTRICTS, answers={200: answers.DISTRICTS})
def list_districts(uow: UnitOfWork, call: Call) -> Answer:
    """List the districts."""
    return Answer(page_of_districts(uow, call.query))


@districts.serve(
    "PATCH",
    "/<dis:district_id>",
    scope="operator",
    body=schemas.DistrictChange(),
    answers={200: answers.DISTRICT},
    audit="district.changed",
)
def update_district(uow: UnitOfWork, call: Call, district_id: str) -> Answer:
    """Rename a district, or give its pages another colour."""
    return Answer(show_district(services.update_district(uow, district_id, call.body)))


@merchants.serve(
    "POST",
    "",
    scope="merchants:write",
    alliance_only=True,
    body=schemas.MerchantBody(),
    answers={201: answers.MERCHANT},
    problems=(CodeTaken,),
    audit="merchant.created",
)
def create_merchant(uow: UnitOfWork, call: Call) -> Answer:
    """Add a merchant."""
    return Answer(show_merchant(services.create_merchant(uow, **call.body)), 201)


@merchants.serve("GET", "", scope="merchants:read", query=schemas.MERCHANTS, answers={200: answers.MERCHANTS})
def list_merchants(uow: UnitOfWork, call: Call) -> Answer:
    """List the merchants."""
    return Answer(page_of_merchants(uow, call.query))


@merchants.serve("GET", "/<mer:merchant_id>", scope="merchants:read", answers={200: answers.MERCHANT})
def get_merchant(uow: UnitOfWork, call: Call, merchant_id: str) -> Answer:
    """Read a merchant."""
    return Answer(show_merchant(queries.find_merchant(uow, merchant_id)))


@merchants.serve(
    "PATCH",
    "/<mer:merchant_id>",
    scope="merchants:write",
    alliance_only=True,
    body=schemas.MerchantChange(),
    answers={200: answers.MERCHANT},
    problems=(CodeTaken,),
    audit="merchant.changed",
)
def update_merchant(uow: UnitOfWork, call: Call, merchant_id: str) -> Answer:
    """Change a merchant."""
    merchant = queries.find_merchant(uow, merchant_id)
    services.update_merchant(uow, merchant, call.body)
    return Answer(show_merchant(merchant))


@stores.serve(
    "POST",
    "",
    scope="merchants:write",
    alliance_only=True,
    body=schemas.StoreBody(),
    answers={201: answers.STORE},
    problems=(CodeTaken,),
    audit="store.created",
)
def create_store(uow: UnitOfWork, call: Call) -> Answer:
    """Add a store to a merchant."""
    return Answer(show_store(services.create_store(uow, **call.body)), 201)


@stores.serve("GET", "", scope="merchants:read", query=schemas.STORES, answers={200: answers.STORES})
def list_stores(uow: UnitOfWork, call: Call) -> Answer:
    """List the stores."""
    return Answer(page_of_stores(uow, call.query))


@stores.serve("GET", "/<str:store_id>", scope="merchants:read", answers={200: answers.STORE})
def get_store(uow: UnitOfWork, call: Call, store_id: str) -> Answer:
    """Read a store."""
    return Answer(show_store(queries.find_store(uow, store_id)))


@stores.serve(
    "GET",
    "/<str:store_id>/join-qr",
    scope="members:write",
    query=PictureQuery(),
    answers={200: PICTURE},
)
def get_join_qr(uow: UnitOfWork, call: Call, store_id: str) -> Answer:
    """Draw the QR code by which shoppers join at a store: for its poster, receipt or screen.

    It leads to `/s/{slug}/join/{store_id}` of this product.
    """
    store = queries.find_store(uow, store_id)
    link = rules.join_link(runtime().settings.public_url, queries.district(uow).slug, store.id)
    return Answer(
        {}, picture=symbols.qr(link, call.query["format"]), headers={"Cache-Control": "private, max-age=3600"}
    )


@stores.serve(
    "PATCH",
    "/<str:store_id>",
    scope="merchants:write",
    alliance_only=True,
    body=schemas.StoreChange(),
    answers={200: answers.STORE},
    problems=(CodeTaken,),
    audit="store.changed",
)
def update_store(uow: UnitOfWork, call: Call, store_id: str) -> Answer:
    """Change a store."""
    store = queries.find_store(uow, store_id)
    services.update_store(uow, store, call.body)
    return Answer(show_store(store))


@keys.serve(
    "POST",
    "",
    scope="keys:write",
    alliance_only=True,
    step_up=True,
    body=schemas.ApiKeyBody(),
    answers={201: answers.NEW_API_KEY},
    replay=_replay_key,
    audit="api_key.created",
)
def create_api_key(uow: UnitOfWork, call: Call) -> Answer:
    """Make an API key; its secret is shown once.

    It has no scope that the caller lacks. Made by a key that ends, it ends no later; without `expires_at`, with that one.
    """
    if call.body["expires_at"] and call.body["expires_at"] <= uow.now:
        raise ValidationFailed.at("/expires_at", "out-of-range", _l("A key can't end before it begins."))
    key, secret = api_keys.create(uow, district=queries.district(uow), **call.body)
    body = show_api_key(key)
    return Answer({**body, "secret": secret}, 201, stored=_sealed(uow, body, key, secret))


@keys.serve("GET", "", scope="keys:write", alliance_only=True, query=schemas.API_KEYS, answers={200: answers.API_KEYS})
def list_api_keys(uow: UnitOfWork, call: Call) -> Answer:
    """List the district's API keys."""
    return Answer(page_of_keys(uow, call.query))


@keys.serve(
    "POST",
    "/<key:key_id>/rotate",
    scope="keys:write",
    alliance_only=True,
    step_up=True,
    body=schemas.RotateKeyBody(),
    answers={200: answers.NEW_API_KEY},
    replay=_replay_key,
    audit="api_key.rotated",
)
def rotate_api_key(uow: UnitOfWork, call: Call, key_id: str) -> Answer:
    """Give a key a new secret; the old one works until the overlap ends.

    The caller needs all scopes of the key, and must not end earlier than it.
    """
    overlap = timedelta(seconds=call.body["overlap_seconds"])
    key, secret = api_keys.rotate(uow, key_id, queries.district(uow).mode, overlap)
    body = show_api_key(key)
    return Answer({**body, "secret": secret}, 200, stored=_sealed(uow, body, key, secret))


@keys.serve(
    "DELETE",
    "/<key:key_id>",
    scope="keys:write",
    alliance_only=True,
    step_up=True,
    answers={200: answers.API_KEY},
    audit="api_key.revoked",
)
def revoke_api_key(uow: UnitOfWork, call: Call, key_id: str) -> Answer:
    """Revoke a key; it stops within five seconds.

    The caller needs all scopes of the key.
    """
    return Answer(show_api_key(api_keys.revoke(uow, key_id)))
