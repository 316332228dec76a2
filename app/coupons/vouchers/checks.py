"""What must hold of evidence: every voucher has some, it tells what became of it, and no row of a chain was changed."""

from __future__ import annotations

from app.foundation.checks import Check

_VOUCHERS = """
    SELECT r.* FROM redemptions AS r JOIN campaigns AS c ON c.district_id = r.district_id AND c.id = r.campaign_id
    WHERE r.district_id = %(district)s AND (c.terms -> 'funding' ->> 'government')::integer > 0
"""
_TOLD = """
    SELECT redemption_id, sum(discount_amount)::bigint AS discount, sum(government_amount)::bigint AS government,
           (array_agg(content::jsonb ->> 'state' ORDER BY id DESC))[1] AS state,
           (array_agg(content::jsonb -> 'reasons' ORDER BY id DESC))[1] AS reasons
    FROM evidence WHERE district_id = %(district)s GROUP BY redemption_id
"""
_LINKED = "SELECT count(*) FROM evidence WHERE district_id = %(district)s AND number IS NOT NULL"

CHECKS = (
    Check(
        "evidence tells what became of each government voucher",
        f"SELECT count(*) FROM ({_VOUCHERS}) AS v",
        f"""
        WITH vouchers AS ({_VOUCHERS}), told AS ({_TOLD}), both_of AS (
            SELECT coalesce(v.id, t.redemption_id) AS id,
                   CASE WHEN t.redemption_id IS NOT NULL
                        THEN concat_ws(' ', t.discount, t.government, t.state, t.reasons) END AS told,
                   CASE WHEN v.id IS NOT NULL
                        THEN concat_ws(' ', v.discount_amount - v.discount_returned, v.government_part, v.state, v.reasons)
                   END AS is_so
            FROM vouchers AS v FULL JOIN told AS t ON t.redemption_id = v.id
        )
        SELECT 'redemption ' || id, coalesce(told, 'nothing'), coalesce(is_so, 'nothing') FROM both_of
        WHERE told IS DISTINCT FROM is_so
        """,
    ),
    Check(
        "rows of evidence hang together: each digest is that of the one before and its row, and none is missing",
        _LINKED,
        """
        WITH linked AS (
            SELECT campaign_id, number, digest,
                   sha256(lag(digest, 1, decode(repeat('00', 32), 'hex')) OVER chain || convert_to(content, 'UTF8')) AS due,
                   row_number() OVER chain AS place
            FROM evidence WHERE district_id = %(district)s AND number IS NOT NULL
            WINDOW chain AS (PARTITION BY campaign_id ORDER BY number)
        )
        SELECT 'evidence ' || number || ' of campaign ' || campaign_id, number || ' ' || encode(digest, 'hex'),
               place || ' ' || encode(due, 'hex')
        FROM linked WHERE digest <> due OR number <> place
        """,
    ),
    Check(
        "each chain ends where it says, with the sums of its rows",
        "SELECT count(*) FROM evidence_chains WHERE district_id = %(district)s",
        """
        WITH sums AS (
            SELECT campaign_id, concat_ws(' ', count(*), sum(amount), sum(discount_amount), sum(government_amount),
                   encode((array_agg(digest ORDER BY number DESC))[1], 'hex')) AS told
            FROM evidence WHERE district_id = %(district)s AND number IS NOT NULL GROUP BY campaign_id
        ), ends AS (
            SELECT campaign_id, rows, concat_ws(' ', rows, amount, discount_amount, government_amount,
                   encode(digest, 'hex')) AS told
            FROM evidence_chains WHERE district_id = %(district)s
        )
        SELECT 'campaign ' || coalesce(e.campaign_id, s.campaign_id), coalesce(e.told, 'nothing'),
               coalesce(s.told, 'nothing')
        FROM ends AS e FULL JOIN sums AS s ON s.campaign_id = e.campaign_id
        WHERE e.told IS DISTINCT FROM s.told AND NOT (s.told IS NULL AND e.rows = 0)
        """,
    ),
    Check(
        "rows of evidence hold the amounts that they tell",
        "SELECT count(*) FROM evidence WHERE district_id = %(district)s",
        """
        WITH told AS (
            SELECT id, concat_ws(' ', kind, amount, discount_amount, government_amount) AS kept,
                   concat_ws(' ', content::jsonb ->> 'kind', content::jsonb ->> 'amount',
                             content::jsonb ->> 'discount_amount', content::jsonb ->> 'government_amount') AS told
            FROM evidence WHERE district_id = %(district)s
        )
        SELECT 'evidence ' || id, kept, told FROM told WHERE kept <> told
        """,
    ),
)
