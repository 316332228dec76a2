"""Signatures, retries and addresses of webhooks."""

from __future__ import annotations

import ipaddress
import socket
from base64 import b64decode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from app.messaging import rules

NOW = datetime.now(UTC)


def test_a_secret_is_of_standard_webhooks_and_new_each_time() -> None:
    secret = rules.new_secret()
    assert secret.startswith("whsec_")
    assert len(b64decode(secret.removeprefix("whsec_"), validate=True)) == 32
    assert rules.new_secret() != secret


def test_each_secret_verifies_and_no_other_does() -> None:
    old, new, stranger = (rules.new_secret() for _ in range(3))
    sent_at = datetime.now(UTC)  # NOW is when tests are gathered: perhaps longer ago than a message may be
    body = '{"店": 1}'
    headers = {"webhook-id": "evt_1", "webhook-timestamp": str(int(sent_at.timestamp()))}
    headers["webhook-signature"] = rules.signatures([new, old], "evt_1", sent_at, body)
    for secret in (new, old):
        assert Webhook(secret).verify(body.encode(), headers) == {"店": 1}
    with pytest.raises(WebhookVerificationError):
        Webhook(stranger).verify(body.encode(), headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(body.encode() + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(body.encode(), {**headers, "webhook-id": "evt_2"})


def chain(chance: float) -> list[timedelta]:
    """The pauses of a delivery that always fails."""
    pauses = [rules.pause_before(left, chance) for left in range(rules.TRIES - 1, -1, -1)]
    assert pauses[-1] is None
    return [pause for pause in pauses if pause is not None]


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_retries_take_a_day_and_some_hours_at_most(chance: float) -> None:
    pauses = chain(chance)
    assert len(pauses) == len(rules.PAUSES) == rules.TRIES - 1
    assert pauses == sorted(pauses)
    assert pauses[0] <= timedelta(seconds=6)
    assert timedelta(hours=24) < sum(pauses, timedelta()) < timedelta(hours=31)


def test_the_last_attempt_comes_when_its_endpoint_may_be_given_up() -> None:
    """Or an endpoint that is told one event only would never be switched off."""
    assert sum(chain(0.0), timedelta()) > rules.GIVE_UP_AFTER


@given(st.integers(-3, 50), st.floats(0, 1))
def test_a_pause_is_within_the_table_whatever_is_left(left: int, chance: float) -> None:
    pause = rules.pause_before(left, chance)
    if left <= 0:
        assert pause is None
    else:
        assert pause is not None
        assert rules.PAUSES[0] <= pause <= rules.PAUSES[-1] * (1 + rules.JITTER)


@pytest.mark.parametrize(
    ("patterns", "wanted", "unwanted"),
    [
        (["*"], ["points.earned", "x.y"], []),
        (["points.earned"], ["points.earned"], ["points.earned_late", "points", "xpoints.earned"]),
        (["points.*"], ["points.earned", "points.spent"], ["points_x.earned", "pointsx.earned", "transaction.points"]),
        (["a.b", "c.*"], ["a.b", "c.d"], ["a.c", "d.c"]),
        ([], [], ["a.b"]),
    ],
)
def test_a_list_of_patterns_names_kinds_of_events(patterns: list[str], wanted: list[str], unwanted: list[str]) -> None:
    assert all(rules.is_wanted(patterns, one) for one in wanted)
    assert not any(rules.is_wanted(patterns, one) for one in unwanted)


PUBLIC = (
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "223.5.5.5",
    "2606:4700:4700::1111",
    "2400:3200::1",
    "::ffff:8.8.8.8",
)
NOT_PUBLIC = (
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.0.23",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:a9fe:a9fe",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:1::1",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
)


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_open_internet(address: str) -> None:
    assert rules.is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_addresses_where_webhooks_do_not_go(address: str) -> None:
    assert not rules.is_public(address)


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0x7f.1", "127.1", "017700000001", "0", "localhost"])
def test_other_ways_to_write_an_address_lead_to_one_that_is_refused(host: str) -> None:
    """A look-up turns them into plain addresses, and these are what is checked."""
    found = {str(address[0]) for *_, address in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)}
    assert found
    assert not any(map(rules.is_public, found))


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_what_it_maps(address: ipaddress.IPv4Address) -> None:
    assert rules.is_public(f"::ffff:{address}") == rules.is_public(str(address))


@given(st.ip_addresses(v=4))
def test_an_address_within_another_opens_no_way(address: ipaddress.IPv4Address) -> None:
    digits = f"{int(address):08x}"
    for inside in (f"2002:{digits[:4]}:{digits[4:]}::1", f"64:ff9b::{address}", f"::{address}", f"2001::{address}"):
        assert not rules.is_public(inside)


@given(st.text(max_size=3000))
def test_what_is_shortened_is_a_beginning_that_the_database_keeps(text: str) -> None:
    short = rules.shortened(text)
    assert len(short) <= rules.MOST_KEPT + 1
    assert "\0" not in short
    assert short.removesuffix("…")[:100] == text.replace("\0", "\ufffd")[: rules.MOST_KEPT].removesuffix("…")[:100]
