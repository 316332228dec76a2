"""The SDK as those who install it use it, over the network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from merchant_sdk import Client
from tests.factories.districts import District


@pytest.fixture
def alliance(address: str, district: District) -> Iterator[Client]:
    """A client with the district's key."""
    with Client(district.key, address) as client:
        yield client


@pytest.fixture
def shop(address: str, district: District) -> Iterator[Client]:
    """A client with a merchant's key."""
    with Client(district.shop.key, address) as client:
        yield client
