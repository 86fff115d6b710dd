"""Displays on walls: for everybody who passes, without names, and what managers may hang up."""

import re
from datetime import datetime, timedelta

import pytest
from django.core import signing
from django.test import Client

from accounts.enums import ScopeKind, UnitKind
from accounts.models import User
from accounts.models.units import Unit
from audit.models import AuditLog
from booking.enums import Status
from booking.errors import ActionRefused, NotAllowed
from booking.models import OutboxEvent, Resource, ResourcePool, WallDisplay
from booking.queries.feeds import hash_token
from booking.queries.hints import display_topic, topics_of, user_topic
from booking.queries.walls import displays_of, offered_walls
from booking.services.faults import FaultReport, report_fault
from booking.services.resources import close_resource
from booking.services.walls import create_display, revoke_display
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.factories.roles import give, make_role
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
PAGE = "/manage/walls"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


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


def hang(actor: User, now: datetime, shows: str = "lab:", name: str = "") -> str:
    """The address of a new display."""
    return f"/wall/{create_display(actor=actor, shows=shows, name=name, now=now).token}"


def look(client: Client, address: str) -> str:
    """What the display shows."""
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.usefixtures("busy_lab")
def test_it_says_what_is_what_and_names_nobody(client: Client, chris: User, now: datetime) -> None:
    page = look(client, hang(chris, now))
    assert "<strong>In use</strong> until 10:00" in page
    assert "<strong>Free</strong> until 12:00" in page
    assert "Next: 12:00–13:00" in page
    assert "<strong>Out of order</strong>" in page
    assert "<strong>Closed</strong>" in page
    assert "As of 08:00." in page
    for secret in ("Ben", "Secret", "Laser is dead", "Confocal 5"):
        assert secret not in page


@pytest.mark.usefixtures("busy_lab")
def test_it_shows_a_part_of_the_lab(
    client: Client, chris: User, microscope: Resource, now: datetime
) -> None:
    place = look(client, hang(chris, now, "place:B 1.01"))
    assert "Confocal 3" in place
    assert "Confocal 1" not in place
    pool = ResourcePool.objects.create(name="Upstairs")
    pool.resources.add(microscope)
    upstairs = look(client, hang(chris, now, f"pool:{pool.public_id}"))
    assert "<h1>Upstairs</h1>" in upstairs
    assert "Confocal 1" in upstairs
    assert "Confocal 2" not in upstairs
    kind = look(client, hang(chris, now, f"type:{microscope.resource_type.public_id}"))
    assert "Confocal 4" in kind
    unit = Unit.objects.create(code="img", name="Imaging", kind=UnitKind.FACULTY)
    Resource.objects.filter(pk=microscope.pk).update(unit=unit)
    imaging = look(client, hang(chris, now, f"unit:{unit.public_id}"))
    assert "Confocal 1" in imaging
    assert "Confocal 2" not in imaging


@pytest.mark.parametrize(
    "token",
    ["lab", "x" * 43, signing.Signer(salt="booking.wall").sign_object(["lab", ""])],
    ids=["short", "made up", "signed before"],
)
def test_nobody_makes_up_an_address(client: Client, token: str) -> None:
    answer = client.get(f"/wall/{token}")
    assert answer.status_code == 404
    assert "Nothing is shown here any more" in answer.content.decode()


@pytest.mark.usefixtures("busy_lab")
def test_its_part_costs_the_same_however_many_there_are(
    client: Client, chris: User, as_user: LogIn, microscope: Resource, now: datetime
) -> None:
    for number in range(15):
        make_resource(f"More {number}", resource_type=microscope.resource_type)
    path, part = hang(chris, now), {"Live-Part": "1"}
    with count_queries(4):  # The fourth notes that it was seen, once an hour.
        answer = client.get(path, headers=part)
    assert answer.content.count(b"data-wall-screen") == 2
    with count_queries(3):
        again = client.get(path, headers={**part, "If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    # For who is logged in the person is read too, and nothing is noted.
    WallDisplay.objects.update(last_seen_at=None)
    viewer = as_user(chris)
    viewer.get(path, headers=part)
    with count_queries(4):
        viewer.get(path, headers=part)
    assert WallDisplay.objects.get().last_seen_at is None


def test_that_it_hangs_is_noted_once_an_hour(client: Client, chris: User, now: datetime) -> None:
    address = hang(chris, now)
    for ago, noted in ((None, now), (59 * MINUTE, now - 59 * MINUTE), (HOUR, now)):
        WallDisplay.objects.update(last_seen_at=now - ago if ago else None)
        client.get(address)
        assert WallDisplay.objects.get().last_seen_at == noted


def test_an_address_is_shown_once_and_ends_when_it_is_revoked(
    as_user: LogIn, client: Client, chris: User, now: datetime
) -> None:
    manager = as_user(chris)
    answer = manager.post(PAGE, {"shows": "lab:", "name": "Hall"})
    token = re.findall(r"/wall/([\w-]{43})", answer.content.decode())[0]
    assert (answer["Referrer-Policy"], "no-store" in answer["Cache-Control"]) == (
        "strict-origin",
        True,
    )
    [kept] = WallDisplay.objects.all()
    assert (kept.token_hash, kept.created_by, kept.shows) == (
        hash_token(token),
        chris,
        "The whole lab",
    )
    page = manager.get(PAGE).content.decode()
    assert "Hall" in page
    assert token not in page
    assert client.get(f"/wall/{token}").status_code == 200
    assert manager.post(f"{PAGE}/{kept.public_id}/revoke").status_code == 302
    for headers in ({}, {"Live-Part": "1"}):
        gone = client.get(f"/wall/{token}", headers=headers)
        assert gone.status_code == 410
        assert "This display was taken down." in gone.content.decode()
    assert "Hall" in manager.get(PAGE).content.decode()  # That it is revoked.
    assert "Hall" not in manager.get(PAGE).content.decode()
    assert manager.post(f"{PAGE}/{kept.public_id}/revoke").status_code == 404
    logs = AuditLog.objects.filter(action__startswith="display.").order_by("pk")
    assert [(log.action, log.actor_name) for log in logs] == [
        ("display.created", "Chris"),
        ("display.revoked", "Chris"),
    ]
    assert token not in str([(log.changes, log.facts) for log in logs])
    [event] = OutboxEvent.objects.filter(kind="display.revoked")
    assert topics_of(event) == [user_topic(chris.pk), display_topic(kept.public_id)]


def test_only_managers_hang_them_up_and_take_them_down(
    as_user: LogIn, cast: dict[str, User], client: Client, now: datetime
) -> None:
    hang(cast["dora"], now, name="Hangs")
    key = WallDisplay.objects.get().public_id
    assert "/accounts/login" in client.get(PAGE)["Location"]
    for name, user in cast.items():
        allowed, person = name in {"chris", "dora"}, as_user(user)
        assert person.get(PAGE).status_code == (200 if allowed else 403)
        made = person.post(PAGE, {"shows": "lab:"})
        assert made.status_code == (200 if allowed else 403)
        if not allowed:
            assert person.post(f"{PAGE}/{key}/revoke").status_code == 403
            with pytest.raises(NotAllowed):
                create_display(actor=user, shows="lab:", name="", now=now)
    assert WallDisplay.objects.filter(revoked_at=None).count() == 3
    assert as_user(cast["chris"]).post(f"{PAGE}/{key}/revoke").status_code == 302


def test_who_looks_after_a_type_has_its_displays_and_their_own(
    ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    other = make_resource("NMR", location="B 2.01")
    role = make_role("keeper", "resource.manage")
    give(ben, role, ScopeKind.TYPE, microscope.resource_type_id)
    kind = f"type:{microscope.resource_type.public_id}"
    for shows, name in (("lab:", "Lab"), ("place:B 2.01", "NMR"), (kind, "Microscopes")):
        hang(chris, now, shows, name)
    hang(ben, now, "lab:", "Own")
    assert [each.name for each in displays_of(ben)] == ["Microscopes", "Own"]
    assert [each.value for each in offered_walls(ben)][:2] == ["lab:", kind]
    for shows in (f"type:{other.resource_type.public_id}", "place:B 2.01", "nonsense", ""):
        with pytest.raises(ActionRefused) as refused:
            create_display(actor=ben, shows=shows, name="", now=now)
        assert refused.value.refusals[0].code == "display.unseen"
    with pytest.raises(WallDisplay.DoesNotExist):
        revoke_display(actor=ben, display_id=WallDisplay.objects.get(name="Lab").public_id, now=now)
    revoke_display(
        actor=ben, display_id=WallDisplay.objects.get(name="Microscopes").public_id, now=now
    )


def test_nobody_hangs_up_very_many(
    as_user: LogIn, chris: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("booking.services.walls.MOST_DISPLAYS", 1)
    hang(chris, now)
    answer = as_user(chris).post(PAGE, {"shows": "lab:"})
    assert answer.status_code == 422
    assert "You have 1 displays" in answer.content.decode()


def test_the_list_costs_the_same_however_many_hang(
    as_user: LogIn, chris: User, microscope: Resource, now: datetime
) -> None:
    kind, manager = f"type:{microscope.resource_type.public_id}", as_user(chris)
    hang(chris, now)
    manager.get(PAGE)
    with count_queries() as one:
        manager.get(PAGE)
    hang(chris, now, kind)
    hang(chris, now)
    with count_queries(len(one)):
        manager.get(PAGE)
