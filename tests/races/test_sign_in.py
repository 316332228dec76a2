"""One code, one refresh token, one number, at several phones at once: one wins, by real processes."""

from __future__ import annotations

from collections import Counter

import psycopg
import pytest

from tests.factories.api import Reply
from tests.factories.districts import District, new_phone
from tests.factories.members import find
from tests.factories.shoppers import MEMBERSHIP, ask, code_of, prove, sign_in, wrong_code
from tests.factories.tills import Post, Tills

NO_KEY = "none"


def proof(challenge: str, code: str | None = None, idempotency_key: str | None = None) -> Post:
    body = {"challenge": challenge, "code": code or code_of(challenge), "consents": [MEMBERSHIP]}
    return Post("/v1/auth/tokens", body, NO_KEY, idempotency_key)


def refresh(token: str, idempotency_key: str | None = None) -> Post:
    return Post("/v1/auth/refresh", {"refresh_token": token}, NO_KEY, idempotency_key)


def outcomes(replies: list[Reply]) -> Counter[tuple[int, str | None]]:
    return Counter((reply.status, reply.code) for reply in replies)


@pytest.mark.parametrize("crowd", [2, 12])
def test_a_refresh_token_carries_on_once(street: District, tills: Tills, crowd: int) -> None:
    tokens = sign_in(street)
    replies = tills.at_once(*(refresh(tokens["refresh_token"]) for _ in range(crowd)))
    assert outcomes(replies) == {(200, None): 1, (401, "session-over"): crowd - 1}
    [winner] = [reply.body for reply in replies if reply.status == 200]
    after = street.api.post("/v1/auth/refresh", {"refresh_token": winner["refresh_token"]}, None)
    assert (after.status, after.code) == (401, "session-over"), "one of them has stolen it: the session is over"


def test_under_one_idempotency_key_all_get_the_same_tokens(street: District, tills: Tills) -> None:
    tokens = sign_in(street)
    replies = tills.at_once(*(refresh(tokens["refresh_token"], "once") for _ in range(8)))
    assert outcomes(replies) == {(200, None): 8}
    [newer] = {reply.body["refresh_token"] for reply in replies}
    street.api.post("/v1/auth/refresh", {"refresh_token": newer}, None).ok(200)


def test_a_code_signs_in_once(street: District, tills: Tills) -> None:
    phone = new_phone()
    challenge = ask(street, phone)
    replies = tills.at_once(*(proof(challenge) for _ in range(10)))
    assert outcomes(replies) == {(200, None): 1, (422, "invalid-code"): 9}
    assert len(find(street, phone)) == 1


def test_guesses_at_one_time_are_all_counted(street: District, tills: Tills, superuser: psycopg.Connection) -> None:
    challenge = ask(street, new_phone())
    replies = tills.at_once(*(proof(challenge, wrong_code(challenge, number)) for number in range(1, 9)))
    assert outcomes(replies) == {(422, "invalid-code"): 8}
    tries = superuser.execute(
        "SELECT wrong_tries FROM sign_in_challenges WHERE district_id = %s", (street.id[-32:],)
    ).fetchone()
    assert tries == (8,)
    refused = prove(street, challenge, consents=[MEMBERSHIP])
    assert (refused.status, refused.code) == (422, "invalid-code")


def test_two_codes_of_one_new_phone_make_one_member(street: District, tills: Tills) -> None:
    phone = new_phone()
    challenges = [ask(street, phone) for _ in range(4)]
    at_a_till = Post("/v1/members", {"phone": phone, "store_id": street.shop.store_id}, street.shop.key)
    replies = tills.at_once(*map(proof, challenges), at_a_till)
    assert outcomes(replies[:4]) == {(200, None): 4}
    [member] = find(street, phone)
    assert {reply.body["member_id"] for reply in replies[:4]} == {member}


def test_a_recycled_number_makes_one_new_member(street: District, tills: Tills, superuser: psycopg.Connection) -> None:
    phone = new_phone()
    old = street.member(phone)
    superuser.execute("UPDATE members SET created_at = now() - interval '200 days' WHERE id = %s", (old[-32:],))
    replies = tills.at_once(*(proof(ask(street, phone)) for _ in range(5)))
    assert outcomes(replies) == {(200, None): 5}
    [new] = {reply.body["member_id"] for reply in replies}
    assert find(street, phone) == [new] != [old]


def test_one_number_is_one_member_s_new_one(street: District, tills: Tills) -> None:
    phone = new_phone()
    posts = []
    for _ in range(4):
        own = new_phone()
        tokens, challenges = sign_in(street, own), (ask(street, phone), ask(street, own))
        new, old = ({"challenge": one, "code": code_of(one)} for one in challenges)
        posts.append(Post("/v1/me/phone", {**new, "old": old}, tokens["access_token"]))
    replies = tills.at_once(*posts)
    assert outcomes(replies) == {(200, None): 1, (409, "phone-taken"): 3}
    [owner] = [reply.body["id"] for reply in replies if reply.status == 200]
    assert find(street, phone) == [owner]


def test_signing_out_while_carrying_on_ends_the_session(street: District, tills: Tills) -> None:
    for _ in range(5):
        token = sign_in(street)["refresh_token"]
        replies = tills.at_once(refresh(token), Post("/v1/auth/revoke", {"refresh_token": token}, NO_KEY))
        assert replies[1].status == 200
        newest = replies[0].body["refresh_token"] if replies[0].status == 200 else token
        after = street.api.post("/v1/auth/refresh", {"refresh_token": newest}, None)
        assert (after.status, after.code) == (401, "session-over")


def test_who_signs_in_while_being_erased_is_erased_or_somebody_new(street: District, tills: Tills) -> None:
    for _ in range(6):
        phone = new_phone()
        member = street.member(phone)
        challenge = ask(street, phone)
        erased: list[Reply] = []
        [[reply]] = tills.in_turn(
            [[proof(challenge)]],
            meanwhile=lambda: erased.append(street.api.delete(f"/v1/members/{member}", street.key)),  # noqa: B023
        )
        assert erased[0].status == 200
        signed_in = reply.ok(200)
        found = find(street, phone)
        if signed_in["member_id"] == member:
            assert found == []
            assert (
                street.api.post("/v1/auth/refresh", {"refresh_token": signed_in["refresh_token"]}, None).status == 401
            )
        else:
            assert found == [signed_in["member_id"]]
