"""Telling many at once: whom it reaches, who may, that nobody hears twice, and the all clear."""

from datetime import datetime, timedelta

import pytest

from accounts.enums import Role, ScopeKind, UnitKind
from accounts.models import Unit, User
from audit.models import AuditLog
from booking.enums import EndpointKind, Status, Timing
from booking.errors import ActionRefused, NotAllowed
from booking.handlers import HANDLERS
from booking.models import (
    BookingAttendee,
    Broadcast,
    BroadcastReceipt,
    Endpoint,
    Message,
    Notification,
    NotificationPreference,
    OutboxEvent,
    Resource,
    ResourceAccess,
    ResponsiblePerson,
)
from booking.notifications.reached import reach_of
from booking.queries.broadcasts import (
    Scope,
    audience,
    may_send,
    offered_locations,
    offered_units,
    standing_receipts,
    visible_broadcasts,
)
from booking.services.broadcasts import (
    Wanted,
    acknowledge,
    end_broadcast,
    remind,
    send_broadcast,
)
from booking.services.events import dispatch_batch
from booking.services.retention import _receipts
from tests.factories.bookings import make_booking
from tests.factories.people import make_user
from tests.factories.roles import give, make_role
from tests.support.queries import count_queries

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVERYBODY = Scope()


def say(actor: User, now: datetime, scope: Scope = EVERYBODY, **wanted: object) -> Broadcast:
    details = {"title": "Gas", "text": "Leave the room.", **wanted}
    return send_broadcast(actor=actor, wanted=Wanted(scope=scope, **details), now=now)  # type: ignore[arg-type]


def tell(now: datetime) -> None:
    while dispatch_batch(handlers=HANDLERS, now=now):
        assert not OutboxEvent.objects.exclude(last_error="").exists()


def names(scope: Scope, now: datetime) -> set[str]:
    return set(audience(scope, now=now).values_list("username", flat=True))


@pytest.fixture
def physics(db: None, microscope: Resource) -> Unit:
    """A department within a faculty, with the microscope in it."""
    faculty = Unit.objects.create(code="sci", name="Science", kind=UnitKind.FACULTY)
    unit = Unit.objects.create(code="phy", name="Physics", kind=UnitKind.DEPARTMENT, parent=faculty)
    Resource.objects.filter(pk=microscope.pk).update(unit=unit, location="Room 1")
    microscope.refresh_from_db()
    return unit


def test_who_is_at_an_instrument(
    cast: dict[str, User], microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    soon = make_booking(cast["ada"], microscope, now + DAY)
    BookingAttendee.objects.create(booking=soon, user=cast["eve"])
    scope = Scope(resource=microscope)
    assert names(scope, now) == {"ada", "eve"}
    assert names(Scope(resource=second_microscope), now) == set()
    assert names(Scope(resource=microscope, roles=(Role.ACADEMIC.value,)), now) == set()
    make_booking(cast["ben"], microscope, now + 3 * DAY)
    assert names(scope, now) == {"ada", "eve"}
    make_booking(cast["ben"], microscope, now + 5 * HOUR, status=Status.CANCELLED)
    assert names(scope, now) == {"ada", "eve"}
    ResponsiblePerson.objects.create(resource=microscope, user=cast["chris"])
    ResourceAccess.objects.create(resource=microscope, user=cast["ben"], granted_at=now)
    assert names(scope, now) == {"ada", "eve", "chris"}
    assert "ben" in names(Scope(resource=microscope, with_access=True), now)
    User.objects.filter(username="eve").update(is_active=False)
    assert names(scope, now) == {"ada", "chris"}
    # Who checked in long ago and stays is there; who left two hours ago is not.
    assert names(scope, now + 2 * DAY) == {"ben", "chris"}


def test_places_units_and_roles(
    cast: dict[str, User], microscope: Resource, physics: Unit, now: datetime
) -> None:
    make_booking(cast["ada"], microscope, now + HOUR)
    cast["ben"].profile.unit = physics
    cast["ben"].profile.save()
    assert names(Scope(location="Room 1"), now) == {"ada"}
    assert names(Scope(unit=physics), now) == {"ada", "ben"}
    assert names(Scope(unit=physics.parent), now) == {"ada", "ben"}
    assert names(Scope(roles=("academic", "sysadmin")), now) == {"ben", "dora"}
    assert names(EVERYBODY, now) == set(cast)
    assert dict(reach_of(audience(EVERYBODY, now=now).select_related("preferences")).channels)[
        "Mail"
    ] == len(cast)


def test_who_may(cast: dict[str, User], microscope: Resource, physics: Unit) -> None:
    other = Unit.objects.create(code="bio", name="Biology", kind=UnitKind.FACULTY)
    give(cast["ben"], make_role("speaker", "broadcast.send"), ScopeKind.UNIT, physics.pk)
    give(cast["eve"], make_role("speaker-all", "broadcast.send"))
    scopes = {
        "unit": Scope(unit=physics),
        "instrument": Scope(resource=microscope),
        "place": Scope(location="Room 1"),
        "other": Scope(unit=other),
        "above": Scope(unit=physics.parent),
        "roles": Scope(roles=("student",)),
        "everybody": EVERYBODY,
    }
    for emergency in (False, True):
        found = {
            name: {
                key
                for key, scope in scopes.items()
                if may_send(user, scope, is_emergency=emergency)
            }
            for name, user in cast.items()
        }
        assert found["ada"] == set()
        assert found["ben"] == {"unit", "instrument", "place"}
        assert found["chris"] == found["dora"] == set(scopes)
        # Who was granted it by name says what they like, but raises no alarm for everybody.
        assert found["eve"] == set(scopes) - ({"everybody"} if emergency else set())
    assert [each.code for each in offered_units(cast["ben"])] == ["phy"]
    assert offered_locations(cast["ben"]) == ["Room 1"]
    assert offered_locations(cast["ada"]) == []
    assert not may_send(cast["chris"], Scope(location="Nowhere"))


def test_a_manager_of_one_unit_does_not_speak_to_another(
    ben: User, dora: User, physics: Unit, now: datetime
) -> None:
    other = Unit.objects.create(code="bio", name="Biology", kind=UnitKind.FACULTY)
    give(ben, make_role("speaker", "broadcast.send"), ScopeKind.UNIT, physics.pk)
    for scope in (EVERYBODY, Scope(unit=other), Scope(roles=("student",))):
        with pytest.raises(NotAllowed):
            say(ben, now, scope)
    theirs = say(dora, now)
    assert list(visible_broadcasts(ben)) == []
    for act in (remind, end_broadcast):
        with pytest.raises(NotAllowed):
            act(actor=ben, broadcast_id=theirs.public_id, now=now)
    assert Broadcast.objects.count() == 1


def test_everybody_is_told_once(cast: dict[str, User], now: datetime) -> None:
    said = say(cast["chris"], now, shown_until=now + DAY)
    assert BroadcastReceipt.objects.count() == 5
    tell(now)
    assert Notification.objects.count() == 4
    assert Message.objects.filter(kind="announcement.made").count() == 5
    notice = Notification.objects.get(user=cast["ada"])
    assert (notice.title, notice.body) == ("Announcement: Gas", "Leave the room.")
    assert notice.url == f"/announcements/{said.public_id}"
    log = AuditLog.objects.get(action="broadcast.sent")
    assert log.facts == {"count": 5, "where": "everybody"}
    OutboxEvent.objects.update(dispatched_at=None, next_attempt_at=None)
    tell(now)
    assert Message.objects.filter(kind="announcement.made").count() == 5


def test_an_emergency_is_heard_whatever_people_chose(ada: User, chris: User, now: datetime) -> None:
    for kind in ("announcement.made", "alarm.raised"):
        for channel in ("email", "in_app"):
            NotificationPreference.objects.create(
                user=ada, kind=kind, channel=channel, timing=Timing.OFF
            )
    say(chris, now)
    tell(now)
    assert not Message.objects.filter(user=ada).exists()
    assert not Notification.objects.filter(user=ada).exists()
    alarm = say(chris, now, is_emergency=True)
    assert alarm.must_acknowledge
    tell(now)
    assert Message.objects.get(user=ada).next_attempt_at is None
    assert Notification.objects.get(user=ada).title == "EMERGENCY: Gas"


def test_thousands_are_told_in_parts(
    dora: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("booking.services.broadcasts.READERS", 4)
    monkeypatch.setattr("booking.services.events.MANY", 4)
    for n in range(10):
        make_user(f"reader{n}")
    say(dora, now, is_emergency=True)
    sizes = [each.payload["readers"] for each in OutboxEvent.objects.order_by("pk")]
    assert sizes == [4, 4, 3]
    firsts = [each.payload["is_first"] for each in OutboxEvent.objects.order_by("pk")]
    assert firsts == [True, False, False]
    hook = Endpoint.objects.create(
        kind=EndpointKind.WEBHOOK, name="Door", url="https://door.example.org", secret="s",
        kinds=["alarm."], created_by=dora, created_at=now,
    )  # fmt: skip
    tell(now)
    told = Message.objects.filter(channel="email")
    assert told.values("user").distinct().count() == told.count() == 11
    assert "people" not in told[0].payload
    # Another system hears of it once, however many parts it has.
    assert Message.objects.filter(endpoint=hook).count() == 1


def test_the_statements_do_not_grow_with_the_people(dora: User, now: datetime) -> None:
    say(dora, now)
    with count_queries() as few:
        say(dora, now)
    for n in range(8):
        make_user(f"reader{n}")
    with count_queries(len(few)):
        say(dora, now)
    assert len(few) <= 6


def test_acknowledging(ada: User, eve: User, chris: User, now: datetime) -> None:
    said = say(chris, now, Scope(roles=("lab_manager",)))
    with pytest.raises(BroadcastReceipt.DoesNotExist):
        acknowledge(user=ada, broadcast_id=said.public_id, now=now)
    assert standing_receipts(chris, now=now).count() == 1
    assert acknowledge(user=chris, broadcast_id=said.public_id, now=now)
    assert not acknowledge(user=chris, broadcast_id=said.public_id, now=now + HOUR)
    assert BroadcastReceipt.objects.get().acknowledged_at == now
    assert standing_receipts(chris, now=now).count() == 0


def test_what_stands(ada: User, chris: User, now: datetime) -> None:
    said = say(chris, now, shown_until=now + HOUR)
    assert standing_receipts(ada, now=now).count() == 1
    assert standing_receipts(ada, now=now + HOUR).count() == 0
    with pytest.raises(ActionRefused, match="unasked"):
        remind(actor=chris, broadcast_id=said.public_id, now=now)
    end_broadcast(actor=chris, broadcast_id=said.public_id, now=now)
    assert standing_receipts(ada, now=now).count() == 0
    # Nobody need hear that it stands nowhere any more.
    tell(now)
    assert not Message.objects.filter(kind="alarm.ended").exists()
    with pytest.raises(ActionRefused, match=r"broadcast\.over"):
        end_broadcast(actor=chris, broadcast_id=said.public_id, now=now)
    with pytest.raises(ActionRefused, match=r"broadcast\.past"):
        say(chris, now, shown_until=now)


def test_reminding_and_the_all_clear(ada: User, ben: User, chris: User, now: datetime) -> None:
    said = say(chris, now, is_emergency=True)
    tell(now)
    acknowledge(user=ada, broadcast_id=said.public_id, now=now)
    assert remind(actor=chris, broadcast_id=said.public_id, now=now) == 2
    with pytest.raises(ActionRefused, match="reminded"):
        remind(actor=chris, broadcast_id=said.public_id, now=now + HOUR / 12)
    # Who acknowledges before they are told is not asked again.
    acknowledge(user=chris, broadcast_id=said.public_id, now=now)
    tell(now)
    reminded = Message.objects.filter(kind="alarm.reminded").values_list("user__username")
    assert list(reminded) == [("ben",)]
    acknowledge(user=ben, broadcast_id=said.public_id, now=now)
    with pytest.raises(ActionRefused, match="all_read"):
        remind(actor=chris, broadcast_id=said.public_id, now=now + HOUR)
    end_broadcast(actor=chris, broadcast_id=said.public_id, now=now + HOUR)
    tell(now + HOUR)
    assert Message.objects.filter(kind="alarm.ended").count() == 3
    assert Notification.objects.filter(title="All clear: Gas").count() == 2
    actions = AuditLog.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == [
        "broadcast.alarm_raised",
        "broadcast.repeated",
        "broadcast.ended",
    ]


def test_nobody_is_told_nothing(chris: User, microscope: Resource, now: datetime) -> None:
    with pytest.raises(ActionRefused, match="nobody"):
        say(chris, now, Scope(resource=microscope))
    assert not Broadcast.objects.exists()
    assert not OutboxEvent.objects.exists()
    assert not AuditLog.objects.exists()


def test_receipts_go_when_they_are_old(ada: User, chris: User, now: datetime) -> None:
    say(chris, now - 200 * DAY)
    over = say(chris, now - 200 * DAY, shown_until=now - 199 * DAY)
    say(chris, now, shown_until=now + DAY)
    assert _receipts(before=now - 180 * DAY, now=now, limit=100) == 2
    assert not over.receipts.exists()
    assert Broadcast.objects.count() == 3
