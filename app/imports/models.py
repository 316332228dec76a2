"""Tables of imports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class Import(Base):
    """A file whose rows are to be recorded for whoever sent it (`actor`), as its `settings` say.

    `header`: the names of its columns; `fields`: which of them is which field. `starts`: it is recorded once it is read, without
    being looked at. `rows`: all of them, of which `done` have met their end: `recorded` now, `known` before, `refused` or
    `left_out` on purpose. `flaw`: why it can't be read. `kept_until`: then its rows go.
    """

    __tablename__ = "imports"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("imp"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    starts: Mapped[bool]
    attempt: Mapped[int] = mapped_column(default=0)
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    header: Mapped[list[str]] = mapped_column(JSONB, default=list)
    fields: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    flaw: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    actor: Mapped[dict[str, Any]] = mapped_column(JSONB)
    merchant_id: Mapped[str | None] = mapped_column(PublicId("mer"))
    store_id: Mapped[str | None] = mapped_column(PublicId("str"))
    rows: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    recorded: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[int] = mapped_column(default=0)
    undone: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    alive_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    kept_until: Mapped[datetime] = mapped_column(Instant)
    is_forgotten: Mapped[bool] = mapped_column(default=False)


class ImportPiece(Base):
    """A piece of an import's file, sealed."""

    __tablename__ = "import_pieces"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    import_id: Mapped[str] = mapped_column(PublicId("imp"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class ImportRow(Base):
    """What becomes of some `rows` of a file, the first of which is `number`: nearly always of one.

    `status`: `waiting`, `recorded`, `known`, `refused` (for a `reason`), `left-out`, `undone`. `sealed`: the item to be recorded
    and the cells as they were. `made_id`: the sale that it became; or refund, member, store, as its import's kind says.
    """

    __tablename__ = "import_rows"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    import_id: Mapped[str] = mapped_column(PublicId("imp"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    rows: Mapped[int]
    status: Mapped[str] = mapped_column(Text)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    made_id: Mapped[str | None] = mapped_column(PublicId("txn"))
    adjustment_id: Mapped[str | None] = mapped_column(PublicId("adj"))
