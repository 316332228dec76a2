"""`/v1/tills` and `/v1/stores/{id}/cashiers`: for whoever keeps the tills of a store."""

from __future__ import annotations

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import ANYONE, Call, Routes
from app.foundation.i18n import words as _l
from app.foundation.pagination import list_answer, page_of
from app.foundation.problems import NotFound, SandboxOnly
from app.staff.tills import answers, pairing, present, queries, schemas, services
from app.staff.tills.models import Cashier
from app.staff.tills.till_api import own_till

tills = Routes("tills", __name__, url_prefix="/v1/tills")
cashiers = Routes("cashiers", __name__, url_prefix="/v1/stores/<str:store_id>/cashiers")
ROOMS = (tills, cashiers, own_till)
SCOPE = "tills:write"


@tills.serve("POST", "", scope=SCOPE, body=schemas.TillBody(), answers={201: answers.TILL}, audit="till.created")
def create_till(uow: UnitOfWork, call: Call) -> Answer:
    """Make a till for a store. It works once a browser is paired with it."""
    return Answer(present.show_till(uow, services.create_till(uow, **call.body)), 201)


@tills.serve("GET", "", scope=SCOPE, query=schemas.TILLS, answers={200: answers.TILLS})
def list_tills(uow: UnitOfWork, call: Call) -> Answer:
    """List tills, revoked ones too; a shop's key sees its own."""
    rows, has_more = queries.page_of_tills(uow, call.query)
    return Answer(list_answer(present.show_tills(uow, rows), has_more=has_more))


@tills.serve("GET", "/<til:till_id>", scope=SCOPE, answers={200: answers.TILL})
def get_till(uow: UnitOfWork, call: Call, till_id: str) -> Answer:
    """Read a till: its shift, and when it was last seen."""
    return Answer(present.show_till(uow, queries.find_till(uow, till_id)))


@tills.serve(
    "PATCH",
    "/<til:till_id>",
    scope=SCOPE,
    body=schemas.TillChange(),
    answers={200: answers.TILL},
    audit="till.changed",
)
def update_till(uow: UnitOfWork, call: Call, till_id: str) -> Answer:
    """Change a till's name, or when it locks."""
    return Answer(present.show_till(uow, services.update_till(uow, till_id, call.body)))


@tills.serve("DELETE", "/<til:till_id>", scope=SCOPE, answers={200: answers.TILL}, audit="till.revoked")
def revoke_till(uow: UnitOfWork, call: Call, till_id: str) -> Answer:
    """Revoke a till; it stops within five seconds."""
    return Answer(present.show_till(uow, services.revoke_till(uow, till_id)))


@tills.serve(
    "POST",
    "/<til:till_id>/pairing-code",
    scope=SCOPE,
    body=schemas.PairingCodeBody(),
    answers={201: answers.PAIRING_CODE},
    problems=(SandboxOnly,),
    replay=present.opened,
    replay_seconds=present.REPLAYED_SECONDS,
    audit="till.pairing_begun",
)
def make_pairing_code(uow: UnitOfWork, call: Call, till_id: str) -> Answer:
    """Make the code by which a browser becomes a till: of 16 digits, for ten minutes, once. An earlier one ends.

    The caller needs all that a till may do. A till that a key with an end lets be paired ends with that key.
    """
    if call.body["for_tests"] and not uow.is_sandbox:
        raise SandboxOnly(_l("In a live district a code works for ten minutes, once."))
    body = present.show_code(pairing.new_code(uow, till_id, for_tests=call.body["for_tests"]))
    return Answer(body, 201, stored=present.sealed(body))


@tills.serve(
    "POST",
    "/pair",
    scope=ANYONE,
    body=schemas.PairBody(),
    answers={201: answers.TILL_TOKEN},
    problems=(NotFound,),
    visitor=pairing.visitor_of_code,
    replay=present.opened,
    replay_seconds=present.REPLAYED_SECONDS,
)
def pair_till(uow: UnitOfWork, call: Call) -> Answer:
    """Become a till by its pairing code. A browser that was this till before is none any more.

    Send an `Idempotency-Key`, so that a lost answer can be asked for again within a minute.
    """
    body = present.show_pass(pairing.pair(uow, call.body["code"]))
    return Answer(body, 201, stored=present.sealed(body))


@cashiers.serve(
    "POST",
    "",
    scope=SCOPE,
    body=schemas.CashierBody(),
    answers={201: answers.CASHIER},
    audit="cashier.added",
    replay=lambda uow, stored: present.show_cashier(
        queries.find_cashier(uow, stored["store_id"], stored["cashier_id"])
    ),
)
def add_cashier(uow: UnitOfWork, call: Call, store_id: str) -> Answer:
    """Let somebody open a store's tills by a PIN."""
    cashier = services.add_cashier(uow, store_id, **call.body)
    kept = {"store_id": store_id, "cashier_id": cashier.id}
    return Answer(present.show_cashier(cashier), 201, stored=kept, audited={"cashier_id": cashier.id})


@cashiers.serve("GET", "", scope=SCOPE, query=schemas.CASHIERS, answers={200: answers.CASHIERS})
def list_cashiers(uow: UnitOfWork, call: Call, store_id: str) -> Answer:
    """List who opens a store's tills."""
    query = queries.cashiers(uow, districts.find_store(uow, store_id).id)
    return Answer(page_of(uow, query, Cashier.id, call.query, present.show_cashier))


@cashiers.serve(
    "PATCH",
    "/<csh:cashier_id>",
    scope=SCOPE,
    body=schemas.CashierChange(),
    answers={200: answers.CASHIER},
    audit="cashier.changed",
)
def update_cashier(uow: UnitOfWork, call: Call, store_id: str, cashier_id: str) -> Answer:
    """Change a cashier's name or PIN. A new PIN ends the shifts under the old one, and forgets wrong tries."""
    return Answer(present.show_cashier(services.update_cashier(uow, store_id, cashier_id, call.body)))


@cashiers.serve("DELETE", "/<csh:cashier_id>", scope=SCOPE, answers={200: answers.CASHIER}, audit="cashier.removed")
def remove_cashier(uow: UnitOfWork, call: Call, store_id: str, cashier_id: str) -> Answer:
    """Let somebody open a store's tills no longer, and forget the name."""
    return Answer(present.show_cashier(services.remove_cashier(uow, store_id, cashier_id)))
