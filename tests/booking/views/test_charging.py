"""Choosing a project in the form and by program."""

from datetime import datetime, timedelta

import pytest

from accounts.models import Project, User
from booking.models import Booking, Resource
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.groups import make_group, make_project
from tests.support.elements import the_element

pytestmark = pytest.mark.usefixtures("frozen_clock")
HOUR = timedelta(hours=1)


@pytest.fixture
def light(ada: User, ben: User) -> Project:
    """A project that Ada may charge."""
    return make_project("Light", make_group("Optics", ben), ada)


@pytest.fixture
def dark(ben: User, light: Project) -> Project:
    """Another of the same group, which she may not."""
    return make_project("Dark", light.group)


def form_for(resource: Resource, project: str = "") -> dict[str, str]:
    return {
        "resource": resource.code,
        "start_time": "2026-03-02T12:00Z",
        "end_time": "2026-03-02T13:00Z",
        "project": project,
        "book": "1",
    }


def test_the_form_offers_ones_own_valid_projects(
    as_user: LogIn, ada: User, eve: User, light: Project, dark: Project
) -> None:
    make_project("Old", light.group, ada, ends_on="2026-02-01")
    page = as_user(ada).get("/bookings/new").content.decode()
    assert "Light (GRANT-Light)" in page
    assert "Dark" not in page
    assert "Old" not in page
    assert 'name="project"' not in as_user(eve).get("/bookings/new").content.decode()


def test_a_booking_is_charged_and_says_so(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, light: Project
) -> None:
    client = as_user(ada)
    answer = client.post("/bookings/new", form_for(microscope, str(light.public_id)))
    booking = Booking.objects.get()
    assert booking.project == light
    page = client.get(answer["Location"]).content.decode()
    assert f'href="/projects/{light.public_id}">Light (GRANT-Light)' in page
    assert "Light (GRANT-Light)" in as_user(chris).get(answer["Location"]).content.decode()


def test_a_refused_project_is_marked_at_its_field(
    as_user: LogIn, ada: User, microscope: Resource, dark: Project
) -> None:
    client = as_user(ada)
    answer = client.post("/bookings/new", form_for(microscope, str(dark.public_id)))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["project"]
    assert "Dark" not in answer.content.decode()
    answer = client.post("/bookings/new", form_for(microscope, "nothing"))
    assert list(answer.context["form"].errors) == ["project"]
    check = {**form_for(microscope, str(dark.public_id)), "check": "1"}
    page = client.post("/bookings/preview", check).content.decode()
    assert "belongs to no such project" in page
    assert not Booking.objects.exists()


def test_the_edit_page_changes_it_and_keeps_one_that_ended(
    as_user: LogIn, ada: User, microscope: Resource, light: Project, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now + 2 * HOUR, project=light)
    client, path = as_user(ada), f"/bookings/{booking.public_id}/edit"
    Project.objects.filter(pk=light.pk).update(is_active=False)
    page = client.get(path).content.decode()
    assert "selected" in the_element(page, "option", value=str(light.public_id))
    client.post(path, {"purpose": "Cells", "project": str(light.public_id), "texts": "1"})
    booking.refresh_from_db()
    assert (booking.purpose, booking.project) == ("Cells", light)
    client.post(path, {"purpose": "Cells", "project": "", "texts": "1"})
    booking.refresh_from_db()
    assert booking.project is None
    answer = client.post(path, {"project": str(light.public_id), "texts": "1"})
    assert answer.status_code == 422
    assert "is closed" in answer.content.decode()


def test_a_manager_sees_the_projects_of_whom_they_book_for(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, light: Project
) -> None:
    wish = {**form_for(microscope), "user": "ada"}
    del wish["book"]
    client = as_user(chris)
    assert "Light" in client.post("/bookings/new", {**wish, "check": "1"}).content.decode()
    client.post("/bookings/new", {**wish, "project": str(light.public_id), "book": "1"})
    assert Booking.objects.get().project == light
