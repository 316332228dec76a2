"""`/console/sales`: sales, what became of each and why, and what is given back of it; `/console/refunds`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from app.care.cases.present import page_of_cases
from app.console.around import around
from app.console.door import console, must
from app.console.lists import listing
from app.console.places import HOME
from app.console.registers import finding, shops
from app.console.registers.forms import OwnerForm
from app.coupons.campaigns import queries as campaigns
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.problems import DomainError, NotFound
from app.members import queries as members
from app.pages import readers
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage
from app.transactions import schemas
from app.transactions.claims import services as claims
from app.transactions.refunds import desk
from app.transactions.refunds.present import page_of_refunds
from app.transactions.sales.present import page_of_sales, show_transaction

HERE, REFUNDS, SCOPE, WRITE = f"{HOME}/sales", f"{HOME}/refunds", "transactions:read", "transactions:write"


@console.page("/sales")
def sales(uow: UnitOfWork, visit: Visit) -> Handed:
    """Sales, newest first."""
    must(visit, SCOPE)
    told, known = around(uow), shops.shops(uow)
    days = {"occurred_from": readers.beginning_in(told["zone"]), "occurred_to": readers.end_in(told["zone"])}
    asked = listing(HERE, schemas.TRANSACTIONS, days, exported_as="transactions")
    page = page_of_sales(uow, asked.query)
    values = {
        "listing": asked.showing([one["id"] for one in page["data"]], has_more=page["has_more"]),
        "heads": asked.heads({"when": "occurred_at", "amount": "amount"}),
        "sales": page["data"],
        "numbers": _numbers(uow, visit, page["data"]),
        "shops": known,
        "of_member": asked.query.get("member_id"),
    }
    return WebPage(
        "console/sales.html", {**values, **told, **shops.choices_of(uow, known, asked.query.get("merchant_id"))}
    )


def _numbers(uow: UnitOfWork, visit: Visit, rows: Collection[Mapping[str, Any]]) -> dict[str, str]:
    """The numbers of members whom rows name, by id, for who may read members."""
    if not visit.principal.may("members:read"):
        return {}
    named = {one["member_id"] for one in rows if one["member_id"]}
    return {member: number for member, (number, _) in members.ask_holders(uow, named)().items()}


@console.page("/sales/<txn:transaction_id>")
def sale(uow: UnitOfWork, visit: Visit, transaction_id: str) -> Handed:
    """A sale: how its bill was paid, what it earned and why, what came back of it."""
    must(visit, SCOPE)
    shown = show_transaction(uow, transaction_id)
    refunds = page_of_refunds(uow, {"transaction_id": transaction_id, "limit": 100})["data"]
    may_read = visit.principal.may("members:read")
    named = campaigns.campaigns_by_id(uow, {one["campaign_id"] for one in shown["coupons"]})
    values = {
        "sale": shown,
        "refunds": refunds,
        "left": shown["amount"] - shown["refunded_amount"],
        "next_reference": f"{shown['reference'][:240]}-R{len(refunds) + 1}",
        "cases": page_of_cases(uow, {"transaction_id": transaction_id})["data"] if may_read else [],
        "numbers": _numbers(uow, visit, [shown]),
        "campaign_names": {one: row.terms["name"] for one, row in named.items()},
        "shop": shops.shops(uow).get(shown["store_id"]),
        "may_write": visit.principal.may(WRITE),
        "may_find": may_read,
    }
    return WebPage("console/sale.html", {**values, **around(uow)})


@console.act("/sales/<txn:transaction_id>/refund", form=schemas.REFUND, readers={"amount": readers.fen}, again=sale)
def refund(uow: UnitOfWork, visit: Visit, transaction_id: str) -> Handed:
    """Gives a sale back, wholly or in part."""
    must(visit, WRITE)
    report: Any = visit.body
    if report.transaction_id != transaction_id:
        raise NotFound
    [outcome] = desk.refund(uow, [report])
    if isinstance(outcome, DomainError):
        raise outcome
    if outcome.status == 201:
        details = {"transaction_id": transaction_id, "amount": report.amount}
        audit.record(uow, "refund.recorded", outcome.refund.id, details)
    return Go(f"{HERE}/{transaction_id}?told=refunded")


@console.act("/sales/<txn:transaction_id>/claim", form=OwnerForm(), again=sale)
def claim(uow: UnitOfWork, visit: Visit, transaction_id: str) -> Handed:
    """Gives a sale that is nobody's to the member who comes back with the receipt."""
    must(visit, WRITE)
    must(visit, "members:read")
    record = claims.claim_sale(uow, transaction_id, finding.member_of(uow, visit.body["owner"], "/owner"))
    if record.claimed_at == uow.now:
        audit.record(uow, "transaction.claimed", transaction_id, {"member_id": record.member_id})
    return Go(f"{HERE}/{transaction_id}?told=claimed")


@console.page("/refunds")
def refunds(uow: UnitOfWork, visit: Visit) -> Handed:
    """Refunds, newest first."""
    must(visit, SCOPE)
    asked = listing(REFUNDS, schemas.REFUNDS, exported_as="refunds")
    page, known = page_of_refunds(uow, asked.query), shops.shops(uow)
    values = {
        "listing": asked.showing([one["id"] for one in page["data"]], has_more=page["has_more"]),
        "refunds": page["data"],
        "numbers": _numbers(uow, visit, page["data"]),
        "merchant_names": {one.merchant_id: one.merchant for one in known.values()},
    }
    return WebPage("console/refunds.html", {**values, **around(uow), **shops.choices_of(uow, known, None)})
