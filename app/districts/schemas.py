"""Bodies and queries of this room."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from marshmallow import post_load, validates

from app.districts.colours import PINE, can_be_read, is_colour
from app.districts.rules import SCOPES, TIME_ZONE
from app.foundation.http.contract.shapes import not_both, some_id
from app.foundation.http.fields import (
    SORTED,
    Body,
    Id,
    Instant,
    Integer,
    ListOf,
    NameText,
    Object,
    OneOf,
    Text,
    page_query,
)
from app.foundation.http.times_of_day import DailyWindowBody
from app.foundation.http.validation import Wrong
from app.foundation.i18n import words as _l
from app.foundation.pagination import sorts

CURRENCIES = ("CNY", "HKD", "MOP", "TWD", "SGD", "USD", "EUR")
"""What people pay with, in hundredths. ISO 4217 has codes for no currency, tests and gold too (XXX, XTS, XAU): not here."""
MODES = ("live", "sandbox")


class DistrictBody(Body):
    name = NameText(100, required=True, example="湖滨步行街")
    slug = Text(40, required=True, example="hubin", metadata={"pattern": "^[a-z0-9-]*[a-z0-9][a-z0-9-]*$"})
    currency = OneOf(CURRENCIES, load_default="CNY")
    time_zone = Text(60, load_default=TIME_ZONE, metadata={"description": "A name of the IANA time zone database."})
    mode = OneOf(MODES, load_default="live")

    @validates("slug")
    def _slug(self, value: str, **_: object) -> None:
        if not value.replace("-", "").isalnum() or not value.isascii() or value != value.lower():
            raise Wrong("invalid-slug", _l("Small letters, digits and hyphens are accepted."))

    @validates("time_zone")
    def _zone(self, value: str, **_: object) -> None:
        if value not in available_timezones():
            raise Wrong("invalid-time-zone", _l("A name of the IANA time zone database is needed."))
        ZoneInfo(value)


class DistrictChange(Body):
    name = NameText(100, example="湖滨步行街")
    brand_color = Text(
        7,
        allow_none=True,
        example=PINE,
        metadata={"description": "`#rrggbb`, for its pages: words in it stand out from paper. Null for that of all."},
    )

    @validates("brand_color")
    def _colour(self, value: str | None, **_: object) -> None:
        if value is None:
            return
        if not is_colour(value):
            raise Wrong("invalid-color", _l("A colour such as #0c6a52 is needed."))
        if not can_be_read(value):
            raise Wrong(
                "low-contrast", _l("White words on this colour can't be read by everybody: choose a darker one.")
            )


class MerchantBody(Body):
    name = NameText(100, required=True, example="一品茶楼")
    code = Text(40, required=True, visible=True, example="A101")
    category = Text(40, load_default=None, allow_none=True, example="catering")


class MerchantChange(Body):
    name = NameText(100, example="一品茶楼")
    code = Text(40, visible=True)
    category = Text(40, allow_none=True)


class OpeningSpanBody(DailyWindowBody):
    """A window of local time, on weekdays (ISO 1 to 7; every day where none is named) on which it starts; it may cross midnight.

    Open around the clock: 00:00 to 12:00 and 12:00 to 00:00.
    """

    weekdays = ListOf(Integer(1, 7), most=7, load_default=list)

    @post_load
    def _kept(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        return {"weekdays": sorted(set(data["weekdays"])), "from": data["start"], "to": data["until"]}


class StoreBody(Body):
    merchant_id = Id("mer", required=True)
    name = NameText(100, required=True, example="东街店")
    code = Text(40, required=True, visible=True, example="A101-1")
    zone = Text(40, load_default=None, allow_none=True, example="east")
    area_m2 = Integer(0, 10_000_000, load_default=None, allow_none=True, example=120)
    opening_hours = ListOf(Object(OpeningSpanBody), most=50, least=1, load_default=None, allow_none=True)


class StoreChange(Body):
    name = NameText(100, example="东街店")
    code = Text(40, visible=True)
    zone = Text(40, allow_none=True)
    area_m2 = Integer(0, 10_000_000, allow_none=True)
    opening_hours = ListOf(Object(OpeningSpanBody), most=50, least=1, allow_none=True)


class ApiKeyBody(Body):
    """A key of the district, or of one merchant or store; without `scopes` it gets what its kind usually has."""

    more_shape = not_both("merchant_id", "store_id")

    name = NameText(100, required=True, example="till 1")
    merchant_id = Id("mer", load_default=None, allow_none=True, example=some_id("mer"))
    store_id = Id("str", load_default=None, allow_none=True)
    scopes = ListOf(OneOf(SCOPES), most=len(SCOPES), least=1, load_default=None, allow_none=True)
    expires_at = Instant(load_default=None, allow_none=True)

    @post_load
    def _unique(self, data: dict[str, object], **_: object) -> dict[str, object]:
        if data["scopes"]:
            data["scopes"] = list(dict.fromkeys(data["scopes"]))  # type: ignore[call-overload]
        return data


class RotateKeyBody(Body):
    overlap_seconds = Integer(0, 7 * 86_400, load_default=86_400, example=3600)


DISTRICTS = page_query("dis")
_SEARCH = {"description": "A part of the name, or of the code."}
MERCHANTS = page_query(
    "mer",
    search=Text(100, metadata=_SEARCH),
    category=Text(40),
    sort=OneOf(sorts("name"), metadata={"description": SORTED}),
)
STORES = page_query("str", merchant_id=Id("mer"), search=Text(100, metadata=_SEARCH), zone=Text(40))
API_KEYS = page_query("key", merchant_id=Id("mer"), store_id=Id("str"))
