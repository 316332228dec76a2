"""Which way messages leave, as the settings say."""

from __future__ import annotations

from functools import lru_cache

from app.config import SettingMissing, Settings
from app.sms.aliyun import Aliyun, AliyunAccount
from app.sms.inbox import Inbox
from app.sms.port import Sms

INBOX, ALIYUN = "inbox", "aliyun"


@lru_cache(maxsize=8)
def sender_of(settings: Settings) -> Sms | None:
    """The way to send, or None where there is none. Raises SettingMissing where it lacks a setting."""
    match settings.sms_sender:
        case "":
            return None
        case "inbox":
            return Inbox(settings.sms_inbox_file)
        case "aliyun":
            return _aliyun(settings)
    raise SettingMissing(f"SMS_SENDER is `{INBOX}`, `{ALIYUN}` or nothing.")


def sender_for(settings: Settings, *, is_sandbox: bool) -> Sms | None:
    """The way by which messages of a district leave: those of a sandbox never for a provider."""
    sender = sender_of(settings)
    return None if is_sandbox and not isinstance(sender, Inbox) else sender


def _aliyun(settings: Settings) -> Aliyun:
    for name in ("sms_key_id", "sms_key_secret", "sms_sign_name", "sms_template"):
        if not getattr(settings, name):
            raise SettingMissing(f"{name.upper()} is not set, and SMS_SENDER is `{ALIYUN}`.")
    account = AliyunAccount(
        settings.sms_key_id,
        settings.sms_key_secret,
        settings.sms_sign_name,
        settings.sms_template,
        settings.sms_notice_template,
    )
    return Aliyun(account, endpoint=settings.sms_endpoint, timeout_seconds=settings.sms_timeout_seconds)
