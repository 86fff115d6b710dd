"""Planned work on resources, as lab managers write it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from booking.enums import Status
from booking.models import MaintenanceRecord, Resource, ResourceCalendar
from booking.services.maintenance import schedule_maintenance
from labitory.lib.periods import Period
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")


@pytest.fixture
def form(microscope: Resource) -> dict[str, str]:
    """Work on the microscope tomorrow from 10 to 14."""
    return {
        "resource": microscope.code,
        "title": "Change the lamp",
        "start_time": "2026-03-03T10:00",
        "end_time": "2026-03-03T14:00",
        "notes": "Spare lamp in room 3",
    }


@pytest.fixture
def work(chris: User, microscope: Resource, now: datetime) -> MaintenanceRecord:
    """Planned work."""
    start = now + timedelta(days=1)
    return schedule_maintenance(
        actor=chris,
        resource_id=microscope.public_id,
        period=Period(start, start + timedelta(hours=2)),
        title="Change the lamp",
        now=now,
    )


def test_anonymous_is_sent_to_the_login(
    client: Client, form: dict[str, str], work: MaintenanceRecord
) -> None:
    for answer in (
        client.get("/manage/maintenance"),
        client.get("/manage/maintenance/new"),
        client.post("/manage/maintenance/new", form),
        client.post(f"/manage/maintenance/{work.public_id}/cancel"),
    ):
        assert "/accounts/login" in answer["Location"]


def test_only_lab_managers_may(
    as_user: LogIn, cast: dict[str, User], form: dict[str, str], work: MaintenanceRecord
) -> None:
    for path in ("/manage/maintenance", "/manage/maintenance/new"):
        allowed = {
            name for name, user in cast.items() if as_user(user).get(path).status_code == 200
        }
        assert allowed == {"chris", "dora"}
    client = as_user(cast["ada"])
    assert client.post("/manage/maintenance/new", form).status_code == 403
    assert client.post(f"/manage/maintenance/{work.public_id}/cancel").status_code == 403
    assert MaintenanceRecord.objects.get().cancelled_at is None


def test_work_is_planned(
    as_user: LogIn, chris: User, microscope: Resource, form: dict[str, str]
) -> None:
    answer = as_user(chris).post("/manage/maintenance/new", form)
    assert answer["Location"] == "/manage/maintenance"
    work = MaintenanceRecord.objects.get()
    assert work.start_time == datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert (work.title, work.notes) == ("Change the lamp", "Spare lamp in room 3")
    assert ResourceCalendar.objects.get().resource == microscope
    page = as_user(chris).get("/manage/maintenance").content.decode()
    assert "Change the lamp" in page
    assert "10:00–14:00" in page


def test_the_form_can_be_linked_to_with_a_resource(
    as_user: LogIn, chris: User, microscope: Resource
) -> None:
    page = as_user(chris).get(f"/manage/maintenance/new?resource={microscope.code}")
    assert f'value="{microscope.code}" selected' in page.content.decode()
    assert as_user(chris).get("/manage/maintenance/new?resource=%00").status_code == 200


def test_a_closed_resource_can_be_worked_on(
    as_user: LogIn, chris: User, form: dict[str, str]
) -> None:
    closed = make_resource("Broken one", is_active=False, closed_reason="Broken")
    as_user(chris).post("/manage/maintenance/new", {**form, "resource": closed.code})
    assert MaintenanceRecord.objects.get().resource == closed


def test_bookings_in_the_way_are_shown_and_then_cancelled(
    as_user: LogIn,
    ada: User,
    chris: User,
    microscope: Resource,
    form: dict[str, str],
    now: datetime,
) -> None:
    booking = make_booking(ada, microscope, now + timedelta(days=1, hours=3))
    client = as_user(chris)
    answer = client.post("/manage/maintenance/new", form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "1 booking stands in the way" in page
    assert f"/bookings/{booking.public_id}" in page
    assert "Spare lamp in room 3" in page
    assert not MaintenanceRecord.objects.exists()
    client.post("/manage/maintenance/new", {**form, "cancel_bookings": "on"})
    booking.refresh_from_db()
    assert booking.status == Status.CANCELLED
    assert MaintenanceRecord.objects.exists()


def test_what_is_in_use_is_not_cancelled(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(
        ada, microscope, now - timedelta(hours=1), timedelta(hours=3), status=Status.CHECKED_IN
    )
    form = {
        "resource": microscope.code,
        "title": "Lamp",
        "start_time": "2026-03-02T08:00",
        "end_time": "2026-03-02T09:00",
        "cancel_bookings": "on",
    }
    answer = as_user(chris).post("/manage/maintenance/new", form)
    assert answer.status_code == 409
    assert "is in use" in answer.content.decode()
    booking.refresh_from_db()
    assert booking.status == Status.CHECKED_IN
    assert not MaintenanceRecord.objects.exists()


def test_other_work_at_the_same_time_is_refused(
    as_user: LogIn, chris: User, form: dict[str, str], work: MaintenanceRecord
) -> None:
    answer = as_user(chris).post(
        "/manage/maintenance/new", {**form, "start_time": "2026-03-03T08:00"}
    )
    assert answer.status_code == 409
    assert "has part of that time" in answer.content.decode()
    assert list(MaintenanceRecord.objects.all()) == [work]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"resource": ""}, "required"),
        ({"resource": "nothing"}, "There is no such instrument"),
        ({"title": ""}, "required"),
        ({"title": "x" * 201}, "at most 200"),
        ({"notes": "x" * 5001}, "at most 5000"),
        ({"notes": "a\x00b"}, "Null characters"),
        ({"end_time": "2026-03-03T09:00"}, "The end must come after the start"),
        ({"end_time": ""}, "required"),
        ({"start_time": "2026-03-29T02:30", "end_time": "2026-03-29T09:00"}, "does not exist"),
    ],
)
def test_wrong_work_keeps_the_form(
    as_user: LogIn, chris: User, form: dict[str, str], change: dict[str, str], said: str
) -> None:
    answer = as_user(chris).post("/manage/maintenance/new", {**form, **change})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert "Change the lamp" in page or "title" in change
    assert not MaintenanceRecord.objects.exists()


def test_work_is_called_off(as_user: LogIn, chris: User, work: MaintenanceRecord) -> None:
    client, path = as_user(chris), f"/manage/maintenance/{work.public_id}/cancel"
    assert client.get(path).status_code == 405
    assert client.post(path)["Location"] == "/manage/maintenance"
    work.refresh_from_db()
    assert work.cancelled_at is not None
    assert not ResourceCalendar.objects.exists()
    assert client.post(path).status_code == 404
    assert "Change the lamp" not in client.get("/manage/maintenance").content.decode()
    page = client.get("/manage/maintenance?tab=past").content.decode()
    assert "Change the lamp" in page
    assert "Called off" in page


def test_an_empty_list_says_so(as_user: LogIn, chris: User) -> None:
    assert "No work is planned" in as_user(chris).get("/manage/maintenance").content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_queries(as_user: LogIn, chris: User, now: datetime, number: int) -> None:
    for n in range(number):
        MaintenanceRecord.objects.create(
            resource=make_resource(f"Confocal {n}"),
            title="<script>alert(1)</script>",
            start_time=now,
            end_time=now + timedelta(hours=1),
            created_by=chris,
        )
    client = as_user(chris)
    for path, queries in (("/manage/maintenance", 4), ("/manage/maintenance/new", 3)):
        with count_queries(queries):
            answer = client.get(path)
        assert b"<script>alert" not in answer.content
        assert len(answer.content) < 60_000
