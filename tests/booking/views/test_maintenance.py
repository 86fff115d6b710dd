"""Planned work on resources, as lab managers write it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from booking.enums import InTheWay, Status
from booking.models import (
    MaintenancePlan,
    MaintenanceRecord,
    Offer,
    Resource,
    ResourceCalendar,
)
from booking.services.maintenance import schedule_maintenance
from booking.services.offers import accept_offer
from labitory.lib.periods import Period
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.elements import the_element
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
    shown = the_element(page, "input", name="shown")["value"]
    client.post("/manage/maintenance/new", {**form, "way": "cancel", "shown": shown})
    booking.refresh_from_db()
    assert booking.status == Status.CANCELLED
    assert MaintenanceRecord.objects.exists()


def test_bookings_in_the_way_are_offered_another_time(
    as_user: LogIn,
    ada: User,
    chris: User,
    microscope: Resource,
    form: dict[str, str],
    now: datetime,
) -> None:
    booking = make_booking(ada, microscope, now + timedelta(days=1, hours=3))
    client = as_user(chris)
    page = client.post("/manage/maintenance/new", form).content.decode()
    assert "Offer each another time" in page
    assert page.count('name="pick"') == 3
    assert "nobody is disturbed" in page
    assert client.post("/manage/maintenance/new", {**form, "way": "burn"}).status_code == 422
    shown = the_element(page, "input", name="shown")["value"]
    client.post("/manage/maintenance/new", {**form, "way": "displace", "shown": shown})
    work = MaintenanceRecord.objects.get()
    offer = work.replacements.get()
    page = client.get(f"/manage/maintenance/{work.public_id}").content.decode()
    assert "Bookings that were displaced" in page
    page = as_user(ada).get(f"/bookings/{booking.public_id}").content.decode()
    assert "Maintenance has taken this time" in page
    assert f"/offers/{offer.public_id}" in page
    assert (
        str(booking.public_id) not in as_user(ada).get("/calendar?date=2026-03-03").content.decode()
    )
    answer = as_user(ada).post(f"/offers/{offer.public_id}/accept")
    assert answer["Location"] == f"/bookings/{booking.public_id}"
    page = as_user(ada).get(f"/bookings/{booking.public_id}").content.decode()
    assert "Maintenance has taken this time" not in page


def test_lists_mark_what_lost_its_time(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    start = now + timedelta(days=1)
    booking = make_booking(ada, microscope, start)
    schedule_maintenance(
        actor=chris,
        resource_id=microscope.public_id,
        period=Period(start, start + timedelta(hours=2)),
        title="Change the lamp",
        way=InTheWay.DISPLACE,
        now=now,
    )
    offer = Offer.objects.get()
    for address in ("/bookings", "/"):
        found = as_user(ada).get(address).content.decode()
        assert "Maintenance took this time" in found
        assert f'href="/offers/{offer.public_id}">Choose a replacement' in found
    others = as_user(chris).get("/bookings?whose=all").content.decode()
    assert "Ada is offered another." in others
    assert "Choose a replacement" not in others
    answered = as_user(ada).get(f"/offers/{offer.public_id}").content.decode()
    assert f"/bookings/{booking.public_id}/edit" in answered
    accept_offer(actor=ada, offer_id=offer.public_id, now=now)
    for address in ("/bookings", "/"):
        assert "Maintenance took" not in as_user(ada).get(address).content.decode()


def test_one_tap_takes_a_better_time(
    as_user: LogIn,
    ada: User,
    chris: User,
    microscope: Resource,
    form: dict[str, str],
    now: datetime,
) -> None:
    make_booking(ada, microscope, now + timedelta(days=1, hours=3))
    client = as_user(chris)
    page = client.post("/manage/maintenance/new", form).content.decode()
    word = page.split('name="pick"')[1].split('value="')[1].split('"')[0]
    answer = client.post("/manage/maintenance/new", {**form, "pick": word})
    assert answer.status_code == 302
    work = MaintenanceRecord.objects.get()
    assert work.start_time == datetime.fromisoformat(word.split("|")[0])
    assert not work.replacements.exists()
    assert client.post("/manage/maintenance/new", {**form, "pick": "x|y"}).status_code == 422


def test_work_is_changed(
    as_user: LogIn, ada: User, chris: User, form: dict[str, str], work: MaintenanceRecord
) -> None:
    path = f"/manage/maintenance/{work.public_id}"
    assert as_user(ada).get(path).status_code == 403
    client = as_user(chris)
    assert "Change the lamp" in client.get(path).content.decode()
    said = {**form, "title": "New lamp", "kind": "vendor", "vendor": "Lamps Ltd", "cost": "12.50"}
    assert client.post(path, said)["Location"] == "/manage/maintenance"
    work.refresh_from_db()
    assert (work.title, work.vendor, str(work.cost)) == ("New lamp", "Lamps Ltd", "12.50")
    assert work.start_time == datetime(2026, 3, 3, 9, tzinfo=UTC)
    for change, text in (
        ({"cost": "-1"}, "greater than or equal to 0"),
        ({"kind": "magic"}, "Select a valid choice"),
        ({"end_time": "2026-03-01T10:00"}, "The end must come after the start"),
    ):
        answer = client.post(path, {**said, **change})
        assert answer.status_code == 422
        assert text in answer.content.decode()
    client.post(f"{path}/cancel")
    assert "stays as it was" in client.get(path).content.decode()
    assert client.post(path, said)["Location"] == "/manage/maintenance"
    assert client.get("/manage/maintenance/00000000-0000-0000-0000-000000000000").status_code == 404


PLAN = {
    "title": "Clean the optics",
    "start_time": "2026-03-03T10:00",
    "minutes": "120",
    "rule": "FREQ=MONTHLY;BYDAY=1MO",
}


def test_plans_are_written_changed_and_ended(
    as_user: LogIn, cast: dict[str, User], microscope: Resource
) -> None:
    for path in ("/manage/maintenance/plans", "/manage/maintenance/plans/new"):
        for name, status in (("ada", 403), ("ben", 403), ("eve", 403), ("dora", 200)):
            assert as_user(cast[name]).get(path).status_code == status
    client = as_user(cast["chris"])
    assert "No work comes back" in client.get("/manage/maintenance/plans").content.decode()
    usual = '<option value="FREQ=MONTHLY;BYDAY=1MO">monthly on the first Monday</option>'
    assert usual in client.get("/manage/maintenance/plans/new").content.decode()
    said = {**PLAN, "resource": microscope.code}
    for change, text in (
        ({"rule": "FREQ=HOURLY"}, "This is no rule"),
        ({"rule": ""}, "required"),
        ({"minutes": "0"}, "greater than or equal to 1"),
        ({"resource": "nothing"}, "There is no such instrument"),
        ({"start_time": "2020-03-03T10:00"}, "more than a year ago"),
        ({"title": "a\x00b"}, "Null characters"),
    ):
        answer = client.post("/manage/maintenance/plans/new", {**said, **change})
        assert answer.status_code == 422
        assert text in answer.content.decode()
    assert not MaintenancePlan.objects.exists()
    path = client.post("/manage/maintenance/plans/new", said)["Location"]
    assert "Its next times" in client.get(path).content.decode()
    assert MaintenanceRecord.objects.count() == 5
    assert client.post(path, {**said, "rule": "FREQ=WEEKLY;COUNT=3"})["Location"] == path
    assert MaintenanceRecord.objects.count() == 3
    assert as_user(cast["ada"]).post(f"{path}/end").status_code == 403
    client = as_user(cast["chris"])
    assert client.post(f"{path}/end").status_code == 302
    assert not MaintenanceRecord.objects.exists()
    assert "This plan ended" in client.get(path).content.decode()
    assert client.post(path, said).status_code == 409


@pytest.mark.parametrize("number", [1, 3])
def test_queries_of_plans(as_user: LogIn, chris: User, microscope: Resource, number: int) -> None:
    client = as_user(chris)
    for n in range(number):
        said = {**PLAN, "resource": microscope.code, "start_time": f"2026-03-0{n + 3}T10:00"}
        client.post("/manage/maintenance/plans/new", {**said, "rule": "FREQ=WEEKLY"})
    plan = MaintenancePlan.objects.earliest("pk")
    work = MaintenanceRecord.objects.earliest("pk")
    for path, queries in (
        ("/manage/maintenance/plans", 4),
        ("/manage/maintenance/plans/new", 3),
        (f"/manage/maintenance/plans/{plan.public_id}", 5),
        (f"/manage/maintenance/{work.public_id}", 5),
    ):
        client.get(path)
        with count_queries(queries):
            answer = client.get(path)
        assert len(answer.content) < 60_000


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
        "way": "cancel",
        "shown": str(booking.public_id),
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
