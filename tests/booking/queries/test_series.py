"""What a series would book, before it does."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.models import User
from booking.enums import Limit, QuotaPeriod
from booking.errors import BookingRefused
from booking.models import BookingPolicy, Resource
from booking.queries.series import SeriesWish, preview_series
from tests.factories.bookings import make_booking
from tests.factories.quotas import make_quota
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
ZONE = ZoneInfo("Europe/Berlin")


def wish(user: User, resource: Resource, now: datetime, rule: str, **fields: object) -> SeriesWish:
    """Tomorrow at nine, an hour each."""
    given = {
        "actor": user,
        "user": user,
        "resource_id": resource.public_id,
        "rule": rule,
        "first": now + DAY + HOUR,
        "length": HOUR,
        "now": now,
        **fields,
    }
    return SeriesWish(**given)  # type: ignore[arg-type]


def test_a_year_of_weeks_is_asked_in_a_handful_of_statements(
    ada: User, ben: User, microscope: Resource, now: datetime, weekday_hours: None
) -> None:
    first = (now + DAY + HOUR).astimezone(ZONE)
    for week in range(0, 52, 2):
        make_booking(ben, microscope, first + week * WEEK)
    asked = wish(ada, microscope, now, "FREQ=WEEKLY;COUNT=52")
    preview_series(asked)
    begun = time.perf_counter()
    with count_queries() as counted:
        preview = preview_series(asked)
    took = time.perf_counter() - begun
    assert len(counted) <= 4
    assert took < 1
    assert (preview.allowed, preview.refused) == (26, 26)
    local = {each.occurrence.period.start.astimezone(ZONE).hour for each in preview.occurrences}
    assert local == {9}
    refused = [each for each in preview.occurrences if not each.is_allowed]
    assert all(each.repair is not None for each in refused)


def test_each_repair_is_near_legal_and_beside_the_others(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    first = now + DAY + HOUR
    make_booking(ben, microscope, first + WEEK)
    asked = wish(ada, microscope, now, "FREQ=WEEKLY;COUNT=3")
    [_one, second, _three] = preview_series(asked).occurrences
    assert [each.code for each in second.refusals] == ["conflict.taken"]
    assert second.repair is not None
    assert abs(second.repair.start - second.occurrence.period.start) == HOUR
    chosen = replace(asked, choices={second.occurrence.occurs_at: second.repair})
    assert preview_series(chosen).allowed == 3
    left = replace(asked, choices={second.occurrence.occurs_at: None})
    preview = preview_series(left)
    assert (len(preview.occurrences), len(preview.left_out), preview.allowed) == (2, 1, 2)


def test_what_no_time_mends_has_no_repair(ada: User, microscope: Resource, now: datetime) -> None:
    microscope.requires_access = True
    microscope.save()
    preview = preview_series(wish(ada, microscope, now, "FREQ=DAILY;COUNT=3"))
    assert preview.allowed == 0
    assert [each.repair for each in preview.occurrences] == [None, None, None]


def test_limits_count_the_whole_series(ada: User, microscope: Resource, now: datetime) -> None:
    BookingPolicy.objects.create(limit=Limit.MINUTES_PER_WEEK, value=180, resource=microscope)
    preview = preview_series(wish(ada, microscope, now, "FREQ=DAILY;COUNT=6"))
    codes = [[each.code for each in one.refusals] for one in preview.occurrences]
    # Tuesday to Sunday.
    assert codes == [[], [], [], *[["quota.hours_per_week"]] * 3]


def test_a_series_that_overlaps_itself_is_refused_where_it_does(
    ada: User, microscope: Resource, now: datetime
) -> None:
    preview = preview_series(wish(ada, microscope, now, "FREQ=DAILY;COUNT=4", length=30 * HOUR))
    codes = [[each.code for each in one.refusals] for one in preview.occurrences]
    assert codes == [[], ["conflict.taken"], [], ["conflict.taken"]]
    text = preview.occurrences[1].refusals[0].text
    assert "same series" in text


def test_the_wall_clock_counts_when_the_clocks_change(
    ada: User, microscope: Resource, now: datetime
) -> None:
    asked = wish(
        ada, microscope, now, "FREQ=WEEKLY;COUNT=5", first=datetime(2026, 3, 20, 8, tzinfo=UTC)
    )
    starts = [each.occurrence.period.start for each in preview_series(asked).occurrences]
    assert [start.hour for start in starts] == [8, 8, 7, 7, 7]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("FREQ=DAILY", "series.rule"),
        ("FREQ=HOURLY;COUNT=3", "series.rule"),
        ("FREQ=DAILY;COUNT=3;BYHOUR=3", "series.rule"),
        ("FREQ=WEEKLY;BYDAY=XX;COUNT=3", "series.rule"),
        ("nonsense", "series.rule"),
        ("FREQ=MONTHLY;BYMONTHDAY=30;BYMONTH=2;COUNT=3", "series.empty"),
        ("FREQ=DAILY;COUNT=101", "series.too_many"),
        ("FREQ=YEARLY;COUNT=9", "series.too_far"),
        ("FREQ=DAILY;UNTIL=20200101", "series.empty"),
    ],
)
def test_bad_rules_are_refused_in_words(
    ada: User, microscope: Resource, now: datetime, rule: str, code: str
) -> None:
    with pytest.raises(BookingRefused) as caught:
        preview_series(wish(ada, microscope, now, rule))
    [refusal] = caught.value.refusals
    assert (refusal.code, bool(refusal.text)) == (code, True)


def test_the_policy_says_how_many(ada: User, microscope: Resource, now: datetime) -> None:
    BookingPolicy.objects.create(limit=Limit.SERIES_LENGTH, value=5, resource=microscope)
    assert preview_series(wish(ada, microscope, now, "FREQ=DAILY;COUNT=5")).most == 5
    with pytest.raises(BookingRefused) as caught:
        preview_series(wish(ada, microscope, now, "FREQ=DAILY;COUNT=6"))
    assert caught.value.refusals[0].facts == {"limit": 5}


def test_the_horizon_counts_for_each(ada: User, microscope: Resource, now: datetime) -> None:
    BookingPolicy.objects.create(limit=Limit.HORIZON, value=14 * 24 * 60)
    preview = preview_series(wish(ada, microscope, now, "FREQ=WEEKLY;COUNT=4"))
    codes = [[each.code for each in one.refusals] for one in preview.occurrences]
    assert codes == [[], [], ["lead.horizon"], ["lead.horizon"]]


def test_an_absurd_length_or_start_is_refused(
    ada: User, microscope: Resource, now: datetime
) -> None:
    for fields in ({"length": timedelta()}, {"first": now + 4000 * DAY}, {"first": now - 2 * DAY}):
        with pytest.raises(BookingRefused):
            preview_series(wish(ada, microscope, now, "FREQ=DAILY;COUNT=2", **fields))


def test_quotas_count_the_whole_series(ada: User, microscope: Resource, now: datetime) -> None:
    make_quota(amount=120, period=QuotaPeriod.WEEK, resource=microscope)
    preview = preview_series(wish(ada, microscope, now, "FREQ=DAILY;COUNT=8"))
    codes = [[each.code for each in one.refusals] for one in preview.occurrences]
    assert codes == [[], [], *[["quota.allowance"]] * 4, [], []]
