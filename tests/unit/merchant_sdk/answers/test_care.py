from __future__ import annotations

from datetime import UTC, datetime

from merchant_sdk import MemberExport

AT = "2026-01-01T00:00:00Z"
EXPORT = {
    "object": "member_export",
    "member": {"object": "member", "id": "mem_1", "name": "李雷", "tags": ["staff"]},
    "phone": "+8613800000000",
    "identities": [{"kind": "wechat_openid", "value": "o6_secret", "recorded_at": AT}],
    "consents": [{"id": "c", "controller": "district", "purpose": "membership", "granted": True}],
    "points": {"member_id": "mem_1", "available": 5},
    "entries": [{"id": "9", "code": "earn", "points": 5, "occurred_at": AT}],
    "transactions": [],
    "refunds": [],
    "sessions": [{"id": "ses_1", "started_at": AT, "used_at": AT, "ended_at": None}],
    "exported_at": AT,
}


def test_an_export() -> None:
    told = MemberExport.read(EXPORT)
    assert (told.member.name, told.member.tags, told.phone) == ("李雷", ("staff",), "+8613800000000")
    assert [(one.kind, one.value) for one in told.identities] == [("wechat_openid", "o6_secret")]
    assert (told.consents[0].purpose, told.entries[0].points) == ("membership", 5)
    assert told.points is not None
    assert (told.points.available, told.transactions, told.refunds) == (5, (), ())
    assert (told.sessions[0].id, told.sessions[0].ended_at) == ("ses_1", None)
    assert told.sessions[0].started_at == told.exported_at == datetime(2026, 1, 1, tzinfo=UTC)


def test_what_is_personal_is_not_in_repr() -> None:
    text = repr(MemberExport.read(EXPORT))
    assert "mem_1" in text
    assert not [one for one in ("李雷", "13800000000", "o6_secret") if one in text]
