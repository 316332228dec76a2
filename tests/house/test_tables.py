"""The tenant wall, as the database has it: tables, keys, policies, grants. Asked of the running server, not of files."""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from psycopg import errors as pg
from psycopg import sql

from app.config import Settings
from app.foundation.tenant_tables import APPLICATION_ROLE
from app.launcher.postgres import SUPERUSER, EmbeddedPostgres
from app.points.tasks import announce_expiring_points
from tests.factories.api import Api
from tests.factories.checksums import tables
from tests.factories.clock import now
from tests.factories.codes import new_phone_of, resolve
from tests.factories.districts import District, new_phone
from tests.factories.points import base_rule, new_version
from tests.factories.worlds import new_world

NOT_TENANTS = {"alembic_version", "districts"}
"""The one has the number of a migration; the other is the tenants, each behind its own id."""

READ_AND_ADD = {"SELECT", "INSERT"}
CHANGE = READ_AND_ADD | {"UPDATE"}
GRANTS = {
    "alembic_version": {"SELECT"},
    "districts": CHANGE,
    "merchants": CHANGE,
    "stores": CHANGE,
    "api_keys": CHANGE,
    "idempotency_keys": CHANGE | {"DELETE"},
    "outbox": READ_AND_ADD | {"UPDATE of is_taken"},
    "members": CHANGE,
    "member_identities": READ_AND_ADD | {"DELETE"},
    "merchant_memberships": READ_AND_ADD | {"UPDATE of proved_at"},
    "consents": READ_AND_ADD,
    "member_code_keys": CHANGE | {"DELETE"},
    "member_code_uses": READ_AND_ADD | {"DELETE"},
    "presence_token_uses": READ_AND_ADD | {"DELETE"},
    "accounts": READ_AND_ADD,
    "journals": READ_AND_ADD,
    "transfers": READ_AND_ADD,
    "programmes": CHANGE,
    "rule_sets": CHANGE,
    "rule_usage": CHANGE,
    "rule_budgets": CHANGE,
    "campaigns": CHANGE,
    "campaign_slices": CHANGE,
    "campaign_voids": CHANGE | {"DELETE"},
    "later_ends": CHANGE | {"DELETE"},
    "code_batches": CHANGE,
    "issues": CHANGE,
    "occurrences": READ_AND_ADD | {"UPDATE of coupon_id"},
    "coupons": CHANGE,
    "redemptions": CHANGE,
    "evidence": READ_AND_ADD | {"UPDATE of number", "UPDATE of digest"},
    "evidence_chains": CHANGE,
    "tiers": CHANGE,
    "member_days": CHANGE,
    "member_tiers": CHANGE | {"DELETE"},
    "lots": CHANGE,
    "refunds": READ_AND_ADD | {"UPDATE of reason", "UPDATE of body_print"},
    "replays": CHANGE,
    "imports": CHANGE,
    "exports": CHANGE,
    "export_pieces": READ_AND_ADD | {"DELETE"},
    "import_pieces": READ_AND_ADD | {"DELETE"},
    "import_rows": CHANGE | {"DELETE"},
    "phone_traces": CHANGE | {"DELETE"},
    "adjustments": READ_AND_ADD | {"UPDATE of reason"},
    "point_balances": CHANGE,
    "points_notices": CHANGE,
    "transactions": CHANGE,
    "provider_accounts": CHANGE,
    "plans": READ_AND_ADD,
    "subscriptions": CHANGE,
    "usage_reports": READ_AND_ADD | {"UPDATE of state"},
    "billing_invoices": CHANGE,
    "provider_events": READ_AND_ADD | {"UPDATE of looks", "UPDATE of look_at", "DELETE"},
    "webhook_endpoints": CHANGE,
    "webhook_deliveries": CHANGE,
    "webhook_attempts": READ_AND_ADD,
    "audit_entries": READ_AND_ADD,
    "sign_in_challenges": CHANGE | {"DELETE"},
    "sessions": CHANGE | {"DELETE"},
    "session_tokens": CHANGE | {"DELETE"},
    "test_clocks": CHANGE,
    "phone_changes": READ_AND_ADD | {"DELETE", "UPDATE of phone"},
    "phone_notices": CHANGE | {"DELETE"},
    "tills": CHANGE,
    "till_tokens": CHANGE | {"DELETE"},
    "cashiers": CHANGE,
    "pin_tries": CHANGE | {"DELETE"},
    "shifts": CHANGE | {"DELETE"},
    "cases": CHANGE | {"DELETE"},
    "member_notices": CHANGE | {"DELETE"},
    "read_models": CHANGE,
    "store_hours": CHANGE | {"DELETE"},
    "store_days": CHANGE | {"DELETE"},
    "campaign_days": CHANGE | {"DELETE"},
    "district_days": CHANGE | {"DELETE"},
    "point_ends": CHANGE | {"DELETE"},
    "point_flows": CHANGE | {"DELETE"},
    "member_facts": CHANGE | {"DELETE"},
    "settlement_terms": READ_AND_ADD,
    "price_overrides": READ_AND_ADD,
    "settlement_periods": CHANGE,
    "statement_pieces": READ_AND_ADD,
    "statement_leaves": READ_AND_ADD,
    "settled_journals": READ_AND_ADD,
    "statements": CHANGE,
    "statement_lines": CHANGE,
    "settlement_accounts": CHANGE,
    "deposit_movements": READ_AND_ADD,
    "merchant_exits": CHANGE,
    "payments": CHANGE,
    "payment_attempts": CHANGE,
    "payment_batches": CHANGE,
    "bank_lines": READ_AND_ADD,
    "statement_holds": CHANGE,
    "statement_invoices": READ_AND_ADD,
    "disputes": CHANGE,
    "dispute_messages": READ_AND_ADD,
    "corrections": CHANGE,
    "staff_accounts": CHANGE,
    "staff_logins": READ_AND_ADD | {"DELETE"},
    "staff_passkeys": CHANGE | {"DELETE"},
    "staff_recovery_codes": CHANGE | {"DELETE"},
    "staff_notices": CHANGE | {"DELETE"},
    "staff_sessions": CHANGE | {"DELETE"},
    "staff_members": CHANGE,
    "staff_invitations": CHANGE,
    "staff_letters": CHANGE | {"DELETE"},
}
"""What the application may do with each table; what stands not here it may not do. A new table gets its line."""

APPEND_ONLY = sorted(table for table, grants in GRANTS.items() if grants & {"INSERT", "UPDATE", "DELETE"} == {"INSERT"})
NARROW_WAYS = {"outbox_add_day", "outbox_districts", "outbox_figures", "webhooks_due", "webhook_figures"}
NARROW_WAYS |= {"district_of_slug", "codes_waiting", "notices_waiting", "letters_waiting", "districts_of_account"}
"""Functions that run with the rights of the owner."""


@pytest.fixture(scope="module")
def filled(app: Flask, settings: Settings, postgres: EmbeddedPostgres) -> tuple[District, District]:
    """Two districts with rows in every table."""
    api = Api.inside(app, settings.operator_key)
    both = new_world(api).district, new_world(api).district
    for district in both:
        consent = {"controller": "district", "purpose": "membership", "version": "1"}
        api.post("/v1/members", {"phone": new_phone(), "consents": [consent]}, district.key, "a key").ok(201)
        new_version(district, base_rule(caps={"per_member_per_day": 1_000, "budget": 10_000}))
        with app.app_context():
            phone = new_phone_of(district)
            district.report(member_id=phone.member_id).ok(201)
            token = resolve(district, phone.code()).ok(200)["presence_token"]
            district.report(presence_token=token, points_to_spend=1).ok(201)
    with app.app_context():
        announce_expiring_points()
    with psycopg.connect(f"host={postgres.sockets} user={SUPERUSER} dbname=quantong") as connection:
        connection.execute(
            "INSERT INTO webhook_attempts (district_id, id, delivery_id, attempted_at, duration_ms, request) "
            "SELECT district_id, gen_random_uuid(), id, created_at, 1, '{}' FROM webhook_deliveries"
        )
        connection.execute(
            "INSERT INTO sign_in_challenges (district_id, id, phone, created_at, expires_at) "
            "SELECT id, gen_random_uuid(), '', now(), now() FROM districts"
        )
        connection.execute("""
            INSERT INTO provider_accounts (district_id, provider, account, secret_key, webhook_secret, hint, changed_at)
            SELECT id, 'stripe', '', '', '', '', now() FROM districts ON CONFLICT DO NOTHING;
            INSERT INTO provider_events (district_id, account, event_id, type, object_id, looks, received_at)
            SELECT id, '', '', '', '', 0, now() FROM districts;
            INSERT INTO plans (district_id, id, name, currency, base_amount, sale_amount, trial_days, created_at)
            SELECT id, gen_random_uuid(), '', '', 0, 0, 0, now() FROM districts;
            INSERT INTO subscriptions (
                district_id, plan_id, plan_name, currency, base_amount, sale_amount, status, has_mandate, retries, ends, created_at
            ) SELECT id, id, '', '', 0, 0, 'beginning', false, 0, false, now() FROM districts ON CONFLICT DO NOTHING;
            INSERT INTO usage_reports (district_id, meter, day, quantity, state, sent_at)
            SELECT id, '', now(), 0, 'sent', now() FROM districts;
            INSERT INTO billing_invoices (district_id, reference, status, currency, amount, paid_amount, issued_at)
            SELECT id, '', '', '', 0, 0, now() FROM districts;
        """)
        connection.execute(
            "INSERT INTO pin_tries (district_id, till_id, cashier_id, wrong) SELECT district_id, till_id, cashier_id, 1 "
            "FROM shifts ON CONFLICT DO NOTHING"
        )
        connection.execute(
            "INSERT INTO test_clocks (district_id, alive_at) SELECT id, now() FROM districts ON CONFLICT DO NOTHING"
        )
        connection.execute(
            "INSERT INTO phone_changes (district_id, member_id, session_id, phone, asked_at, due_at) "
            "SELECT DISTINCT ON (district_id) district_id, id, gen_random_uuid(), '', now(), now() FROM members "
            "ON CONFLICT DO NOTHING"
        )
        connection.execute(
            "INSERT INTO campaign_voids (district_id, campaign_id, asked_at, reason, alive_at) "
            "SELECT district_id, id, now(), '', 'infinity' FROM campaigns ON CONFLICT DO NOTHING"
        )
        connection.execute(
            "INSERT INTO later_ends (district_id, campaign_id, issued_from, changed_at, ends_at, alive_at) "
            "SELECT district_id, id, now(), now(), now(), 'infinity' FROM campaigns ON CONFLICT DO NOTHING"
        )
        connection.execute(
            "INSERT INTO evidence (district_id, id, campaign_id, redemption_id, kind, content, amount, discount_amount, "
            "government_amount) SELECT district_id, id, campaign_id, id, 'review', '{}', 0, 0, 0 FROM redemptions"
        )
        connection.execute(
            "INSERT INTO evidence_chains (district_id, campaign_id, digest) "
            "SELECT district_id, id, sha256('') FROM campaigns ON CONFLICT DO NOTHING"
        )
        connection.execute(
            "INSERT INTO occurrences (district_id, campaign_id, occurrence, noted_at) "
            "SELECT district_id, id, '', now() FROM campaigns"
        )
        connection.execute(
            "INSERT INTO staff_letters (district_id, id, sealed, created_at, send_at) "
            "SELECT id, gen_random_uuid(), '', now(), 'infinity' FROM districts"
        )
        connection.execute(
            "INSERT INTO phone_notices (district_id, id, phone, changes_on, created_at, send_at) "
            "SELECT id, gen_random_uuid(), '', now(), now(), 'infinity' FROM districts"
        )
        connection.execute(
            "INSERT INTO member_notices (district_id, id, member_id, kind, details, told_at) "
            "SELECT district_id, id, id, 'frozen', '{}', now() FROM members ON CONFLICT DO NOTHING"
        )
        connection.execute(
            "INSERT INTO cases (district_id, id, kind, step, transaction_id, merchant_id, store_id, member_id, reason, "
            "opened_at) SELECT DISTINCT ON (district_id) district_id, gen_random_uuid(), 'complaint', 'open', "
            "gen_random_uuid(), id, id, id, 'other', now() FROM members"
        )
        connection.execute(
            "INSERT INTO settled_journals (district_id, journal_id, period_id) "
            "SELECT district_id, gen_random_uuid(), id FROM settlement_periods"
        )
        connection.execute(
            "INSERT INTO statement_pieces (district_id, statement_id, number, journals, size, peaks) "
            "SELECT district_id, id, 1, '', 1, '' FROM statements ON CONFLICT DO NOTHING"
        )
        connection.execute(
            "INSERT INTO statement_invoices (district_id, id, statement_id, party_kind, party_id, direction, number, amount, "
            "issued_on, side, principal_id, noted_at) SELECT district_id, gen_random_uuid(), id, party_kind, party_id, "
            "'to_invoice', id::text, 1, now(), 'merchant', id, now() FROM statements"
        )
        connection.execute(
            "INSERT INTO dispute_messages (district_id, id, dispute_id, side, text, principal_id, sent_at) "
            "SELECT district_id, gen_random_uuid(), id, 'merchant', '', id, now() FROM disputes"
        )
        connection.execute(
            "INSERT INTO store_hours SELECT district_id, id, '2026-01-01', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM stores "
            "ON CONFLICT DO NOTHING"
        )
        for made in (
            "store_days SELECT district_id, id, '2026-01-01', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM stores",
            "campaign_days SELECT district_id, id, '2026-01-01', 0, 0, 0, 0, 0, 0, 0, 0 FROM stores",
            "district_days SELECT id, '2026-01-01', 0, 0, 0, 0, 0, 0 FROM districts",
            "point_ends SELECT id, 'infinity', 0 FROM districts",
            "point_flows SELECT district_id, '2026-01-01', id, id, 0 FROM stores",
            "member_facts SELECT district_id, id, 0, 0, NULL FROM stores",
        ):
            connection.execute(f"INSERT INTO {made} ON CONFLICT DO NOTHING")
        # Accounts stand under the operator's district, which is no tenant: copies under each show that the wall is there.
        own = """
            INSERT INTO staff_accounts (district_id, id, login_kind, login, created_at)
            SELECT id, gen_random_uuid(), 'phone', '', now() FROM districts;
            INSERT INTO staff_logins (district_id, kind, value_index, key_version, account_id)
            SELECT district_id, 'phone', sha256(id::text::bytea), 1, id FROM staff_accounts;
            INSERT INTO staff_passkeys
                (district_id, id, account_id, name, credential_id, public_key, sign_count, created_at)
            SELECT district_id, gen_random_uuid(), id, '', sha256(id::text::bytea), '', 0, now() FROM staff_accounts;
            INSERT INTO staff_recovery_codes (district_id, account_id, code_hash)
            SELECT district_id, id, sha256(id::text::bytea) FROM staff_accounts;
            INSERT INTO staff_notices (district_id, id, account_id, kind, actor_id, created_at)
            SELECT district_id, gen_random_uuid(), id, '', '', now() FROM staff_accounts;
            INSERT INTO staff_sessions (district_id, id, account_id, stage, token_hash, is_strong, device, started_at,
                used_at, expires_at)
            SELECT district_id, gen_random_uuid(), id, 'open', sha256(id::text::bytea), false, '', now(), now(), now()
            FROM staff_accounts
        """
        connection.execute(own)
    return both


@pytest.fixture
def application(app: Flask, settings: Settings) -> Iterator[psycopg.Connection]:
    """A connection as the application has it."""
    url = settings.database_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url) as connection:
        connection.execute(f"SET ROLE {settings.database_role}")
        connection.commit()
        yield connection
        connection.rollback()


def enter(application: psycopg.Connection, district: District) -> None:
    application.rollback()
    application.execute(f"SET LOCAL app.district = '{district.id[-32:]}'")


def query(text: str, table: str) -> sql.Composed:
    return sql.SQL(text).format(sql.Identifier(table))


def tenant_tables(superuser: psycopg.Connection) -> list[str]:
    return [table for table in tables(superuser) if table not in NOT_TENANTS]


def test_every_table_has_its_district(superuser: psycopg.Connection) -> None:
    found = superuser.execute("""
        SELECT c.relname, a.attnotnull, a.atttypid::regtype::text FROM pg_class c
        LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'district_id' AND NOT a.attisdropped
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    """)
    for table, not_null, kind in found:
        if table not in NOT_TENANTS:
            assert (not_null, kind) == (True, "uuid"), table


def test_the_district_stands_first_in_every_primary_and_unique_key(superuser: psycopg.Connection) -> None:
    found = superuser.execute("""
        SELECT c.relname, i.relname, a.attname, x.indisprimary FROM pg_index x
        JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
        LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]
        WHERE c.relnamespace = 'public'::regnamespace AND x.indisunique
    """).fetchall()
    for table, index, first, _ in found:
        if table not in NOT_TENANTS:
            assert first == "district_id", (table, index)
    assert {table for table, _, _, primary in found if primary} >= set(tables(superuser))


def test_the_district_stands_first_in_every_foreign_key(superuser: psycopg.Connection) -> None:
    found = superuser.execute("""
        SELECT c.conrelid::regclass::text, c.conname, a.attname, f.attname FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = c.confkey[1]
        WHERE c.contype = 'f'
    """).fetchall()
    assert found
    for table, name, own, its in found:
        assert (own, its) in (("district_id", "district_id"), ("district_id", "id")), (table, name)


def test_every_table_is_behind_the_wall(superuser: psycopg.Connection) -> None:
    """A partition needs no policy of its own: the application can't name one, and without a policy it shows nothing."""
    found = superuser.execute("""
        SELECT c.relname, c.relrowsecurity, c.relispartition,
               ARRAY(SELECT p.polcmd::text FROM pg_policy p WHERE p.polrelid = c.oid),
               EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid
                       AND (p.polqual IS NULL OR p.polwithcheck IS NULL OR NOT p.polpermissive))
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    """)
    for table, secured, is_partition, commands, is_half in found:
        if table != "alembic_version":
            assert secured, table
            assert not is_half, table
            assert commands == ([] if is_partition else ["*"]), table


def test_the_application_role_is_nobody_special(superuser: psycopg.Connection) -> None:
    row = superuser.execute(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = %s",
        (APPLICATION_ROLE,),
    ).fetchone()
    assert row == (False,) * 5
    owned = superuser.execute("SELECT count(*) FROM pg_class WHERE relowner = %s::regrole", (APPLICATION_ROLE,))
    assert owned.fetchone() == (0,)
    roles = superuser.execute(
        "SELECT roleid::regrole FROM pg_auth_members WHERE member = %s::regrole", (APPLICATION_ROLE,)
    )
    assert roles.fetchall() == []
    creates = superuser.execute(
        "SELECT has_schema_privilege(%(role)s, 'public', 'CREATE'), has_database_privilege(%(role)s, current_database(), "
        "'CREATE')",
        {"role": APPLICATION_ROLE},
    )
    assert creates.fetchone() == (False, False)


def test_the_application_role_may_do_what_is_listed_and_nothing_else(superuser: psycopg.Connection) -> None:
    rows = superuser.execute("""
        SELECT c.relname, a.privilege_type, a.grantee::regrole::text FROM pg_class c
        CROSS JOIN LATERAL aclexplode(c.relacl) AS a
        WHERE c.relnamespace = 'public'::regnamespace AND a.grantee <> c.relowner
        UNION ALL
        SELECT c.relname, a.privilege_type || ' of ' || k.attname, a.grantee::regrole::text FROM pg_class c
        JOIN pg_attribute k ON k.attrelid = c.oid CROSS JOIN LATERAL aclexplode(k.attacl) AS a
        WHERE c.relnamespace = 'public'::regnamespace
    """)
    granted: dict[str, set[str]] = {}
    for table, privilege, role in rows:
        assert role == APPLICATION_ROLE, (table, privilege, role)
        granted.setdefault(table, set()).add(privilege)
    assert granted == GRANTS


def test_only_listed_functions_run_with_the_owner_s_rights(superuser: psycopg.Connection) -> None:
    rows = superuser.execute("""
        SELECT proname, proconfig FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef
    """).fetchall()
    assert {name for name, _ in rows} <= NARROW_WAYS
    for name, settings in rows:
        assert any(one.startswith("search_path=pg_catalog") for one in settings or ()), name


def test_there_are_no_views_that_go_round_the_wall(superuser: psycopg.Connection) -> None:
    rows = superuser.execute("""
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm', 'f')
    """)
    assert rows.fetchall() == []


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("verb", ["UPDATE {} SET district_id = district_id", "DELETE FROM {}", "TRUNCATE {}"])
def test_what_is_only_added_can_t_be_changed(
    application: psycopg.Connection, filled: tuple[District, District], table: str, verb: str
) -> None:
    enter(application, filled[0])
    with pytest.raises(pg.InsufficientPrivilege):
        application.execute(query(verb, table))


def test_without_a_district_there_are_no_rows(
    application: psycopg.Connection, superuser: psycopg.Connection, filled: tuple[District, District]
) -> None:
    for setting in (None, "", filled[0].id[-32:]):
        application.rollback()
        if setting is not None:
            application.execute("SELECT set_config('app.district', %s, true)", (setting,))
        for table in tables(superuser):
            [count] = application.execute(query("SELECT count(*) FROM {}", table)).fetchone() or [None]
            assert (count > 0) == bool(setting), (table, setting)


def test_another_district_s_rows_are_out_of_reach(
    application: psycopg.Connection, superuser: psycopg.Connection, filled: tuple[District, District]
) -> None:
    own, other = (district.id[-32:] for district in filled)
    for table in tenant_tables(superuser):
        enter(application, filled[0])
        seen = application.execute(query("SELECT DISTINCT district_id::text FROM {}", table)).fetchall()
        assert [one.replace("-", "") for (one,) in seen] == [own], table
        for right, text in (
            ("UPDATE", "UPDATE {} SET district_id = district_id WHERE district_id = %s"),
            ("DELETE", "DELETE FROM {} WHERE district_id = %s"),
        ):
            if right in GRANTS[table]:
                assert application.execute(query(text, table), (other,)).rowcount == 0, table


def test_no_row_is_put_into_another_district(
    application: psycopg.Connection, superuser: psycopg.Connection, filled: tuple[District, District]
) -> None:
    other = filled[1].id[-32:]
    for table in tenant_tables(superuser):
        enter(application, filled[0])
        columns = [
            name
            for (name,) in superuser.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 1 AND NOT attisdropped "
                "AND attgenerated = ''",
                (table,),
            )
        ]
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        copy = sql.SQL("INSERT INTO {0} (district_id, {1}) SELECT %s, {1} FROM {0} LIMIT 1").format(
            sql.Identifier(table), names
        )
        with pytest.raises(pg.InsufficientPrivilege, match="row-level security"):
            application.execute(copy, (other,))
        if "UPDATE" in GRANTS[table]:
            enter(application, filled[0])
            with pytest.raises(pg.InsufficientPrivilege, match="row-level security"):
                application.execute(query("UPDATE {} SET district_id = %s", table), (other,))


def test_partitions_can_t_be_named(
    application: psycopg.Connection, superuser: psycopg.Connection, filled: tuple[District, District]
) -> None:
    parts = superuser.execute("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'").fetchall()
    assert parts
    for (part,) in parts:
        enter(application, filled[0])
        with pytest.raises(pg.InsufficientPrivilege):
            application.execute(query("SELECT count(*) FROM {}", part))


def test_a_new_day_of_the_outbox_is_behind_the_wall_too(
    application: psycopg.Connection, superuser: psycopg.Connection
) -> None:
    day = now().date().replace(year=now().year + 5)
    assert application.execute("SELECT outbox_add_day(%s)", (day,)).fetchone() == (True,)
    application.commit()
    name = f"outbox_{day:%Y%m%d}"
    secured = superuser.execute("SELECT relrowsecurity FROM pg_class WHERE relname = %s", (name,)).fetchone()
    assert secured == (True,)
    with pytest.raises(pg.InsufficientPrivilege):
        application.execute(query("SELECT count(*) FROM {}", name))
    assert re.fullmatch(r"outbox_\d{8}", name)
    superuser.execute(query("DROP TABLE {}", name))
