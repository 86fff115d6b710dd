"""My training, sessions, and the one tap that signs up."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from booking.enums import SeatState
from booking.models import (
    Booking,
    Course,
    FavouriteResource,
    Qualification,
    Resource,
    TrainingSeat,
    TrainingSession,
)
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.training import make_course, make_qualification, make_seat, make_session
from tests.support.elements import the_element
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
HOUR = timedelta(hours=1)
TODAY = date(2026, 3, 2)


@pytest.fixture
def course(ben: User, microscope: Resource) -> Course:
    """A course of Ben's that the microscope asks for."""
    return make_course(instructors=[ben], asked_by=[microscope])


@pytest.fixture
def session(course: Course, ben: User, now: datetime) -> TrainingSession:
    """Tomorrow, with one seat of two."""
    return make_session(course, ben, now + 24 * HOUR)


@pytest.fixture
def held(course: Course, ben: User, ada: User, now: datetime) -> TrainingSession:
    """A session that is over, in which Ada had a place."""
    over = make_session(course, ben, now - 3 * HOUR)
    make_seat(over, ada)
    return over


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_my_training_tells_what_i_have_and_need(
    as_user: LogIn, ada: User, course: Course, session: TrainingSession, microscope: Resource
) -> None:
    client = as_user(ada)
    empty = page(client, "/training")
    assert "None yet" in empty
    assert "require no course" in empty
    FavouriteResource.objects.create(user=ada, resource=microscope)
    assert "Missing" in page(client, "/training")
    make_qualification(ada, course, expires_on=TODAY + timedelta(days=3))
    found = page(client, "/training")
    assert found.count("Ends soon") == 2
    assert found.count("Confocal 1") == 1
    assert f"/training-sessions/{session.public_id}/sign-up" in found


def test_a_course_that_comes_before_is_named_instead_of_a_place(
    as_user: LogIn, ada: User, ben: User, session: TrainingSession
) -> None:
    """Nobody is offered what would be refused; once the first is passed, the place is there."""
    first = make_course("Handling cryogens")
    session.course.prerequisites.add(first)
    one, tap = f"/training-sessions/{session.public_id}", "/sign-up"
    pages = ("/training", f"/training/courses/{session.course.public_id}", one)
    client = as_user(ada)
    for path in pages:
        found = page(client, path)
        assert tap not in found
        assert "First pass:" in found
        assert f"/training/courses/{first.public_id}" in found
    assert "First pass:" not in page(as_user(ben), one)
    make_qualification(ada, first)
    client = as_user(ada)
    for path in pages:
        assert "First pass:" not in page(client, path)
        assert tap in page(client, path)


def test_what_was_booked_lately_asks_too(
    as_user: LogIn, ada: User, course: Course, microscope: Resource, now: datetime
) -> None:
    make_booking(ada, microscope, now + HOUR)
    assert "Missing" in page(as_user(ada), "/training")


def test_signing_up_and_off(as_user: LogIn, ada: User, session: TrainingSession) -> None:
    client, path = as_user(ada), f"/training-sessions/{session.public_id}"
    assert client.get(f"{path}/sign-up").status_code == 405
    assert client.post(f"{path}/sign-up")["Location"] == path
    found = page(client, path)
    assert "You have a place" in found
    client.post(f"{path}/sign-up")
    assert "is signed up already" in page(client, path)
    client.post(f"{path}/sign-off")
    assert session.places.get().state == SeatState.CANCELLED


def test_who_teaches_is_not_asked_to_sign_up(
    as_user: LogIn, ben: User, course: Course, session: TrainingSession, held: TrainingSession
) -> None:
    client = as_user(ben)
    for path in ("/training", f"/training/courses/{course.public_id}"):
        found = page(client, path)
        assert "You teach it" in found
        assert f"/training-sessions/{session.public_id}/sign-up" not in found
    # Of what is over the results are still to be recorded.
    assert f'href="/training-sessions/{held.public_id}#results"' in page(client, "/training")


def test_a_full_session_offers_its_waiting_list(
    as_user: LogIn, ada: User, eve: User, chris: User, session: TrainingSession
) -> None:
    for each in (eve, chris):
        make_seat(session, each)
    client, path = as_user(ada), f"/training-sessions/{session.public_id}"
    assert "Join the waiting list" in page(client, path)
    client.post(f"{path}/sign-up")
    assert "You are on the waiting list" in page(client, path)
    assert "1 waiting" in page(client, path)


def test_names_are_for_who_runs_it(
    as_user: LogIn, cast: dict[str, User], session: TrainingSession
) -> None:
    seat = make_seat(session, cast["dora"])
    User.objects.filter(pk=seat.user_id).update(last_name="Quillon")
    path = f"/training-sessions/{session.public_id}"
    told = {name for name, each in cast.items() if "Quillon" in page(as_user(each), path)}
    # In the bar Dora reads her own name.
    assert told == {"ben", "chris", "dora"}
    assert "Take off" not in page(as_user(cast["ada"]), path)


def test_others_are_added_and_removed(
    as_user: LogIn, ada: User, ben: User, eve: User, session: TrainingSession
) -> None:
    path = f"/training-sessions/{session.public_id}"
    client = as_user(ben)
    answer = client.post(f"{path}/add", {"user": "nobody"})
    assert answer.status_code == 422
    assert "Nobody is known as nobody" in answer.content.decode()
    client.post(f"{path}/add", {"user": "eve@example.org"})
    assert session.places.get().user == eve
    assert client.post(f"{path}/add", {"user": "eve"}).status_code == 409
    assert client.post(f"{path}/places/{ada.public_id}/remove").status_code == 404
    client.post(f"{path}/places/{eve.public_id}/remove")
    assert session.places.get().state == SeatState.CANCELLED
    stranger = as_user(ada)
    assert stranger.post(f"{path}/add", {"user": "eve"}).status_code == 403
    assert stranger.post(f"{path}/places/{eve.public_id}/remove").status_code == 403
    assert stranger.post(f"{path}/cancel").status_code == 403


def test_a_session_is_planned_and_called_off(
    as_user: LogIn, ben: User, ada: User, course: Course, microscope: Resource
) -> None:
    client = as_user(ben)
    form = {
        "instructor": str(ben.public_id),
        "start_time": "2026-03-03T10:00",
        "end_time": "2026-03-03T12:00",
        "resource": microscope.code,
        "seats": "3",
    }
    path = f"/training/courses/{course.public_id}/sessions/new"
    for change, said in (
        ({"start_time": "2026-03-01T10:00"}, "A session begins in the future"),
        ({"end_time": "2026-03-03T09:00"}, "The end must come after the start"),
        ({"start_time": "soon"}, "Write a date and a time"),
        ({"instructor": str(ada.public_id)}, "Select a valid choice"),
        ({"seats": "0"}, "greater than or equal to 1"),
        ({"resource": "nothing"}, "There is no such instrument"),
    ):
        answer = client.post(path, {**form, **change})
        assert answer.status_code == 422, change
        assert said in answer.content.decode()
    assert not TrainingSession.objects.exists()
    client.post(path, form)
    made = TrainingSession.objects.get()
    assert made.booking == Booking.objects.get()
    assert client.post(path, form).status_code == 409
    client.post(f"/training-sessions/{made.public_id}/cancel", {"reason": "Ill"})
    assert "Called off" in page(client, f"/training-sessions/{made.public_id}")
    assert Booking.objects.get().status == "cancelled"


def test_results_are_recorded_on_its_page(
    as_user: LogIn, ada: User, ben: User, held: TrainingSession
) -> None:
    client, path = as_user(ben), f"/training-sessions/{held.public_id}"
    assert "Record results" in page(client, path)
    key = ada.public_id
    answer = client.post(f"{path}/results", {f"score_{key}": "80"})
    assert answer.status_code == 422
    assert "Say whether the person has passed" in answer.content.decode()
    answer = client.post(f"{path}/results", {f"outcome_{key}": "passed", f"score_{key}": "101"})
    assert answer.status_code == 422
    assert not Qualification.objects.exists()
    form = {f"outcome_{key}": "passed", f"score_{key}": "95", f"note_{key}": "Good"}
    assert client.post(f"{path}/results", form)["Location"] == path
    made = Qualification.objects.get()
    assert (made.user, made.score, made.note) == (ada, 95, "Good")
    assert as_user(ada).post(f"{path}/results", form).status_code == 403
    assert "You have passed" in page(as_user(ada), path)


def test_with_a_pass_mark_only_the_score_is_asked(
    as_user: LogIn, ada: User, ben: User, held: TrainingSession
) -> None:
    Course.objects.update(pass_mark=80)
    client, path = as_user(ben), f"/training-sessions/{held.public_id}"
    assert "Passed with 80 %" in page(client, path)
    client.post(f"{path}/results", {f"score_{ada.public_id}": "79"})
    assert held.places.get().state == SeatState.FAILED
    client.post(f"{path}/results", {f"outcome_{ada.public_id}": "absent"})
    assert held.places.get().state == SeatState.ABSENT


def test_what_was_arranged_for_one_is_theirs_alone(
    as_user: LogIn, cast: dict[str, User], course: Course, now: datetime
) -> None:
    arranged = make_session(course, cast["ben"], now + HOUR, seats=1)
    make_seat(arranged, cast["ada"])
    path = f"/training-sessions/{arranged.public_id}"
    seen = {name for name, each in cast.items() if as_user(each).get(path).status_code == 200}
    assert seen == {"ada", "ben", "chris", "dora"}
    assert as_user(cast["eve"]).post(f"{path}/sign-up").status_code == 404
    listed = f"/training/courses/{course.public_id}"
    assert path not in page(as_user(cast["eve"]), listed)
    assert path in page(as_user(cast["ada"]), listed)
    assert TrainingSeat.objects.count() == 1


def test_the_booking_form_offers_one_tap(
    as_user: LogIn,
    ada: User,
    eve: User,
    chris: User,
    session: TrainingSession,
    microscope: Resource,
) -> None:
    form = {
        "resource": microscope.code,
        "start_time": "2026-03-04T10:00",
        "end_time": "2026-03-04T11:00",
    }
    client = as_user(ada)
    answer = client.post("/bookings/preview", form)
    found = answer.content.decode()
    assert "which Ada has never passed" in found
    tap = f"/training-sessions/{session.public_id}/sign-up"
    assert "Laser safety, 3 Mar 2026, 08:00" in found
    button = the_element(found, "button", formaction=tap)
    assert button["type"] == "submit"
    # The whole form of the booking is sent there.
    assert client.post(tap, form)["Location"] == f"/training-sessions/{session.public_id}"
    assert session.places.get().user == ada
    assert (
        "Your place: 3 Mar 2026, 08:00" in client.post("/bookings/preview", form).content.decode()
    )
    assert client.post("/bookings/new", {**form, "book": "1"}).status_code == 422
    assert not Booking.objects.exists()
    # On behalf of another, it would sign up the wrong one.
    found = (
        as_user(chris).post("/bookings/preview", {**form, "user": eve.username}).content.decode()
    )
    assert "See the course: Laser safety" in found
    assert tap not in found


def test_the_page_of_the_instrument_offers_one_tap(
    as_user: LogIn, ada: User, ben: User, session: TrainingSession, microscope: Resource
) -> None:
    path = f"/resources/{microscope.public_id}"
    tap = f"/training-sessions/{session.public_id}/sign-up"
    the_element(page(as_user(ada), path), "form", action=tap)
    assert tap not in page(as_user(ben), path)
    TrainingSession.objects.update(cancelled_at=session.created_at)
    found = page(as_user(ada), path)
    assert f"/training/match?resource={microscope.code}" in found
    make_qualification(ada, session.course)
    assert "First you need training" not in page(as_user(ada), path)


@pytest.mark.parametrize("number", [1, 3])
def test_queries(
    as_user: LogIn,
    cast: dict[str, User],
    course: Course,
    session: TrainingSession,
    held: TrainingSession,
    microscope: Resource,
    now: datetime,
    number: int,
) -> None:
    ada, ben, chris = cast["ada"], cast["ben"], cast["chris"]
    course.instructors.set([ben, chris, cast["dora"]][:number])
    FavouriteResource.objects.create(user=ada, resource=microscope)
    for n in range(number):
        other = make_course(f"<script>alert({n})</script>", asked_by=[microscope])
        make_session(other, ben, now + (n + 2) * 24 * HOUR, location="<script>alert(9)</script>")
        paper = make_qualification(ada, other)
    for each in [cast["eve"], chris, ada][:number]:
        make_seat(session, each)
    one = f"/training-sessions/{session.public_id}"
    for user, path, queries in (
        (ada, "/training", 10),
        (ada, one, 6),
        (ben, one, 7),
        (ben, f"/training-sessions/{held.public_id}", 6),
        (chris, "/training/qualifications", 5),
        (ada, f"/training/certificates/{paper.public_id}", 6),
        (ada, "/verify?code=abcdefghjk", 3),
        (ada, f"/training/match?resource={microscope.code}&course={course.public_id}", 7 + number),
    ):
        client = as_user(user)
        with count_queries(queries):
            answer = client.get(path)
        assert b"<script>alert" not in answer.content
        assert len(answer.content) < 60_000
