"""What stands beside a draft: the period to rehearse it on, and what it would have come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from app.console.programme.reading import Deed
from app.console.programme.sentences import Names
from app.districts import queries as districts
from app.foundation.clock import parse_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import Words
from app.foundation.i18n import words as _l
from app.foundation.ids import is_id
from app.foundation.problems import NotFound
from app.members import queries as members
from app.pages.doors import Visit
from app.pages.formats import last_day
from app.pages.forms import Form
from app.transactions.replays import queries
from app.transactions.replays.present import show_replay

_MOST_DRAWN = 8


class Effect(NamedTuple):
    """What a merchant's sales would come to: points more or less, and what they cost in all against what they did."""

    name: str
    points: int
    cost: int
    cost_before: int


class Mover(NamedTuple):
    """A member who would gain or lose."""

    id: str
    number: str
    change: int


def rehearsal(uow: UnitOfWork, visit: Visit, row: Any, names: Names, saved: Deed | None) -> dict[str, Any]:
    """What stands beside a draft: the period that is asked for, and its newest replay, or the one that is named."""
    zone = ZoneInfo(districts.district(uow).time_zone)
    wanted = visit.asked("replay")
    replay_id = wanted if is_id("rpl", wanted) else queries.latest_of(uow, row.id)
    replay = show_replay(uow, replay_id) if replay_id else None
    values: dict[str, Any] = {"period_form": _period_form(uow, visit, replay, zone), "replay": replay}
    values |= {"gaining": [], "losing": []}
    if replay is None:
        return values
    if replay["rule_set_id"] != row.id:
        raise NotFound
    values["is_stale"] = saved is not None and parse_instant(replay["created_at"]) < saved.at
    return values | (_results(uow, visit, row.rules, replay["result"], names) if replay["result"] else {})


def _period_form(uow: UnitOfWork, visit: Visit, replay: Mapping[str, Any] | None, zone: ZoneInfo) -> Form:
    """The local days that were asked for; else those of the last replay, or the last month."""
    if "from" in visit.form.texts:
        return visit.form
    if replay is None:
        first, last = _last_month(uow.now.astimezone(zone).date())
    else:
        first = parse_instant(replay["from"]).astimezone(zone).date()
        last = last_day(parse_instant(replay["to"]), zone.key)
    return Form(MultiDict({"from": first.isoformat(), "to": last.isoformat()}))


def _last_month(today: date) -> tuple[date, date]:
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def _results(
    uow: UnitOfWork, visit: Visit, rules: Sequence[Mapping[str, Any]], result: Mapping[str, Any], names: Names
) -> dict[str, Any]:
    effects = sorted(effects_of(result, names), key=lambda one: (-abs(one.points), one.name))
    drawn = [one for one in effects[:_MOST_DRAWN] if one.points]
    values = {
        "effects": effects,
        "drawn_points": [(one.name, [one.points]) for one in drawn],
        "drawn_costs": [(one.name, [one.cost, one.cost_before]) for one in drawn],
        "notes": list(notes_on(rules, result)),
    }
    if not visit.principal.may("members:read"):
        return values
    moving = [one["member_id"] for one in (*result["gaining"], *result["losing"])]
    numbers = {member_id: row.number for member_id, row in members.members_of(uow, moving).items()}
    movers = {
        way: [Mover(one["member_id"], numbers.get(one["member_id"], ""), one["change"]) for one in result[way]]
        for way in ("gaining", "losing")
    }
    return values | movers


def effects_of(result: Mapping[str, Any], names: Names) -> Iterator[Effect]:
    """Merchant by merchant."""
    for one in result["merchants"]:
        name = names.merchants.get(one["merchant_id"], one["merchant_id"])
        costs = (sum(one[cost].values()) for cost in ("cost", "awarded_cost"))
        yield Effect(name, one["points"] - one["awarded"], *costs)


def notes_on(rules: Sequence[Mapping[str, Any]], result: Mapping[str, Any]) -> Iterator[Words]:
    """What to look at again: names and priorities that stand twice, and rules that never counted."""
    given = {one["rule_key"]: one["points"] for one in result["rules"]}
    for name, count in Counter(rule["name"] for rule in rules).items():
        if count > 1:
            yield _l("%(count)s rules are called %(name)s.", count=count, name=name)
    priorities = Counter(rule["priority"] for rule in rules if rule["kind"] == "base")
    for priority, count in priorities.items():
        if count > 1:
            yield _l("%(count)s base rules have the priority %(priority)s.", count=count, priority=priority)
    for rule in rules:
        if not given.get(rule["key"]):
            yield _l("%(name)s gave no points at all.", name=rule["name"])
