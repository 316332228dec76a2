"""`/console/tiers`: the ladder, what each tier asks for and gives, and how many members stand on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from app.console.door import console, must
from app.console.places import HOME
from app.console.programme.changes import said_of
from app.console.programme.reading import READ, WRITE, names_of
from app.console.programme.rule_pages import may_write
from app.console.seen import check_seen, print_of
from app.districts import queries as districts
from app.districts.services import lock_configuration
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.problems import Conflict
from app.pages import forms
from app.pages.doors import Visit
from app.pages.forms import Form, Texts
from app.pages.outcomes import Go, Handed, WebPage
from app.pages.readers import count, fen, yuan
from app.points.programme.queries import in_force
from app.points.schemas import TierBody
from app.points.tiers import queries, services
from app.points.tiers.present import show_tier
from app.points.tiers.rules import DayWindow

HERE = f"{HOME}/tiers"
_BODY = TierBody()
_COUNTED = ("rank", "period_days")


@console.page("/tiers")
def tiers(uow: UnitOfWork, visit: Visit) -> Handed:
    """The highest first."""
    must(visit, READ)
    rows = sorted(map(show_tier, uow.session.scalars(queries.tier_rows(uow))), key=lambda one: -one["rank"])
    standing = queries.standing(uow) if visit.principal.is_alliance else {}
    names, rules = names_of(uow), in_force(uow).rules
    values = {
        "tiers": rows,
        "standing": standing,
        "most": max(standing.values(), default=0),
        "benefits": {row["id"]: [said_of(rule, names) for rule in rules_of(rules, row["id"])] for row in rows},
        "is_alliance": visit.principal.is_alliance,
        "may_write": may_write(visit),
    }
    return WebPage("console/tiers.html", values)


def rules_of(rules: Sequence[Mapping[str, Any]], tier_id: str) -> list[Mapping[str, Any]]:
    """The rules that are for a tier."""
    return [rule for rule in rules if tier_id in (rule.get("conditions") or {}).get("tier_ids", ())]


@console.page("/tiers/new")
def new_tier(uow: UnitOfWork, visit: Visit, reaching: int | None = None) -> Handed:
    """A tier to be filled in; one above those that are there. `reaching`: how many members would have it today."""
    must(visit, WRITE, alliance_only=True)
    ladder = queries.ladder(uow).tiers
    begun = {"rank": str(ladder[0].rank + 1 if ladder else 1), "qualifies_by": "points_earned", "period_days": "365"}
    form = visit.form if visit.form.texts else Form(MultiDict(begun))
    return WebPage("console/tier.html", {"tier": None, "form": form, "reaching": reaching, "holding": 0})


@console.page("/tiers/<tir:tier_id>")
def tier(uow: UnitOfWork, visit: Visit, tier_id: str, reaching: int | None = None) -> Handed:
    """A tier to be changed."""
    must(visit, WRITE, alliance_only=True)
    row = queries.find_tier(uow, tier_id)
    form = visit.form if visit.form.texts else Form(_texts_of(show_tier(row)))
    values = {
        "tier": show_tier(row),
        "form": form,
        "seen": print_of(show_tier(row)),
        "reaching": reaching,
        "holding": queries.standing(uow).get(tier_id, 0),
        "was_changed": isinstance(visit.form.error, Conflict),
    }
    return WebPage("console/tier.html", values)


def _texts_of(shown: Mapping[str, Any]) -> Texts:
    texts = {name: str(shown[name]) for name in _BODY.fields}
    if shown["qualifies_by"] == "amount_spent":
        texts["threshold"] = yuan(shown["threshold"])
    return MultiDict(texts)


def _body_of(visit: Visit) -> dict[str, Any]:
    """What a form says: a threshold is a sum of money, or a number of points."""
    texts = visit.form.texts
    of_threshold = fen if texts.get("qualifies_by") == "amount_spent" else count
    return forms.read(_BODY, texts, {"threshold": of_threshold, **dict.fromkeys(_COUNTED, count)})


@console.act("/tiers/new", again=new_tier)
def create_tier(uow: UnitOfWork, visit: Visit) -> Handed:
    """Adds a tier, or says how many members would have it."""
    must(visit, WRITE, alliance_only=True)
    body = _body_of(visit)
    if "rehearse" in visit.form.texts:
        return new_tier(uow, visit, _reaching(uow, body))
    made = services.create_tier(uow, **body)
    audit.record(uow, "tier.created", made.id, _audited(body))
    return Go(f"{HERE}?told=saved")


@console.act("/tiers/<tir:tier_id>", again=tier)
def change_tier(uow: UnitOfWork, visit: Visit, tier_id: str) -> Handed:
    """Changes a tier, or says how many members would have it."""
    must(visit, WRITE, alliance_only=True)
    body = _body_of(visit)
    if "rehearse" in visit.form.texts:
        return tier(uow, visit, tier_id, _reaching(uow, body))
    lock_configuration(uow)
    check_seen(visit, show_tier(queries.find_tier(uow, tier_id)))
    services.change_tier(uow, tier_id, body)
    audit.record(uow, "tier.changed", tier_id, {"fields": sorted(body), **_audited(body)})
    return Go(f"{HERE}?told=saved")


def _audited(body: Mapping[str, Any]) -> dict[str, Any]:
    """What the API's entry holds, too: all but the name, which people write."""
    return {name: value for name, value in body.items() if name != "name"}


def _reaching(uow: UnitOfWork, body: Mapping[str, Any]) -> int:
    today = uow.now.astimezone(ZoneInfo(districts.district(uow).time_zone)).date()
    return queries.reaching(uow, DayWindow(body["qualifies_by"], body["period_days"]), body["threshold"], today)
