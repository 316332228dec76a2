"""CDNOW's purchases as sales of the street: pure functions, the same line always the same sale.

Source of the data: Fader and Hardie, "Forecasting Repeat Sales at CDNOW", Interfaces 31 (2001); see
data/README.md. What the data doesn't say (shop, hour, way of paying, phone, name) is drawn from a hash of the
line or customer: it depends neither on a random generator, nor the order of calls, nor how much is loaded.
"""

from __future__ import annotations

import gzip
import hashlib
from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from demo.street import GOODS, STORES, TIME_ZONE, Store

DATA = Path(__file__).parent / "data" / "cdnow_master.txt.gz"
LAST_DAY = date(1998, 6, 30)
"""The day of the last purchase in the file."""

_ZONE = ZoneInfo(TIME_ZONE)
_DRAW = 1 << 64
_HOURS = tuple(enumerate((4, 8, 12, 9, 7, 7, 8, 10, 13, 13, 8, 4), start=10))
"""Opening hours (10:00 to 22:00) and how busy each one is."""

_PAYMENT_METHODS = (("wechat", 54), ("alipay", 34), ("unionpay", 8), ("cash", 4))
_CHANNELS = (("till", 86), ("mini_program", 11), ("delivery", 3))
_FAVOURITES = (48, 24, 14, 8)
"""How a customer's visits divide among favourite stores, in percent; the rest goes anywhere on the street."""

_SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡林郭何高罗郑梁谢宋唐许韩冯邓曹彭曾田董潘袁蔡蒋余叶程苏魏吕丁沈姚"
_GIVEN = "安文雨晨思佳子嘉宁远书清月乐涵一诺欣然泽明怡静志强慧敏雪松海燕若云宇轩婷芳杰浩博琳晓东立新春华秋实"
_PHONE_BLOCK = 1349 * 10**7
_PHONE_STEP = 7_654_321

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Purchase:
    """A line of the file: `line` counts from 1, the header's, `amount` in fen (a dollar becomes a yuan)."""

    line: int
    customer: int
    day: date
    quantity: int
    amount: int

    @property
    def reference(self) -> str:
        """The reference under which this purchase is reported."""
        return f"cdnow-{self.line:06d}"


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a customer number becomes. `phone` has 11 digits; name and birthday are known of some only."""

    customer: int
    phone: str
    name: str | None
    birthday: date | None


def read(path: Path = DATA) -> list[Purchase]:
    """Every purchase of a gzipped CDNOW file, in the file's order (by customer, then by date)."""
    with gzip.open(path, "rt", encoding="ascii") as lines:
        next(lines)
        return [parse(number, line) for number, line in enumerate(lines, start=2) if line.strip()]


def parse(number: int, line: str) -> Purchase:
    """A purchase from a line such as ` 00001 19970101  1   11.77`. Raises ValueError for any other form."""
    customer, day, quantity, dollars = line.split()
    when = date(int(day[:4]), int(day[4:6]), int(day[6:]))
    return Purchase(number, int(customer), when, int(quantity), fen(dollars))


def fen(dollars: str) -> int:
    """Fen of a decimal text with two places: `11.77` is 1177. Raises ValueError for any other form."""
    whole, point, cents = dollars.partition(".")
    if not (point and len(cents) == 2 and whole.isdecimal() and cents.isdecimal()):
        raise ValueError(f"not an amount with two decimals: {dollars}")
    return int(whole) * 100 + int(cents)


def first_customers(purchases: Iterable[Purchase], count: int) -> list[Purchase]:
    """The slice of a quick demo: the whole histories of the first `count` customers."""
    return [purchase for purchase in purchases if purchase.customer <= count]


def by_date(purchases: Iterable[Purchase]) -> list[Purchase]:
    """Purchases as they happened: by day, then time of day, then line."""
    return sorted(purchases, key=lambda purchase: (purchase.day, time_of_day(purchase), purchase.line))


def customers(purchases: Iterable[Purchase]) -> list[int]:
    """Each customer once, in order of number."""
    return sorted({purchase.customer for purchase in purchases})


def day_shift(today: date) -> int:
    """Days by which all dates move so that the last one is yesterday; `today` is the street's date."""
    return (today - timedelta(days=1) - LAST_DAY).days


def street_date(now: datetime) -> date:
    """The date on the street at an instant."""
    return now.astimezone(_ZONE).date()


def occurred_at(purchase: Purchase, shift: int) -> datetime:
    """When the purchase happened on the street, moved by `shift` days; with the street's offset."""
    return datetime.combine(purchase.day + timedelta(days=shift), time_of_day(purchase), _ZONE)


def time_of_day(purchase: Purchase) -> time:
    """A time within opening hours, busier at noon and in the evening."""
    hour = _pick(_HOURS, "hour", purchase.line)
    seconds = draw("second", purchase.line) * 3600 // _DRAW
    return time(hour, seconds // 60, seconds % 60)


def store_of(purchase: Purchase) -> Store:
    """Where the purchase happened: mostly at one of the customer's favourites, sometimes anywhere."""
    percent = draw("visit", purchase.line) * 100 // _DRAW
    rank = bisect(_FAVOURITE_BOUNDS, percent)
    if rank == len(_FAVOURITES):
        return _popular("stroll", purchase.line)
    return favourites(purchase.customer)[rank]


@cache
def favourites(customer: int) -> tuple[Store, ...]:
    """The stores a customer comes back to, the dearest first; popular stores are favourites of many."""
    return tuple(_popular("favourite", customer, rank) for rank in range(len(_FAVOURITES)))


def person(customer: int) -> Person:
    """Whom a customer number becomes: seven of ten left a name, half of all a birthday."""
    name = _name(customer) if draw("named", customer) % 10 < 7 else None
    birthday = _birthday(customer) if draw("aged", customer) % 2 == 0 else None
    return Person(customer, phone(customer), name, birthday)


def phone(customer: int) -> str:
    """A valid mainland mobile number, different for each customer below 10,000,000.

    1349 is a block set aside for satellite telephones, so that a demo never writes to a stranger's handset.
    The step shares no factor with 10,000,000, which makes the walk through the block visit each number once.
    """
    return str(_PHONE_BLOCK + customer * _PHONE_STEP % 10**7)


def sale(purchase: Purchase, shift: int, store_ids: Mapping[str, str], member_id: str) -> dict[str, Any]:
    """The body with which a purchase is reported (`POST /v1/transactions`); store ids by code."""
    store = store_of(purchase)
    return {
        "reference": purchase.reference,
        "store_id": store_ids[store.code],
        "member_id": member_id,
        "amount": purchase.amount,
        "currency": "CNY",
        "occurred_at": occurred_at(purchase, shift).isoformat(),
        "channel": _pick(_CHANNELS, "channel", purchase.line),
        "payment_method": _pick(_PAYMENT_METHODS, "payment", purchase.line),
        "items": items(purchase, store),
    }


def items(purchase: Purchase, store: Store) -> list[dict[str, Any]]:
    """The receipt's one row: as many pieces as CDs, `amount` the whole sum in fen; no row without CDs."""
    if purchase.quantity < 1:
        return []
    goods = GOODS[store.category]
    kind = draw("goods", purchase.line) % len(goods)
    return [
        {
            "sku": f"{store.merchant_code}-{kind + 1:02d}",
            "name": goods[kind],
            "category": store.category,
            "quantity": purchase.quantity,
            "amount": purchase.amount,
        }
    ]


def sales(
    purchases: Iterable[Purchase], shift: int, store_ids: Mapping[str, str], member_ids: Mapping[int, str]
) -> Iterator[dict[str, Any]]:
    """The bodies of purchases, given the ids of stores by code and of members by customer."""
    for purchase in purchases:
        yield sale(purchase, shift, store_ids, member_ids[purchase.customer])


def _name(customer: int) -> str:
    length = 1 + draw("length", customer) % 2
    marks = (draw("given", customer, place) % len(_GIVEN) for place in range(length))
    return _SURNAMES[draw("surname", customer) % len(_SURNAMES)] + "".join(_GIVEN[mark] for mark in marks)


def _birthday(customer: int) -> date:
    return date(1955, 1, 1) + timedelta(days=draw("birthday", customer) % (50 * 365))


def draw(*parts: object) -> int:
    """A number from 0 to 2^64 − 1 that depends on nothing but its parts."""
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=8).digest(), "big")


def _pick(choices: Sequence[tuple[T, int]], *parts: object) -> T:
    """One of a few choices by their weights."""
    point = draw(*parts) * sum(weight for _, weight in choices) // _DRAW
    bounds = accumulate(weight for _, weight in choices)
    return next(choice for (choice, _), bound in zip(choices, bounds, strict=True) if point < bound)


def _popular(*parts: object) -> Store:
    """A store by the feet it draws."""
    return STORES[bisect(_PULL_BOUNDS, draw(*parts) * _PULL_BOUNDS[-1] // _DRAW)]


_FAVOURITE_BOUNDS = list(accumulate(_FAVOURITES))
_PULL_BOUNDS = list(accumulate(round(store.pull * 100) for store in STORES))
