"""Table of batches."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class PaymentBatch(Base):
    """Payments of a period in one file for a bank. `content` is the file, sealed, `sha256` its digest; `told` what stands in it, sealed,

    by payment with the number of its attempt. The file holds account numbers, and is shown to nobody but who downloads it.
    """

    __tablename__ = "payment_batches"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("bat"), primary_key=True)
    period_id: Mapped[str] = mapped_column(PublicId("per"))
    direction: Mapped[str] = mapped_column(Text)
    profile: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    amount: Mapped[int]
    sha256: Mapped[bytes]
    content: Mapped[bytes]
    told: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(Instant)
