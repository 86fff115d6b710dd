"""The page on which a session that is to come is changed."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from booking.models import Course, Resource, TrainingSession
from booking.services.training_sessions import SessionPlan, schedule_session
from labitory.lib.periods import Period
from tests.conftest import LogIn
from tests.factories.training import make_course, make_seat, make_session
from tests.support.elements import the_element
from tests.support.queries import count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
HOUR = timedelta(hours=1)


@pytest.fixture
def course(ben: User, chris: User, microscope: Resource) -> Course:
    """A course of Ben's and Chris's."""
    return make_course(instructors=[ben, chris], asked_by=[microscope])


@pytest.fixture
def session(course: Course, ben: User, now: datetime) -> TrainingSession:
    """Tomorrow with Ben, for two."""
    return make_session(course, ben, now + 24 * HOUR, location="Room 1")


def typed(session: TrainingSession, **changes: str) -> dict[str, str]:
    shown = {
        "start_time": f"{session.start_time:%Y-%m-%dT%H:%M}+00:00",
        "end_time": f"{session.end_time:%Y-%m-%dT%H:%M}+00:00",
        "instructor": str(session.instructor.public_id),
        "location": session.location,
        "seats": str(session.seats),
    }
    return {**shown, **changes}


def test_who_sees_the_page_and_the_way_to_it(
    as_user: LogIn, cast: dict[str, User], session: TrainingSession
) -> None:
    path = f"/training-sessions/{session.public_id}"
    may, led = [], []
    for name, user in cast.items():
        client = as_user(user)
        may += [name] if client.get(f"{path}/edit").status_code == 200 else []
        led += [name] if f'href="{path}/edit"' in client.get(path).content.decode() else []
    assert may == led == ["ben", "chris", "dora"]
    assert as_user(cast["eve"]).post(f"{path}/edit", typed(session)).status_code == 403


def test_it_is_changed_or_says_why_not(
    as_user: LogIn, ada: User, eve: User, ben: User, chris: User, session: TrainingSession
) -> None:
    make_seat(session, ada)
    make_seat(session, eve)
    client, path = as_user(ben), f"/training-sessions/{session.public_id}"
    shown = client.get(f"{path}/edit").content.decode()
    assert "2 people have a place" in shown
    assert the_element(shown, "input", name="location")["value"] == "Room 1"
    for change, said in (
        ({"seats": "1"}, "keep at least 2 seats"),
        ({"start_time": "soon"}, "Write a date and a time"),
        ({"instructor": str(eve.public_id)}, "Select a valid choice"),
    ):
        answer = client.post(f"{path}/edit", typed(session, **change))
        assert answer.status_code == 422, change
        assert said in answer.content.decode()
    session.refresh_from_db()
    assert (session.seats, session.instructor) == (2, ben)
    change = {"seats": "4", "location": "Room 2", "instructor": str(chris.public_id)}
    assert client.post(f"{path}/edit", typed(session, **change))["Location"] == path
    session.refresh_from_db()
    assert (session.seats, session.location, session.instructor) == (4, "Room 2", chris)


def test_what_has_begun_leads_to_a_new_session(
    as_user: LogIn, ben: User, session: TrainingSession, now: datetime
) -> None:
    TrainingSession.objects.update(start_time=now)
    found = as_user(ben).get(f"/training-sessions/{session.public_id}/edit").content.decode()
    assert "can no longer be changed" in found
    assert f"/training/courses/{session.course.public_id}/sessions/new" in found
    assert 'name="seats"' not in found


def test_a_booked_instrument_keeps_its_instructor(
    as_user: LogIn, ben: User, chris: User, course: Course, microscope: Resource, now: datetime
) -> None:
    plan = SessionPlan(
        period=Period(now + 24 * HOUR, now + 26 * HOUR),
        instructor_id=ben.public_id,
        resource_id=microscope.public_id,
    )
    session = schedule_session(actor=ben, course_id=course.public_id, plan=plan, now=now)
    client, path = as_user(ben), f"/training-sessions/{session.public_id}/edit"
    assert "The booking of Confocal 1 moves along" in client.get(path).content.decode()
    later = f"{session.end_time + 3 * HOUR:%Y-%m-%dT%H:%M}+00:00"
    wanted = typed(session, end_time=later, instructor=str(chris.public_id))
    assert client.post(path, wanted).status_code == 302
    session.refresh_from_db()
    assert session.instructor == ben
    assert session.booking is not None
    assert session.booking.period.end == session.end_time == now + 29 * HOUR


@pytest.mark.parametrize("number", [1, 3])
def test_queries(
    as_user: LogIn, cast: dict[str, User], session: TrainingSession, number: int
) -> None:
    session.course.instructors.set([cast["ben"], cast["chris"], cast["dora"]][:number])
    for each in [cast["ada"], cast["eve"]][:number]:
        make_seat(session, each)
    client = as_user(cast["ben"])
    with count_queries(5):
        client.get(f"/training-sessions/{session.public_id}/edit")
