"""What this wing answers."""

from __future__ import annotations

from app.foundation.http.contract.shapes import (
    extended,
    flag,
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

SHIFT = record(
    {
        "cashier_id": public_id("csh"),
        "opened_at": instant(),
        "ends_at": instant("2026-01-01T14:30:00Z"),
    },
    title="Shift",
)
TILL = thing(
    "till",
    {
        "id": public_id("til"),
        "merchant_id": public_id("mer"),
        "store_id": public_id("str"),
        "name": text("3 号机"),
        "status": one_of("unpaired", "paired", "revoked"),
        "locks_after_minutes": integer(10, minimum=1),
        "closes_at": nullable(text("22:30")),
        "shift": nullable(SHIFT),
        "pairing_ends_at": {**nullable(instant()), "examples": [None]},
        "paired_at": nullable(instant()),
        "last_seen_at": {**nullable(instant()), "description": "Its last sign of life, to a minute."},
        "revoked_at": {**nullable(instant()), "examples": [None]},
        "created_at": instant(),
    },
)
TILLS = page_of(TILL)
PAIRING_CODE = thing(
    "pairing_code",
    {
        "till_id": public_id("til"),
        "code": text("4821093755162048", description="Shown here and never again."),
        "url": text("https://quantong.example/till#4821093755162048", description="For a QR code."),
        "for_tests": flag(),
        "expires_at": instant(),
    },
)
TILL_TOKEN = thing(
    "till_token",
    {
        "till_id": public_id("til"),
        "store_id": public_id("str"),
        "token": text("tt_live_…", description="Shown here and never again."),
    },
)
CASHIER = thing(
    "cashier",
    {
        "id": public_id("csh"),
        "store_id": public_id("str"),
        "name": text("小陈"),
        "removed_at": {**nullable(instant()), "examples": [None]},
        "created_at": instant(),
    },
)
CASHIERS = page_of(CASHIER)
_OWN = {
    "district": record(
        {
            "id": public_id("dis"),
            "slug": text("hubin"),
            "name": text("湖滨步行街"),
            "currency": text("CNY"),
            "time_zone": text("Asia/Shanghai"),
            "mode": one_of("live", "sandbox"),
        },
        title="DistrictOfTill",
    ),
    "merchant": record({"id": public_id("mer"), "name": text("一品茶楼")}, title="MerchantOfTill"),
    "store": record({"id": public_id("str"), "code": text("A101-1"), "name": text("东街店")}, title="StoreOfTill"),
    "cashiers": list_of(record({"id": public_id("csh"), "name": text("小陈")}, title="CashierOfTill")),
    "server_time": instant(),
}
OWN_TILL = extended(TILL, "OwnTill", _OWN)
