"""The inbox of whoever tries the product."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from app.config import Settings, SettingUnfit
from app.factory import create_app
from app.sms.inbox import MOST_SHOWN, Inbox
from app.sms.port import NotSent
from app.sms.sender import sender_of

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(str(tmp_path / "new" / "sms.jsonl"), clock=lambda: AT)


def test_an_empty_inbox_shows_nothing(inbox: Inbox) -> None:
    assert inbox.newest() == []


def test_the_newest_message_comes_first(inbox: Inbox) -> None:
    inbox.send_code("+8613800000001", "000001")
    inbox.send_code("+8613800000002", "000002")
    first, second = inbox.newest()
    assert (first["phone"], first["code"], second["code"]) == ("+8613800000002", "000002", "000001")
    assert first["sent_at"] == "2026-01-01T12:00:00Z"
    assert "000002" in first["text"]
    for digits in ("13800000001", "8613800000001", "+8613800000001"):
        assert [one["code"] for one in inbox.newest(digits)] == ["000001"]


def test_only_its_owner_reads_the_file(inbox: Inbox, tmp_path: Path) -> None:
    inbox.send_code("+8613800000001", "000001")
    assert stat.S_IMODE((tmp_path / "new" / "sms.jsonl").stat().st_mode) == 0o600


def test_a_long_inbox_shows_its_end(inbox: Inbox) -> None:
    for number in range(600):
        inbox.send_code("+8613800000001", f"{number:06d}")
    shown = [int(one["code"]) for one in inbox.newest()]
    assert shown == list(range(599, 599 - MOST_SHOWN, -1))


def test_many_may_write_at_one_time(app: Flask, tmp_path: Path) -> None:
    path = str(tmp_path / "all.jsonl")

    def send(number: int) -> None:
        with app.app_context():
            Inbox(path).send_code("+8613800000001", f"{number:06d}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(80)))
    assert sorted(int(one["code"]) for one in Inbox(path).newest()) == list(range(80))


def test_a_half_line_is_left_out(inbox: Inbox, tmp_path: Path) -> None:
    inbox.send_code("+8613800000001", "000001")
    with (tmp_path / "new" / "sms.jsonl").open("a") as file:
        file.write('{"phone": "+86138')
    assert [one["code"] for one in inbox.newest()] == ["000001"]


def test_a_file_that_can_t_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotSent) as refused:
        Inbox(str(tmp_path / "file" / "sms.jsonl")).send_code("+8613800000001", "000001")
    assert not refused.value.may_pass


def test_the_page_is_there_only_with_an_inbox(settings: Settings) -> None:
    shown = create_app(settings).test_client().get("/sms-inbox?phone=13800000000")
    assert (shown.status_code, shown.headers["Cache-Control"]) == (200, "no-store")
    for changes in ({"sms_sender": ""}, ALIYUN):
        assert create_app(replace(settings, **changes)).test_client().get("/sms-inbox").status_code == 404


ALIYUN = {
    "sms_sender": "aliyun",
    "sms_key_id": "id",
    "sms_key_secret": "secret",
    "sms_sign_name": "圈通",
    "sms_template": "SMS_1",
}


@pytest.mark.parametrize("name", ["sms_key_id", "sms_key_secret", "sms_sign_name", "sms_template", "sms_sender"])
def test_a_provider_that_lacks_something_is_told_at_the_start(settings: Settings, name: str) -> None:
    lacking = replace(settings, **{**ALIYUN, name: "" if name != "sms_sender" else "pigeon"})
    with pytest.raises(SettingUnfit, match=name.upper()):
        create_app(lacking)
    assert sender_of(replace(settings, **ALIYUN)) is not None


def test_a_notice_tells_the_day_and_no_code(inbox: Inbox) -> None:
    inbox.send_notice("+8613800000001", "2026-12-31")
    [message] = inbox.newest()
    assert (message["phone"], message["code"]) == ("+8613800000001", None)
    assert "2026-12-31" in message["text"]
