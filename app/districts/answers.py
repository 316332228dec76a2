"""What this room answers."""

from __future__ import annotations

from app.districts.rules import SCOPES
from app.districts.schemas import CURRENCIES, MODES
from app.foundation.http.contract.shapes import (
    extended,
    instant,
    integer,
    list_of,
    nullable,
    one_of,
    page_of,
    public_id,
    record,
    text,
    thing,
)

DISTRICT = thing(
    "district",
    {
        "id": public_id("dis"),
        "name": text("湖滨步行街"),
        "slug": text("hubin"),
        "currency": one_of(*CURRENCIES),
        "time_zone": text("Asia/Shanghai"),
        "mode": one_of(*MODES),
        "brand_color": nullable(text("#0c6a52")),
        "created_at": instant(),
    },
)
_SECRET = text("sk_live_…", description="Shown here and never again.")
NEW_DISTRICT = extended(
    DISTRICT, "NewDistrict", {"api_key": record({"id": public_id("key"), "secret": _SECRET}, title="FirstKey")}
)
MERCHANT = thing(
    "merchant",
    {
        "id": public_id("mer"),
        "code": text("A101"),
        "name": text("一品茶楼"),
        "category": nullable(text("catering")),
        "created_at": instant(),
    },
)
_OPENING_SPAN = record(
    {"weekdays": list_of(integer(6, minimum=1)), "from": text("10:00"), "to": text("22:00")}, title="OpeningSpan"
)
STORE = thing(
    "store",
    {
        "id": public_id("str"),
        "merchant_id": public_id("mer"),
        "code": text("A101-1"),
        "name": text("东街店"),
        "zone": nullable(text("east")),
        "area_m2": nullable(integer(120)),
        "opening_hours": {
            **nullable(list_of(_OPENING_SPAN)),
            "description": "In the district's time; null where nobody has told them.",
        },
        "created_at": instant(),
    },
)
API_KEY = thing(
    "api_key",
    {
        "id": public_id("key"),
        "name": text("till 1"),
        "merchant_id": nullable(public_id("mer")),
        "store_id": nullable({**public_id("str"), "examples": [None]}),
        "scopes": list_of(one_of(*SCOPES)),
        "hint": text("…k7qd"),
        "expires_at": nullable(instant("2027-01-01T00:00:00Z")),
        "revoked_at": {**nullable(instant()), "examples": [None]},
        "created_at": instant(),
    },
)
NEW_API_KEY = extended(API_KEY, "NewApiKey", {"secret": _SECRET})
DISTRICTS, MERCHANTS, STORES, API_KEYS = map(page_of, (DISTRICT, MERCHANT, STORE, API_KEY))
