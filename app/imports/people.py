"""Lists of members and of merchants: which column is which field, and a row as a member or a store. Reads no database.

The file is opened by the SDK's reader, so encodings, delimiters, sheets and lost numbers are met as in tables of sales.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marshmallow import Schema

from app.districts.schemas import MerchantBody
from app.foundation.http.fields import Body, Day, Integer, ListOf, NameText, Text
from app.members.schemas import MemberBody, Phone
from merchant_sdk.tables import (
    Cell,
    Row,
    RowError,
    Table,
    TableError,
    content_of,
    day_of,
    id_of,
    open_table,
    phone_of,
    plain,
)


class MemberRow(Body):
    """A member of another programme, with the points that it brings."""

    phone = Phone(required=True)
    name = NameText(100, load_default=None, allow_none=True)
    birthday = Day(load_default=None, allow_none=True)
    tags = ListOf(Text(40), most=50, load_default=list)
    store_code = Text(40, visible=True, load_default=None, allow_none=True)
    points = Integer(0, load_default=0)

    _birthday = MemberBody._birthday


class MerchantRow(MerchantBody):
    """A merchant, and one of its stores where the row names one."""

    store_code = Text(40, visible=True, load_default=None, allow_none=True)
    store_name = NameText(100, load_default=None, allow_none=True)
    zone = Text(40, load_default=None, allow_none=True)
    area_m2 = Integer(0, 10_000_000, load_default=None, allow_none=True)


@dataclass(frozen=True, slots=True)
class ListLayout:
    """The fields of a list with what their columns are called, those that are needed, and what a row is checked by."""

    aliases: Mapping[str, Sequence[str]]
    needed: Sequence[str]
    schema: Schema


_MOST_DIGITS = 12


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


LAYOUTS: Mapping[str, ListLayout] = {
    "members": ListLayout(
        {
            "phone": _names("手机号 手机 手机号码 电话 联系电话 会员手机号 会员手机 mobile mobile_phone phone_number"),
            "name": _names("姓名 会员姓名 名字 会员名称 full_name member_name"),
            "birthday": _names("生日 出生日期 会员生日 birth_date date_of_birth"),
            "tags": _names("标签 会员标签 分组 tag"),
            "store_code": _names("门店 门店编码 门店编号 门店代码 入会门店 开卡门店 store"),
            "points": _names("积分 积分余额 可用积分 当前积分 剩余积分 期初积分 points_balance balance"),
        },
        ("phone",),
        MemberRow(),
    ),
    "merchants": ListLayout(
        {
            "code": _names("商户编码 商户编号 商户代码 编码 编号 merchant_code merchant_no"),
            "name": _names("商户名称 商户 名称 merchant merchant_name"),
            "category": _names("业态 品类 类别 分类 经营类别 行业 merchant_category"),
            "store_code": _names("门店编码 门店编号 门店代码 铺位号 铺位 store store_no"),
            "store_name": _names("门店名称 门店 店铺名称 店名"),
            "zone": _names("区域 分区 楼层 位置 area"),
            "area_m2": _names("面积 面积㎡ 面积平方米 建筑面积 经营面积"),
        },
        ("code", "name"),
        MerchantRow(),
    ),
}


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A row: the item that it says, or why it says none."""

    row: Row
    schema: Schema
    item: dict[str, Any] | None = None
    reason: RowError | None = None


@dataclass(frozen=True, slots=True)
class PeopleList:
    """An opened list: its columns, and their places by field."""

    table: Table
    layout: ListLayout
    places: Mapping[str, int]
    constants: Mapping[str, str]

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self.table.header

    @property
    def fields(self) -> dict[str, str]:
        """Which column is which field."""
        return {name: self.header[place] for name, place in self.places.items()}

    def entries(self) -> Iterator[ListEntry]:
        """The rows in their order."""
        for row in self.table.rows():
            try:
                if row.flaw is not None:
                    raise row.flaw
                yield ListEntry(row, self.layout.schema, self._item(row))
            except RowError as error:
                yield ListEntry(row, self.layout.schema, reason=error)

    def _item(self, row: Row) -> dict[str, Any]:
        item: dict[str, Any] = dict(self.constants)
        for name, place in self.places.items():
            try:
                value = _value(name, row.cells[place] if place < len(row.cells) else None, self.header[place])
            except RowError as error:
                raise RowError("field", field=name, column=self.header[place], why=error) from None
            if value is not None:
                item[name] = value
        return item


def open_list(path: Path, kind: str, settings: Mapping[str, Any]) -> PeopleList:
    """Opens a list as its settings say. Raises TableError."""
    layout, given = LAYOUTS[kind], settings.get("columns", {})
    ignored = {plain(one) for one in settings.get("ignore", ())}
    constants = settings.get("constants", {})
    if unknown := {*given, *constants} - layout.aliases.keys():
        raise TableError("no-field", names=", ".join(sorted(unknown)), fields=", ".join(layout.aliases))

    def places_of(header: Sequence[str]) -> dict[str, int]:
        return _places(header, layout, given, ignored)

    def fit(header: Sequence[str]) -> int:
        return len({*places_of(header), *constants} & set(layout.needed))

    table = open_table(path, fit, len(layout.needed), settings.get("sheet"))
    places = places_of(table.header)
    missing = [name for name in layout.needed if name not in places and name not in constants]
    missing += [name for name in given if name not in places]
    if missing:
        named = ", ".join(given.get(one, layout.aliases[one][0]) for one in dict.fromkeys(missing))
        raise TableError("no-column", names=named, header=", ".join(filter(None, table.header)))
    return PeopleList(table, layout, places, constants)


def _places(header: Sequence[str], layout: ListLayout, given: Mapping[str, str], ignored: set[str]) -> dict[str, int]:
    by_name = {plain(name): place for place, name in reversed(list(enumerate(header))) if plain(name) not in ignored}
    places: dict[str, int] = {}
    for field, aliases in layout.aliases.items():
        names = (given[field],) if field in given else (field, *aliases)
        place = next((by_name[plain(one)] for one in names if plain(one) in by_name), None)
        if place is not None and place not in places.values():
            places[field] = place
    return places


def _value(name: str, cell: Cell, column: str) -> Any:
    """What a cell says; None for one that says nothing. Raises RowError where the spreadsheet has changed it."""
    if not content_of(cell):
        return None
    if name == "phone":
        return phone_of(cell, column)
    if name == "birthday":
        return day_of(cell).isoformat()
    if name == "tags":
        return [one.strip() for one in content_of(cell).replace("，", ",").replace("、", ",").split(",") if one.strip()]
    if name in ("points", "area_m2"):
        return _whole(content_of(cell))
    return id_of(cell) if name.endswith("code") else content_of(cell)


def _whole(text: str) -> int | str:
    """A whole number; what is none is left to the schema, which says so."""
    bare = text.replace(",", "").replace("，", "").removesuffix(".00").removesuffix(".0")
    return int(bare) if bare.isascii() and bare.isdigit() and len(bare) <= _MOST_DIGITS else text
