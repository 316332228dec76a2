"""Tiers under many tills: reached once, counted to the last point, whenever the first tier is made."""

from __future__ import annotations

from app.points.tasks import review_district
from tests.factories.districts import District
from tests.factories.points import base_rule, multiplier, new_version
from tests.factories.tiers import change_tier, name_of, new_tier, tier_events
from tests.factories.tills import Post, Tills, sale_at

TILLS = 16


def test_many_tills_cross_one_threshold_and_it_is_told_once(street: District, tills: Tills) -> None:
    gold = new_tier(street, threshold=1_000)
    new_version(street, base_rule(), multiplier("golden", conditions={"tier_ids": [gold]}))
    member = street.member()
    replies = tills.at_once(*(sale_at(street, member_id=member, amount=12_500) for _ in range(TILLS)))
    assert {reply.status for reply in replies} == {201}
    earned = sorted(reply.body["points_earned"] for reply in replies)
    assert earned == [*[125] * 8, *[250] * (TILLS - 8)], "the eighth crosses, and the ninth is the first by the tier"
    assert tier_events(street, member) == [("gained", gold, None)]


def test_the_first_tier_is_made_while_tills_sell(street: District, tills: Tills) -> None:
    members = [street.member() for _ in range(4)]
    queues = [[sale_at(street, member_id=members[till % 4], amount=10_000) for _ in range(8)] for till in range(TILLS)]
    made: list[str] = []
    replies = tills.in_turn(queues, meanwhile=lambda: made.append(new_tier(street, threshold=3_200)))
    assert {reply.status for till in replies for reply in till} == {201}
    assert [name_of(street, member) for member in members] == ["Gold"] * 4, "each bought 32 times for 100 points"


def test_sales_refunds_reviews_and_changes_of_terms_at_once(street: District, tills: Tills) -> None:
    new_tier(street, "Silver", 1, threshold=300)
    gold = new_tier(street, threshold=900)
    members = [street.member() for _ in range(4)]
    sold = [street.report(member_id=member, amount=40_000).ok(201)["id"] for member in members for _ in range(3)]
    refunds = [
        [
            Post(
                "/v1/refunds",
                {"transaction_id": sale, "reference": f"{sale[-8:]}-{part}", "amount": 10_000},
                street.key,
            )
            for part in range(4)
        ]
        for sale in sold
    ]
    sales = [[sale_at(street, member_id=member, amount=1_000) for _ in range(10)] for member in members]

    def meanwhile() -> None:
        for threshold in (800, 1_000, 900):
            change_tier(street, gold, threshold=threshold)
            review_district(street.id)

    replies = tills.in_turn([*refunds, *sales], meanwhile=meanwhile)
    assert {reply.status for till in replies for reply in till} == {201}
    for member in members:
        assert name_of(street, member) is None, "100 points are left to each"
        tier = None
        for kind, told, other in tier_events(street, member):
            assert (other if kind == "gained" else told) == tier, "each event begins where the last one ended"
            tier = told if kind == "gained" else other
        assert tier is None
