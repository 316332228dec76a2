"""Scopes, and secrets that carry their district."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.districts.rules import MERCHANT_SCOPES, SCOPES, district_of, join_link, new_secret
from app.foundation.ids import is_id

DISTRICT = "dis_0193f0a1b2c37d4e8f90a1b2c3d4e5f6"


def test_the_scopes_are_the_contract_s() -> None:
    written = """
        transactions:write|read|backdate members:write|read points:adjust|spend-unproven programme:write|read
        campaigns:write|read coupons:issue|redeem|read merchants:write|read keys:write webhooks:write
        settlement:write|read disputes:write payments:write|read figures:read staff:write|read tills:write
    """
    rooms = [one.partition(":") for one in written.split()]
    spelled = {f"{room}:{verb}" for room, _, verbs in rooms for verb in verbs.split("|")}
    assert set(SCOPES) == spelled | {"*"}
    assert len(SCOPES) == len(set(SCOPES))


def test_what_a_merchant_may_do_if_nothing_else_is_said() -> None:
    assert set(MERCHANT_SCOPES) == {
        "transactions:write", "transactions:read", "members:write", "members:read",
        "coupons:redeem", "coupons:read", "figures:read", "settlement:read", "disputes:write",
    }  # fmt: skip


@pytest.mark.parametrize(("mode", "head"), [("live", "sk_live_"), ("sandbox", "sk_test_")])
def test_a_secret_says_its_mode_and_its_district(mode: str, head: str) -> None:
    secret = new_secret(DISTRICT, mode)
    assert secret.startswith(head)
    assert len(secret) == 66
    assert secret == secret.lower()
    assert secret.isascii()
    assert district_of(secret) == DISTRICT


def test_secrets_differ() -> None:
    assert len({new_secret(DISTRICT, "live") for _ in range(100)}) == 100


@given(st.uuids())
def test_any_district_comes_back(one: object) -> None:
    district_id = "dis_" + str(one).replace("-", "")
    assert district_of(new_secret(district_id, "live")) == district_id


BODY = new_secret(DISTRICT, "live")[8:]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param(BODY, id="no head"),
        pytest.param("sk_prod_" + BODY, id="another head"),
        pytest.param("SK_LIVE_" + BODY, id="head in capitals"),
        pytest.param("sk_live_" + BODY[:-1], id="too short"),
        pytest.param("sk_live_" + BODY + "a", id="too long"),
        pytest.param("sk_live_" + BODY[:-1] + "1", id="no base32 digit"),
        pytest.param("sk_live_" + BODY[:-1] + "=", id="padded"),
        pytest.param("sk_live_" + BODY[:-1] + "é", id="not ASCII"),
        pytest.param("sk_live_" + BODY[:-1] + "ß", id="a letter that grows in capitals"),
        pytest.param("sk_live_" + "\0" * 58, id="zeros"),
        pytest.param(" sk_live_" + BODY[:-1], id="leading blank"),
    ],
)
def test_what_is_no_secret_belongs_nowhere(text: str) -> None:
    assert district_of(text) is None


@given(st.text(max_size=80) | st.text(min_size=58, max_size=58).map("sk_live_".__add__))
def test_any_text_names_a_district_or_none(text: str) -> None:
    found = district_of(text)
    assert found is None or is_id("dis", found)


def test_a_poster_leads_to_a_store_s_page_for_joining() -> None:
    for public_url in ("https://points.example.com", "https://points.example.com/"):
        assert join_link(public_url, "hubin", "str_1") == "https://points.example.com/s/hubin/join/str_1"
