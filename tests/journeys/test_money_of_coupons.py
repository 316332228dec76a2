"""What funders owe for coupons stands in the ledger, whatever becomes of the sale; also where it stood before the ledger knew."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType, SimpleNamespace

import psycopg
import pytest

from app.coupons.redeeming.checks import CHECKS
from tests.factories.books import broken
from tests.factories.coupons import claim, new_campaign, redeem, roll_back
from tests.factories.districts import District, new_shop
from tests.factories.refunds import give_back
from tests.house.test_migrations import FOLDER

pytestmark = pytest.mark.usefixtures("context")
OWED = """
    SELECT a.kind, a.owner_id = %(district)s::uuid,
           sum(CASE WHEN t.debit_account_id = a.id THEN -t.amount ELSE t.amount END)::bigint
    FROM accounts AS a JOIN transfers AS t ON t.district_id = a.district_id AND a.id IN (t.debit_account_id, t.credit_account_id)
    WHERE a.district_id = %(district)s AND a.asset = 'money' GROUP BY 1, 2 ORDER BY 1, 2
"""


def migration() -> ModuleType:
    [path] = FOLDER.glob("*_money_of_coupons.py")
    spec = spec_from_file_location("money_of_coupons", path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_coupon_of_three_funders_is_owed_given_back_and_posted_anew(
    district: District, superuser: psycopg.Connection
) -> None:
    """1001 by 34/33/33 with a sponsor; 500 of it comes back; one that is rolled back leaves nothing."""
    sponsor, member = new_shop(district.api, district.key, "C303"), district.member()
    funding = {"district": 34, "merchant": 33, "government": 33}
    terms = {"amount_off": 1_001, "min_amount": 0, "funding": funding, "sponsor_merchant_id": sponsor.merchant_id}
    campaigns = [new_campaign(district, **terms)["id"], new_campaign(district)["id"]]
    codes = [claim(district, campaign, member).ok(201)["code"] for campaign in campaigns]
    sale = district.report(
        member_id=member, amount=2_002, coupons=codes[:1], eligible_amount=0, payment_reference="4200001"
    ).ok(201)
    values = {"district": district.id[-32:]}
    whole = [("coupon_funding", False, -330), ("coupon_funding", True, -341), ("coupon_redeemed", False, 1_001)]
    assert superuser.execute(OWED, values).fetchall() == [*whole, ("public_funding", True, -330)]
    redeemed = redeem(district, codes[1]).ok(201)
    roll_back(district, redeemed["id"]).ok(200)
    give_back(district, sale["id"], 1_000)
    left = [("coupon_funding", False, -165), ("coupon_funding", True, -171), ("coupon_redeemed", False, 501)]
    assert superuser.execute(OWED, values).fetchall() == [*left, ("public_funding", True, -165)]
    assert broken(district.id) == {}
    with superuser.transaction(force_rollback=True):
        superuser.execute(
            "DELETE FROM journals AS j WHERE EXISTS (SELECT FROM transfers AS t "
            "WHERE t.district_id = j.district_id AND t.journal_id = j.id AND t.asset = 'money')"
        )
        superuser.execute("DELETE FROM transfers WHERE asset = 'money'")
        superuser.execute("DELETE FROM accounts WHERE asset = 'money'")
        posting = migration()
        posting.op = SimpleNamespace(execute=superuser.execute)  # type: ignore[attr-defined]
        posting.upgrade()
        assert superuser.execute(OWED, values).fetchall() == [*left, ("public_funding", True, -165)]
        [check] = [one for one in CHECKS if one.name.startswith("what funders owe")]
        assert superuser.execute(check.broken.encode(), values).fetchall() == []
