"""What sales depend on, remembered per district for as long as its revision stands."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import date, datetime

from app.districts import queries as districts
from app.districts.queries import Directory
from app.foundation.database.parts import Asked
from app.foundation.database.unit_of_work import UnitOfWork
from app.points.earning.words import Explainer
from app.points.programme import queries as points
from app.points.programme.queries import ProgrammeTerms
from app.points.purses import lifetimes


@dataclass(frozen=True, slots=True)
class Configuration:
    """A district's shops and terms as of one revision."""

    directory: Directory
    terms: ProgrammeTerms
    _lives: dict[date, tuple[datetime, datetime | None]] = field(default_factory=dict, repr=False)
    _explainers: dict[tuple[int | None, str, bool], Explainer] = field(default_factory=dict, repr=False)

    def life_of_points(self, occurred_at: datetime) -> tuple[datetime, datetime | None]:
        """From when to when (UTC; None for no end) points live that are earned by a sale of some instant."""
        day = occurred_at.astimezone(self.directory.zone).date()
        life = self._lives.get(day)
        if life is None:
            terms, zone = self.terms, self.directory.zone
            life = lifetimes.available_at(day, terms.pending_days, zone), lifetimes.expires_at(day, terms.expiry, zone)
            self._lives[day] = life
        return life

    def explainer(self, version: int | None, language: str, *, is_told: bool) -> Explainer:
        """Who explains sales by a version (None for none) to readers of a language, which is that of who asks now."""
        explainer = self._explainers.get((version, language, is_told))
        if explainer is None:
            rules = next((one.rules for one in self.terms.rule_sets if one.version == version), ())
            explainer = self._explainers[version, language, is_told] = Explainer(rules, is_told=is_told)
        return explainer


_known: dict[str, Configuration] = {}
_lock = threading.Lock()
_MOST = 1_000


def remembered(district_id: str) -> Configuration | None:
    """The configuration last read, which may be out of date."""
    return _known.get(district_id)


def read(uow: UnitOfWork) -> Configuration:
    """Reads and remembers the configuration. Ask for the revision first, which holds it still."""
    configuration = Configuration(districts.directory(uow), points.terms(uow))
    with _lock:
        if len(_known) >= _MOST:
            _known.clear()
        _known[uow.district_id] = configuration
    return configuration


def ask_current(uow: UnitOfWork) -> Asked[Configuration]:
    """Sends the question for the configuration as of now, which is held still until the commit; call the result for it.

    It is read only if it has changed.
    """
    revision = districts.ask_revision(uow)

    def answer() -> Configuration:
        known, number = remembered(uow.district_id), revision()
        return known if known is not None and known.directory.revision == number else read(uow)

    return answer


def current(uow: UnitOfWork) -> Configuration:
    """The configuration as of now, held still until the commit."""
    return ask_current(uow)()
