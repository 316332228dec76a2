"""What any way of sending text messages offers."""

from __future__ import annotations

from typing import Protocol


class NotSent(Exception):
    """A message that nobody took. `code` is the provider's, or a word of ours; `may_pass`: whether a second try may help.

    The text never quotes the phone or the message.
    """

    def __init__(self, code: str, *, may_pass: bool) -> None:
        super().__init__(code)
        self.code = code
        self.may_pass = may_pass


class Sms(Protocol):
    """A way to send sign-in codes and notices. Safe for threads."""

    def send_code(self, phone: str, code: str) -> None:
        """Sends a code to an E.164 phone. Raises NotSent. A message sent twice does no harm."""

    def send_notice(self, phone: str, changes_on: str) -> None:
        """Tells a phone on which local day (`2026-12-31`) it ceases to be its member's. Raises NotSent."""

    def send_account_notice(self, phone: str) -> None:
        """Tells somebody of staff that others have changed how it signs in. Raises NotSent."""
