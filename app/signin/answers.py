"""What this room answers."""

from __future__ import annotations

from app.foundation.http.shapes import extended
from app.members.answers import MEMBER
from app.points.answers import POINTS

ME = extended(MEMBER, "Me", {"points": POINTS})
