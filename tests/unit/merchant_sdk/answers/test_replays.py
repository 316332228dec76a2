from __future__ import annotations

from datetime import UTC, date, datetime

from merchant_sdk import Replay

TOTALS = {
    "points": 300,
    "awarded": 150,
    "cost": {"merchant": 150, "district": 150},
    "awarded_cost": {"merchant": 150, "district": 0},
}
ROW = {
    "id": "rpl_1",
    "rule_set_id": "rls_1",
    "from": "2025-12-31T16:00:00Z",
    "to": "2026-01-31T16:00:00Z",
    "status": "done",
    "progress": {"done": 2, "total": 2},
    "result": {
        **TOTALS,
        "sales": 2,
        "members": 1,
        "merchants": [{**TOTALS, "merchant_id": "mer_1"}],
        "rules": [{"rule_key": "base", "points": 300, "awarded": 150}],
        "days": [{**TOTALS, "on": "2026-01-01"}],
        "gaining": [{"member_id": "mem_1", "points": 300, "awarded": 150, "change": 150}],
        "losing": [],
    },
    "created_at": "2026-02-01T00:00:00Z",
    "finished_at": "2026-02-01T00:00:09Z",
}


def test_a_replay_that_is_done() -> None:
    replay = Replay.read(ROW)
    assert replay.occurred_from == datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert replay.occurred_to == datetime(2026, 1, 31, 16, tzinfo=UTC)
    assert replay.progress is not None
    assert (replay.status, replay.progress.done, replay.progress.total) == ("done", 2, 2)
    result = replay.result
    assert result is not None
    assert (result.sales, result.members, result.points, result.awarded) == (2, 1, 300, 150)
    for one in (result, *result.merchants, *result.days):
        assert one.cost is not None
        assert one.awarded_cost is not None
        assert (one.cost.district, one.awarded_cost.district) == (150, 0)
    assert (result.merchants[0].merchant_id, result.days[0].on) == ("mer_1", date(2026, 1, 1))
    assert (result.rules[0].rule_key, result.gaining[0].change, result.losing) == ("base", 150, ())
    assert hash(replay)


def test_one_that_waits_has_no_result() -> None:
    replay = Replay.read({**ROW, "status": "queued", "result": None, "progress": {"done": 0, "total": None}})
    assert replay.progress is not None
    assert (replay.result, replay.progress.total) == (None, None)
