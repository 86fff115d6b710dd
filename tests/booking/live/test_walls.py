"""Displays on walls: for everybody who passes, without names, and what managers may hang up."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from booking.enums import Status
from booking.models import Resource, ResourcePool
from booking.queries.walls import Wall
from booking.services.faults import FaultReport, report_fault
from booking.services.resources import close_resource
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def busy_lab(
    ben: User, chris: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    """One in use, one free until noon, one out of order, one closed, one hidden."""
    kind = microscope.resource_type
    make_booking(ben, microscope, now - HOUR, 3 * HOUR, status=Status.CHECKED_IN, purpose="Secret")
    make_booking(ben, second_microscope, now + 4 * HOUR, HOUR, purpose="Secret")
    broken = make_resource("Confocal 3", resource_type=kind, location="B 1.01")
    report = FaultReport(title="Laser is dead", blocks_use=True)
    report_fault(actor=ben, resource_id=broken.public_id, report=report, now=now)
    shut = make_resource("Confocal 4", resource_type=kind)
    close_resource(actor=chris, resource_id=shut.public_id, reason="Ben broke it", now=now)
    make_resource("Confocal 5", resource_type=kind, is_hidden=True)


def look(client: Client, wall: Wall) -> str:
    """What the display shows."""
    answer = client.get(f"/wall/{wall.token}")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.usefixtures("busy_lab")
def test_it_says_what_is_what_and_names_nobody(client: Client) -> None:
    page = look(client, Wall(kind="lab"))
    assert "<strong>In use</strong> until 10:00" in page
    assert "<strong>Free</strong> until 12:00" in page
    assert "Next: 12:00–13:00" in page
    assert "<strong>Out of order</strong>" in page
    assert "<strong>Closed</strong>" in page
    assert "As of 08:00." in page
    for secret in ("Ben", "Secret", "Laser is dead", "Confocal 5"):
        assert secret not in page


@pytest.mark.usefixtures("busy_lab")
def test_it_shows_a_part_of_the_lab(client: Client, microscope: Resource) -> None:
    place = look(client, Wall(kind="place", key="B 1.01"))
    assert "Confocal 3" in place
    assert "Confocal 1" not in place
    pool = ResourcePool.objects.create(name="Upstairs")
    pool.resources.add(microscope)
    upstairs = look(client, Wall(kind="pool", key=str(pool.public_id)))
    assert "<h1>Upstairs</h1>" in upstairs
    assert "Confocal 1" in upstairs
    assert "Confocal 2" not in upstairs
    kind = look(client, Wall(kind="type", key=str(microscope.resource_type.public_id)))
    assert "Confocal 4" in kind


@pytest.mark.parametrize(
    "token",
    [
        "lab",
        Wall(kind="lab").token + "x",
        Wall(kind="pool", key="5e5f3cb8-96a4-4b0a-9ad4-0c5b70a0f1a5").token,
    ],
)
def test_nobody_makes_up_an_address(client: Client, token: str) -> None:
    assert client.get(f"/wall/{token}").status_code == 404


@pytest.mark.usefixtures("busy_lab")
def test_its_part_costs_the_same_however_many_there_are(
    client: Client, microscope: Resource
) -> None:
    for number in range(15):
        make_resource(f"More {number}", resource_type=microscope.resource_type)
    path, part = f"/wall/{Wall(kind='lab').token}", {"Live-Part": "1"}
    with count_queries(5):
        answer = client.get(path, headers=part)
    assert answer.content.count(b"data-wall-screen") == 2
    again = client.get(path, headers={**part, "If-None-Match": answer["ETag"]})
    assert again.status_code == 304


@pytest.mark.usefixtures("busy_lab")
def test_managers_find_the_addresses(chris: User, ada: User, as_user: LogIn) -> None:
    assert as_user(ada).get("/manage/walls").status_code == 403
    page = as_user(chris).get("/manage/walls").content.decode()
    for wall in (Wall(kind="lab"), Wall(kind="place", key="B 1.01")):
        assert wall.token in page
