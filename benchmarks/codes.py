"""What it costs to know who stands at the till: sales by member code and by token, against sales that name a member id."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from app.foundation.keyring import Keyring
from app.members.codes.presence_tokens import LASTS, Presence, token_of
from app.members.codes.rules import make_code, new_secret, secret_text
from benchmarks import load, sales
from benchmarks.load import post
from benchmarks.stage import Stage

FLOOR = 0.4
"""Of a sale by id; to resolve and report takes two requests, so 0.5 would be free of charge."""
Run = Callable[..., load.Result]


class Phones:
    """The phones of some members, each with its key. A code is shown once, so members take turns."""

    def __init__(self, ready: Stage) -> None:
        self._ready = ready
        names = ("ENCRYPTION_KEYS", "INDEX_KEYS", "SIGNING_KEYS")
        self._keyring = Keyring(**{name.lower(): ready.env[name] for name in names})
        self._secrets = {member_id: new_secret() for member_id in ready.member_ids}
        self._stores = itertools.cycle(ready.store_ids)
        self._turns = itertools.cycle(self._secrets)
        self._numbers = self._furnish()

    def _furnish(self) -> dict[str, str]:
        """Puts the keys straight into the table, and reads the members' numbers."""
        copying = "COPY member_code_keys (district_id, member_id, version, secret, started_at) FROM STDIN"
        with self._ready.superuser() as connection:
            with connection.cursor() as cursor, cursor.copy(copying) as copy:
                for member_id, secret in self._secrets.items():
                    sealed = self._keyring.seal(secret_text(secret), bound_to=f"{member_id}/code-key")
                    copy.write_row((self._ready.district, member_id[-32:], 1, sealed, datetime.now(UTC)))
            connection.execute("VACUUM (ANALYZE) member_code_keys, member_code_uses")
            rows = connection.execute("SELECT id, number FROM members").fetchall()
        return {f"mem_{member.hex}": number for member, number in rows}

    def by_code(self) -> Iterator[bytes]:
        """Sales whose buyers show the code of this minute."""
        for member_id in self._turns:
            yield self._sale(member_code=self._code(member_id), store_id=next(self._stores))

    def by_token(self) -> Iterator[bytes]:
        """Sales with the tokens of codes that were resolved before."""
        for member_id in self._turns:
            store_id = next(self._stores)
            presence = Presence(member_id, store_id, datetime.now(UTC) + LASTS - timedelta(seconds=1))
            token = token_of(self._keyring, self._ready.district_id, presence)
            yield self._sale(presence_token=token, store_id=store_id)

    def resolving(self) -> Iterator[bytes]:
        """Codes that tills resolve."""
        for member_id in self._turns:
            body = {"code": self._code(member_id), "store_id": next(self._stores)}
            yield post("/v1/member-codes/resolve", self._ready.key, json.dumps(body).encode())

    def _code(self, member_id: str) -> str:
        return make_code(self._numbers[member_id], self._secrets[member_id], datetime.now(UTC))

    def _sale(self, **named: str) -> bytes:
        sale = {**sales.new_sale(), **named}
        return post("/v1/transactions", self._ready.key, json.dumps(sale).encode(), f"key-{sale['reference']}")


def measure(ready: Stage, phones: Phones, run: Run) -> None:
    """Prints sales a second each way, and the ratios to those that name an id."""
    named = run(sales.singles(ready))
    by_code, by_token = run(phones.by_code()), run(phones.by_token())
    resolved = run(phones.resolving(), status=b"200")
    both = 1 / (1 / resolved.per_second + 1 / by_token.per_second)
    for name, per_second, result in (
        ("a sale that names a member id", named.per_second, named),
        ("a sale with a member code", by_code.per_second, by_code),
        ("a sale with a presence token", by_token.per_second, by_token),
        ("a code resolved", resolved.per_second, resolved),
        ("resolve, and report with the token", both, None),
    ):
        times = f"p50 {result.percentile(50):6.1f} ms  p99 {result.percentile(99):6.1f} ms" if result else " " * 30
        floor = f" (floor {FLOOR})" if result is None else ""
        print(
            f"{name:<38}{per_second:>9,.0f}/s  {times}  ratio {per_second / named.per_second:5.2f}{floor}", flush=True
        )
