"""How templates write numbers, money, days and instants, in the reader's language."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time, get_day_names
from babel.numbers import format_decimal, format_percent, get_currency_symbol
from flask_babel import get_locale

_MINUS = "\N{MINUS SIGN}"
_DAY = {"zh": "M月d日", "en": "d MMM"}
_DAY_OF_YEAR = {"zh": "y年M月d日", "en": "d MMM y"}


def language() -> str:
    """`zh` or `en`."""
    return str(get_locale())


def number(value: int) -> str:
    """An integer with its thousands apart."""
    return _signed(value, format_decimal(abs(value), locale=language()))


def signed(value: int) -> str:
    """A change: +115, −20."""
    return f"+{number(value)}" if value > 0 else number(value)


def money(amount: int, currency: str = "CNY") -> str:
    """An amount of minor units: ¥128.00."""
    symbol = "¥" if currency == "CNY" else get_currency_symbol(currency, locale=language())
    return _signed(amount, symbol + format_decimal(abs(amount) / 100, "#,##0.00", locale=language()))


def exact_money(amount: str, currency: str = "CNY") -> str:
    """A decimal text of minor units to its last place: ¥3.333."""
    value = Decimal(amount) / 100
    text = format_decimal(abs(value), "#,##0.00####", locale=language())
    return _signed(-1 if value < 0 else 1, money(0, currency).removesuffix("0.00") + text)


def round_money(amount: int, currency: str = "CNY") -> str:
    """The same without hundredths, where there are none: ¥30."""
    text = money(amount, currency)
    return text.removesuffix(".00")


def quantity(value: float | None, unit: str) -> str:
    """A value of a unit (count, points, minor, share, ratio); a dash where it isn't known."""
    if value is None:
        return "–"
    if unit == "minor":
        return money(round(value))
    if unit == "share":
        return _signed(round(value * 1000), format_percent(abs(value), "0.0%", locale=language()))
    return format_decimal(value, "#,##0.##", locale=language()) if unit == "ratio" else number(round(value))


def drawn(value: float | None, unit: str) -> str:
    """The same as a chart draws it: money by its larger unit, shares as percents; nothing where it isn't known."""
    if value is None:
        return ""
    return f"{value * {'minor': 0.01, 'share': 100}.get(unit, 1):.12g}"


def change(now: float, before: float) -> str:
    """By how much a value is more or less than it was: +12.4%; nothing where there was none."""
    if not before:
        return ""
    share = (now - before) / abs(before)
    text = format_percent(abs(share), "#,##0.0%", locale=language())
    return f"{'+' if share > 0 else _MINUS if share < 0 else ''}{text}"


def _signed(value: int, text: str) -> str:
    return _MINUS + text if value < 0 else text


def day(value: date | datetime, zone: str = "UTC", *, today: date | None = None) -> str:
    """A day, with its year where that isn't today's."""
    on = value.astimezone(ZoneInfo(zone)).date() if isinstance(value, datetime) else value
    pattern = _DAY if today is not None and on.year == today.year else _DAY_OF_YEAR
    return format_date(on, pattern[language()], locale=language())


def span(first: date, last: date) -> str:
    """From a day to another: a calendar month by its name."""
    if first.day == 1 and (last + timedelta(days=1)).day == 1 and first.replace(day=last.day) == last:
        return format_date(first, {"zh": "y年M月", "en": "MMMM y"}[language()], locale=language())
    return f"{day(first)} – {day(last)}"


def weekdays(days: Collection[int]) -> str:
    """Days of the week (ISO 1 to 7), those on end as from one to another: Mon–Fri, Sun."""
    name = get_day_names("abbreviated", locale=language())
    begins = [one for one in sorted(days) if one - 1 not in days]
    runs = [(first, next(last for last in range(first, 8) if last + 1 not in days)) for first in begins]
    joined = "、" if language() == "zh" else ", "
    return joined.join(name[first - 1] + (f"–{name[last - 1]}" if last > first else "") for first, last in runs)


def clock(value: datetime, zone: str) -> str:
    """The time of day."""
    return format_time(value, "HH:mm", tzinfo=ZoneInfo(zone), locale=language())


def moment(value: datetime, zone: str) -> str:
    """A day and a time of day."""
    pattern = {"zh": "y年M月d日 HH:mm", "en": "d MMM y, HH:mm"}[language()]
    return format_datetime(value, pattern, tzinfo=ZoneInfo(zone), locale=language())


def last_day(end: datetime, zone: str) -> date:
    """The last local day on which what is over at an instant can be used."""
    return (end - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()
