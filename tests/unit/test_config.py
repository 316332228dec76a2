"""Settings from an environment, and the page that documents them."""

from __future__ import annotations

from dataclasses import MISSING, fields

import pytest

from app.config import SettingMissing, Settings, settings_page

NEEDED = {
    "DATABASE_URL": "postgresql+psycopg://app@localhost/quantong",
    "REDIS_URL": "redis://localhost",
    "OPERATOR_KEY": "op_secret",
    "ENCRYPTION_KEYS": "1:a",
    "INDEX_KEYS": "1:b",
    "SIGNING_KEYS": "1:c",
}


def test_what_is_needed_is_enough() -> None:
    settings = Settings.from_environment(NEEDED)
    assert settings.database_url == NEEDED["DATABASE_URL"]
    assert settings.rate_limit_per_second == 3000
    assert settings.claim_days == 30
    assert settings.key_cache_seconds <= 5


def test_only_what_has_no_default_is_needed() -> None:
    assert {item.name.upper() for item in fields(Settings) if item.default is MISSING} == set(NEEDED)


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("empty", [True, False], ids=["empty", "absent"])
def test_what_is_missing_is_named(name: str, empty: bool) -> None:
    environment = {key: value for key, value in NEEDED.items() if key != name} | ({name: ""} if empty else {})
    with pytest.raises(SettingMissing, match=f"{name} is not set"):
        Settings.from_environment(environment)


def test_values_have_their_types() -> None:
    given = {"DATABASE_POOL_SIZE": "12", "KEY_CACHE_SECONDS": "1.5", "PUBLIC_URL": "https://example.org"}
    settings = Settings.from_environment(NEEDED | given)
    assert (settings.database_pool_size, settings.key_cache_seconds) == (12, 1.5)
    assert settings.public_url == "https://example.org"
    for item in fields(Settings):
        assert type(getattr(settings, item.name)).__name__ == item.type


@pytest.mark.parametrize(
    ("name", "value"), [("DATABASE_POOL_SIZE", "many"), ("CLAIM_DAYS", "1.5"), ("KEY_CACHE_SECONDS", "soon")]
)
def test_what_is_not_of_its_type_is_named_without_its_value(name: str, value: str) -> None:
    with pytest.raises(SettingMissing, match=f"{name} must be of type") as caught:
        Settings.from_environment(NEEDED | {name: value})
    assert value not in str(caught.value)


def test_an_empty_text_means_the_default() -> None:
    assert Settings.from_environment(NEEDED | {"CLAIM_DAYS": ""}) == Settings.from_environment(NEEDED)


def test_names_are_upper_case_and_strangers_are_ignored() -> None:
    assert Settings.from_environment(NEEDED | {"claim_days": "7", "PATH": "/bin"}).claim_days == 30


def test_the_environment_is_read_if_no_other_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (NEEDED | {"CLAIM_DAYS": "9"}).items():
        monkeypatch.setenv(name, value)
    assert Settings.from_environment().claim_days == 9


def test_migrations_run_as_the_owner_where_there_is_one() -> None:
    assert Settings.from_environment(NEEDED).owner_url == NEEDED["DATABASE_URL"]
    assert Settings.from_environment(NEEDED | {"DATABASE_OWNER_URL": "postgresql://owner"}).owner_url.endswith("owner")


def test_settings_can_not_be_changed() -> None:
    with pytest.raises(AttributeError):
        Settings.from_environment(NEEDED).claim_days = 1  # type: ignore[misc]


def test_the_page_documents_every_setting() -> None:
    page = settings_page()
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    assert list(rows) == [item.name.upper() for item in fields(Settings)]
    for item in fields(Settings):
        assert item.metadata["description"] in rows[item.name.upper()]
        assert ("required" in rows[item.name.upper()].split("|")[2]) == (item.default is MISSING)
