"""A bill paid partly with points, by the code on the member's phone: 扫会员码，用积分抵扣。

QUANTONG_BASE_URL=… QUANTONG_API_KEY=… STORE_ID=… python spend_points.py <member code> <fen> <points>
"""

from __future__ import annotations

import os
import sys
from typing import Any
from uuid import uuid4

from merchant_sdk import Client, QuantongError


def main() -> None:
    """Resolves the code, shows what the bill would come to, and reports it."""
    code, amount, points = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    store_id = os.environ["STORE_ID"]
    with Client(os.environ["QUANTONG_API_KEY"], os.environ["QUANTONG_BASE_URL"]) as client:
        try:
            here = client.members.resolve(code, store_id=store_id)
            print(f"{here.member.masked_name or 'a member'} has {here.member.points} points")
            sale: dict[str, Any] = {
                "reference": f"demo-{uuid4().hex}",  # in a shop: the number of the receipt
                "store_id": store_id,
                "presence_token": here.presence_token,
                "amount": amount,
                "points_to_spend": points,
            }
            quote = client.transactions.quote(**sale)
            print(f"{quote.points_spent} points take off {quote.points_amount / 100:.2f}; the customer says yes")
            done = client.transactions.report(**sale)
        except QuantongError as error:  # too few points, a limit, a lock: nothing was spent
            sys.exit(f"not spent: {error}")
    print(f"to pay {done.paid_amount / 100:.2f} {done.currency}, earned {done.points_earned} points")


if __name__ == "__main__":
    main()
