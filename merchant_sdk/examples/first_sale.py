"""One sale of a member, and why it earned what it earned: 第一笔交易。

QUANTONG_BASE_URL=… QUANTONG_API_KEY=… STORE_CODE=… python first_sale.py 13800000000
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from uuid import uuid4

from merchant_sdk import Client, ValidationError

CONSENT = {"controller": "district", "purpose": "membership", "version": "2026-01"}


def main() -> None:
    """Enrols the phone, reports a sale, and shows the points."""
    phone = sys.argv[1]
    with Client(os.environ["QUANTONG_API_KEY"], os.environ["QUANTONG_BASE_URL"]) as client:
        try:
            member = client.members.enrol(phone, consents=[CONSENT])
        except ValidationError as error:
            sys.exit(f"{phone}: {error}")
        sale = client.transactions.report(
            reference=f"demo-{uuid4().hex}",  # in a shop: the number of the receipt
            store_code=os.environ["STORE_CODE"],
            member_id=member.id,
            amount=12800,
            occurred_at=datetime.now(UTC),
            payment_method="wechat",
        )
    print(f"{member.masked_phone}: {sale.points_earned} points")
    for rule in sale.explanation:
        print(f"  {rule.name}: {rule.outcome} {rule.points} {rule.why or ''}")


if __name__ == "__main__":
    main()
