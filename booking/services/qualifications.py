"""Certificates: given without a session, taken back, kept alive by use, reminded of."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import Status
from booking.errors import ActionRefused
from booking.events import post_notice
from booking.locks import claim_qualifications, lock_qualification
from booking.models import Course, Qualification
from booking.queries.qualifications import ending_qualifications
from booking.services._training import (
    Passed,
    lab_day,
    refused,
    require_course_manager,
    require_giver,
    require_offered,
    require_prerequisites,
    require_score,
    revoke_qualification,
    tell_passed,
    write_qualification,
)
from labitory.lib.db import run_transaction

BATCH = 200
# A use is followed at once; this is how far back what was missed is looked for.
LOOKED_BACK = timedelta(days=7)

# Every certificate that still counts, of a course that the used instrument asks for, was last used
# when the last of these bookings ended.
FOLLOW = """
UPDATE booking_qualification q SET used_at = u.used_at
FROM (
    SELECT b.user_id, t.course_id, max(b.end_time) AS used_at
    FROM booking_booking b JOIN booking_resource r ON r.id = b.resource_id
    JOIN booking_trainingrequirement t
        ON t.resource_id = r.id OR t.resource_type_id = r.resource_type_id
    WHERE b.status = %(completed)s AND {which}
    GROUP BY 1, 2) u
WHERE q.user_id = u.user_id AND q.course_id = u.course_id AND q.revoked_at IS NULL
    AND (q.used_at IS NULL OR q.used_at < u.used_at)
"""
_NAMED = "b.public_id = ANY(%(bookings)s)"
_LATELY = "b.end_time > %(since)s AND b.end_time <= %(now)s"


def give_qualification(
    *,
    actor: User,
    user: User,
    course_id: UUID,
    passed_on: date,
    now: datetime,
    score: int | None = None,
    note: str = "",
) -> Qualification:
    """Certify that somebody has passed a course without a session, such as one learnt alone.

    Its instructors may, and who looks after it, never for themselves. Raises
    `Course.DoesNotExist`, `NotAllowed` and `ActionRefused` (422).
    """

    def work() -> Qualification:
        course = Course.objects.prefetch_related("instructors", "required_by__resource").get(
            public_id=course_id
        )
        require_giver(actor, course)
        require_offered(course)
        if user.pk == actor.pk:
            raise refused("training.self", _("Nobody certifies themselves."), "user")
        _require_result(course, passed_on, score, now)
        require_prerequisites(user, course, now)
        made = write_qualification(
            Passed(
                user=user,
                course=course,
                passed_on=passed_on,
                given_by=actor,
                score=score,
                note=note.strip(),
            ),
            now,
        )
        tell_passed(made, actor, now)
        return made

    return run_transaction(work)


def revoke_certificate(
    *, actor: User, qualification_id: UUID, reason: str, now: datetime
) -> Qualification:
    """Take a certificate back, with a reason that its person reads; bookings that stand remain.

    Raises `Qualification.DoesNotExist`, `NotAllowed` and `ActionRefused`.
    """
    if not reason.strip():
        raise refused("training.reason", _("Say why: its person reads it."), "reason")

    def work() -> Qualification:
        made = lock_qualification(qualification_id)
        require_course_manager(actor, made.course)
        if made.user_id == actor.pk:
            raise refused("training.self", _("Nobody decides on their own certificate."))
        if made.revoked_at is not None:
            raise ActionRefused(
                code="training.revoked", text=_("This certificate was taken back already.")
            )
        revoke_qualification(made, actor=actor, reason=reason.strip(), now=now)
        return made

    return run_transaction(work)


def follow_use(*, now: datetime, booking_ids: Sequence[str] | None = None) -> int:
    """Note the last use of what people have learnt, from completed bookings.

    Of these bookings or, without any named, of the last week; twice changes nothing. Gives how
    many certificates were brought up to date.
    """
    which = _LATELY if booking_ids is None else _NAMED

    def work() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                FOLLOW.format(which=which),
                {
                    "completed": Status.COMPLETED,
                    "bookings": [UUID(each) for each in booking_ids or ()],
                    "since": now - LOOKED_BACK,
                    "now": now,
                },
            )
            return int(cursor.rowcount)

    return run_transaction(work)


def remind_of_training(*, now: datetime) -> int:
    """Tell people of certificates that end within 30 days, once for each end.

    Uses that were not noted yet come first, so that nobody is warned of a lapse that is none.
    Gives how many people were told of a course.
    """
    follow_use(now=now)
    told = 0
    while found := run_transaction(lambda: _remind_some(now)):
        told += found
    return told


def _remind_some(now: datetime) -> int:
    taken = claim_qualifications(sorted(ending_qualifications(today=lab_day(now), limit=BATCH)))
    # Another worker may have told some between the look and the claim.
    ends = ending_qualifications(today=lab_day(now), limit=BATCH)
    due = [each for each in taken if each.pk in ends]
    for each in due:
        post_notice(
            kind="training.ending",
            people=[each.user_id],
            now=now,
            path=reverse("booking:course_detail", args=[each.course.public_id]),
            facts={"course": each.course.title, "until": {"day": ends[each.pk].isoformat()}},
        )
    Qualification.objects.filter(pk__in=[each.pk for each in due]).update(reminded_at=now)
    return len(due)


def _require_result(course: Course, passed_on: date, score: int | None, now: datetime) -> None:
    if passed_on > lab_day(now):
        raise refused("training.future", _("Nobody has passed in the future."), "passed_on")
    lasts = course.valid_days
    if lasts is not None and passed_on + timedelta(days=lasts) < lab_day(now):
        raise refused(
            "training.expired",
            _("A certificate of that day has expired: the course is valid for %(days)s days.")
            % {"days": lasts},
            "passed_on",
        )
    require_score(score)
    if course.pass_mark is not None and (score is None or score < course.pass_mark):
        raise refused(
            "training.not_passed",
            _("This course is passed with %(mark)s percent.") % {"mark": course.pass_mark},
            "score",
        )
