"""Tables of exports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class Export(Base):
    """A list as a file, for whoever asked (`actor`): what they may read of it, by a `filter` as its query takes it.

    `attempt`: how often it was begun. `alive_at`: when a job last told how far it is. `downloads`: how often the file was taken.
    """

    __tablename__ = "exports"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("exp"), primary_key=True)
    list: Mapped[str] = mapped_column(Text)
    format: Mapped[str] = mapped_column(Text)
    filter: Mapped[dict[str, str]] = mapped_column(JSONB)
    language: Mapped[str] = mapped_column(Text)
    principal_id: Mapped[str] = mapped_column(PublicId("key"))
    actor: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[str] = mapped_column(Text)
    attempt: Mapped[int] = mapped_column(default=0)
    rows: Mapped[int] = mapped_column(default=0)
    size_bytes: Mapped[int] = mapped_column(default=0)
    downloads: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    alive_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)


class ExportPiece(Base):
    """A piece of an export's file, sealed."""

    __tablename__ = "export_pieces"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    export_id: Mapped[str] = mapped_column(PublicId("exp"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
