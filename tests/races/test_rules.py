"""Rules are published while tills sell: each sale is counted by the version that was in force when it occurred."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from app.foundation.clock import format_instant, parse_instant
from tests.factories.clock import now
from tests.factories.districts import District, new_shop
from tests.factories.points import base_rule, change_programme, draft, publish
from tests.factories.tills import Post, Tills, sale_at

PAUSE_SECONDS = 0.15


def drafts(street: District, count: int) -> list[str]:
    """Drafts of 2, 3, … points per 100 fen: the points tell the version."""
    return [draft(street, base_rule(points=points)).ok(201)["id"] for points in range(2, 2 + count)]


def versions(street: District) -> list[dict[str, Any]]:
    """What is published, the first version first."""
    rows = street.api.get("/v1/rule-sets?limit=100", street.key).ok(200)["data"]
    return sorted((row for row in rows if row["version"]), key=lambda row: int(row["version"]))


def in_force(published: list[dict[str, Any]], occurred_at: str) -> int:
    """The version that holds at an instant: the latest in effect, then the higher number."""
    instant = parse_instant(occurred_at)
    held = [
        (parse_instant(row["effective_at"]).timestamp() if row["effective_at"] else 0.0, int(row["version"]))
        for row in published
        if row["effective_at"] is None or parse_instant(row["effective_at"]) <= instant
    ]
    return max(held)[1]


def check_versions(street: District, sales: list[dict[str, Any]], seen: int) -> None:
    """Each sale says and was given what its version gives; the race has seen so many versions at least."""
    published = versions(street)
    for sale in sales:
        version = in_force(published, sale["occurred_at"])
        assert (sale["rule_set_version"], sale["points_earned"]) == (version, version * sale["amount"] // 100), sale
    assert len({sale["rule_set_version"] for sale in sales}) >= seen


def queues(street: District, members: list[str], each: int) -> list[list[Post]]:
    return [[sale_at(street, member_id=member, amount=100) for _ in range(each)] for member in members]


def test_versions_published_now(street: District, tills: Tills) -> None:
    members, waiting = [street.member() for _ in range(12)], drafts(street, 4)

    def publish_them() -> None:
        for one in waiting:
            time.sleep(PAUSE_SECONDS)
            publish(street, one).ok(200)

    replies = [reply for till in tills.in_turn(queues(street, members, 25), meanwhile=publish_them) for reply in till]
    assert {reply.status for reply in replies} == {201}
    check_versions(street, [reply.body for reply in replies], seen=2)


def test_versions_that_take_effect_in_a_moment(street: District, tills: Tills) -> None:
    members, waiting = [street.member() for _ in range(12)], drafts(street, 3)

    def publish_them() -> None:
        for number, one in enumerate(waiting, start=1):
            soon = format_instant(now() + timedelta(seconds=number * PAUSE_SECONDS))
            publish(street, one, soon).ok(200)

    replies = [reply for till in tills.in_turn(queues(street, members, 25), meanwhile=publish_them) for reply in till]
    assert {reply.status for reply in replies} == {201}
    check_versions(street, [reply.body for reply in replies], seen=2)


def test_one_draft_is_published_once(street: District, tills: Tills) -> None:
    [one] = drafts(street, 1)
    replies = tills.at_once(*[Post(f"/v1/rule-sets/{one}/publish", {}, street.key)] * 10)
    assert sorted(reply.status for reply in replies) == [200, *[409] * 9]
    assert {reply.code for reply in replies if reply.status == 409} == {"rule-set-published"}


def test_drafts_published_at_once_get_numbers_of_their_own(street: District, tills: Tills) -> None:
    replies = tills.at_once(*(Post(f"/v1/rule-sets/{one}/publish", {}, street.key) for one in drafts(street, 10)))
    assert {reply.status for reply in replies} == {200}
    assert sorted(reply.body["version"] for reply in replies) == list(range(2, 12))


def test_shops_and_settings_change_while_tills_sell(street: District, tills: Tills) -> None:
    """Sales hold the configuration still: whoever changes it waits a moment, and they wait for nobody long."""
    members = [street.member() for _ in range(12)]

    def change() -> None:
        for number in range(3):
            new_shop(street.api, street.key, f"N{number}")
            change_programme(street, pending_days=number)

    replies = [reply for till in tills.in_turn(queues(street, members, 20), meanwhile=change) for reply in till]
    assert {reply.status for reply in replies} == {201}
    for member in members:
        balance = street.balance(member)
        assert balance["available"] + balance["pending"] == 20
