"""Coupons that a day brings: before birthdays, and to those who haven't bought for long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.coupons.giving.occurrences import Occurrence, Triggered, give_for, note, triggered
from app.coupons.giving.targets import WHO_SOLD
from app.districts import queries as districts
from app.foundation.clock import start_of_day
from app.foundation.database.unit_of_work import UnitOfWork, retrying, unit_of_work
from app.foundation.ids import hex_of
from app.foundation.tenancy import system_principal
from app.members import audiences
from app.members import services as members

MEMBERS_A_SET = 500
ATTEMPTS = 5
_DAY = "SELECT EXISTS (SELECT FROM occurrences WHERE district_id = %s AND campaign_id = %s AND occurrence = %s)"


def next_at(uow: UnitOfWork) -> datetime | None:
    """The start of the next local day, where any campaign waits for days."""
    if not triggered(uow, "birthday", "lapsed"):
        return None
    zone = ZoneInfo(districts.district(uow).time_zone)
    return start_of_day(uow.now.astimezone(zone).date() + timedelta(days=1), zone)


def give_of_day(district_id: str) -> int:
    """Gives what the local day brings, page by page of members; once a day for each campaign, and again where that broke off."""
    with unit_of_work(system_principal(district_id)) as uow:
        today = uow.now.astimezone(ZoneInfo(districts.district(uow).time_zone)).date()
        found = [one for one in triggered(uow, "birthday", "lapsed") if not _is_done(uow, one, today)]
    if not found:
        return 0
    total, reached = 0, audiences.FIRST
    while reached:
        count, reached = retrying(ATTEMPTS, lambda after=reached: _give_page(district_id, found, today, after))  # type: ignore[misc]
        total += count
    with unit_of_work(system_principal(district_id)) as uow:
        note(uow, [Occurrence(one.campaign_id, _name_of(today), None) for one in found])
    return total


def _name_of(day: date) -> str:
    return f"day {day.isoformat()}"


def _is_done(uow: UnitOfWork, one: Triggered, day: date) -> bool:
    values = (hex_of(uow.district_id), hex_of(one.campaign_id), _name_of(day))
    return bool(uow.rows(_DAY, values)[0][0])


def _give_page(district_id: str, found: Sequence[Triggered], today: date, after: str) -> tuple[int, str]:
    with unit_of_work(system_principal(district_id)) as uow:
        page = [one.id for one in audiences.prospects_after(uow, after, uow.now, MEMBERS_A_SET)]
        if not page:
            return 0, ""
        zone = ZoneInfo(districts.district(uow).time_zone)
        due = [one for campaign in found for one in _due(uow, campaign, page, today, zone)]
        give_for(uow, due, with_consent=True)
        return len(page), page[-1]


def _due(
    uow: UnitOfWork, campaign: Triggered, member_ids: Sequence[str], today: date, zone: ZoneInfo
) -> Iterator[Occurrence]:
    if campaign.trigger["on"] == "birthday":
        names: Mapping[str, str] = _birthdays(uow, member_ids, today, campaign.trigger.get("days_before", 0))
    else:
        names = _lapsed(uow, campaign.merchant_id, member_ids, today, campaign.trigger["days"], zone)
    return (Occurrence(campaign.campaign_id, f"{member} {name}", member) for member, name in names.items())


def _birthdays(uow: UnitOfWork, member_ids: Sequence[str], today: date, days_before: int) -> dict[str, str]:
    """The years for whose birthdays it is time: from so many days before until the day itself."""
    born = {member: one.birthday for member, one in members.ask_profiles(uow, member_ids)().items()}
    found = {}
    for member, birthday in born.items():
        if birthday is not None:
            year = today.year + (_celebrated(birthday, today.year) < today)
            if _celebrated(birthday, year) - today <= timedelta(days=days_before):
                found[member] = str(year)
    return found


def _celebrated(birthday: date, year: int) -> date:
    """Who was born on 29 February celebrates on the 28th where there is no 29th."""
    try:
        return birthday.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _lapsed(
    uow: UnitOfWork, merchant_id: str | None, member_ids: Sequence[str], today: date, days: int, zone: ZoneInfo
) -> dict[str, str]:
    """Members whose last purchase is so many local days ago, or more, with its instant: a later one begins anew."""
    bought = WHO_SOLD[0](uow, member_ids, merchant_id, None)
    return {
        member: one.last_at.isoformat()
        for member, one in bought.items()
        if (today - one.last_at.astimezone(zone).date()).days >= days
    }
