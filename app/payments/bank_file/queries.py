"""Reading batches."""

from __future__ import annotations

import orjson
from sqlalchemy import Select, select

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.problems import NotFound
from app.foundation.runtime import keyring
from app.payments.bank_file.models import PaymentBatch
from app.payments.bank_file.profiles import FileRow


def batches(uow: UnitOfWork) -> Select[PaymentBatch]:
    """All batches."""
    return select(PaymentBatch).where(PaymentBatch.district_id == uow.district_id)


def find_batch(uow: UnitOfWork, batch_id: str, *, lock: bool = False) -> PaymentBatch:
    """Raises NotFound."""
    query = batches(uow).where(PaymentBatch.id == batch_id)
    found = uow.session.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NotFound
    return found


def file_of(row: PaymentBatch) -> bytes:
    """The file of a batch. Raises SealBroken."""
    return keyring().open_bytes(row.content, bound_to=row.id)


def rows_of(row: PaymentBatch) -> dict[str, tuple[int, FileRow]]:
    """What stands in the file: by payment, its attempt and its row. Raises SealBroken."""
    told = orjson.loads(keyring().open_bytes(row.told, bound_to=row.id))
    return {payment: (attempt, FileRow(*values)) for payment, (attempt, values) in told.items()}
