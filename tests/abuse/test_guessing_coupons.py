"""Whoever guesses codes of coupons is told to stop, and who types right ones isn't."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.coupons.bill.codes import code_of
from app.coupons.guessing import WRONG_CODES
from tests.factories.coupons import bearer_codes, bind, new_campaign
from tests.factories.districts import District
from tests.factories.shoppers import signed_in

pytestmark = pytest.mark.usefixtures("context")


def guesses() -> Iterator[str]:
    """Codes whose check character is right, of no coupon."""
    number = 0
    while True:
        number += 1
        yield code_of(f"cpn_{number:032x}", b"a secret of somebody's own")


def test_a_shopper_who_guesses_codes_is_stopped(district: District) -> None:
    """Codes with a right check character are tried some times an hour; then right ones are refused as well."""
    [code, other] = bearer_codes(district, new_campaign(district, issuing=["code_batch"])["id"], 2)
    member, tries = district.member(), guesses()
    token = signed_in(district.id, member).access_token
    bind(district, member, code, key=token).ok(200)
    asks = [
        lambda one: bind(district, member, one, key=token),
        lambda one: district.api.get(f"/v1/coupons/{one}", token),
        lambda one: district.api.get(f"/v1/coupons/{one}/qr", token),
    ]
    found = [asks[n % 3](next(tries)).status for n in range(WRONG_CODES.amount)]
    assert set(found) == {404}
    for ask in asks:
        refused = ask(next(tries))
        assert (refused.status, "Retry-After" in refused.headers) == (429, True)
    assert bind(district, member, other, key=token).status == 429
    assert district.api.get(f"/v1/coupons/{other}", district.key).ok(200)["member_id"] is None


def test_right_and_mistyped_codes_are_no_guesses(district: District) -> None:
    """A till may look at any number of coupons that there are."""
    [code] = bearer_codes(district, new_campaign(district, issuing=["code_batch"])["id"], 1)
    key = district.shop.key
    for _ in range(WRONG_CODES.amount + 5):
        district.api.get(f"/v1/coupons/{code}", key).ok(200)
        assert district.api.get(f"/v1/coupons/{code[:-1]}U", key).code == "code-mistyped"
