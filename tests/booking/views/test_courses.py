"""Pages of courses: the list, one course, the editor."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.enums import ScopeKind
from accounts.models import User
from booking.models import Course, Resource, ResourceType
from tests.conftest import LogIn
from tests.factories.resources import make_resource
from tests.factories.roles import give, make_role
from tests.factories.training import make_course, make_qualification, make_session
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
HOUR = timedelta(hours=1)


@pytest.fixture
def course(ben: User, microscope: Resource) -> Course:
    """A course of Ben's that the microscope asks for."""
    return make_course(instructors=[ben], asked_by=[microscope], description="Red and green")


def typed(**changes: object) -> dict[str, object]:
    plain = {
        "title": "Cryogenics",
        "kind": "technique",
        "delivery": "online",
        "seats": "6",
        "is_active": "on",
    }
    return {**plain, **changes}


def test_visitors_log_in_first(client: Client, course: Course) -> None:
    one = f"/training/courses/{course.public_id}"
    for path in ("/training", "/training/courses", one, f"{one}/edit", f"{one}/pass"):
        assert "/accounts/login" in client.get(path)["Location"]


def test_who_opens_what(as_user: LogIn, cast: dict[str, User], course: Course) -> None:
    one = f"/training/courses/{course.public_id}"
    for path, expected in {
        "/training/courses": set(cast),
        one: set(cast),
        f"{one}/edit": {"chris", "dora"},
        "/training/courses/new": {"chris", "dora"},
        f"{one}/sessions/new": {"ben", "chris", "dora"},
        f"{one}/pass": {"ben", "chris", "dora"},
        "/training/qualifications": {"ben", "chris", "dora"},
    }.items():
        allowed = {name for name, each in cast.items() if as_user(each).get(path).status_code < 300}
        assert allowed == expected, path
    assert as_user(cast["ada"]).post("/training/courses/new", typed()).status_code == 403
    assert as_user(cast["ben"]).post(f"{one}/edit", typed()).status_code == 403
    assert Course.objects.count() == 1


def test_a_course_that_is_not_offered_is_for_its_people(
    as_user: LogIn, cast: dict[str, User], course: Course
) -> None:
    Course.objects.update(is_active=False)
    path = f"/training/courses/{course.public_id}"
    seen = {name for name, each in cast.items() if as_user(each).get(path).status_code == 200}
    assert seen == {"ben", "chris", "dora"}
    assert "Laser safety" not in as_user(cast["ada"]).get("/training/courses").content.decode()
    make_qualification(cast["ada"], course)
    assert as_user(cast["ada"]).get(path).status_code == 200


def test_a_course_is_made_and_changed(
    as_user: LogIn,
    chris: User,
    ben: User,
    course: Course,
    confocals: ResourceType,
    second_microscope: Resource,
) -> None:
    client = as_user(chris)
    answer = client.post(
        "/training/courses/new",
        typed(
            instructors="ben",
            valid_days="365",
            prerequisites=[str(course.public_id)],
            types=[str(confocals.public_id)],
            resources=[second_microscope.code],
        ),
    )
    made = Course.objects.get(title="Cryogenics")
    assert answer["Location"] == f"/training/courses/{made.public_id}"
    assert list(made.instructors.all()) == [ben]
    assert made.required_by.count() == 2
    path = f"/training/courses/{made.public_id}/edit"
    page = client.get(path).content.decode()
    # Offered, one course before, one type, one instrument.
    assert page.count(" checked") == 4
    client.post(path, typed(title="Cold things"))
    made.refresh_from_db()
    assert (made.title, made.valid_days) == ("Cold things", None)
    assert not made.required_by.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": ""}, "required"),
        ({"title": "laser SAFETY"}, "There is a course of this name already"),
        ({"pass_mark": "101"}, "less than or equal to 100"),
        ({"instructors": "nobody"}, "Nobody is known as nobody"),
        ({"instructors": "\x00"}, "Null characters are not allowed"),
        ({"resources": ["nothing"]}, "There is no such instrument"),
        ({"prerequisites": ["nothing"]}, "Choose from the list"),
        ({"valid_days": "99999"}, "less than or equal to 3660"),
    ],
)
def test_a_wrong_course_keeps_the_form(
    as_user: LogIn, chris: User, course: Course, change: dict[str, object], said: str
) -> None:
    answer = as_user(chris).post("/training/courses/new", typed(description="My words", **change))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert "My words" in page
    assert Course.objects.count() == 1


def test_a_circle_is_named_at_its_field(as_user: LogIn, chris: User, course: Course) -> None:
    after = make_course("Advanced lasers", before=[course])
    answer = as_user(chris).post(
        f"/training/courses/{course.public_id}/edit",
        typed(title=course.title, prerequisites=[str(after.public_id)]),
    )
    assert answer.status_code == 422
    assert "Laser safety → Advanced lasers → Laser safety" in answer.content.decode()


def test_hidden_instruments_are_not_named(
    as_user: LogIn, ada: User, chris: User, course: Course, microscope: Resource
) -> None:
    Resource.objects.update(is_hidden=True)
    path = f"/training/courses/{course.public_id}"
    assert "Confocal 1" not in as_user(ada).get(path).content.decode()
    assert "Confocal 1" in as_user(chris).get(path).content.decode()


def test_the_list_is_narrowed(as_user: LogIn, ada: User, course: Course) -> None:
    make_course("Cryogenics", kind="technique")
    client = as_user(ada)

    def titles(query: str) -> list[str]:
        page = client.get(f"/training/courses?{query}").content.decode()
        return [each for each in ("Laser safety", "Cryogenics") if each in page]

    assert titles("q=las") == titles("q=green") == ["Laser safety"]
    assert titles("kind=technique") == ["Cryogenics"]
    assert titles("q=x") == []
    assert titles("kind=nonsense&q=%00") == ["Laser safety", "Cryogenics"]


def test_managers_of_one_place_edit_its_courses_alone(
    as_user: LogIn, eve: User, course: Course, microscope: Resource
) -> None:
    give(eve, make_role("trainer-here", "training.manage"), ScopeKind.RESOURCE, microscope.pk)
    other = make_course("Elsewhere", asked_by=[make_resource("NMR")])
    client = as_user(eve)
    assert client.get(f"/training/courses/{course.public_id}/edit").status_code == 200
    assert client.get(f"/training/courses/{other.public_id}/edit").status_code == 403
    page = client.get(f"/training/courses/{course.public_id}/edit").content.decode()
    assert "NMR" not in page


@pytest.mark.parametrize("number", [1, 3])
def test_queries(
    as_user: LogIn, ada: User, chris: User, ben: User, now: datetime, number: int
) -> None:
    for n in range(number):
        last = make_course(
            f"<script>alert({n})</script>",
            instructors=[ben],
            before=Course.objects.all(),
            asked_by=[make_resource(f"<script>alert(1{n})</script>")],
        )
        make_qualification(ada, last)
    for n in range(number):
        make_session(last, ben, now + (n + 1) * 24 * HOUR, location="<script>alert(9)</script>")
    one = f"/training/courses/{last.public_id}"
    for user, path, queries in (
        (ada, "/training/courses", 5),
        (ada, one, 8),
        (chris, one, 10),
        (chris, f"{one}/edit", 9),
        (chris, "/training/courses/new", 5),
    ):
        client = as_user(user)
        with count_queries(queries):
            answer = client.get(path)
        assert answer.status_code == 200
        assert b"<script>alert" not in answer.content
        assert len(answer.content) < 60_000
