"""Notices in sets: members are told 30, 7 and 1 local days before points of theirs end.

For each last day and stage there is one row of progress. It names the member reached, and is written in the commit of
the events: whatever crashes where, nobody is told twice and nobody left out. Points that come once a stage has been
announced are announced at the next one.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.districts import queries as districts
from app.foundation.clock import end_of_day, start_of_day
from app.foundation.database.sql_arrays import number_array, text_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.tenancy import NOBODY
from app.points.events import PointsExpiring
from app.points.purses.lifetimes import NOTICE_DAYS, due_notices, last_day, notice_stage

MEMBERS_A_SET = 2_000
_BEGIN = f"""
    INSERT INTO points_notices (district_id, ends_on, stage, reached, members, started_at)
    VALUES (%(district)s::uuid, {unnested(days="date", stages="smallint")}, %(nobody)s::uuid, 0, %(now)s::timestamptz)
    ON CONFLICT DO NOTHING
"""
_UNFINISHED = """
    SELECT n.day, n.stage FROM points_notices AS p
    JOIN unnest(%(days)s::date[], %(stages)s::smallint[]) AS n (day, stage) ON p.ends_on = n.day AND p.stage = n.stage
    WHERE p.district_id = %(district)s::uuid AND p.finished_at IS NULL ORDER BY n.day
"""
_TAKE = """
    SELECT reached FROM points_notices
    WHERE district_id = %s AND ends_on = %s AND stage = %s AND finished_at IS NULL FOR UPDATE SKIP LOCKED
"""
_ENDING = """
    SELECT member_id, sum(remaining)::bigint FROM lots
    WHERE district_id = %s AND member_id > %s AND remaining > 0 AND expires_at > %s AND expires_at <= %s
    GROUP BY member_id ORDER BY member_id LIMIT %s
"""
_REACHED = """
    UPDATE points_notices SET reached = %s, members = members + %s, finished_at = %s
    WHERE district_id = %s AND ends_on = %s AND stage = %s
"""
_NEXT_ENDS = f"""
    SELECT {", ".join(f"min(expires_at) FILTER (WHERE expires_at > %(after{stage})s)" for stage in NOTICE_DAYS)}
    FROM lots WHERE district_id = %(district)s AND remaining > 0 AND expires_at > %(after{NOTICE_DAYS[0]})s
"""


class ExpiryNotice(NamedTuple):
    """Points whose last day is `on`, to be announced at a stage (days before it)."""

    on: date
    stage: int


def next_at(uow: UnitOfWork) -> datetime | None:
    """The start of the next local day on which a stage of some points begins."""
    zone = ZoneInfo(districts.district(uow).time_zone)
    today = uow.now.astimezone(zone).date()
    after = {f"after{stage}": end_of_day(today + timedelta(days=stage), zone) for stage in NOTICE_DAYS}
    [ends] = uow.rows(_NEXT_ENDS, {"district": hex_of(uow.district_id), **after})
    begins = [last_day(end, zone) - timedelta(days=stage) for end, stage in zip(ends, NOTICE_DAYS, strict=True) if end]
    return start_of_day(min(begins), zone) if begins else None


def begin_notices(uow: UnitOfWork, zone: ZoneInfo) -> list[ExpiryNotice]:
    """Notes the notices that are due in the district now; gives those that aren't finished, the nearest end first."""
    wanted = due_notices(uow.now.astimezone(zone).date())
    values = {
        "district": hex_of(uow.district_id),
        "nobody": NOBODY,
        "now": uow.now,
        "days": text_array([day.isoformat() for day, _ in wanted]),
        "stages": number_array([stage for _, stage in wanted]),
    }
    uow.execute(_BEGIN, values)
    return [ExpiryNotice(*row) for row in uow.rows(_UNFINISHED, values)]


def announce(uow: UnitOfWork, zone: ZoneInfo, notice: ExpiryNotice) -> bool:
    """Tells the next members of a notice; gives whether some may be left.

    False as well while another job is at it, and once the day has come that belongs to the next stage.
    """
    days = (notice.on - uow.now.astimezone(zone).date()).days
    if notice_stage(days) != notice.stage:
        return False
    district = hex_of(uow.district_id)
    taken = uow.rows(_TAKE, (district, *notice))
    if not taken:
        return False
    span = (start_of_day(notice.on, zone), end_of_day(notice.on, zone))
    found = uow.rows(_ENDING, (district, taken[0][0], *span, MEMBERS_A_SET))
    uow.emit(*(PointsExpiring(f"mem_{member}", points, notice.on.isoformat(), days) for member, points in found))
    is_full = len(found) == MEMBERS_A_SET
    reached = found[-1][0] if found else taken[0][0]
    uow.execute(_REACHED, (reached, len(found), None if is_full else uow.now, district, *notice))
    return is_full
