"""Issues beside claims, merges and each other: each member once per issue, never more than there are, whoever is killed."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

from flask import Flask

from app.config import Settings
from app.coupons.giving.tasks import run_issue
from tests.factories.coupons import campaign_of, coupons_of, new_campaign
from tests.factories.districts import District, new_phone
from tests.factories.stopped import stopped
from tests.factories.tills import Post, Tills


def members_of(street: District, count: int) -> list[str]:
    body = {"members": [{"phone": new_phone()} for _ in range(count)]}
    rows = street.api.post("/v1/members/batch", body, street.key).ok(200)["results"]
    return [row["member"]["id"] for row in rows]


def ask(street: District, cam: str, **body: Any) -> str:
    return str(street.api.post(f"/v1/campaigns/{cam}/issue", body, street.key).ok(202)["id"])


def shown(street: District, issue_id: str) -> Any:
    return street.api.get(f"/v1/issues/{issue_id}", street.key).ok(200)


def runs(app: Flask, street: District, issue_id: str, count: int) -> list[threading.Thread]:
    """Jobs of one issue, under way at one time."""

    def run() -> None:
        with app.app_context():
            run_issue(street.id, issue_id)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


def test_an_issue_and_claims_share_what_there_is(street: District, tills: Tills, app: Flask) -> None:
    cam = str(new_campaign(street, issuing=["claim", "targeted"], stock=60, per_member_limit=1)["id"])
    members = members_of(street, 80)
    issue_id = ask(street, cam, audience={})
    posts = [Post(f"/v1/campaigns/{cam}/claims", {"member_id": member}, street.key) for member in members[:40]]
    threads: list[threading.Thread] = []
    replies = tills.in_turn(
        [[post] for post in posts], patience=60, meanwhile=lambda: threads.extend(runs(app, street, issue_id, 3))
    )
    for thread in threads:
        thread.join()
    claimed = Counter("201" if reply.status == 201 else str(reply.code) for [reply] in replies)
    assert claimed.keys() <= {"201", "claim-limit-reached", "campaign-sold-out"}
    issue = shown(street, issue_id)
    assert (issue["status"], issue["issued"] + issue["left_out"]) == ("done", 80)
    assert issue["issued"] + claimed["201"] == campaign_of(street, cam)["counts"]["issued"] == 60
    assert {len(coupons_of(street, member)) for member in members} == {0, 1}


def test_members_become_one_while_they_are_given_coupons(street: District, tills: Tills, app: Flask) -> None:
    cam = str(new_campaign(street, issuing=["targeted"])["id"])
    members = members_of(street, 20)
    issue_id = ask(street, cam, member_ids=members)
    merges = [
        Post(f"/v1/members/{old}/merge", {"into": into}, street.key)
        for old, into in zip(members[::2], members[1::2], strict=True)
    ]
    threads: list[threading.Thread] = []
    replies = tills.in_turn(
        [[post] for post in merges], patience=60, meanwhile=lambda: threads.extend(runs(app, street, issue_id, 2))
    )
    for thread in threads:
        thread.join()
    assert {reply.status for [reply] in replies} == {200}
    issue = shown(street, issue_id)
    assert (issue["status"], issue["issued"] + issue["left_out"]) == ("done", 20)
    had = [len(coupons_of(street, into)) for into in members[1::2]]
    assert sum(had) == issue["issued"] and set(had) <= {1, 2}, "both got theirs before they became one, or the one"


def test_who_is_killed_within_a_set_is_followed(street: District, settings: Settings, app: Flask) -> None:
    cam = str(new_campaign(street, issuing=["targeted"], budget=12_500)["id"])
    members = members_of(street, 20)
    issue_id = ask(street, cam, member_ids=members)
    with stopped(settings, "issuing_process", street.id, issue_id):
        pass
    half = shown(street, issue_id)
    assert (half["status"], half["issued"], half["left_out"]) == ("running", 6, 0)
    for thread in runs(app, street, issue_id, 2):
        thread.join()
    whole = shown(street, issue_id)
    assert (whole["status"], whole["issued"], whole["left_out"]) == ("done", 12, 8)
    assert Counter(len(coupons_of(street, member)) for member in members) == {1: 12, 0: 8}
    assert campaign_of(street, cam)["counts"]["budget_left"] == 500
