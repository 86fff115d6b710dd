"""Which chat rooms and webhooks hear of an event, and what they are told."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from accounts.enums import DataKind
from accounts.models import User
from accounts.retention import sweepers
from accounts.services.passwords import request_password_reset
from booking.enums import DeliveryStatus, EndpointKind, Severity, Timing
from booking.events import post_notice
from booking.handlers import HANDLERS
from booking.models import Endpoint, Message, NotificationPreference, OutboxEvent, Resource
from booking.queries.endpoints import KEPT
from booking.services.bookings import create_booking
from booking.services.events import dispatch_batch
from booking.services.faults import FaultReport, report_fault
from booking.services.outside import tell_endpoints
from booking.services.reminders import remind_of_starts
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.factories.endpoints import make_endpoint
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
SITE = "http://127.0.0.1:8000"
HOUR = timedelta(hours=1)


def book(user: User, *resources: Resource, now: datetime) -> None:
    create_booking(
        actor=user,
        user=user,
        resource_ids=[each.public_id for each in resources],
        period=Period(now + HOUR, now + 2 * HOUR),
        now=now,
    )


def tell(now: datetime) -> dict[str, Any]:
    """Dispatch what waits; give what each endpoint was told of what."""
    dispatch_batch(handlers=HANDLERS, now=now)
    assert not OutboxEvent.objects.filter(dispatched_at=None).exists()
    found = Message.objects.exclude(endpoint=None).select_related("endpoint").order_by("pk")
    return {str(each.endpoint): (each.kind, each.payload) for each in found}


def test_who_chose_the_kind_or_its_noun_is_told_once(
    dora: User, ada: User, microscope: Resource, now: datetime
) -> None:
    make_endpoint(dora, now, name="exact", kinds=("booking.created",))
    make_endpoint(dora, now, name="noun", kinds=("booking.",), kind=EndpointKind.SLACK)
    make_endpoint(dora, now, name="other", kinds=("booking.cancelled", "fault."))
    make_endpoint(dora, now, name="off", is_active=False)
    make_endpoint(dora, now, microscope, name="here")
    make_endpoint(dora, now, make_resource("NMR"), name="elsewhere")
    book(ada, microscope, now=now)
    assert set(tell(now)) == {"exact", "noun", "here"}
    channels = Message.objects.exclude(endpoint=None).values_list("channel", "address", "status")
    noun = Endpoint.objects.get(name="noun")
    assert ("chat", str(noun.public_id), DeliveryStatus.PENDING) in channels
    # An event that is told again writes nothing twice.
    OutboxEvent.objects.update(dispatched_at=None)
    before = Message.objects.count()
    dispatch_batch(handlers=HANDLERS, now=now)
    assert Message.objects.count() == before


def test_a_booking_is_told_as_the_calendar_shows_it(
    dora: User, ada: User, microscope: Resource, now: datetime
) -> None:
    make_endpoint(dora, now)
    booking = make_booking(ada, microscope, now + HOUR, purpose="Secret cells", notes="None")
    event = OutboxEvent.objects.create(
        kind="booking.created",
        payload={"bookings": [str(booking.public_id)], "actor": ada.pk, "reason": "because"},
        created_at=now,
    )
    kind, data = tell(now)["Inventory"]
    assert kind == event.kind
    assert data == {
        "resources": [
            {
                "id": str(microscope.public_id),
                "code": microscope.code,
                "name": "Confocal 1",
                "url": f"{SITE}/resources/{microscope.public_id}",
            }
        ],
        "bookings": [
            {
                "id": str(booking.public_id),
                "status": "confirmed",
                "start": "2026-03-02T08:00:00Z",
                "end": "2026-03-02T09:00:00Z",
                "resource": str(microscope.public_id),
                "url": f"{SITE}/bookings/{booking.public_id}",
                "person": "Ada",
            }
        ],
        "bookings_left_out": 0,
    }


@pytest.mark.parametrize("why", ["hidden name", "cancelled"])
def test_nobody_is_named_whom_the_calendar_does_not_name(
    dora: User, ada: User, microscope: Resource, now: datetime, why: str
) -> None:
    make_endpoint(dora, now)
    booking = make_booking(ada, microscope, now + HOUR)
    if why == "cancelled":
        type(booking).objects.update(status="cancelled")
    else:
        type(ada.preferences).objects.update(show_name=False)
    OutboxEvent.objects.create(
        kind="booking.cancelled", payload={"bookings": [str(booking.public_id)]}, created_at=now
    )
    [told] = tell(now)["Inventory"][1]["bookings"]
    assert told["person"] == ""


def test_hidden_instruments_are_for_those_who_name_them(
    dora: User, ada: User, microscope: Resource, now: datetime
) -> None:
    hidden = make_resource("Secret", is_hidden=True)
    make_endpoint(dora, now, name="all")
    make_endpoint(dora, now, hidden, name="named")
    bookings = [make_booking(ada, each, now + HOUR) for each in (hidden, microscope)]
    OutboxEvent.objects.create(
        kind="booking.created",
        payload={"bookings": [str(each.public_id) for each in bookings]},
        created_at=now,
    )
    names = {
        name: [each["name"] for each in data["resources"]]
        for name, (_kind, data) in tell(now).items()
    }
    assert names == {"all": ["Confocal 1"], "named": ["Secret"]}
    assert all(len(data["bookings"]) == 1 for _kind, data in tell(now).values())


def test_a_reminder_of_what_was_booked_together_is_of_each_instrument(
    dora: User, ada: User, microscope: Resource, now: datetime, settings: LazySettings
) -> None:
    settings.REMIND_BEFORE_MINUTES = [30]
    choice = {"kind": "booking.upcoming", "channel": "in_app", "timing": Timing.NOW}
    NotificationPreference.objects.create(user=ada, **choice)
    other = make_resource("NMR")
    kinds = ("booking.upcoming",)
    make_endpoint(dora, now, other, name="there", kinds=kinds)
    make_endpoint(dora, now, make_resource("MS"), name="elsewhere", kinds=kinds)
    remind_of_starts(now=now)
    book(ada, microscope, other, now=now)
    assert remind_of_starts(now=now + 0.6 * HOUR) == 1
    told = tell(now + 0.6 * HOUR)
    assert set(told) == {"there"}
    assert [each["name"] for each in told["there"][1]["resources"]] == ["NMR"]


def test_a_fault_that_nobody_follows_is_heard_outside(
    dora: User, ada: User, microscope: Resource, now: datetime
) -> None:
    report = FaultReport(title="Laser off", description="Eve did it", severity=Severity.HIGH)
    report_fault(actor=ada, resource_id=microscope.public_id, report=report, now=now)
    assert tell(now) == {}
    assert not OutboxEvent.objects.filter(kind="resource.fault").exists()
    make_endpoint(dora, now, microscope, name="room", kinds=("resource.",), kind=EndpointKind.TEAMS)
    report_fault(actor=ada, resource_id=microscope.public_id, report=report, now=now)
    kind, data = tell(now)["room"]
    assert (kind, data["title"], data["severity"]) == ("resource.fault", "Laser off", "High")
    assert data["about"]["url"].endswith(data["about"]["id"])
    assert data["due"].endswith("Z")
    assert "Eve" not in str(data)


def test_rooms_hear_nothing_of_people(dora: User, ada: User, now: datetime) -> None:
    kinds = ("training.", "account.", "quota.")
    make_endpoint(dora, now, name="room", kinds=kinds, kind=EndpointKind.MATTERMOST)
    make_endpoint(dora, now, name="server", kinds=kinds)
    post_notice(
        kind="training.not_passed",
        people=[ada.pk],
        now=now,
        path="/x",
        facts={
            "course": "Lasers",
            "user": "Ada",
            "reason": "Too late",
            "when": {"start": now.isoformat(), "end": (now + HOUR).isoformat()},
        },
    )
    assert tell(now) == {
        "server": (
            "training.not_passed",
            {
                "resources": [],
                "about": {"id": None, "url": f"{SITE}/x"},
                "start": "2026-03-02T07:00:00Z",
                "end": "2026-03-02T08:00:00Z",
            },
        )
    }
    request_password_reset(email="ada@example.org", now=now)
    Message.objects.all().delete()
    assert tell(now) == {
        "server": ("account.password_reset_requested", {"user": str(ada.public_id)})
    }


def test_what_happens_while_one_is_stopped_is_kept_for_a_week(
    dora: User, ada: User, microscope: Resource, now: datetime
) -> None:
    make_endpoint(dora, now, name="lately", stopped_at=now - KEPT + HOUR)
    make_endpoint(dora, now, name="long ago", stopped_at=now - KEPT)
    book(ada, microscope, now=now)
    assert set(tell(now)) == {"lately"}
    assert Message.objects.get(endpoint__name="lately").status == DeliveryStatus.HELD


def test_what_nobody_fetched_grows_old_like_the_rest(
    dora: User, ada: User, microscope: Resource, now: datetime
) -> None:
    make_endpoint(dora, now, stopped_at=now)
    book(ada, microscope, now=now)
    tell(now)
    Message.objects.filter(endpoint=None).update(status=DeliveryStatus.SENT)
    sweep = sweepers(DataKind.NOTICES)
    assert all(each(before=now, now=now, limit=9) == 0 for each in sweep)
    later = now + 200 * 24 * HOUR
    assert sum(each(before=later, now=later, limit=9) for each in sweep) > 0
    assert not Message.objects.exists() and not OutboxEvent.objects.exists()


def test_a_booking_that_is_gone_tells_nothing(dora: User, now: datetime) -> None:
    make_endpoint(dora, now)
    OutboxEvent.objects.create(
        kind="booking.created",
        payload={"bookings": ["00000000-0000-4000-8000-000000000000"]},
        created_at=now,
    )
    assert tell(now) == {}


@pytest.mark.parametrize("number", [0, 1, 3])
def test_what_it_costs(
    dora: User, ada: User, microscope: Resource, now: datetime, number: int
) -> None:
    for each in range(number):
        make_endpoint(dora, now, name=f"Endpoint {each}")
    booking = make_booking(ada, microscope, now + HOUR)
    event = OutboxEvent.objects.create(
        kind="booking.created",
        payload={"bookings": [str(booking.public_id)]},
        created_at=now,
    )
    # Who listens; then their instruments, the bookings, and one write.
    with count_queries(4 if number else 1):
        tell_endpoints(event=event, now=now)
    assert Message.objects.count() == number
