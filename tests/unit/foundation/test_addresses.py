"""Addresses in one spelling, and counted by the network that one caller has."""

from __future__ import annotations

import pytest

from app.foundation.addresses import network_of, spelled


@pytest.mark.parametrize(
    ("text", "written", "counted"),
    [
        ("203.0.113.7", "203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7", "203.0.113.7"),
        ("::ffff:cb00:7107", "203.0.113.7", "203.0.113.7"),
        ("2001:DB8:0:1:0:0:0:5", "2001:db8:0:1::5", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:1::/64"),
        ("2001:db8:0:2::5", "2001:db8:0:2::5", "2001:db8:0:2::/64"),
        ("fe80::1%eth0", "fe80::1", "fe80::/64"),
        ("::1", "::1", "::/64"),
        ("unix:", None, ""),
        ("203.0.113", None, ""),
        ("", None, ""),
        (None, None, ""),
    ],
)
def test_addresses_are_written_and_counted(text: str | None, written: str | None, counted: str) -> None:
    assert (spelled(text), network_of(text)) == (written, counted)
