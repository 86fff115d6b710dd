"""Courses, sessions, certificates and trainer matches for programs."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from booking.enums import SeatState
from booking.models import Booking, Course, Qualification, Resource, TrainingSession
from tests.booking.api.conftest import Program
from tests.factories.training import make_course, make_qualification, make_seat, make_session
from tests.support.queries import count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
AsProgram = Callable[[User | None], Program]
HOUR = timedelta(hours=1)
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def course(ben: User, microscope: Resource) -> Course:
    """A course of Ben's that the microscope asks for."""
    return make_course(instructors=[ben], asked_by=[microscope])


@pytest.fixture
def session(course: Course, ben: User, now: datetime) -> TrainingSession:
    """Tomorrow, with two seats."""
    return make_session(course, ben, now + 24 * HOUR)


def data(answer: Any, status: int = 200) -> Any:
    body = answer.json()
    assert answer.status_code == status, body
    return body["data"]


def codes(answer: Any, status: int) -> list[str]:
    body = answer.json()
    assert answer.status_code == status, body
    return [each["code"] for each in body["errors"]]


def test_nobody_gets_nothing(as_program: AsProgram, session: TrainingSession) -> None:
    nobody = as_program(None)
    one = f"/training-sessions/{session.public_id}"
    for path in ("/courses", "/training-sessions", "/qualifications", one):
        assert nobody.get(path).status_code == 401
    assert nobody.post(f"{one}/sign-up").status_code == 401


def test_courses_are_read_made_and_changed(
    as_program: AsProgram, cast: dict[str, User], course: Course, microscope: Resource
) -> None:
    make_qualification(cast["ada"], course, expires_on=date(2026, 3, 10))
    (found,) = data(as_program(cast["ada"]).get("/courses"))
    assert found["standing"] == {"state": "ending", "until": "2026-03-10"}
    assert data(as_program(cast["eve"]).get(f"/courses/{course.public_id}"))["standing"] == {
        "state": "missing",
        "until": None,
    }
    body = {"title": "Cryo", "resources": [str(microscope.public_id)], "pass_mark": 80}
    may = []
    for name, each in cast.items():
        answer = as_program(each).post("/courses", {**body, "title": name})
        may += [name] if answer.status_code == 201 else codes(answer, 403)
    assert may == ["permission.course"] * 2 + ["chris", "dora"] + ["permission.course"]
    chris = as_program(cast["chris"])
    path = f"/courses/{Course.objects.get(title='chris').public_id}"
    before = {"title": "Cryo", "prerequisites": [str(course.public_id)]}
    answer = chris._send("put", path, before, {})
    assert data(answer)["title"] == "Cryo"
    circle = {"title": "Laser", "prerequisites": [path.rpartition("/")[2]]}
    answer = chris._send("put", f"/courses/{course.public_id}", circle, {})
    assert codes(answer, 422) == ["course.circle"]
    assert chris._send("put", f"/courses/{NOBODY}", circle, {}).status_code == 404
    assert codes(chris.post("/courses", {"name": "Wrong"}), 400) == [
        "field.unknown",
        "field.required",
    ]


def test_signing_up_and_off(
    as_program: AsProgram, ada: User, eve: User, ben: User, session: TrainingSession
) -> None:
    path = f"/training-sessions/{session.public_id}"
    make_seat(session, eve)
    assert data(as_program(ada).post(f"{path}/sign-up"))["state"] == "enrolled"
    assert codes(as_program(ada).post(f"{path}/sign-up"), 409) == ["training.signed_up"]
    told = data(as_program(ada).get(path))
    assert (told["taken"], told["my_state"]) == (2, "enrolled")
    (mine,) = data(as_program(ada).get("/training-sessions", {"mine": "true"}))
    assert mine["id"] == str(session.public_id)
    stranger = as_program(ada).post(f"{path}/sign-off", {"user": str(eve.public_id)})
    assert codes(stranger, 403) == ["permission.course_give"]
    answer = as_program(ben).post(f"{path}/sign-off", {"user": str(eve.public_id)})
    assert data(answer)["state"] == "cancelled"
    assert as_program(ben).post(f"{path}/sign-up", {"user": NOBODY}).status_code == 404
    assert as_program(ada).post(f"/training-sessions/{NOBODY}/sign-up").status_code == 404


def test_planning_results_and_calling_off(
    as_program: AsProgram, ada: User, ben: User, course: Course, now: datetime
) -> None:
    program = as_program(ben)
    body = {
        "course": str(course.public_id),
        "instructor": str(ben.public_id),
        "start_time": "2026-03-03T10:00:00Z",
        "end_time": "2026-03-03T11:00:00Z",
    }
    made = data(program.post("/training-sessions", body), 201)
    assert made["seats"] == 4
    past = {**body, "start_time": "2026-03-01T10:00:00Z"}
    assert codes(program.post("/training-sessions", past), 422) == ["training.past"]
    assert codes(as_program(ada).post("/training-sessions", body), 403) == [
        "permission.course_give"
    ]
    path = f"/training-sessions/{made['id']}"
    result = {"results": [{"user": str(ada.public_id), "outcome": "passed"}]}
    assert codes(program.post(f"{path}/results", result), 409) == ["training.not_begun"]
    assert data(program.post(f"{path}/cancel", {"reason": "Ill"}))["is_cancelled"]
    held = make_session(course, ben, now - 3 * HOUR)
    make_seat(held, ada)
    path = f"/training-sessions/{held.public_id}"
    wrong = {"results": [{"user": str(ada.public_id), "outcome": "passed", "score": 101}]}
    assert codes(program.post(f"{path}/results", wrong), 422) == ["training.score"]
    (place,) = data(program.post(f"{path}/results", result))
    assert place["state"] == SeatState.PASSED
    (paper,) = data(as_program(ada).get("/qualifications"))
    assert paper["certificate"] == "2026-00001"
    assert codes(as_program(ada).post(f"{path}/results", result), 403) == ["permission.session"]


def test_a_session_is_changed(
    as_program: AsProgram, cast: dict[str, User], session: TrainingSession
) -> None:
    make_seat(session, cast["eve"])
    make_seat(session, cast["ada"])
    path = f"/training-sessions/{session.public_id}"
    assert as_program(None)._send("patch", path, {"seats": 4}, {}).status_code == 401
    may = {}
    for name, each in cast.items():
        answer = as_program(each)._send("patch", path, {"location": name}, {})
        may[name] = answer.status_code
    assert may == {"ada": 403, "ben": 200, "chris": 200, "dora": 200, "eve": 403}
    ben = as_program(cast["ben"])
    changed = data(ben._send("patch", path, {"seats": 3}, {}))
    assert (changed["seats"], changed["location"], changed["taken"]) == (3, "dora", 2)
    assert codes(ben._send("patch", path, {"seats": 1}, {}), 422) == ["training.seats_taken"]
    past = {"start_time": "2026-01-01T10:00:00Z"}
    assert codes(ben._send("patch", path, past, {}), 422) == ["training.past"]
    assert codes(ben._send("patch", path, {"course": NOBODY}, {}), 400) == ["field.unknown"]
    wrong = f"/training-sessions/{NOBODY}"
    assert ben._send("patch", wrong, {"seats": 4}, {}).status_code == 404
    session.refresh_from_db()
    assert session.seats == 3


def test_certificates(as_program: AsProgram, cast: dict[str, User], course: Course) -> None:
    ada, ben, chris = (as_program(cast[name]) for name in ("ada", "ben", "chris"))
    body = {
        "user": str(cast["ada"].public_id),
        "course": str(course.public_id),
        "passed_on": "2026-03-02",
    }
    assert codes(ada.post("/qualifications", body), 403) == ["permission.course_give"]
    future = {**body, "passed_on": "2026-03-03"}
    assert codes(ben.post("/qualifications", future), 422) == ["training.future"]
    made = data(ben.post("/qualifications", body), 201)
    path = f"/qualifications/{made['id']}"
    assert data(ada.get(path)) == data(chris.get(path)) == made
    assert as_program(cast["eve"]).get(path).status_code == 404
    assert data(ada.get("/qualifications", {"managed": "true"})) == []
    assert len(data(ben.get("/qualifications", {"managed": "true", "state": "valid"}))) == 1
    assert codes(chris.post(f"{path}/revoke"), 422) == ["training.reason"]
    assert codes(ben.post(f"{path}/revoke", {"reason": "No"}), 403) == ["permission.course"]
    assert data(chris.post(f"{path}/revoke", {"reason": "No"}))["revoked_reason"] == "No"
    assert codes(chris.post(f"{path}/revoke", {"reason": "No"}), 409) == ["training.revoked"]
    assert Qualification.objects.count() == 1


def test_arranging_a_training(
    as_program: AsProgram,
    ada: User,
    eve: User,
    ben: User,
    course: Course,
    microscope: Resource,
) -> None:
    about = {"course": str(course.public_id), "resource": str(microscope.public_id)}
    program = as_program(ada)
    first, *_others = data(program.get("/training-matches", about))
    assert first["trainer"]["id"] == str(ben.public_id)
    body = {
        **about,
        "trainer": first["trainer"]["id"],
        "start_time": first["start_time"],
        "end_time": first["end_time"],
    }
    wrong = {**body, "user": str(eve.public_id)}
    assert codes(program.post("/training-matches", wrong), 403) == ["permission.course_give"]
    made = data(program.post("/training-matches", body), 201)
    assert made["my_state"] == "enrolled"
    assert codes(as_program(eve).post("/training-matches", body), 409) == ["training.busy"]
    assert Booking.objects.count() == 1
    assert as_program(eve).get(f"/training-sessions/{made['id']}").status_code == 404
    hidden = {**about, "resource": NOBODY}
    assert program.get("/training-matches", hidden).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_queries(as_program: AsProgram, ada: User, ben: User, now: datetime, number: int) -> None:
    for n in range(number):
        course = make_course(f"Course {n}", instructors=[ben])
        session = make_session(course, ben, now + (n + 1) * 24 * HOUR)
        make_qualification(ada, course)
    program = as_program(ada)
    for path, queries in (
        ("/courses", 3),
        (f"/courses/{course.public_id}", 6),
        ("/training-sessions", 2),
        (f"/training-sessions/{session.public_id}", 4),
        ("/qualifications", 2),
    ):
        with count_queries(queries):
            answer = program.get(path)
        assert answer.status_code == 200
