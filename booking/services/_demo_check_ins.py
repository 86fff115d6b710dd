"""Use in the demonstration: sessions beside the plan, answers, and somebody who overstays."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from booking.enums import Handover, Limit, Moment, QuestionKind, SessionEnd, Status
from booking.models import (
    Answer,
    Booking,
    BookingPolicy,
    BookingStatus,
    Question,
    Resource,
    ResourceType,
    UsageSession,
)

_BATCH = 1000
_REMEMBERED = timedelta(days=28)
_MINUTE = timedelta(minutes=1)
_NOTES = (
    "Laser is warm, stage is clean.",
    "Immersion oil wiped off.",
    "Gas bottle is nearly empty, the new one is ordered.",
    "The second lamp flickers now and then.",
)
_KIND = "Light microscope"


def make_usage(bookings: Sequence[Booking], *, now: datetime) -> None:
    """Sessions of what is in use and of what was, with answers where something is asked."""
    rng = random.Random(now.date().isoformat())  # noqa: S311 - nothing secret
    _make_policies()
    questions = _make_questions()
    used = [each for each in bookings if _was_used(each, now)]
    sessions = UsageSession.objects.bulk_create(
        [_session(booking, rng) for booking in used], batch_size=_BATCH
    )
    _overstay(used, sessions, now)
    types = dict(Resource.objects.values_list("pk", "resource_type__name"))
    asked = [each for each in sessions if types[each.resource_id] == _KIND]
    Answer.objects.bulk_create(
        (answer for session in asked for answer in _answers(session, questions, rng)),
        batch_size=_BATCH,
    )


def _was_used(booking: Booking, now: datetime) -> bool:
    return booking.status == Status.CHECKED_IN or (
        booking.status == Status.COMPLETED and booking.end_time > now - _REMEMBERED
    )


def _session(booking: Booking, rng: random.Random) -> UsageSession:
    session = UsageSession(
        booking=booking,
        resource_id=booking.resource_id,
        user_id=booking.user_id,
        started_at=booking.start_time + rng.randint(-5, 8) * _MINUTE,
        planned_end=booking.end_time,
    )
    if booking.status == Status.CHECKED_IN:
        session.started_at = booking.start_time
        return session
    luck = rng.random()
    session.ended_how = SessionEnd.USER
    session.ended_at = booking.end_time
    if luck < 0.2:  # noqa: PLR2004 - gone before the end: the time was somebody's again
        session.planned_end = booking.end_time + rng.randint(2, 6) * 10 * _MINUTE
    elif luck < 0.3:  # noqa: PLR2004
        session.ended_at = booking.end_time + rng.randint(3, 25) * _MINUTE
    elif luck < 0.34:  # noqa: PLR2004
        session.ended_how = SessionEnd.AUTOMATIC
    session.handover = rng.choice(Handover.values)
    if rng.random() < 0.15:  # noqa: PLR2004
        session.handover_note = rng.choice(_NOTES)
    return session


def _overstay(used: Sequence[Booking], sessions: Sequence[UsageSession], now: datetime) -> None:
    """One whose time was over a while ago is still there."""
    busy = {each.resource_id for each in used if each.status == Status.CHECKED_IN}
    late = (
        (booking, session)
        for booking, session in zip(used, sessions, strict=True)
        if booking.status == Status.COMPLETED
        and now - 150 * _MINUTE < booking.end_time <= now - 10 * _MINUTE
        and booking.resource_id not in busy
    )
    found = max(late, key=lambda pair: pair[0].end_time, default=None)
    if found is None:
        return
    booking, session = found
    BookingStatus.objects.filter(booking=booking, to_status=Status.COMPLETED).delete()
    booking.status = Status.CHECKED_IN
    booking.sequence -= 1
    booking.save(update_fields=["status", "sequence"])
    session.ended_at, session.ended_how = None, ""
    session.handover, session.handover_note = "", ""
    session.planned_end, session.warned_at = booking.end_time, now
    session.save()


def _make_policies() -> None:
    kind = ResourceType.objects.get(name=_KIND)
    BookingPolicy.objects.bulk_create(
        [
            BookingPolicy(limit=Limit.NO_SHOW_GRACE, value=30, resource_type=kind),
            BookingPolicy(limit=Limit.AUTO_CHECK_OUT, value=4 * 60),
            BookingPolicy(limit=Limit.CHECK_IN_EARLY, value=30, resource_type=kind),
        ]
    )


def _make_questions() -> list[Question]:
    kind = ResourceType.objects.get(name=_KIND)
    start, end = Moment.START, Moment.END
    return Question.objects.bulk_create(
        [
            Question(
                resource_type=kind,
                moment=start,
                kind=QuestionKind.CHECKBOX,
                label="The objectives are clean",
                position=1,
            ),
            Question(
                resource_type=kind,
                moment=start,
                kind=QuestionKind.SELECT,
                label="Immersion",
                choices=["Air", "Water", "Oil"],
                is_required=False,
                position=2,
            ),
            Question(
                resource_type=kind,
                moment=end,
                kind=QuestionKind.NUMBER,
                label="Laser power used",
                unit="mW",
                minimum=Decimal(0),
                maximum=Decimal(50),
                position=1,
            ),
            Question(
                resource_type=kind,
                moment=end,
                kind=QuestionKind.TEXT,
                label="What should the next one know?",
                is_required=False,
                position=2,
            ),
        ]
    )


def _answers(
    session: UsageSession, questions: Sequence[Question], rng: random.Random
) -> Iterator[Answer]:
    clean, immersion, power, _note = questions
    yield _answer(session, clean, "yes", session.started_at)
    yield _answer(session, immersion, rng.choice(immersion.choices), session.started_at)
    if session.ended_at is not None and session.ended_how == SessionEnd.USER:
        number = Decimal(rng.randint(2, 80)) / 2
        yield _answer(session, power, f"{number.normalize():f}", session.ended_at, number)


def _answer(
    session: UsageSession,
    question: Question,
    value: str,
    at: datetime,
    number: Decimal | None = None,
) -> Answer:
    return Answer(
        session=session,
        question=question,
        label=question.label,
        value=value,
        number=number,
        answered_at=at,
    )
