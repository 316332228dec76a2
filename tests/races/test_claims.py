"""One receipt, several hands: one gets it."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.factories.districts import District, new_phone
from tests.factories.members import find
from tests.factories.tills import Post, Tills, sale_at


def claim(street: District, sale: str, member: str) -> Post:
    return Post(f"/v1/transactions/{sale}/claim", {"member_id": member}, street.key)


def owner(street: District, sale: str) -> str:
    """Whose a sale is: it and nobody else has its points."""
    return str(street.api.get(f"/v1/transactions/{sale}", street.key).ok(200)["member_id"])


def check_owner(street: District, sale: str, hopeful: list[str]) -> str:
    """One of those who wanted a sale has its points, the others have none."""
    mine = owner(street, sale)
    assert mine in hopeful
    for member in hopeful:
        assert street.balance(member)["available"] == (128 if member == mine else 0)
    return mine


@pytest.mark.parametrize("crowd", [2, 20])
def test_one_of_many_gets_the_receipt(street: District, tills: Tills, crowd: int) -> None:
    sale, members = street.report().ok(201)["id"], [street.member() for _ in range(crowd)]
    replies = tills.at_once(*(claim(street, sale, member) for member in members))
    assert Counter((reply.status, reply.code) for reply in replies) == {
        (200, None): 1,
        (409, "already-claimed"): crowd - 1,
    }
    mine = check_owner(street, sale, members)
    assert [reply.body["member_id"] for reply in replies if reply.status == 200] == [mine]


def test_one_who_claims_many_times_gets_it_once(street: District, tills: Tills) -> None:
    sale, member = street.report().ok(201)["id"], street.member()
    replies = tills.at_once(*[claim(street, sale, member)] * 20)
    assert Counter(reply.status for reply in replies) == {200: 20}
    check_owner(street, sale, [member])


def test_a_receipt_is_the_joining_phone_s_or_the_claimer_s(street: District, tills: Tills) -> None:
    phones = [new_phone() for _ in range(8)]
    sales = [street.report(phone=phone).ok(201)["id"] for phone in phones]
    claimers = [street.member() for _ in phones]
    joins = [Post("/v1/members", {"phone": phone}, street.key) for phone in phones]
    claims = [claim(street, sale, member) for sale, member in zip(sales, claimers, strict=True)]
    replies = tills.at_once(*(post for pair in zip(joins, claims, strict=True) for post in pair))
    assert {reply.status for reply in replies[::2]} == {201}
    for phone, sale, claimer, reply in zip(phones, sales, claimers, replies[1::2], strict=True):
        mine = check_owner(street, sale, [claimer, *find(street, phone)])
        assert (reply.status, reply.code) == ((200, None) if mine == claimer else (409, "already-claimed"))


def test_a_receipt_is_claimed_or_reported_again_with_its_buyer(street: District, tills: Tills) -> None:
    """The payment company's report names the buyer while somebody else claims the receipt."""
    members = [street.member() for _ in range(2)]
    first = street.report(payment_reference="4200001").ok(201)["id"]
    again = sale_at(street, member_id=members[0], payment_reference="4200001")
    replies = tills.at_once(*[again, claim(street, first, members[1])] * 6)
    assert {reply.status for reply in replies[::2]} == {200}
    mine = check_owner(street, first, members)
    assert {reply.status for reply in replies[1::2]} == ({200} if mine == members[1] else {409})


def test_a_batch_and_many_claims_of_its_sales(street: District, tills: Tills) -> None:
    """Claims lock sale and member, batches lock members and sales: in whatever order they meet, they get on."""
    members = [street.member() for _ in range(4)]
    sales = [street.report(payment_reference=f"P{n}", amount=100).ok(201)["id"] for n in range(20)]
    batches = [
        {"transactions": [street.sale(payment_reference=f"P{n}", amount=100, member_id=member) for n in order]}
        for member, order in zip(members[:2], (range(20), range(19, -1, -1)), strict=True)
    ]
    posts = [Post("/v1/transactions/batch", body, street.key) for body in batches]
    claims = [claim(street, sale, members[2 + n % 2]) for n, sale in enumerate(sales)]
    replies = tills.at_once(*claims[:10], *posts, *claims[10:])
    assert {reply.status for reply in replies} <= {200, 409}
    owned = Counter(owner(street, sale) for sale in sales)
    assert sum(owned.values()) == 20
    for member in members:
        assert street.balance(member)["available"] == owned[member]


def test_a_sale_that_is_claimed_and_given_back_at_once_earns_for_the_rest(street: District, tills: Tills) -> None:
    """Whoever comes first: the second channel's claim, the receipt's, or the refunds."""
    member, posts = street.member(), []
    for number in range(10):
        sale = street.report(amount=10_000, payment_reference=f"P{number}").ok(201)["id"]
        backs = [{"reference": f"{sale}-{n}", "transaction_id": sale, "amount": n} for n in (2_000, 3_000)]
        posts += [
            sale_at(street, member_id=member, amount=10_000, payment_reference=f"P{number}"),
            *(Post("/v1/refunds", back, street.key) for back in backs),
        ]
        if number % 2:
            posts.append(claim(street, sale, member))
    assert {reply.status for reply in tills.at_once(*posts)} <= {200, 201, 429}
    assert street.balance(member)["available"] == 10 * 50
