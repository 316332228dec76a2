"""What must hold between read models and the books."""

from __future__ import annotations

from app.foundation.checks import Check
from app.transactions.moves import COUNTED, TOTALS, WAITING_MOVES

_ROW = ", ".join(TOTALS)
_SHOWN = "concat_ws(' ', " + ", ".join(f"coalesce({{row}}.{name}, 0)" for name in TOTALS) + ")"
CHECKS = (
    Check(
        "what is kept of stores' hours, with what nobody has taken yet, is what sales and refunds say",
        "SELECT count(*) FROM store_hours WHERE district_id = %(district)s",
        f"""
        WITH told AS (
            SELECT store_id, day, hour, {", ".join(f"sum({name})::bigint AS {name}" for name in TOTALS)} FROM (
                SELECT store_id, day, hour, {_ROW} FROM store_hours WHERE district_id = %(district)s
                UNION ALL {WAITING_MOVES}
            ) AS t GROUP BY store_id, day, hour
        ), sold AS (
            SELECT store_id, day, hour, {", ".join(f"sum({name})::bigint AS {name}" for name in TOTALS)}
            FROM ({COUNTED}) AS s GROUP BY store_id, day, hour
        ), shown AS (
            SELECT coalesce(t.store_id, s.store_id) AS store_id, coalesce(t.day, s.day) AS day, coalesce(t.hour, s.hour) AS hour,
                   {_SHOWN.format(row="t")} AS told, {_SHOWN.format(row="s")} AS sold
            FROM told AS t FULL JOIN sold AS s ON s.store_id = t.store_id AND s.day = t.day AND s.hour = t.hour
        )
        SELECT 'store ' || store_id || ' ' || day || ' ' || hour, told, sold FROM shown
        WHERE told <> sold AND EXISTS (SELECT FROM read_models WHERE district_id = %(district)s)
        """,
    ),
)
