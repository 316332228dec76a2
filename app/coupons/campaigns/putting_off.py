"""Later ends: they hold for coupons that are out from the commit of the change on, and come to their rows by and by.

What a change says stands in `later_ends` until a job has written it to every coupon (`issuing/moving.py`); so nobody waits for
that, and who asks when a coupon ends asks by `ends.ends_at`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.coupons.bill.validity import span_of
from app.coupons.campaigns.models import Campaign
from app.districts import queries as districts
from app.foundation.clock import start_of_day
from app.foundation.database.sql_arrays import instant_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.jobs.queue import LONG, Job

_PUT_OFF_AGAIN = """
    UPDATE later_ends AS l SET ends_at = n.ends
    FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS n (start, ends)
    WHERE l.district_id = %(district)s AND l.campaign_id = %(campaign)s AND l.issued_from = n.start
      AND l.ends_at > %(now)s AND l.ends_at < n.ends
"""
_PUT_OFF = f"""
    INSERT INTO later_ends (district_id, campaign_id, changed_at, alive_at, issued_from, ends_at)
    VALUES (%(district)s::uuid, %(campaign)s::uuid, %(now)s::timestamptz, %(alive)s::timestamptz,
            {unnested(starts="timestamptz", ends="timestamptz")})
    ON CONFLICT (district_id, campaign_id, issued_from, changed_at) DO UPDATE SET ends_at = EXCLUDED.ends_at
"""
_STAY_ALIVE = """
    UPDATE later_ends SET alive_at = %(alive)s
    WHERE district_id = %(district)s AND campaign_id = %(campaign)s AND alive_at < %(alive)s - interval '20 seconds'
"""
_WAITING = """
    SELECT DISTINCT campaign_id FROM later_ends WHERE district_id = %s AND alive_at < %s ORDER BY campaign_id
"""


def put_off(uow: UnitOfWork, campaign: Campaign) -> None:
    """Lets coupons that are out end by the later terms which a published campaign has got. Hold it alone."""
    zone, validity = ZoneInfo(districts.district(uow).time_zone), campaign.terms["validity"]
    starts = _days(campaign.published_at or uow.now, uow.now, zone)
    if "to" in validity:
        starts = starts[:1]
    ends = [span_of(validity, start, zone).expires_at for start in starts]
    days = {"starts": instant_array(starts), "ends": instant_array(ends)}
    values = {"campaign": hex_of(campaign.id), **days}
    uow.write(_PUT_OFF_AGAIN, values)
    uow.write(_PUT_OFF, {**values, "alive": uow.real_now})


def _days(first: datetime, last: datetime, zone: ZoneInfo) -> list[datetime]:
    """The starts of the local days from that of one instant to that of another."""
    day, until = (one.astimezone(zone).date() for one in (first, last))
    return [start_of_day(day + timedelta(days=n), zone) for n in range((until - day).days + 1)]


def job_of(district_id: str, campaign_id: str) -> Job:
    """The job that writes later ends to a campaign's coupons."""
    return Job("app.coupons.issuing.tasks.move_ends", (district_id, campaign_id), LONG)


def stay_alive(uow: UnitOfWork, campaign_id: str) -> None:
    """Says that the job goes on."""
    uow.write(_STAY_ALIVE, {"campaign": hex_of(campaign_id), "alive": uow.real_now})


def forget(uow: UnitOfWork, campaign_id: str) -> None:
    """Every coupon of a campaign has its later end. Share the campaign."""
    uow.write(
        "DELETE FROM later_ends WHERE district_id = %(district)s AND campaign_id = %(campaign)s",
        {"campaign": hex_of(campaign_id)},
    )


def waiting(uow: UnitOfWork, dead_since: datetime) -> list[str]:
    """Campaigns whose later ends are to be written by a job that has died, or hasn't come."""
    return [f"cam_{one}" for (one,) in uow.rows(_WAITING, (hex_of(uow.district_id), dead_since))]
