"""Campaigns as forms, and back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from werkzeug.datastructures import MultiDict

from app.console.offers.campaign_forms import changes_of, new_texts, terms_of, texts_of
from app.coupons.campaigns.schemas import CampaignBody
from app.foundation.problems import ValidationFailed
from tests.factories.whole_campaigns import whole_campaigns

ZONE = "Asia/Shanghai"
BASE: dict[str, Any] = dict(
    CampaignBody().load(
        {
            "name": "周末满减",
            "kind": "amount_off",
            "amount_off": 1_000,
            "min_amount": 10_000,
            "validity": {"from": "2026-01-01T00:00:00.5Z", "to": "2026-02-01T00:00:00Z"},
            "stock": 100,
            "merchant_ids": [f"mer_{1:032x}"],
            "funding": {"district": 60, "merchant": 40, "government": 0},
        }
    )
)


@given(whole_campaigns())
def test_a_form_that_nobody_touches_changes_nothing(terms: dict[str, Any]) -> None:
    for is_published in (False, True):
        assert changes_of(terms, texts_of(terms, ZONE), ZONE, is_published=is_published) == {}


@given(whole_campaigns())
def test_any_campaign_is_the_same_by_its_form(terms: dict[str, Any]) -> None:
    """Whoever types in what the form shows gets that campaign, but for what fields can't show: parts of a second."""
    seen = terms_of(texts_of(terms, ZONE), ZONE)
    assert terms_of(texts_of(seen, ZONE), ZONE) == seen
    assert _coarse(seen) == _coarse(terms)


def _coarse(value: Any) -> Any:
    """Without blanks around words and parts of seconds."""
    if isinstance(value, dict):
        return {name: _coarse(one) for name, one in value.items()}
    if isinstance(value, list):
        return sorted({str(_coarse(one)) for one in value})
    if not isinstance(value, str):
        return value
    return value.partition(".")[0].removesuffix("Z") if value.endswith("Z") and value[4:5] == "-" else value.strip()


def sent(**texts: str | list[str]) -> MultiDict[str, str]:
    shown = texts_of(BASE, ZONE)
    for name, text in texts.items():
        shown.setlist(name.replace("__", "."), [text] if isinstance(text, str) else text)
    return shown


def test_only_what_was_changed_is_changed() -> None:
    assert changes_of(BASE, sent(stock="1,000", name="年末满减"), ZONE, is_published=True) == {
        "name": "年末满减",
        "stock": 1_000,
    }
    later = changes_of(BASE, sent(validity__to="2026-03-01T08:00"), ZONE, is_published=True)
    assert later == {"validity": {"from": "2026-01-01T00:00:00.500000Z", "to": "2026-03-01T00:00:00Z"}}
    assert changes_of(BASE, sent(merchant_ids=[]), ZONE, is_published=True) == {"merchant_ids": []}


def test_of_what_is_published_only_what_may_change_is_looked_at() -> None:
    other = sent(amount_off="99", exclusive="true", min_amount="80")
    assert changes_of(BASE, other, ZONE, is_published=True) == {"min_amount": 8_000}
    assert changes_of(BASE, other, ZONE, is_published=False) == {
        "amount_off": 9_900,
        "exclusive": True,
        "min_amount": 8_000,
    }


def test_what_another_kind_has_is_left_out() -> None:
    made = terms_of(sent(kind="percent_off", percent_off="12", max_discount="50"), ZONE)
    assert (made["kind"], made["percent_off"], made["max_discount"], made["amount_off"]) == (
        "percent_off",
        12,
        5_000,
        None,
    )
    days = terms_of(sent(validity_way="days", validity__days_after_issue="30"), ZONE)
    assert days["validity"] == {"days_after_issue": 30, "wait_days": 0}
    given_away = sent(points_price="100", trigger__on="lapsed", trigger__days="30", trigger__days_before="7")
    assert terms_of(given_away, ZONE)["trigger"] is None
    given_away.setlist("issuing", ["automatic"])
    assert terms_of(given_away, ZONE)["trigger"] == {"on": "lapsed", "days": 30}


def test_flaws_stand_at_their_fields() -> None:
    for texts, pointer in (
        (sent(amount_off="ten"), "/amount_off"),
        (sent(issuing=[""]), "/issuing"),
        (sent(validity__to="soon"), "/validity/to"),
        (sent(release_times="10:00，25:00", per_day_stock="10"), "/release_times/1"),
        (sent(funding__district="61"), "/funding"),
    ):
        with pytest.raises(ValidationFailed) as refused:
            terms_of(texts, ZONE)
        assert [one.pointer for one in refused.value.flaws] == [pointer]


def test_a_new_campaign_is_one_of_a_few_words() -> None:
    texts = new_texts()
    texts["name"], texts["amount_off"] = "开业", "10"
    made = terms_of(texts, ZONE)
    assert (made["issuing"], made["with_points"], made["funding"]) == (["claim"], True, None)
