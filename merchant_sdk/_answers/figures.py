"""What `client.figures` answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from merchant_sdk._answers.reading import DAY, INSTANT, Answer, many, named, one


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureValue(Answer):
    """A value with what it was made of. None where `mark` says why: `too-few`, `no-source`.

    `mark` is else `ok`, `open` while the period runs, or `provisional` while sales may still come late.
    """

    key: str | None = None
    value: float | None = None
    numerator: int | None = None
    denominator: int | None = None
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures(Answer):
    """A figure of some local days, `first` to `last`, by a group; `unit`: `count`, `minor`, `points`, `share`, `ratio`."""

    code: str
    unit: str = ""
    by: str = "day"
    first: date = field(metadata={**DAY, **named("from")})
    last: date = field(metadata={**DAY, **named("to")})
    total: FigureValue | None = field(default=None, metadata=one(FigureValue))
    data: tuple[FigureValue, ...] = field(default=(), metadata=many(FigureValue))


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedFigure(Answer):
    """A figure `now`, and what it was `before`."""

    code: str
    unit: str = ""
    now: FigureValue | None = field(default=None, metadata=one(FigureValue))
    before: FigureValue | None = field(default=None, metadata=one(FigureValue))


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresNow(Answer):
    """Figures of the local days from `first` to `until`, and of those from `compared_first` to the same minute."""

    first: date = field(metadata={**DAY, **named("from")})
    until: datetime = field(metadata=INSTANT)
    compared_first: date = field(metadata={**DAY, **named("compared_from")})
    compared_until: datetime = field(metadata=INSTANT)
    data: tuple[ComparedFigure, ...] = field(default=(), metadata=many(ComparedFigure))

    def of(self, code: str) -> ComparedFigure:
        """The figure of a code, such as `sales.net`. Raises KeyError."""
        return {one.code: one for one in self.data}[code]


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentShop(Answer):
    """A shop that has sold before, but not for some hours."""

    store_id: str
    merchant_id: str = ""
    name: str = ""
    last_sale_at: datetime = field(metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentShops(Answer):
    """Shops that haven't sold for `hours`, the longest silent first."""

    hours: int
    data: tuple[SilentShop, ...] = field(default=(), metadata=many(SilentShop))
