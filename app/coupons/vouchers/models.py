"""Tables of evidence."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId
from app.foundation.figures.chains import BEFORE_ALL


class EvidenceRow(Base):
    """What was done with a government voucher: redeemed, reviewed, refunded. Only its place in the chain comes later.

    `content` is the row as the authority gets it, canonical JSON; its three amounts are negative in refunds and 0 in
    reviews. `number` from 1 and `digest` are None until the chain of its campaign has it. For screening a redemption has its
    `till` (the key that reported it), shop, member, local day, and whether its bill was just at the minimum.
    """

    __tablename__ = "evidence"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("evi"), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(PublicId("cam"))
    redemption_id: Mapped[str] = mapped_column(PublicId("red"))
    kind: Mapped[str] = mapped_column(Text)
    content: Mapped[str] = mapped_column(Text)
    amount: Mapped[int]
    discount_amount: Mapped[int]
    government_amount: Mapped[int]
    till: Mapped[str | None] = mapped_column(PublicId("key"))
    store_id: Mapped[str | None] = mapped_column(PublicId("str"))
    member_id: Mapped[str | None] = mapped_column(PublicId("mem"))
    day: Mapped[date | None]
    is_at_minimum: Mapped[bool | None]
    number: Mapped[int | None]
    digest: Mapped[bytes | None]


class EvidenceChain(Base):
    """Where the chain of a campaign ends: how many rows it has, the last digest, and the sums of its amounts."""

    __tablename__ = "evidence_chains"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(PublicId("cam"), primary_key=True)
    rows: Mapped[int] = mapped_column(default=0)
    digest: Mapped[bytes] = mapped_column(default=BEFORE_ALL)
    amount: Mapped[int] = mapped_column(default=0)
    discount_amount: Mapped[int] = mapped_column(default=0)
    government_amount: Mapped[int] = mapped_column(default=0)
