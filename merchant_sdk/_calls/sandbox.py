"""`client.test_clock` and `client.test_inbox`: the time of a sandbox, and the codes and notices that it sends to no phone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from merchant_sdk._answers.reading import DAY, INSTANT, Answer, one
from merchant_sdk._calls.pages import Sends
from merchant_sdk._http.errors import UnexpectedAnswer
from merchant_sdk._http.wire import encode_query, given, path

PAUSE_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockProgress(Answer):
    """How many `percent` of the way from `since` are behind."""

    percent: int
    since: datetime | None = field(default=None, metadata={"name": "from", **INSTANT})


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxClock(Answer):
    """What time it is in the sandbox. `status`: `ready`, or `advancing` until `advancing_to`, with its `progress`."""

    now: datetime = field(metadata=INSTANT)
    status: str
    advancing_to: datetime | None = field(default=None, metadata=INSTANT)
    progress: ClockProgress | None = field(default=None, metadata=one(ClockProgress))


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxMessage(Answer):
    """A sign-in code that works still, or a notice (`kind`: `code`, `notice`) to a number that ceases to be a member's.

    `changes_on`: from which day on, in a notice; its times are real ones, not the sandbox's.
    """

    phone: str
    code: str | None = None
    kind: str = "code"
    changes_on: date | None = field(default=None, metadata=DAY)
    sent_at: datetime | None = field(default=None, metadata=INSTANT)
    expires_at: datetime | None = field(default=None, metadata=INSTANT)


class TestClocks:
    """The test clock of a sandbox (`sk_test_…`); a live district has none. Every call raises QuantongError."""

    __test__ = False

    def __init__(self, sender: Sends, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sender = sender
        self._sleep = sleep

    def get(self) -> SandboxClock:
        """What time it is, and how far an advance is."""
        return SandboxClock.read(self._sender.request("GET", path("test-clock")))

    def advance(
        self,
        *,
        seconds: int | None = None,
        to: datetime | str | None = None,
        begin_at: datetime | str | None = None,
        idempotency_key: str | None = None,
    ) -> SandboxClock:
        """Lets the time go forwards, by some seconds or to an instant, up to three years. `wait` until it is there.

        A sandbox that nobody has joined yet may `begin_at` an instant in the past.
        """
        body = given(advance_seconds=seconds, advance_to=to, begin_at=begin_at)
        answer = self._sender.request("POST", path("test-clock"), json=body, idempotency_key=idempotency_key)
        return SandboxClock.read(answer)

    def advance_to(self, instant: datetime | str, *, idempotency_key: str | None = None) -> SandboxClock:
        """Lets the time go forwards to an instant."""
        return self.advance(to=instant, idempotency_key=idempotency_key)

    def wait(self, *, timeout_seconds: float = 300.0) -> SandboxClock:
        """The clock once it is ready: what fell due on the way is done. Raises TimeoutError too."""
        ends_at = time.monotonic() + timeout_seconds
        while (clock := self.get()).status != "ready":
            if time.monotonic() >= ends_at:
                raise TimeoutError(f"the test clock is still on its way to {clock.advancing_to}")
            self._sleep(PAUSE_SECONDS)
        return clock


class TestInbox:
    """Sign-in codes and notices of a sandbox, which are sent to no phone. Every call raises QuantongError."""

    __test__ = False

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def list(self, *, phone: str | None = None) -> Iterator[SandboxMessage]:
        """The newest codes that work still, and notices, newest first; those to one phone, or all."""
        answer = self._sender.request("GET", path("test-inbox"), params=encode_query({"phone": phone}))
        rows = answer.get("data")
        if not isinstance(rows, list):
            raise UnexpectedAnswer("a test inbox without its data")
        yield from [SandboxMessage.read(row) for row in rows]
