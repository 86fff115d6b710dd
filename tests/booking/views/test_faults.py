"""Pages of faults: reporting, the queue, one fault, and the banner where one books."""

import io
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import User
from booking.enums import FaultState, Severity
from booking.models import Fault, OutboxEvent, Resource
from booking.services.faults import FaultReport, report_fault
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def reported(actor: User, resource: Resource, now: datetime, **said: Any) -> Fault:
    plain: dict[str, Any] = {"title": "No <b>laser</b>", "severity": Severity.HIGH}
    return report_fault(
        actor=actor,
        resource_id=resource.public_id,
        report=FaultReport(**{**plain, **said}),
        now=now,
    )


@pytest.fixture
def fault(ada: User, microscope: Resource, now: datetime) -> Fault:
    return reported(ada, microscope, now, blocks_use=True)


def picture() -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(content, "PNG")
    return SimpleUploadedFile("laser.png", content.getvalue(), "image/png")


def form_of(fault: Fault, **said: str) -> dict[str, str]:
    return {"state": fault.state, "severity": fault.severity, "blocks_use": "on", **said}


def test_everybody_reports_from_the_page(
    as_user: LogIn, cast: dict[str, User], microscope: Resource
) -> None:
    path = f"/resources/{microscope.public_id}/faults/new"
    for user in cast.values():
        client = as_user(user)
        assert path in client.get(f"/resources/{microscope.public_id}").content.decode()
        page = client.get(path)
        assert page.status_code == 200
        answer = client.post(
            path, {"title": "No laser", "severity": "high", "blocks_use": "on", "photo": picture()}
        )
        found = Fault.objects.get(reported_by=user)
        assert answer["Location"] == f"/faults/{found.public_id}"
        shown = client.get(answer["Location"]).content.decode()
        assert "Cannot be used" in shown
        assert found.photo is not None
        assert f"/files/{found.photo.public_id}" in shown
    assert Fault.objects.count() == 5


def test_visitors_log_in_first(client: Client, fault: Fault) -> None:
    for path in (
        "/faults",
        f"/faults/{fault.public_id}",
        f"/resources/{fault.resource.public_id}/faults",
        f"/resources/{fault.resource.public_id}/faults/new",
    ):
        assert "/accounts/login" in client.get(path)["Location"]


def test_what_lies_keeps_the_form(as_user: LogIn, ada: User, microscope: Resource) -> None:
    path = f"/resources/{microscope.public_id}/faults/new"
    client = as_user(ada)
    fake = SimpleUploadedFile("photo.jpg", b"<html>", "image/jpeg")
    for said, text in (
        ({"title": "", "severity": "high"}, "required"),
        ({"title": "x" * 151, "severity": "high"}, "at most 150"),
        ({"title": "No laser", "severity": "awful"}, "Select a valid choice"),
        ({"title": "No\x00laser", "severity": "high"}, "Null characters"),
        ({"title": "No laser", "severity": "high", "photo": fake}, "This is no picture"),
    ):
        answer = client.post(path, said)
        assert answer.status_code == 422
        assert text in answer.content.decode()
    assert not Fault.objects.exists()
    assert client.get(f"/resources/{uuid4()}/faults/new").status_code == 404


def test_hidden_ones_are_404(as_user: LogIn, eve: User, chris: User, now: datetime) -> None:
    hidden = make_resource("Secret", is_hidden=True)
    found = reported(chris, hidden, now)
    client = as_user(eve)
    for path in (
        f"/resources/{hidden.public_id}/faults",
        f"/resources/{hidden.public_id}/faults/new",
        f"/faults/{found.public_id}",
    ):
        assert client.get(path).status_code == 404
    assert client.post(f"/faults/{found.public_id}/change", form_of(found)).status_code == 404
    assert as_user(chris).get(f"/faults/{found.public_id}").status_code == 200


def test_the_banner_stands_where_one_books(
    as_user: LogIn, ben: User, microscope: Resource, fault: Fault, now: datetime
) -> None:
    booking = make_booking(ben, microscope, now + 2 * HOUR)
    client = as_user(ben)
    start = (now + 3 * HOUR).isoformat()
    for path, words in (
        (f"/resources/{microscope.public_id}", "Out of order"),
        (f"/i/{microscope.code}", "Out of order"),
        (f"/bookings/{booking.public_id}", "Out of order"),
        ("/calendar", "Out of order: No &lt;b&gt;laser"),
        (f"/bookings/new?resource={microscope.code}", "Nobody knows yet when it is back"),
        (
            f"/bookings/new?resource={microscope.code}&start={start.replace('+', '%2B')}",
            "is out of order (No &lt;b&gt;laser",
        ),
    ):
        page = client.get(path).content.decode()
        assert words in page, path
        assert "<b>laser" not in page
    # What can be booked in spite of it is warned of.
    later = (now + 2 * DAY).isoformat().replace("+", "%2B")
    page = client.get(f"/bookings/new?resource={microscope.code}&start={later}").content.decode()
    assert "This time is free" in page
    assert "Nobody knows yet when it is back" in page


def test_a_manager_changes_and_resolves_it(
    as_user: LogIn, cast: dict[str, User], fault: Fault
) -> None:
    path = f"/faults/{fault.public_id}"
    for name in ("ada", "ben", "eve"):
        page = as_user(cast[name]).get(path).content.decode()
        assert "How far it has come" not in page
        assert as_user(cast[name]).post(f"{path}/change", form_of(fault)).status_code == 403
    client = as_user(cast["chris"])
    chris_id = str(cast["chris"].public_id)
    answer = client.post(
        f"{path}/change",
        form_of(fault, state="waiting", assignee=chris_id, back_at="2026-03-05T10:00", note="Tube"),
    )
    assert answer["Location"] == path
    page = client.get(path).content.decode()
    assert "Waiting for parts" in page
    assert "Tube" in page
    for said, status, text in (
        (form_of(fault, state="resolved"), 422, "Say what was done"),
        (form_of(fault, back_at="2026-03-01T10:00"), 422, "expected back in the past"),
        (form_of(fault, state="gone"), 422, "Select a valid choice"),
        (form_of(fault, assignee=str(cast["eve"].public_id)), 422, "Select a valid choice"),
        (form_of(fault, back_at="2026-03-29T02:30"), 422, "does not exist"),
    ):
        answer = client.post(f"{path}/change", said)
        assert answer.status_code == status
        assert text in answer.content.decode()
    done = form_of(fault, state="resolved", note="A new tube")
    assert client.post(f"{path}/change", done).status_code == 302
    assert client.post(f"{path}/change", done).status_code == 409
    assert Fault.objects.get().state == FaultState.RESOLVED
    assert "A new tube" in client.get(path).content.decode()


def test_people_in_the_outage_are_told_by_one_click(
    as_user: LogIn, ben: User, chris: User, microscope: Resource, fault: Fault, now: datetime
) -> None:
    make_booking(ben, microscope, now + 2 * HOUR)
    path = f"/faults/{fault.public_id}"
    assert "Bookings within the outage" not in as_user(ben).get(path).content.decode()
    assert as_user(ben).post(f"{path}/tell").status_code == 403
    client = as_user(chris)
    assert "Bookings within the outage" in client.get(path).content.decode()
    assert client.post(f"{path}/tell")["Location"] == path
    assert "1 person has been told" in client.get(path).content.decode()
    assert OutboxEvent.objects.filter(kind="fault.affects").count() == 1


@pytest.mark.parametrize("number", [1, 3])
def test_queries(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, now: datetime, number: int
) -> None:
    for n in range(number):
        reported(ada, microscope, now, title=f"<i>No {n}", blocks_use=True)
        make_booking(ada, microscope, now + (n + 1) * HOUR)
    client = as_user(chris)
    one = Fault.objects.earliest("pk")
    for path, queries in (
        ("/faults", 5),
        ("/faults?state=late&severity=high&mine=1", 4),
        (f"/resources/{microscope.public_id}/faults", 5),
        (f"/resources/{microscope.public_id}/faults/new", 3),
        (f"/faults/{one.public_id}", 7),
    ):
        client.get(path)
        with count_queries(queries):
            answer = client.get(path)
        assert answer.status_code == 200, path
        assert b"<i>No" not in answer.content
        assert len(answer.content) < 60_000
