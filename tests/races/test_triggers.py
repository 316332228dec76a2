"""Coupons that come by themselves, told by several workers at once, twice, or by one who is killed: one for each occurrence."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import pytest
from flask import Flask

from app.config import Settings
from app.coupons.giving.days import give_of_day
from app.foundation.tasks import take_events
from tests.factories.books import UNTAKEN
from tests.factories.clock import SHANGHAI, now
from tests.factories.coupons import campaign_of, coupons_of, new_campaign
from tests.factories.districts import District
from tests.factories.stopped import stopped
from tests.factories.tiers import new_tier
from tests.factories.tills import Post, Tills, sale_at

CROWD = 12


def automatic(street: District, on: str, **trigger: Any) -> str:
    return str(new_campaign(street, issuing=["automatic"], trigger={"on": on, **trigger})["id"])


def had(street: District, member: str, cam: str) -> list[str]:
    return [one["status"] for one in coupons_of(street, member) if one["campaign_id"] == cam]


def at_once(app: Flask, *works: Callable[[], object]) -> None:
    """Each by a worker of its own; what one of them raises is raised."""
    problems: list[BaseException] = []

    def run(work: Callable[[], object]) -> None:
        try:
            with app.app_context():
                work()
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems, problems


@pytest.fixture
def events(superuser: psycopg.Connection) -> Callable[..., list[str]]:
    """The events of a district, as the relay names them; `again`: as if nobody had taken them."""

    def named(street: District, *, again: bool = False) -> list[str]:
        if again:
            for undone in UNTAKEN:
                superuser.execute(f"{undone} WHERE district_id = %s", (street.id[-32:],))
        rows = superuser.execute("SELECT id FROM outbox WHERE district_id = %s ORDER BY id", (street.id[-32:],))
        return [str(one).replace("-", "") for (one,) in rows]

    return named


def take(street: District, ids: Sequence[str]) -> Callable[[], object]:
    return lambda: take_events(street.id, list(ids))


def all_kinds(street: District) -> tuple[list[str], list[str]]:
    """Campaigns of every kind of event; members who joined, bought twice and rose since."""
    gold = new_tier(street, rank=1, threshold=100)
    cams = [
        automatic(street, on, **more)
        for on, more in (("joined", {}), ("sale", {}), ("first_purchase", {}), ("tier_reached", {"tier_ids": [gold]}))
    ]
    members = [street.member() for _ in range(CROWD)]
    for member in members * 2:
        street.report(member_id=member, amount=12_800).ok(201)
    return cams, members


def check_once(street: District, cams: Sequence[str], members: Sequence[str]) -> None:
    for member in members:
        assert [len(had(street, member, cam)) for cam in cams] == [1, 2, 1, 1]
    issued = [campaign_of(street, cam)["counts"]["issued"] for cam in cams]
    assert issued == [CROWD, 2 * CROWD, CROWD, CROWD]


def test_workers_who_are_told_the_same_at_once_give_one(street: District, app: Flask, events: Any) -> None:
    cams, members = all_kinds(street)
    ids = events(street)
    halves = [ids[::2], ids[1::2]]
    at_once(app, *[take(street, ids)] * 3, *[take(street, half) for half in halves])
    check_once(street, cams, members)
    ids = events(street, again=True)
    at_once(app, *[take(street, ids[::-1])] * 2, *[take(street, [one]) for one in ids])
    check_once(street, cams, members)


def test_a_worker_who_is_killed_in_the_middle_gives_none_and_the_next_gives_one(
    street: District, settings: Settings, app: Flask, events: Any
) -> None:
    cams, members = all_kinds(street)
    ids = events(street)
    with stopped(settings, "relaying_process", "giving", street.id, ",".join(ids)):
        assert take_events(street.id, ids) == 0, "whoever else is told passes over what is being given"
    assert [coupons_of(street, member) for member in members] == [[]] * CROWD
    at_once(app, *[take(street, ids)] * 2)
    check_once(street, cams, members)


def test_a_sale_is_told_while_it_is_refunded_and_nothing_stays(
    street: District, tills: Tills, app: Flask, events: Any
) -> None:
    cams = [automatic(street, "sale"), automatic(street, "first_purchase")]
    members = [street.member() for _ in range(CROWD)]
    sales = [street.report(member_id=member, amount=12_800).ok(201) for member in members]
    told = events(street)
    refunds = [
        Post("/v1/refunds", {"transaction_id": one["id"], "reference": one["id"], "amount": 12_800}, street.key)
        for one in sales
    ]

    def relay() -> None:
        at_once(app, *[take(street, [one]) for one in told])

    replies = tills.in_turn([[one] for one in refunds], patience=60, meanwhile=relay)
    assert {reply.status for [reply] in replies} == {201}
    ids = events(street)
    at_once(app, take(street, ids), *[take(street, [one]) for one in ids])
    assert {status for member in members for cam in cams for status in had(street, member, cam)} <= {"voided"}


def test_of_many_first_purchases_at_once_one_is_the_first(
    street: District, tills: Tills, app: Flask, events: Any
) -> None:
    """Each sale is told as soon as it is there, whichever of them had the lower number."""
    cam, member = automatic(street, "first_purchase"), street.member()
    sales = [sale_at(street, member_id=member, amount=100) for _ in range(CROWD)]

    def relay() -> None:
        for _ in range(CROWD):
            at_once(app, *[take(street, [one]) for one in events(street)[-4:]])

    replies = tills.in_turn([[one] for one in sales], patience=60, meanwhile=relay)
    assert {reply.status for [reply] in replies} == {201}
    at_once(app, take(street, events(street)))
    assert had(street, member, cam) == ["issued"]


def test_a_day_that_several_go_through_gives_one(street: District, app: Flask) -> None:
    born = now().astimezone(SHANGHAI).date().replace(year=1988)
    cam = automatic(street, "birthday", days_before=1)
    members = [street.member(birthday=born.isoformat()) for _ in range(CROWD)]
    at_once(app, *[lambda: give_of_day(street.id)] * 4)
    assert [len(had(street, member, cam)) for member in members] == [1] * CROWD
