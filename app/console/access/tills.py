"""`/console/tills`: the tills of stores, how a browser becomes one, and who opens them by a PIN."""

from __future__ import annotations

import base64
from typing import Any

from app.console.door import console, must
from app.console.lists import listing
from app.console.places import HOME
from app.districts import queries as districts
from app.foundation import audit, symbols
from app.foundation.database.unit_of_work import UnitOfWork
from app.pages.doors import Visit
from app.pages.forms import Form
from app.pages.outcomes import Go, Handed, WebPage
from app.staff.tills import pairing, present, queries, services
from app.staff.tills.schemas import TILLS, CashierBody, NewPinBody, TillBody

HERE, SCOPE = f"{HOME}/tills", "tills:write"


@console.page("/tills")
def tills(uow: UnitOfWork, visit: Visit) -> Handed:
    """Tills, newest first, of one store if it is named."""
    must(visit, SCOPE)
    asked = listing(HERE, TILLS)
    rows, has_more = queries.page_of_tills(uow, asked.query)
    values = {
        "tills": present.show_tills(uow, rows),
        "stores": _stores(uow),
        "listing": asked.showing([row.id for row in rows], has_more=has_more),
    }
    return WebPage("console/tills.html", {**values, "zone": districts.district(uow).time_zone})


def _stores(uow: UnitOfWork) -> dict[str, str]:
    return {row.id: row.name for row in uow.session.scalars(districts.stores(uow))}


@console.page("/tills/new")
def ask_where(uow: UnitOfWork, visit: Visit) -> Handed:
    """Where a till stands."""
    must(visit, SCOPE)
    return WebPage("console/new_till.html", {"stores": _stores(uow), "store": visit.asked("store")})


@console.act("/tills/new", form=TillBody(), again=ask_where)
def create_till(uow: UnitOfWork, visit: Visit) -> Handed:
    """Makes a till."""
    must(visit, SCOPE)
    till = services.create_till(uow, **visit.body)
    audit.record(uow, "till.created", till.id, {"store_id": till.store_id})
    return Go(f"{HERE}/{till.id}")


@console.page("/tills/<til:till_id>")
def till(uow: UnitOfWork, visit: Visit, till_id: str, cashier_id: str = "") -> Handed:
    """A till, and who opens it; `cashier_id`: whose PIN was to be changed."""
    must(visit, SCOPE)
    row = queries.find_till(uow, till_id)
    values: dict[str, Any] = {
        "till": present.show_till(uow, row),
        "changing": cashier_id,
        "added": Form() if cashier_id else visit.form,
        "store_name": districts.find_store(uow, row.store_id).name,
        "cashiers": [present.show_cashier(one) for one in uow.session.scalars(queries.cashiers(uow, row.store_id))],
        "zone": districts.district(uow).time_zone,
    }
    return WebPage("console/till.html", values)


@console.act("/tills/<til:till_id>/pairing-code", again=till)
def begin_pairing(uow: UnitOfWork, visit: Visit, till_id: str) -> Handed:
    """Makes the code by which a browser becomes this till; it is shown once."""
    must(visit, SCOPE)
    told = present.show_code(pairing.new_code(uow, till_id))
    audit.record(uow, "till.pairing_begun", till_id)
    picture = base64.b64encode(symbols.qr(told["url"], "svg").content).decode()
    grouped = " ".join(told["code"][start : start + 4] for start in range(0, len(told["code"]), 4))
    shown = {"code": grouped, "url": told["url"], "picture": f"data:image/svg+xml;base64,{picture}"}
    return WebPage("console/pairing.html", {**shown, "till": present.show_till(uow, queries.find_till(uow, till_id))})


@console.act("/tills/<til:till_id>/revoke", again=till)
def revoke(uow: UnitOfWork, visit: Visit, till_id: str) -> Handed:
    """Ends a till."""
    must(visit, SCOPE)
    services.revoke_till(uow, till_id)
    audit.record(uow, "till.revoked", till_id)
    return Go(f"{HERE}?told=revoked")


@console.act("/tills/<til:till_id>/cashiers", form=CashierBody(), again=till)
def add_cashier(uow: UnitOfWork, visit: Visit, till_id: str) -> Handed:
    """Lets somebody open the tills of this one's store."""
    must(visit, SCOPE)
    cashier = services.add_cashier(uow, queries.find_till(uow, till_id).store_id, **visit.body)
    audit.record(uow, "cashier.added", cashier.id, {"store_id": cashier.store_id})
    return Go(f"{HERE}/{till_id}?told=added")


@console.act("/tills/<til:till_id>/cashiers/<csh:cashier_id>/pin", form=NewPinBody(), again=till)
def change_pin(uow: UnitOfWork, visit: Visit, till_id: str, cashier_id: str) -> Handed:
    """Gives a cashier another PIN."""
    must(visit, SCOPE)
    services.update_cashier(uow, queries.find_till(uow, till_id).store_id, cashier_id, visit.body)
    audit.record(uow, "cashier.changed", cashier_id)
    return Go(f"{HERE}/{till_id}?told=pin")


@console.act("/tills/<til:till_id>/cashiers/<csh:cashier_id>/remove", again=till)
def remove_cashier(uow: UnitOfWork, visit: Visit, till_id: str, cashier_id: str) -> Handed:
    """Lets somebody open these tills no longer."""
    must(visit, SCOPE)
    services.remove_cashier(uow, queries.find_till(uow, till_id).store_id, cashier_id)
    audit.record(uow, "cashier.removed", cashier_id)
    return Go(f"{HERE}/{till_id}?told=removed")
