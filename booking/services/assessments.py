"""Writing risk assessments, handing them in, and reviewing them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import permissions
from accounts.queries.roles import holders
from audit.services import record
from booking.enums import AssessmentKind, AssessmentState, ResponsibleKind, RiskLevel
from booking.errors import ActionRefused, NotAllowed
from booking.events import post_notice
from booking.locks import lock_assessment
from booking.models import Resource, ResponsiblePerson, RiskAssessment
from booking.permissions import can_review_assessments, where_of
from booking.queries.assessments import reviews
from booking.services._uploads import CheckedFile, check_file, keep_file
from labitory.lib.db import run_transaction

REMIND_BEFORE = timedelta(days=30)
BATCH = 500
_WRITABLE = (AssessmentState.DRAFT, AssessmentState.REJECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentDetails:
    """All that its author writes; `document` is the name and content of a file."""

    title: str
    kind: AssessmentKind
    level: RiskLevel
    hazards: str
    controls: str
    protection: Sequence[str] = ()
    document: tuple[str, bytes] | None = None


def write_assessment(
    *,
    actor: User,
    resource_id: UUID,
    details: AssessmentDetails,
    now: datetime,
    of_resource: bool = False,
    submit: bool = False,
) -> RiskAssessment:
    """Write a risk assessment of one's own work on a resource, or of the resource itself.

    Those of a resource are for its reviewers. Raises `Resource.DoesNotExist`, `NotAllowed`.
    """
    document = _checked(details)

    def work() -> RiskAssessment:
        resource = Resource.objects.get(public_id=resource_id)
        if of_resource and not can_review_assessments(actor, resource):
            raise _not_reviewer(resource)
        assessment = RiskAssessment(
            resource=resource,
            user=None if of_resource else actor,
            written_by=actor,
            written_at=now,
        )
        _fill(assessment, details, document, actor, now)
        assessment.save()
        _record(assessment, "assessment.written", actor, now)
        if submit:
            _submit(assessment, actor, now)
        return assessment

    return run_transaction(work)


def change_assessment(
    *,
    actor: User,
    assessment_id: UUID,
    details: AssessmentDetails,
    now: datetime,
    submit: bool = False,
) -> RiskAssessment:
    """Change a draft, or what was sent back, and hand it in if asked.

    Raises `RiskAssessment.DoesNotExist` (not the author's), `ActionRefused` (under review).
    """
    document = _checked(details)

    def work() -> RiskAssessment:
        assessment = lock_assessment(assessment_id)
        if assessment.written_by_id != actor.pk:
            raise RiskAssessment.DoesNotExist
        if assessment.state not in _WRITABLE:
            raise ActionRefused(
                code="assessment.state",
                text=_("It is %(state)s: write a new one instead.")
                % {"state": assessment.get_state_display().lower()},
            )
        _fill(assessment, details, document, actor, now)
        assessment.save()
        _record(assessment, "assessment.changed", actor, now)
        if submit:
            _submit(assessment, actor, now)
        return assessment

    return run_transaction(work)


def review_assessment(
    *,
    actor: User,
    assessment_id: UUID,
    approve: bool,
    now: datetime,
    note: str = "",
    review_on: date | None = None,
) -> RiskAssessment:
    """Approve it up to a day, or send it back with a note. Nobody reviews their own.

    Raises `RiskAssessment.DoesNotExist`, `NotAllowed`, `ActionRefused`.
    """

    def work() -> RiskAssessment:
        assessment = lock_assessment(assessment_id)
        if not reviews(actor, assessment):
            raise _not_reviewer(assessment.resource)
        if assessment.state != AssessmentState.SUBMITTED:
            raise ActionRefused(
                code="assessment.reviewed",
                text=_("It no longer waits: it is %(state)s.")
                % {"state": assessment.get_state_display().lower()},
            )
        _require_answer(assessment, approve=approve, note=note, review_on=review_on, now=now)
        before = assessment.state
        assessment.state = AssessmentState.APPROVED if approve else AssessmentState.REJECTED
        assessment.reviewed_by, assessment.reviewed_at = actor, now
        assessment.review_note = note.strip()[:500]
        assessment.review_on = review_on if approve else None
        assessment.save()
        kind = "assessment.approved" if approve else "assessment.sent_back"
        _record(
            assessment, kind, actor, now, changes={"state": (before, assessment.state)}, reason=note
        )
        _tell(assessment, kind, [assessment.written_by_id], actor, now)
        return assessment

    return run_transaction(work)


def remind_of_reviews(*, now: datetime) -> int:
    """Tell authors once that their assessment must be reviewed within a month; gives how many."""

    def work() -> int:
        soon = list(
            RiskAssessment.objects.filter(
                state=AssessmentState.APPROVED,
                review_on__gte=now.date(),
                review_on__lte=(now + REMIND_BEFORE).date(),
                reminded_at=None,
            )
            .select_related("resource", "written_by")
            .order_by("pk")[:BATCH]
        )
        for assessment in soon:
            _tell(assessment, "assessment.ends", [assessment.written_by_id], None, now)
        keys = [assessment.pk for assessment in soon]
        RiskAssessment.objects.filter(pk__in=keys).update(reminded_at=now)
        return len(soon)

    told = 0
    while (some := run_transaction(work)) == BATCH:
        told += some
    return told + some


def _checked(details: AssessmentDetails) -> CheckedFile | None:
    if details.document is None:
        return None
    name, content = details.document
    return check_file(content=content, name=name, field="document")


def _fill(
    assessment: RiskAssessment,
    details: AssessmentDetails,
    document: CheckedFile | None,
    actor: User,
    now: datetime,
) -> None:
    assessment.title = details.title.strip()
    assessment.kind, assessment.level = details.kind, details.level
    assessment.hazards, assessment.controls = details.hazards.strip(), details.controls.strip()
    assessment.protection = [each.strip() for each in details.protection if each.strip()]
    if document is not None:
        assessment.document = keep_file(actor=actor, checked=document, now=now)


def _submit(assessment: RiskAssessment, actor: User, now: datetime) -> None:
    before = assessment.state
    assessment.state, assessment.submitted_at = AssessmentState.SUBMITTED, now
    assessment.save(update_fields=["state", "submitted_at"])
    _record(
        assessment,
        "assessment.submitted",
        actor,
        now,
        changes={"state": (before, assessment.state)},
    )
    people = [key for key in _reviewers(assessment.resource, now) if key != actor.pk]
    _tell(assessment, "assessment.submitted", people, actor, now)


def _reviewers(resource: Resource, now: datetime) -> list[int]:
    """Its safety officers, or where there are none all who review there."""
    officers = ResponsiblePerson.objects.filter(
        resource=resource, kind=ResponsibleKind.SAFETY, user__is_active=True
    )
    if named := list(officers.values_list("user", flat=True)):
        return named
    code = "assessment.review"
    granted = holders(code=code, wheres=[where_of(resource)], now=now)
    people = User.objects.filter(is_active=True)
    found = people.filter(Q(role=permissions()[code].least) | Q(pk__in=granted))
    return list(found.values_list("pk", flat=True))


def _require_answer(
    assessment: RiskAssessment, *, approve: bool, note: str, review_on: date | None, now: datetime
) -> None:
    if not approve and not note.strip():
        raise ActionRefused(
            code="assessment.note",
            text=_("Say what is missing, so that it can be mended."),
            field="note",
            status=422,
        )
    today = now.astimezone(assessment.resource.zone).date()
    if approve and review_on is not None and review_on <= today:
        raise ActionRefused(
            code="assessment.past",
            text=_("The review lies in the past: choose a later day, or leave it empty."),
            field="review_on",
            status=422,
        )


def _not_reviewer(resource: Resource) -> NotAllowed:
    return NotAllowed(
        code="permission.assessment",
        text=_("Safety officers and reviewers decide, and nobody on their own."),
        needs="assessment.review",
        where=where_of(resource),
    )


def _record(
    assessment: RiskAssessment,
    action: str,
    actor: User,
    now: datetime,
    *,
    changes: dict[str, tuple[object, object]] | None = None,
    reason: str = "",
) -> None:
    record(
        action=action,
        actor=actor,
        target=assessment,
        now=now,
        changes=changes,
        reason=reason,
        facts={"resource": assessment.resource.name, "user": assessment.written_by.full_name},
    )


def _tell(
    assessment: RiskAssessment, kind: str, people: list[int], actor: User | None, now: datetime
) -> None:
    review_on = assessment.review_on
    post_notice(
        kind=kind,
        people=people,
        actor=actor,
        now=now,
        path=reverse("booking:assessment", args=[assessment.public_id]),
        facts={
            "title": assessment.title,
            "resource": assessment.resource.name,
            "reason": assessment.review_note,
            "ends": {"day": review_on.isoformat()} if review_on else "",
        },
    )
