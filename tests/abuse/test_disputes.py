"""Disputes and corrections: nobody moves money alone, late, twice, or of another's; a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.factories.books import broken
from tests.factories.checksums import Watch
from tests.factories.clock import SetClock
from tests.factories.disputes import answer, decide, dispute, propose, statement_of
from tests.factories.districts import District
from tests.factories.problems import check_problem
from tests.factories.settlement import close, month, nets, publish_terms
from tests.factories.settlement_accounts import another_key


@pytest.fixture
def street(timed: District, timed_app: Flask, clock: SetClock) -> Iterator[District]:
    """A closed month in which A owes 300 and B is owed 90, until the 12th of the next. Its books hold in the end."""
    clock.set(month(1))
    publish_terms(timed).ok(201)
    member = timed.member()
    timed.report(member_id=member, amount=30_000).ok(201)
    timed.report(member_id=member, amount=100, points_to_spend=100, store_id=timed.other_shop.store_id).ok(201)
    with timed_app.app_context():
        clock.set(month(2, 1))
        close(timed, 1)
        yield timed
        assert broken(timed.id) == {}


def test_a_line_is_disputed_once_and_for_no_more_than_it_comes_to(street: District, watch: Watch) -> None:
    """Not above it, not twice, not a line that isn't there, and not without a line but for what is missing."""
    a = street.shop
    statement = statement_of(street, 1, a.merchant_id)
    answer(street, dispute(street, statement, 1, 80).ok(201), "reject").ok(200)
    other = statement_of(street, 1, street.other_shop.merchant_id)
    before = watch.sums(street.id)
    for refused, pointer in (
        (dispute(street, statement, 1, 80), "/lines/0/line"),
        (dispute(street, other, 1, 91), "/lines/0/amount"),
        (dispute(street, other, 2, 1), "/lines/0/line"),
        (dispute(street, other, None, 1), "/lines/0/line"),
        (dispute(street, other, 1, 0, lines=[{"line": 1, "amount": 1}, {"line": 1, "amount": 1}]), "/lines/1/line"),
        (dispute(street, other, 1, 0, lines=[{"amount": 10**10}] * 2, reason="missing"), "/lines"),
    ):
        assert (refused.status, refused.pointers) == (422, {pointer})
    assert watch.sums(street.id) == before


def test_nothing_is_disputed_after_it_is_approved(street: District, clock: SetClock, watch: Watch) -> None:
    """Neither by a word nor by silence: the last moment of the last local day is the last."""
    a, b = street.shop, street.other_shop
    owing, owed = (statement_of(street, 1, shop.merchant_id) for shop in (a, b))
    street.api.post(f"/v1/statements/{owing['id']}/approve", {}, a.key).ok(200)
    before = watch.sums(street.id)
    check_problem(dispute(street, owing, 1, 80), 409, "dispute-window-over")
    clock.set(month(2, 12, "00:00"))
    check_problem(dispute(street, owed, 1, 80), 409, "dispute-window-over")
    assert watch.sums(street.id) == before
    clock.set(month(2, 11, "23:59"))
    dispute(street, owed, 1, 80).ok(201)


def test_a_dispute_ends_once(street: District, watch: Watch) -> None:
    """Accepted, rejected or withdrawn: nothing is paid twice, said afterwards, or granted beyond what was asked."""
    a = street.shop
    opened = dispute(street, statement_of(street, 1, a.merchant_id), 1, 80).ok(201)
    before = watch.sums(street.id)
    above = answer(street, opened, "accept", amount=81)
    assert (above.status, above.pointers) == (422, {"/amount"})
    assert watch.sums(street.id) == before
    answer(street, opened, "accept", amount=80).ok(200)
    before = watch.sums(street.id)
    for verb, body in (("accept", {"amount": 80}), ("reject", {}), ("withdraw", {}), ("messages", {"text": "又及"})):
        check_problem(answer(street, opened, verb, **body), 409, "dispute-over")
    assert watch.sums(street.id) == before


def test_nobody_answers_a_dispute_alone(street: District, clock: SetClock, watch: Watch) -> None:
    """Who opens one for a merchant doesn't accept it; a merchant answers none; the district disputes nothing with itself."""
    a = street.shop
    own = dispute(street, statement_of(street, 1, a.merchant_id), 1, 80, key=street.key).ok(201)
    before = watch.sums(street.id)
    check_problem(answer(street, own, "accept", amount=80), 409, "second-person-needed")
    for verb, body in (("accept", {"amount": 80}), ("reject", {})):
        check_problem(answer(street, own, verb, key=a.key, **body), 403, "forbidden")
    assert watch.sums(street.id) == before
    answer(street, own, "accept", amount=80, key=another_key(street)).ok(200)
    clock.set(month(3))
    close(street, 2)
    before = watch.sums(street.id)
    own = statement_of(street, 2, street.id)
    assert own["net_position"] == -80
    check_problem(dispute(street, own, 1, 80, key=street.key), 409, "nobody-to-dispute-with")
    assert watch.sums(street.id) == before


def test_nobody_corrects_alone(street: District, clock: SetClock, watch: Watch) -> None:
    """Who proposed a correction doesn't approve it; a merchant has no say; nothing is posted meanwhile, nor of nothing."""
    a = street.shop
    proposed = propose(street, a.merchant_id, 5_000).ok(201)
    before = watch.sums(street.id)
    check_problem(decide(street, proposed, "approve"), 409, "second-person-needed")
    check_problem(decide(street, proposed, "approve", key=a.key), 403, "forbidden")
    check_problem(propose(street, a.merchant_id, 5_000, key=a.key), 403, "forbidden")
    check_problem(street.api.get(f"/v1/corrections/{proposed['id']}", a.key), 404, "not-found")
    assert propose(street, a.merchant_id, 0).pointers == {"/amount"}
    check_problem(propose(street, f"mer_{'0' * 32}", 1), 404, "not-found")
    assert watch.sums(street.id) == before
    clock.set(month(3))
    close(street, 2)
    assert nets(street, 2) == {}


def test_a_correction_rejected_after_a_close_changes_nothing(street: District, clock: SetClock, watch: Watch) -> None:
    """One that waits is in no period; one that was approved stays, whatever is said afterwards."""
    a, other = street.shop.merchant_id, another_key(street)
    waits, posted = propose(street, a, 70).ok(201), propose(street, a, -50).ok(201)
    decide(street, posted, "approve", key=other).ok(200)
    clock.set(month(3))
    close(street, 2)
    assert decide(street, waits, "reject").ok(200)["status"] == "rejected"
    before = watch.sums(street.id)
    for one, verb in ((waits, "approve"), (waits, "reject"), (posted, "reject")):
        check_problem(decide(street, one, verb, key=other), 409, "correction-over")
    assert watch.sums(street.id) == before
    assert nets(street, 2) == {a: -50, street.id: 50}


def test_a_neighbour_sees_and_touches_no_dispute(street: District, watch: Watch) -> None:
    """Another merchant, and a store's key, is told that there is nothing; lists leave it out."""
    a, b = street.shop, street.other_shop
    opened = dispute(street, statement_of(street, 1, a.merchant_id), 1, 80).ok(201)
    correction = propose(street, a.merchant_id, 10).ok(201)
    decide(street, correction, "approve", key=another_key(street)).ok(200)
    keys = b.key, street.store_key(a)
    before = watch.sums(street.id)
    for key in keys:
        for path in (f"disputes/{opened['id']}", f"corrections/{correction['id']}"):
            check_problem(street.api.get(f"/v1/{path}", key), 404, "not-found")
        for kind in ("disputes", "corrections"):
            assert street.api.get(f"/v1/{kind}", key).ok(200)["data"] == []
        check_problem(answer(street, opened, "withdraw", key=key), 404, "not-found")
        check_problem(answer(street, opened, "messages", key=key, text="?"), 404, "not-found")
        check_problem(dispute(street, {"id": opened["statement_id"]}, 1, 1, key=key), 404, "not-found")
    assert watch.sums(street.id) == before


def test_no_more_is_held_than_a_statement_comes_to(street: District, watch: Watch) -> None:
    """Of 300 with 80 disputed 220; by the alliance alone."""
    a = street.shop
    statement = statement_of(street, 1, a.merchant_id)
    dispute(street, statement, 1, 80).ok(201)
    before = watch.sums(street.id)
    path = f"/v1/statements/{statement['id']}"
    assert street.api.post(f"{path}/hold", {"amount": 221, "reason": "?"}, street.key).pointers == {"/amount"}
    for verb, body in (("hold", {"amount": 1, "reason": "?"}), ("release", {})):
        check_problem(street.api.post(f"{path}/{verb}", body, a.key), 403, "forbidden")
    assert watch.sums(street.id) == before
