"""Public ids: their shape, and what they become at the database's door."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.foundation.ids import hex_of, is_id, new_id

HEX = "0193f0a1b2c37d4e8f90a1b2c3d4e5f6"


def test_a_new_id_is_its_prefix_and_a_version_7_uuid() -> None:
    made = new_id("txn")
    assert is_id("txn", made)
    assert uuid.UUID(made[4:]).version == 7


def test_later_ids_sort_later() -> None:
    made = [new_id("lot") for _ in range(2_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"mem_{HEX}", id="another prefix"),
        pytest.param(f"txn{HEX}", id="no underscore"),
        pytest.param(f"txn__{HEX[1:]}", id="two underscores"),
        pytest.param(f"txn_{HEX[:-1]}", id="too short"),
        pytest.param(f"txn_{HEX}0", id="too long"),
        pytest.param(f"txn_{HEX.upper()}", id="capitals"),
        pytest.param(f"txn_{HEX[:-1]}g", id="no hexadecimal digit"),
        pytest.param(f"txn_{HEX}\n", id="line end"),
        pytest.param(f" txn_{HEX}", id="leading blank"),
        pytest.param(f"txn_{uuid.UUID(HEX)}", id="with hyphens"),
        pytest.param(f"txn_{HEX[:-1]}١", id="arabic digit"),
        pytest.param(HEX, id="no prefix"),
        pytest.param("", id="empty"),
    ],
)
def test_other_shapes_are_no_ids(text: str) -> None:
    assert not is_id("txn", text)


def test_hexadecimal_digits_are_what_postgresql_reads() -> None:
    assert hex_of(f"txn_{HEX}") == HEX == hex_of(HEX)


@given(st.sampled_from(["mer", "str", "mem"]), st.uuids())
def test_any_uuid_makes_an_id(prefix: str, one: uuid.UUID) -> None:
    public = f"{prefix}_{one.hex}"
    assert is_id(prefix, public)
    assert uuid.UUID(hex_of(public)) == one
