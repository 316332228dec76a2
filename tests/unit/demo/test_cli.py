from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from demo import cli, history
from demo.load import Summary
from merchant_sdk import Client

FEW = history.first_customers(history.read(), 12)


@pytest.fixture
def run(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command in an empty directory on the fake server; `run.connected` holds (key, base_url)."""
    monkeypatch.chdir(tmp_path)
    for name in ("PUBLIC_URL", "PORT", "OPERATOR_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(history, "read", lambda: FEW)
    connected: list[tuple[str, str]] = []

    def connect(key: str, base_url: str, timeout: float) -> Client:
        connected.append((key, base_url))
        return Client(key, base_url=base_url, timeout=timeout, transport=server.transport)

    monkeypatch.setattr(cli, "Client", connect)

    def invoke(*arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(cli.demo, arguments, env=environment)

    invoke.connected = connected  # type: ignore[attr-defined]
    return invoke


def test_it_loads_and_tells_counts_and_speed(run: Any, server: Any, tmp_path: Path) -> None:
    result = run("--quick", "--operator-key", "op")
    assert result.exit_code == 0, result.output
    assert f"12 members, 17 campaigns, {len(FEW)} sales; {len(FEW)} sales sent in " in result.output
    assert "per second" in result.output
    assert run.connected[0] == ("op", "http://127.0.0.1:8000")
    assert json.loads((tmp_path / "var/demo.json").read_text())["operator_key"] == "op"
    again = run("--quick", "--operator-key", "op")
    assert "all there already" in again.output


def test_settings_come_from_the_environment_and_secrets_file(run: Any, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var/secrets.json").write_text('{"OPERATOR_KEY": "from-file"}')
    assert run("--out", "elsewhere/demo.json", PORT="8123").exit_code == 0
    assert run.connected[0] == ("from-file", "http://127.0.0.1:8123")
    assert (tmp_path / "elsewhere/demo-state.json").exists()
    run("--out", "elsewhere/demo.json", PUBLIC_URL="http://quantong.test", OPERATOR_KEY="from-env")
    assert run.connected[-1] == ("from-env", "http://quantong.test")


@pytest.mark.parametrize("text", [None, "", "{}", "no json"])
def test_without_an_operator_key_it_says_where_it_looked(run: Any, tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "var").mkdir()
        (tmp_path / "var/secrets.json").write_text(text)
    result = run()
    assert result.exit_code == 2
    assert "OPERATOR_KEY" in result.output
    assert run.connected == []


def test_refused_sales_end_with_1_and_the_first_problems(run: Any, server: Any, tmp_path: Path) -> None:
    server.refuse = {FEW[0].reference}
    result = run("--operator-key", "op")
    assert result.exit_code == 1
    assert f"{FEW[0].reference}: 422" in result.output
    assert not (tmp_path / "var/demo.json").exists()


def test_a_damaged_state_ends_with_1_and_no_traceback(run: Any, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var/demo-state.json").write_text("half")
    result = run("--operator-key", "op")
    assert result.exit_code == 1
    assert "Error: demo-state.json is not a state of the demo" in result.output


def test_words_of_a_summary() -> None:
    words = cli.words_of(Summary(42, 61, 23_570, 17, 69_659, 69_659, 100.0))
    assert words == (
        "42 merchants, 61 stores, 23,570 members, 17 campaigns, 69,659 sales; 69,659 sales sent in 100.0 s, 697 per second"
    )
