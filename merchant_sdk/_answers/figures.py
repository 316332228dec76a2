"""What `client.figures` answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from merchant_sdk._answers.reading import DAY, Answer, many, named, one


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
