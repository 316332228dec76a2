"""A phone that was lost, stolen or lent is shut out by its owner from any other, at once and for good."""

from __future__ import annotations

import threading
from typing import Any

import psycopg
import pytest

from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import system_principal
from app.signin.sessions import services as sessions
from app.signin.sessions.services import MOST_OPEN
from tests.factories.api import Api, Reply
from tests.factories.checksums import checksums
from tests.factories.codes import Phone, early_in_the_minute, phone_of, resolve
from tests.factories.districts import District, new_phone
from tests.factories.lists import events
from tests.factories.locks import is_waiting
from tests.factories.problems import check_problem
from tests.factories.processes import wait_until
from tests.factories.shoppers import ask, code_of, sign_in, signed_in, stops

pytestmark = pytest.mark.usefixtures("context")
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"


def listed(api: Api, tokens: Any) -> list[Any]:
    return list(api.get("/v1/me/sessions", tokens["access_token"]).ok(200)["data"])


def own_session(api: Api, tokens: Any) -> str:
    [one] = [one["id"] for one in listed(api, tokens) if one["is_current"]]
    return str(one)


def code_phone(api: Api, tokens: Any) -> Phone:
    body = api.get("/v1/me/code-key", tokens["access_token"]).ok(200)
    return Phone(body["member_id"], body["number"], body["key"])


def end(api: Api, tokens: Any, session: str) -> Any:
    return api.delete(f"/v1/me/sessions/{session}", tokens["access_token"])


def test_a_member_sees_where_it_is_signed_in(district: District, api: Api) -> None:
    """Each sign-in is listed, with its device, its times, and which one is asking."""
    phone = new_phone()
    mine = sign_in(district, phone)
    challenge = ask(district, phone)
    body = {"challenge": challenge, "code": code_of(challenge)}
    api.call("POST", "/v1/auth/tokens", body, key=None, headers={"User-Agent": IPHONE}).ok(200)
    other, own = listed(api, mine)
    assert (other["device"], other["is_current"], own["is_current"]) == ("iPhone", False, True)
    assert other["started_at"] == other["used_at"] >= own["started_at"]
    assert api.get(f"/v1/me/sessions/{own['id']}", mine["access_token"]).ok(200) == own


def test_a_lost_phone_is_shut_out_from_another(district: District, api: Api) -> None:
    """Ending one session stops its access token, its refresh token and its member codes, and nothing of the others."""
    early_in_the_minute()
    phone = new_phone()
    lost, mine = sign_in(district, phone), sign_in(district, phone)
    stolen, kept = code_phone(api, lost), code_phone(api, mine)
    end(api, mine, own_session(api, lost)).ok(200)
    assert stops(api, lost["access_token"])
    refused = api.post("/v1/auth/refresh", {"refresh_token": lost["refresh_token"]}, None)
    check_problem(refused, 401, "session-over")
    assert resolve(district, stolen.code()).status in (404, 410)
    resolve(district, kept.code()).ok(200)
    assert [one["is_current"] for one in listed(api, mine)] == [True]
    [ended] = events(district, "session.ended")
    assert (ended["member_id"], ended["reason"]) == (mine["member_id"], "revoked")
    [entry] = api.get("/v1/audit-entries?action=session.ended", district.key).ok(200)["data"]
    assert entry["actor"] == {"kind": "member", "id": mine["member_id"]}


def test_all_other_phones_are_shut_out_at_once(district: District, api: Api) -> None:
    """`DELETE /v1/me/sessions` leaves the session that asks, with its codes."""
    early_in_the_minute()
    phone = new_phone()
    others, mine = [sign_in(district, phone) for _ in range(2)], sign_in(district, phone)
    stolen, kept = code_phone(api, others[0]), code_phone(api, mine)
    api.delete("/v1/me/sessions", mine["access_token"]).ok(200)
    assert all(stops(api, one["access_token"]) for one in others)
    assert resolve(district, stolen.code()).status in (404, 410)
    resolve(district, kept.code()).ok(200)


def test_signing_out_ends_the_codes_of_that_phone(district: District, api: Api) -> None:
    """A key of member codes ends with its session, whichever way that ends."""
    tokens = sign_in(district)
    phone = code_phone(api, tokens)
    api.post("/v1/auth/revoke", {"refresh_token": tokens["refresh_token"]}, None).ok(200)
    assert resolve(district, phone.code()).status in (404, 410)


def test_a_session_that_runs_out_takes_its_codes_along(
    district: District, api: Api, superuser: psycopg.Connection
) -> None:
    """The key holds as long as the session would, and is carried on with it."""
    tokens = sign_in(district)
    code_phone(api, tokens)
    newer = api.post("/v1/auth/refresh", {"refresh_token": tokens["refresh_token"]}, None).ok(200)
    rows = superuser.execute(
        "SELECT k.ended_at, s.expires_at FROM member_code_keys AS k JOIN sessions AS s ON s.id = k.session_id "
        "WHERE k.member_id = %s",
        (newer["member_id"][-32:],),
    ).fetchall()
    assert [ends == expires for ends, expires in rows] == [True]


def test_each_phone_has_a_key_of_its_own(district: District, api: Api) -> None:
    """Two phones of one member make different codes, both good; of one minute the member proves itself once."""
    early_in_the_minute()
    phone = new_phone()
    first, second = (code_phone(api, sign_in(district, phone)) for _ in range(2))
    assert first.key != second.key
    resolve(district, second.code()).ok(200)
    check_problem(resolve(district, first.code()), 409, "member-code-used")
    resolve(district, first.code(1)).ok(200)


def test_the_sessions_of_others_can_t_be_ended(
    district: District, other_district: District, api: Api, superuser: psycopg.Connection
) -> None:
    """Another member's session, another district's and one that has ended are all not found, and go on as they were."""
    mine = sign_in(district)
    others = [own_session(api, sign_in(one)) for one in (district, other_district)]
    phone = new_phone()
    gone = sign_in(district, phone)
    over = own_session(api, gone)
    end(api, gone, over).ok(200)
    before = checksums(superuser, district.id, other_district.id)
    for session in (*others, over, f"ses_{'0' * 32}"):
        check_problem(end(api, mine, session), 404, "not-found")
        check_problem(api.get(f"/v1/me/sessions/{session}", mine["access_token"]), 404, "not-found")
    assert checksums(superuser, district.id, other_district.id) == before


def test_a_member_is_signed_in_on_a_few_phones_at_most(district: District, api: Api) -> None:
    """One more ends the session that wasn't used for longest, so that few keys make codes that tills take."""
    member = district.member()
    first, *rest, newest = (signed_in(district.id, member)._asdict() for _ in range(MOST_OPEN + 1))
    assert stops(api, first["access_token"])
    assert len(listed(api, newest)) == MOST_OPEN
    api.get("/v1/me", rest[0]["access_token"]).ok(200)
    assert [row["reason"] for row in events(district, "session.ended")] == ["too-many"]


def test_all_sessions_of_a_district_end_at_once(district: District, other_district: District, api: Api) -> None:
    """For the day on which secrets are known to strangers; another district goes on."""
    early_in_the_minute()
    ours, theirs = [sign_in(district) for _ in range(3)], sign_in(other_district)
    stolen, kept = code_phone(api, ours[0]), code_phone(api, theirs)
    with unit_of_work(system_principal(district.id)) as uow:
        assert sessions.end_all(uow) == 3
    assert all(stops(api, one["access_token"]) for one in ours)
    assert resolve(district, stolen.code()).status in (404, 410)
    resolve(other_district, kept.code()).ok(200)
    assert events(district, "sessions.all_ended") == [{"sessions": 3}]


def test_no_key_outlives_a_session_that_ends_while_it_is_made(
    district: District, api: Api, superuser: psycopg.Connection
) -> None:
    """A thief who asks for the key at the moment of being shut out has none, or one that ends at once."""
    thief = sign_in(district)
    replies: list[Reply] = []
    asking = threading.Thread(target=lambda: replies.append(api.get("/v1/me/code-key", thief["access_token"])))
    with unit_of_work(system_principal(district.id)) as uow:
        sessions.end_sessions(uow, thief["member_id"], "revoked")
        asking.start()
        assert wait_until(lambda: is_waiting(superuser, "FOR SHARE") or not asking.is_alive())
    asking.join()
    assert [reply.status for reply in replies] == [401]
    assert live_keys(district, superuser) == 0


def test_a_key_that_was_replaced_stays_ended(district: District, api: Api, superuser: psycopg.Connection) -> None:
    """Whoever carries a session on at that moment doesn't bring it back."""
    tokens = sign_in(district)
    old = phone_of(district, tokens["member_id"])
    with unit_of_work(system_principal(district.id)) as uow:
        api.post("/v1/me/code-key/rotate", None, tokens["access_token"]).ok(200)
        assert sessions.carry_on(uow, tokens["refresh_token"]) is not None
    assert live_keys(district, superuser) == 1
    check_problem(resolve(district, old.code()), 410, "member-code-expired")


def live_keys(district: District, superuser: psycopg.Connection) -> int:
    """How many keys make member codes that tills take."""
    query = "SELECT count(*) FROM member_code_keys WHERE district_id = %s AND ended_at > now()"
    [(count,)] = superuser.execute(query, (district.id[-32:],)).fetchall()
    return int(count)
