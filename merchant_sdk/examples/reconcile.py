"""The day's totals beside those of the till: 日终对账。

QUANTONG_BASE_URL=… QUANTONG_API_KEY=… python reconcile.py 2026-01-01 [store id]
"""

from __future__ import annotations

import os
import sys

from merchant_sdk import Client


def main() -> None:
    """Prints count, amounts and points of a day."""
    on, store_id = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    with Client(os.environ["QUANTONG_API_KEY"], os.environ["QUANTONG_BASE_URL"]) as client:
        day = client.transactions.summary(on, store_id)
    print(f"{day.on}: {day.count} sales, {day.amount / 100:.2f} {day.currency}, {day.points_earned} points")


if __name__ == "__main__":
    main()
