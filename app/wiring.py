"""The only table of event -> subscribers, and the timetable of jobs.

IN_COMMIT reacts in the commit of what happened; SUBSCRIBERS are told afterwards, by the relay.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.billing import keeping as billing
from app.billing.tasks import look_after_all
from app.care.cases.events import CaseAnswered
from app.coupons.bulk.tasks import ask_waiting_bulks
from app.coupons.campaigns import paying, permission
from app.coupons.events import CampaignPaused
from app.coupons.giving import days, targets, triggers
from app.coupons.giving.tasks import ask_waiting_issues, give_by_days
from app.coupons.issuing import audience, moving, voiding
from app.coupons.issuing import expiring as coupons_expiring
from app.coupons.issuing.tasks import expire_coupons, expire_coupons_in_district
from app.coupons.redeeming import holding, money, rolling_back
from app.coupons.redeeming.tasks import free_coupons, free_coupons_in_district
from app.coupons.vouchers import services as vouchers
from app.coupons.vouchers.tasks import link_evidence
from app.districts.events import DistrictCreated, MerchantCreated
from app.districts.tasks import forget_old_answers, forget_secret_answers
from app.exports.tasks import ask_waiting_exports, forget_old_exports
from app.foundation.database.outbox import IN_COMMIT
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.jobs import relay
from app.foundation.jobs.queue import Timetable
from app.foundation.jobs.relay import SUBSCRIBERS
from app.foundation.tasks import add_outbox_days
from app.imports.tasks import ask_waiting_imports, forget_old_imports
from app.insights import services as insights
from app.insights.tasks import count_what_is_behind
from app.members import shown_tiers
from app.members.events import MemberEnrolled, MemberErased, MemberMerged, MemberPhoneChanged
from app.members.tasks import forget_old_traces, forget_used_codes
from app.messaging import metrics as messaging_metrics
from app.messaging import services as messaging
from app.notices import services as notices_kept
from app.notices.rules import TOLD, Notice
from app.notices.tasks import forget_old_notices
from app.payments import sending as payments_sending
from app.payments.stripe import moving as stripe_moving
from app.payments.stripe import taking
from app.payments.stripe.queries import STRIPE, stripe_of
from app.payments.stripe.tasks import forget_old_events, take_waiting_events
from app.payments.tasks import send_due_payments
from app.points import exchanging
from app.points.events import TierCreated
from app.points.programme import queries as programme_queries
from app.points.programme import services as programme
from app.points.purses import expiring, notices
from app.points.purses import services as purses
from app.points.tasks import (
    announce_expiring_points,
    announce_in_district,
    expire_district,
    expire_points,
    review_district,
    review_tiers,
)
from app.points.tiers import queries as tier_queries
from app.points.tiers import review
from app.points.tiers.present import tiers_of
from app.sandbox.tasks import ask_waiting_advances
from app.sandbox.walking import ERRANDS, Errand
from app.settlement import closing
from app.settlement import periods as settlement_periods
from app.settlement.accounts import exits
from app.settlement.accounts.tasks import settle_exits, watch_credit
from app.settlement.events import SettlementPeriodClosed
from app.settlement.paying import queries as paying_queries
from app.settlement.paying import services as settlement_paying
from app.settlement.paying.tasks import make_payments
from app.settlement.tasks import ask_waiting_closes, gather_journals
from app.signin.events import SessionStarted
from app.signin.phones import services as phones
from app.signin.sessions import services as sessions
from app.signin.tasks import (
    change_phones_in_district,
    finish_phone_changes,
    forget_old_sign_ins,
    send_waiting_codes,
    send_waiting_notices,
)
from app.staff.people import telling
from app.staff.tasks import forget_old_staff_sessions, send_waiting_letters
from app.transactions import backfilling
from app.transactions.claims import services as claims
from app.transactions.sales import queries as sales_queries
from app.transactions.tasks import ask_waiting_replays

SOURCES = (relay.gauges, messaging_metrics.gauges)
"""What `quantong metrics` reads when it is asked."""
TIMETABLE: Timetable = (
    (send_waiting_codes, "* * * * *"),
    (send_waiting_notices, "* * * * *"),
    (send_waiting_letters, "* * * * *"),
    (finish_phone_changes, "25 * * * *"),
    (ask_waiting_replays, "* * * * *"),
    (ask_waiting_bulks, "* * * * *"),
    (ask_waiting_issues, "* * * * *"),
    (ask_waiting_imports, "* * * * *"),
    (forget_old_imports, "35 * * * *"),
    (ask_waiting_exports, "* * * * *"),
    (forget_old_exports, "36 * * * *"),
    (give_by_days, "12 * * * *"),
    (expire_points, "5 * * * *"),
    (announce_expiring_points, "20 * * * *"),
    (free_coupons, "* * * * *"),
    (expire_coupons, "2 * * * *"),
    (link_evidence, "* * * * *"),
    (add_outbox_days, "10 * * * *"),
    (forget_old_sign_ins, "50 * * * *"),
    (forget_old_staff_sessions, "52 * * * *"),
    (forget_old_notices, "48 * * * *"),
    (review_tiers, "15 * * * *"),
    (forget_old_answers, "40 * * * *"),
    (forget_secret_answers, "*/5 * * * *"),
    (forget_used_codes, "45 * * * *"),
    (forget_old_traces, "55 * * * *"),
    (ask_waiting_advances, "* * * * *"),
    (count_what_is_behind, "* * * * *"),
    (take_waiting_events, "* * * * *"),
    (look_after_all, "38 * * * *"),
    (forget_old_events, "47 * * * *"),
    (gather_journals, "30 * * * *"),
    (ask_waiting_closes, "* * * * *"),
    (make_payments, "31 * * * *"),
    (send_due_payments, "* * * * *"),
    (watch_credit, "*/10 * * * *"),
    (settle_exits, "42 * * * *"),
)
ON_THE_WAY = (
    Errand(expire_district, expiring.next_at),
    Errand(review_district, review.next_at),
    Errand(announce_in_district, notices.next_at),
    Errand(free_coupons_in_district, holding.next_at),
    Errand(expire_coupons_in_district, coupons_expiring.next_at),
    Errand(days.give_of_day, days.next_at),
    Errand(change_phones_in_district, phones.next_at),
    Errand(closing.gather, settlement_periods.next_at),
    Errand(settlement_paying.make_in_district, paying_queries.next_at),
    Errand(payments_sending.send_due, payments_sending.next_at),
)
"""Jobs of the timetable that a test clock does at their moments. What only forgets comes by the timetable."""


def _start_programmes(uow: UnitOfWork, events: Sequence[DistrictCreated]) -> None:
    for event in events:
        programme.start_programme(uow, event.district_id)
        money.open_district_accounts(uow, event.district_id)


def _begin_to_count(uow: UnitOfWork, _: Sequence[DistrictCreated]) -> None:
    insights.begin(uow)


def _open_merchant_accounts(uow: UnitOfWork, events: Sequence[MerchantCreated]) -> None:
    purses.open_merchant_accounts(uow, [event.merchant_id for event in events])
    money.open_merchant_accounts(uow, [event.merchant_id for event in events])


def _open_purses(uow: UnitOfWork, events: Sequence[MemberEnrolled]) -> None:
    purses.open_purses(uow, [event.member_id for event in events])


def _owe_again(uow: UnitOfWork, events: Sequence[MemberEnrolled | MemberPhoneChanged]) -> None:
    purses.owe_again(uow, {event.member_id: event.owed for event in events if event.owed})


def _void_coupons(uow: UnitOfWork, events: Sequence[MemberErased]) -> None:
    for event in events:
        voiding.void_of_member(uow, event.member_id)
        rolling_back.forget(uow, event.member_id)
        vouchers.forget_reasons(uow, event.member_id)


def _move_coupons(uow: UnitOfWork, events: Sequence[MemberMerged]) -> None:
    for event in events:
        moving.move_to_survivor(uow, event.member_id, event.into_id)


def _free_coupons(uow: UnitOfWork, events: Sequence[CampaignPaused]) -> None:
    for event in events:
        holding.free_of_campaign(uow, event.campaign_id)


def _end_sessions_of_erased(uow: UnitOfWork, events: Sequence[MemberErased]) -> None:
    for event in events:
        sessions.forget(uow, event.member_id)


def _end_sessions_of_merged(uow: UnitOfWork, events: Sequence[MemberMerged]) -> None:
    for event in events:
        sessions.end_sessions(uow, event.member_id, "merged")


def _keep_proven_numbers(uow: UnitOfWork, events: Sequence[SessionStarted]) -> None:
    for event in events:
        phones.keep_number(uow, event.member_id)


def _tell_answers(uow: UnitOfWork, events: Sequence[CaseAnswered]) -> None:
    notices_kept.tell(uow, [Notice(event.member_id, "case-answered", {"case_id": event.case_id}) for event in events])


def _move_notices(uow: UnitOfWork, events: Sequence[MemberMerged]) -> None:
    for event in events:
        notices_kept.move(uow, event.member_id, event.into_id)


def _forget_notices(uow: UnitOfWork, events: Sequence[MemberErased]) -> None:
    for event in events:
        notices_kept.forget(uow, event.member_id)


def connect() -> None:
    """Fills the table; the order within a line is the order of the reactions."""
    ERRANDS[:] = ON_THE_WAY
    SUBSCRIBERS[:] = [messaging.fan_out, triggers.notice, insights.count]
    IN_COMMIT.update({told: [notices_kept.notice] for told in TOLD})
    IN_COMMIT[DistrictCreated] = [_start_programmes, _begin_to_count]
    IN_COMMIT[SettlementPeriodClosed] = [exits.note_final]
    IN_COMMIT[MerchantCreated] = [_open_merchant_accounts]
    IN_COMMIT[MemberEnrolled] = [_open_purses, _owe_again, claims.credit_waiting_sales]
    IN_COMMIT[MemberErased] = [_end_sessions_of_erased, _void_coupons, _forget_notices]
    IN_COMMIT[MemberMerged] = [_end_sessions_of_merged, _move_coupons, _move_notices]
    IN_COMMIT[MemberPhoneChanged] = [_owe_again, claims.credit_waiting_sales, phones.on_changed, notices_kept.notice]
    IN_COMMIT[SessionStarted] = [_keep_proven_numbers]
    IN_COMMIT[TierCreated] = [backfilling.count_earlier_days]
    IN_COMMIT[CampaignPaused] = [_free_coupons]
    IN_COMMIT[CaseAnswered] = [_tell_answers]
    payments_sending.PROVIDERS[STRIPE] = stripe_of
    taking.WHO_TAKES[:] = [stripe_moving.take_event, billing.take_event]
    billing.WHO_WRITES[:] = [telling.writer_to_admins]
    triggers.WHO_KNOWS_SALES[:] = [sales_queries.sold_by_id]
    targets.WHO_SOLD[:] = [sales_queries.sold_to]
    audience.WHO_BOUGHT[:] = [sales_queries.has_bought]
    shown_tiers.WHO_KNOWS[:] = [tiers_of]
    shown_tiers.WHO_HAS[:] = [tier_queries.tier_ids]
    paying.WHO_HOLDS[:] = [exchanging.hold]
    paying.WHO_GIVES_BACK[:] = [exchanging.hold_to_give_back]
    closing.LEAVING[:] = [exits.leaving_in]
    permission.WHO_ALLOWS[:] = [programme_queries.merchants_run_campaigns]
