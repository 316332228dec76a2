"""Whoever breaks one row of what is kept of coupons is told which, by the checks that should know."""

from __future__ import annotations

import psycopg
import pytest

from tests.factories.books import broken, broken_books, uuid
from tests.factories.coupons import claim, new_campaign
from tests.factories.districts import District

pytestmark = pytest.mark.usefixtures("context")

COUNTS = "each campaign counts its coupons: issued, redeemed, expired, voided"
ASIDE = "what each campaign has set aside waits for its coupons"
STOCK = "no campaign issues, or deals out to its slices, more than its stock"
COUNTED = "every published campaign is counted, and no other"
FIRST = "WHERE campaign_id = %(campaign)s AND slice = 0"


@pytest.mark.parametrize(
    ("damage", "wanted"),
    [
        (
            f"UPDATE campaign_slices SET issued = issued + 1 {FIRST}",
            {COUNTS: ("2 0 0 0", "1 0 0 0"), STOCK: ("6", "5")},
        ),
        (f"UPDATE campaign_slices SET voided = voided + 1 {FIRST}", {COUNTS: ("1 0 0 1", "1 0 0 0")}),
        (f"UPDATE campaign_slices SET set_aside = set_aside - 1 {FIRST}", {ASIDE: ("999", "1000")}),
        (f"UPDATE campaign_slices SET allotted = 10 {FIRST}", {STOCK: ("11", "5")}),
        ("UPDATE coupons SET set_aside = 7 WHERE campaign_id = %(campaign)s", {ASIDE: ("1000", "7")}),
        (
            "UPDATE coupons SET status = 'expired', ended_at = now(), set_aside = 0 WHERE campaign_id = %(campaign)s",
            {COUNTS: ("1 0 0 0", "1 0 1 0"), ASIDE: ("1000", "0")},
        ),
        ("UPDATE campaigns SET published_at = NULL WHERE id = %(campaign)s", {COUNTED: ("true", "false")}),
    ],
)
def test_a_broken_row_is_named(
    district: District, superuser: psycopg.Connection, damage: str, wanted: dict[str, tuple[str, str]]
) -> None:
    campaign = new_campaign(district, stock=5, budget=10_000)["id"]
    claim(district, campaign, district.member()).ok(201)
    if "allotted" in damage:
        superuser.execute("UPDATE campaign_slices SET allotted = 0 WHERE campaign_id = %s", (campaign[-32:],))
    assert broken(district.id) == {}
    assert superuser.execute(damage, {"campaign": campaign[-32:]}).rowcount == 1
    assert broken_books(district.id) == {
        check: [(f"campaign {uuid(campaign)}", *told)] for check, told in wanted.items()
    }


ON_BILL = "each coupon that is on a bill is redeemed, and each redeemed one was on a bill"
GIVEN = "what each campaign has taken off bills is what its redemptions have left"
TAKEN = "each redemption's discount is what it took from the lines of its bill"
BACK = "what refunds gave back of each coupon's discount is what its redemption says"
PAID = "what funders owe for each redemption is their parts of what is left of it"
OF_SALE = "each sale's discount is that of its coupons' redemptions"


@pytest.mark.parametrize(
    ("damage", "wanted"),
    [
        ("UPDATE coupons SET status = 'issued', ended_at = NULL WHERE id = %(coupon)s", {COUNTS, ON_BILL}),
        (
            "UPDATE redemptions SET transaction_id = NULL, state = 'rolled_back', rolled_back_reference = 'x', "
            "ended_at = now() WHERE coupon_id = %(coupon)s",
            {OF_SALE},
        ),
        ("DELETE FROM redemptions WHERE coupon_id = %(coupon)s", {ON_BILL, GIVEN, OF_SALE, PAID}),
        ("UPDATE redemptions SET transaction_id = NULL WHERE coupon_id = %(coupon)s", {OF_SALE}),
        (f"UPDATE campaign_slices SET discount_given = discount_given + 1 {FIRST}", {GIVEN}),
        (
            "UPDATE redemptions SET discount_amount = discount_amount + 1, district_part = district_part + 1 "
            "WHERE coupon_id = %(coupon)s",
            {GIVEN, TAKEN, OF_SALE, PAID},
        ),
        (
            "UPDATE redemptions SET discount_returned = 1, district_part = district_part - 1 WHERE coupon_id = %(coupon)s",
            {GIVEN, BACK, PAID},
        ),
        ("UPDATE redemptions SET state = 'returned', ended_at = now() WHERE coupon_id = %(coupon)s", {BACK}),
        ("UPDATE redemptions SET taken = '[[0, 999]]' WHERE coupon_id = %(coupon)s", {TAKEN}),
        (
            "UPDATE transactions SET discount_amount = 999, paid_amount = paid_amount + 1 WHERE id = %(sale)s",
            {OF_SALE},
        ),
        ("UPDATE transactions SET coupons = '[]' WHERE id = %(sale)s", {OF_SALE}),
    ],
)
def test_a_broken_redemption_is_found(
    district: District, superuser: psycopg.Connection, damage: str, wanted: set[str]
) -> None:
    campaign, member = new_campaign(district)["id"], district.member()
    coupon = claim(district, campaign, member).ok(201)
    sale = district.report(member_id=member, coupons=[coupon["code"]]).ok(201)
    assert broken(district.id) == {}
    values = {"campaign": campaign[-32:], "coupon": coupon["id"][-32:], "sale": sale["id"][-32:]}
    assert superuser.execute(damage, values).rowcount == 1
    assert broken_books(district.id).keys() == wanted


PAID = "each coupon that costs points was paid"
RETURNED = "each coupon that was taken back gave back the points that it cost, and no other did"


@pytest.mark.parametrize(
    ("damage", "wanted"),
    [
        ("UPDATE coupons SET way = 'claim' WHERE id = %(kept)s", {PAID: [("kept", "100", "0")]}),
        (
            "UPDATE campaigns SET terms = jsonb_set(terms, '{points_price}', '90') WHERE id = %(campaign)s",
            {PAID: [("kept", "100", "90"), ("back", "100", "90")], RETURNED: [("back", "100", "90")]},
        ),
        (
            "UPDATE coupons SET points_returned_in = NULL, void_reason = 'x' WHERE id = %(back)s",
            {RETURNED: [("back", "0", "100"), ("void", "100", "0")]},
        ),
    ],
)
def test_points_that_weren_t_moved_are_named(
    district: District, superuser: psycopg.Connection, damage: str, wanted: dict[str, list[tuple[str, str, str]]]
) -> None:
    campaign, member = new_campaign(district, issuing=["points"], points_price=100)["id"], district.member()
    district.report(member_id=member, amount=100_000).ok(201)
    kept, back = (claim(district, campaign, member).ok(201) for _ in range(2))
    district.api.post(f"/v1/coupons/{back['code']}/void", {"reason": "误发"}, district.key).ok(200)
    query = "SELECT points_returned_in FROM coupons WHERE id = %s"
    found = superuser.execute(query, (back["id"][-32:],)).fetchone()
    assert found is not None
    assert broken(district.id) == {}
    names = {"kept": kept["id"], "back": back["id"], "void": str(found[0]), "campaign": campaign}
    ids = {name: one.replace("-", "")[-32:] for name, one in names.items()}
    assert superuser.execute(damage, ids).rowcount == 1
    told = {check: sorted((f"coupon {uuid(ids[one])}", *rest) for one, *rest in rows) for check, rows in wanted.items()}
    assert {check: sorted(rows) for check, rows in broken_books(district.id).items()} == told
