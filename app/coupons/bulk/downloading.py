"""The codes of a batch leave the house once, and again only for a reason; page by page, in units of work of their own."""

from __future__ import annotations

from collections.abc import Iterator

from app.coupons.bill import codes
from app.coupons.bulk import queries
from app.coupons.bulk.models import CodeBatch
from app.coupons.errors import CodesDownloaded, CodesNotMade
from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.i18n import words as _l
from app.foundation.tenancy import system_principal


def begin_download(uow: UnitOfWork, batch_id: str, reason: str | None) -> CodeBatch:
    """Notes that somebody is given the codes. Raises NotFound, CodesNotMade, CodesDownloaded without a reason."""
    batch = queries.find_code_batch(uow, batch_id, lock=True)
    if batch.status != "done":
        raise CodesNotMade(_l("%(issued)s of %(quantity)s are.", issued=batch.issued, quantity=batch.quantity))
    if batch.downloads and reason is None:
        raise CodesDownloaded(_l("Say in `reason` why they are needed again."))
    one = {"at": format_instant(uow.now), "key_id": uow.principal.id, "reason": reason}
    batch.downloads = [*batch.downloads, one]
    return batch


def pages_of(district_id: str, batch_id: str) -> Iterator[list[str]]:
    """The codes of a batch as readers are shown them, however many, some thousand at a time."""
    last_id = queries.FIRST
    while True:
        with unit_of_work(system_principal(district_id)) as uow:
            page = queries.codes_after(uow, batch_id, last_id)
        if not page.codes:
            return
        yield [codes.shown(one) for one in page.codes]
        last_id = page.last_id
