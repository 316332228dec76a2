"""States of exports, and how long they are kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from app.foundation.files.tables import CSV
from app.foundation.files.workbooks import XLSX

Format = Literal["csv", "xlsx", "beancount", "hledger"]
TABLES: tuple[Format, ...] = ("csv", "xlsx")
BOOKS: tuple[Format, ...] = ("beancount", "hledger")
FORMATS = (*TABLES, *BOOKS)
TEXT = "text/plain; charset=utf-8"
MEDIA_TYPES: Mapping[str, str] = {"csv": CSV, "xlsx": XLSX, "beancount": TEXT, "hledger": TEXT}
STATES = ("queued", "running", "done", "failed", "cancelled", "expired")
AT_WORK = ("queued", "running")
KEPT = timedelta(days=7)
"""For so long a file can be downloaded."""
DEAD_AFTER = timedelta(minutes=2)
"""An export of which nothing was told for this long has lost its job, and gets another one."""
ROWS_A_PAGE = 500
PIECE_BYTES = 256 << 10
