"""Which column is which field, by the names of the columns and by what was said of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import time, tzinfo

from merchant_sdk._tables.cells import UNITS
from merchant_sdk._tables.columns import Columns
from merchant_sdk._tables.headers import MONEY, TIME, fields_of, missing_groups, plain, scale_of, zone_of
from merchant_sdk._tables.kinds import Teller, kind_of_word
from merchant_sdk._tables.layouts import BUSINESS_DAYS, SALES, Layout
from merchant_sdk._tables.profiles import Profile, profile_of, same
from merchant_sdk._tables.tellers import teller_of, word_teller_of
from merchant_sdk._tables.words import TableError


def find_columns(
    header: Sequence[str],
    layout: Layout = SALES,
    *,
    given: Mapping[str, str],
    constants: Mapping[str, str],
    time_zone: tzinfo,
    unit: str | None = None,
    is_now: bool = False,
    ignore: Sequence[str] = (),
    profile: str | None = None,
    is_mixed: bool = False,
    at: time | None = None,
) -> Columns:
    """Finds the fields by the names of the columns, after `given` (column to field) and what to `ignore` (`COLUMN` or
    `COLUMN=VALUE`, the latter for rows). Raises TableError."""
    _check_fields(given.values(), {**layout.aliases, **layout.parts})
    _check_fields(constants, layout.aliases)
    columns_left, rows_left = _ignored(ignore, header)
    _check_columns([*given, *columns_left, *rows_left], header)
    bill = profile_of(header, profile)
    fields = fields_of(header, layout, given, columns_left, bill)
    places = _places(fields, header)
    _check_needed({*places, *constants}, layout, header, is_now=is_now)
    mapped, left = set(map(plain, given)), set(map(plain, columns_left))
    unread = [place for place, name in enumerate(fields) if name is None and plain(header[place]) not in left]
    found = {name: header[place] for name, place in places.items() if plain(header[place]) not in mapped}
    telling = _telling(header, layout, unread, bill, found.get("amount"), {*places, *constants})
    lines = _lines(header, layout, unread)
    goods, silent = lines.get("name"), [place for place in unread if place not in telling and header[place]]
    paid = [places["payment_method"]] if "payment_method" in places else []
    is_nameless = bill is None and not {*places, *constants} & {"phone", "member_id"}
    words = _words(header, layout, silent, goods, is_nameless=is_nameless)
    words |= {} if bill else dict.fromkeys(paid, kind_of_word)
    return Columns(
        layout=layout,
        header=tuple(header),
        places=places,
        constants={**(bill.constants.get(layout.title, {}) if bill else {}), **constants},
        time_zone=_zone(header, places, time_zone, mapped),
        scales=_scales(header, places, unit, mapped),
        ignored=() if bill else tuple(header[one] for one in silent),
        telling=telling,
        words=words,
        left_out=tuple((_place_of(column, header), value) for column, values in rows_left.items() for value in values),
        lines=lines,
        is_mixed=is_mixed or (bill is not None and bool(bill.fields["refunds"])),
        is_unit_asked=unit is not None,
        has_goods="quantity" in lines,
        profile=bill.name if bill else None,
        at=at,
        shop=_shop(header, layout, unread, places),
        is_business_day="day" in found and plain(found["day"]) in set(map(plain, BUSINESS_DAYS)),
    )


def _places(fields: Sequence[str | None], header: Sequence[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, name in enumerate(fields):
        if name is not None and name in places:
            raise TableError("two-columns", field=name, first=header[places[name]], second=header[place])
        if name is not None:
            places[name] = place
    return places


def _zone(header: Sequence[str], places: Mapping[str, int], usual: tzinfo, mapped: set[str]) -> tzinfo:
    place = places.get("occurred_at", places.get("day"))
    return usual if place is None else zone_of(header[place], usual, is_mapped=plain(header[place]) in mapped)


def _scales(header: Sequence[str], places: Mapping[str, int], unit: str | None, mapped: set[str]) -> dict[str, int]:
    money = [name for name in MONEY if name in places]
    if unit is not None:
        return dict.fromkeys(money, UNITS[unit])
    columns = {name: header[places[name]] for name in money}
    return {name: scale_of(column, name, is_mapped=plain(column) in mapped) for name, column in columns.items()}


def _telling(
    header: Sequence[str],
    layout: Layout,
    unread: Sequence[int],
    bill: Profile | None,
    amount: str | None,
    said: set[str],
) -> dict[int, Teller]:
    tells = {same(name): tell for name, tell in bill.tells.items()} if bill else {}
    silent = set(map(same, bill.silent)) if bill else set()
    nameless, of_refunds = bill is None and not said & {"phone", "member_id"}, layout is not SALES
    found: dict[int, Teller | None] = {
        place: tells.get(same(header[place]))
        or teller_of(header[place], None if bill else amount, is_nameless=nameless, of_refunds=of_refunds)
        for place in unread
        if header[place] and same(header[place]) not in silent
    }
    return {place: teller for place, teller in found.items() if teller is not None}


def _words(
    header: Sequence[str], layout: Layout, silent: Sequence[int], goods: int | None, *, is_nameless: bool
) -> dict[int, Teller]:
    """What the words tell of columns whose names tell nothing."""
    found = {
        place: word_teller_of(
            header[place], is_goods=place == goods, of_refunds=layout is not SALES, is_nameless=is_nameless
        )
        for place in silent
    }
    return {place: teller for place, teller in found.items() if teller is not None}


def _shop(header: Sequence[str], layout: Layout, unread: Sequence[int], places: Mapping[str, int]) -> int | None:
    """The column that names the shop, where none does so in a way that the server knows."""
    names = set() if places.keys() & {"store_code", "store_id"} else set(map(plain, layout.shops))
    return next((place for place in unread if plain(header[place]) in names), None)


def _lines(header: Sequence[str], layout: Layout, unread: Sequence[int]) -> dict[str, int]:
    names = {plain(name): part for part, others in layout.lines.items() for name in others}
    found: dict[str, int] = {}
    for place in unread:
        if part := names.get(plain(header[place])):
            found.setdefault(part, place)
    return found


def _ignored(ignore: Sequence[str], header: Sequence[str]) -> tuple[list[str], dict[str, list[str]]]:
    """Columns to leave out, and values of columns whose rows are left out."""
    columns: list[str] = []
    rows: dict[str, list[str]] = {}
    for text in ignore:
        column, equals, value = text.partition("=")
        if equals and text not in header:
            rows.setdefault(column.strip(), []).append(value.strip())
        else:
            columns.append(text.strip())
    return columns, rows


def _place_of(column: str, header: Sequence[str]) -> int:
    return list(map(plain, header)).index(plain(column))


def _check_columns(names: Sequence[str], header: Sequence[str]) -> None:
    there = set(map(plain, header))
    if missing := [name for name in names if plain(name) not in there]:
        raise TableError("no-column", names=", ".join(missing), header=", ".join(header))


def _check_needed(fields: set[str | None], layout: Layout, header: Sequence[str], *, is_now: bool) -> None:
    if needed := missing_groups(fields, layout, is_now=is_now):
        raise TableError(
            "missing",
            names=", ".join(" or ".join(group) for group in needed),
            header=", ".join(header),
            now=TableError("missing-now") if TIME in needed else "",
        )


def _check_fields(names: Iterable[str], fields: Mapping[str, object]) -> None:
    if unknown := [name for name in names if name not in fields]:
        raise TableError("no-field", names=", ".join(unknown), fields=", ".join(fields))
