"""What a shopper who is signed in may do: everything about itself, and nothing else."""

from __future__ import annotations

import psycopg
import pytest

from tests.factories.api import Api
from tests.factories.districts import District
from tests.factories.problems import check_problem
from tests.factories.processes import wait_until
from tests.factories.shoppers import signed_in

pytestmark = pytest.mark.usefixtures("context")


def test_a_member_reads_itself_with_its_points(district: District, api: Api) -> None:
    member = district.member(name="王芳", store_id=district.shop.store_id)
    district.report(member_id=member).ok(201)
    token = signed_in(district.id, member).access_token
    me = api.get("/v1/me", token).ok(200)
    assert me["points"] == api.get(f"/v1/members/{member}/points", district.key).ok(200)
    assert me["points"]["available"] == 128
    del me["points"]
    assert me == api.get(f"/v1/members/{member}", token).ok(200)
    assert me == api.get(f"/v1/members/{member}", district.key).ok(200)
    assert (me["id"], me["name"]) == (member, "王芳")


def test_a_member_reads_its_points_and_their_history(district: District, api: Api) -> None:
    member = district.member()
    sale = district.report(member_id=member).ok(201)
    token = signed_in(district.id, member).access_token
    for path in (f"/v1/members/{member}/points", f"/v1/members/{member}/points/entries"):
        assert api.get(path, token).ok(200) == api.get(path, district.key).ok(200)
    [entry] = api.get(f"/v1/members/{member}/points/entries", token).ok(200)["data"]
    assert entry["source"]["id"] == sale["id"]


def test_a_member_changes_its_name_and_birthday(district: District, api: Api) -> None:
    member = district.member()
    token = signed_in(district.id, member).access_token
    changed = api.patch(f"/v1/members/{member}", {"name": "李雷", "birthday": "1990-05-01"}, token).ok(200)
    assert (changed["name"], changed["birthday"]) == ("李雷", "1990-05-01")
    assert api.get("/v1/me", token).ok(200)["name"] == "李雷"


@pytest.mark.parametrize(
    ("field", "value"), [("phone", "13900000000"), ("identities", [{"kind": "wechat_openid", "value": "x"}])]
)
def test_what_tells_who_a_member_is_it_can_t_change_by_its_word(
    district: District, api: Api, field: str, value: object
) -> None:
    member = district.member(name="王芳")
    token = signed_in(district.id, member).access_token
    before = api.get("/v1/me", token).ok(200)
    refused = check_problem(api.patch(f"/v1/members/{member}", {"name": "李雷", field: value}, token), 403, "forbidden")
    assert refused.pointers == {f"/{field}"}
    assert api.get("/v1/me", token).ok(200) == before


def test_a_member_gives_and_withdraws_consent(district: District, api: Api) -> None:
    member = district.member()
    token = signed_in(district.id, member).access_token
    consent = {"controller": district.shop.merchant_id, "purpose": "marketing", "version": "2026-01"}
    given = api.post(f"/v1/members/{member}/consents", consent, token).ok(201)
    assert (given["granted"], given["way"]) == (True, "member")
    withdrawn = api.post(f"/v1/members/{member}/consents", {**consent, "granted": False}, token).ok(201)
    assert (withdrawn["granted"], withdrawn["controller"]) == (False, district.shop.merchant_id)
    foreign = {**consent, "controller": f"mer_{'0' * 32}"}
    assert check_problem(api.post(f"/v1/members/{member}/consents", foreign, token), 404).pointers == {"/controller"}


def test_what_a_member_does_to_itself_is_audited_as_its_own(district: District, api: Api) -> None:
    member = district.member()
    token = signed_in(district.id, member).access_token
    api.patch(f"/v1/members/{member}", {"name": "欧阳锋利"}, token).ok(200)
    [entry] = api.get("/v1/audit-entries?action=member.changed", district.key).ok(200)["data"]
    assert entry["actor"] == {"kind": "member", "id": member}
    assert entry["subject"] == {"kind": "member", "id": member}
    assert entry["details"]["fields"] == ["name"]


def test_idempotency_keys_of_members_are_their_own(district: District, api: Api) -> None:
    consent = {"controller": "district", "purpose": "marketing", "version": "1"}
    answers = []
    for _ in range(2):
        member = district.member()
        token = signed_in(district.id, member).access_token
        path = f"/v1/members/{member}/consents"
        first = api.post(path, consent, token, "same")
        again = api.post(path, consent, token, "same")
        assert first.ok(201) == again.ok(201)
        assert again.headers["Idempotent-Replayed"] == "true"
        answers.append(first.body["id"])
    assert len(set(answers)) == 2


def test_a_member_of_another_district_is_nobody_here(district: District, other_district: District, api: Api) -> None:
    member, foreign = district.member(), other_district.member()
    token = signed_in(district.id, member).access_token
    for path in (f"/v1/members/{foreign}", f"/v1/members/{foreign}/points"):
        check_problem(api.get(path, token), 404, "not-found")


def test_a_session_that_was_ended_stops_within_five_seconds(
    district: District, api: Api, superuser: psycopg.Connection
) -> None:
    member = district.member()
    token, other = (signed_in(district.id, member).access_token for _ in range(2))
    api.get("/v1/me", token).ok(200)
    superuser.execute(
        "UPDATE sessions SET ended_at = now(), ended_by = 'revoked' "
        "WHERE id = (SELECT id FROM sessions WHERE member_id = %s ORDER BY id LIMIT 1)",
        (member[-32:],),
    )
    assert wait_until(lambda: api.get("/v1/me", token).status == 401)
    refused = check_problem(api.get("/v1/me", token), 401, "unauthorized")
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    api.get("/v1/me", other).ok(200)
