"""What an answer lets others do with it."""

from __future__ import annotations

import pytest

from tests.factories.api import Api
from tests.factories.districts import District

JSON = ["/v1/transactions", "/v1/programme", "/v1/me", "/v1/no-such-thing", "/healthz", "/readyz", "/no", "/sms-inbox"]


@pytest.mark.parametrize("path", JSON)
def test_json_is_kept_by_nobody(api: Api, district: District, path: str) -> None:
    """No cache on the way keeps an answer of ours or a refusal, and no browser takes it for a page."""
    answer = api.get(path, district.key)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_contract_is_kept_until_it_changes(api: Api) -> None:
    """The one JSON without secrets may be kept, and is asked for again by its name."""
    answer = api.app.test_client().get("/openapi.json")  # type: ignore[union-attr]
    assert (answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"]) == ("no-cache", "nosniff")
    assert answer.headers["ETag"]


@pytest.mark.parametrize("path", ["/docs", "/docs/docs.js", "/problems/not-found"])
def test_pages_are_what_they_say(api: Api, path: str) -> None:
    """No browser guesses what a page is."""
    answer = api.app.test_client().get(path)  # type: ignore[union-attr]
    assert (answer.status_code, answer.headers["X-Content-Type-Options"]) == (200, "nosniff")
