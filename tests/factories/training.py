"""Courses, sessions and certificates for tests, made past every rule."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import User
from booking.enums import SeatState
from booking.models import (
    Course,
    Qualification,
    Resource,
    ResourceType,
    TrainingRequirement,
    TrainingSeat,
    TrainingSession,
)

PASSED = date(2026, 2, 1)


def make_course(
    title: str = "Laser safety",
    *,
    instructors: Iterable[User] = (),
    before: Iterable[Course] = (),
    asked_by: Iterable[Resource | ResourceType] = (),
    **fields: Any,
) -> Course:
    """A course with its people, what comes before it, and what asks for it."""
    course = Course.objects.create(title=title, **fields)
    course.instructors.set(instructors)
    course.prerequisites.set(before)
    for each in asked_by:
        kind = "resource" if isinstance(each, Resource) else "resource_type"
        TrainingRequirement.objects.create(course=course, **{kind: each})
    return course


def make_session(
    course: Course,
    instructor: User,
    start: datetime,
    *,
    length: timedelta = timedelta(hours=2),
    seats: int = 2,
    **fields: Any,
) -> TrainingSession:
    """A session that anybody may sign up for."""
    return TrainingSession.objects.create(
        course=course,
        instructor=instructor,
        start_time=start,
        end_time=start + length,
        seats=seats,
        created_at=start - timedelta(days=30),
        **fields,
    )


def make_seat(
    session: TrainingSession, user: User, state: SeatState = SeatState.ENROLLED, **fields: Any
) -> TrainingSeat:
    """Somebody's place; who is made first has waited longest."""
    asked_at = fields.pop("asked_at", session.created_at)
    return TrainingSeat.objects.create(
        session=session, user=user, state=state, asked_at=asked_at, **fields
    )


def make_qualification(
    user: User, course: Course, passed_on: date = PASSED, **fields: Any
) -> Qualification:
    """A certificate with a number of its own."""
    number = fields.pop("certificate", f"T-{Qualification.objects.count() + 1}")
    created_at = datetime.fromisoformat(f"{passed_on.isoformat()}T10:00:00+00:00")
    return Qualification.objects.create(
        user=user,
        course=course,
        passed_on=passed_on,
        certificate=number,
        created_at=created_at,
        **fields,
    )
