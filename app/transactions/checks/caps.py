"""What must hold between sales and the use of rules that are capped: each is counted, once."""

from __future__ import annotations

from app.foundation.checks import Check
from app.points.caps.usage import EVER
from app.transactions.local_days import LOCAL_DAY, WITH_SHIFT

_CAPPED = """
    SELECT DISTINCT r.value ->> 'key' AS key, c.cap
    FROM rule_sets AS s CROSS JOIN LATERAL jsonb_array_elements(s.rules) AS r
    CROSS JOIN LATERAL jsonb_object_keys(coalesce(r.value -> 'caps', '{}')) AS c (cap)
    WHERE s.district_id = %(district)s AND s.version IS NOT NULL
"""
_GIVEN = f"""
    SELECT t.member_id, {LOCAL_DAY} AS day, o.value ->> 0 AS key,
           sum((o.value ->> 1)::bigint) AS points
    FROM transactions AS t {WITH_SHIFT}
    CROSS JOIN LATERAL jsonb_array_elements(t.outcomes) AS o
    WHERE t.district_id = %(district)s AND t.member_id IS NOT NULL AND (o.value ->> 1)::bigint > 0
    GROUP BY t.member_id, day, key
"""
CHECKS = (
    Check(
        "what members had by capped rules is what their sales gave",
        "SELECT count(*) FROM rule_usage WHERE district_id = %(district)s",
        f"""
        WITH capped AS ({_CAPPED}), given AS ({_GIVEN}), counted AS (
            SELECT g.member_id, g.day, g.key, g.points FROM given AS g
            JOIN capped AS c ON c.key = g.key AND c.cap = 'per_member_per_day'
            UNION ALL
            SELECT g.member_id, date '{EVER.isoformat()}', g.key, sum(g.points) FROM given AS g
            JOIN capped AS c ON c.key = g.key AND c.cap = 'per_member_total' GROUP BY g.member_id, g.key
        ), kept AS (
            SELECT u.member_id, u.day, p.key, p.value::bigint AS points
            FROM rule_usage AS u CROSS JOIN LATERAL jsonb_each_text(u.points) AS p WHERE u.district_id = %(district)s
        )
        SELECT 'member ' || coalesce(k.member_id, c.member_id) || ' ' || coalesce(k.key, c.key) || ' '
                   || coalesce(k.day, c.day),
               coalesce(k.points, 0)::text, coalesce(c.points, 0)::text
        FROM kept AS k FULL JOIN counted AS c ON c.member_id = k.member_id AND c.day = k.day AND c.key = k.key
        WHERE k.points IS DISTINCT FROM c.points
        """,
    ),
    Check(
        "what is spent of each budget is what sales were given",
        "SELECT count(*) FROM rule_budgets WHERE district_id = %(district)s",
        f"""
        WITH capped AS ({_CAPPED}), counted AS (
            SELECT g.key, sum(g.points) AS points FROM ({_GIVEN}) AS g GROUP BY g.key
        ), kept AS (
            SELECT rule_key AS key, sum(spent) AS points FROM rule_budgets WHERE district_id = %(district)s GROUP BY rule_key
        )
        SELECT 'rule ' || coalesce(k.key, w.key), coalesce(k.points::text, 'no budget'), coalesce(c.points, 0)::text
        FROM kept AS k FULL JOIN (SELECT key FROM capped WHERE cap = 'budget') AS w ON w.key = k.key
        LEFT JOIN counted AS c ON c.key = coalesce(k.key, w.key)
        WHERE k.points IS DISTINCT FROM coalesce(c.points, 0)
        """,
    ),
    Check(
        "no more of a budget is dealt out than there is",
        "SELECT count(*) FROM rule_budgets WHERE district_id = %(district)s",
        """
        SELECT 'rule ' || rule_key, sum(allotted)::text, greatest(max(budget), sum(spent))::text
        FROM rule_budgets WHERE district_id = %(district)s
        GROUP BY rule_key
        HAVING (bool_and(budget IS NOT NULL) AND sum(allotted) > greatest(max(budget), sum(spent)))
            OR count(DISTINCT coalesce(budget, -1)) > 1
        """,
    ),
)
