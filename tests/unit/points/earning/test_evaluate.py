"""What a sale earns: worked figures of the domain, conditions on clock and place, and what always holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.foundation.figures.money import MAX_AMOUNT
from app.foundation.figures.time_windows import TimeWindow
from app.points.earning.conditions import ANY, Conditions, SaleFacts
from app.points.earning.evaluate import Evaluation, evaluate
from app.points.earning.outcomes import Outcomes
from app.points.earning.rounding import Rounding, quotient
from app.points.earning.rule_sets import RuleSet, newest_first, version_in_force
from app.points.earning.rules import Rule

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
MERCHANT, STORE = "mer_" + "1" * 32, "str_" + "1" * 32
NOON = datetime(2026, 1, 1, 12, tzinfo=SHANGHAI)  # a Thursday
FRIDAY, SATURDAY, SUNDAY = date(2026, 1, 2), date(2026, 1, 3), date(2026, 1, 4)
MICROSECOND = timedelta(microseconds=1)


def base(key: str = "base", **changes: Any) -> Rule:
    """One point per 100 fen, unless changed."""
    return replace(Rule(key, "1 per yuan", points=1, per_amount=100), **changes)


def sale(eligible_amount: int = 1280, occurred_at: datetime = NOON, **changes: Any) -> SaleFacts:
    return SaleFacts(eligible_amount, occurred_at, **{"merchant_id": MERCHANT, "store_id": STORE, **changes})


def earn(*rules: Rule, rounding: Rounding = "floor", zone: ZoneInfo = SHANGHAI, **facts: Any) -> Evaluation:
    return evaluate(RuleSet(1, None, rules), sale(**facts), zone, rounding)


def code(conditions: Conditions, *, zone: ZoneInfo = SHANGHAI, **facts: Any) -> str:
    """What becomes of one base rule with these conditions."""
    [outcome] = earn(base(conditions=conditions), zone=zone, **facts).outcomes
    return outcome.code


def window(start: str, until: str) -> TimeWindow:
    return TimeWindow(time.fromisoformat(start), time.fromisoformat(until))


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("eligible", "rounding", "points"),
    [
        (1280, "floor", 12),
        (99, "floor", 0),
        (0, "floor", 0),
        (100, "floor", 1),
        (199, "floor", 1),
        (25000, "floor", 250),
        (19000, "floor", 190),
        (11500, "floor", 115),
        (MAX_AMOUNT, "floor", 100_000_000),
        (1280, "half_up", 13),
        (1250, "half_up", 13),
        (1249, "half_up", 12),
        (50, "half_up", 1),
        (49, "half_up", 0),
        (0, "half_up", 0),
    ],
)
def test_one_point_per_yuan(eligible: int, rounding: Rounding, points: int) -> None:
    evaluation = earn(base(), eligible_amount=eligible, rounding=rounding)
    assert evaluation.points == points == sum(one.points for one in evaluation.outcomes)
    assert evaluation.funded == ({"merchant": points} if points else {})


@pytest.mark.parametrize(
    ("eligible", "rounding", "why"),
    [
        (99, "floor", "amount-too-small"),
        (49, "half_up", "amount-too-small"),
        (0, "floor", "nothing-eligible"),
        (0, "half_up", "nothing-eligible"),
    ],
)
def test_nothing_is_explained(eligible: int, rounding: Rounding, why: str) -> None:
    [outcome] = earn(base(), eligible_amount=eligible, rounding=rounding).outcomes
    assert (outcome.rule_key, outcome.points, outcome.code) == ("base", 0, why)


def test_an_eligible_amount_of_nothing_earns_nothing_under_every_rule() -> None:
    generous = [
        base("a", points=1_000_000, per_amount=1, priority=2),
        base("b", conditions=Conditions(max_amount=5)),
    ]
    evaluation = earn(*generous, eligible_amount=0)
    assert (evaluation.points, evaluation.funded) == (0, {})
    assert {one.code for one in evaluation.outcomes} == {"nothing-eligible"}


@pytest.mark.parametrize(
    ("points", "per_amount", "eligible", "earned"),
    [(3, 1000, 1280, 3), (3, 1000, 1334, 4), (5, 3, 7, 11), (1, 7, 6, 0), (1_000_000, 1, MAX_AMOUNT, 10**16)],
)
def test_other_rates_are_exact(points: int, per_amount: int, eligible: int, earned: int) -> None:
    assert earn(base(points=points, per_amount=per_amount), eligible_amount=eligible).points == earned


@pytest.mark.parametrize(
    ("exact", "floor", "half_up"),
    [
        (Fraction(0), 0, 0),
        (Fraction(1, 2), 0, 1),
        (Fraction(3, 2), 1, 2),
        (Fraction(5, 2), 2, 3),
        (Fraction(49, 100), 0, 0),
        (Fraction(999, 1000), 0, 1),
        (Fraction(10**30 * 2 + 1, 2), 10**30, 10**30 + 1),
        (Fraction(7), 7, 7),
    ],
    ids=str,
)
def test_rounding(exact: Fraction, floor: int, half_up: int) -> None:
    number, unit = exact.numerator, exact.denominator
    assert (quotient(number, unit, "floor"), quotient(number, unit, "half_up")) == (floor, half_up)


def test_the_matching_rule_of_the_largest_priority_counts_alone() -> None:
    rules = (base("plain"), base("double", points=2, priority=5), base("triple", points=3, priority=3))
    evaluation = earn(*rules)
    assert evaluation.points == 25
    assert [(one.rule_key, one.points, one.code) for one in evaluation.outcomes] == [
        ("plain", 0, "lower-priority"),
        ("double", 25, "applied"),
        ("triple", 0, "lower-priority"),
    ]


def test_a_rule_that_does_not_match_gives_way_to_the_next() -> None:
    only_large = Conditions(min_amount=5000)
    evaluation = earn(base("plain"), base("large", points=2, priority=5, conditions=only_large))
    assert [(one.rule_key, one.points, one.code) for one in evaluation.outcomes] == [
        ("plain", 12, "applied"),
        ("large", 0, "below-min-amount"),
    ]


def test_a_rule_that_counts_is_not_replaced_because_it_gives_nothing() -> None:
    evaluation = earn(base("plain"), base("steep", per_amount=100_000, priority=1))
    assert evaluation.points == 0
    assert [one.code for one in evaluation.outcomes] == ["lower-priority", "amount-too-small"]


def test_no_rule_at_all_earns_nothing() -> None:
    evaluation = earn()
    assert (evaluation.points, evaluation.funded, evaluation.outcomes) == (0, {}, Outcomes())


def test_an_evaluation_names_its_version() -> None:
    assert evaluate(RuleSet(7, NOON, (base(),)), sale(), SHANGHAI, "floor").version == 7


def version(number: int, effective_at: datetime | None) -> RuleSet:
    return RuleSet(number, effective_at, (base(),))


JUNE, JULY = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
VERSIONS = [version(1, None), version(2, JULY), version(3, JUNE), version(4, JUNE)]


@pytest.mark.parametrize(
    ("occurred_at", "number"),
    [
        (datetime(1, 1, 1, tzinfo=UTC), 1),
        (datetime(2000, 1, 1, tzinfo=UTC), 1),
        (JUNE - MICROSECOND, 1),
        (JUNE, 4),
        (JULY - MICROSECOND, 4),
        (JULY, 2),
        (JULY.astimezone(SHANGHAI), 2),
        (datetime(9999, 12, 31, tzinfo=UTC), 2),
    ],
    ids=[
        "beginning of time",
        "long ago",
        "just before",
        "at the instant",
        "until the next",
        "next",
        "any zone",
        "far",
    ],
)
def test_the_latest_that_has_begun_then_the_higher_number(occurred_at: datetime, number: int) -> None:
    assert version_in_force(newest_first(VERSIONS), occurred_at).version == number
    assert version_in_force(newest_first(VERSIONS[::-1]), occurred_at).version == number


def test_a_version_of_any_past_goes_before_the_timeless_one() -> None:
    ancient = version(2, datetime(1, 1, 1, tzinfo=UTC))
    assert version_in_force(newest_first([version(1, None), ancient]), NOON) is ancient


@given(st.lists(st.datetimes(timezones=st.just(UTC)), max_size=8), st.datetimes(timezones=st.just(UTC)))
def test_exactly_one_version_is_in_force_and_none_begun_is_later(starts: list[datetime], occurred_at: datetime) -> None:
    versions = [version(1, None), *(version(number, start) for number, start in enumerate(starts, 2))]
    chosen = version_in_force(newest_first(versions), occurred_at)
    begun = [one for one in versions if one.effective_at is not None and one.effective_at <= occurred_at]
    if not begun:
        assert chosen.version == 1
    else:
        latest = max(one.effective_at for one in begun if one.effective_at)
        assert chosen.effective_at == latest
        assert chosen.version == max(one.version for one in begun if one.effective_at == latest)


@pytest.mark.parametrize(
    ("conditions", "facts", "wanted"),
    [
        (Conditions(merchant_ids=frozenset({MERCHANT})), {}, "applied"),
        (Conditions(merchant_ids=frozenset({"mer_other"})), {}, "other-merchant"),
        (Conditions(store_ids=frozenset({STORE, "str_other"})), {}, "applied"),
        (Conditions(store_ids=frozenset({"str_other"})), {}, "other-store"),
        (Conditions(categories=frozenset({"food"})), {"category": "food"}, "applied"),
        (Conditions(categories=frozenset({"food"})), {"category": "fashion"}, "other-category"),
        (Conditions(categories=frozenset({"food"})), {}, "other-category"),
        (Conditions(channels=frozenset({"till"})), {"channel": "till"}, "applied"),
        (Conditions(channels=frozenset({"till"})), {}, "other-channel"),
        (Conditions(payment_methods=frozenset({"wechat"})), {"payment_method": "wechat"}, "applied"),
        (
            Conditions(payment_methods=frozenset({"wechat"})),
            {"payment_method": "WeChat"},
            "other-payment-method",
        ),
        (Conditions(min_amount=1280), {}, "applied"),
        (Conditions(min_amount=1281), {}, "below-min-amount"),
        (Conditions(max_amount=1280), {}, "applied"),
        (Conditions(max_amount=1279), {}, "above-max-amount"),
        (Conditions(max_amount=0), {}, "above-max-amount"),
        (Conditions(min_amount=0), {}, "applied"),
        (Conditions(min_amount=1280, max_amount=1280), {}, "applied"),
        (ANY, {}, "applied"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_conditions_on_place_way_and_amount(conditions: Conditions, facts: dict[str, Any], wanted: str) -> None:
    assert code(conditions, **facts) == wanted


def test_shops_that_no_rule_tells_apart_share_what_is_remembered() -> None:
    rules = (base(), base("north", priority=1, points=2, conditions=Conditions(store_ids=frozenset({"north"}))))
    rule_set = RuleSet(1, None, rules)
    places = [sale(store_id=store, merchant_id=store, channel=way) for store in ("east", "west") for way in "ab"]
    assert len({id(rule_set.plans.of(one, NOON)) for one in places}) == 1
    north = sale(store_id="north")
    assert [evaluate(rule_set, one, SHANGHAI, "floor").points for one in (*places, north)] == [12, 12, 12, 12, 25]


def test_all_conditions_must_hold() -> None:
    both = Conditions(channels=frozenset({"till"}), payment_methods=frozenset({"cash"}))
    assert code(both, channel="till", payment_method="cash") == "applied"
    assert code(both, channel="till", payment_method="card") == "other-payment-method"
    assert code(both, channel="web", payment_method="cash") == "other-channel"


@pytest.mark.parametrize(
    ("clock", "inside"),
    [
        ("17:59:59.999999", False),
        ("18:00:00", True),
        ("22:59:59.999999", True),
        ("23:00:00", False),
        ("06:00:00", False),
    ],
)
def test_a_window_ends_before_its_until(clock: str, inside: bool) -> None:
    conditions = Conditions(time_windows=(window("18:00", "23:00"),))
    wanted = "applied" if inside else "outside-time-windows"
    assert code(conditions, occurred_at=at(f"2026-01-02T{clock}")) == wanted


@pytest.mark.parametrize(
    ("moment", "wanted"),
    [
        ("2026-01-02T23:30:00", "applied"),
        ("2026-01-03T01:30:00", "applied"),
        ("2026-01-02T01:30:00", "outside-weekdays"),
        ("2026-01-03T23:30:00", "outside-weekdays"),
        ("2026-01-03T02:00:00", "outside-time-windows"),
    ],
    ids=["Friday night", "Saturday before two", "Friday before two", "Saturday night", "too late"],
)
def test_weekdays_look_at_the_day_on_which_the_window_started(moment: str, wanted: str) -> None:
    friday_night = Conditions(weekdays=frozenset({5}), time_windows=(window("22:00", "02:00"),))
    assert code(friday_night, occurred_at=at(moment)) == wanted


@pytest.mark.parametrize(
    ("moment", "wanted"),
    [
        ("2026-01-03T01:30:00", "applied"),
        ("2026-01-02T01:30:00", "outside-dates"),
        ("2026-01-03T23:30:00", "outside-dates"),
    ],
    ids=["night of the last day", "night before the first day", "night after the last day"],
)
def test_dates_look_at_the_day_on_which_the_window_started(moment: str, wanted: str) -> None:
    one_night = Conditions(date_from=FRIDAY, date_to=FRIDAY, time_windows=(window("22:00", "02:00"),))
    assert code(one_night, occurred_at=at(moment)) == wanted


@pytest.mark.parametrize(
    ("moment", "wanted"),
    [
        ("2026-01-01T23:59:59.999999", "outside-dates"),
        ("2026-01-02T00:00:00", "applied"),
        ("2026-01-04T23:59:59.999999", "applied"),
        ("2026-01-05T00:00:00", "outside-dates"),
    ],
)
def test_dates_are_inclusive_and_local(moment: str, wanted: str) -> None:
    dates = Conditions(date_from=FRIDAY, date_to=SUNDAY)
    assert code(dates, occurred_at=at(moment)) == wanted
    assert code(dates, occurred_at=at(moment).astimezone(UTC)) == wanted


def test_dates_may_be_open_on_either_side() -> None:
    assert code(Conditions(date_from=FRIDAY), occurred_at=at("2030-01-01T00:00:00")) == "applied"
    assert code(Conditions(date_from=FRIDAY), occurred_at=NOON) == "outside-dates"
    assert code(Conditions(date_to=FRIDAY), occurred_at=at("2000-01-01T00:00:00")) == "applied"
    assert code(Conditions(date_to=FRIDAY), occurred_at=at("2026-01-03T00:00:00")) == "outside-dates"


@pytest.mark.parametrize("weekday", range(1, 8))
def test_weekdays_are_iso_and_local(weekday: int) -> None:
    monday_soon_after_midnight = at("2026-01-05T00:30:00")  # still Sunday in UTC
    wanted = "applied" if weekday == 1 else "outside-weekdays"
    assert code(Conditions(weekdays=frozenset({weekday})), occurred_at=monday_soon_after_midnight) == wanted


def test_one_of_several_windows_is_enough() -> None:
    lunch_or_night = (window("11:00", "13:00"), window("22:00", "02:00"))
    conditions = Conditions(weekdays=frozenset({5}), time_windows=lunch_or_night)
    assert code(conditions, occurred_at=at("2026-01-02T12:00:00")) == "applied"
    assert code(conditions, occurred_at=at("2026-01-03T01:00:00")) == "applied"
    assert code(conditions, occurred_at=at("2026-01-03T12:00:00")) == "outside-weekdays"
    assert code(conditions, occurred_at=at("2026-01-02T15:00:00")) == "outside-time-windows"


def test_overlapping_windows_each_have_their_day() -> None:
    night_or_early = (window("22:00", "06:00"), window("05:00", "09:00"))
    moment = at("2026-01-03T05:30:00")  # of Friday by the one, of Saturday by the other
    for weekday, wanted in ((5, "applied"), (6, "applied"), (7, "outside-weekdays")):
        conditions = Conditions(weekdays=frozenset({weekday}), time_windows=night_or_early)
        assert code(conditions, occurred_at=moment) == wanted


@pytest.mark.parametrize(
    ("moment", "wanted"),
    [
        (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "applied"),
        (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), "applied"),
        (datetime(2026, 11, 1, 7, 30, tzinfo=UTC), "outside-time-windows"),
        (datetime(2026, 11, 1, 4, 30, tzinfo=UTC), "outside-time-windows"),
    ],
    ids=["half past one, summer", "half past one again, winter", "half past two", "half past midnight"],
)
def test_an_hour_that_comes_twice_counts_twice(moment: datetime, wanted: str) -> None:
    assert code(Conditions(time_windows=(window("01:00", "02:00"),)), zone=NEW_YORK, occurred_at=moment) == wanted


def test_an_hour_that_is_skipped_never_comes() -> None:
    skipped = Conditions(time_windows=(window("02:00", "03:00"),))
    day = datetime(2026, 3, 8, 5, tzinfo=UTC)  # midnight in New York, before the clock jumps from two to three
    codes = {code(skipped, zone=NEW_YORK, occurred_at=day + timedelta(minutes=5 * one)) for one in range(23 * 12)}
    assert codes == {"outside-time-windows"}


def test_windows_follow_the_clock_through_summer_time() -> None:
    evening = Conditions(time_windows=(window("18:00", "23:00"),), weekdays=frozenset({7}))
    for moment in (datetime(2026, 3, 1, 23, tzinfo=UTC), datetime(2026, 3, 8, 22, tzinfo=UTC)):
        assert code(evening, zone=NEW_YORK, occurred_at=moment) == "applied"
        assert code(evening, zone=NEW_YORK, occurred_at=moment - MICROSECOND) == "outside-time-windows"


INSTANTS = st.datetimes(timezones=st.just(UTC)).filter(lambda one: 2000 <= one.year < 2100)


@pytest.mark.parametrize(
    ("merchant_percent", "funded"),
    [
        (100, {"merchant": 12}),
        (0, {"district": 12}),
        (50, {"merchant": 6, "district": 6}),
        (60, {"merchant": 7, "district": 5}),
        (1, {"district": 12}),
    ],
)
def test_the_rule_that_counts_says_who_pays(merchant_percent: int, funded: dict[str, int]) -> None:
    assert earn(base(merchant_percent=merchant_percent)).funded == funded


AMOUNTS = st.integers(0, 5_000) | st.integers(0, MAX_AMOUNT)
ROUNDINGS: st.SearchStrategy[Any] = st.sampled_from(["floor", "half_up"])
CONDITIONS = st.builds(
    Conditions,
    channels=st.sampled_from([frozenset(), frozenset({"till"}), frozenset({"web"})]),
    weekdays=st.frozensets(st.integers(1, 7), max_size=4),
    time_windows=st.lists(st.builds(TimeWindow, st.times(), st.times()), max_size=2).map(tuple),
    min_amount=st.none() | AMOUNTS,
    max_amount=st.none() | AMOUNTS,
)
RULES = st.lists(
    st.builds(
        Rule,
        key=st.text("abcdef", min_size=1, max_size=3),
        name=st.just("rule"),
        points=st.integers(1, 1_000_000),
        per_amount=st.integers(1, 100_000),
        priority=st.integers(0, 3),
        conditions=CONDITIONS | st.just(ANY),
        merchant_percent=st.integers(0, 100),
    ),
    max_size=5,
    unique_by=(lambda rule: rule.key, lambda rule: rule.priority),
).map(tuple)


@given(RULES, AMOUNTS, INSTANTS, ROUNDINGS, st.sampled_from([SHANGHAI, NEW_YORK]))
def test_points_are_never_negative_and_always_add_up(
    rules: tuple[Rule, ...], amount: int, occurred_at: datetime, rounding: Rounding, zone: ZoneInfo
) -> None:
    evaluation = earn(
        *rules, eligible_amount=amount, occurred_at=occurred_at, rounding=rounding, zone=zone, channel="till"
    )
    assert evaluation.points >= 0
    assert sum(evaluation.funded.values()) == evaluation.points
    assert all(points > 0 for points in evaluation.funded.values())
    assert [one.rule_key for one in evaluation.outcomes] == [rule.key for rule in rules]
    assert sum(one.points for one in evaluation.outcomes) == evaluation.points
    assert sum(one.code == "applied" for one in evaluation.outcomes) == (evaluation.points > 0)
    assert all((one.points > 0) == (one.code == "applied") for one in evaluation.outcomes)


@given(AMOUNTS, AMOUNTS, st.integers(1, 1_000_000), st.integers(1, 100_000), ROUNDINGS)
def test_who_pays_more_never_earns_less(one: int, other: int, points: int, per: int, rounding: Rounding) -> None:
    rule = base(points=points, per_amount=per)
    less, more = (earn(rule, eligible_amount=amount, rounding=rounding).points for amount in sorted((one, other)))
    assert less <= more


@given(AMOUNTS, st.integers(1, 1_000_000), st.integers(1, 100_000))
def test_one_rounding_is_less_than_a_point_off(amount: int, points: int, per: int) -> None:
    exact = Fraction(amount * points, per)
    rule = base(points=points, per_amount=per)
    floor, half_up = (earn(rule, eligible_amount=amount, rounding=way).points for way in ("floor", "half_up"))
    assert 0 <= exact - floor < 1
    assert -Fraction(1, 2) <= exact - half_up < Fraction(1, 2)
    assert half_up in (floor, floor + 1)


@given(RULES, AMOUNTS, INSTANTS)
def test_the_zone_of_the_instant_does_not_matter(rules: tuple[Rule, ...], amount: int, occurred_at: datetime) -> None:
    here, there = (
        earn(*rules, eligible_amount=amount, occurred_at=occurred_at.astimezone(zone)) for zone in (SHANGHAI, NEW_YORK)
    )
    assert here == there


@given(
    st.integers(1, 10**7) | st.fractions(Fraction(1, 100), 10**5),
    st.integers(0, 50),
    st.integers(1, 5_000),
    st.sampled_from(["floor", "half_up"]),
)
def test_a_rule_alone_earns_what_it_earns_among_others(
    eligible: int | Fraction, points: int, per_amount: int, rounding: Rounding
) -> None:
    idle = base("nothing", points=0, kind="bonus")
    rule = base(points=points, per_amount=per_amount)
    alone, among = (earn(rule, *others, eligible_amount=eligible, rounding=rounding) for others in ((), (idle,)))
    assert (alone.points, alone.funded, [*alone.outcomes]) == (among.points, among.funded, [*among.outcomes][:1])
