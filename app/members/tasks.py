"""Jobs of this room."""

from __future__ import annotations

from app.districts.walking import once_in_every_district
from app.members import traces
from app.members.codes import keys as code_keys


def forget_used_codes() -> int:
    """Forgets member codes that were used more than a day ago, in every district; gives their number."""
    return once_in_every_district(code_keys.forget_used)


def forget_old_traces() -> int:
    """Forgets traces of phones whose members left more than a year ago, in every district; gives their number."""
    return once_in_every_district(traces.forget)
