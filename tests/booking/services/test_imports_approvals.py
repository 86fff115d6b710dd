"""Imported bookings that wait are decided by the same people as those made here."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from booking.enums import ApprovalMode, ApproverKind, Status, VoteState
from booking.models import (
    Approval,
    ApprovalVote,
    Booking,
    Message,
    OutboxEvent,
    Resource,
    ResponsiblePerson,
)
from booking.queries.approvals import awaiting_decision
from booking.services.approvals import approve_booking
from booking.services.deadlines import meet_deadlines
from booking.services.imports import import_csv
from tests.factories.approvals import make_approval_policy, tier

pytestmark = pytest.mark.django_db
HEAD = "id,resource,user,start_time,end_time,status,purpose,seats"


def take_in(now: datetime, *, hour: int = 9, status: str = "pending") -> Booking:
    row = f"A1,Confocal 1,ada,2026-03-09T{hour:02}:00Z,2026-03-09T{hour + 1:02}:00Z,{status},,"
    content = f"{HEAD}\n{row}\n".encode()
    report = import_csv(kind="bookings", content=content, source="bookings.csv", now=now)
    assert report.is_written, report.bad
    return Booking.objects.get(request_key="csv:A1")


def asked(booking: Booking) -> list[tuple[int, str, list[str]]]:
    """Each open step: its place, its state, and whose answer it waits for."""
    steps = booking.approvals.exclude(state=VoteState.CLOSED).order_by("position")
    return [
        (each.position, each.state, sorted(vote.user.username for vote in each.votes.all()))
        for each in steps
    ]


@pytest.fixture
def tiered(microscope: Resource, ben: User) -> Resource:
    """First Ben, who is responsible, then Eve."""
    ResponsiblePerson.objects.create(resource=microscope, user=ben)
    eve = User.objects.get(username="eve")
    make_approval_policy(
        microscope,
        tier(),
        tier(ApproverKind.PERSON, person=eve),
        mode=ApprovalMode.TIERED,
    )
    return microscope


def test_the_policys_people_are_asked_step_by_step(
    cast: dict[str, User], ben: User, eve: User, tiered: Resource, now: datetime
) -> None:
    booking = take_in(now)
    assert booking.status == Status.PENDING
    assert asked(booking) == [(1, "waiting", ["ben"]), (2, "later", ["eve"])]
    # Nobody is written to because a file was taken in.
    assert not OutboxEvent.objects.exists()
    assert not Message.objects.exists()
    assert list(awaiting_decision(ben, now=now)) == [booking]
    assert not awaiting_decision(eve, now=now).exists()
    approve_booking(actor=ben, booking_id=booking.public_id, now=now)
    assert list(awaiting_decision(eve, now=now)) == [booking]
    assert approve_booking(actor=eve, booking_id=booking.public_id, now=now).status == (
        Status.CONFIRMED
    )


def test_a_changed_row_is_asked_about_anew(
    cast: dict[str, User], ben: User, tiered: Resource, now: datetime
) -> None:
    booking = take_in(now)
    approve_booking(actor=ben, booking_id=booking.public_id, now=now)
    moved = take_in(now, hour=14)
    assert moved.pk == booking.pk
    assert asked(moved)[-2:] == [(1, "waiting", ["ben"]), (2, "later", ["eve"])]
    assert ApprovalVote.objects.filter(state=VoteState.WAITING).count() == 1
    again = take_in(now, hour=14)
    assert asked(again) == asked(moved)


def test_deadlines_count_for_imported_bookings(
    cast: dict[str, User], tiered: Resource, now: datetime
) -> None:
    take_in(now)
    assert meet_deadlines(now=now + timedelta(hours=73)) == 1
    assert Approval.objects.get(position=1).escalated_at is not None


def test_without_a_policy_who_is_responsible_decides(
    cast: dict[str, User], ben: User, microscope: Resource, now: datetime
) -> None:
    ResponsiblePerson.objects.create(resource=microscope, user=ben)
    booking = take_in(now)
    assert asked(booking) == []
    assert list(awaiting_decision(ben, now=now)) == [booking]
    assert approve_booking(actor=ben, booking_id=booking.public_id, now=now).status == (
        Status.CONFIRMED
    )


def test_what_stands_asks_nobody(cast: dict[str, User], tiered: Resource, now: datetime) -> None:
    assert take_in(now, status="confirmed").status == Status.CONFIRMED
    assert not Approval.objects.exists()
