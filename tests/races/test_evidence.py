"""Many tills redeem vouchers while the authority's export is made by several: one chain, without a gap, and nothing lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.factories.coupons import claim
from tests.factories.districts import District
from tests.factories.tills import Tills, sale_at
from tests.factories.vouchers import evidence_of, new_vouchers

TILLS, EXPORTS = 40, 12


def test_tills_and_exports_meet_on_one_chain(street: District, tills: Tills) -> None:
    campaign = new_vouchers(street)
    members = [street.member() for _ in range(TILLS)]
    codes = [claim(street, campaign, one).ok(201)["code"] for one in members]
    sales = [
        [sale_at(street, member_id=member, coupons=[code], payment_reference=f"P-{code}")]
        for member, code in zip(members, codes, strict=True)
    ]
    with ThreadPoolExecutor(4) as exporting:
        exports = [exporting.submit(evidence_of, street, campaign) for _ in range(EXPORTS)]
        replies = tills.in_turn(sales)
    assert [reply.status for [reply] in replies] == [201] * TILLS
    whole = evidence_of(street, campaign)
    assert [one["number"] for one in whole["data"]] == list(range(1, TILLS + 1))
    assert len({one["row"]["coupon_index"] for one in whole["data"]}) == TILLS
    for one in exports:
        check_begins(one.result(), whole)


def test_of_a_members_vouchers_at_many_tills_all_beyond_the_third_are_held(street: District, tills: Tills) -> None:
    campaign, member = new_vouchers(street), street.member()
    codes = [claim(street, campaign, member).ok(201)["code"] for _ in range(8)]
    sales = [[sale_at(street, member_id=member, coupons=[code], payment_reference=f"P-{code}")] for code in codes]
    assert [reply.status for [reply] in tills.in_turn(sales)] == [201] * 8
    states = sorted(one["row"]["state"] for one in evidence_of(street, campaign)["data"])
    assert states == ["held"] * 5 + ["redeemed"] * 3


def check_begins(export: Any, whole: Any) -> None:
    """What was exported once never changes."""
    assert export["data"] == whole["data"][: len(export["data"])]
