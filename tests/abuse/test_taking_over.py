"""A phone is how a member signs in: nobody changes it who doesn't hold it, and its owner hears of every try."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from flask import Flask

from app.config import Settings
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import system_principal
from app.members import services as member_services
from app.signin import tasks
from app.signin.phones import notices
from app.signin.phones import services as phones
from app.signin.sessions import services as sessions
from app.sms.inbox import Inbox
from app.sms.port import NotSent
from tests.factories.api import Api, Reply
from tests.factories.books import broken
from tests.factories.checksums import checksums
from tests.factories.clock import SetClock
from tests.factories.codes import phone_of
from tests.factories.districts import District, new_phone
from tests.factories.lists import events
from tests.factories.locks import is_waiting
from tests.factories.members import find
from tests.factories.problems import check_problem
from tests.factories.processes import wait_until
from tests.factories.sandboxes import advance, new_sandbox
from tests.factories.shoppers import ask, proof, prove, sign_in, wrong_code

WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def _context(timed_app: Flask) -> Iterator[None]:
    with timed_app.app_context():
        yield


@pytest.fixture
def inbox(settings: Settings) -> Inbox:
    return Inbox(settings.sms_inbox_file)


def change(district: District, tokens: Any, body: dict[str, Any], key: str | None = None) -> Reply:
    return district.api.post("/v1/me/phone", body, tokens["access_token"], key)


def me(district: District, tokens: Any) -> Reply:
    return district.api.get("/v1/me", tokens["access_token"])


def told(inbox: Inbox, phone: str) -> list[str]:
    tasks.send_waiting_notices()
    return [one["text"] for one in inbox.newest(phone) if one["code"] is None]


def refresh(district: District, tokens: Any) -> Reply:
    return district.api.post("/v1/auth/refresh", {"refresh_token": tokens["refresh_token"]}, None)


def spend(district: District, member: str) -> Reply:
    return district.report(member_id=member, amount=1_000, points_to_spend=1)


def test_a_phone_changes_with_codes_to_both_numbers(timed: District, clock: SetClock, inbox: Inbox) -> None:
    """The old number is told, every session and code key ends, and spending rests for a day while earning goes on."""
    old, new = new_phone(), new_phone()
    mine, elsewhere = sign_in(timed, old), sign_in(timed, old)
    member = mine["member_id"]
    timed.report(member_id=member).ok(201)
    codes = phone_of(timed, member)
    answer = change(timed, mine, {**proof(timed, new), "old": proof(timed, old)}).ok(200)
    assert answer["masked_phone"] == f"{new[:3]}****{new[-4:]}"
    assert (find(timed, old), find(timed, new)) == ([], [member])
    for tokens in (mine, elsewhere):
        check_problem(refresh(timed, tokens), 401, "session-over")
    assert me(timed, answer["tokens"]).ok(200)["id"] == member
    key = timed.api.get("/v1/me/code-key", answer["tokens"]["access_token"]).ok(200)["key"]
    assert key != codes.key
    assert len(told(inbox, old)) == 1
    assert told(inbox, new) == []
    refused = check_problem(spend(timed, member), 409, "spending-rests")
    rests_until = timed.api.get(f"/v1/members/{member}/points", timed.key).ok(200)["spending_rests_until"]
    assert rests_until in refused.body["detail"]
    timed.report(member_id=member).ok(201)
    clock.move(timedelta(hours=24))
    spend(timed, member).ok(201)
    points = timed.api.get(f"/v1/members/{member}/points", timed.key).ok(200)
    assert points["spending_rests_until"] is None
    assert broken(timed.id) == {}


@pytest.mark.parametrize("lacking", ["old code", "right old code", "own old number", "right new code"])
def test_without_both_codes_nothing_changes(
    timed: District, superuser: psycopg.Connection, inbox: Inbox, lacking: str
) -> None:
    """A stolen session alone doesn't move a member to another number."""
    old, new, other = new_phone(), new_phone(), new_phone()
    tokens = sign_in(timed, old)
    sign_in(timed, other)
    to_new, to_old = proof(timed, new), proof(timed, old)
    if lacking == "old code":
        refused = change(timed, tokens, to_new)
        check_problem(refused, 403, "fresh-proof-required")
    elif lacking == "right new code":
        body = {**to_new, "code": wrong_code(to_new["challenge"]), "old": to_old}
        assert check_problem(change(timed, tokens, body), 422, "invalid-code").pointers == {"/code"}
    else:
        if lacking == "own old number":
            to_old = proof(timed, other)
        else:
            to_old = {**to_old, "code": wrong_code(to_old["challenge"])}
        refused = check_problem(change(timed, tokens, {**to_new, "old": to_old}), 422, "invalid-code")
        assert refused.pointers == {"/old/code"}
    assert (find(timed, old), find(timed, new)) == ([tokens["member_id"]], [])
    me(timed, tokens).ok(200)
    assert told(inbox, old) == []


@pytest.mark.parametrize("way", ["codes", "alliance", "waiting"])
def test_a_number_that_came_by_a_merge_takes_the_place_of_a_lost_one(
    timed: District, clock: SetClock, way: str
) -> None:
    """Whoever finds the lost one then signs in as nobody."""
    lost, second = new_phone(), new_phone()
    member, old = sign_in(timed, lost)["member_id"], timed.member(second)
    timed.api.post(f"/v1/members/{old}/merge", {"into": member}, timed.key).ok(200)
    mine = sign_in(timed, second)
    if way == "codes":
        change(timed, mine, {**proof(timed, second), "old": proof(timed, lost)}).ok(200)
    elif way == "alliance":
        body = {"phone": second, "reason": "the other is stolen"}
        shown = timed.api.patch(f"/v1/members/{member}", body, timed.key).ok(200)
        assert shown["masked_phone"].endswith(second[-4:])
    else:
        change(timed, mine, {**proof(timed, second), "old_number_lost": True}).ok(202)
        clock.move(WEEK)
        tasks.finish_phone_changes()
    assert (find(timed, lost), find(timed, second)) == ([], [member])
    tokens = sign_in(timed, second)
    same = change(timed, tokens, {**proof(timed, second), "old": proof(timed, second)})
    assert check_problem(same, 422, "validation-failed").pointers == {"/challenge"}


def test_the_old_number_counts_until_it_is_the_old_one(
    timed: District, superuser: psycopg.Connection, inbox: Inbox
) -> None:
    """Of two changes at one time the second finds that its old number is the member's no more."""
    old, first, second = new_phone(), new_phone(), new_phone()
    tokens = sign_in(timed, old)
    body = {**proof(timed, second), "old": proof(timed, old)}
    replies: list[Reply] = []
    other = threading.Thread(target=lambda: replies.append(change(timed, tokens, body)))
    with unit_of_work(system_principal(timed.id)) as uow:
        member_services.update_member(uow, tokens["member_id"], {"phone": f"+86{first}"})
        other.start()
        assert wait_until(lambda: is_waiting(superuser, "FOR UPDATE") or not other.is_alive())
    other.join()
    assert check_problem(replies[0], 422, "invalid-code").pointers == {"/old/code"}
    assert (find(timed, first), find(timed, second)) == ([tokens["member_id"]], [])
    assert told(inbox, first) == []


def test_a_number_of_another_member_isn_t_taken(timed: District) -> None:
    """Not even by who can prove it: it leads to a member, who signs in with it."""
    own, taken = new_phone(), new_phone()
    tokens, other = sign_in(timed, own), sign_in(timed, taken)
    body = {**proof(timed, taken), "old": proof(timed, own)}
    check_problem(change(timed, tokens, body), 409, "phone-taken")
    lost = {**proof(timed, taken), "old_number_lost": True}
    check_problem(change(timed, tokens, lost), 409, "phone-taken")
    assert (find(timed, own), find(timed, taken)) == ([tokens["member_id"]], [other["member_id"]])


def test_who_has_lost_the_old_number_waits_a_week(timed: District, clock: SetClock, inbox: Inbox) -> None:
    """The old number is told at once and again at the end; until then it is the member's."""
    old, new = new_phone(), new_phone()
    tokens = sign_in(timed, old)
    asked = change(timed, tokens, {**proof(timed, new), "old_number_lost": True}, "k").ok(202)
    assert asked["masked_phone"] == f"{new[:3]}****{new[-4:]}"
    assert timed.api.get("/v1/me/phone/change", tokens["access_token"]).ok(200) == asked
    assert len(told(inbox, old)) == 1
    clock.move(WEEK - timedelta(seconds=1))
    tasks.finish_phone_changes()
    assert (find(timed, old), find(timed, new)) == ([tokens["member_id"]], [])
    clock.move(timedelta(seconds=1))
    tasks.finish_phone_changes()
    assert (find(timed, old), find(timed, new)) == ([], [tokens["member_id"]])
    check_problem(refresh(timed, tokens), 401, "session-over")
    assert len(told(inbox, old)) == 2
    check_problem(spend(timed, tokens["member_id"]), 409)
    assert prove(timed, ask(timed, new)).ok(200)["member_id"] == tokens["member_id"]


@pytest.mark.parametrize("way", ["sign-in", "cancel", "end session", "proof"])
def test_the_owner_stops_a_change_that_waits(timed: District, clock: SetClock, way: str) -> None:
    """By signing in with the old number, which also ends the thief's session; or from any session of its own."""
    old, new = new_phone(), new_phone()
    thief, mine = sign_in(timed, old), sign_in(timed, old)
    change(timed, thief, {**proof(timed, new), "old_number_lost": True}).ok(202)
    token = mine["access_token"]
    if way == "sign-in":
        sign_in(timed, old)
    elif way == "proof":
        timed.api.post("/v1/me/proofs", proof(timed, old), token).ok(200)
    elif way == "cancel":
        timed.api.delete("/v1/me/phone/change", token).ok(200)
    else:
        timed.api.delete("/v1/me/sessions", token).ok(200)
    check_problem(timed.api.get("/v1/me/phone/change", token), 404)
    check_problem(timed.api.delete("/v1/me/phone/change", token), 404)
    if way != "cancel":
        check_problem(refresh(timed, thief), 401, "session-over")
    clock.move(WEEK)
    tasks.finish_phone_changes()
    assert (find(timed, old), find(timed, new)) == ([mine["member_id"]], [])


def test_a_member_is_told_what_waits_with_all_else(timed: District) -> None:
    """The export has the number to come, as JSON and as a page."""
    old, new = new_phone(), new_phone()
    tokens = sign_in(timed, old)
    path, token = f"/v1/members/{tokens['member_id']}/export", tokens["access_token"]
    assert timed.api.get(path, token).ok(200)["phone_change"] is None
    waiting = change(timed, tokens, {**proof(timed, new), "old_number_lost": True}).ok(202)
    told = timed.api.get(path, token).ok(200)["phone_change"]
    times = {name: waiting[name] for name in ("asked_at", "changes_at")}
    assert told == {"phone": f"+86{new}", **times}
    assert told["phone"] in timed.api.get(f"{path}/page", token).ok(200)


def test_one_change_waits_at_a_time(timed: District) -> None:
    """Nobody puts another number in place of the one that waits, or begins the week anew."""
    old = new_phone()
    tokens = sign_in(timed, old)
    first = change(timed, tokens, {**proof(timed, new_phone()), "old_number_lost": True}).ok(202)
    check_problem(change(timed, tokens, {**proof(timed, new_phone()), "old_number_lost": True}), 409, "conflict")
    assert timed.api.get("/v1/me/phone/change", tokens["access_token"]).ok(200) == first


def test_a_number_that_somebody_took_meanwhile_stays_theirs(timed: District, clock: SetClock) -> None:
    """What was free a week ago may be another's now."""
    old, new = new_phone(), new_phone()
    tokens = sign_in(timed, old)
    change(timed, tokens, {**proof(timed, new), "old_number_lost": True}).ok(202)
    other = sign_in(timed, new)
    clock.move(WEEK)
    tasks.finish_phone_changes()
    assert (find(timed, old), find(timed, new)) == ([tokens["member_id"]], [other["member_id"]])


@pytest.mark.parametrize("whose", ["merchant", "store"])
def test_a_shop_s_key_changes_no_phone(timed: District, superuser: psycopg.Connection, whose: str) -> None:
    """With or without a reason, also of a member of its own: it would sign in as that member."""
    shop, phone = timed.shop, new_phone()
    member = timed.member(phone, key=shop.key, store_id=shop.store_id)
    key = shop.key if whose == "merchant" else timed.store_key(shop)
    before = checksums(superuser, timed.id)
    for body in ({"phone": new_phone()}, {"phone": new_phone(), "reason": "lost"}):
        refused = timed.api.patch(f"/v1/members/{member}", body, key)
        assert (refused.status, refused.code) in ((403, "forbidden"), (404, "not-found"))
    assert checksums(superuser, timed.id) == before


def test_the_alliance_changes_a_phone_and_says_why(timed: District, inbox: Inbox) -> None:
    """The log says that there was a reason, not which: people are named in it. All that follows a change follows."""
    old, new = new_phone(), new_phone()
    tokens = sign_in(timed, old)
    member = tokens["member_id"]
    timed.report(member_id=member).ok(201)
    path = f"/v1/members/{member}"
    assert check_problem(timed.api.patch(path, {"phone": new}, timed.key), 422).pointers == {"/reason"}
    assert check_problem(timed.api.patch(path, {"reason": "x"}, timed.key), 422).pointers == {"/phone"}
    assert find(timed, old) == [member]
    timed.api.patch(path, {"phone": new, "reason": "王芳 showed her passport"}, timed.key).ok(200)
    assert find(timed, new) == [member]
    [entry] = timed.api.get("/v1/audit-entries?action=member.changed", timed.key).ok(200)["data"]
    assert entry["details"] == {"fields": ["phone", "reason"]}
    check_problem(refresh(timed, tokens), 401, "session-over")
    check_problem(spend(timed, member), 409, "spending-rests")
    assert len(told(inbox, old)) == 1
    assert [row["reason"] for row in events(timed, "session.ended")] == ["phone-changed"]


def test_a_notice_is_never_lost(
    timed: District, clock: SetClock, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, superuser: psycopg.Connection
) -> None:
    """While the provider is away it waits in the database, sealed, and goes when it can; then nothing is kept of it."""
    old = new_phone()
    tokens = sign_in(timed, old)
    change(timed, tokens, {**proof(timed, new_phone()), "old": proof(timed, old)}).ok(200)

    def kept() -> list[str]:
        rows = superuser.execute("SELECT n::text FROM phone_notices AS n WHERE district_id = %s", (timed.id[-32:],))
        return [row for (row,) in rows]

    def fail(*_: Any) -> None:
        raise NotSent("away", may_pass=True)

    [row] = kept()
    assert old not in row
    with monkeypatch.context() as patched:
        patched.setattr(Inbox, "send_notice", fail)
        for _ in range(3):
            assert told(inbox, old) == []
            clock.move(notices.LONGEST_PAUSE)
    assert len(told(inbox, old)) == 1
    assert kept() == []


def test_a_merge_keeps_the_rest_of_spending(timed: District, api: Api) -> None:
    """Nobody spends what a member who was taken over had by merging it into another."""
    old = new_phone()
    tokens = sign_in(timed, old)
    timed.report(member_id=tokens["member_id"]).ok(201)
    change(timed, tokens, {**proof(timed, new_phone()), "old": proof(timed, old)}).ok(200)
    survivor = timed.member()
    timed.api.post(f"/v1/members/{tokens['member_id']}/merge", {"into": survivor}, timed.key).ok(200)
    check_problem(spend(timed, survivor), 409, "spending-rests")


def test_nothing_waits_for_who_is_erased(timed: District, superuser: psycopg.Connection) -> None:
    """The number to come goes with the member."""
    tokens = sign_in(timed)
    change(timed, tokens, {**proof(timed, new_phone()), "old_number_lost": True}).ok(202)
    timed.api.delete(f"/v1/members/{tokens['member_id']}", timed.key).ok(200)
    left = superuser.execute("SELECT count(*) FROM phone_changes WHERE district_id = %s", (timed.id[-32:],))
    assert left.fetchall() == [(0,)]


def test_what_is_final_needs_a_fresh_code(timed: District, clock: SetClock, superuser: psycopg.Connection) -> None:
    """A phone that was left unlocked neither leaves for its owner, nor unlocks the points, nor tells all that is known."""
    phone = new_phone()
    tokens = sign_in(timed, phone)
    member, token, api = tokens["member_id"], tokens["access_token"], timed.api
    api.post(f"/v1/members/{member}/spend-lock", {}, token).ok(200)
    clock.move(timedelta(minutes=5))

    def final() -> Iterator[Reply]:
        yield api.get(f"/v1/members/{member}/export", token)
        yield api.get(f"/v1/members/{member}/export/page", token)
        yield api.post(f"/v1/members/{member}/spend-lock", {"locked": False}, token)
        yield api.delete(f"/v1/members/{member}", token)

    before = checksums(superuser, timed.id)
    for refused in final():
        check_problem(refused, 403, "fresh-proof-required")
    assert checksums(superuser, timed.id) == before
    api.post(f"/v1/members/{member}/spend-lock", {}, token).ok(200)
    check_problem(api.post("/v1/me/proofs", proof(timed, new_phone()), token), 422, "invalid-code")
    to_own = proof(timed, phone)
    api.post("/v1/me/proofs", to_own, token).ok(200)
    check_problem(api.post("/v1/me/proofs", to_own, token), 422, "invalid-code")
    for done in final():
        done.ok(200)


def test_a_proof_is_one_session_s(timed: District, clock: SetClock) -> None:
    """A code given on one phone opens nothing on another."""
    phone = new_phone()
    lost, mine = sign_in(timed, phone), sign_in(timed, phone)
    clock.move(timedelta(minutes=5))
    timed.api.post("/v1/me/proofs", proof(timed, phone), mine["access_token"]).ok(200)
    member = mine["member_id"]
    check_problem(timed.api.delete(f"/v1/members/{member}", lost["access_token"]), 403, "fresh-proof-required")
    timed.api.delete(f"/v1/members/{member}", mine["access_token"]).ok(200)


def test_an_old_number_isn_t_woken_all_day(timed: District, inbox: Inbox) -> None:
    """Whoever asks and cancels again and again is stopped after a few messages."""
    old = new_phone()
    tokens = sign_in(timed, old)
    for _ in range(3):
        change(timed, tokens, {**proof(timed, new_phone()), "old_number_lost": True}).ok(202)
        timed.api.delete("/v1/me/phone/change", tokens["access_token"]).ok(200)
    refused = change(timed, tokens, {**proof(timed, new_phone()), "old_number_lost": True})
    check_problem(refused, 429, "rate-limited")
    assert len(told(inbox, old)) == 3


def test_a_session_that_has_just_ended_asks_for_nothing(timed: District) -> None:
    """Not even in the seconds for which its access token is still believed."""
    tokens = sign_in(timed)
    to_new = proof(timed, new_phone())
    me(timed, tokens).ok(200)
    timed.api.post("/v1/auth/revoke", {"refresh_token": tokens["refresh_token"]}, None).ok(200)
    assert change(timed, tokens, {**to_new, "old_number_lost": True}).status == 401
    with unit_of_work(system_principal(timed.id)) as uow:
        assert uow.rows("SELECT FROM phone_changes WHERE district_id = %s", (timed.id[-32:],)) == []


def test_a_change_that_waits_ends_with_all_sessions(timed: District, clock: SetClock) -> None:
    """On the day on which secrets are known to strangers, what they asked for ends as well."""
    old, new = new_phone(), new_phone()
    thief = sign_in(timed, old)
    change(timed, thief, {**proof(timed, new), "old_number_lost": True}).ok(202)
    with unit_of_work(system_principal(timed.id)) as uow:
        sessions.end_all(uow)
    clock.move(WEEK)
    tasks.finish_phone_changes()
    assert (find(timed, old), find(timed, new)) == ([thief["member_id"]], [])


def test_a_change_that_waits_moves_nobody_else(timed: District, clock: SetClock, superuser: psycopg.Connection) -> None:
    """Not the member into whom its own was merged, also where its session had run out before."""
    old, new, other = new_phone(), new_phone(), new_phone()
    thief, survivor = sign_in(timed, old), timed.member(other)
    change(timed, thief, {**proof(timed, new), "old_number_lost": True}).ok(202)
    superuser.execute("UPDATE sessions SET expires_at = started_at WHERE district_id = %s", (timed.id[-32:],))
    timed.api.post(f"/v1/members/{thief['member_id']}/merge", {"into": survivor}, timed.key).ok(200)
    clock.move(WEEK)
    tasks.finish_phone_changes()
    assert (find(timed, other), find(timed, new)) == ([survivor], [])


def test_who_stops_a_change_at_its_last_moment_has_stopped_it(
    timed_app: Flask, timed: District, clock: SetClock, superuser: psycopg.Connection
) -> None:
    """The owner who signs in while the job is at work keeps the number, or comes too late and isn't told otherwise."""
    old, new = new_phone(), new_phone()
    thief = sign_in(timed, old)
    change(timed, thief, {**proof(timed, new), "old_number_lost": True}).ok(202)
    clock.move(WEEK)

    def finish() -> None:
        with timed_app.app_context():
            tasks.finish_phone_changes()

    job = threading.Thread(target=finish)
    with unit_of_work(system_principal(timed.id)) as uow:
        phones.keep_number(uow, thief["member_id"])
        job.start()
        assert wait_until(lambda: is_waiting(superuser, "phone_changes") or not job.is_alive())
    job.join()
    assert (find(timed, old), find(timed, new)) == ([thief["member_id"]], [])


def test_an_old_number_is_told_in_whichever_time(api: Api, inbox: Inbox, context: None) -> None:
    """Also in a sandbox that is years ahead: its notices leave now."""
    sandbox = new_sandbox(api)
    old = new_phone()
    advance(sandbox, days=400)
    tokens = sign_in(sandbox, old)
    change(sandbox, tokens, {**proof(sandbox, new_phone()), "old": proof(sandbox, old)}).ok(200)
    assert len(told(inbox, old)) == 1


def test_notices_of_a_sandbox_are_read_by_its_key_and_of_a_live_district_by_none(
    district: District, api: Api, inbox: Inbox, context: None
) -> None:
    """Its inbox shows whom it told of a change, and of which day, before it is sent and after; no code is in it."""
    sandbox = new_sandbox(api)
    old, new = new_phone(), new_phone()
    tokens = sign_in(sandbox, old)
    change(sandbox, tokens, {**proof(sandbox, new), "old_number_lost": True}).ok(202)
    asked = sandbox.api.get("/v1/me/phone/change", tokens["access_token"]).ok(200)
    day = datetime.fromisoformat(asked["changes_at"]).astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()
    address = f"/v1/test-inbox?phone={old}"
    for _ in range(2):
        rows = api.get(address, sandbox.key).ok(200)["data"]
        [notice] = [one for one in rows if one["kind"] == "notice"]
        assert (notice["phone"], notice["code"], notice["changes_on"]) == (f"+86{old}", None, day)
        assert {(one["kind"], one["changes_on"]) for one in rows} == {("notice", day), ("code", None)}
        assert len(told(inbox, old)) == 1
    assert api.get(address, new_sandbox(api).key).ok(200)["data"] == []
    check_problem(district.api.get(address, district.key), 403, "sandbox-only")
