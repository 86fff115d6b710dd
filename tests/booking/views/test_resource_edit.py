"""What lab managers write: details, picture, people, links, and who is let in."""

import io
import struct
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import User
from audit.models import AuditLog
from booking.models import Resource, ResourceAccess, ResourceLink, ResourceType, ResponsiblePerson
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock", "weekday_hours")
EVIL = "<script>alert(1)</script>"


def details(kind: ResourceType, **changes: object) -> dict[str, object]:
    plain: dict[str, object] = {
        "part": "details",
        "name": "Confocal 9",
        "type": str(kind.public_id),
        "location": "Room 1",
        "description": "Two lasers",
        "slot_minutes": "30",
        "capacity": "2",
        "setup_minutes": "10",
        "cleanup_minutes": "20",
        "time_zone": "",
    }
    return {**plain, **changes}


def send(client: Client, resource: Resource, part: str, **fields: Any) -> Any:
    return client.post(f"/resources/{resource.public_id}/edit", {"part": part, **fields})


def refused(answer: Any, *words: str) -> None:
    assert answer.status_code == 422
    for word in words:
        assert word in answer.content.decode()


def picture(kind: str = "PNG") -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(drawn, kind)
    return drawn.getvalue()


def enlarged(side: int) -> bytes:
    """A small file whose header claims to unpack to a square of this size."""
    plain = picture()
    header = b"IHDR" + struct.pack(">II", side, side) + plain[24:29]
    return plain[:12] + header + struct.pack(">I", zlib.crc32(header)) + plain[33:]


def test_a_resource_is_added(as_user: LogIn, chris: User, confocals: ResourceType) -> None:
    answer = as_user(chris).post(
        "/resources/new", details(confocals, requires_approval="on", time_zone="Asia/Tokyo")
    )
    made = Resource.objects.get()
    assert answer["Location"] == f"/resources/{made.public_id}/edit"
    assert (made.name, made.slot_minutes, made.capacity) == ("Confocal 9", 30, 2)
    assert (made.setup_minutes, made.cleanup_minutes) == (10, 20)
    assert (made.requires_approval, made.requires_access) == (True, False)
    assert made.time_zone == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 121),
        ("type", ""),
        ("type", "nonsense"),
        ("type", "00000000-0000-0000-0000-000000000000"),
        ("description", "x" * 5001),
        ("slot_minutes", "7"),
        ("slot_minutes", "many"),
        ("capacity", "0"),
        ("capacity", "201"),
        ("setup_minutes", "-1"),
        ("cleanup_minutes", "1441"),
        ("cleanup_minutes", "9" * 40),
        ("time_zone", "Mars/Olympus"),
        ("location", "a\x00b"),
    ],
)
def test_a_bad_field_is_refused_and_the_rest_is_kept(
    as_user: LogIn, chris: User, confocals: ResourceType, field: str, value: str
) -> None:
    sent = details(confocals, **{field: value})
    kept = "Two lasers" if field != "description" else "Room 1"
    refused(as_user(chris).post("/resources/new", sent), "invalid-feedback", kept)
    assert not Resource.objects.exists()


def test_a_taken_name_is_refused_at_its_field(
    as_user: LogIn, chris: User, microscope: Resource
) -> None:
    sent = details(microscope.resource_type, name="CONFOCAL 1", location="Kept here")
    answer = as_user(chris).post("/resources/new", sent)
    refused(answer, "There is one of this name already", "Kept here", "CONFOCAL 1")
    assert Resource.objects.count() == 1
    assert not AuditLog.objects.filter(action="resource.created").exists()


def test_without_types_the_way_is_shown(as_user: LogIn, chris: User) -> None:
    answer = as_user(chris).get("/resources/new")
    assert 'href="/manage/types"' in answer.content.decode()


def test_details_are_changed_and_written_down(
    as_user: LogIn, chris: User, microscope: Resource
) -> None:
    client = as_user(chris)
    shown = client.get(f"/resources/{microscope.public_id}/edit").content.decode()
    assert 'value="Confocal 1"' in shown
    answer = send(client, microscope, **details(microscope.resource_type))  # type: ignore[arg-type]
    assert answer["Location"] == f"/resources/{microscope.public_id}/edit#details"
    microscope.refresh_from_db()
    assert microscope.name == "Confocal 9"
    assert AuditLog.objects.get(action="resource.changed").changes["name"] == [
        "Confocal 1",
        "Confocal 9",
    ]


def test_booked_seats_cannot_be_taken_away(
    as_user: LogIn, chris: User, ada: User, ben: User, now: datetime
) -> None:
    room = make_resource("Cell culture", capacity=2)
    for user in (ada, ben):
        make_booking(user, room, now + timedelta(hours=1))
    sent = details(room.resource_type, capacity="1")
    refused(send(as_user(chris), room, **sent), "Seats beyond 1 are booked")  # type: ignore[arg-type]
    room.refresh_from_db()
    assert (room.capacity, room.name) == (2, "Cell culture")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_drawn_anew_and_can_go(
    as_user: LogIn,
    ada: User,
    chris: User,
    microscope: Resource,
    kind: str,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    upload = SimpleUploadedFile("../../evil.svg", picture(kind), content_type="text/html")
    client = as_user(chris)
    answer = send(client, microscope, "picture", image=upload)
    assert answer["Location"].endswith("/edit#picture")
    microscope.refresh_from_db()
    # Whoever knows the code on the sticker cannot guess where the picture is.
    name, storage = str(microscope.image), microscope.image.storage
    assert len(name) > 30
    assert microscope.code not in name
    assert microscope.image.read()[:3] == b"\xff\xd8\xff"
    page = as_user(ada).get(f"/resources/{microscope.public_id}").content.decode()
    assert "Picture of Confocal 1" in page
    with django_capture_on_commit_callbacks(execute=True):
        send(as_user(chris), microscope, "picture", remove="on")
    microscope.refresh_from_db()
    assert not microscope.image
    assert not storage.exists(name)


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + bytes(100),
        picture()[:60],
        enlarged(60_000),
        bytes(5 * 1024 * 1024 + 1),
    ],
    ids=["svg", "gif", "cut", "bomb", "large"],
)
def test_what_is_no_picture_is_refused(
    as_user: LogIn, chris: User, microscope: Resource, content: bytes
) -> None:
    upload = SimpleUploadedFile("x.png", content, content_type="image/png")
    refused(send(as_user(chris), microscope, "picture", image=upload), "This is no picture")
    microscope.refresh_from_db()
    assert not microscope.image


def test_no_file_is_said(as_user: LogIn, chris: User, microscope: Resource) -> None:
    refused(send(as_user(chris), microscope, "picture"), "Choose a file first.")


def test_people_are_named_by_name_or_address(
    as_user: LogIn, chris: User, ada: User, ben: User, microscope: Resource
) -> None:
    client = as_user(chris)
    send(client, microscope, "people", primary=f"{ben.email.upper()}, chris", trainer="ada, ada")
    assert {(row.user.username, row.kind) for row in ResponsiblePerson.objects.all()} == {
        ("ben", "primary"),
        ("chris", "primary"),
        ("ada", "trainer"),
    }
    shown = client.get(f"/resources/{microscope.public_id}/edit").content.decode()
    assert 'value="ben, chris"' in shown
    send(client, microscope, "people")
    assert not ResponsiblePerson.objects.exists()


def test_unknown_people_are_named_and_nothing_is_saved(
    as_user: LogIn, chris: User, ben: User, microscope: Resource
) -> None:
    answer = send(as_user(chris), microscope, "people", primary="ben, mallory", safety=EVIL)
    refused(answer, "Nobody is known as mallory.", "ben, mallory", "&lt;script&gt;")
    assert EVIL not in answer.content.decode()
    assert not ResponsiblePerson.objects.exists()


def test_links_are_set_and_cleared(
    as_user: LogIn, chris: User, microscope: Resource, second_microscope: Resource
) -> None:
    client = as_user(chris)
    send(client, microscope, "links", linked=[second_microscope.code])
    assert ResourceLink.objects.get().linked == second_microscope
    shown = client.get(f"/resources/{microscope.public_id}/edit").content.decode()
    assert f'<option value="{second_microscope.code}" selected>' in shown
    send(client, microscope, "links")
    assert not ResourceLink.objects.exists()


@pytest.mark.parametrize("code", ["nothing", "", "\x00", "{own}"])
def test_a_link_must_be_another_resource(
    as_user: LogIn, chris: User, microscope: Resource, code: str
) -> None:
    linked = code.format(own=microscope.code)
    refused(send(as_user(chris), microscope, "links", linked=[linked]), "invalid-feedback")
    assert not ResourceLink.objects.exists()


def test_an_unknown_part_is_not_found(as_user: LogIn, chris: User, microscope: Resource) -> None:
    assert send(as_user(chris), microscope, "nonsense").status_code == 404


def test_others_write_nothing(
    as_user: LogIn, ada: User, ben: User, eve: User, microscope: Resource
) -> None:
    ResourceAccess.objects.create(user=eve, resource=microscope)
    at = f"/resources/{microscope.public_id}"
    for user in (ada, ben, eve):
        client = as_user(user)
        assert client.post("/resources/new", details(microscope.resource_type)).status_code == 403
        for part in ("details", "picture", "links", "people"):
            assert send(client, microscope, part, primary=user.username).status_code == 403
        assert client.post(f"{at}/access", {"user": user.username}).status_code == 403
        assert client.post(f"{at}/access/{eve.public_id}/revoke").status_code == 403
    assert Resource.objects.get().name == "Confocal 1"
    assert ResourceAccess.objects.count() == 1
    assert not ResponsiblePerson.objects.exists()


def test_access_is_given_up_to_the_last_day_and_renewed(
    as_user: LogIn, chris: User, ada: User, microscope: Resource
) -> None:
    client = as_user(chris)
    at = f"/resources/{microscope.public_id}/access"
    assert client.post(at, {"user": "ADA", "expires_at": "2026-03-28"})["Location"] == at
    access = ResourceAccess.objects.get(user=ada, granted_by=chris)
    # The last day ends at midnight in the lab, an hour before in UTC.
    assert access.expires_at == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert "Up to 28 Mar 2026" in client.get(at).content.decode()
    assert 'value="ada"' in client.get(f"{at}?user=ada").content.decode()
    client.post(at, {"user": ada.email, "expires_at": ""})
    access.refresh_from_db()
    assert access.expires_at is None


@pytest.mark.parametrize(
    ("user", "day", "words"),
    [
        ("mallory", "", "Nobody is known as mallory."),
        ("", "2026-04-01", "invalid-feedback"),
        ("a" * 255, "", "invalid-feedback"),
        ("ada", "2026-03-01", "The expiry has passed"),
        ("ada", "9999-12-31", "This year cannot be meant."),
        ("ada", "0001-01-01", "This year cannot be meant."),
        ("ada", "soon", "invalid-feedback"),
        ("ad\x00a", "", "invalid-feedback"),
    ],
)
def test_a_bad_grant_keeps_what_was_typed(
    as_user: LogIn, chris: User, ada: User, microscope: Resource, user: str, day: str, words: str
) -> None:
    at = f"/resources/{microscope.public_id}/access"
    refused(as_user(chris).post(at, {"user": user, "expires_at": day}), words, f'value="{day}"')
    assert not ResourceAccess.objects.exists()


def test_access_is_taken_away(as_user: LogIn, chris: User, ada: User, microscope: Resource) -> None:
    ResourceAccess.objects.create(user=ada, resource=microscope)
    client = as_user(chris)
    at = f"/resources/{microscope.public_id}/access"
    assert client.get(f"{at}/{ada.public_id}/revoke").status_code == 405
    assert client.post(f"{at}/{ada.public_id}/revoke")["Location"] == at
    assert not ResourceAccess.objects.exists()
    assert client.post(f"{at}/{ada.public_id}/revoke").status_code == 404
    assert "Nobody has access yet." in client.get(at).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_managers_pages_take_few_queries(
    as_user: LogIn, chris: User, ada: User, ben: User, eve: User, number: int
) -> None:
    resource = make_resource(EVIL, description=EVIL)
    for n, user in enumerate((ada, ben, eve)[:number]):
        ResourceAccess.objects.create(user=user, resource=resource, granted_by=chris)
        ResponsiblePerson.objects.create(user=user, resource=resource)
        linked = make_resource(f"Laser {n}")
        ResourceLink.objects.create(resource=resource, linked=linked)
    client = as_user(chris)
    client.get("/resources")
    for act, expected in (("edit", 7), ("access", 5)):
        with count_queries(expected):
            answer = client.get(f"/resources/{resource.public_id}/{act}")
        assert EVIL not in answer.content.decode()
        assert len(answer.content) < 60_000
    with count_queries(3):
        client.get("/resources/new")
