"""What an alliance does with whole members through the SDK: frozen, locked, merged, exported, erased."""

from __future__ import annotations

from typing import Any

import pytest

from merchant_sdk import Client, MemberFrozen, NotFound, PermissionDenied, SpendLocked, ValidationError
from tests.factories.books import broken
from tests.factories.districts import District, new_phone

pytestmark = pytest.mark.usefixtures("context")


def spending(district: District, member: str) -> dict[str, Any]:
    return district.sale(member_id=member, amount=100, points_to_spend=1)


def with_points(alliance: Client, points: int) -> str:
    member = alliance.members.enrol(new_phone())
    alliance.members.adjust_points(member.id, points, "opening gift")
    return member.id


def test_a_frozen_member_spends_nothing(alliance: Client, shop: Client, district: District) -> None:
    member = with_points(alliance, 10)
    assert alliance.members.freeze(member).status == "frozen"
    with pytest.raises(MemberFrozen):
        alliance.transactions.report(**spending(district, member))
    assert alliance.members.points(member).available == 10
    assert alliance.members.unfreeze(member).status == "active"
    assert alliance.transactions.report(**spending(district, member)).points_spent == 1
    for act in (shop.members.freeze, shop.members.unfreeze):
        with pytest.raises(PermissionDenied):
            act(member)
    assert alliance.members.get(member).status == "active"


def test_a_lock_rests_points_until_it_is_lifted(alliance: Client, shop: Client, district: District) -> None:
    member = with_points(alliance, 10)
    assert alliance.members.lock_spending(member).locked
    with pytest.raises(SpendLocked):
        alliance.transactions.report(**spending(district, member))
    with pytest.raises(PermissionDenied):
        shop.members.lock_spending(member, locked=False)
    assert alliance.members.points(member).available == 10
    assert not alliance.members.lock_spending(member, locked=False).locked
    assert alliance.transactions.report(**spending(district, member)).points_spent == 1


def test_two_members_become_one(alliance: Client, district: District) -> None:
    old, new = with_points(alliance, 30), with_points(alliance, 12)
    preview = alliance.members.preview_merge(old, into=new)
    assert (preview.member.id, preview.into.id, preview.after.available) == (old, new, 42)
    assert preview.refused_because is None
    alliance.members.freeze(new)
    assert alliance.members.preview_merge(old, into=new).refused_because == "member-frozen"
    with pytest.raises(MemberFrozen):
        alliance.members.merge(old, into=new)
    assert alliance.members.points(old).available == 30
    alliance.members.unfreeze(new)
    assert alliance.members.merge(old, into=new, idempotency_key="once").id == new
    assert alliance.members.merge(old, into=new, idempotency_key="once").id == new
    assert alliance.members.get(old).id == new
    assert alliance.members.points(old).available == alliance.members.points(new).available == 42
    with pytest.raises(ValidationError):
        alliance.members.merge(old, into=new)
    assert broken(district.id) == {}


def test_nobody_is_merged_into_a_stranger(alliance: Client, other_district: District) -> None:
    member, stranger = with_points(alliance, 5), other_district.member()
    with pytest.raises(NotFound):
        alliance.members.preview_merge(member, into=stranger)
    with pytest.raises(NotFound) as raised:
        alliance.members.merge(member, into=stranger)
    assert [flaw.pointer for flaw in raised.value.errors] == ["/into"]
    assert alliance.members.points(member).available == 5


def test_all_that_is_known_is_exported_and_then_forgotten(alliance: Client, shop: Client, district: District) -> None:
    phone, identity = new_phone(), {"kind": "wechat_openid", "value": "o6_sdk"}
    member = alliance.members.enrol(phone, name="王芳", identities=[identity], tags=["staff"])
    assert member.tags == ("staff",)
    assert alliance.members.update(member.id, tags=["staff", "vip"]).tags == ("staff", "vip")
    sale = alliance.transactions.report(**district.sale(member_id=member.id, amount=10_000))
    alliance.transactions.refund(reference="R-1", transaction_id=sale.id, amount=1_000)
    told = alliance.members.export(member.id)
    assert (told.phone, told.member.name, told.member.tags) == (f"+86{phone}", "王芳", ("staff", "vip"))
    assert [(one.kind, one.value) for one in told.identities] == [("wechat_openid", "o6_sdk")]
    assert [one.id for one in told.transactions] == [sale.id]
    assert (len(told.entries), len(told.refunds), told.points and told.points.available) == (2, 1, 90)
    pages = [alliance.members.export_page(member.id, language=one) for one in ("zh", "en")]
    assert all("王芳" in page for page in pages)
    assert ['lang="zh' in page for page in pages] == [True, False]
    for act in (shop.members.export, shop.members.export_page, shop.members.erase):
        with pytest.raises(PermissionDenied):
            act(member.id)
    gone = alliance.members.erase(member.id)
    assert (gone.status, gone.name, gone.masked_phone) == ("erased", None, None)
    assert alliance.members.find(phone) is None
    assert alliance.members.erase(member.id) == gone
    assert broken(district.id) == {}
