"""Lines become sales, refunds, members and stores: in sets, each in one commit with what is noted of its lines.

So a job can die anywhere: what was recorded is noted, what isn't is done by the next one, and two of them wait for each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.districts import queries as districts
from app.districts import services as shops
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.validation import load
from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError, Forbidden, NotFound
from app.imports.people import LAYOUTS
from app.imports.queries import KeptRow, Work
from app.imports.services import ADJUST
from app.imports.writing import End
from app.members import enrolling
from app.members.enrolling import Enrolled, Enrolment
from app.points import opening
from app.points.opening import OpeningBalance
from app.transactions import schemas
from app.transactions.refunds import desk as refunds
from app.transactions.sales import desk as sales
from app.transactions.sales.sale import Sale

Record = Callable[[UnitOfWork, Work, Sequence[KeptRow]], list[End]]


def record_sales(uow: UnitOfWork, _work: Work, rows: Sequence[KeptRow]) -> list[End]:
    """Sales, as a batch reports them."""
    reports = [load(schemas.SALE, row.item) for row in rows]
    outcomes = sales.report(uow, [Sale(uow.principal, report) for report in reports])
    return [
        refused(row, one)
        if isinstance(one, DomainError)
        else End(row.number, row.rows, "recorded" if one.status == 201 else "known", one.record.id)
        for row, one in zip(rows, outcomes, strict=True)
    ]


def record_refunds(uow: UnitOfWork, _work: Work, rows: Sequence[KeptRow]) -> list[End]:
    """Refunds, as a batch reports them."""
    outcomes = refunds.refund(uow, [load(schemas.REFUND, row.item) for row in rows])
    return [
        refused(row, one)
        if isinstance(one, DomainError)
        else End(row.number, row.rows, "recorded" if one.status == 201 else "known", one.refund.id)
        for row, one in zip(rows, outcomes, strict=True)
    ]


def record_members(uow: UnitOfWork, work: Work, rows: Sequence[KeptRow]) -> list[End]:
    """Members, with what they bring along: at the cost of the merchant that the settings name, or else of the district."""
    schema = LAYOUTS["members"].schema
    items = [load(schema, row.item) for row in rows]
    merchants = {store.code: store.merchant_id for store in uow.session.scalars(districts.stores(uow))}
    wanted = [_enrolment(uow, item, merchants) for item in items]
    outcomes = iter(enrolling.enrol(uow, [one for one in wanted if isinstance(one, Enrolment)]))
    found = [next(outcomes) if isinstance(one, Enrolment) else one for one in wanted]
    brought = _bring(uow, work, items, found)
    return [_end_of_member(row, one, adjustment) for row, one, adjustment in zip(rows, found, brought, strict=True)]


def _enrolment(uow: UnitOfWork, item: Mapping[str, Any], merchants: Mapping[str, str]) -> Enrolment | DomainError:
    code = item["store_code"]
    if code is not None and code not in merchants:
        return NotFound(_l("There is no store with the code %(code)s.", code=code))
    if item["points"] and not uow.principal.may(ADJUST):
        return Forbidden(_l("This import needs the scope %(scope)s.", scope=ADJUST))
    told = {name: item[name] for name in ("phone", "name", "birthday", "tags")}
    return Enrolment(**told, merchant_id=merchants.get(code or ""))


def _bring(
    uow: UnitOfWork, work: Work, items: Sequence[Mapping[str, Any]], found: Sequence[enrolling.Outcome | DomainError]
) -> list[str | None]:
    """The adjustments by which members bring points, by their lines."""
    places = [
        place
        for place, (item, one) in enumerate(zip(items, found, strict=True))
        if item["points"] and isinstance(one, Enrolled)
    ]
    payer = work.settings.get("merchant_id")
    openings = [OpeningBalance(_member(found[place]), items[place]["points"], payer) for place in places]
    programme = work.source or "import"
    made = opening.open_balances(uow, openings, programme, str(_l("Brought from %(source)s", source=programme)))
    acts = [
        audit.Act(uow.principal, "points.adjusted", one.member_id, {"points": one.points, "adjustment_id": adjustment})
        for one, adjustment in zip(openings, made, strict=True)
        if adjustment is not None
    ]
    audit.record_all(uow, acts)
    by_place = dict(zip(places, made, strict=True))
    return [by_place.get(place) for place in range(len(items))]


def _member(outcome: enrolling.Outcome | DomainError) -> str:
    assert isinstance(outcome, Enrolled)
    return outcome.member_id


def _end_of_member(row: KeptRow, one: enrolling.Outcome | DomainError, adjustment: str | None) -> End:
    if isinstance(one, DomainError):
        return refused(row, one)
    status = "recorded" if one.is_new or adjustment is not None else "known"
    return End(row.number, row.rows, status, one.member_id, adjustment)


def record_merchants(uow: UnitOfWork, _work: Work, rows: Sequence[KeptRow]) -> list[End]:
    """Merchants and stores; those whose codes are known stay as they are."""
    schema = LAYOUTS["merchants"].schema
    merchants = {one.code: one.id for one in uow.session.scalars(districts.merchants(uow))}
    stores = {one.code: one for one in uow.session.scalars(districts.stores(uow))}
    ends = []
    for row in rows:
        item = load(schema, row.item)
        is_new = item["code"] not in merchants
        if is_new:
            head = {name: item[name] for name in ("name", "code", "category")}
            merchants[item["code"]] = shops.create_merchant(uow, **head).id
            audit.record(uow, "merchant.created", merchants[item["code"]])
        ends.append(_end_of_store(uow, row, item, merchants[item["code"]], stores, is_new=is_new))
    return ends


def _end_of_store(
    uow: UnitOfWork, row: KeptRow, item: Mapping[str, Any], merchant_id: str, stores: dict[str, Any], *, is_new: bool
) -> End:
    code = item["store_code"]
    if code is None:
        return End(row.number, row.rows, "recorded" if is_new else "known")
    if code in stores:
        if stores[code].merchant_id != merchant_id:
            return refused(row, NotFound(_l("The store with the code %(code)s is another merchant's.", code=code)))
        return End(row.number, row.rows, "known", stores[code].id)
    own = {name: item[name] for name in ("zone", "area_m2")}
    name = item["store_name"] or item["name"]
    stores[code] = shops.create_store(uow, merchant_id=merchant_id, name=name, code=code, opening_hours=None, **own)
    audit.record(uow, "store.created", stores[code].id, {"merchant_id": merchant_id})
    return End(row.number, row.rows, "recorded", stores[code].id)


def refused(row: KeptRow, error: DomainError) -> End:
    """The end of a line that is refused."""
    return End(row.number, row.rows, "refused", reason={"problem": error.as_kept()})


RECORDERS: Mapping[str, Record] = {
    "sales": record_sales,
    "refunds": record_refunds,
    "members": record_members,
    "merchants": record_merchants,
}
PIPELINED = ("sales", "refunds")
"""Kinds whose desks speak SQL alone."""
