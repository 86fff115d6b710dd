"""The page of one's own calendar server, against a real one."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from accounts.models import User
from booking.enums import RemoteState
from booking.models import RemoteCalendar, RemoteEntry, Resource
from booking.services.bookings import cancel_booking, reschedule_booking
from labitory.lib.periods import Period
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.support.caldav import NAME, PASSWORD, caldav_server
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
PAGE = "/calendars/server"
HOUR = timedelta(hours=1)


def remote(user: User, now: datetime) -> RemoteCalendar:
    return RemoteCalendar.objects.create(
        user=user, url="https://dav.example.org/ada/", username=NAME, password=PASSWORD,
        created_at=now,
    )  # fmt: skip


def conflict(calendar: RemoteCalendar, resource: Resource, start: datetime) -> RemoteEntry:
    booking = make_booking(calendar.user, resource, start)
    return RemoteEntry.objects.create(
        calendar=calendar, booking=booking, href=f"/{booking.pk}.ics", state=RemoteState.CONFLICT,
        wanted_start=start + HOUR, wanted_end=start + 2 * HOUR, note="It is taken.",
    )  # fmt: skip


def test_connects_and_ends(as_user: LogIn, ada: User, tmp_path: Path) -> None:
    client = as_user(ada)
    assert "No calendar is connected." in client.get(PAGE).content.decode()
    sent = {"username": NAME, "password": PASSWORD, "policy": "ask"}
    with caldav_server(tmp_path) as server:
        wrong = client.post(PAGE, sent | {"url": server.url, "password": "wrong and secret"})
        assert wrong.status_code == 422
        assert "does not let this name and password in" in wrong.content.decode()
        assert "wrong and secret" not in wrong.content.decode()
        done = client.post(PAGE, sent | {"url": server.url}, follow=True)
    page = done.content.decode()
    assert "Connected. Your bookings are there within some minutes." in page
    assert server.calendar in page
    assert PASSWORD not in page
    assert "forgotten" in client.post(f"{PAGE}/end", follow=True).content.decode()
    assert not RemoteCalendar.objects.exists()


def test_one_of_several_calendars_is_chosen_by_its_name(
    as_user: LogIn, ada: User, tmp_path: Path
) -> None:
    client = as_user(ada)
    sent = {"username": NAME, "password": PASSWORD, "policy": "ask"}
    with caldav_server(tmp_path) as server:
        server.make_calendar("home")
        answer = client.post(PAGE, sent | {"url": server.url})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "There are several calendars there: choose one" in page
        assert f'<option value="{server.calendar}">lab</option>' in page
        assert "Which calendar" in page
        assert "The CalDAV address, such as" not in page
        assert PASSWORD not in page
        client.post(PAGE, sent | {"url": server.calendar})
    assert RemoteCalendar.objects.get().url == server.calendar


@pytest.mark.parametrize(
    "wrong", [{"url": "nonsense"}, {"url": ""}, {"username": ""}, {"policy": "other"}, {}]
)
def test_nonsense_is_refused_in_words(as_user: LogIn, ada: User, wrong: dict[str, str]) -> None:
    sent = {"url": "https://10.0.0.1/", "username": "a", "password": "b", "policy": "ask"}
    answer = as_user(ada).post(PAGE, sent | wrong)
    assert answer.status_code == 422
    assert not RemoteCalendar.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_shows_what_differs_in_as_many_queries(
    as_user: LogIn, ada: User, microscope: Resource, now: datetime, count: int
) -> None:
    calendar = remote(ada, now)
    for day in range(count):
        conflict(calendar, microscope, now + timedelta(days=day + 1))
    client = as_user(ada)
    with count_queries() as counted:
        page = client.get(PAGE).content.decode()
    assert page.count("Keep it as it is here") == count
    assert page.count("It is taken.") == count
    assert len(counted) == 4


def test_what_was_settled_here_differs_no_more(
    as_user: LogIn, ada: User, microscope: Resource, now: datetime
) -> None:
    calendar = remote(ada, now)
    entries = [conflict(calendar, microscope, now + timedelta(days=day)) for day in (1, 2, 3)]
    moved, cancelled, deleted = (entry.booking for entry in entries)
    RemoteEntry.objects.filter(booking=deleted).update(wanted_start=None, wanted_end=None)
    reschedule_booking(
        actor=ada, booking_id=moved.public_id, now=now,
        period=Period(moved.start_time + HOUR, moved.start_time + 2 * HOUR),
    )  # fmt: skip
    cancel_booking(actor=ada, booking_id=cancelled.public_id, now=now)
    page = as_user(ada).get(PAGE).content.decode()
    assert [str(each.public_id) in page for each in (moved, cancelled, deleted)] == [
        False, False, True,
    ]  # fmt: skip
    assert "Keep it, and put it back there" in page


def test_nobody_sees_or_settles_what_is_anothers(
    as_user: LogIn, cast: dict[str, User], microscope: Resource, now: datetime
) -> None:
    entry = conflict(remote(cast["ada"], now), microscope, now + HOUR)
    keep = f"{PAGE}/{entry.booking.public_id}/keep"
    for name, user in cast.items():
        if name == "ada":
            continue
        client = as_user(user)
        assert "dav.example.org" not in client.get(PAGE).content.decode()
        assert client.post(keep).status_code == 404
        client.post(f"{PAGE}/end")
    entry.refresh_from_db()
    assert entry.state == RemoteState.CONFLICT
    assert as_user(cast["ada"]).post(keep).status_code == 302
    entry.refresh_from_db()
    assert entry.state == RemoteState.SYNCED


def test_visitors_are_sent_to_the_login(client: Client, db: None) -> None:
    for answer in (client.get(PAGE), client.post(PAGE), client.post(f"{PAGE}/end")):
        assert "/accounts/login" in answer["Location"]
