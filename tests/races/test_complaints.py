"""Complaints are answered by several people at once: one answer stands, and its shopper is told of that one."""

from __future__ import annotations

from tests.factories.cases import complain
from tests.factories.districts import District
from tests.factories.shoppers import signed_in
from tests.factories.tills import Post, Tills


def test_two_who_answer_one_complaint_at_once_give_one_answer(street: District, tills: Tills) -> None:
    member = street.member()
    sale = street.report(member_id=member).ok(201)["id"]
    own = signed_in(street.id, member).access_token
    made = complain(street, member, sale, own).ok(201)
    keys = [street.key, street.shop.key] * 4
    answers = [Post(f"/v1/cases/{made['id']}/answer", {"answer": f"答复 {n}"}, key) for n, key in enumerate(keys)]
    replies = tills.at_once(*answers, Post(f"/v1/cases/{made['id']}/withdraw", {}, own))
    assert sorted(reply.status for reply in replies) == [200] + [409] * 8
    [told] = [reply.body for reply in replies if reply.status == 200]
    kept = street.api.get(f"/v1/cases/{made['id']}", street.key).ok()
    assert (kept["step"], kept["answer"], kept["answered_by"]) == (told["step"], told["answer"], told["answered_by"])
    ended = [one["type"] for one in street.api.get("/v1/events?limit=100", street.key).ok()["data"]]
    assert ended.count("case.answered") + ended.count("case.withdrawn") == 1
