"""What must hold of evidence: nothing that a hash has taken in was changed, and it takes in all that there is."""

from __future__ import annotations

from app.foundation.checks import Check

_SEALED = "SELECT count(*) FROM settlement_periods WHERE district_id = %(district)s AND hash IS NOT NULL"

CHECKS = (
    Check(
        "closed periods hang together: each hash is that of the one before, and of what the period was",
        _SEALED,
        """
        WITH chain AS (
            SELECT p.*, lag(p.hash, 1, decode(repeat('00', 32), 'hex')) OVER (ORDER BY p.number) AS before
            FROM settlement_periods AS p WHERE p.district_id = %(district)s AND p.status = 'closed'
        ), told AS (
            SELECT c.id, c.content::jsonb AS content, encode(c.hash, 'hex') AS hash,
                   encode(sha256(c.before || convert_to(c.content, 'UTF8')), 'hex') AS due,
                   c.previous_hash IS NOT DISTINCT FROM c.before AS follows, jsonb_build_object(
                       'number', c.number, 'starts_on', c.starts_on, 'ends_on', c.ends_on, 'tree', encode(c.tree, 'hex'),
                       'statements', (SELECT count(*) FROM statement_leaves AS l
                                      WHERE l.district_id = %(district)s AND l.period_id = c.id),
                       'terms', (
                           SELECT jsonb_agg(jsonb_build_object(
                               'version', v.version,
                               'starts_at', to_char(v.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                               'issue_price', trim_scale(v.issue_price)::text,
                               'redemption_price', trim_scale(v.redemption_price)::text,
                               'breakage_share', v.breakage_share, 'own_points', v.own_points) ORDER BY v.version)
                           FROM settlement_terms AS v
                           WHERE v.district_id = %(district)s AND (v.version = 1 OR v.starts_at < c.ends_at)
                       )) AS is_so
            FROM chain AS c WHERE c.hash IS NOT NULL
        )
        SELECT 'period ' || id, hash || ' ' || content, coalesce(due, 'nothing') || ' ' || is_so FROM told
        WHERE hash IS DISTINCT FROM due OR NOT follows OR content <> is_so
        """,
    ),
    Check(
        "the tree of each closed period is that of its statements",
        _SEALED,
        """
        WITH RECURSIVE level AS (
            SELECT l.period_id, l.place, sha256('\\x00' || convert_to(l.content, 'UTF8')) AS digest,
                   count(*) OVER (PARTITION BY l.period_id) AS size
            FROM statement_leaves AS l WHERE l.district_id = %(district)s
            UNION ALL
            SELECT b.period_id, b.place / 2, CASE WHEN b.beside IS NULL THEN b.digest
                   ELSE sha256('\\x01' || b.digest || b.beside) END, (b.size + 1) / 2
            FROM (
                SELECT v.*, lead(v.digest) OVER (PARTITION BY v.period_id ORDER BY v.place) AS beside FROM level AS v
                WHERE v.size > 1
            ) AS b WHERE b.place %% 2 = 0
        )
        SELECT 'period ' || p.id, encode(p.tree, 'hex'), coalesce(encode(r.digest, 'hex'), 'nothing')
        FROM settlement_periods AS p
        LEFT JOIN level AS r ON r.period_id = p.id AND r.size = 1 AND r.place = 0
        WHERE p.district_id = %(district)s AND p.hash IS NOT NULL
          AND p.tree <> coalesce(r.digest, sha256(''))
        """,
    ),
    Check(
        "what was taken in of statements is what they come to",
        "SELECT count(*) FROM statement_leaves WHERE district_id = %(district)s",
        """
        WITH stand AS (
            SELECT s.id, concat_ws(' ', s.opening, s.net_position, s.payments, s.closing) AS told FROM statements AS s
            JOIN settlement_periods AS p ON p.district_id = s.district_id AND p.id = s.period_id
            WHERE s.district_id = %(district)s AND p.hash IS NOT NULL
        ), leaves AS (
            SELECT l.statement_id, concat_ws(' ', l.content::jsonb ->> 'opening', l.content::jsonb ->> 'net_position',
                   l.content::jsonb ->> 'payments', l.content::jsonb ->> 'closing') AS told
            FROM statement_leaves AS l WHERE l.district_id = %(district)s
        )
        SELECT 'statement ' || coalesce(s.id, l.statement_id), coalesce(l.told, 'nothing'), coalesce(s.told, 'nothing')
        FROM stand AS s FULL JOIN leaves AS l ON l.statement_id = s.id WHERE s.told IS DISTINCT FROM l.told
        """,
    ),
)
