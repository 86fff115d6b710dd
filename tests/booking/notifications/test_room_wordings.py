"""The lab's own words in chat rooms: as in mails, with what a room may know."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings

from accounts.models import User
from booking.enums import EndpointKind, Severity
from booking.handlers import HANDLERS
from booking.models import Message, OutboxEvent, Resource
from booking.notifications.channels import CHAT
from booking.services.events import dispatch_batch
from booking.services.faults import FaultReport, report_fault
from booking.services.wordings import reset_wording, write_wording
from tests.factories.bookings import make_booking
from tests.factories.endpoints import make_endpoint
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ROOMS = (EndpointKind.TEAMS, EndpointKind.SLACK, EndpointKind.MATTERMOST)
CREATED = {
    "subject": "Reserved: %(resource)s",
    "text": "%(actor)s reserved it for %(user)s, %(when)s. %(reason)s Clean up afterwards!",
}
Write = Callable[..., None]


@pytest.fixture
def write(dora: User, now: datetime) -> Write:
    """Dora says a kind in the lab's own words."""

    def say(kind: str = "booking.created", language: str = "en", **words: str) -> None:
        said = {**CREATED, **words}
        write_wording(actor=dora, kind=kind, language=language, seen=0, now=now, **said)

    return say


def cards(
    dora: User,
    resource: Resource,
    user: User,
    now: datetime,
    kind: str = "booking.created",
    number: int = 1,
) -> dict[str, str]:
    """What each room shows of an act of Ben's, as it travels."""
    for room in ROOMS:
        make_endpoint(dora, now, name=room, kind=room, kinds=(kind,))
    bookings = [make_booking(user, resource, now + n * HOUR) for n in range(number)]
    OutboxEvent.objects.create(
        kind=kind,
        payload={
            "bookings": [str(each.public_id) for each in bookings],
            "actor": User.objects.get(username="ben").pk,
            "reason": "Secret cells",
        },
        created_at=now,
    )
    return shown(now)


def shown(now: datetime) -> dict[str, str]:
    dispatch_batch(handlers=HANDLERS, now=now)
    found = Message.objects.filter(channel="chat").select_related("endpoint", "event")
    return {str(each.endpoint): CHAT.content(each).decode() for each in found}


def test_every_room_reads_the_words_of_the_lab(
    ada: User, ben: User, dora: User, microscope: Resource, write: Write, now: datetime
) -> None:
    write()
    found = cards(dora, microscope, ada, now)
    for room in ROOMS:
        assert "Reserved: Confocal 1" in found[room]
        assert "Ben reserved it for Ada, Mon 2 Mar 2026, 08:00–09:00." in found[room]
        assert "Clean up afterwards!" in found[room]
        # Reasons are for those whose booking it is.
        assert "Secret cells" not in found[room]
    # What a card has besides stays.
    fields = json.loads(found[EndpointKind.MATTERMOST])["attachments"][0]["fields"]
    assert [each["title"] for each in fields] == ["", "When", "Who"]


def test_without_words_of_the_lab_and_after_a_reset_a_card_is_as_it_was(
    ada: User, ben: User, dora: User, microscope: Resource, write: Write, now: datetime
) -> None:
    write()
    reset_wording(actor=dora, kind="booking.created", language="en", seen=1, now=now)
    write(language="de", subject="Reserviert: %(resource)s")
    for content in cards(dora, microscope, ada, now).values():
        assert "Booked: Confocal 1" in content and "Reserv" not in content


def test_the_language_is_the_labs(
    ada: User,
    ben: User,
    dora: User,
    microscope: Resource,
    write: Write,
    now: datetime,
    settings: LazySettings,
) -> None:
    write()
    write(language="de", subject="Reserviert: %(resource)s", text="Von %(when)s.")
    settings.LANGUAGE_CODE = "de"
    for content in cards(dora, microscope, ada, now, number=3).values():
        assert "Reserviert: Confocal 1" in content and "Reserved" not in content


@pytest.mark.parametrize("why", ["hidden name", "cancelled"])
def test_nobody_is_named_whom_the_calendar_does_not_name(
    ada: User,
    ben: User,
    dora: User,
    microscope: Resource,
    write: Write,
    now: datetime,
    why: str,
) -> None:
    write()
    # Who is hidden, or has cancelled by the time it is told.
    changed = {"show_name": False} if why == "hidden name" else {"status": "cancelled"}
    booking = make_booking(ada, microscope, now + HOUR)
    (type(ada.preferences) if why == "hidden name" else type(booking)).objects.update(**changed)
    make_endpoint(dora, now, name="room", kind=EndpointKind.SLACK)
    payload = {"bookings": [str(booking.public_id)], "actor": ben.pk}
    OutboxEvent.objects.create(kind="booking.created", payload=payload, created_at=now)
    content = shown(now)["room"]
    assert "somebody reserved it for somebody" in content
    assert "Ada" not in content and "Ben" not in content


def test_a_fault_names_what_its_page_shows(
    ada: User, dora: User, microscope: Resource, write: Write, now: datetime
) -> None:
    write(
        "fault.reported",
        subject="Broken: %(resource)s",
        text="%(actor)s found: %(title)s (%(severity)s). To be mended by %(due)s.",
    )
    for room in ROOMS:
        make_endpoint(dora, now, name=room, kind=room, kinds=("fault.",))
    report = FaultReport(title="@channel [x](http://evil.example.org)", severity=Severity.HIGH)
    report_fault(actor=ada, resource_id=microscope.public_id, report=report, now=now)
    for content in shown(now).values():
        assert "Broken: Confocal 1" in content
        assert "somebody found: " in content and "Ada " not in content
        # What people typed pings nobody and is no link in the lab's words either.
        assert "@channel" not in content and "http://evil" not in content


def test_words_that_cannot_be_said_there_give_way(
    ada: User, ben: User, dora: User, microscope: Resource, now: datetime, write: Write
) -> None:
    write("resource.maintenance", subject="Care of %(resource)s", text="%(title)s, %(when)s")
    make_endpoint(dora, now, name="room", kind=EndpointKind.SLACK, kinds=("resource.",))
    OutboxEvent.objects.create(
        kind="resource.maintenance",
        payload={"resource": microscope.pk, "path": "/", "facts": {"resource": "Confocal 1"}},
        created_at=now,
    )
    assert "Maintenance: Confocal 1" in shown(now)["room"]


def test_a_card_costs_a_look_at_the_words_and_no_more(
    ada: User, ben: User, dora: User, microscope: Resource, write: Write, now: datetime
) -> None:
    cards(dora, microscope, ada, now)
    [message] = Message.objects.filter(endpoint__name=ROOMS[0]).select_related("endpoint", "event")
    with count_queries(1):
        CHAT.content(message)
    write()
    # And who did it.
    with count_queries(2):
        CHAT.content(message)
