"""Places in sessions: signing up and off, the waiting list, and results."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import SeatState
from booking.errors import ActionRefused, BookingRefused, Refusal
from booking.events import post_notice
from booking.locks import lock_training_session
from booking.models import Qualification, TrainingSeat, TrainingSession
from booking.models.training import SEATED
from booking.services._training import (
    Passed,
    lab_day,
    move_up,
    record_session,
    refused,
    require_offered,
    require_prerequisites,
    require_runner,
    require_score,
    require_to_come,
    revoke_qualification,
    tell_passed,
    tell_session,
    write_qualification,
)
from labitory.lib.db import run_transaction

MOST_WAITING = 200
RESULTS = (SeatState.PASSED, SeatState.FAILED, SeatState.ABSENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of one person; without an outcome the score and the pass mark say."""

    user_id: UUID
    outcome: SeatState | None = None
    score: int | None = None
    note: str = ""


def sign_up(
    *, actor: User, session_id: UUID, now: datetime, user: User | None = None
) -> TrainingSeat:
    """Take a place in a session to come; when all are taken, one on its waiting list.

    Who runs the session signs others up too. Raises `TrainingSession.DoesNotExist`, `NotAllowed`
    and `ActionRefused` (422, what is to be passed before; 409, over or signed up already).
    """
    person = user or actor

    def work() -> TrainingSeat:
        session = lock_training_session(session_id)
        if person.pk != actor.pk:
            require_runner(actor, session)
        require_to_come(session, now)
        require_offered(session.course)
        _require_may_learn(session, person)
        require_prerequisites(person, session.course, now)
        seat = TrainingSeat.objects.filter(session=session, user=person).first()
        if seat is not None and seat.state in (SeatState.ENROLLED, SeatState.WAITING):
            raise ActionRefused(
                code="training.signed_up",
                text=_("%(user)s is signed up already.") % {"user": person.full_name},
            )
        return _seat(session, person, seat, actor=actor, now=now)

    return run_transaction(work)


def sign_off(
    *, actor: User, session_id: UUID, now: datetime, user: User | None = None
) -> TrainingSeat:
    """Give a place back before the session begins; the next who waits moves up at once.

    Raises `TrainingSession.DoesNotExist`, `NotAllowed` and `ActionRefused`.
    """
    person = user or actor

    def work() -> TrainingSeat:
        session = lock_training_session(session_id)
        if person.pk != actor.pk:
            require_runner(actor, session)
        require_to_come(session, now)
        seat = TrainingSeat.objects.filter(
            session=session, user=person, state__in=(SeatState.ENROLLED, SeatState.WAITING)
        ).first()
        if seat is None:
            raise ActionRefused(
                code="training.no_place",
                text=_("%(user)s has no place in this session.") % {"user": person.full_name},
            )
        had_place = seat.state == SeatState.ENROLLED
        seat.state = SeatState.CANCELLED
        seat.save(update_fields=["state"])
        record_session(
            "training.signed_off", session, actor=actor, now=now, target=seat, user=person
        )
        if had_place and not move_up(session, now):
            tell_session(
                "training.place_given_back",
                session,
                {session.instructor_id} - {actor.pk},
                actor=actor,
                now=now,
                user=person.full_name,
            )
        return seat

    return run_transaction(work)


def record_results(
    *, actor: User, session_id: UUID, results: Sequence[Result], now: datetime
) -> list[TrainingSeat]:
    """Record what came of people in a session that has begun: all of it, or nothing.

    With a pass mark the score decides. Who passes gets a certificate; a pass that is corrected
    takes it back. Nobody decides on themselves. Raises `TrainingSession.DoesNotExist`,
    `NotAllowed`, `ActionRefused`, and `BookingRefused` with a refusal for each wrong line.
    """

    def work() -> list[TrainingSeat]:
        session = lock_training_session(session_id)
        require_runner(actor, session)
        if session.cancelled_at is not None or session.start_time > now:
            raise ActionRefused(
                code="training.not_begun",
                text=_("Results are recorded once a session has begun, if it was not called off."),
            )
        seats = {
            seat.user.public_id: seat
            for seat in session.places.filter(state__in=SEATED).select_related("user")
        }
        decided: list[tuple[TrainingSeat, Result, SeatState]] = []
        refusals: list[Refusal] = []
        for result in results:
            try:
                seat = _seat_of(seats, result, actor)
                decided.append((seat, result, _outcome(session, result)))
            except ActionRefused as error:
                refusals += error.refusals
        if refusals:
            raise BookingRefused(refusals)
        # In the order of their keys: certificates get their numbers one after another.
        for seat, result, outcome in sorted(decided, key=lambda each: each[0].pk):
            _record_result(session, seat, result, outcome, actor, now)
        return [seat for seat, _result, _outcome_ in decided]

    return run_transaction(work)


def _require_may_learn(session: TrainingSession, person: User) -> None:
    if person.pk == session.instructor_id or not person.is_active:
        raise refused(
            "training.instructor",
            _("Whoever gives a session takes no place in it, nor does a closed account."),
            "user",
        )


def _seat(
    session: TrainingSession,
    person: User,
    seat: TrainingSeat | None,
    *,
    actor: User,
    now: datetime,
) -> TrainingSeat:
    """A place or, when all are taken, one on the waiting list; the caller holds the session."""
    taken = TrainingSeat.objects.filter(session=session, state__in=SEATED).count()
    waiting = TrainingSeat.objects.filter(session=session, state=SeatState.WAITING).count()
    is_full = taken >= session.seats or waiting > 0
    if is_full and waiting >= MOST_WAITING:
        raise ActionRefused(
            code="training.full", text=_("Very many wait already: choose another session.")
        )
    seat = seat or TrainingSeat(session=session, user=person)
    seat.state = SeatState.WAITING if is_full else SeatState.ENROLLED
    seat.asked_at, seat.score, seat.note = now, None, ""
    seat.save()
    record_session(
        "training.queued" if is_full else "training.signed_up",
        session,
        actor=actor,
        now=now,
        target=seat,
        user=person,
    )
    if not is_full:
        tell_session(
            "training.signed_up",
            session,
            [person.pk],
            actor=actor,
            now=now,
            user=person.full_name,
        )
    return seat


def _seat_of(seats: dict[UUID, TrainingSeat], result: Result, actor: User) -> TrainingSeat:
    seat = seats.get(result.user_id)
    if seat is None:
        raise refused(
            "training.no_place", _("Somebody named here has no place in this session."), "results"
        )
    if seat.user_id == actor.pk:
        raise refused("training.self", _("Nobody records a result of their own."), "results")
    return seat


def _outcome(session: TrainingSession, result: Result) -> SeatState:
    """What the result comes to: of those who came, the pass mark decides where there is one."""
    field = f"score_{result.user_id}"
    require_score(result.score, field)
    if result.outcome is SeatState.ABSENT:
        if result.score is not None:
            raise refused("training.absent_score", _("Whoever did not come has no score."), field)
        return SeatState.ABSENT
    mark = session.course.pass_mark
    if mark is not None:
        if result.score is None:
            raise refused(
                "training.score_missing",
                _("This course is passed with %(mark)s percent: write a score.") % {"mark": mark},
                field,
            )
        return SeatState.PASSED if result.score >= mark else SeatState.FAILED
    if result.outcome not in RESULTS:
        raise refused("training.outcome", _("Say whether the person has passed."), field)
    return SeatState(result.outcome)


def _record_result(
    session: TrainingSession,
    seat: TrainingSeat,
    result: Result,
    outcome: SeatState,
    actor: User,
    now: datetime,
) -> None:
    before = (seat.state, seat.score, seat.note)
    after = (outcome, result.score, result.note.strip()[:300])
    if before == after:
        return
    seat.state, seat.score, seat.note = after
    seat.save(update_fields=["state", "score", "note"])
    record_session(
        "training.result_recorded",
        session,
        actor=actor,
        now=now,
        target=seat,
        user=seat.user,
        changes={"state": (before[0], outcome), "score": (before[1], result.score)},
        facts={"outcome": str(outcome.label)},
    )
    held = Qualification.objects.select_related("user", "course").filter(
        session=session, user=seat.user, revoked_at=None
    )
    given = held.first()
    if outcome is SeatState.PASSED:
        if given is None:
            _certify(session, seat, actor, now)
        elif given.score != result.score:
            given.score = result.score
            given.save(update_fields=["score"])
    elif given is not None:
        revoke_qualification(given, actor=actor, reason=_("The result was corrected."), now=now)
    elif outcome is SeatState.FAILED:
        _tell_failed(session, seat, actor, now)


def _certify(session: TrainingSession, seat: TrainingSeat, actor: User, now: datetime) -> None:
    made = write_qualification(
        Passed(
            user=seat.user,
            course=session.course,
            passed_on=min(lab_day(session.end_time), lab_day(now)),
            given_by=actor,
            session=session,
            score=seat.score,
            note=seat.note,
        ),
        now,
    )
    tell_passed(made, actor, now)


def _tell_failed(session: TrainingSession, seat: TrainingSeat, actor: User, now: datetime) -> None:
    post_notice(
        kind="training.not_passed",
        people=[seat.user_id],
        now=now,
        actor=actor,
        path=reverse("booking:course_detail", args=[session.course.public_id]),
        facts={
            "course": session.course.title,
            "when": {
                "start": session.start_time.isoformat(),
                "end": session.end_time.isoformat(),
            },
        },
    )
