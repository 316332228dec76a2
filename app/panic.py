"""All keys, sessions and tills of a district end at once: for the day on which nobody knows any more who holds which.

The way back is a new alliance key; with it the district makes its other keys, unless those of its shops are made anew
here. Sales that tills keep in their offline queues go through once they have their new secrets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.districts import api_keys, queries
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork, retrying, unit_of_work
from app.foundation.tenancy import OPERATOR_DISTRICT, system_principal
from app.signin.sessions import services as sessions
from app.staff.sessions import services as staff_sessions
from app.staff.tills import services as tills

ATTEMPTS = 5


@dataclass(slots=True)
class EndedKeys:
    """How many keys, sessions and tills have ended, and the new keys with their secrets, the alliance's first."""

    district_id: str
    keys: int
    sessions: int
    tills: int
    made: list[dict[str, Any]] = field(default_factory=list)

    def in_json(self) -> dict[str, Any]:
        """The new secrets, for whoever deals them out."""
        return {"district_id": self.district_id, "keys": self.made}


def end_everything(district_id: str, *, shops: bool = False) -> EndedKeys:
    """Ends them in one commit; `shops`: merchants' and stores' keys are made anew, with what they were.

    Raises NotFound.
    """
    return retrying(ATTEMPTS, lambda: _end_everything(district_id, shops))


def _end_everything(district_id: str, shops: bool) -> EndedKeys:
    with unit_of_work(system_principal(OPERATOR_DISTRICT)) as uow:
        of_staff = staff_sessions.end_all_at(uow, district_id)
    with unit_of_work(system_principal(district_id)) as uow:
        queries.find_district(uow, district_id)
        keys = api_keys.end_all(uow)
        ended = EndedKeys(district_id, len(keys), sessions.end_all(uow) + of_staff, tills.end_all(uow))
        ended.made.append(_made(uow, name="alliance", scopes=["*"]))
        for key in keys if shops else ():
            shop = {"merchant_id": key.merchant_id, "store_id": key.store_id}
            if any(shop.values()) and (key.expires_at is None or key.expires_at > uow.now):
                ended.made.append(_made(uow, name=key.name, **shop, scopes=key.scopes, expires_at=key.expires_at))
        figures = {"keys": ended.keys, "sessions": ended.sessions, "tills": ended.tills, "new_keys": len(ended.made)}
        audit.record(uow, "district.keys_ended", district_id, figures)
    return ended


def _made(uow: UnitOfWork, **what: Any) -> dict[str, Any]:
    key, secret = api_keys.create(uow, district=queries.district(uow), **what)
    shop = {"merchant_id": key.merchant_id, "store_id": key.store_id}
    return {"id": key.id, "name": key.name, **shop, "scopes": key.scopes, "secret": secret}
