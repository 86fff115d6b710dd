"""Pages of series."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from accounts.models import User
from booking.models import Booking, BookingSeries, Resource
from booking.services.series import SeriesMade
from tests.booking.services.test_series import book, wish
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.support.queries import count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
NEW = "/series/new"


@pytest.fixture
def made(ada: User, microscope: Resource, now: datetime) -> SeriesMade:
    """Ada's series of three."""
    return book(wish(ada, microscope, now, "FREQ=WEEKLY;COUNT=3"))


def typed(microscope: Resource, **fields: object) -> dict[str, object]:
    """Tuesday at nine, weekly, three times."""
    return {
        "resource": microscope.code,
        "start_time": "2026-03-03T09:00",
        "end_time": "2026-03-03T10:00",
        "unit": "WEEKLY",
        "every": "1",
        "ends": "count",
        "count": "3",
        **fields,
    }


def test_the_booking_form_leads_to_a_filled_in_page(
    ada: User, as_user: LogIn, microscope: Resource
) -> None:
    client = as_user(ada)
    assert b"series/new" in client.get(reverse("booking:booking_new")).content
    answer = client.post(NEW, {**typed(microscope, purpose="Cells"), "repeat": "1"})
    assert answer.status_code == 200
    assert b"2026-03-03T09:00" in answer.content
    assert b"Cells" in answer.content
    assert client.get(f"{NEW}?resource={microscope.code}&start=2026-03-03T09:00").status_code == 200


def test_check_books_nothing_and_book_books_what_is_ticked(
    ada: User, ben: User, as_user: LogIn, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now + DAY + HOUR + WEEK)
    client = as_user(ada)
    answer = client.post(NEW, {**typed(microscope), "check": "1"})
    assert not BookingSeries.objects.exists()
    page = answer.content.decode()
    assert page.count('name="take"') == 2
    assert page.count('name="instead"') == 1
    occurrences = answer.context["preview"].occurrences
    seen = [each.occurrence.occurs_at.isoformat() for each in occurrences]
    repair = occurrences[1].repair
    answer = client.post(
        NEW,
        {
            **typed(microscope),
            "seen": seen,
            "take": [seen[0]],
            "instead": f"{seen[1]}|{repair.start.isoformat()}|{repair.end.isoformat()}",
            "book": "1",
        },
    )
    series = BookingSeries.objects.get()
    assert answer["Location"] == reverse("booking:series_detail", args=[series.public_id])
    assert [each.period for each in series.bookings.order_by("occurs_at")][1] == repair
    assert len(series.excluded) == 1


def test_what_refuses_every_time_is_said_once_and_leads_on(
    ada: User, as_user: LogIn, microscope: Resource
) -> None:
    microscope.requires_access = True
    microscope.save()
    answer = as_user(ada).post(NEW, {**typed(microscope), "check": "1"})
    [text] = answer.context["preview"].shared
    page = answer.content.decode()
    assert page.count(escape(text)) == 1
    assert 'name="book"' not in page
    assert f'href="/find-time?what={microscope.code}#results"' in page
    answer = as_user(ada).post(NEW, {**typed(microscope, count="1"), "check": "1"})
    assert answer.context["preview"].shared == ()


def test_a_filled_in_form_is_asked_about_at_once(
    ada: User, as_user: LogIn, microscope: Resource
) -> None:
    client = as_user(ada)
    address = f"{NEW}?resource={microscope.code}&start=2026-03-03T09:00&end=2026-03-03T10:00"
    assert ', load"' in client.get(address).content.decode()
    assert ', load"' not in client.get(NEW).content.decode()
    assert ', load"' not in client.post(NEW, {**typed(microscope), "check": "1"}).content.decode()


def test_what_is_taken_is_said_or_left_out(
    ada: User, ben: User, as_user: LogIn, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now + DAY + HOUR + WEEK)
    client = as_user(ada)
    answer = client.post(NEW, {**typed(microscope), "book": "1"})
    assert answer.status_code == 409
    assert not BookingSeries.objects.exists()
    answer = client.post(NEW, {**typed(microscope), "possible": "1"}, follow=True)
    page = answer.content.decode()
    assert "1 could not be booked and was left out" in page
    assert "Left out:" in page
    assert "Tue 10 Mar 2026" in page
    assert BookingSeries.objects.get().bookings.count() == 2


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_time_instead_at_the_end_of_the_calendar_is_refused(
    ada: User, as_user: LogIn, microscope: Resource, now: datetime, day: str
) -> None:
    first = (now + DAY + HOUR).isoformat()
    instead = f"{first}|{day}T10:00:00+00:00|{day}T11:00:00+00:00"
    data = {**typed(microscope), "seen": [first], "instead": instead, "book": "1"}
    answer = as_user(ada).post(NEW, data)
    assert answer.status_code == 422
    assert b"within three years" in answer.content
    assert not BookingSeries.objects.exists()


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"unit": "DAILY", "every": "2"}, "FREQ=DAILY;INTERVAL=2;COUNT=3"),
        ({"weekdays": ["1", "3"]}, "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=3"),
        ({"unit": "MONTHLY", "month_by": "weekday"}, "FREQ=MONTHLY;BYDAY=1TU;COUNT=3"),
        ({"ends": "until", "until": "2026-03-20"}, "FREQ=WEEKLY;UNTIL=20260320"),
    ],
)
def test_the_form_writes_the_rule(
    ada: User, as_user: LogIn, microscope: Resource, fields: dict[str, object], rule: str
) -> None:
    as_user(ada).post(NEW, {**typed(microscope, **fields), "book": "1"})
    assert BookingSeries.objects.get().rule == rule


@pytest.mark.parametrize(
    "fields",
    [
        {"ends": "until", "until": ""},
        {"count": ""},
        {"count": "0"},
        {"every": "0"},
        {"unit": "HOURLY"},
        {"count": "500"},
        {"start_time": "nonsense"},
        {"end_time": "2026-03-03T08:00"},
        {"resource": "pool:0"},
        {"weekdays": ["9"]},
    ],
)
def test_bad_input_is_said_and_books_nothing(
    ada: User, as_user: LogIn, microscope: Resource, fields: dict[str, object]
) -> None:
    answer = as_user(ada).post(NEW, {**typed(microscope, **fields), "book": "1"})
    assert answer.status_code == 422
    assert not Booking.objects.exists()
    for word in ("seen", "take", "instead"):
        answer = as_user(ada).post(NEW, {**typed(microscope, **fields), word: "x|y|z"})
        assert answer.status_code == 422


def test_the_live_preview_is_only_the_list(ada: User, as_user: LogIn, microscope: Resource) -> None:
    answer = as_user(ada).post("/series/preview", typed(microscope))
    assert answer.content.decode().count('name="take"') == 3
    assert b"<html" not in answer.content


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_of_a_series_within_its_budget(
    ada: User, as_user: LogIn, microscope: Resource, now: datetime, number: int
) -> None:
    client = as_user(ada)
    made = book(wish(ada, microscope, now, f"FREQ=DAILY;COUNT={number}"))
    address = reverse("booking:series_detail", args=[made.series.public_id])
    client.get(address)
    with count_queries() as counted:
        answer = client.get(address)
    assert len(counted) <= 12
    # Each of them, and the next one by name.
    assert answer.content.decode().count('href="/bookings/') == number + 1


def test_a_booking_says_where_it_stands(ada: User, as_user: LogIn, made: SeriesMade) -> None:
    address = reverse("booking:booking_detail", args=[made.bookings[1].public_id])
    page = as_user(ada).get(address).content.decode()
    assert "2 of 3" in page
    assert "weekly" in page
    assert f"series/{made.series.public_id}/cancel?from={made.bookings[1].public_id}" in page


def test_who_sees_and_changes_what(
    client: Client, cast: dict[str, User], as_user: LogIn, made: SeriesMade
) -> None:
    pages = [
        reverse(f"booking:{name}", args=[made.series.public_id])
        for name in ("series_detail", "series_edit", "series_cancel", "series_ics")
    ]
    for page in (*pages, NEW):
        assert client.get(page).status_code == 302
    expected = {"ada": 200, "ben": 404, "chris": 200, "dora": 200, "eve": 404}
    for name, status in expected.items():
        for page in pages:
            assert as_user(cast[name]).get(page).status_code == status, (name, page)
        assert as_user(cast[name]).get(NEW).status_code == 200


def test_the_rest_is_cancelled_from_one_on(ada: User, as_user: LogIn, made: SeriesMade) -> None:
    client = as_user(ada)
    address = reverse("booking:series_cancel", args=[made.series.public_id])
    since = made.bookings[1].public_id
    assert "2 bookings are cancelled" in client.get(f"{address}?from={since}").content.decode()
    client.post(address, {"from": str(since), "reason": "Done"})
    assert [each.status for each in made.series.bookings.order_by("occurs_at")] == [
        "confirmed",
        "cancelled",
        "cancelled",
    ]
    assert client.get(f"{address}?from=nonsense").status_code == 404
    assert client.post(address, {"reason": "x" * 600}).status_code == 422


def test_the_rest_is_changed_after_a_look(
    ada: User, ben: User, as_user: LogIn, made: SeriesMade, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now + DAY + 2 * HOUR + WEEK)
    client = as_user(ada)
    address = reverse("booking:series_edit", args=[made.series.public_id])
    assert client.get(address).status_code == 200
    data = {"starts": "10:00", "minutes": "60", "resource": microscope.code, "purpose": ""}
    page = client.post(address, {**data, "check": "1"}).content.decode()
    assert "2 bookings can be changed" in page
    assert client.post(address, {**data, "change": "1"}).status_code == 409
    assert client.post(address, {**data, "resource": "nothing"}).status_code == 422
    assert client.post(address, {**data, "minutes": "0"}).status_code == 422
    answer = client.post(address, {**data, "from": made.bookings[1].public_id, "possible": "1"})
    detail = reverse("booking:series_detail", args=[made.series.public_id])
    assert f'href="{answer["Location"]}">It goes on' in client.get(detail).content.decode()
    assert f'href="{detail}">It continues' in client.get(answer["Location"]).content.decode()
    answer = client.post(address, {**data, "possible": "1"})
    assert answer.status_code == 302
    starts = [each.start_time for each in made.series.bookings.order_by("occurs_at")]
    assert starts[0] == now + DAY + 2 * HOUR


def test_the_calendar_file_holds_all(ada: User, as_user: LogIn, made: SeriesMade) -> None:
    answer = as_user(ada).get(reverse("booking:series_ics", args=[made.series.public_id]))
    assert answer.content.count(b"BEGIN:VEVENT") == 3
