"""Addresses and names of events that an endpoint may have."""

from __future__ import annotations

import pytest
from flask import Flask

from app.foundation.http.validation import load
from app.foundation.problems import ValidationFailed
from app.messaging.schemas import EndpointBody, EndpointChange, ReplayBody, RotateSecretBody

URL = "https://hooks.example.com/quantong?shop=1"
PRIVATE = [
    "https://localhost/",
    "https://LOCALHOST./",
    "https://a.localhost/",
    "https://127.0.0.1/",
    "https://127.0.0.1./",
    "https://127.1/",
    "https://0x7f000001/",
    "https://2130706433/",
    "https://017700000001/",
    "https://0/",
    "https://10.1.2.3:8443/",
    "https://169.254.169.254/latest/meta-data",
    "https://100.100.100.200/",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[fe80::1]/",
    "https://[fd00:ec2::254]/",
]


def flaws(schema: object, body: object) -> set[tuple[str, str]]:
    """Where a body is refused, and by which code."""
    with pytest.raises(ValidationFailed) as refused:
        load(schema, body)  # type: ignore[arg-type]
    return {(flaw.pointer, flaw.code) for flaw in refused.value.flaws}


@pytest.mark.usefixtures("context")
def test_an_endpoint_hears_of_everything_unless_told_otherwise() -> None:
    assert load(EndpointBody(), {"url": URL}) == {"url": URL, "events": ["*"], "description": None}
    assert load(EndpointBody(), {"url": URL, "events": None}) == load(EndpointBody(), {"url": URL})
    assert load(EndpointChange(), {}) == {}
    assert flaws(EndpointChange(), {"events": None}) == {("/events", "null")}


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("url", PRIVATE)
def test_addresses_of_the_inside_are_refused_at_once(url: str) -> None:
    assert flaws(EndpointBody(), {"url": url}) == {("/url", "invalid-url")}
    assert flaws(EndpointChange(), {"url": url}) == {("/url", "invalid-url")}


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "hooks.example.com",
        "https://",
        "https:///path",
        "https://user@hooks.example.com/",
        "https://:pw@hooks.example.com/",
        "https://hooks.example.com/#part",
        "https://hooks.example.com:65536/",
        "https://hooks.example.com:x/",
        "https://[::1",
        "https://钩.example.com/",
    ],
)
def test_what_is_no_plain_https_address_is_refused(url: str) -> None:
    assert flaws(EndpointBody(), {"url": url}) == {("/url", "invalid-url")}


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    "url", [URL, "https://8.8.8.8/", "https://[2606:4700:4700::1111]:8443/", "https://example.com"]
)
def test_addresses_of_the_open_internet_are_taken(url: str) -> None:
    assert load(EndpointBody(), {"url": url})["url"] == url


def test_settings_open_http_and_the_inside(open_app: Flask) -> None:
    with open_app.app_context():
        for url in ("http://127.0.0.1:8000/hook", *PRIVATE):
            assert load(EndpointBody(), {"url": url})["url"] == url
        assert flaws(EndpointBody(), {"url": "ftp://127.0.0.1/"}) == {("/url", "invalid-url")}


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    "name", ["points", "points.", ".earned", "*.earned", "points.**", "Points.earned", "a.b.c", ""]
)
def test_what_names_no_event_is_refused(name: str) -> None:
    [(pointer, _)] = flaws(EndpointBody(), {"url": URL, "events": ["*", name]})
    assert pointer == "/events/1"


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("events", [[], ["*"] * 51, "*"])
def test_a_list_of_events_has_bounds(events: object) -> None:
    assert {pointer for pointer, _ in flaws(EndpointBody(), {"url": URL, "events": events})} == {"/events"}


def test_an_overlap_is_a_day_unless_told_otherwise_and_a_week_at_most() -> None:
    assert load(RotateSecretBody(), {}) == {"overlap_seconds": 86_400}
    assert load(RotateSecretBody(), {"overlap_seconds": 0}) == {"overlap_seconds": 0}
    for seconds in (-1, 7 * 86_400 + 1):
        assert flaws(RotateSecretBody(), {"overlap_seconds": seconds}) == {("/overlap_seconds", "out-of-range")}


def test_a_span_ends_after_it_begins() -> None:
    moment, later = "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"
    assert load(ReplayBody(), {"from": moment, "to": later})["from"].year == 2026
    for end in (moment, "2025-12-31T23:59:59Z"):
        assert flaws(ReplayBody(), {"from": moment, "to": end}) == {("/to", "out-of-range")}
    assert flaws(ReplayBody(), {}) == {("/from", "required"), ("/to", "required")}
