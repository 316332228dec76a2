"""Which requests pages of ours have sent."""

from __future__ import annotations

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from app.pages.errors import ForeignOrigin
from app.pages.origin import check_origin

OURS = "https://quan.example"


def request(method: str, headers: dict[str, str]) -> Request:
    return Request(EnvironBuilder(method=method, base_url=OURS, headers=headers).get_environ())


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": OURS},
        {"Origin": "http://quan.example"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    ],
)
def test_our_own_pages_change_things(headers: dict[str, str]) -> None:
    check_origin(request("POST", headers))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site", "Origin": OURS},
        {"Sec-Fetch-Site": "same-site", "Origin": OURS},
        {"Sec-Fetch-Site": "", "Origin": OURS},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "https://quan.example.evil.example"},
        {"Origin": "https://quan.example:8443"},
        {"Origin": "https://shop.quan.example"},
        {"Referer": f"{OURS}/s/hubin/"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_others_don_t(method: str, headers: dict[str, str]) -> None:
    with pytest.raises(ForeignOrigin):
        check_origin(request(method, headers))


def test_reading_is_everybody_s() -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        check_origin(request(method, {"Sec-Fetch-Site": "cross-site"}))
