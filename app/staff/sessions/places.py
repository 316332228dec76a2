"""Where somebody works: the districts in which an account has a role. Asked of each district by itself."""

from __future__ import annotations

from typing import NamedTuple

from app.districts import queries as districts
from app.districts.rules import TIME_ZONE
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.i18n import words as _l
from app.foundation.problems import NotFound
from app.foundation.tenancy import OPERATOR_DISTRICT, system_principal
from app.staff import queries
from app.staff.queries import RoleHere
from app.staff.roles import ROLES


class Workplace(NamedTuple):
    """A district, or the installation (no name, slug and zone), and the role that somebody has there."""

    district_id: str
    name: str | None
    slug: str | None
    time_zone: str | None
    here: RoleHere

    @property
    def needs_second_factor(self) -> bool:
        """Whether its role does."""
        return ROLES[self.here.role].needs_second_factor


def places_of(account_id: str) -> list[Workplace]:
    """Every place of an account. Opens units of work of its own."""
    found = (_place(district_id, account_id) for district_id in queries.districts_of(account_id))
    return [place for place in found if place is not None]


def _place(district_id: str, account_id: str) -> Workplace | None:
    with unit_of_work(system_principal(district_id)) as uow:
        here = queries.role_of(uow, account_id)
        if here is None:
            return None
        if district_id == OPERATOR_DISTRICT:
            return Workplace(district_id, None, None, None, here)
        row = districts.district(uow)
        return Workplace(district_id, row.name, row.slug, row.time_zone, here)


def zone_of(places: list[Workplace], district_id: str | None) -> str:
    """The time zone of the place where somebody works; where it works at none, that which districts begin with."""
    return next((one.time_zone for one in places if one.district_id == district_id), None) or TIME_ZONE


def chosen_of(places: list[Workplace], wanted: str | None) -> Workplace | None:
    """The place that is named by its id or slug; the only one where none is. Raises NotFound at `/district`."""
    if wanted is None:
        return places[0] if len(places) == 1 else None
    for place in places:
        if wanted in (place.district_id, place.slug):
            return place
    raise NotFound.at("/district", _l("district"))
