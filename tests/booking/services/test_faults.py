"""Faults: reported by everybody, looked after by few, and really in the way."""

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from PIL import Image

from accounts.models import User
from audit.models import AuditLog
from booking.enums import FaultState, Severity
from booking.errors import ActionRefused, BookingError, BookingRefused, NotAllowed
from booking.models import Attachment, Fault, FaultNote, OutboxEvent, Resource, ResourceLink
from booking.queries.faults import (
    FaultFilters,
    affected_bookings,
    fault_counts,
    fault_queue,
    outage_facts,
    visible_faults,
    with_outage,
)
from booking.queries.free_slots import next_free
from booking.services import _uploads
from booking.services.bookings import create_booking
from booking.services.check_ins import check_in, start_now
from booking.services.faults import (
    FaultChange,
    FaultReport,
    change_fault,
    report_fault,
    tell_affected,
    tell_overdue,
)
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def report(actor: User, resource: Resource, now: datetime, **said: Any) -> Fault:
    plain: dict[str, Any] = {"title": "No laser", "severity": Severity.HIGH}
    return report_fault(
        actor=actor,
        resource_id=resource.public_id,
        report=FaultReport(**{**plain, **said}),
        now=now,
    )


def change(actor: User, fault: Fault, now: datetime, **said: Any) -> Fault:
    fault.refresh_from_db()
    plain: dict[str, Any] = {
        "state": FaultState(fault.state),
        "severity": Severity(fault.severity),
        "blocks_use": fault.blocks_use,
        "back_at": fault.back_at,
        "assignee_id": fault.assignee.public_id if fault.assignee else None,
    }
    return change_fault(
        actor=actor, fault_id=fault.public_id, change=FaultChange(**{**plain, **said}), now=now
    )


def resolve(actor: User, fault: Fault, now: datetime) -> Fault:
    return change(actor, fault, now, state=FaultState.RESOLVED, note="A new tube")


def told(kind: str) -> list[list[int]]:
    return [each.payload["people"] for each in OutboxEvent.objects.filter(kind=kind).order_by("id")]


def code_of(caught: "pytest.ExceptionInfo[Any]") -> str:
    assert isinstance(caught.value, BookingError)
    return caught.value.refusals[0].code


def book(user: User, resource: Resource, start: datetime, now: datetime) -> None:
    create_booking(
        actor=user,
        user=user,
        resource_ids=[resource.public_id],
        period=Period(start, start + HOUR),
        now=now,
    )


def photo(kind: str = "PNG") -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(content, kind)
    return content.getvalue()


def test_a_photo_is_looked_at_before_anything_is_held(
    ada: User, microscope: Resource, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[bool] = []

    def scan(_content: bytes) -> bool:
        # The scanner may take twenty seconds; each transaction within this test is a savepoint.
        held.append(bool(connection.savepoint_ids))
        return True

    monkeypatch.setattr(_uploads, "scan", scan)
    report(ada, microscope, now, photo=("bild.png", photo()))
    assert held == [False]


def test_whoever_sees_it_reports_it(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    fault = report(ada, microscope, now, photo=("bild.png", photo()))
    assert (fault.state, fault.due_at) == (FaultState.OPEN, now + 3 * DAY)
    assert fault.photo is not None
    assert fault.photo.content_type == "image/jpeg"
    assert told("fault.reported") == [[chris.pk]]
    assert AuditLog.objects.get(action="fault.reported").facts["title"] == "No laser"
    assert [note.to_state for note in FaultNote.objects.all()] == [FaultState.OPEN]


@pytest.mark.parametrize(
    ("severity", "days"),
    [(Severity.LOW, 14), (Severity.MEDIUM, 7), (Severity.HIGH, 3), (Severity.CRITICAL, 1)],
)
def test_due_by_severity(
    ada: User, chris: User, microscope: Resource, now: datetime, severity: Severity, days: int
) -> None:
    fault = report(ada, microscope, now, severity=severity)
    assert fault.due_at == now + days * DAY
    changed = change(chris, fault, now + HOUR, severity=Severity.CRITICAL)
    assert changed.due_at == now + DAY


def test_hidden_ones_are_reported_by_those_who_see_them(
    eve: User, chris: User, now: datetime
) -> None:
    hidden = make_resource("Secret", is_hidden=True)
    with pytest.raises(Resource.DoesNotExist):
        report(eve, hidden, now)
    fault = report(chris, hidden, now)
    assert not visible_faults(eve, now=now).exists()
    assert visible_faults(chris, now=now).get() == fault


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"title": " "}, "fault.title"),
        ({"photo": ("evil.png", b"GIF89a" + b"\0" * 99)}, "image.unreadable"),
        ({"photo": ("evil.jpg", b"%PDF-1.7 %%EOF")}, "image.unreadable"),
        ({"photo": ("evil.jpg", b"<svg onload=alert(1)>")}, "image.unreadable"),
        ({"photo": ("big.png", photo() + b"\0" * 5 * 1024 * 1024)}, "image.unreadable"),
    ],
)
def test_what_lies_is_refused_whole(
    ada: User, microscope: Resource, now: datetime, said: dict[str, Any], code: str
) -> None:
    with pytest.raises(ActionRefused) as caught:
        report(ada, microscope, now, **said)
    assert code_of(caught) == code
    assert not Fault.objects.exists()
    assert not Attachment.objects.exists()
    assert not OutboxEvent.objects.exists()


def test_what_cannot_be_used_is_not_booked_started_or_offered(
    ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    waiting = make_booking(ada, microscope, now)
    fault = report(ben, microscope, now, blocks_use=True)
    for start in (now + 2 * HOUR, now + 23 * HOUR):
        with pytest.raises(BookingRefused, match=r"resource\.out_of_order"):
            book(ada, microscope, start, now)
    with pytest.raises(BookingRefused, match=r"resource\.out_of_order"):
        start_now(actor=ben, resource_id=microscope.public_id, until=now + HOUR, now=now)
    with pytest.raises(ActionRefused, match=r"check_in\.fault"):
        check_in(actor=ada, booking_id=waiting.public_id, now=now)
    book(ada, microscope, now + DAY, now)
    free = next_free(user=ben, now=now, resource_ids=[microscope.public_id], minimum=HOUR)
    assert free[microscope.public_id].start_time == now + DAY + HOUR
    change(chris, fault, now, back_at=now + 3 * HOUR)
    with pytest.raises(BookingRefused, match=r"resource\.out_of_order"):
        book(ada, microscope, now + 2 * HOUR, now)
    book(ada, microscope, now + 3 * HOUR, now)
    outage = outage_facts(microscope, now=now)
    assert outage is not None
    assert outage.public_id == fault.public_id
    assert outage_facts(microscope, now=now + 3 * HOUR) is None
    resolve(chris, fault, now)
    book(ada, microscope, now + 2 * HOUR, now)


def test_what_it_is_linked_to_has_to_work_as_well(
    ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    laser = make_resource("Shared laser")
    ResourceLink.objects.create(resource=microscope, linked=laser)
    waiting = make_booking(ada, microscope, now)
    report(ben, laser, now, title="A scratch")
    book(ada, microscope, now + 5 * HOUR, now)
    fault = report(ben, laser, now, blocks_use=True)
    with pytest.raises(BookingRefused, match=r"resource\.out_of_order") as caught:
        book(ada, microscope, now + 2 * HOUR, now)
    assert "needs Shared laser" in caught.value.refusals[0].text
    with pytest.raises(BookingRefused, match=r"resource\.out_of_order"):
        start_now(actor=ben, resource_id=microscope.public_id, until=now + HOUR, now=now)
    with pytest.raises(ActionRefused, match=r"check_in\.fault") as stopped:
        check_in(actor=ada, booking_id=waiting.public_id, now=now)
    assert "Shared laser: No laser" in stopped.value.refusals[0].text
    free = next_free(user=ben, now=now, resource_ids=[microscope.public_id], minimum=HOUR)
    assert free[microscope.public_id].start_time == now + DAY
    outage = outage_facts(microscope, now=now)
    assert outage is not None
    assert (outage.public_id, outage.of_linked) == (fault.public_id, "Shared laser")
    marked = with_outage(Resource.objects.filter(pk=microscope.pk), now=now)
    assert marked.values_list("outage", flat=True).get() == "No laser"
    assert affected_bookings(fault, now=now).count() == 2
    # The laser itself is named without a detour, and what is broken here stops no work there.
    own = outage_facts(laser, now=now)
    assert own is not None
    assert own.of_linked == ""
    resolve(chris, fault, now)
    report(ben, microscope, now, blocks_use=True)
    book(ada, laser, now + 2 * HOUR, now)


def test_the_longer_of_two_outages_counts(
    ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    known = report(ben, microscope, now, blocks_use=True)
    change(chris, known, now, back_at=now + 5 * DAY)
    report(ben, microscope, now, blocks_use=True, title="Smoke")
    with pytest.raises(BookingRefused, match=r"resource\.out_of_order"):
        book(ada, microscope, now + 4 * DAY, now)
    outage = outage_facts(microscope, now=now)
    assert outage is not None
    assert outage.public_id == known.public_id


def test_a_lesser_fault_stops_nobody(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    report(ben, microscope, now)
    book(ada, microscope, now + HOUR, now)
    assert outage_facts(microscope, now=now) is None


def test_a_manager_gives_it_to_somebody_who_says_how_it_goes(
    ada: User, ben: User, chris: User, dora: User, microscope: Resource, now: datetime
) -> None:
    fault = report(ada, microscope, now)
    for actor in (ada, ben):
        with pytest.raises(NotAllowed):
            change(actor, fault, now, state=FaultState.IN_PROGRESS)
    with pytest.raises(ActionRefused, match=r"fault\.assignee"):
        change(chris, fault, now, assignee_id=ben.public_id)
    microscope.responsible.create(user=ben, kind="primary")
    change(chris, fault, now, assignee_id=ben.public_id)
    assert told("fault.assigned") == [[ben.pk]]
    change(ben, fault, now, state=FaultState.WAITING, note="The tube is ordered.")
    assert told("fault.changed") == [[ada.pk]]
    notes = [(note.author, note.to_state, note.text) for note in FaultNote.objects.all()]
    assert notes == [
        (ada, "open", ""),
        (chris, "", "Ben mends it."),
        (ben, "waiting", "The tube is ordered."),
    ]
    assert change(ben, fault, now) == fault
    assert FaultNote.objects.count() == 3


def test_resolved_once_and_told_to_those_who_wait(
    ada: User, ben: User, chris: User, eve: User, microscope: Resource, now: datetime
) -> None:
    fault = report(ada, microscope, now, blocks_use=True)
    make_booking(ben, microscope, now + 2 * HOUR)
    make_booking(eve, microscope, now + 2 * DAY)
    with pytest.raises(ActionRefused, match=r"fault\.resolution"):
        change(chris, fault, now, state=FaultState.RESOLVED)
    done = resolve(chris, fault, now + HOUR)
    assert (done.resolved_at, done.resolution) == (now + HOUR, "A new tube")
    assert told("fault.resolved") == [[ada.pk, ben.pk]]
    freed = OutboxEvent.objects.get(kind="time.freed").payload["freed"][0]
    assert freed["end_time"] == (now + HOUR + DAY).isoformat()
    with pytest.raises(ActionRefused, match=r"fault\.resolved"):
        resolve(chris, fault, now + HOUR)
    assert told("fault.resolved") == [[ada.pk, ben.pk]]


def test_it_is_not_expected_back_in_the_past(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    fault = report(ada, microscope, now)
    with pytest.raises(ActionRefused, match=r"fault\.back_at"):
        change(chris, fault, now, back_at=now)
    later = change(chris, fault, now, back_at=now + HOUR)
    # A day that has passed meanwhile does not stop anybody from writing about it.
    change(chris, later, now + DAY, note="Still not.")


def test_people_of_bookings_in_the_outage_are_told_once_each(
    ada: User, ben: User, chris: User, eve: User, microscope: Resource, now: datetime
) -> None:
    fault = report(ada, microscope, now, blocks_use=True)
    change(chris, fault, now, back_at=now + 3 * DAY)
    own = [make_booking(ben, microscope, now + days * DAY) for days in (0, 1, 2, 3)]
    make_booking(eve, microscope, now + DAY + HOUR)
    fault.refresh_from_db()
    assert affected_bookings(fault, now=now).filter(user=ben).count() == 3
    with pytest.raises(NotAllowed):
        tell_affected(actor=ada, fault_id=fault.public_id, now=now)
    assert tell_affected(actor=chris, fault_id=fault.public_id, now=now) == 2
    assert told("fault.affects") == [[ben.pk], [eve.pk]]
    event = OutboxEvent.objects.filter(kind="fault.affects").earliest("id")
    assert event.payload["facts"]["n"] == 3
    assert event.payload["path"] == f"/bookings/{own[0].public_id}"


def test_overdue_is_told_once(
    ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    fault = report(ada, microscope, now, severity=Severity.CRITICAL)
    assert tell_overdue(now=now + DAY) == 0
    assert [tell_overdue(now=now + DAY + HOUR) for _n in range(2)] == [1, 0]
    assert told("fault.overdue") == [[chris.pk]]
    # What gets more time may become overdue anew.
    change(chris, fault, now + DAY + HOUR, severity=Severity.HIGH)
    assert [tell_overdue(now=now + 4 * DAY) for _n in range(2)] == [1, 0]


def test_the_queue_has_the_late_and_the_worst_first(
    ada: User, ben: User, chris: User, dora: User, microscope: Resource, now: datetime
) -> None:
    names = {
        "low": report(ada, microscope, now, severity=Severity.LOW),
        "high": report(ada, microscope, now, severity=Severity.HIGH),
        "late": report(ada, microscope, now - 10 * DAY, severity=Severity.MEDIUM),
        "done": report(ada, microscope, now - 30 * DAY, severity=Severity.CRITICAL),
    }
    resolve(chris, names["done"], now)
    called = {fault.pk: name for name, fault in names.items()}

    def listed(viewer: User, **filters: Any) -> list[str]:
        found = fault_queue(viewer, FaultFilters(**filters), now=now)
        return [called[fault.pk] for fault in found]

    assert listed(chris) == ["late", "high", "low"]
    assert listed(chris, state="all") == ["late", "high", "low", "done"]
    assert listed(chris, state="resolved") == ["done"]
    assert listed(chris, state="late") == ["late"]
    assert listed(chris, severity="high") == ["high"]
    assert listed(chris, mine=True) == []
    assert listed(ben) == []
    assert listed(ada) == ["late", "high", "low"]
    counts = {each.value: each.number for each in fault_counts(dora, now=now)}
    assert counts == {"open": 3, "in_progress": 0, "waiting": 0, "resolved": 1, "late": 1}
