"""Verbs that write campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.coupons.campaigns import queries, rules
from app.coupons.campaigns.models import Campaign
from app.coupons.campaigns.permission import merchants_may
from app.coupons.campaigns.putting_off import put_off
from app.coupons.campaigns.schemas import CampaignBody
from app.coupons.campaigns.slices import open_slices
from app.coupons.errors import CampaignNotRunning, CampaignRuns, WrongCampaignState
from app.coupons.events import CampaignChanged, CampaignEnded, CampaignPaused, CampaignPublished, CampaignResumed
from app.districts import queries as districts
from app.foundation.clock import parse_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.validation import load
from app.foundation.i18n import Words
from app.foundation.i18n import words as _l
from app.foundation.ids import new_id
from app.foundation.problems import Flaw, Forbidden, NotFound, ValidationFailed
from app.members.shown_tiers import known_tier_ids

Terms = dict[str, Any]


class Changed(NamedTuple):
    """A campaign, and whether anything was changed: whoever repeats a call changes nothing."""

    campaign: Campaign
    is_new: bool


def create_campaign(uow: UnitOfWork, terms: Mapping[str, Any]) -> Campaign:
    """Keeps a campaign as a draft: the alliance's, or of the merchant whose key asks.

    Raises Forbidden, NotFound for shops and tiers of elsewhere, ValidationFailed.
    """
    merchant_id = uow.principal.merchant_id
    check_may_run(uow, merchant_id)
    campaign = Campaign(
        district_id=uow.district_id,
        id=new_id("cam"),
        merchant_id=merchant_id,
        terms=_fit(uow, merchant_id, terms),
        created_at=uow.now,
        updated_at=uow.now,
    )
    uow.session.add(campaign)
    return campaign


def change_campaign(uow: UnitOfWork, campaign_id: str, changes: Mapping[str, Any]) -> Campaign:
    """Changes a draft at will, and what is published in favour of members only.

    Raises NotFound, Forbidden, ValidationFailed, CampaignRuns.
    """
    campaign = lock_own(uow, campaign_id)
    terms = _changed(uow, campaign, changes)
    if terms == campaign.terms:
        return campaign
    fields = tuple(sorted(name for name in terms if terms[name] != campaign.terms[name]))
    campaign.terms, campaign.updated_at = terms, uow.now
    if campaign.published_at is not None:
        uow.session.flush()
        if "validity" in fields:
            put_off(uow, campaign)
        uow.emit(CampaignChanged(campaign.id, campaign.merchant_id, fields))
    return campaign


def _changed(uow: UnitOfWork, campaign: Campaign, changes: Mapping[str, Any]) -> Terms:
    """The terms of a campaign after a change. Raises Forbidden, NotFound, ValidationFailed, CampaignRuns."""
    check_may_run(uow, campaign.merchant_id)
    terms = _fit(uow, campaign.merchant_id, {**campaign.terms, **changes})
    if campaign.published_at is not None:
        _check_generous(campaign.terms, terms)
    return terms


def publish_campaign(uow: UnitOfWork, campaign_id: str) -> Changed:
    """Lets a draft run by its terms. Raises NotFound, Forbidden, WrongCampaignState, ValidationFailed."""
    campaign, status = _lock_unless(uow, campaign_id, "ended")
    if status != "draft":
        return Changed(campaign, False)
    check_may_run(uow, campaign.merchant_id)
    _check_not_over(uow, campaign.terms)
    campaign.published_at = campaign.updated_at = uow.now
    uow.session.flush()
    open_slices(uow, campaign.id)
    uow.emit(CampaignPublished(campaign.id, campaign.merchant_id))
    return Changed(campaign, True)


def pause_campaign(uow: UnitOfWork, campaign_id: str) -> Changed:
    """Lets a campaign rest, also one that has ended. Raises NotFound, Forbidden, WrongCampaignState."""
    campaign, status = _lock_unless(uow, campaign_id, "draft")
    if status == "paused":
        return Changed(campaign, False)
    campaign.paused_at = campaign.updated_at = uow.now
    uow.emit(CampaignPaused(campaign.id, campaign.merchant_id))
    return Changed(campaign, True)


def resume_campaign(uow: UnitOfWork, campaign_id: str) -> Changed:
    """Lets a campaign that rests go on. Raises NotFound, Forbidden, WrongCampaignState."""
    campaign, status = _lock_unless(uow, campaign_id, "draft", "ended")
    if status != "paused":
        return Changed(campaign, False)
    check_may_run(uow, campaign.merchant_id)
    campaign.paused_at, campaign.updated_at = None, uow.now
    uow.emit(CampaignResumed(campaign.id, campaign.merchant_id))
    return Changed(campaign, True)


def end_campaign(uow: UnitOfWork, campaign_id: str) -> Changed:
    """Ends issuing for good; a campaign that rests goes on resting. Raises NotFound, Forbidden, WrongCampaignState."""
    campaign, _ = _lock_unless(uow, campaign_id, "draft")
    if campaign.ended_at is not None:
        return Changed(campaign, False)
    campaign.ended_at = campaign.updated_at = uow.now
    uow.emit(CampaignEnded(campaign.id, campaign.merchant_id))
    return Changed(campaign, True)


def status_of(uow: UnitOfWork, campaign: Campaign) -> rules.Status:
    """The state of a campaign now."""
    course = rules.course_of(campaign.terms, campaign.published_at, campaign.paused_at, campaign.ended_at)
    return course.status(uow.now)


def lock_own(uow: UnitOfWork, campaign_id: str) -> Campaign:
    """A campaign to be changed, alone. Raises NotFound, and Forbidden to a merchant for the alliance's."""
    campaign = queries.lock_campaign(uow, campaign_id)
    check_own(uow, campaign)
    return campaign


def refuse_draft(uow: UnitOfWork, campaign: Campaign) -> None:
    """Raises WrongCampaignState for what hasn't been published."""
    _refuse(status_of(uow, campaign), "draft")


def check_own(uow: UnitOfWork, campaign: Campaign) -> None:
    """Raises Forbidden to a merchant for the alliance's."""
    if uow.principal.merchant_id not in (None, campaign.merchant_id):
        raise Forbidden(_l("This campaign is the alliance's, and only the alliance changes it."))


def check_issues(uow: UnitOfWork, campaign: Campaign) -> None:
    """Whether coupons can be issued now in ways other than claims. Raises CampaignNotRunning."""
    end = campaign.terms["validity"].get("to")
    is_over = end is not None and parse_instant(end) <= uow.now
    if is_over or status_of(uow, campaign) not in ("scheduled", "running"):
        raise CampaignNotRunning


def may_run(uow: UnitOfWork, merchant_id: str | None) -> bool:
    """Whether the principal may run campaigns of a merchant, or (None) the alliance's."""
    return merchant_id is None or uow.principal.is_alliance or merchants_may(uow)


def check_may_run(uow: UnitOfWork, merchant_id: str | None) -> None:
    """Raises Forbidden to a merchant where the district doesn't let merchants run campaigns."""
    if not may_run(uow, merchant_id):
        raise Forbidden(_l("In this district only the alliance runs campaigns."))


def _lock_unless(uow: UnitOfWork, campaign_id: str, *wrong: rules.Status) -> tuple[Campaign, rules.Status]:
    """A campaign to be changed, alone, and its state. Raises NotFound, Forbidden, WrongCampaignState."""
    campaign = lock_own(uow, campaign_id)
    status = status_of(uow, campaign)
    _refuse(status, *wrong)
    return campaign, status


def _refuse(status: rules.Status, *wrong: rules.Status) -> None:
    if status in wrong:
        raise WrongCampaignState(_l("It is %(status)s.", status=_STATUS_WORDS[status]))


_STATUS_WORDS: Mapping[rules.Status, Words] = {
    "draft": _l("a draft"),
    "scheduled": _l("scheduled"),
    "running": _l("running"),
    "paused": _l("paused"),
    "ended": _l("ended"),
}


def _check_generous(old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    words = _l("That would take from members what they were promised.")
    flaws = [Flaw(pointer, CampaignRuns.code, words) for pointer in rules.less_generous(old, new)]
    if flaws:
        raise CampaignRuns(flaws=flaws)


def _check_not_over(uow: UnitOfWork, terms: Mapping[str, Any]) -> None:
    """Nobody publishes what is over before it begins."""
    for name in ("validity", "claim_window"):
        until = (terms[name] or {}).get("to")
        if until is not None and parse_instant(until) <= uow.now:
            raise ValidationFailed.at(f"/{name}/to", "out-of-range", _l("That instant is over."))


def _fit(uow: UnitOfWork, merchant_id: str | None, terms: Mapping[str, Any]) -> Terms:
    """The terms with what follows from whose campaign it is: who runs it pays. Raises NotFound, ValidationFailed."""
    whole = dict(terms)
    if merchant_id is None:
        whole["funding"] = whole["funding"] or {"district": 100, "merchant": 0, "government": 0}
    else:
        whole["funding"] = whole["funding"] or {"district": 0, "merchant": 100, "government": 0}
        whole["merchant_ids"] = whole["merchant_ids"] or [merchant_id]
        if whole["points_price"] is not None:
            whole["sponsor_merchant_id"] = whole["sponsor_merchant_id"] or merchant_id
    whole = {**load(CampaignBody(), whole)}
    _check_known(uow, whole)
    if merchant_id is not None:
        _check_own(uow, merchant_id, whole)
    return whole


def _check_own(uow: UnitOfWork, merchant_id: str, terms: Terms) -> None:
    words = _l("A merchant's own campaign is paid by it wholly, and counts at its own shops.")
    own = districts.store_ids_of(uow, merchant_id)
    flaws = [Flaw(pointer, "not-own", words) for pointer in rules.of_its_own_shops(terms, merchant_id, own)]
    if flaws:
        raise ValidationFailed(words, flaws=flaws)


def _check_known(uow: UnitOfWork, terms: Terms) -> None:
    """Raises NotFound for a shop that the principal doesn't know, or a tier that isn't the district's."""
    merchants, stores = districts.visible_shops(uow)
    named = [
        *((f"/merchant_ids/{n}", one, merchants, _l("merchant")) for n, one in enumerate(terms["merchant_ids"])),
        *((f"/store_ids/{n}", one, stores, _l("store")) for n, one in enumerate(terms["store_ids"])),
        ("/sponsor_merchant_id", terms["sponsor_merchant_id"], merchants, _l("merchant")),
    ]
    tiers = [
        (f"/{name}/tier_ids/{n}", one)
        for name in ("audience", "trigger")
        for n, one in enumerate((terms[name] or {}).get("tier_ids", ()))
    ]
    known_tiers = known_tier_ids(uow) if tiers else frozenset()
    for pointer, one, known, what in [*named, *((place, one, known_tiers, _l("tier")) for place, one in tiers)]:
        if one is not None and one not in known:
            raise NotFound.at(pointer, what)
