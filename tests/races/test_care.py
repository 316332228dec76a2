"""Members are merged, erased and frozen while tills sell to them: nothing is stranded, and nobody is charged twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.factories.districts import District, new_phone
from tests.factories.tills import Post, Tills, sale_at


def act(street: District, member: str, verb: str, **body: object) -> Post:
    return Post(f"/v1/members/{member}/{verb}", body, street.key)


def earned(street: District, member: str) -> int:
    told = street.balance(member)
    return int(told["available"] + told["pending"])


def test_sales_to_a_member_who_is_being_merged_are_the_survivor_s(street: District, tills: Tills) -> None:
    old, survivor = street.member(), street.member()
    sales = [sale_at(street, member_id=one, amount=10_000) for _ in range(12) for one in (old, survivor)]
    replies = tills.at_once(*sales[:12], act(street, old, "merge", into=survivor), *sales[12:])
    assert {reply.status for reply in replies} <= {200, 201}
    assert replies[12].ok(200)["id"] == survivor
    assert earned(street, survivor) == earned(street, old) == 2_400
    sold = street.api.get(f"/v1/transactions?member_id={survivor}&limit=100", street.key).ok()["data"]
    assert len(sold) == 24


def test_one_member_is_merged_once(street: District, tills: Tills) -> None:
    old, first, second = street.member(), street.member(), street.member()
    street.report(member_id=old, amount=10_000).ok(201)
    posts = [act(street, old, "merge", into=one) for one in (first, second) * 3]
    statuses = [reply.status for reply in tills.at_once(*posts)]
    assert 200 in statuses
    assert sum(earned(street, one) for one in {first, second}) in (100, 200), "100, or shown for both ids of one member"
    ids = {street.api.get(f"/v1/members/{one}", street.key).ok()["id"] for one in (old, first, second)}
    assert len(ids) <= 2
    assert sum(earned(street, one) for one in ids) == 100


def test_two_who_are_merged_into_each_other_are_one(street: District, tills: Tills) -> None:
    one, other = street.member(), street.member()
    for member in (one, other):
        street.report(member_id=member, amount=10_000).ok(201)
    replies = tills.at_once(act(street, one, "merge", into=other), act(street, other, "merge", into=one))
    assert sorted(reply.status for reply in replies)[0] == 200
    assert earned(street, one) == earned(street, other) == 200


def test_an_erased_member_neither_spends_nor_earns_any_more(street: District, tills: Tills) -> None:
    member = street.member()
    street.report(member_id=member, amount=100_000).ok(201)
    sales = [[sale_at(street, member_id=member, amount=100, points_to_spend=50 * (n % 2))] for n in range(24)]
    answers = tills.in_turn(
        sales, meanwhile=lambda: street.api.delete(f"/v1/members/{member}", street.key).ok(200) and None
    )
    assert {reply.status for [reply] in answers} <= {201, 404}
    assert street.report(member_id=member).status == 404
    assert earned(street, member) == 0


def test_one_member_is_erased_once(street: District) -> None:
    member = street.member()
    street.report(member_id=member, amount=10_000).ok(201)
    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(street.api.delete, f"/v1/members/{member}", street.key) for _ in range(6)]
    bodies = [one.result().ok(200) for one in asked]
    assert all(body == bodies[0] for body in bodies)
    events = [one["type"] for one in street.api.get("/v1/events?limit=100", street.key).ok()["data"]]
    assert events.count("member.erased") == 1


def test_who_enrols_a_member_that_is_being_erased_leaves_nothing_with_it(street: District, tills: Tills) -> None:
    phone = new_phone()
    member = street.member(phone)
    enrolments = [
        [
            Post(
                "/v1/members",
                {"phone": phone, "identities": [{"kind": f"kind_{n}", "value": f"{phone}-{n}"}]},
                street.key,
            )
        ]
        for n in range(24)
    ]
    answers = tills.in_turn(
        enrolments, meanwhile=lambda: street.api.delete(f"/v1/members/{member}", street.key).ok(200) and None
    )
    assert {reply.status for [reply] in answers} <= {200, 201}
    told = street.api.get(f"/v1/members/{member}/export", street.key).ok()
    assert (told["member"]["status"], told["phone"], told["identities"]) == ("erased", None, [])
    again = {reply.body["id"] for [reply] in answers} - {member}
    assert len(again) <= 1, "who joins anew is one member"


def test_who_enrols_a_member_that_is_being_merged_meets_the_survivor(street: District, tills: Tills) -> None:
    phones = [new_phone() for _ in range(8)]
    members = [(street.member(phone), street.member()) for phone in phones]
    said = {"controller": "district", "purpose": "news", "version": "1"}
    posts = []
    for phone, (old, survivor) in zip(phones, members, strict=True):
        identity = {"kind": "card", "value": f"card of {phone}"}
        body = {"phone": phone, "identities": [identity], "consents": [said], "store_id": street.shop.store_id}
        posts += [Post("/v1/members", body, street.key), act(street, old, "merge", into=survivor)]
        posts += [act(street, old, "spend-lock"), act(street, old, "consents", **said)]
    replies = tills.at_once(*posts)
    assert {reply.status for reply in replies} <= {200, 201}
    for phone, (_, survivor) in zip(phones, members, strict=True):
        told = street.api.get(f"/v1/members/{survivor}/export", street.key).ok()
        assert f"card of {phone}" in [one["value"] for one in told["identities"]]
        assert ("news", True) in [(one["purpose"], one["granted"]) for one in told["consents"]]
        assert len(told["member"]["memberships"]) == 1
        assert told["points"]["spend_locked"]


def test_a_freeze_comes_before_a_spend_or_after_it(street: District, tills: Tills) -> None:
    member = street.member()
    street.report(member_id=member, amount=100_000).ok(201)
    spends = [sale_at(street, member_id=member, amount=10, points_to_spend=10, eligible_amount=0) for _ in range(20)]
    replies = tills.at_once(*spends[:10], act(street, member, "freeze"), *spends[10:])
    done = sum(reply.status == 201 for reply in replies)
    assert {reply.code for reply in replies if reply.status == 409} <= {"member-frozen"}
    assert earned(street, member) == 1_000 - 10 * done
