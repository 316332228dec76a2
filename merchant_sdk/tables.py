"""Tables of tills and back offices as sales or refunds: what the command `quantong-merchant report` reads, for programs.

    plan = plan_of(Path("sales.csv"), SALES, Options(columns={"实收": "amount"}))
    for verdict in plan.judge.verdicts():
        print(verdict.item or verdict.reason)

Each row ends in one verdict: an item as `transactions.report_batch` or `.refund_batch` take it, or a reason. What can't be
read as a table raises TableError, whose words are said in either language by `say`.
"""

from __future__ import annotations

from merchant_sdk._http.wire import encode
from merchant_sdk._tables.cells import Cell, content_of, day_of, id_of, phone_of, text_of
from merchant_sdk._tables.columns import SetAside
from merchant_sdk._tables.headers import plain
from merchant_sdk._tables.judging import Judge, Verdict
from merchant_sdk._tables.layouts import REFUNDS, SALES, Layout
from merchant_sdk._tables.plans import Options, Plan, plan_of
from merchant_sdk._tables.profiles import NO_PROFILE, PROFILES
from merchant_sdk._tables.tables import Table, header_of, open_table
from merchant_sdk._tables.texts import Row
from merchant_sdk._tables.words import Refusal, RowError, TableError

__all__ = [
    "NO_PROFILE",
    "PROFILES",
    "REFUNDS",
    "SALES",
    "Cell",
    "Judge",
    "Layout",
    "Options",
    "Plan",
    "Refusal",
    "Row",
    "RowError",
    "SetAside",
    "Table",
    "TableError",
    "Verdict",
    "content_of",
    "day_of",
    "encode",
    "header_of",
    "id_of",
    "open_table",
    "phone_of",
    "plain",
    "plan_of",
    "text_of",
]
