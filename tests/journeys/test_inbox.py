"""What members are told in their own pages: once, in the commit of what happened, theirs until they leave."""

from __future__ import annotations

import re

import psycopg
import pytest
from flask import Flask

from app.coupons.giving.tasks import run_issue
from app.notices.tasks import forget_old_notices
from tests.abuse.test_browsers_of_shoppers import OURS, browser, see, send
from tests.factories.cases import complain
from tests.factories.coupons import claim, issue, new_campaign
from tests.factories.districts import District, new_phone
from tests.factories.points import adjust
from tests.factories.tiers import new_tier

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def member(district: District) -> str:
    return district.member(new_phone(), name="王芳")


def inbox(app: Flask, district: District, member_id: str, language: str = "zh") -> str:
    """What stands on the page of notices, without what marks it up."""
    status, text = see(browser(app, district, member_id), f"/s/{district.slug}/me/notices?lang={language}")
    assert status == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def kinds(district: District, member_id: str) -> list[str]:
    """What a member has been told, newest first, as it takes it along."""
    told = district.api.get(f"/v1/members/{member_id}/export", district.key).ok(200)["notices"]
    return [one["kind"] for one in told]


def test_members_are_told_what_happens_to_their_points_and_membership(
    app: Flask, district: District, member: str
) -> None:
    new_tier(district, threshold=100)
    sale = district.report(member_id=member, amount=20_000).ok(201)
    adjust(district, member, -30)
    adjust(district, member, 40)
    for verb in ("freeze", "unfreeze"):
        district.api.post(f"/v1/members/{member}/{verb}", {}, district.key).ok(200)
    case = complain(district, member, sale["id"]).ok(201)["id"]
    district.api.post(f"/v1/cases/{case}/answer", {"answer": "已补"}, district.key).ok(200)
    wanted = ["case-answered", "unfrozen", "frozen", "points-adjusted", "points-adjusted", "tier-gained"]
    assert kinds(district, member) == wanted
    said = inbox(app, district, member)
    for words in ("商圈为您增加了 40 积分", "商圈收回了 30 积分", "投诉已有答复", "新"):
        assert words in said
    assert "The district has given you 40 points." in inbox(app, district, member, "en")
    assert kinds(district, district.member()) == []


def test_a_coupon_that_wasn_t_asked_for_is_told_and_a_claimed_one_isn_t(
    app: Flask, district: District, member: str
) -> None:
    claim(district, new_campaign(district)["id"], member).ok(201)
    assert kinds(district, member) == []
    given = new_campaign(district, name="会员日礼券", issuing=["targeted"])["id"]
    run_issue(district.id, issue(district, given, member).ok(202)["id"])
    assert kinds(district, member) == ["coupon"]
    assert "会员日礼券" in inbox(app, district, member)


def test_notices_are_new_until_their_member_says_that_it_has_read_them(
    app: Flask, district: District, member: str
) -> None:
    adjust(district, member, 40)
    home, client = f"/s/{district.slug}/me", browser(app, district, member)
    assert "1 条新通知" in see(client, home)[1]
    assert "我已读完" in inbox(app, district, member)
    assert "1 条新通知" in see(client, home)[1], "a look changes nothing"
    assert send(client, f"{home}/notices") == 403
    assert send(client, f"{home}/notices", **OURS) == 303
    assert "条新通知" not in see(client, home)[1]
    assert "我已读完" not in inbox(app, district, member)


def test_notices_are_the_survivor_s_after_a_merge_and_nobody_s_after_leaving(
    district: District, member: str, superuser: psycopg.Connection
) -> None:
    other = district.member()
    adjust(district, other, 5)
    district.api.post(f"/v1/members/{other}/merge", {"into": member}, district.key).ok(200)
    adjust(district, member, 7)
    assert kinds(district, member) == ["points-adjusted"] * 2
    district.api.delete(f"/v1/members/{member}", district.key).ok(200)
    rows = superuser.execute("SELECT count(*) FROM member_notices WHERE district_id = %s", (district.id[-32:],))
    assert rows.fetchone() == (0,)


def test_notices_are_forgotten_after_a_year_and_a_month(
    district: District, member: str, superuser: psycopg.Connection
) -> None:
    adjust(district, member, 5)
    adjust(district, member, 7)
    superuser.execute(
        "UPDATE member_notices SET told_at = told_at - interval '401 days' "
        "WHERE district_id = %s AND details ->> 'points' = '5'",
        (district.id[-32:],),
    )
    forget_old_notices()
    told = district.api.get(f"/v1/members/{member}/export", district.key).ok(200)["notices"]
    assert [one["details"] for one in told] == [{"points": 7}]
