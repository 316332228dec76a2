"""Coupons' money is posted in the ledger: whoever funds a discount owes it to the merchant at whose till it was given.

What stands is posted as it stands: each redemption's parts of what is left of it, at the instant at which it was redeemed.
"""

import hashlib

from alembic import op

revision = "0062"
down_revision = "0061"
KINDS = {
    "districts": ("coupon_funding", "public_funding"),
    "merchants": ("coupon_funding", "coupon_redeemed"),
}


def _account(owner: str, kind: str) -> str:
    """An account's id in SQL: its owner's bits, xor a mask for asset and kind."""
    mask = hashlib.sha256(f"money:{kind}".encode()).hexdigest()[:32]
    halves = (
        f"lpad(to_hex(('x' || substr(o.digits, {start}, 16))::bit(64)::bigint # ('x{mask[start - 1 : start + 15]}')::bit(64)::bigint), 16, '0')"
        for start in (1, 17)
    )
    return f"(SELECT ({' || '.join(halves)})::uuid FROM (SELECT replace({owner}::text, '-', '') AS digits) AS o)"


def upgrade() -> None:
    for table, kinds in KINDS.items():
        district = "t.id" if table == "districts" else "t.district_id"
        for kind in kinds:
            op.execute(f"""
                INSERT INTO accounts (district_id, id, asset, kind, owner_id, created_at)
                SELECT {district}, {_account("t.id", kind)}, 'money', '{kind}', t.id, now() FROM {table} AS t
                ON CONFLICT DO NOTHING
            """)
    parts = f"""
        SELECT r.district_id, r.id, r.principal_id, r.redeemed_at, {_account("r.merchant_id", "coupon_redeemed")} AS redeemed,
               p.place, p.funding, p.amount
        FROM redemptions AS r JOIN campaigns AS c ON c.district_id = r.district_id AND c.id = r.campaign_id
        CROSS JOIN LATERAL (
            SELECT coalesce(right(c.terms ->> 'sponsor_merchant_id', 32)::uuid, r.merchant_id) AS payer_id
        ) AS s
        CROSS JOIN LATERAL (
            VALUES (0, {_account("r.district_id", "coupon_funding")}, r.district_part),
                   (1, {_account("s.payer_id", "coupon_funding")},
                    CASE WHEN s.payer_id = r.merchant_id THEN 0 ELSE r.merchant_part END),
                   (2, {_account("r.district_id", "public_funding")}, r.government_part)
        ) AS p (place, funding, amount)
        WHERE r.state <> 'rejected' AND p.amount > 0
    """
    op.execute(f"""
        INSERT INTO journals (district_id, id, kind, principal_id, occurred_at, recorded_at)
        SELECT DISTINCT p.district_id, p.id, 'redemption', p.principal_id, p.redeemed_at, p.redeemed_at FROM ({parts}) AS p
    """)
    op.execute(f"""
        INSERT INTO transfers (district_id, journal_id, line, asset, debit_account_id, credit_account_id, amount, code, subject_id)
        SELECT p.district_id, p.id, p.place, 'money', p.funding, p.redeemed, p.amount, 'coupon', p.id FROM ({parts}) AS p
    """)
