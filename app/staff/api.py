"""The routes of staff: `/v1/staff`, `/v1/staff/me`, `/v1/staff/sessions`."""

from __future__ import annotations

from app.staff.people.api import staff
from app.staff.sessions.api import staff_sessions
from app.staff.sessions.me_api import staff_me

ROOMS = (staff, staff_sessions, staff_me)
