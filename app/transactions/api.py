"""The routes of all wings of this room, for the factory."""

from __future__ import annotations

from app.transactions import metrics
from app.transactions.bills.api import bills
from app.transactions.codes.api import member_codes
from app.transactions.replays.publish_api import publishing
from app.transactions.sales.api import transactions

ROOMS = (transactions, publishing, member_codes, bills)
transactions.after_request(metrics.count_sale)
