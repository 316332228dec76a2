"""Queries and bodies of this room."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

import orjson
from marshmallow import Schema, validates

from app.foundation.http.contract.shapes import Shape
from app.foundation.http.fields import Body, Flag, Id, ListOf, Metadata, OneOf, StrictField, Text, page_query
from app.foundation.http.times_of_day import Clock
from app.foundation.http.validation import Wrong
from app.foundation.i18n import words as _l
from app.imports.rules import KINDS, STATES
from merchant_sdk.tables import NO_PROFILE, PROFILES

UNITS = ("yuan", "fen")


class SettingsBody(Body):
    """How a table is read. What isn't said is found by the names of the columns."""

    columns = Metadata(
        load_default=dict, example={"amount": "实收"}, metadata={"description": "Columns by the fields that they are."}
    )
    constants = Metadata(
        load_default=dict,
        example={"store_code": "A101-1"},
        metadata={"description": "Fields that are the same in all rows."},
    )
    ignore = ListOf(
        Text(300),
        most=40,
        load_default=list,
        metadata={"description": "`COLUMN` isn't read; rows with `COLUMN=VALUE` are left out."},
    )
    unit = OneOf(UNITS, allow_none=True, load_default=None)
    time_zone = Text(
        60, allow_none=True, load_default=None, metadata={"description": "Of times without an offset; the district's."}
    )
    at = Clock(allow_none=True, load_default=None)
    now = Flag(load_default=False)
    sheet = Text(100, allow_none=True, load_default=None)
    profile = OneOf((*PROFILES, NO_PROFILE), allow_none=True, load_default=None)
    sum_lines = Flag(
        load_default=False, metadata={"description": "Rows that bear one number are lines of one receipt."}
    )
    mixed = Flag(load_default=False, metadata={"description": "Sales and refunds stand in one table."})
    merchant_id = Id(
        "mer",
        allow_none=True,
        load_default=None,
        metadata={"description": "Who pays for points that members bring; else the district."},
    )

    @validates("time_zone")
    def _zone(self, value: str | None, **_: object) -> None:
        if value is not None and value not in available_timezones():
            raise Wrong("invalid-time-zone", _l("A name of the IANA time zone database is needed."))


SETTINGS = SettingsBody()


class InJson(StrictField):
    """A value of a query string that is JSON, checked by a schema."""

    def __init__(self, schema: Schema, **options: Any) -> None:
        super().__init__(**options)
        self.schema_of_value = schema

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        try:
            said = orjson.loads(value)
        except (orjson.JSONDecodeError, TypeError):
            raise Wrong("invalid-type", _l("An object is needed.")) from None
        return self.schema_of_value.load(said)

    def accepts(self) -> Shape:
        return {"type": "string", "description": "JSON, as the body of PATCH has it."}


class FlagText(OneOf):
    """True or false in a query string."""

    def __init__(self, **options: Any) -> None:
        super().__init__(("true", "false"), **options)


class ImportQuery(Body):
    """What a file is, and whether it is recorded at once."""

    kind = OneOf(KINDS, required=True)
    source = Text(
        60,
        load_default=None,
        metadata={"description": "Where it comes from: how it was read is remembered for the next one."},
    )
    file_name = Text(200, load_default=None, example="sales.csv")
    start = FlagText(load_default="true", metadata={"description": "false: it is read, and waits to be looked at."})
    settings = InJson(SETTINGS, load_default=None)


IMPORTS = page_query("imp", kind=OneOf(KINDS), status=OneOf(STATES))
