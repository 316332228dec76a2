"""create_app(): config, extensions, blueprints; nothing else."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_migrate import Migrate
from sqlalchemy.engine import make_url

from app import wiring
from app.audit import api as audit
from app.billing import api as billing
from app.care import api as care
from app.care.cases import api as cases
from app.config import Settings
from app.console import pages as console
from app.coupons import api as coupons
from app.districts import api as districts
from app.districts.auth import Authenticator
from app.exports import api as exports
from app.foundation.clock import Clock, utc_now
from app.foundation.database import models as foundation_models
from app.foundation.database.db import db, engine_options
from app.foundation.database.servers import Spread
from app.foundation.http.access import trust_proxies, watch_requests
from app.foundation.http.answers import guard_answers
from app.foundation.http.application import Application
from app.foundation.http.bearers import Authenticate, by_head
from app.foundation.http.contract.contract_pages import contract_pages
from app.foundation.http.contract.problem_pages import problem_pages
from app.foundation.http.errors import register_errors
from app.foundation.http.framing import check_framing
from app.foundation.http.limits.turns import take_turns
from app.foundation.http.routing import Routes, register_converters
from app.foundation.i18n import register_languages
from app.foundation.keyring import Keyring
from app.foundation.running import fitness
from app.foundation.running.health import MIGRATIONS, health
from app.foundation.runtime import Runtime
from app.foundation.valkey import Valkey
from app.imports import api as imports
from app.insights import api as insights
from app.ledger import models as ledger_models
from app.members import api as members
from app.messaging import api as messaging
from app.pages.doors import Door
from app.pages.setting_up import open_pages
from app.payments import api as payments
from app.payments.reconciling import api as reconciling
from app.payments.stripe import api as stripe
from app.points import api as points
from app.points.caps import models as caps_models
from app.sandbox import api as sandbox
from app.sandbox import models as sandbox_models
from app.settlement import api as settlement
from app.settlement.accounts import api as settlement_accounts
from app.settlement.disputes import api as settlement_disputes
from app.settlement.evidence import api as settlement_evidence
from app.settlement.paying import api as paying
from app.shopper import pages as shopper
from app.signin import api as signin
from app.signin.sessions.auth import ShopperAuthenticator, either
from app.sms.pages import open_inbox
from app.staff import api as staff
from app.staff.sessions import tokens
from app.staff.sessions.auth import StaffAuthenticator, has_stepped_up
from app.staff.tills import api as tills
from app.staff.tills.auth import TillAuthenticator, at_open_till
from app.staff.tills.rules import HEAD
from app.till import pages as till
from app.transactions import api as transactions
from app.transactions import models as transactions_models
from app.transactions.bills import apart_api as apart
from app.transactions.claims import api as claims
from app.transactions.coupon_claims import api as coupon_claims
from app.transactions.refunds import api as refunds
from app.transactions.replays import api as replays
from app.transactions.replays import models as replays_models

ROOMS: tuple[Routes, ...] = (
    *districts.ROOMS,
    *members.ROOMS,
    *points.ROOMS,
    *coupons.ROOMS,
    *transactions.ROOMS,
    *refunds.ROOMS,
    *claims.ROOMS,
    *coupon_claims.ROOMS,
    *apart.ROOMS,
    *replays.ROOMS,
    *care.ROOMS,
    *cases.ROOMS,
    *messaging.ROOMS,
    *insights.ROOMS,
    *settlement.ROOMS,
    *settlement_evidence.ROOMS,
    *settlement_accounts.ROOMS,
    *payments.ROOMS,
    *paying.ROOMS,
    *reconciling.ROOMS,
    *settlement_disputes.ROOMS,
    *stripe.ROOMS,
    *billing.ROOMS,
    *audit.ROOMS,
    *imports.ROOMS,
    *exports.ROOMS,
    *signin.ROOMS,
    *sandbox.ROOMS,
    *tills.ROOMS,
    *staff.ROOMS,
)
DOORS: tuple[Door, ...] = (shopper.DOOR, till.door, *console.DOORS)
TABLES = (foundation_models, ledger_models, caps_models, transactions_models, replays_models, sandbox_models)
"""Tables that are written by SQL in sets; those of others come with what reads and writes them."""


def create_app(settings: Settings | None = None, *, clock: Clock = utc_now) -> Flask:
    """The application, which records by a clock. Raises SettingUnfit where settings are missing or wrong."""
    settings = settings or Settings.from_environment()
    fitness.check(settings)
    app = Application(__name__, static_folder=None)
    options = engine_options(
        role=settings.database_role,
        lock_timeout_ms=settings.lock_timeout_ms,
        pool_size=settings.database_pool_size,
        is_spread=bool(settings.database_spread),
    )
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    keyring = Keyring(
        encryption_keys=settings.encryption_keys, index_keys=settings.index_keys, signing_keys=settings.signing_keys
    )
    others = either(Authenticator(settings), ShopperAuthenticator(settings, keyring))
    heads: dict[str, Authenticate] = {
        tokens.OPEN: StaffAuthenticator(settings),
        f"{HEAD}_": TillAuthenticator(settings),
    }
    authenticate = by_head(heads, others)
    spread = _spread(app, options) if settings.database_spread else None
    app.extensions["quantong"] = Runtime(
        settings, keyring, authenticate, at_open_till, clock, Valkey(settings.redis_url), has_stepped_up, spread
    )
    Migrate(app, db, directory=str(MIGRATIONS))
    register_languages(app)
    register_converters(app)
    watch_requests(app)
    register_errors(app)
    check_framing(app)
    guard_answers(app)
    for room in ROOMS:
        app.register_blueprint(room)
    app.register_blueprint(health)
    app.register_blueprint(problem_pages)
    app.register_blueprint(contract_pages)
    open_pages(app)
    for door in DOORS:
        app.register_blueprint(door)
    wiring.connect()
    open_inbox(app, settings)
    trust_proxies(app, settings.trusted_proxies)
    take_turns(app, settings.requests_at_once, settings.body_timeout_seconds)
    return app


def _spread(app: Flask, options: dict[str, Any]) -> Spread:
    with app.app_context():
        return Spread(db.engine, make_url(app.config["SQLALCHEMY_DATABASE_URI"]), options)
