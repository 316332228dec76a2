"""Verbs that write a district's terms: the programme, and versions of its rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.districts.queries import ids_of_shops
from app.districts.services import touch_configuration
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import in_every_language
from app.foundation.i18n import words as _l
from app.foundation.ids import new_id
from app.foundation.problems import NotFound, ValidationFailed
from app.ledger import services as ledger
from app.points.earning.review import flaws_of_rules
from app.points.earning.words import FIRST_RULE
from app.points.errors import RuleSetNotFit, RuleSetPublishedAlready
from app.points.events import ProgrammeChanged, RuleSetPublished
from app.points.programme import queries
from app.points.programme.models import Programme, RuleSetRow
from app.points.purses.posting import ASSET
from app.points.tiers.queries import tier_ids


def start_programme(uow: UnitOfWork, district_id: str) -> None:
    """A new district's programme that works: one point per 100 minor units, worth one, for twelve months.

    Its rule is called in the first language of readers, as people would; whoever reads it is told in their own.
    """
    name, *_others = in_every_language(FIRST_RULE)
    ledger.open_accounts(uow, [(ASSET, kind, district_id) for kind in ("issued", "breakage", "adjustment")])
    uow.session.add(
        Programme(
            district_id=district_id,
            point_value=Decimal(1),
            rounding="floor",
            pending_days=0,
            expiry={"policy": "months", "months": 12},
            refund_policy="owe",
            max_spend_percent=100,
            min_spend_points=0,
            late_sale_days=7,
            spend_proof="code",
            merchant_campaigns=False,
            updated_at=uow.now,
        )
    )
    base = {
        "key": "base",
        "kind": "base",
        "name": name,
        "points": 1,
        "per_amount": 100,
        "priority": 0,
        "conditions": {},
        "funding": {"merchant": 100, "district": 0},
    }
    uow.session.add(
        RuleSetRow(
            district_id=district_id,
            id=new_id("rls"),
            name=name,
            version=1,
            rules=[base],
            effective_at=None,
            created_at=uow.now,
            published_at=uow.now,
        )
    )


def change_programme(uow: UnitOfWork, changes: Mapping[str, Any]) -> Programme:
    """Changes settings for what comes; lots already awarded keep their dates."""
    touch_configuration(uow)
    programme = queries.programme(uow)
    for name, value in changes.items():
        setattr(programme, name, value)
    programme.updated_at = uow.now
    uow.emit(ProgrammeChanged(tuple(sorted(changes))))
    return programme


def draft_rule_set(uow: UnitOfWork, *, name: str, rules: Sequence[Mapping[str, Any]]) -> RuleSetRow:
    """Keeps rules as a draft, after checking that its merchants, stores and tiers are the district's. Raises NotFound."""
    _check_names(uow, rules)
    draft = RuleSetRow(
        district_id=uow.district_id, id=new_id("rls"), name=name, rules=[dict(one) for one in rules], created_at=uow.now
    )
    uow.session.add(draft)
    return draft


def _check_names(uow: UnitOfWork, rules: Sequence[Mapping[str, Any]]) -> None:
    merchants, stores = ids_of_shops(uow)
    places = (
        ("merchant_ids", merchants, _l("merchant")),
        ("store_ids", stores, _l("store")),
        ("tier_ids", tier_ids(uow), _l("tier")),
    )
    for position, rule in enumerate(rules):
        for field, known, what in places:
            for place, one in enumerate(rule["conditions"].get(field, ())):
                if one not in known:
                    raise NotFound.at(f"/rules/{position}/conditions/{field}/{place}", what)


def open_draft(uow: UnitOfWork, rule_set_id: str) -> RuleSetRow:
    """A draft, locked, to be changed. Raises NotFound, RuleSetPublishedAlready."""
    row = queries.find_rule_set(uow, rule_set_id, lock=True)
    if row.version is not None:
        raise RuleSetPublishedAlready(_l("This is version %(version)s already; make a new draft.", version=row.version))
    return row


def change_draft(uow: UnitOfWork, draft: RuleSetRow, *, name: str, rules: Sequence[Mapping[str, Any]]) -> None:
    """Puts other rules into a draft that is open, checked as those of a new one. Raises NotFound."""
    _check_names(uow, rules)
    draft.name, draft.rules = name, [dict(one) for one in rules]


def discard_draft(uow: UnitOfWork, draft: RuleSetRow) -> None:
    """Puts a draft that is open aside: nobody sees it any more."""
    draft.discarded_at = uow.now


def publish_rule_set(
    uow: UnitOfWork, rule_set_id: str, effective_at: datetime | None, newest_sale_at: datetime | None
) -> RuleSetRow:
    """Gives a draft the next number, in force from an instant (UTC; None is now, once the sales under way are done).

    `newest_sale_at`: the latest `occurred_at` among the district's sales; the past is open only after it.
    Raises RuleSetPublishedAlready, RuleSetNotFit, ValidationFailed.
    """
    locked_at = touch_configuration(uow)
    row = open_draft(uow, rule_set_id)
    if effective_at is None or uow.now <= effective_at <= locked_at:
        effective_at = locked_at
    if effective_at < uow.now and newest_sale_at is not None and newest_sale_at > effective_at:
        raise ValidationFailed.at(
            "/effective_at", "sales-since", _l("Sales are recorded after that instant; their points stand.")
        )
    flaws = flaws_of_rules(row.rules)
    if flaws:
        raise RuleSetNotFit(flaws[0].detail, flaws=flaws)
    row.version = queries.latest_version(uow) + 1
    row.effective_at, row.published_at = effective_at, locked_at
    uow.emit(RuleSetPublished(row.id, row.version))
    return row
