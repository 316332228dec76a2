"""A district of a product that may send webhooks to this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.conftest import OPERATOR_KEY
from tests.factories.districts import District
from tests.factories.receivers import Receiver
from tests.factories.webhooks import open_district


@pytest.fixture
def street(open_app: Flask) -> District:
    """A new district."""
    return open_district(open_app, OPERATOR_KEY)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Accepts everything."""
    with Receiver() as one:
        yield one
