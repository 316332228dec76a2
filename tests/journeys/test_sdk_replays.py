"""An alliance rehearses rules through the SDK."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.transactions.tasks import run_replay
from merchant_sdk import Client, NotFound, PermissionDenied, Replay, ValidationError
from tests.factories.clock import now
from tests.factories.districts import District
from tests.factories.points import base_rule, multiplier

pytestmark = pytest.mark.usefixtures("context")


def ask(client: Client, rule_set_id: str) -> Replay:
    span = {"occurred_from": now() - timedelta(days=1), "occurred_to": now() + timedelta(minutes=1)}
    return client.rule_sets.replay(rule_set_id, **span)


def test_a_draft_over_what_was_sold(alliance: Client, district: District) -> None:
    member = district.member()
    alliance.transactions.report(**district.sale(member_id=member, amount=10_000))
    rules = alliance.rule_sets.create(name="spring", rules=[base_rule(), multiplier("double")])
    assert rules.warnings == ()
    asked = ask(alliance, rules.id)
    assert (asked.rule_set_id, asked.status, asked.result) == (rules.id, "queued", None)
    assert (asked.occurred_to - asked.occurred_from).days == 1
    run_replay(district.id, asked.id)  # unless a worker was quicker
    told = alliance.replays.get(asked.id)
    assert told.status == "done"
    assert told.progress is not None
    assert told.progress.done == told.progress.total == 1
    assert told.result is not None
    assert (told.result.sales, told.result.points, told.result.awarded) == (1, 200, 100)
    assert [(one.merchant_id, one.points) for one in told.result.merchants] == [(district.shop.merchant_id, 200)]
    assert [(one.member_id, one.change) for one in told.result.gaining] == [(member, 100)]
    assert alliance.replays.cancel(asked.id).status == "done"
    assert alliance.members.points(member).available == 100, "nothing was posted"


def test_one_is_cancelled_and_stays_so(alliance: Client, district: District) -> None:
    rules = alliance.rule_sets.create(name="spring", rules=[base_rule()])
    asked = ask(alliance, rules.id)
    assert alliance.replays.cancel(asked.id).status == "cancelled"
    assert not run_replay(district.id, asked.id)
    assert alliance.replays.get(asked.id).status == "cancelled"


def test_what_is_refused(alliance: Client, address: str, district: District, other_district: District) -> None:
    rules = alliance.rule_sets.create(name="spring", rules=[base_rule()])
    unfit = alliance.rule_sets.create(name="odd", rules=[base_rule(), base_rule(key="other")])
    with pytest.raises(ValidationError) as raised:
        ask(alliance, unfit.id)
    assert raised.value.code == "rule-set-not-fit"
    with pytest.raises(ValidationError) as raised:
        alliance.rule_sets.replay(rules.id, occurred_from=now(), occurred_to=now() - timedelta(days=1))
    assert [flaw.pointer for flaw in raised.value.errors] == ["/to"]
    asked = ask(alliance, rules.id)
    with Client(other_district.key, address) as stranger:
        for act in (stranger.replays.get, stranger.replays.cancel):
            with pytest.raises(NotFound):
                act(asked.id)
    with Client(district.shop.key, address) as shop, pytest.raises(PermissionDenied):
        shop.replays.cancel(asked.id)
    assert alliance.replays.get(asked.id).status == "queued"
