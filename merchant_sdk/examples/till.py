"""A till that sells whether the network is up or not: 收银机，断网也能卖。

QUANTONG_BASE_URL=… QUANTONG_API_KEY=… python till.py [sales to make, default 3]
"""

from __future__ import annotations

import os
import sys

from merchant_sdk import BatchResult, Client, KeptItem, OfflineQueue, RefundResult


def tell(line: str) -> None:
    """Prints a line in one go: two threads print here."""
    sys.stdout.write(f"{line}\n")


def points_arrived(item: KeptItem, result: BatchResult | RefundResult) -> None:
    """Tells of each sale that the server has, and of each refund that `refund.py` has kept in the same file."""
    if isinstance(result, RefundResult):
        points = -result.refund.points_reversed if result.refund else 0
    else:
        points = result.transaction.points_earned if result.transaction else 0
    tell(f"{item.reference}: {points} points")


def main() -> None:
    """Sells, and leaves when nothing waits any more or the server can't be reached."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with (
        Client(os.environ["QUANTONG_API_KEY"], os.environ["QUANTONG_BASE_URL"]) as client,
        OfflineQueue(os.environ.get("QUEUE", "queue.db"), client, on_sent=points_arrived) as queue,
    ):
        with queue.sending(every_seconds=5):
            for number in range(1, count + 1):
                item = queue.report(amount=1000 * number, store_code=os.environ["STORE_CODE"], payment_method="cash")
                tell(f"sold {item.reference}")  # it is on the disk now
        report = queue.send()
        for refused in queue.rejected():
            tell(f"refused {refused.reference}: {refused.error}")
        tell(f"{report.waiting} waiting" + (f" ({report.error})" if report.error else ""))


if __name__ == "__main__":
    main()
