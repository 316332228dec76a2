"""The same doors as the journeys: a district, an application, and the books that must hold."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.factories.checksums import checksums
from tests.factories.districts import District


@pytest.fixture
def nothing_changes(district: District, superuser: psycopg.Connection) -> Iterator[None]:
    """Whatever the test tried, the district's rows are those of before."""
    before = checksums(superuser, district.id)
    yield
    assert checksums(superuser, district.id) == before
