"""What `quantong up` says when something is in its way, and the secrets that it keeps."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.foundation.keyring import parse_keys
from app.launcher import up as launcher
from app.launcher.up import KEYS, up


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def no_server(*_: object) -> None:
    raise AssertionError("nothing is started")


@pytest.fixture(autouse=True)
def nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher, "EmbeddedPostgres", no_server)
    monkeypatch.setattr(launcher, "EmbeddedValkey", no_server)


def test_a_taken_port_is_said_before_anything_starts(
    taken: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert up(port=taken, var=tmp_path / "var", procfile=tmp_path / "Procfile", demo=False) == 1
    said = capsys.readouterr().err
    assert f"Port {taken} is taken" in said
    assert f"PORT={taken + 1} make run" in said


def test_a_second_one_on_the_same_data_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (tmp_path / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert up(port=port, var=tmp_path, procfile=tmp_path / "Procfile", demo=False) == 1
    assert f"Quantong runs already on the data in {tmp_path}" in capsys.readouterr().err
    assert not (tmp_path / "secrets.json").exists()


def test_signals_are_handled_as_before_afterwards(taken: int, tmp_path: Path) -> None:
    names = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(name) for name in names]
    up(port=taken, var=tmp_path, procfile=tmp_path / "Procfile", demo=False)
    assert [signal.getsignal(name) for name in names] == before


def test_secrets_are_made_once_and_are_nobody_else_s(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    before = os.umask(0)
    try:
        made = launcher._kept_secrets(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert launcher._kept_secrets(path) == made
    assert list(tmp_path.iterdir()) == [path]
    assert made.keys() == {*KEYS, "OPERATOR_KEY"}
    for name in KEYS:
        [key] = parse_keys(made[name])
        assert key.version == 1
    assert len(set(made.values())) == len(made)


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    first, second = (set(launcher._kept_secrets(tmp_path / name).values()) for name in ("a.json", "b.json"))
    assert not first & second


DEMO = {
    "districts": [
        {
            "slug": "hubin",
            "id": "dis_1",
            "alliance_key": "sk_live_a",
            "merchants": [{"code": "A", "key": "sk_live_m"}],
            "campaigns": [{"id": "cam_1", "kind": "amount_off"}],
            "member": {"phone": "13490000001", "member_id": "mem_1"},
            "staff": [{"role": "cashier", "login": "c@hubin.example", "password": "pw-of-c", "totp_secret": None}],
        }
    ],
    "staff": [{"role": "operator", "login": "o@example.cn", "password": "pw-of-o", "totp_secret": None}],
}
ENV = {
    "PUBLIC_URL": "http://127.0.0.1:1",
    "OPERATOR_KEY": "ok_live_o",
    "SMS_SENDER": "inbox",
    "SMS_INBOX_FILE": "x",
    "METRICS_PORT": "0",
    "PORT": "8000",
}


@pytest.mark.parametrize("is_terminal", [True, False])
def test_keys_are_shown_on_a_terminal_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_terminal: bool) -> None:
    (tmp_path / "demo.json").write_text(json.dumps(DEMO))
    monkeypatch.setattr(launcher, "is_private", lambda: is_terminal)
    said = launcher._welcome(ENV, tmp_path, has_demo=True, address=None)
    assert [one in said for one in ("ok_live_o", "sk_live_a", "sk_live_m", "pw-of-c", "pw-of-o")] == [is_terminal] * 5
    assert str(tmp_path / "demo.json") in said
    assert "1 campaigns   http://127.0.0.1:1/v1/districts/hubin/offers" in said
    assert "13490000001 (mem_1)" in said


@pytest.mark.parametrize("port", ["0", "65536", "-1", "abc"])
def test_a_port_that_there_is_not_is_said_in_a_sentence(port: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["up", "--port", port, "--var", str(tmp_path / "var")])
    assert (done.exit_code, "Invalid value for '--port'" in done.output) == (2, True)
    assert not (tmp_path / "var").exists()


def test_data_where_a_file_is_are_refused_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "var").touch()
    assert up(port=65_535, var=tmp_path / "var", procfile=tmp_path / "Procfile", demo=False) == 1
    assert str(tmp_path / "var") in capsys.readouterr().err
