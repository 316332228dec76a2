"""Desks without a database: a shop, a unit of work on paper, and the settings and keys that a desk looks at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask

from app.districts.queries import Directory, Shop
from app.foundation.ids import new_id
from app.foundation.keyring import Keyring
from app.foundation.tenancy import Principal
from app.points.caps.tracking import tracking_of
from app.points.earning.rule_sets import RuleSet
from app.points.earning.rules import Rule
from app.points.programme.queries import ProgrammeTerms
from app.points.purses.spending import SpendingTerms
from app.points.tiers.queries import NO_TIERS
from app.transactions.configuration import Configuration
from tests.conftest import random_key

NOW = datetime(2026, 5, 1, 4, tzinfo=UTC)
DISTRICT, MERCHANT, MEMBER, OTHER = (new_id(kind) for kind in ("dis", "mer", "mem", "mem"))
SHOP = Shop(new_id("str"), MERCHANT, "food")
KEY = Principal("key", new_id("key"), DISTRICT, scopes=frozenset({"*"}))
TILL = replace(KEY, id=new_id("key"), merchant_id=MERCHANT, store_id=SHOP.store_id, scopes=frozenset())
BASE = Rule("base", "Base", points=1, per_amount=100)


@contextmanager
def keys() -> Iterator[None]:
    """Keys and settings, and nothing else of an application."""
    app = Flask(__name__)
    keyring = Keyring(encryption_keys=random_key(), index_keys=random_key(), signing_keys=random_key())
    settings = SimpleNamespace(claim_days=30, claims_per_member_per_day=10)
    app.extensions["quantong"] = SimpleNamespace(settings=settings, keyring=keyring)
    with app.app_context():
        yield


@dataclass
class Paper:
    """A unit of work on paper: whoever asks it something fails."""

    now: datetime = NOW
    principal: Principal = KEY
    district_id: str = DISTRICT
    written: list[str] = field(default_factory=list)

    def write(self, query: str, parameters: Any, *, name: str = "") -> None:
        """Notes a write."""
        self.written.append(query)

    def emit(self, *events: Any) -> None:
        """Notes events by their types."""
        self.written += [one.type for one in events]


def settings(*rules: Rule, **spending: Any) -> Configuration:
    """A district of one shop, with one version of rules: a point a yuan, unless told otherwise."""
    version = RuleSet(1, None, rules or (BASE,))
    terms = SpendingTerms(
        **{"point_value": Decimal(1), "max_percent": 50, "min_points": 1, "needs_proof": False} | spending
    )
    tracking = tracking_of([version])
    return Configuration(
        Directory(1, "street", "CNY", ZoneInfo("Asia/Shanghai"), {SHOP.store_id: SHOP}, {"A101": SHOP}),
        ProgrammeTerms(
            "floor",
            0,
            {"policy": "never"},
            None,
            terms,
            "owe",
            (version,),
            tracking,
            NO_TIERS,
            (version,),
            not tracking,
        ),
    )
