"""Whoever changes something leaves a trace, routes to come too: an entry in the audit log, of ids and figures only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask

from app.foundation.http.fields import OneOf
from app.foundation.http.routing import RouteSpec
from app.foundation.ids import ID_PREFIXES, KINDS
from app.staff.accounts.totp import secret_of
from tests.factories.api import Api
from tests.factories.coupons import act, bearer_codes
from tests.factories.districts import new_phone, next_number
from tests.factories.passkeys import SoftKey
from tests.factories.shoppers import ask, code_of
from tests.factories.specs import SPECS, body_of, name_of, path_of, places
from tests.factories.worlds import World, new_world

UNAUDITED = {
    "POST /v1/billing/mandate": "recorded by the view, once the provider has answered",
    "POST /v1/provider-events/<dis:endpoint>": "the provider tells that something has changed; what follows is kept where it follows",
    "POST /v1/auth/codes": "a code asked for by anybody",
    "POST /v1/auth/refresh": "a session carried on",
    "POST /v1/auth/revoke": "a session ended: its row and its event tell of it",
    "POST /v1/me/proofs": "a number proven anew: its session tells of it, and what it opens is audited",
    "POST /v1/auth/tokens": "a sign-in, or an enrolment: the session, the member, its consents and their events tell of it",
    "POST /v1/member-codes/resolve": "a look at who stands at the till: the use of the code tells of it",
    "POST /v1/receipts/resolve": "a look at the sale of a receipt: nothing is changed by it",
    "POST /v1/members": "an enrolment: the member, its consents and their events tell of it",
    "POST /v1/members/batch": "enrolments",
    "POST /v1/staff/sessions": "a sign-in: the service writes the entry, for the person whom the visitor has become",
    "POST /v1/staff/sessions/by-code": "the same",
    "POST /v1/staff/sessions/second-factor": "the same",
    "POST /v1/staff/codes": "a code asked for by anybody",
    "POST /v1/staff/password-resets": "the service writes the entry, for the person whose phone was proven",
    "POST /v1/staff/invitations/accept": "the service writes the entry, in the district of the invitation",
    "POST /v1/staff/me/invitations": "the same",
    "POST /v1/staff/<acc:account_id>/second-factor/reset": "the service writes it, before what is done elsewhere",
    "POST /v1/staff/me/step-up": "a password given again: its session tells of it, and what it opens is audited",
    "POST /v1/staff/me/notices/seen": "a message read",
    "POST /v1/staff/me/totp": "changes nothing until a code is given",
    "POST /v1/staff/me/passkeys/options": "changes nothing until it is answered",
    "POST /v1/claims": "a sale's points: its journal tells of it",
    "POST /v1/refunds": "a refund: it and its journal tell of it",
    "POST /v1/refunds/batch": "refunds",
    "POST /v1/coupons/<code:code>/reserve": "a hold at a till: the coupon and its events tell of it",
    "POST /v1/coupons/<code:code>/release": "the same",
    "POST /v1/coupons/<code:code>/redeem": "a bill at a till: the redemption tells of it",
    "POST /v1/transactions": "a sale: the transaction and its journal tell of it",
    "POST /v1/transactions/batch": "sales",
    "POST /v1/coupons/validate": "changes nothing; that a member's coupons were read is written by the service",
    "POST /v1/transactions/quote": "records nothing",
    "POST /v1/tills/pair": "a browser becomes a till: written by the service, with the till",
    "POST /v1/till/token": "a token carried on",
    "POST /v1/till/shift": "a till opened: written by the service, with the till",
    "DELETE /v1/till/shift": "a till locked: the same",
}
"""Routes that change something, or look as if they did, and leave no entry; and why. What is told elsewhere, with the
principal, isn't told twice; everything that people decide is audited."""
AUDITED = [spec for spec in SPECS if spec.audit]


def new_phone_proven(world: World) -> dict[str, Any]:
    """A code to a new phone, as the shopper got it, who has lost the old one."""
    challenge = ask(world.district, new_phone())
    return {"challenge": challenge, "code": code_of(challenge), "old": None, "old_number_lost": True}


def sold_to_the_shopper(world: World) -> str:
    """A sale of the member who is signed in, of which nobody has complained."""
    return str(world.district.report(member_id=world.ids["mem"]).ok(201)["id"])


def let_a_phone_wait(_: psycopg.Connection, world: World) -> None:
    """A change of the shopper's phone that waits."""
    api = world.district.api
    assert api.app is not None
    with api.app.app_context():
        api.post("/v1/me/phone", new_phone_proven(world), world.token).ok(202)


def make_a_draft_of_it(superuser: psycopg.Connection, world: World) -> None:
    """A campaign that nobody has published yet."""
    campaign = (world.ids["cam"][-32:],)
    superuser.execute("DELETE FROM campaign_slices WHERE campaign_id = %s", campaign)
    superuser.execute("UPDATE campaigns SET published_at = NULL WHERE id = %s", campaign)


def hold_its_redemption(superuser: psycopg.Connection, world: World) -> None:
    """A redemption that waits for its review, with the row of its evidence."""
    one = {"redemption": world.ids["red"][-32:]}
    superuser.execute("UPDATE redemptions SET state = 'held' WHERE id = %(redemption)s", one)
    superuser.execute(
        "INSERT INTO evidence (district_id, id, campaign_id, redemption_id, kind, content, amount, discount_amount, "
        "government_amount, till, store_id, day, is_at_minimum) SELECT district_id, gen_random_uuid(), campaign_id, id, "
        "'redemption', json_build_object('campaign_id', 'cam_' || replace(campaign_id::text, '-', ''), 'redemption_id', "
        "'red_' || replace(id::text, '-', '')), 0, 0, 0, id, store_id, current_date, false "
        "FROM redemptions WHERE id = %(redemption)s",
        one,
    )


def start_totp(world: World) -> dict[str, Any]:
    """A first code of a new authenticator."""
    admin = world.admin
    admin.secret = secret_of(admin.call("POST", "/v1/staff/me/totp").ok(200)["secret"])
    admin.used_step = 0
    return {"otp": admin.otp()}


def make_passkey(world: World) -> dict[str, Any]:
    """What a new passkey answers."""
    options = world.admin.call("POST", "/v1/staff/me/passkeys/options").ok(200)["options"]
    return SoftKey().made(options)


def leave_it_proposed(superuser: psycopg.Connection, world: World) -> None:
    """A correction that nobody has decided on."""
    superuser.execute(
        "UPDATE corrections SET status = 'proposed', decided_by = NULL, decided_at = NULL WHERE id = %s",
        (world.ids["cor"][-32:],),
    )


def an_import_that_is(status: str) -> Callable[[psycopg.Connection, World], Any]:
    """Puts the import into a state."""
    return lambda superuser, world: superuser.execute(
        "UPDATE imports SET status = %s WHERE id = %s", (status, world.ids["imp"][-32:])
    )


def let_the_pool_exceed_its_reserve(superuser: psycopg.Connection, world: World) -> None:
    """No points are out any more, and the period is one that isn't closed."""
    superuser.execute("UPDATE lots SET remaining = 0 WHERE district_id = %s", (world.district.id[-32:],))
    listed = world.district.api.get("/v1/settlement-periods?status=open", world.district.key).ok(200)["data"]
    world.ids["per"] = listed[-1]["id"]


PREPARED: dict[str, Callable[[psycopg.Connection, World], Any]] = {
    "POST /v1/webhook-deliveries/<whd:delivery_id>/replay": lambda superuser, world: superuser.execute(
        "UPDATE webhook_deliveries SET status = 'failed', next_attempt_at = NULL WHERE id = %s",
        (world.ids["whd"][-32:],),
    ),
    "POST /v1/members/<mem:member_id>/unfreeze": lambda _, world: world.district.api.post(
        f"/v1/members/{world.ids['mem']}/freeze", {}, world.district.key
    ).ok(),
    "POST /v1/merchants/<mer:merchant_id>/exit/write-off": lambda superuser, world: superuser.execute(
        "UPDATE merchant_exits SET final_statement_id = %s, taken_period_id = %s, ended_at = now() WHERE merchant_id = %s",
        [world.ids[one][-32:] for one in ("stm", "per", "mer")],
    ),
    "POST /v1/settlement-periods/<per:period_id>/draw": let_the_pool_exceed_its_reserve,
    "POST /v1/districts/<dis:district_id>/billing/end": lambda _, world: world.district.api.post(
        f"/v1/districts/{world.district.id}/billing",
        {"plan_id": world.ids["pln"]},
        world.district.api.operator_key,
    ),
    "DELETE /v1/me/phone/change": let_a_phone_wait,
    "POST /v1/redemptions/<red:redemption_id>/release": hold_its_redemption,
    "POST /v1/redemptions/<red:redemption_id>/reject": hold_its_redemption,
    "POST /v1/corrections/<cor:correction_id>/reject": leave_it_proposed,
    "POST /v1/campaigns/<cam:campaign_id>/publish": make_a_draft_of_it,
    "PATCH /v1/imports/<imp:import_id>": an_import_that_is("ready"),
    "POST /v1/imports/<imp:import_id>/start": an_import_that_is("ready"),
    "POST /v1/imports/<imp:import_id>/cancel": an_import_that_is("ready"),
    "POST /v1/imports/<imp:import_id>/undo": an_import_that_is("done"),
    "POST /v1/payment-batches": lambda _, world: world.district.api.post(
        f"/v1/payment-batches/{world.ids['bat']}/cancel", {}, world.district.key
    ).ok(),
    "POST /v1/payments/<pay:payment_id>/retry": lambda superuser, world: superuser.execute(
        "UPDATE payments SET state = 'failed' WHERE id = %s", (world.ids["pay"][-32:],)
    ),
    "POST /v1/campaigns/<cam:campaign_id>/resume": lambda _, world: act(world.district, world.ids["cam"], "pause").ok(),
}
"""What has to happen before a route can succeed in a new world."""
PROVEN: dict[str, Callable[[World], dict[str, Any]]] = {
    "POST /v1/staff/me/totp/confirm": start_totp,
    "POST /v1/staff/me/passkeys": make_passkey,
    "POST /v1/me/phone": new_phone_proven,
    "POST /v1/cases": lambda world: {"transaction_id": sold_to_the_shopper(world)},
    "POST /v1/members/<mem:member_id>/coupons": lambda world: {
        "code": bearer_codes(world.district, world.ids["cam"], 1)[0]
    },
}
"""What stands in a body that nobody makes up."""


GIVES_AWAY = {
    "GET /v1/code-batches/<cbt:code_batch_id>/download",
    "GET /v1/imports/<imp:import_id>/refused",
    "GET /v1/exports/<exp:export_id>/download",
    "GET /v1/campaigns/<cam:campaign_id>/evidence",
    "GET /v1/payment-batches/<bat:batch_id>/file",
}
"""Reads of what is worth something to whoever has it, or is handed to an authority."""


def texts_in(body: Any) -> Iterator[str]:
    """Every text of a body that isn't an id."""
    if isinstance(body, dict | list):
        for one in body.values() if isinstance(body, dict) else body:
            yield from texts_in(one)
    elif isinstance(body, str) and not re.fullmatch(r"[a-z]{3}_[0-9a-f]{32}", body):
        yield body


def test_what_changes_something_is_audited_or_named_here() -> None:
    silent = {name_of(spec) for spec in SPECS if spec.method != "GET" and not spec.audit}
    assert silent == UNAUDITED.keys(), "give the route `audit=`, or its reason a line in UNAUDITED"


def test_who_reads_a_person_s_data_is_named() -> None:
    silent = {
        name_of(spec) for spec in SPECS if (spec.method, spec.scope) == ("GET", "members:read") and not spec.audit
    }
    assert silent == {"GET /v1/test-inbox"}, "messages to the made-up members of a sandbox"


@pytest.mark.parametrize("spec", AUDITED, ids=name_of)
def test_an_action_has_a_name_that_lasts(spec: RouteSpec) -> None:
    of_a_person = spec.scope == "members:read" or "<mem:member_id>" in spec.rule
    assert spec.method != "GET" or of_a_person or name_of(spec) in GIVES_AWAY
    assert not spec.own_transaction, "a view that opens its own unit of work calls `audit.record` in it"
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", spec.audit or "")


def test_every_kind_of_id_has_its_word() -> None:
    assert set(ID_PREFIXES) <= KINDS.keys()


@pytest.fixture(scope="module")
def worlds() -> dict[str, World]:
    """By mode, a world for the next route: the last one's, if it left that as it was."""
    return {}


def leaves_all_as_it_was(spec: RouteSpec, status: int) -> bool:
    """Whether a route has read or added something; what people do to themselves ends sessions, too."""
    return (spec.method == "GET" or status in (201, 202)) and "/me/" not in spec.rule and name_of(spec) not in PREPARED


@pytest.mark.parametrize("spec", AUDITED, ids=name_of)
def test_a_call_leaves_one_entry_and_nothing_that_people_wrote(
    spec: RouteSpec, api: Api, app: Flask, superuser: psycopg.Connection, worlds: dict[str, World]
) -> None:
    mode, act = "sandbox" if spec.sandbox_only else "live", f"act-{next_number()}"
    world = worlds.pop(mode, None) or new_world(api, mode=mode)
    PREPARED.get(name_of(spec), lambda *_: None)(superuser, world)
    key = world.key_of(spec)
    path, headers = path_of(spec, world.ids), {"Request-Id": act}
    body = body_of(spec, world.ids, whole=True)
    if name_of(spec) in PROVEN:
        with app.app_context():
            body |= PROVEN[name_of(spec)](world)
    reply = api.call(spec.method, path, body, key=key, headers=headers)
    if reply.status >= 400:  # what may stand in a body need not go together
        body = body_of(spec, world.ids)
        reply = api.call(spec.method, path, body, key=key, headers=headers)
    done = reply.ok() if isinstance(reply.body, dict) else {}
    rows = superuser.execute(
        "SELECT action, subject_id, e::text FROM audit_entries AS e WHERE request_id = %s AND "
        "(subject_id = ANY(%s) OR district_id = %s)",
        (act, [done.get("id"), *world.ids.values()], world.district.id[-32:]),
    ).fetchall()
    [(action, subject, row)] = rows
    assert action == spec.audit
    assert subject in {*world.ids.values(), done.get("id")}, subject
    ours = {choice for _, one in places(spec, world.ids) if isinstance(one, OneOf) for choice in one.choices}
    for text in texts_in(body):
        if len(text) > 10 and text not in ours and not re.match(r"\d{4}-\d\d-\d\dT", text):
            assert text not in row
    if leaves_all_as_it_was(spec, reply.status):
        worlds[mode] = world
