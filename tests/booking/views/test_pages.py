"""The lab manager's first page with the lists behind it, and About."""

from datetime import datetime, time, timedelta

import pytest
from django.test import Client

from accounts.enums import Role
from accounts.models import User
from booking.enums import DeliveryStatus, DemandSource, Status
from booking.models import (
    Closure,
    DemandEntry,
    MaintenanceRecord,
    Message,
    OpeningHours,
    OutboxEvent,
    Resource,
)
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
MANAGERS_PAGES = ("/manage", "/manage/closed", "/manage/messages")


def fail_mail(user: User, now: datetime, error: str = "550 no such mailbox") -> Message:
    event = OutboxEvent.objects.create(kind="booking.created", created_at=now)
    return Message.objects.create(
        event=event,
        user=user,
        kind="booking.created",
        status=DeliveryStatus.FAILED,
        attempts=6,
        last_error=error,
        created_at=now,
    )


def test_anonymous_is_sent_to_the_login(client: Client, db: None) -> None:
    for path in (*MANAGERS_PAGES, "/about"):
        assert "/accounts/login" in client.get(path)["Location"]


def test_who_may_see_what(as_user: LogIn, cast: dict[str, User]) -> None:
    for path in MANAGERS_PAGES:
        allowed = {
            name for name, user in cast.items() if as_user(user).get(path).status_code == 200
        }
        assert allowed == {"chris", "dora"}
    assert all(as_user(user).get("/about").status_code == 200 for user in cast.values())
    assert all(as_user(cast["chris"]).post(path).status_code == 405 for path in MANAGERS_PAGES)


def test_the_numbers_are_true_and_linked(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ada, microscope, now + timedelta(hours=2), status=Status.PENDING)
    make_booking(ada, microscope, now + timedelta(hours=4))
    make_booking(ada, microscope, now + timedelta(hours=5), status=Status.CANCELLED)
    make_booking(ada, microscope, now + timedelta(days=1))
    for n in range(7):
        make_resource(f"Broken {n}", is_active=False, closed_reason="Broken")
    for days, cancelled in ((-3, None), (0, None), (2, None), (3, now)):
        MaintenanceRecord.objects.create(
            resource=microscope,
            title="Lamp",
            start_time=now + timedelta(days=days),
            end_time=now + timedelta(days=days, hours=1),
            cancelled_at=cancelled,
        )
    for days in (1, 6, 8):
        DemandEntry.objects.create(
            at=now - timedelta(days=days),
            source=DemandSource.REFUSED,
            role=Role.STUDENT,
            resource=microscope,
            start_time=now,
            end_time=now + timedelta(hours=1),
            minutes=60,
        )
    fail_mail(ada, now)
    client = as_user(chris)
    answer = client.get("/manage")
    found = answer.context["lab_now"]
    assert found.today_count == 2
    assert (found.closed_count, len(found.closed)) == (7, 5)
    assert (found.maintenance_count, len(found.maintenance)) == (2, 2)
    assert (found.demand_count, found.failed_count) == (2, 1)
    page = answer.content.decode()
    for path in (
        "/manage/approvals",
        "/calendar",
        "/manage/closed",
        "/manage/maintenance",
        "/manage/demand?days=7",
        "/manage/messages?status=failed",
    ):
        assert f'href="{path}"' in page
        assert client.get(path).status_code == 200
    assert client.get("/manage/closed").context["page"].paginator.count == 7
    assert client.get("/manage/maintenance").context["page"].paginator.count == 2
    assert client.get("/manage/demand?days=7").context["wishes"] == 2
    assert len(client.get("/manage/messages?status=failed").context["lines"]) == 1


def test_a_quiet_lab_says_so(as_user: LogIn, chris: User) -> None:
    client = as_user(chris)
    page = client.get("/manage").content.decode()
    assert "No work is planned" in page
    assert "Every instrument is open for booking" in page
    answer = client.get("/manage/messages?status=failed")
    assert "Every message arrived" in answer.content.decode()


def test_failed_messages_say_to_whom_and_why(
    as_user: LogIn, ada: User, chris: User, now: datetime
) -> None:
    fail_mail(ada, now, "<script>alert(1)</script>")
    sent = fail_mail(chris, now, "greylisted")
    Message.objects.filter(pk=sent.pk).update(status=DeliveryStatus.SENT)
    page = as_user(chris).get("/manage/messages?status=failed").content.decode()
    assert "ada@example.org" not in page
    assert "a…@e….org" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "6 attempts" in page
    assert "greylisted" not in page


def test_about_says_what_the_lab_is(
    as_user: LogIn, eve: User, microscope: Resource, weekday_hours: None, now: datetime
) -> None:
    make_resource("Broken", is_active=False, closed_reason="Broken")
    OpeningHours.objects.create(weekday=5, opens_at=time(22), closes_at=time(2))
    OpeningHours.objects.create(weekday=6, opens_at=time(0), closes_at=time(0))
    for resource, reason in ((None, "Christmas"), (microscope, "Lamp")):
        Closure.objects.create(
            resource=resource, start_time=now, end_time=now + timedelta(days=1), reason=reason
        )
    page = as_user(eve).get("/about").content.decode()
    assert "2 instruments" in page
    assert "(1 closed)" in page
    assert "core-facility@example.org" in page
    assert "Europe/Berlin" in page
    assert "Labitory 0." in page
    assert page.count(">20:00<") == 5
    assert "next day" in page
    assert "all day" in page
    assert "Christmas" in page
    assert "Lamp" not in page


def test_a_lab_without_hours_is_always_open(as_user: LogIn, ada: User) -> None:
    assert "Always open." in as_user(ada).get("/about").content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_queries(as_user: LogIn, chris: User, now: datetime, number: int) -> None:
    for n in range(number):
        resource = make_resource(
            f"<script>alert({n})</script>", is_active=False, closed_reason="<script>alert(1)"
        )
        MaintenanceRecord.objects.create(
            resource=resource,
            title="<script>alert(1)</script>",
            start_time=now,
            end_time=now + timedelta(hours=1),
        )
        Closure.objects.create(start_time=now, end_time=now + timedelta(days=1), reason="<script>")
        fail_mail(chris, now)
    client = as_user(chris)
    for path, queries in (
        ("/manage", 8),
        ("/manage/closed", 4),
        ("/manage/messages", 4),
        ("/about", 5),
    ):
        with count_queries(queries):
            answer = client.get(path)
        assert b"<script>alert" not in answer.content
        assert len(answer.content) < 60_000
