"""One booking's page and its acts: change, cancel, check in, finish, take along."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from accounts.models import User
from booking.enums import Limit, Status
from booking.models import (
    Booking,
    BookingAttendee,
    BookingPolicy,
    BookingStatus,
    OutboxEvent,
    Resource,
    ResourceCalendar,
    ResponsiblePerson,
)
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock", "weekday_hours")
HOUR = timedelta(hours=1)
EVIL = "<script>alert(1)</script>"
Address = Callable[..., str]


@pytest.fixture
def booking(ada: User, microscope: Resource, now: datetime) -> Booking:
    """Ada's, from 10:00 to 11:00."""
    return make_booking(ada, microscope, now + 2 * HOUR, purpose="Cells")


def page_of(booking: Booking, act: str = "") -> str:
    return f"/bookings/{booking.public_id}{act and '/'}{act}"


def move(resource: Resource, start: str = "13:00", end: str = "14:00") -> dict[str, str]:
    return {
        "resource": resource.code,
        "start_time": f"2026-03-02T{start}",
        "end_time": f"2026-03-02T{end}",
    }


def test_its_people_and_those_who_look_after_it_see_it(
    as_user: LogIn, cast: dict[str, User], booking: Booking
) -> None:
    BookingAttendee.objects.create(booking=booking, user=cast["ben"])
    seen = {name: as_user(user).get(page_of(booking)).status_code for name, user in cast.items()}
    assert seen == {"ada": 200, "ben": 200, "chris": 200, "dora": 200, "eve": 404}


def test_a_responsible_person_sees_it_and_cannot_change_it(
    as_user: LogIn, ben: User, booking: Booking
) -> None:
    ResponsiblePerson.objects.create(user=ben, resource=booking.resource)
    client = as_user(ben)
    page = client.get(page_of(booking)).content.decode()
    assert "/edit" not in page
    assert "/cancel" not in page
    assert client.get(page_of(booking, "edit")).status_code == 302
    assert client.post(page_of(booking, "cancel")).status_code == 302
    assert client.post(page_of(booking, "check-in")).status_code == 403
    booking.refresh_from_db()
    assert booking.status == Status.CONFIRMED


@pytest.mark.parametrize("act", ["", "edit", "cancel", "booking.ics"])
def test_strangers_find_no_page(as_user: LogIn, eve: User, booking: Booking, act: str) -> None:
    assert as_user(eve).get(page_of(booking, act)).status_code == 404


@pytest.mark.parametrize("act", ["edit", "cancel", "check-in", "check-out"])
def test_strangers_change_nothing(as_user: LogIn, eve: User, booking: Booking, act: str) -> None:
    assert as_user(eve).post(page_of(booking, act), move(booking.resource)).status_code == 404
    preview = {"booking": str(booking.public_id), **move(booking.resource)}
    assert as_user(eve).post("/bookings/preview", preview).status_code == 404
    assert not OutboxEvent.objects.exists()
    unchanged = Booking.objects.get()
    assert (unchanged.status, unchanged.start_time) == (booking.status, booking.start_time)


@pytest.mark.parametrize("act", ["check-in", "check-out", "extend"])
def test_acts_need_a_post(as_user: LogIn, ada: User, booking: Booking, act: str) -> None:
    assert as_user(ada).get(page_of(booking, act)).status_code == 200
    unchanged = Booking.objects.get()
    assert (unchanged.status, unchanged.end_time) == (booking.status, booking.end_time)
    assert as_user(ada).get(page_of(booking, "no-show")).status_code == 405


def test_script_in_its_texts_stays_text(
    as_user: LogIn, ada: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now + HOUR, purpose=EVIL, notes=EVIL)
    client = as_user(ada)
    for act in ("", "edit", "cancel"):
        answer = client.get(page_of(booking, act))
        assert b"<script>alert" not in answer.content
        assert len(answer.content) < 60_000


def test_it_is_moved_to_another_time_and_place(
    as_user: LogIn, ada: User, second_microscope: Resource, booking: Booking, now: datetime
) -> None:
    answer = as_user(ada).post(page_of(booking, "edit"), move(second_microscope), follow=True)
    assert "Moved: Confocal 2, 2 Mar 2026, 13:00–14:00" in answer.content.decode()
    moved = Booking.objects.get()
    assert (moved.start_time, moved.resource) == (now + 5 * HOUR, second_microscope)
    assert moved.purpose == "Cells"
    assert ResourceCalendar.objects.get().resource == second_microscope


def test_a_move_is_shown_before_it_is_made(
    as_user: LogIn, ada: User, booking: Booking, now: datetime
) -> None:
    client = as_user(ada)
    live = {"booking": str(booking.public_id), **move(booking.resource)}
    dragged = "?start=2026-03-02T13:00&end=2026-03-02T14:00"
    for answer in (
        client.post(page_of(booking, "edit"), {**move(booking.resource), "check": "1"}),
        client.post("/bookings/preview", live),
        client.get(page_of(booking, "edit") + dragged),
    ):
        page = answer.content.decode()
        assert "Before" in page
        assert "2 Mar 2026, 13:00–14:00" in page
        assert "This time is free" in page
    assert Booking.objects.get().start_time == booking.start_time


def test_a_move_offers_no_seats(as_user: LogIn, ada: User, booking: Booking) -> None:
    asked = {**move(booking.resource), "booking": str(booking.public_id)}
    assert 'id="seats"' not in as_user(ada).post("/bookings/preview", asked).content.decode()
    assert (
        'id="seats"'
        in as_user(ada).post("/bookings/preview", move(booking.resource)).content.decode()
    )


def test_a_refusal_is_said_once(as_user: LogIn, ada: User, ben: User, booking: Booking) -> None:
    make_booking(ben, booking.resource, booking.start_time + 3 * HOUR)
    answer = as_user(ada).post(page_of(booking, "edit"), move(booking.resource))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert page.count("is taken") == 1
    assert 'aria-invalid="true" aria-describedby="preview"' in page


def test_a_preview_tells_company_nothing(
    as_user: LogIn, ada: User, ben: User, booking: Booking, now: datetime
) -> None:
    BookingAttendee.objects.create(booking=booking, user=ben)
    make_booking(ada, make_resource("Patent press"), now + 5 * HOUR)
    asked = {**move(booking.resource), "booking": str(booking.public_id)}
    assert "Patent press" in as_user(ada).post("/bookings/preview", asked).content.decode()
    answer = as_user(ben).post("/bookings/preview", asked)
    assert answer.status_code == 403
    assert "Patent press" not in answer.content.decode()


def test_a_refused_move_keeps_form_booking_and_claim(
    as_user: LogIn, ada: User, ben: User, booking: Booking, now: datetime
) -> None:
    make_booking(ben, booking.resource, now + 5 * HOUR)
    claim = ResourceCalendar.objects.get(booking=booking)
    answer = as_user(ada).post(page_of(booking, "edit"), move(booking.resource))
    assert answer.status_code in (409, 422)
    page = answer.content.decode()
    assert 'value="2026-03-02T13:00"' in page
    assert "One tap moves it there" in page
    assert ResourceCalendar.objects.get(booking=booking).during == claim.during
    assert not OutboxEvent.objects.exists()
    offer = answer.context["answer"].repairs[0]
    pick = f"{offer.resource_id}|{offer.start_time.isoformat()}|{offer.end_time.isoformat()}"
    form = {**move(booking.resource), "pick": pick}
    assert as_user(ada).post(page_of(booking, "edit"), form).status_code == 302
    assert Booking.objects.get(pk=booking.pk).start_time == offer.start_time


@pytest.mark.parametrize(
    "change",
    [
        {"resource": "pool:nothing"},
        {"resource": "nothing"},
        {"start_time": ""},
        {"end_time": "2026-03-02T12:00"},
        {"start_time": "2026-03-29T02:30"},
    ],
)
def test_a_senseless_move_is_told(
    as_user: LogIn, ada: User, booking: Booking, change: dict[str, str]
) -> None:
    answer = as_user(ada).post(page_of(booking, "edit"), {**move(booking.resource), **change})
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert Booking.objects.get().start_time == booking.start_time


@pytest.mark.parametrize("start", ["0001-01-01T00:00+23:59", "9999-12-31T23:59-12:00", "\x00"])
def test_a_senseless_link_is_only_a_form(
    as_user: LogIn, ada: User, booking: Booking, start: str
) -> None:
    answer = as_user(ada).get(page_of(booking, "edit"), {"start": start, "end": start})
    assert answer.status_code == 200
    assert answer.context["form"].errors


def test_texts_and_company_change_alone(
    as_user: LogIn, ada: User, ben: User, booking: Booking
) -> None:
    form = {"texts": "1", "purpose": "Fish", "notes": "Cold", "attendees": "ben"}
    assert as_user(ada).post(page_of(booking, "edit"), form).status_code == 302
    changed = Booking.objects.get()
    assert (changed.purpose, changed.notes, changed.start_time) == (
        "Fish",
        "Cold",
        booking.start_time,
    )
    assert changed.attendees.get().user == ben


def test_unknown_company_keeps_the_texts(as_user: LogIn, ada: User, booking: Booking) -> None:
    form = {"texts": "1", "purpose": "Fish", "notes": "", "attendees": "nobody"}
    answer = as_user(ada).post(page_of(booking, "edit"), form)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Nobody is known as nobody" in page
    assert 'value="Fish"' in page
    assert Booking.objects.get().purpose == "Cells"


def test_what_is_over_is_not_changed(
    as_user: LogIn, ada: User, microscope: Resource, now: datetime
) -> None:
    over = make_booking(ada, microscope, now - 2 * HOUR, status=Status.COMPLETED)
    client = as_user(ada)
    for act in ("edit", "cancel"):
        answer = client.post(page_of(over, act), move(microscope), follow=True)
        assert "can no longer be" in answer.content.decode()
    assert Booking.objects.get().status == Status.COMPLETED


def test_cancel_asks_then_gives_the_time_back(as_user: LogIn, ada: User, booking: Booking) -> None:
    client = as_user(ada)
    assert "Cancel this booking?" in client.get(page_of(booking, "cancel")).content.decode()
    client.post(page_of(booking, "cancel"), {"reason": "Cells died"})
    assert Booking.objects.get().status == Status.CANCELLED
    assert BookingStatus.objects.get(to_status=Status.CANCELLED).reason == "Cells died"
    assert not ResourceCalendar.objects.exists()


def test_a_cancelled_one_is_taken_out_of_calendars(
    as_user: LogIn, ada: User, booking: Booking
) -> None:
    client = as_user(ada)
    assert "Add to calendar" in client.get(page_of(booking)).content.decode()
    page = client.post(page_of(booking, "cancel"), {"reason": ""}, follow=True).content.decode()
    assert "Add to calendar" not in page
    assert "Take out of my calendar" in page


def test_an_endless_reason_cancels_nothing(as_user: LogIn, ada: User, booking: Booking) -> None:
    answer = as_user(ada).post(page_of(booking, "cancel"), {"reason": "x" * 501})
    assert answer.status_code == 422
    assert Booking.objects.get().status == Status.CONFIRMED


def test_a_late_cancellation_is_announced(as_user: LogIn, ada: User, booking: Booking) -> None:
    BookingPolicy.objects.create(limit=Limit.CANCEL_NOTICE, value=1440)
    client = as_user(ada)
    for act in ("", "cancel"):
        assert "late cancellation" in client.get(page_of(booking, act)).content.decode()
    client.post(page_of(booking, "cancel"))
    assert Booking.objects.get().is_late_cancellation


def test_check_in_and_finish(
    as_user: LogIn, ada: User, microscope: Resource, now: datetime
) -> None:
    due = make_booking(ada, microscope, now + timedelta(minutes=15), 2 * HOUR)
    client = as_user(ada)
    assert page_of(due, "check-in") in client.get(page_of(due)).content.decode()
    client.post(page_of(due, "check-in"), {"next": "https://evil.example"})
    page = client.get(page_of(due)).content.decode()
    assert "In use" in page
    assert page_of(due, "check-out") in page
    client.post(page_of(due, "check-out"))
    assert Booking.objects.get().status == Status.COMPLETED


def test_an_early_check_in_is_refused_in_words(as_user: LogIn, ada: User, booking: Booking) -> None:
    answer = as_user(ada).post(page_of(booking, "check-in"), follow=True)
    assert "Check in from 09:45 until 11:00." in answer.content.decode()
    assert Booking.objects.get().status == Status.CONFIRMED


def test_it_can_be_taken_along(as_user: LogIn, ada: User, booking: Booking) -> None:
    answer = as_user(ada).get(page_of(booking, "booking.ics"))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]
    assert str(booking.public_id).encode() in answer.content
    assert b"METHOD:PUBLISH" in answer.content
    Booking.objects.update(status=Status.CANCELLED)
    cancelled = as_user(ada).get(page_of(booking, "booking.ics"))
    assert b"STATUS:CANCELLED" in cancelled.content


@pytest.mark.parametrize("number", [1, 3])
def test_its_pages_stay_within_their_queries(
    as_user: LogIn, cast: dict[str, User], booking: Booking, number: int
) -> None:
    for user in list(cast.values())[1 : 1 + number]:
        BookingAttendee.objects.create(booking=booking, user=user)
    make_booking(cast["ben"], booking.resource, booking.start_time + 3 * HOUR)
    client = as_user(cast["ada"])
    client.get("/bookings")
    with count_queries(11):
        client.get(page_of(booking))
    with count_queries(12):
        client.get(page_of(booking, "edit"))
    with count_queries(11):
        client.get(page_of(booking, "edit") + "?start=2026-03-02T13:00&end=2026-03-02T14:00")
    with count_queries(6):
        client.get(page_of(booking, "cancel"))
