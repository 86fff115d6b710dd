"""The parts that pages ask for by themselves: what they cost, and when they are the same."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Session, User
from booking.enums import Status
from booking.models import Notification, OutboxEvent, Resource
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
PART = {"Live-Part": "1"}
HOUR = timedelta(hours=1)
# Each with the person of the session.
COSTS = {
    "/": 4,
    "/notices": 2,
    "/live/counts": 2,
    "/manage/approvals": 4,
    "/calendar": 3,
    "/calendar?view=week": 3,
    "/calendar?as=list": 3,
    "/i/{code}/state": 3,
    "/i/{code}": 3,
}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> list[datetime]:
    """What the lab's clock shows: its last entry."""
    shown = [now]
    monkeypatch.setattr("django.utils.timezone.now", lambda: shown[-1])
    return shown


@pytest.mark.parametrize(("path", "cost"), COSTS.items())
def test_what_a_part_costs_and_that_it_is_the_same(
    chris: User,
    ben: User,
    as_user: LogIn,
    microscope: Resource,
    second_microscope: Resource,
    now: datetime,
    path: str,
    cost: int,
) -> None:
    for hours in range(3):
        make_booking(ben, microscope, now + hours * HOUR, HOUR)
    make_booking(ben, second_microscope, now + HOUR, status=Status.PENDING)
    client, path = as_user(chris), path.format(code=microscope.code)
    client.get(path, headers=PART)
    with count_queries(cost):
        answer = client.get(path, headers=PART)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-cache"
    assert "<html" not in answer.content.decode()
    again = client.get(path, headers={**PART, "If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("whose", "hours", "status", "cost"),
    [
        # Nothing to do: the person, the instrument, its day with the next free time.
        ("ben", 0, Status.CONFIRMED, 3),
        ("ben", 0, Status.CHECKED_IN, 3),
        # To check in, the booking; to start now, all that its rules ask.
        ("ada", 0, Status.CONFIRMED, 4),
        ("ada", 2, Status.CONFIRMED, 5),
        # To stay longer, the same with the booking and who comes next.
        ("ada", 0, Status.CHECKED_IN, 7),
    ],
)
def test_what_an_instrument_costs_by_what_one_can_do_there(
    ada: User,
    ben: User,
    as_user: LogIn,
    microscope: Resource,
    now: datetime,
    whose: str,
    hours: int,
    status: Status,
    cost: int,
) -> None:
    person = {"ada": ada, "ben": ben}[whose]
    make_booking(person, microscope, now + hours * HOUR, HOUR, status=status)
    client, path = as_user(ada), f"/i/{microscope.code}"
    client.get(path, headers=PART)
    with count_queries(cost):
        client.get(path, headers=PART)


def test_a_booking_of_another_changes_the_calendar(
    ada: User,
    ben: User,
    as_user: LogIn,
    microscope: Resource,
    now: datetime,
    clock: list[datetime],
) -> None:
    client = as_user(ada)
    clock.append(now + timedelta(seconds=65))
    before = client.get("/calendar", headers=PART)
    clock.append(now + timedelta(seconds=85))
    same = client.get("/calendar", headers={**PART, "If-None-Match": before["ETag"]})
    assert same.status_code == 304
    make_booking(ben, microscope, now + HOUR, HOUR)
    after = client.get("/calendar", headers={**PART, "If-None-Match": before["ETag"]})
    assert after.status_code == 200
    assert after.content.count(b"data-live-part") == 2
    # The page itself names its parts, and what they are about.
    page = client.get("/calendar").content.decode()
    assert f'data-live-topics="resource:{microscope.public_id}"' in page
    assert 'data-live="?date=2026-03-02&amp;page=1"' in page
    assert all(f'data-live-part="{name}"' in page for name in ("timeline", "agenda"))


@pytest.mark.parametrize("number", ["0", "2", "x", "-1", "99999999", "²"])
def test_parts_of_any_page_answer(
    ada: User, as_user: LogIn, microscope: Resource, number: str
) -> None:
    answer = as_user(ada).get(f"/calendar?page={number}", headers=PART)
    assert answer.status_code == 200


def test_the_counts_have_their_words(ada: User, as_user: LogIn, now: datetime) -> None:
    event = OutboxEvent.objects.create(kind="booking.created", created_at=now)
    Notification.objects.create(event=event, user=ada, title="Booked", created_at=now)
    told = as_user(ada).get("/live/counts", headers=PART).content.decode()
    assert '<span data-live-count="notices" aria-label="1 unread">1</span>' in told
    assert '<span data-live-count="approvals" hidden>0</span>' in told


def test_a_page_that_asks_by_itself_keeps_no_session_alive(
    ada: User, as_user: LogIn, now: datetime, clock: list[datetime]
) -> None:
    client = as_user(ada)
    clock.append(now + timedelta(minutes=settings.SESSION_IDLE_MINUTES - 10))
    assert client.get("/live/counts", headers=PART).status_code == 200
    assert Session.objects.get(user=ada).seen_at == now
    clock.append(now + timedelta(minutes=settings.SESSION_IDLE_MINUTES))
    assert client.get("/live/counts", headers=PART).status_code == 302


def test_nobody_gets_parts_of_others(client: Client) -> None:
    for path in COSTS:
        if not path.endswith("/state"):
            assert client.get(path.format(code="any"), headers=PART).status_code == 302
