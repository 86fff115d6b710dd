"""Certificates, the public check, and asking for a training."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from booking.models import (
    Booking,
    Course,
    Qualification,
    Resource,
    TrainingSeat,
    TrainingSession,
)
from tests.conftest import LogIn
from tests.factories.training import make_course, make_qualification
from tests.support.elements import the_element

pytestmark = pytest.mark.usefixtures("frozen_clock")
HOUR = timedelta(hours=1)
TODAY = date(2026, 3, 2)


@pytest.fixture
def course(ben: User, microscope: Resource) -> Course:
    """A course of Ben's that the microscope asks for."""
    return make_course(instructors=[ben], asked_by=[microscope])


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_certificates_are_for_their_people_and_managers(
    as_user: LogIn, cast: dict[str, User], course: Course
) -> None:
    paper = make_qualification(cast["ada"], course, check_code="abcdefghjk", score=91)
    path = f"/training/certificates/{paper.public_id}"
    seen = {name for name, each in cast.items() if as_user(each).get(path).status_code == 200}
    assert seen == {"ada", "ben", "chris", "dora"}
    found = page(as_user(cast["ada"]), path)
    assert "abcde-fghjk" in found
    assert "91 %" in found
    assert "Revoke" not in found
    assert "Revoke" not in page(as_user(cast["ben"]), path)
    assert as_user(cast["ben"]).post(f"{path}/revoke", {"reason": "No"}).status_code == 403
    assert as_user(cast["eve"]).post(f"{path}/revoke", {"reason": "No"}).status_code == 404
    client = as_user(cast["chris"])
    assert client.post(f"{path}/revoke", {"reason": ""}).status_code == 422
    client.post(f"{path}/revoke", {"reason": "Copied"})
    assert "Copied" in page(client, path)
    assert client.post(f"{path}/revoke", {"reason": "Again"}).status_code == 409


def test_somebody_is_certified_without_a_session(
    as_user: LogIn, ada: User, ben: User, course: Course
) -> None:
    client, path = as_user(ben), f"/training/courses/{course.public_id}/pass"
    for form, status, said in (
        ({"user": "ada", "passed_on": "2026-03-03"}, 422, "in the future"),
        ({"user": "ada", "passed_on": "0001-01-01"}, 422, "This year cannot be meant"),
        ({"user": "ben", "passed_on": "2026-03-02"}, 422, "Nobody certifies themselves"),
        ({"user": "ada", "passed_on": "2026-03-02", "score": "101"}, 422, "less than or equal"),
    ):
        answer = client.post(path, form)
        assert answer.status_code == status
        assert said in answer.content.decode()
    assert not Qualification.objects.exists()
    client.post(path, {"user": "ada", "passed_on": "2026-03-01"})
    assert Qualification.objects.get().user == ada


def test_the_managers_list_is_narrowed(
    as_user: LogIn, ada: User, eve: User, chris: User, course: Course, now: datetime
) -> None:
    make_qualification(ada, course, certificate="N-1")
    make_qualification(eve, course, certificate="N-2", expires_on=TODAY - timedelta(days=1))
    make_qualification(eve, make_course("Other"), certificate="N-3", revoked_at=now)
    client = as_user(chris)

    def numbers(query: str) -> list[str]:
        found = page(client, f"/training/qualifications?{query}")
        return [each for each in ("N-1", "N-2", "N-3") if each in found]

    assert numbers("") == ["N-1", "N-2", "N-3"]
    assert numbers("q=ada") == ["N-1"]
    assert numbers("q=N-3") == numbers("state=revoked") == ["N-3"]
    assert numbers(f"course={course.public_id}") == ["N-1", "N-2"]
    assert numbers("state=expired") == ["N-2"]
    assert numbers("state=valid") == ["N-1"]
    assert numbers("course=nonsense&state=x&q=%00&page=-9") == ["N-1", "N-2", "N-3"]


def test_anybody_checks_a_code(client: Client, ada: User, course: Course) -> None:
    make_qualification(ada, course, check_code="abcdefghjk", score=91, note="Vermeil")
    assert "Genuine and valid" not in page(client, "/verify")
    found = page(client, "/verify?code=ABCDE-FGHJK")
    assert "Genuine and valid" in found
    assert "Laser safety" in found
    for secret in ("91", "Vermeil", "ada@example.org", "T-1"):
        assert secret not in found
    wrong = client.get("/verify", {"code": "zzzzzzzzzz"})
    assert wrong.status_code == 404
    assert "No certificate has this code" in wrong.content.decode()
    assert client.post("/verify").status_code == 405


@pytest.mark.django_db
def test_codes_are_not_tried_by_the_hundred(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    # All of them within one minute, whenever this runs.
    monkeypatch.setattr("django_ratelimit.core._get_window", lambda _value, _period: 1772434860)
    found = [client.get("/verify", {"code": f"code{n}"}).status_code for n in range(25)]
    assert found[:20] == [404] * 20
    assert found[20:] == [429] * 5


def test_a_training_is_arranged_with_one_tap(
    as_user: LogIn, ada: User, ben: User, course: Course, microscope: Resource
) -> None:
    client, path = as_user(ada), f"/training/match?resource={microscope.code}&minutes=60"
    found = page(client, path)
    bare = page(client, f"/training/match?resource={microscope.code}")
    assert '<option value="60" selected>' in bare
    pick = f"{ben.public_id}|2026-03-02T09:00:00+01:00"
    the_element(found, "button", value=pick)
    form = {"resource": microscope.code, "course": str(course.public_id), "minutes": "60"}
    for wrong in ("", "x|y", f"{ben.public_id}|2026-03-02T09:00:00", f"{ben.public_id}|never"):
        answer = client.post("/training/match", {**form, "pick": wrong})
        assert answer.status_code == 422
        assert "Choose one of the times offered" in answer.content.decode()
    answer = client.post("/training/match", {**form, "pick": pick})
    made = TrainingSession.objects.get()
    assert answer["Location"] == f"/training-sessions/{made.public_id}"
    assert made.booking is not None
    assert made.booking.user == ben
    again = client.post("/training/match", {**form, "pick": pick})
    assert again.status_code == 409
    assert Booking.objects.count() == 1


def test_trainers_ask_for_others(
    as_user: LogIn, ada: User, ben: User, chris: User, course: Course, microscope: Resource
) -> None:
    form = {
        "resource": microscope.code,
        "course": str(course.public_id),
        "minutes": "60",
        "user": "ada",
        "pick": f"{ben.public_id}|2026-03-02T10:00:00+01:00",
    }
    assert 'name="user"' not in page(as_user(ada), f"/training/match?resource={microscope.code}")
    as_user(chris).post("/training/match", form)
    assert TrainingSeat.objects.get().user == ada


def test_what_cannot_be_matched(
    as_user: LogIn, ada: User, course: Course, microscope: Resource, second_microscope: Resource
) -> None:
    client = as_user(ada)
    instruments = page(client, "/training/match")
    assert "Confocal 1" in instruments
    assert "Confocal 2" not in instruments
    for wrong in ("?resource=nothing", "?resource=%00"):
        assert client.get(f"/training/match{wrong}").status_code == 404
    assert "requires no training" in page(
        client, f"/training/match?resource={second_microscope.code}"
    )
    course.instructors.clear()
    assert "Nobody else gives this course" in page(
        client, f"/training/match?resource={microscope.code}"
    )
    Resource.objects.update(is_hidden=True)
    assert "Confocal 1" not in page(client, "/training/match")
    assert client.get(f"/training/match?resource={microscope.code}").status_code == 404
