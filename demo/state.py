"""What the demo remembers between runs, so that it continues where it stopped and repeats the same bodies."""

from __future__ import annotations

import json
import secrets
import tempfile
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any


class StateError(ValueError):
    """The file in which the demo remembers what it did is damaged."""


@dataclass(slots=True)
class State:
    """Secrets and ids by the demo's own codes; `coupons` are the codes that purchases use, by their lines, and `handed`
    names what was handed out already.

    `token` starts the idempotency keys of calls that answer secrets; after a crash between the server's
    commit and ours, the same secret comes again for as long as the server keeps answers (24 h).
    """

    token: str
    started_at: datetime
    slug: str
    day_shift: int
    district_id: str | None = None
    alliance_key: str = ""
    merchants: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    stores: dict[str, str] = field(default_factory=dict)
    members: dict[int, str] = field(default_factory=dict)
    campaigns: dict[str, str] = field(default_factory=dict)
    handed: list[str] = field(default_factory=list)
    coupons: dict[int, str] = field(default_factory=dict)
    sales_sent: dict[str, int] = field(default_factory=dict)
    finished: list[str] = field(default_factory=list)
    staff: list[dict[str, Any]] = field(default_factory=list)
    operators: list[dict[str, Any]] = field(default_factory=list)
    tills: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def fresh(cls, slug: str, day_shift: int, now: datetime) -> State:
        """The state before anything was made; `now` in UTC."""
        return cls(secrets.token_hex(8), now, slug, day_shift)

    @property
    def has_no_coupons(self) -> bool:
        """Whether a version began it whose street had no campaigns: its sales stay as they are."""
        return bool(self.sales_sent) and not self.handed

    def has_finished(self, mode: str) -> bool:
        """Whether everything of a mode was recorded; the full history holds the quick one."""
        return mode in self.finished or "full" in self.finished


def recall(path: Path) -> State | None:
    """The remembered state, or None where there is none. Raises StateError if the file is damaged."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        values = json.loads(text)
        values["started_at"] = datetime.fromisoformat(values["started_at"])
        for name in ("members", "coupons"):
            values[name] = {int(number): one for number, one in values.get(name, {}).items()}
        return State(**values)
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise StateError(f"{path.name} is not a state of the demo; move it away to begin anew") from error


def remember(path: Path, state: State) -> None:
    """Writes the state; after a crash the file holds the old one or the new one, never half of one."""
    write_private(path, {**asdict(state), "started_at": state.started_at.isoformat()})


def write_private(path: Path, value: Any) -> None:
    """Writes JSON that only its owner reads (mode 0600), whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # A named temporary file is made with mode 0600: the secrets are never open to others.
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        temporary = Path(file.name)
        try:
            json.dump(value, file, ensure_ascii=False, indent=1)
        except BaseException:
            temporary.unlink()
            raise
    temporary.replace(path)
