"""How tills, their codes and tokens, and cashiers are shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from app.districts import queries as districts
from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.runtime import keyring, runtime
from app.staff.tills import queries
from app.staff.tills.models import Cashier, Till
from app.staff.tills.pairing import PairingCode, TillPass
from app.staff.tills.queries import OpenShift
from app.staff.tills.rules import pairing_link

REPLAYED_SECONDS = 60
"""For so long a code or token can be asked for again under its idempotency key: an answer that was lost, not stolen."""


def show_tills(uow: UnitOfWork, rows: Sequence[Till]) -> list[dict[str, Any]]:
    """Tills with their open shifts, in two questions for all of them."""
    shifts = queries.open_shifts(uow, [row.id for row in rows])
    shops = {store.id: store.merchant_id for store in uow.session.scalars(districts.stores(uow))}
    return [_till(row, shops[row.store_id], shifts.get(row.id), uow.real_now) for row in rows]


def show_till(uow: UnitOfWork, row: Till) -> dict[str, Any]:
    """A till as the API shows it."""
    return show_tills(uow, [row])[0]


def _till(row: Till, merchant_id: str, shift: OpenShift | None, now: datetime) -> dict[str, Any]:
    waits = row.pairing_hash is not None and row.pairing_ends_at is not None and row.pairing_ends_at > now
    return {
        "object": "till",
        "id": row.id,
        "merchant_id": merchant_id,
        "store_id": row.store_id,
        "name": row.name,
        "status": "revoked" if row.revoked_at else "paired" if row.paired_at else "unpaired",
        "locks_after_minutes": row.locks_after_minutes,
        "closes_at": row.closes_at,
        "shift": show_shift(shift),
        "pairing_ends_at": _instant(row.pairing_ends_at if waits else None),
        "paired_at": _instant(row.paired_at),
        "last_seen_at": _instant(row.seen_at),
        "revoked_at": _instant(row.revoked_at),
        "created_at": format_instant(row.created_at),
    }


def show_own_till(uow: UnitOfWork, row: Till) -> dict[str, Any]:
    """A till as it sees itself: where it stands, who opens it, and what time it is."""
    district, store = districts.district(uow), districts.find_store(uow, row.store_id)
    merchant = districts.find_merchant(uow, store.merchant_id)
    cashiers = uow.session.scalars(queries.cashiers(uow, store.id).order_by(Cashier.created_at))
    told = ("id", "slug", "name", "currency", "time_zone", "mode")
    return {
        **show_till(uow, row),
        "district": {name: getattr(district, name) for name in told},
        "merchant": {"id": merchant.id, "name": merchant.name},
        "store": {"id": store.id, "code": store.code, "name": store.name},
        "cashiers": [{"id": one.id, "name": one.name} for one in cashiers],
        "server_time": format_instant(uow.now),
    }


def show_shift(shift: OpenShift | None) -> dict[str, Any] | None:
    """A shift as the API shows it."""
    if shift is None:
        return None
    times = {"opened_at": format_instant(shift.opened_at), "ends_at": format_instant(shift.ends_at)}
    return {"cashier_id": shift.cashier_id, **times}


def show_cashier(row: Cashier) -> dict[str, Any]:
    """A cashier as the API shows it; never the PIN."""
    return {
        "object": "cashier",
        "id": row.id,
        "store_id": row.store_id,
        "name": row.name,
        "removed_at": _instant(row.removed_at),
        "created_at": format_instant(row.created_at),
    }


def show_code(code: PairingCode) -> dict[str, Any]:
    """A pairing code, as it is told once."""
    return {
        "object": "pairing_code",
        "till_id": code.till_id,
        "code": code.code,
        "url": pairing_link(runtime().settings.public_url, code.code),
        "for_tests": code.is_for_tests,
        "expires_at": format_instant(code.ends_at),
    }


def show_pass(given: TillPass) -> dict[str, Any]:
    """A token, as it is told once."""
    return {"object": "till_token", **given._asdict()}


def sealed(body: dict[str, Any]) -> dict[str, Any]:
    """An answer with a secret as it may be kept for a minute."""
    return {
        "till_id": body["till_id"],
        "sealed": keyring().seal(orjson.dumps(body).decode(), bound_to=body["till_id"]).hex(),
    }


def opened(_: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    """Such an answer, again."""
    body: dict[str, Any] = orjson.loads(keyring().open(bytes.fromhex(stored["sealed"]), bound_to=stored["till_id"]))
    return body


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else format_instant(moment)
