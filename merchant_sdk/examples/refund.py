"""Gives back a sale, or part of it, whether the network is up or not: 退款，断网也能退。

QUANTONG_BASE_URL=… QUANTONG_API_KEY=… python refund.py <reference of the sale> <fen> [reason]
"""

from __future__ import annotations

import os
import sys
from typing import Any

from merchant_sdk import Client, KeptItem, OfflineQueue, RefundResult


def tell(item: KeptItem, result: Any) -> None:
    """Tells what a refund did, once the server has it."""
    if isinstance(result, RefundResult) and result.refund is not None:
        back = result.refund
        print(f"{item.reference}: {back.money_amount / 100:.2f} {back.currency} of money to give back")
        print(f"  points taken back: {back.points_reversed}, of these owed: {back.points_owed}")
        print(f"  spent points that come back: {back.points_restored}")


def main() -> None:
    """Keeps the refund on the disk, then tries to send it."""
    sale_reference, amount = sys.argv[1], int(sys.argv[2])
    reason = sys.argv[3] if len(sys.argv) > 3 else None
    with (
        Client(os.environ["QUANTONG_API_KEY"], os.environ["QUANTONG_BASE_URL"]) as client,
        OfflineQueue(os.environ.get("QUEUE", "queue.db"), client, on_sent=tell) as queue,
    ):
        # In a shop: give a `reference` of your own, so that asking twice gives back once.
        queue.refund(transaction_reference=sale_reference, amount=amount, reason=reason)
        report = queue.send()
        for refused in queue.rejected():
            print(f"refused {refused.reference}: {refused.error}")
        print(f"{report.waiting} waiting" + (f" ({report.error})" if report.error else ""))


if __name__ == "__main__":
    main()
