"""A phone is the one that was written, of a person, or none."""

from __future__ import annotations

import psycopg
import pytest

from tests.factories.checksums import checksums
from tests.factories.districts import District
from tests.factories.problems import check_problem

NO_PHONES = [
    "18612249027ab",
    "13800138000a",
    "138call0000",
    "1380013ABCD",
    "13800138000转8",
    "13800138000 ext 8",
    "138****0000",
    "4008001234",
    "+1 800 555 2671",
    "+1 900 555 2671",
]


@pytest.mark.parametrize("text", NO_PHONES)
def test_a_typing_error_makes_nobody_a_member(untouched: District, superuser: psycopg.Connection, text: str) -> None:
    """Letters aren't keys of a phone, and are not left out; numbers of services are nobody's."""
    before = checksums(superuser, untouched.id)
    refused = check_problem(untouched.api.post("/v1/members", {"phone": text}, untouched.key), 422, "validation-failed")
    assert [(flaw["pointer"], flaw["code"]) for flaw in refused.body["errors"]] == [("/phone", "invalid-phone")]
    assert checksums(superuser, untouched.id) == before


def test_a_typing_error_sells_to_no_stranger(district: District) -> None:
    """`138call0000` isn't 138 2255 0000."""
    stranger = district.member("13822550000")
    check_problem(district.report(phone="138call0000"), 422, "validation-failed")
    assert district.balance(stranger)["available"] == 0


@pytest.mark.parametrize(
    "text",
    [
        "13812340000",
        "138-1234 0000",
        "138.1234.0000",
        "+86 138 1234 0000",
        "0086(138)12340000",
        "１３８１２３４００００",
        "\u202d138 1234 0000\u202c",
        "\ufeff13812340000\r\n",
    ],
    ids=ascii,
)
def test_a_phone_is_found_however_it_is_written(district: District, text: str) -> None:
    """Wide digits, spaces, hyphens, dots, brackets, the country, and what a phone puts around a copied number."""
    member = district.member("13812340000")
    assert district.report(phone=text).ok(201)["member_id"] == member
