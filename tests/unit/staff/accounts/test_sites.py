"""Passkeys belong to a host with a name."""

from __future__ import annotations

import pytest

from app.staff.accounts.sites import Site, site_of


@pytest.mark.parametrize(
    ("public_url", "site"),
    [
        ("https://points.hubin.cn", Site("points.hubin.cn", "https://points.hubin.cn")),
        ("https://points.hubin.cn:8443/", Site("points.hubin.cn", "https://points.hubin.cn:8443")),
        ("http://127.0.0.1:8000", Site("localhost", "http://localhost:8000")),
        ("http://[::1]", Site("localhost", "http://localhost")),
        ("https://192.168.0.7:8001", None),
    ],
)
def test_the_site_of_an_address(public_url: str, site: Site | None) -> None:
    assert site_of(public_url) == site
