"""`/v1/payment-batches`."""

from __future__ import annotations

import base64
from typing import Any

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer, Download
from app.foundation.http.routing import Call, Routes
from app.foundation.i18n import words as _l
from app.foundation.problems import NotFound, ValidationFailed
from app.payments.bank_file import answers, services
from app.payments.bank_file import queries as files
from app.payments.bank_file.errors import BatchOver, NothingToSend
from app.payments.bank_file.present import page_of_batches, show_batch, show_noted
from app.payments.bank_file.profiles import PROFILES
from app.payments.errors import CashShort
from app.settlement.paying import batches, schemas

payment_batches = Routes("payment_batches", __name__, url_prefix="/v1/payment-batches")
ROOMS = (payment_batches,)


def _again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    return show_batch(files.find_batch(uow, stored["id"]))


@payment_batches.serve(
    "POST",
    "",
    scope="payments:write",
    alliance_only=True,
    body=schemas.BatchBody(),
    answers={201: answers.BATCH},
    problems=(NotFound, NothingToSend, CashShort),
    replay=_again,
    audit="payment_batch.ordered",
)
def order_batch(uow: UnitOfWork, call: Call) -> Answer:
    """Put the payments of a period that can go by file into one for a bank: up to what it takes; the rest goes into the next."""
    try:
        batch_id = batches.order(uow, **call.body)
    except NotFound:
        raise NotFound.at("/period_id", _l("settlement period")) from None
    return Answer(show_batch(files.find_batch(uow, batch_id)), 201, stored={"id": batch_id})


@payment_batches.serve(
    "GET", "", scope="payments:read", alliance_only=True, query=schemas.BATCHES, answers={200: answers.BATCHES}
)
def list_batches(uow: UnitOfWork, call: Call) -> Answer:
    """List batches, newest first."""
    return Answer(page_of_batches(uow, call.query))


@payment_batches.serve(
    "GET", "/<bat:batch_id>", scope="payments:read", alliance_only=True, answers={200: answers.BATCH}
)
def get_batch(uow: UnitOfWork, call: Call, batch_id: str) -> Answer:
    """Read a batch: the payments in its file, and its digest."""
    return Answer(show_batch(files.find_batch(uow, batch_id)))


@payment_batches.serve(
    "GET",
    "/<bat:batch_id>/file",
    scope="payments:write",
    alliance_only=True,
    answers={200: answers.FILE},
    problems=(BatchOver,),
    audit="payment_batch.downloaded",
)
def download_batch(uow: UnitOfWork, call: Call, batch_id: str) -> Answer:
    """Download the file for the bank: the same bytes each time, with their `Digest`. Account numbers are texts, no cell a formula."""
    batch = services.batch_to_send(uow, batch_id)
    profile = PROFILES[batch.profile]
    made = Download([files.file_of(batch)], profile.media_type, f"{batch.id}.{profile.suffix}")
    digest = base64.b64encode(batch.sha256).decode()
    return Answer({}, download=made, headers={"Digest": f"sha-256={digest}"})


@payment_batches.serve(
    "POST",
    "/<bat:batch_id>/outcomes",
    scope="payments:write",
    alliance_only=True,
    uploads=True,
    answers={200: answers.NOTED},
    problems=(ValidationFailed,),
    audit="payment_batch.told",
)
def note_outcomes(uow: UnitOfWork, call: Call, batch_id: str) -> Answer:
    """Send the bank's file of what became of the payments: CSV or XLSX with account, amount and result. Again it changes nothing.

    Rows that are of no payment of this batch, or might be of several, are told by their numbers and change nothing.
    """
    assert call.upload is not None, "a route of uploads has a file"
    return Answer(show_noted(*services.note_outcomes(uow, batch_id, call.upload.content)))


@payment_batches.serve(
    "POST",
    "/<bat:batch_id>/cancel",
    scope="payments:write",
    alliance_only=True,
    answers={200: answers.BATCH},
    problems=(BatchOver,),
    replay=_again,
    audit="payment_batch.cancelled",
)
def cancel_batch(uow: UnitOfWork, call: Call, batch_id: str) -> Answer:
    """Take the payments out of a file that the bank was not given: they can go into another. Again it changes nothing."""
    batch = services.cancel(uow, batch_id)
    return Answer(show_batch(batch), stored={"id": batch.id})
