"""A receipt: whoever has it takes the points of its sale, and joins on the way."""

from __future__ import annotations

from urllib.parse import urlencode

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.limits.callers import network_print
from app.foundation.keyring import digest_of
from app.foundation.problems import NotFound
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage
from app.shopper.door import home, shopper
from app.shopper.joining import claim_receipt
from app.transactions.claims.guessing import one_secret
from app.transactions.sales import queries as sales
from app.transactions.sales.claims import is_open


@shopper.page("/receipt/<secret>", signed_in=False)
def receipt(uow: UnitOfWork, visit: Visit, secret: str, **_: str) -> Handed:
    """What stands on the receipt, and the way to its points."""
    with one_secret(network_print()):
        record = sales.sale_to_claim(uow, digest_of(secret), visit.principal.id)
        if record is None:
            raise NotFound
    shop = districts.shop_of_code(uow, record.store_id)
    values = {
        "secret": secret,
        "sale": record,
        "shop": shop,
        "is_mine": record.member_id is not None,
        "is_open": is_open(record, uow.now),
        "join": f"{home(visit.path)}/join?{urlencode({'receipt': secret, 'store': shop.code if shop else ''})}",
    }
    return WebPage("shopper/receipt.html", values)


@shopper.page("/claim/<secret>", signed_in=False)
def receipt_of_link(uow: UnitOfWork, visit: Visit, secret: str, **_: str) -> Handed:
    """What the link that is printed on receipts leads to."""
    return Go(f"{home(visit.path)}/receipt/{secret}")


@shopper.act("/receipt/<secret>", again=receipt, own_transaction=True)
def claim(visit: Visit, secret: str, **_: str) -> Handed:
    """Claim the points."""
    claim_receipt(visit.principal, secret)
    return Go(f"{home(visit.path)}/points?told=claimed")
