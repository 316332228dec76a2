"""The same doors as the journeys: a district, an application, and the books that must hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.factories.checksums import Watch
from tests.factories.districts import District


@pytest.fixture
def nothing_changes(district: District, watch: Watch) -> Iterator[None]:
    """Whatever the test tried, the district's rows are those of before."""
    before = watch.sums(district.id)
    yield
    assert watch.sums(district.id) == before
