"""The id column and the engine's options, without an engine."""

from __future__ import annotations

import pytest
from sqlalchemy.dialects import postgresql

from app.foundation.database.db import PublicId, _HexLoader, engine_options

HEX = "0193f0a1b2c37d4e8f90a1b2c3d4e5f6"
DIALECT = postgresql.dialect()


def test_an_id_goes_in_bare_and_comes_out_with_its_prefix() -> None:
    column = PublicId("mem")
    into, out = column.bind_processor(DIALECT), column.result_processor(DIALECT, None)
    assert into(f"mem_{HEX}") == HEX
    assert out(HEX) == f"mem_{HEX}"
    assert into(None) is None
    assert out(None) is None


@pytest.mark.parametrize(
    "data", [b"0193f0a1-b2c3-7d4e-8f90-a1b2c3d4e5f6", memoryview(b"0193f0a1-b2c3-7d4e-8f90-a1b2c3d4e5f6")]
)
def test_uuids_are_read_as_digits(data: bytes) -> None:
    assert _HexLoader(0).load(data) == HEX


def test_every_connection_takes_the_role_and_its_limits() -> None:
    options = engine_options(role="quantong_app", lock_timeout_ms=1500, pool_size=6)
    told = options["connect_args"]["options"]
    assert "-c role=quantong_app" in told
    assert "-c lock_timeout=1500" in told
    assert "-c timezone=UTC" in told
    assert (options["pool_size"], options["max_overflow"]) == (6, 0)


def test_no_role_is_no_option() -> None:
    assert "role" not in engine_options(role="", lock_timeout_ms=1, pool_size=1)["connect_args"]["options"]
