"""Training in the demonstration: courses, sessions in every state, and who has passed what."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import User
from booking.enums import LIVE, CourseKind, Delivery, SeatState
from booking.models import (
    Booking,
    Course,
    Qualification,
    Resource,
    TrainingRequirement,
    TrainingSeat,
    TrainingSession,
)
from booking.services._training import CODE_LETTERS, lab_day
from labitory.lib.http import lab_zone
from labitory.lib.periods import local_day
from labitory.lib.text import CODE_ALPHABET

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LASER, CRYO, STED, TEM = "Laser safety", "Handling cryogens", "STED microscopy", "Cryo-TEM"


@dataclass(slots=True)
class _Papers:
    """Certificates to write, numbered in order within their years."""

    now: datetime
    rng: random.Random
    made: list[Qualification] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)

    def add(self, user: User, course: Course, passed_on: date, **fields: Any) -> None:
        """Note one; its end is the course's unless told."""
        number = self.numbers[passed_on.year] = self.numbers.get(passed_on.year, 0) + 1
        expires_on = passed_on + timedelta(course.valid_days) if course.valid_days else None
        values: dict[str, Any] = {"expires_on": expires_on, **fields}
        self.made.append(
            Qualification(
                user=user,
                course=course,
                passed_on=passed_on,
                certificate=f"{passed_on.year}-{number:05d}",
                check_code="".join(self.rng.choice(CODE_ALPHABET) for _n in range(CODE_LETTERS)),
                created_at=self.now,
                **values,
            )
        )


def make_training(*, cast: dict[str, User], others: list[User], now: datetime) -> None:
    """Four courses. Whoever books what asks for one has passed it; ends, gaps and queues show."""
    rng = random.Random("training")  # noqa: S311 - nothing secret
    courses = _courses(cast)
    papers = _Papers(now=now, rng=rng)
    today = lab_day(now)
    for title, first in ((STED, LASER), (TEM, CRYO)):
        for user in _users_of(courses[title]):
            if user in (cast["ben"], cast["ada"]):
                continue
            papers.add(user, courses[first], today - timedelta(rng.randint(120, 300)))
            papers.add(
                user,
                courses[title],
                today - timedelta(rng.randint(60, 110)),
                used_at=now - DAY * rng.randint(1, 40),
                score=rng.randint(75, 100),
                given_by=cast["chris"],
            )
    _cast_papers(papers, cast, courses, today)
    _odd_papers(papers, others, courses, today)
    Qualification.objects.bulk_create(papers.made)
    _sessions(cast, others, courses, now)


def _courses(cast: dict[str, User]) -> dict[str, Course]:
    plans: tuple[tuple[str, dict[str, Any]], ...] = (
        (LASER, {"kind": CourseKind.SAFETY, "valid_days": 730, "pass_mark": 70, "seats": 12}),
        (
            CRYO,
            {"kind": CourseKind.SAFETY, "delivery": Delivery.SELF_STUDY, "valid_days": 365},
        ),
        (STED, {"decay_days": 180, "pass_mark": 70, "seats": 2}),
        (TEM, {"valid_days": 365, "decay_days": 120, "seats": 2}),
    )
    texts = {
        LASER: "Classes of lasers, eyewear, interlocks, and what to do when something goes wrong.",
        CRYO: "Filling and carrying liquid nitrogen; oxygen alarms; frostbite.",
        STED: "Alignment of the depletion lines, samples that bear it, and shutting down.",
        TEM: "Loading grids, low-dose imaging, and leaving the column cold and clean.",
    }
    made = {
        title: Course.objects.create(title=title, description=texts[title], **fields)
        for title, fields in plans
    }
    for title, before, instructors, tool in (
        (LASER, "", ("chris",), ""),
        (CRYO, "", ("chris", "ben"), ""),
        (STED, LASER, ("chris",), "Super-resolution microscope"),
        (TEM, CRYO, ("ben",), "Cryo-TEM"),
    ):
        course = made[title]
        course.instructors.set([cast[name] for name in instructors])
        if before:
            course.prerequisites.set([made[before]])
        if tool:
            resource = Resource.objects.get(name=tool)
            TrainingRequirement.objects.create(course=course, resource=resource)
    return made


def _users_of(course: Course) -> list[User]:
    """Whoever has booked, or is going to, what asks for the course."""
    bookings = Booking.objects.filter(
        resource__training_requirements__course=course, status__in=LIVE
    )
    return list(User.objects.filter(pk__in=bookings.values("user")).order_by("username"))


def _cast_papers(
    papers: _Papers, cast: dict[str, User], courses: dict[str, Course], today: date
) -> None:
    """Ada's STED ends soon, Ben's cryogens have expired; Eve has nothing yet."""
    given: dict[str, Any] = {"given_by": cast["chris"]}
    papers.add(cast["ada"], courses[LASER], today - 200 * DAY, score=92, **given)
    papers.add(
        cast["ada"],
        courses[STED],
        today - 170 * DAY,
        score=81,
        used_at=papers.now - 160 * DAY,
        **given,
    )
    papers.add(cast["ben"], courses[CRYO], today - 380 * DAY, **given)
    papers.add(cast["chris"], courses[LASER], today - 400 * DAY, score=100)


def _odd_papers(
    papers: _Papers, others: list[User], courses: dict[str, Course], today: date
) -> None:
    """One that has lapsed unused, one that was taken back."""
    known = {each.user_id for each in papers.made}
    lapsed, revoked = [each for each in others if each.pk not in known][:2]
    papers.add(lapsed, courses[LASER], today - 500 * DAY, score=77)
    papers.add(lapsed, courses[TEM], today - 210 * DAY)
    papers.add(
        revoked,
        courses[CRYO],
        today - 90 * DAY,
        revoked_at=papers.now - 20 * DAY,
        revoked_reason="Left the lid of a dewar open.",
    )


def _sessions(
    cast: dict[str, User], others: list[User], courses: dict[str, Course], now: datetime
) -> None:
    """To come with free seats and full, over and not recorded, over and recorded, called off."""
    midnight = local_day(now, lab_zone()).start
    chris, ben = cast["chris"], cast["ben"]
    students = [each for each in others if each.username.startswith("student")]
    laser = _session(courses[LASER], chris, midnight + 8 * DAY + 9 * HOUR, now, seats=12)
    sted = _session(courses[STED], chris, midnight + 5 * DAY + 13 * HOUR, now)
    tem = _session(courses[TEM], ben, midnight + 12 * DAY + 9 * HOUR, now)
    held = _session(courses[LASER], chris, midnight - 2 * DAY + 9 * HOUR, now, seats=12)
    done = _session(courses[TEM], ben, midnight - 30 * DAY + 9 * HOUR, now)
    _session(courses[STED], chris, midnight + 2 * DAY + 9 * HOUR, now, cancelled_at=now - DAY)
    TrainingSeat.objects.bulk_create(
        [
            *_seats(laser, [cast["eve"], *students[:3]], now),
            *_seats(sted, students[3:5], now),
            *_seats(sted, students[5:7], now, SeatState.WAITING),
            *_seats(tem, students[7:8], now),
            *_seats(held, students[8:12], now),
            *_seats(done, students[12:13], now, SeatState.FAILED, score=40),
            *_seats(done, students[13:14], now, SeatState.ABSENT),
        ]
    )


def _session(
    course: Course, instructor: User, start: datetime, now: datetime, **fields: Any
) -> TrainingSession:
    values: dict[str, Any] = {"seats": course.seats, "location": "Seminar room", **fields}
    return TrainingSession.objects.create(
        course=course,
        instructor=instructor,
        start_time=start,
        end_time=start + 3 * HOUR,
        created_at=min(now, start) - 20 * DAY,
        **values,
    )


def _seats(
    session: TrainingSession,
    people: Iterable[User],
    now: datetime,
    state: SeatState = SeatState.ENROLLED,
    **fields: Any,
) -> list[TrainingSeat]:
    asked = min(now, session.start_time) - 10 * DAY
    return [
        TrainingSeat(session=session, user=user, state=state, asked_at=asked + n * HOUR, **fields)
        for n, user in enumerate(people)
    ]
