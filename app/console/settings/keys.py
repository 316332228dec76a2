"""`/console/keys`: keys of programs that call the API; a secret is shown once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.console.door import console, must
from app.console.lists import listing
from app.console.places import HOME
from app.districts import api_keys, queries, schemas
from app.districts.present import page_of_keys, show_api_key
from app.districts.rules import MERCHANT_SCOPES, SCOPES
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import ValidationFailed
from app.pages import forms
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage
from app.pages.readers import instant_in

HERE, SCOPE = f"{HOME}/keys", "keys:write"
_NEW = schemas.ApiKeyBody()


def _around(uow: UnitOfWork) -> dict[str, Any]:
    """Names of shops by id, and the clock in which times are told."""
    return {
        "merchants": {row.id: row.name for row in uow.session.scalars(queries.merchants(uow))},
        "stores": {row.id: row.name for row in uow.session.scalars(queries.stores(uow))},
        "zone": queries.district(uow).time_zone,
        "now": uow.now,
    }


@console.page("/keys")
def keys(uow: UnitOfWork, visit: Visit) -> Handed:
    """The district's keys, newest first."""
    must(visit, SCOPE, alliance_only=True)
    asked = listing(HERE, schemas.API_KEYS)
    found = page_of_keys(uow, asked.query)
    shown = asked.showing([one["id"] for one in found["data"]], has_more=found["has_more"])
    return WebPage("console/keys.html", {"listing": shown, "keys": found["data"], **_around(uow)})


@console.page("/keys/new")
def new_key(uow: UnitOfWork, visit: Visit) -> Handed:
    """Whose it is, and what it may do."""
    must(visit, SCOPE, alliance_only=True, step_up=True)
    grantable = [scope for scope in SCOPES if visit.principal.may(scope)]
    return WebPage("console/new_key.html", {"scopes": grantable, "usual": MERCHANT_SCOPES, **_around(uow)})


@console.act("/keys/new", again=new_key)
def create_key(uow: UnitOfWork, visit: Visit) -> Handed:
    """Makes a key; its secret is shown once."""
    must(visit, SCOPE, alliance_only=True, step_up=True)
    district = queries.district(uow)
    body = forms.read(_NEW, visit.form.texts, {"expires_at": instant_in(district.time_zone)})
    if body["expires_at"] and body["expires_at"] <= uow.now:
        raise ValidationFailed.at("/expires_at", "out-of-range", _l("A key can't end before it begins."))
    key, secret = api_keys.create(uow, district=district, **body)
    told = {name: body[name] for name in ("merchant_id", "store_id", "scopes") if body[name]}
    audit.record(uow, "api_key.created", key.id, told)
    return WebPage("console/secret.html", {"secret": secret, "name": key.name, "back": HERE})


@console.page("/keys/<key:key_id>")
def key(uow: UnitOfWork, visit: Visit, key_id: str) -> Handed:
    """A key: what it may do, and how it ends."""
    must(visit, SCOPE, alliance_only=True)
    return WebPage("console/key.html", {"key": show_api_key(queries.find_key(uow, key_id)), **_around(uow)})


@console.act("/keys/<key:key_id>/rotate", form=schemas.RotateKeyBody(), again=key)
def rotate_key(uow: UnitOfWork, visit: Visit, key_id: str) -> Handed:
    """Gives it a new secret; the old one works until the overlap ends."""
    must(visit, SCOPE, alliance_only=True, step_up=True)
    seconds = visit.body["overlap_seconds"]
    row, secret = api_keys.rotate(uow, key_id, queries.district(uow).mode, timedelta(seconds=seconds))
    audit.record(uow, "api_key.rotated", key_id, {"overlap_seconds": seconds})
    return WebPage("console/secret.html", {"secret": secret, "name": row.name, "back": HERE})


@console.act("/keys/<key:key_id>/revoke", again=key)
def revoke_key(uow: UnitOfWork, visit: Visit, key_id: str) -> Handed:
    """Ends it within five seconds."""
    must(visit, SCOPE, alliance_only=True, step_up=True)
    api_keys.revoke(uow, key_id)
    audit.record(uow, "api_key.revoked", key_id)
    return Go(f"{HERE}?told=revoked")
