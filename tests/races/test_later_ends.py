"""Tills sell with coupons of a campaign while its end is put off again and again, and jobs write that to the coupons."""

from __future__ import annotations

import pytest

from app.coupons.issuing import moving
from app.coupons.issuing.tasks import move_ends
from tests.factories.clock import ahead
from tests.factories.coupons import campaign_of, change, claim, coupon_of, new_campaign
from tests.factories.districts import District
from tests.factories.tills import Tills, sale_at

TILLS = 40


def test_every_sale_is_made_and_every_coupon_gets_the_last_end(
    street: District, tills: Tills, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "COUPONS_A_SET", 3)
    campaign = new_campaign(street, validity={"from": ahead(), "to": ahead(days=30)})
    members = [street.member() for _ in range(TILLS)]
    codes = [claim(street, campaign["id"], one).ok(201)["code"] for one in members]

    def put_off() -> None:
        for days in (40, 50, 60):
            later = {**campaign["validity"], "to": ahead(days=days)}
            change(street, campaign["id"], validity=later).ok(200)
            move_ends(street.id, campaign["id"])

    sales = [[sale_at(street, member_id=member, coupons=[code])] for member, code in zip(members, codes, strict=True)]
    replies = tills.in_turn(sales, meanwhile=put_off)
    assert [reply.status for [reply] in replies] == [201] * TILLS
    assert move_ends(street.id, campaign["id"]) == 0, "all have it"
    end = campaign_of(street, campaign["id"])["validity"]["to"]
    assert {coupon_of(street, code)["expires_at"] for code in codes} == {end}
