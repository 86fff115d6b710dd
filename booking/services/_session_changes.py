"""The steps of changing a session that is to come."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import ngettext

from accounts.models import User
from booking.enums import SeatState
from booking.models import Booking, TrainingSeat, TrainingSession
from booking.services._booking import BookingDetails, Wish
from booking.services._moving import move_booking
from booking.services._training import people_of_session, record_session, refused, tell_session
from labitory.lib.periods import Period


def require_room(session: TrainingSession, seats: int) -> None:
    """Refuse fewer seats than people who have one."""
    seated = TrainingSeat.objects.filter(session=session, state=SeatState.ENROLLED).count()
    if seats < seated:
        raise refused(
            "training.seats_taken",
            ngettext(
                "%(n)s person has a place: keep at least %(n)s seat, or take somebody off first.",
                "%(n)s people have a place: keep at least %(n)s seats, or take somebody off first.",
                seated,
            )
            % {"n": seated},
            "seats",
        )


def move_instrument(booking: Booking, actor: User, period: Period, now: datetime) -> None:
    """Move the booking of a session's instrument along; its rules are asked again."""
    wish = Wish(
        actor=actor,
        user=booking.user,
        resource_ids=(booking.resource.public_id,),
        period=period,
        now=now,
        details=BookingDetails(
            purpose=booking.purpose,
            notes=booking.notes,
            seats=booking.seats,
            project_id=booking.charged_to,
        ),
        action="reschedule",
    )
    move_booking(wish, booking.public_id)


def write_change(
    session: TrainingSession, wanted: Mapping[str, Any], *, actor: User, now: datetime
) -> None:
    """Write what differs from what is wanted, with its record, and tell whom it concerns."""
    changes = {
        name: (getattr(session, name), value)
        for name, value in wanted.items()
        if getattr(session, name) != value
    }
    if not changes:
        return
    gave = session.instructor_id
    for name, (_before, value) in changes.items():
        setattr(session, name, value)
    session.save(update_fields=list(changes))
    record_session("training.session_changed", session, actor=actor, now=now, changes=changes)
    moved = bool({"start_time", "end_time"} & changes.keys())
    if not moved and not {"instructor", "location"} & changes.keys():
        return
    people = set(people_of_session(session, with_attendees=not moved))
    # Of a moved instrument its booking tells the instructor.
    if not moved or session.booking_id is None:
        people |= {gave, session.instructor_id} - {actor.pk}
    tell_session(
        "training.session_moved" if moved else "training.session_changed",
        session,
        people,
        actor=actor,
        now=now,
        instructor=session.instructor.full_name,
    )
