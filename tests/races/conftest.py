"""Several processes of tills against several processes of the product."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.factories.api import Api
from tests.factories.books import broken
from tests.factories.districts import District, new_district
from tests.factories.tills import Tills


@pytest.fixture(scope="session")
def tills(address: str) -> Iterator[Tills]:
    """Four processes of tills."""
    with Tills(address) as processes:
        yield processes


@pytest.fixture
def street(live: Api, context: None) -> Iterator[District]:
    """A new district, whose books must hold when the race is over."""
    district = new_district(live)
    yield district
    assert broken(district.id) == {}
