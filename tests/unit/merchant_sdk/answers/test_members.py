from __future__ import annotations

from datetime import UTC, date, datetime

from merchant_sdk import Consent, Entry, Member, MemberPresent, Points

MEMBER = {
    "object": "member",
    "id": "mem_1",
    "number": "0000012345",
    "masked_phone": "138****0000",
    "name": "李雷",
    "birthday": "1990-05-01",
    "tier": None,
    "status": "active",
    "memberships": [{"merchant_id": "mer_1", "since": "2026-01-01T00:00:00Z"}],
    "created_at": "2026-01-01T00:00:00Z",
}


def test_a_member() -> None:
    member = Member.read(MEMBER)
    assert (member.id, member.number, member.masked_phone) == ("mem_1", "0000012345", "138****0000")
    assert (member.name, member.birthday, member.tier) == ("李雷", date(1990, 5, 1), None)
    assert member.memberships[0].merchant_id == "mer_1"
    assert member.created_at == member.memberships[0].since == datetime(2026, 1, 1, tzinfo=UTC)


def test_what_is_personal_is_not_in_repr() -> None:
    text = repr(Member.read(MEMBER))
    assert "mem_1" in text
    assert "李雷" not in text
    assert "1990" not in text


def test_one_who_was_a_member_already() -> None:
    member = Member.read({"object": "member", "id": "mem_1", "masked_phone": "138****0000"})
    assert (member.id, member.name, member.status, member.memberships) == ("mem_1", None, None, ())


def test_points() -> None:
    points = Points.read(
        {
            "member_id": "mem_1",
            "available": 10,
            "pending": 2,
            "owed": 0,
            "spendable": 10,
            "expiring": [{"on": "2026-12-31", "points": 10}],
            "lifetime": {"earned": 12, "spent": 0, "expired": 0},
            "next_tier": {"id": "tir_1", "name": "Gold", "missing": 488, "by": "2026-12-30"},
        }
    )
    assert (points.available, points.pending, points.spendable) == (10, 2, 10)
    assert [(row.on, row.points) for row in points.expiring] == [(date(2026, 12, 31), 10)]
    assert points.lifetime is not None
    assert points.lifetime.earned == 12
    assert points.next_tier is not None
    assert (points.next_tier.name, points.next_tier.missing) == ("Gold", 488)
    assert points.next_tier.by == date(2026, 12, 30)


def test_a_member_s_tier() -> None:
    tier = {
        "id": "tir_1",
        "name": "金卡",
        "rank": 2,
        "since": "2026-01-01T00:00:00Z",
        "held_until": "2027-01-01T00:00:00Z",
    }
    for one in (Member.read({**MEMBER, "tier": tier}), MemberPresent.read({"id": "mem_1", "tier": tier})):
        assert one.tier is not None
        assert (one.tier.id, one.tier.name, one.tier.rank) == ("tir_1", "金卡", 2)
        assert (one.tier.since, one.tier.held_until) == (
            datetime(2026, 1, 1, tzinfo=UTC),
            datetime(2027, 1, 1, tzinfo=UTC),
        )


def test_an_entry() -> None:
    entry = Entry.read(
        {
            "id": "9",
            "code": "earn",
            "points": 5,
            "balance_after": 15,
            "source": {"kind": "sale", "id": "txn_1"},
            "occurred_at": "2026-01-01T00:00:00Z",
        }
    )
    assert (entry.id, entry.code, entry.points, entry.balance_after) == ("9", "earn", 5, 15)
    assert entry.source is not None
    assert (entry.source.kind, entry.source.id) == ("sale", "txn_1")


def test_a_consent_withdrawn() -> None:
    consent = Consent.read({"id": "c", "controller": "district", "purpose": "membership", "granted": False})
    assert (consent.controller, consent.granted) == ("district", False)
