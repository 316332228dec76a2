"""Which way messages leave, as the settings say: to phones by SMS, to addresses by e-mail."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache

from app.config import SettingMissing, Settings
from app.sms.aliyun import Aliyun, AliyunAccount
from app.sms.inbox import Inbox
from app.sms.mail import Mail, letter_with_code
from app.sms.port import NotSent, Sms
from app.sms.smtp import Smtp, SmtpServer

INBOX, ALIYUN, SMTP = "inbox", "aliyun", "smtp"
log = logging.getLogger("quantong.sms")


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


@lru_cache(maxsize=8)
def mail_of(settings: Settings) -> Mail | None:
    """The way to send letters, or None where there is none. Raises SettingMissing where it lacks a setting."""
    match settings.mail_sender:
        case "":
            return None
        case "inbox":
            return Inbox(settings.sms_inbox_file)
        case "smtp":
            return _smtp(settings)
    raise SettingMissing(f"MAIL_SENDER is `{INBOX}`, `{SMTP}` or nothing.")


def mail_for(settings: Settings, *, is_sandbox: bool) -> Mail | None:
    """The way by which letters of a district leave: those of a sandbox never for a server."""
    mail = mail_of(settings)
    return None if is_sandbox and not isinstance(mail, Inbox) else mail


def code_sender_for(settings: Settings, to: str, *, is_sandbox: bool) -> Callable[[str, str], None] | None:
    """What sends a code, with the id of its challenge, to a phone (E.164) or an e-mail address; None where nothing does."""
    if is_address(to):
        mail = mail_for(settings, is_sandbox=is_sandbox)
        if mail is None:
            return None
        return lambda challenge_id, code: mail.send_letter(to, letter_with_code(challenge_id, code))
    sms = sender_for(settings, is_sandbox=is_sandbox)
    return None if sms is None else lambda _challenge_id, code: sms.send_code(to, code)


def is_over(send: Callable[[], None], failure: str, district_id: str) -> bool:
    """Whether a message has left, or never will: who isn't told so tries again."""
    try:
        send()
    except NotSent as error:
        fields = {"district_id": district_id, "code": error.code, "may_pass": error.may_pass}
        log.error(failure, extra={"fields": fields})
        return not error.may_pass
    return True


def is_address(to: str) -> bool:
    """Whether letters go there, not text messages."""
    return "@" in to


def _check(settings: Settings, sender: str, names: tuple[str, ...]) -> None:
    for name in names:
        if not getattr(settings, name):
            raise SettingMissing(f"{name.upper()} is not set, and {sender}.")


def _smtp(settings: Settings) -> Smtp:
    _check(settings, f"MAIL_SENDER is `{SMTP}`", ("smtp_host", "mail_from"))
    server = SmtpServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.mail_from,
        settings.smtp_security,
        settings.smtp_user,
        settings.smtp_password,
        settings.smtp_timeout_seconds,
    )
    return Smtp(server)


def _aliyun(settings: Settings) -> Aliyun:
    _check(settings, f"SMS_SENDER is `{ALIYUN}`", ("sms_key_id", "sms_key_secret", "sms_sign_name", "sms_template"))
    account = AliyunAccount(
        settings.sms_key_id,
        settings.sms_key_secret,
        settings.sms_sign_name,
        settings.sms_template,
        settings.sms_notice_template,
        settings.sms_account_template,
    )
    return Aliyun(account, endpoint=settings.sms_endpoint, timeout_seconds=settings.sms_timeout_seconds)
