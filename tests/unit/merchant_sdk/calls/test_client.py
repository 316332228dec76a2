from __future__ import annotations

from typing import Any

import httpx
import pytest

from merchant_sdk import Client, __version__


def test_every_request_bears_key_and_name(server: Any, client: Client) -> None:
    server.will(httpx.Response(200, json={}))
    client.request("GET", "/v1/x")
    headers = server.requests[0].headers
    assert headers["Authorization"] == "Bearer sk_test_secret"
    assert headers["User-Agent"].startswith(f"quantong-merchant-sdk/{__version__} python/3.")


@pytest.mark.parametrize("base_url", ["http://quantong.test/loyalty", "http://quantong.test/loyalty/"])
def test_a_base_url_may_have_a_path(server: Any, base_url: str) -> None:
    server.will(httpx.Response(200, json={}))
    client = Client("k", base_url, transport=httpx.MockTransport(server.handle))
    client.request("GET", "/v1/x")
    assert str(server.requests[0].url) == "http://quantong.test/loyalty/v1/x"


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "quantong.test",
        "ftp://quantong.test",
        "http://",
        "http://u:p@quantong.test",
        "http://q.test/?a=1",
        "http://quantong.test:port",
    ],
)
def test_addresses_that_can_not_be_one(base_url: str) -> None:
    with pytest.raises(ValueError, match="base_url"):
        Client("k", base_url)


@pytest.mark.parametrize("key", ["", "sk live", "sk_live\n", "密钥"])
def test_keys_that_can_not_be_one_are_refused_without_telling_them(key: str) -> None:
    with pytest.raises(ValueError, match="api_key") as raised:
        Client(key, "http://quantong.test")
    assert not key or key not in str(raised.value)


@pytest.mark.parametrize("retries", [-1, 11])
def test_retries_are_bounded(retries: int) -> None:
    with pytest.raises(ValueError, match="retries"):
        Client("k", "http://quantong.test", retries=retries)


def test_the_timeout_is_that_of_every_attempt(server: Any) -> None:
    server.will(httpx.Response(200, json={}))
    client = Client("k", "http://quantong.test", timeout=7.0, transport=httpx.MockTransport(server.handle))
    client.request("GET", "/v1/x")
    assert set(server.requests[0].extensions["timeout"].values()) == {7.0}


def test_no_secret_in_repr(client: Client) -> None:
    assert repr(client) == "Client(base_url='http://quantong.test')"


def test_a_closed_client_is_closed(server: Any) -> None:
    with Client("k", "http://quantong.test", transport=httpx.MockTransport(server.handle)) as client:
        pass
    with pytest.raises(RuntimeError, match="closed"):
        client.request("GET", "/v1/x")
    client.close()
