"""The provider for trying stands beside a product that nobody has told of another."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.launcher.trying import provider_for_trying, settings_for_trying


def test_it_is_started_where_nobody_names_another(tmp_path: Path) -> None:
    env = settings_for_trying({}, 8002)
    [program] = provider_for_trying(env, "http://127.0.0.1:8000", tmp_path)
    assert program.argv[1:5] == ["-m", "demo.provider", "--port", "8002"]
    assert program.argv[-1] == f"http://127.0.0.1:8000/v1/provider-events/dis_{'0' * 32}"
    assert not any(env["STRIPE_WEBHOOK_SECRETS"] in word for word in program.argv)


@pytest.mark.parametrize("name", ["STRIPE_ADDRESS", "STRIPE_SECRET_KEY", "PUBLIC_URL"])
def test_whoever_has_named_something_is_left_alone(tmp_path: Path, name: str) -> None:
    given = {name: "https://points.hubin.cn"}
    assert settings_for_trying(given, 8002) == {}
    assert list(provider_for_trying(given, "http://127.0.0.1:8000", tmp_path)) == []


def test_there_is_none_without_a_port() -> None:
    assert settings_for_trying({}, 0) == {}
