"""Contact data of others: who sees them, what stands elsewhere, and what is kept of looking."""

from datetime import datetime
from typing import Any

import pytest
import structlog
from django.test import Client

from accounts.models import User, UserProfile
from audit.models import DataAccess
from booking.enums import Status
from booking.models import Resource, ResponsiblePerson
from labitory.lib.clock import now as clock_now
from labitory.lib.text import mask_address, redact_event
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.groups import make_group
from tests.factories.people import make_user

PHONE, EMERGENCY, ADDRESS = "+49 30 1234", "Lord Byron", "lovelace@example.org"
MANAGERS = {"chris", "dora"}


@pytest.fixture
def subject(db: None, now: datetime) -> User:
    """Somebody else, whose contact data nobody should see who may not."""
    user = make_user("lovelace", last_name="Lovelace")
    UserProfile.objects.filter(user=user).update(phone=PHONE, emergency_contact=EMERGENCY)
    return user


def seen(client: Client, path: str) -> tuple[int, set[str]]:
    answer = client.get(path)
    text = answer.content.decode()
    return answer.status_code, {word for word in (PHONE, EMERGENCY, ADDRESS) if word in text}


@pytest.mark.parametrize("name", ["ada", "ben", "chris", "dora", "eve"])
def test_the_page_of_a_person(
    as_user: LogIn, cast: dict[str, User], subject: User, name: str
) -> None:
    client = as_user(cast[name])
    status, words = seen(client, f"/manage/people/{subject.public_id}")
    if name not in MANAGERS:
        assert (status, words) == (403, set())
        assert not DataAccess.objects.exists()
        return
    assert (status, words) == (200, {PHONE, EMERGENCY, ADDRESS})
    row = DataAccess.objects.get()
    assert (row.viewer_id, row.subject_id, row.what) == (cast[name].pk, subject.pk, "person.page")
    seen(client, f"/manage/people/{subject.public_id}")
    assert DataAccess.objects.count() == 2
    seen(client, f"/manage/people/{cast[name].public_id}")
    assert DataAccess.objects.count() == 2


@pytest.mark.parametrize("name", ["ada", "ben", "chris", "dora", "eve"])
def test_no_other_page_and_no_answer_of_the_api_shows_them(
    as_user: LogIn, cast: dict[str, User], subject: User, microscope: Resource, name: str
) -> None:
    moment = clock_now()
    booking = make_booking(
        subject, microscope, moment.replace(minute=0, second=0, microsecond=0), notes="x"
    )
    done = make_booking(cast[name], microscope, moment.replace(year=2020), status=Status.COMPLETED)
    group = make_group("Optics", cast[name], subject)
    client = as_user(cast[name])
    pages = [
        *("/", "/calendar", "/bookings", "/resources", "/manage", "/manage/people"),
        *("/accounts/groups", f"/bookings/{booking.public_id}", f"/bookings/{done.public_id}"),
        *(f"/accounts/groups/{group.public_id}", f"/resources/{microscope.public_id}"),
        *("/api/v1/bookings", "/api/v1/resources", "/api/v1/groups", "/api/v1/projects"),
        f"/api/v1/bookings/{booking.public_id}",
    ]
    for path in pages:
        status, words = seen(client, path)
        forbidden = path.startswith("/manage") or path.endswith(str(booking.public_id))
        assert (path, words) == (path, set())
        assert status == 200 or (forbidden and name not in MANAGERS), path
    assert not DataAccess.objects.exists()


def test_the_list_shows_a_masked_address(as_user: LogIn, chris: User, subject: User) -> None:
    assert "l…@e….org" in as_user(chris).get("/manage/people").content.decode()


def test_leaders_decide_without_the_address(as_user: LogIn, ben: User, subject: User) -> None:
    group = make_group("Optics", ben)
    client = as_user(subject)
    client.post(f"/accounts/groups/{group.public_id}/join", {"message": "Please"})
    page = as_user(ben).get("/accounts/groups").content.decode()
    assert "l…@e….org" in page
    assert ADDRESS not in page


def test_each_person_in_a_file_is_told(as_user: LogIn, chris: User, subject: User) -> None:
    answer = as_user(chris).post("/manage/people/export", {})
    assert ADDRESS in answer.content.decode()
    assert list(DataAccess.objects.values_list("subject_id", "what")) == [
        (subject.pk, "person.file")
    ]
    page = as_user(subject).get("/accounts/privacy").content.decode()
    assert "List of people taken out as a file" in page


def test_the_administration_keeps_who_looked(as_user: LogIn, dora: User, subject: User) -> None:
    client = as_user(dora)
    assert seen(client, "/admin/accounts/user/")[1] == set()
    assert not DataAccess.objects.exists()
    status, words = seen(client, f"/admin/accounts/user/{subject.pk}/change/")
    assert (status, ADDRESS in words) == (200, True)
    assert DataAccess.objects.get().what == "person.admin"


def test_looking_as_somebody_is_kept(as_user: LogIn, chris: User, subject: User) -> None:
    as_user(chris).post(
        "/accounts/view-as", {"user": subject.username, "reason": "Cannot book"}, follow=True
    )
    row = DataAccess.objects.get()
    assert (row.viewer_name, row.subject_id, row.what) == ("Chris", subject.pk, "person.view_as")


def test_who_is_responsible_is_there_to_be_reached(
    as_user: LogIn, ada: User, subject: User, microscope: Resource
) -> None:
    ResponsiblePerson.objects.create(resource=microscope, user=subject)
    words = seen(as_user(ada), f"/resources/{microscope.public_id}")[1]
    assert words == {ADDRESS}


def test_logs_name_nobody(caplog: Any) -> None:
    event = {"email": ADDRESS, "profile": {"phone": PHONE}, "email_id": 7, "user_id": 3}
    clean = redact_event(structlog.get_logger(), "info", event)
    assert clean["email_id"] == 7
    assert not {ADDRESS, PHONE} & set(map(str, (clean["email"], clean["profile"]["phone"])))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("ada@example.org", "a…@e….org"),
        ("x@localhost", "x…@l….localhost"),
        ("broken", "b…"),
        ("", "…"),
    ],
)
def test_what_is_left_of_an_address(address: str, shown: str) -> None:
    assert mask_address(address) == shown
