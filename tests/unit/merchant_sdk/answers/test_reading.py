from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, field, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

import merchant_sdk
from merchant_sdk._answers.reading import DAY, DECIMAL, INSTANT, TUPLE, Answer, many, one
from merchant_sdk._http.errors import UnexpectedAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Small(Answer):
    n: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Big(Answer):
    id: str
    at: datetime | None = field(default=None, metadata=INSTANT)
    on: date | None = field(default=None, metadata=DAY)
    rate: Decimal | None = field(default=None, metadata=DECIMAL)
    tags: tuple[str, ...] = field(default=(), metadata=TUPLE)
    small: Small | None = field(default=None, metadata=one(Small))
    smalls: tuple[Small, ...] = field(default=(), metadata=many(Small))


WHOLE = {
    "id": "x",
    "at": "2026-01-01T08:00:00+08:00",
    "on": "2026-01-01",
    "rate": "1.25",
    "tags": ["a", "b"],
    "small": {"n": 1, "unknown": 2},
    "smalls": [{"n": 1}, {}],
    "of_a_later_server": {"deep": True},
}


def test_a_whole_answer() -> None:
    big = Big.read(WHOLE)
    assert big == Big(
        id="x",
        at=datetime(2026, 1, 1, tzinfo=UTC),
        on=date(2026, 1, 1),
        rate=Decimal("1.25"),
        tags=("a", "b"),
        small=Small(n=1),
        smalls=(Small(n=1), Small(n=7)),
    )
    assert big.raw is WHOLE
    assert big.small is not None
    assert big.small.raw == {"n": 1, "unknown": 2}
    assert hash(big) == hash(Big.read(WHOLE))


def test_null_is_as_good_as_absent() -> None:
    assert Big.read({"id": "x", "at": None, "tags": None, "small": None, "smalls": None}) == Big.read({"id": "x"})


def test_raw_can_not_be_set_by_the_server() -> None:
    assert Small.read({"raw": 1}).raw == {"raw": 1}


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "x",
        {},
        {"id": None},
        {"id": "x", "at": "2026-01-01T00:00:00"},
        {"id": "x", "at": 5},
        {"id": "x", "on": "yesterday"},
        {"id": "x", "rate": "many"},
        {"id": "x", "small": 5},
        {"id": "x", "smalls": [None]},
        {"id": "x", "smalls": 5},
    ],
)
def test_what_can_not_be_read(body: object) -> None:
    with pytest.raises(UnexpectedAnswer, match=r"Big|Small"):
        Big.read(body)


def test_answers_are_frozen_and_slotted_and_keep_raw_out_of_repr() -> None:
    big = Big.read(WHOLE)
    with pytest.raises(FrozenInstanceError):
        big.id = "y"  # type: ignore[misc]
    assert not hasattr(big, "__dict__")
    assert "later_server" not in repr(big)


def test_so_are_all_that_the_package_exports() -> None:
    found: list[Any] = [getattr(merchant_sdk, name) for name in merchant_sdk.__all__]
    kinds = [kind for kind in found if isinstance(kind, type) and issubclass(kind, Answer)]
    assert len(kinds) >= 20
    for kind in kinds:
        assert is_dataclass(kind)
        assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
        assert "__slots__" in vars(kind)
        assert not next(item for item in fields(kind) if item.name == "raw").repr
