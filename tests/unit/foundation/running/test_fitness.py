"""Settings with which the product doesn't start, one sentence each, without their values."""

from __future__ import annotations

import base64
import secrets
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from uuid import uuid4

import pytest

from app.config import Settings, SettingUnfit
from app.factory import create_app
from app.foundation.running.fitness import LEAST_BITS, check, guessable_bits, is_public
from app.launcher.postgres import EmbeddedPostgres
from app.launcher.valkey import EmbeddedValkey
from benchmarks.stage import _environment as benchmarks_environment
from tests.conftest import ROOT, environment_of, random_key


def key(secret: bytes, version: int = 1) -> str:
    return f"{version}:{base64.urlsafe_b64encode(secret).decode().rstrip('=')}"


TWICE = random_key()
UNFIT = {
    "a short operator's key": ({"operator_key": "ok_live_secret"}, "OPERATOR_KEY can be guessed"),
    "a usual word": ({"operator_key": "changeme" * 8}, "OPERATOR_KEY can be guessed"),
    "no chance at all": ({"operator_key": "0" * 64}, "OPERATOR_KEY can be guessed"),
    "a key of zeros": ({"encryption_keys": key(bytes(32))}, "Key 1 of ENCRYPTION_KEYS isn't random"),
    "one byte over and over": ({"index_keys": key(b"\xa7" * 32)}, "Key 1 of INDEX_KEYS isn't random"),
    "a few bytes over and over": ({"index_keys": key(bytes(range(8)) * 4)}, "Key 1 of INDEX_KEYS isn't random"),
    "bytes in a row": ({"signing_keys": key(bytes(range(32)))}, "Key 1 of SIGNING_KEYS isn't random"),
    "words": ({"signing_keys": key(b"correct horse battery staple abc")}, "Key 1 of SIGNING_KEYS isn't random"),
    "an old weak key": ({"index_keys": f"{random_key(2)},{key(bytes(32))}"}, "Key 1 of INDEX_KEYS isn't random"),
    "one key twice": ({"index_keys": TWICE, "signing_keys": TWICE}, "Key 1 of SIGNING_KEYS is one of INDEX_KEYS"),
    "one key under two versions": ({"index_keys": f"{TWICE},2{TWICE[1:]}"}, "Key 2 of INDEX_KEYS is one of INDEX_KEYS"),
    "half a key": ({"signing_keys": "1:abcd"}, "SIGNING_KEYS can't be read: a key has 32 bytes"),
    "an inbox in public": (
        {"sms_sender": "inbox", "public_url": "https://points.hubin.cn"},
        "SMS_SENDER=inbox shows sign-in codes to everybody",
    ),
    "webhooks into our network": (
        {"sms_sender": "", "webhook_allow_private": 1, "public_url": "https://8.8.8.8"},
        "WEBHOOK_ALLOW_PRIVATE=1 opens your own network",
    ),
    "a provider elsewhere": (
        {"stripe_address": "http://10.0.0.9:12111"},
        "STRIPE_ADDRESS must be https://api.stripe.com",
    ),
    "a provider in clear": (
        {"stripe_address": "http://api.stripe.com"},
        "STRIPE_ADDRESS must be https://api.stripe.com",
    ),
    "a provider for trying in public": (
        {"sms_sender": "", "stripe_address": "http://127.0.0.1:12111", "public_url": "https://points.hubin.cn"},
        "STRIPE_ADDRESS is a provider for trying",
    ),
    "no address": ({"public_url": "points.hubin.cn"}, "PUBLIC_URL must be an address"),
    "half an address": ({"public_url": "http://[::1"}, "PUBLIC_URL must be an address"),
    "no port": ({"public_url": "http://localhost:99999"}, "PUBLIC_URL must be an address"),
    "an address with a query": ({"public_url": "http://localhost/?a=1"}, "PUBLIC_URL must be an address"),
    "another driver": ({"database_url": "postgresql://localhost/quantong"}, "DATABASE_URL is no address of PostgreSQL"),
    "another database": ({"database_owner_url": "mysql://localhost"}, "DATABASE_OWNER_URL is no address of PostgreSQL"),
    "no database": ({"database_url": "localhost"}, "DATABASE_URL is no address of PostgreSQL"),
    "no queue": ({"redis_url": "localhost:6379"}, "REDIS_URL is no address of Valkey"),
    "a queue without a port": ({"redis_url": "redis://localhost:port"}, "REDIS_URL is no address of Valkey"),
    "nobody at work": ({"requests_at_once": 0}, "REQUESTS_AT_ONCE must be 1 or more"),
    "no time for bodies": ({"body_timeout_seconds": 0.0}, "BODY_TIMEOUT_SECONDS must be 1 or more"),
    "keys that never end": ({"key_cache_seconds": 60.0}, "KEY_CACHE_SECONDS must be 5 or less"),
    "days beyond the calendar": ({"session_days": 10**9}, "SESSION_DAYS must be 36500 or less"),
    "more than PostgreSQL counts": ({"lock_timeout_ms": 2**31}, "LOCK_TIMEOUT_MS must be 1000000000 or less"),
    "no limit": ({"codes_per_phone": "a few"}, "CODES_PER_PHONE is no limit: write it like `5 per 10 minutes"),
    "half a limit": ({"codes_in_total": "50000 per"}, "CODES_IN_TOTAL is no limit"),
    "nothing at all": ({"wrong_codes_per_phone": "0 per hour"}, "WRONG_CODES_PER_PHONE is no limit"),
    "no connection": ({"database_pool_size": 0}, "DATABASE_POOL_SIZE must be 1 or more"),
    "less than nothing": ({"trusted_proxies": -1}, "TRUSTED_PROXIES must be 0 or more"),
    "no number": ({"key_cache_seconds": float("nan")}, "KEY_CACHE_SECONDS must be 0 or more"),
    "for ever": ({"webhook_timeout_seconds": float("inf")}, "WEBHOOK_TIMEOUT_SECONDS must be 0.1 or more"),
    "another level": ({"log_level": "loud"}, "LOG_LEVEL must be one of `debug`"),
    "another way to send": ({"sms_sender": "pigeon"}, "SMS_SENDER must be one of `aliyun`, `inbox`"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_unfit_settings_are_refused_in_a_sentence(settings: Settings, name: str) -> None:
    changes, words = UNFIT[name]
    with pytest.raises(SettingUnfit) as caught:
        create_app(replace(settings, **changes))
    said = str(caught.value)
    assert said.startswith(words)
    assert "\n" not in said
    for setting in ("operator_key", "encryption_keys", "index_keys", "signing_keys"):
        assert changes.get(setting, "a value") not in said


@pytest.mark.parametrize(
    "item", [one for one in fields(Settings) if one.type in ("int", "float")], ids=lambda one: one.name
)
def test_no_figure_is_less_than_nothing(settings: Settings, item: object) -> None:
    with pytest.raises(SettingUnfit, match=f"{item.name.upper()} must be"):  # type: ignore[attr-defined]
        check(replace(settings, **{item.name: -1}))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8000", "http://localhost", "http://192.168.1.20:8000", "http://quantong.local", "http://[::1]"],
)
def test_whoever_tries_it_on_a_laptop_starts(settings: Settings, url: str) -> None:
    check(replace(settings, public_url=url, sms_sender="inbox", webhook_allow_http=1, webhook_allow_private=1))


def test_random_operator_s_keys_are_strong_enough() -> None:
    for made in (secrets.token_hex(16), secrets.token_urlsafe(32), secrets.token_urlsafe(24), str(uuid4())):
        assert guessable_bits(made) > LEAST_BITS


def test_hosts_are_public_by_their_names() -> None:
    assert [
        one for one in ("web", "a.internal", "10.1.2.3", "169.254.1.1", "0.0.0.0", "fd00::1") if is_public(one)
    ] == []
    assert all(map(is_public, ("hubin.cn", "points.hubin.cn.", "1.1.1.1", "2606:4700::1111")))


def test_what_benchmarks_start_is_fit(postgres: EmbeddedPostgres, valkey: EmbeddedValkey, tmp_path: Path) -> None:
    check(Settings.from_environment(benchmarks_environment(postgres, valkey, tmp_path)))


def test_a_command_says_it_and_ends(settings: Settings) -> None:
    env = environment_of(replace(settings, operator_key="secret"))
    command = [sys.executable, "-m", "app.cli", "verify-books"]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: OPERATOR_KEY can be guessed")
    assert len(done.stderr.splitlines()) == 1


def test_the_web_server_s_application_says_it_and_ends(settings: Settings) -> None:
    env = environment_of(replace(settings, database_pool_size=0))
    done = subprocess.run(
        [sys.executable, "-c", "import wsgi"], env=env, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "Error: DATABASE_POOL_SIZE must be 1 or more.\n")
