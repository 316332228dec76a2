"""E-mail by a server that speaks SMTP (RFC 5321): one connection for each letter, encrypted unless the settings say otherwise."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from app.foundation.clock import Clock, utc_now
from app.sms.mail import Letter
from app.sms.port import NotSent

NONE, STARTTLS, TLS = "none", "starttls", "tls"
_FIRST_OF_LASTING = 500
"""Answers from here on hold for the next try, too (RFC 5321, 4.2.1)."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where letters are handed in, how, as whom, and from which address."""

    host: str
    port: int
    sender: str
    security: str = STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_seconds: float = 10.0


class Smtp:
    """Hands letters in at a server."""

    def __init__(self, server: SmtpServer, *, clock: Clock = utc_now, trusted: ssl.SSLContext | None = None) -> None:
        self._server, self._clock = server, clock
        self._trusted = trusted or ssl.create_default_context()

    def send_letter(self, address: str, letter: Letter) -> None:
        """Raises NotSent."""
        try:
            message = self._message(address, letter)
            with self._connected() as connection:
                if self._server.user:
                    connection.login(self._server.user, self._server.password)
                connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            [(code, _)] = error.recipients.values()
            raise NotSent(f"smtp-{code}", may_pass=code < _FIRST_OF_LASTING) from None
        except smtplib.SMTPAuthenticationError as error:
            raise NotSent(f"smtp-{error.smtp_code}", may_pass=True) from None  # the settings are wrong, not the letter
        except smtplib.SMTPResponseException as error:
            raise NotSent(f"smtp-{error.smtp_code}", may_pass=error.smtp_code < _FIRST_OF_LASTING) from None
        except smtplib.SMTPNotSupportedError as error:
            raise NotSent(type(error).__name__, may_pass=False) from None
        except OSError as error:  # all others of smtplib's are
            raise NotSent(type(error).__name__, may_pass=True) from None
        except ValueError as error:
            raise NotSent(type(error).__name__, may_pass=False) from None

    def _connected(self) -> smtplib.SMTP:
        at = self._server
        if at.security == TLS:
            return smtplib.SMTP_SSL(at.host, at.port, timeout=at.timeout_seconds, context=self._trusted)
        connection = smtplib.SMTP(at.host, at.port, timeout=at.timeout_seconds)
        if at.security == STARTTLS:
            try:
                connection.starttls(context=self._trusted)
            except BaseException:
                connection.close()
                raise
        return connection

    def _message(self, address: str, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = (
            self._server.sender,
            Address(addr_spec=address),
            letter.subject,
        )
        message["Date"] = format_datetime(self._clock())
        message["Message-ID"] = f"<{letter.id}@{self._server.sender.rpartition('@')[2].rstrip('>')}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        return message
