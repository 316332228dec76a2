"""`/console/cases`: what shoppers complain of about purchases, and what they are answered."""

from __future__ import annotations

from app.care.cases import queries, schemas, services
from app.care.cases.present import page_of_cases, show_case
from app.console.around import around
from app.console.door import console, must
from app.console.lists import listing
from app.console.places import HOME
from app.console.registers import shops
from app.foundation.database.unit_of_work import UnitOfWork
from app.members import queries as members
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage
from app.transactions.sales.present import show_transaction

HERE, READ, WRITE = f"{HOME}/cases", "members:read", "members:write"


@console.page("/cases", audit="cases.read")
def cases(uow: UnitOfWork, visit: Visit) -> Handed:
    """Complaints, newest first; those that wait are a choice away."""
    must(visit, READ)
    asked, known = listing(HERE, schemas.CASES, exported_as="cases"), shops.shops(uow)
    page = page_of_cases(uow, asked.query)
    ids = [one["id"] for one in page["data"]]
    values = {
        "listing": asked.showing(ids, has_more=page["has_more"]),
        "cases": page["data"],
        "shops": known,
        "of_sale": asked.query.get("transaction_id"),
    }
    return WebPage("console/cases.html", {**values, **around(uow), **shops.choices_of(uow, known, None)})


@console.page("/cases/<cas:case_id>", audit="case.read")
def case(uow: UnitOfWork, visit: Visit, case_id: str) -> Handed:
    """A complaint, the purchase that it is about, and its answer."""
    must(visit, READ)
    shown = show_case(uow, queries.find_case(uow, case_id))
    may_see = visit.principal.may("transactions:read")
    sale = show_transaction(uow, shown["transaction_id"]) if may_see else None
    whose = shown["member_id"] or (sale or {}).get("member_id")
    values = {
        "case": shown,
        "sale": sale,
        "shop": shops.shops(uow).get(shown["store_id"]),
        "numbers": {one: number for one, (number, _) in members.ask_holders(uow, [whose] if whose else [])().items()},
        "whose": whose,
        "may_answer": shown["step"] == "open" and visit.principal.may(WRITE),
    }
    return WebPage("console/case.html", {**values, **around(uow)})


@console.act("/cases/<cas:case_id>/answer", form=schemas.AnswerBody(), again=case, audit="case.answered")
def answer(uow: UnitOfWork, visit: Visit, case_id: str) -> Handed:
    """Says what there is to say, once."""
    must(visit, WRITE)
    services.answer_case(uow, case_id, visit.body["answer"])
    return Go(f"{HERE}/{case_id}?told=answered")
