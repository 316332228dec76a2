"""One code shown to many tills at once, in processes of their own: it proves once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from tests.factories.api import Reply
from tests.factories.codes import Phone, early_in_the_minute, new_phone_of
from tests.factories.districts import District
from tests.factories.points import figures
from tests.factories.tills import Post, Tills

EARNED = 10_000
CROWD = 24


@pytest.fixture
def phone(street: District) -> Phone:
    """The phone of a member who has points to spend."""
    phone = new_phone_of(street)
    street.report(member_id=phone.member_id, amount=100 * EARNED).ok(201)
    early_in_the_minute()
    return phone


def resolving(street: District, code: str, *, at_other: bool = False) -> Post:
    shop = street.other_shop if at_other else street.shop
    return Post("/v1/member-codes/resolve", {"code": code, "store_id": shop.store_id}, shop.key)


def spending(street: District, points: int = 100, *, at_other: bool = False, **buyer: str) -> Post:
    """A new sale without money: what is spent is all that it changes."""
    shop = street.other_shop if at_other else street.shop
    body = street.sale(amount=points, points_to_spend=points, store_id=shop.store_id, **buyer)
    return Post("/v1/transactions", body, shop.key)


def outcomes(replies: Iterable[Reply]) -> Counter[tuple[int, str | None]]:
    return Counter((reply.status, reply.code) for reply in replies)


def test_one_code_at_two_tills_at_once_is_resolved_once(street: District, tills: Tills, phone: Phone) -> None:
    for ahead in (-1, 0, 1):
        code = phone.code(ahead)
        replies = tills.at_once(*(resolving(street, code, at_other=n % 2 == 1) for n in range(CROWD)))
        assert outcomes(replies) == {(200, None): 1, (409, "member-code-used"): CROWD - 1}


def test_one_code_spends_once_however_many_tills_report(street: District, tills: Tills, phone: Phone) -> None:
    code = phone.code()
    replies = tills.at_once(*(spending(street, member_code=code, at_other=n % 2 == 1) for n in range(CROWD)))
    assert outcomes(replies) == {(201, None): 1, (409, "member-code-used"): CROWD - 1}
    assert figures(street, phone.member_id) == (EARNED - 100, 0, 0)


def test_a_code_is_resolved_or_spent(street: District, tills: Tills, phone: Phone) -> None:
    for ahead in (-1, 0, 1):
        code = phone.code(ahead)
        posts = [
            spending(street, member_code=code, at_other=n % 4 == 2) if n % 2 else resolving(street, code)
            for n in range(CROWD)
        ]
        replies = tills.at_once(*posts)
        assert Counter(reply.status for reply in replies)[409] == CROWD - 1
        [won] = [reply for reply in replies if reply.status != 409]
        assert won.status in (200, 201)
        assert {reply.code for reply in replies if reply.status == 409} == {"member-code-used"}


def test_the_same_spending_again_and_again_at_once_is_one(street: District, tills: Tills, phone: Phone) -> None:
    post = spending(street, member_code=phone.code())
    replies = tills.at_once(*[post] * CROWD)
    assert Counter(reply.status for reply in replies) == {201: 1, 200: CROWD - 1}
    assert len({reply.body["id"] for reply in replies}) == 1
    assert figures(street, phone.member_id) == (EARNED - 100, 0, 0)


def test_a_token_spends_for_one_of_all_who_report_at_that_store(street: District, tills: Tills, phone: Phone) -> None:
    token = street.api.post(
        "/v1/member-codes/resolve", {"code": phone.code(), "store_id": street.shop.store_id}, street.shop.key
    ).ok(200)["presence_token"]
    replies = tills.at_once(*(spending(street, presence_token=token) for _ in range(CROWD)))
    assert outcomes(replies) == {(201, None): 1, (409, "member-code-used"): CROWD - 1}
    assert figures(street, phone.member_id) == (EARNED - 100, 0, 0)


def test_many_members_show_codes_while_batches_name_them(street: District, tills: Tills, phone: Phone) -> None:
    """Codes take no lock before that of the balance: whoever meets, nobody waits for ever."""
    phones = [phone, *(new_phone_of(street) for _ in range(5))]
    early_in_the_minute()
    posts = [
        Post(
            "/v1/transactions/batch",
            {
                "transactions": [
                    street.sale(amount=100, **buyer)
                    for one in (phones if n % 2 else phones[::-1])
                    for buyer in ({"member_code": one.code()}, {"member_id": one.member_id})
                ]
            },
            street.key,
        )
        for n in range(8)
    ]
    posts += [resolving(street, one.code(1)) for one in phones]
    replies = tills.at_once(*posts)
    assert {reply.status for reply in replies} == {200}
    results = [one["status"] for reply in replies[:8] for one in reply.body["results"]]
    assert Counter(results) == {201: 8 * 2 * len(phones)}
    for one in phones[1:]:
        assert figures(street, one.member_id) == (16, 0, 0)
