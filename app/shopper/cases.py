"""Complaints: what is wrong with a purchase, said from its movement of points, and what was answered."""

from __future__ import annotations

from flask import request

from app.care.cases import queries, services
from app.care.cases.rules import REASONS
from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import is_id
from app.foundation.problems import NotFound
from app.members import queries as members
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage
from app.shopper import forms
from app.shopper.door import home, shopper
from app.transactions.sales import queries as sales
from app.transactions.sales.record import Record


@shopper.page("/me/cases")
def own_cases(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """All complaints, with their answers."""
    found = queries.cases_of(uow, members.with_merged(uow, visit.principal.id))
    return WebPage("shopper/cases.html", {"cases": found, "names": districts.merchant_names(uow) if found else {}})


@shopper.page("/me/cases/new")
def new_case(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """What is wrong with a purchase; where that was said already, what has become of it."""
    sale = _purchase(uow, visit)
    if not visit.form.texts and queries.is_open(uow, sale.id):
        return Go(f"{home(visit.path)}/me/cases")
    shop = districts.shop_of_code(uow, sale.store_id)
    return WebPage("shopper/new_case.html", {"sale": sale, "shop": shop, "reasons": REASONS})


def _purchase(uow: UnitOfWork, visit: Visit) -> Record:
    """The purchase of one's own that is meant. Raises NotFound."""
    named = (visit.form.texts or request.args).get("transaction_id", "")
    sale = sales.records(uow, [named]).get(named) if is_id("txn", named) else None
    if sale is None or sale.member_id != visit.principal.id:
        raise NotFound
    return sale


@shopper.act("/me/cases", form=forms.CaseForm(), again=new_case, audit="case.opened")
def open_case(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """Complain."""
    case = services.open_case(uow, kind="complaint", **visit.body)
    return Go(f"{home(visit.path)}/me/cases?told=complained", audited={"case_id": case.id})


@shopper.act("/me/cases/withdraw", form=forms.CaseIdForm(), again=own_cases, audit="case.withdrawn")
def withdraw_case(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """Want no answer any more."""
    services.withdraw_case(uow, visit.body["case_id"])
    return Go(f"{home(visit.path)}/me/cases?told=withdrawn")
