"""Exports as they are answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from merchant_sdk._answers.reading import INSTANT, Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Export(Answer):
    """A list as a file. `status`: `queued`, `running`, `done` (until `expires_at`), `failed`, `cancelled`, `expired`."""

    id: str
    list: str
    format: str
    filter: Mapping[str, str] = field(default_factory=dict, hash=False)
    status: str
    rows: int = 0
    size_bytes: int = 0
    downloads: int = 0
    download_path: str | None = None
    created_at: datetime = field(metadata=INSTANT)
    finished_at: datetime | None = field(default=None, metadata=INSTANT)
    expires_at: datetime | None = field(default=None, metadata=INSTANT)
