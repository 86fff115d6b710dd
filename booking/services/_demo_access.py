"""The path to restricted instruments in the demonstration: one request in each state."""

from datetime import datetime, timedelta

from accounts.models import User
from booking.enums import (
    AccessLevel,
    AssessmentKind,
    AssessmentState,
    RequestState,
    RiskLevel,
    StepKind,
)
from booking.models import (
    AccessRequest,
    AccessRequirement,
    AccessStep,
    Course,
    Resource,
    RiskAssessment,
)

DAY = timedelta(days=1)


def make_access(*, cast: dict[str, User], now: datetime) -> None:
    """Eve is on her way to an instrument, was refused another; Ben's assessment waits."""
    first, second, *_more = (
        Resource.objects.filter(requires_access=True, is_active=True)
        .exclude(access__user=cast["eve"])
        .order_by("name")[:4]
    )
    _ask_of_newcomers(first)
    _on_her_way(cast, first, now)
    AccessRequest.objects.create(
        user=cast["eve"],
        resource=second,
        level=AccessLevel.BOOK,
        justification="A quick look at old samples.",
        supervisor=cast["ben"],
        state=RequestState.REJECTED,
        asked_at=now - 20 * DAY,
        decided_at=now - 18 * DAY,
        decided_by=cast["chris"],
        reason="Take the introduction first, then ask again.",
    )
    _assessments(cast, first, now)


def _ask_of_newcomers(resource: Resource) -> None:
    steps: list[tuple[StepKind, Course | None, str]] = [
        (StepKind.INDUCTION, None, "Walk through the room with the safety officer."),
    ]
    course = Course.objects.filter(is_active=True).order_by("title").first()
    if course is not None:
        steps.append((StepKind.TRAINING, course, ""))
    AccessRequirement.objects.bulk_create(
        AccessRequirement(resource=resource, kind=kind, course=course, note=note, position=n)
        for n, (kind, course, note) in enumerate(steps)
    )


def _on_her_way(cast: dict[str, User], resource: Resource, now: datetime) -> None:
    request = AccessRequest.objects.create(
        user=cast["eve"],
        resource=resource,
        level=AccessLevel.BOOK,
        justification="Time series of living cells for my thesis, about two hours a week.",
        supervisor=cast["ben"],
        asked_at=now - 4 * DAY,
    )
    confirmed = {
        "confirmed_at": now - 3 * DAY,
        "confirmed_by": cast["ben"],
        "confirmation": "She works in my group.",
    }
    kinds: list[tuple[StepKind, Course | None, str]] = [(StepKind.SUPERVISOR, None, "")]
    kinds += [
        (StepKind(each.kind), each.course, each.note)
        for each in AccessRequirement.objects.filter(resource=resource).select_related("course")
    ]
    kinds.append((StepKind.APPROVAL, None, ""))
    AccessStep.objects.bulk_create(
        AccessStep(
            request=request,
            kind=kind,
            course=course,
            note=note,
            position=n,
            **(confirmed if n == 0 else {}),
        )
        for n, (kind, course, note) in enumerate(kinds)
    )


def _assessments(cast: dict[str, User], resource: Resource, now: datetime) -> None:
    common = {
        "resource": resource,
        "kind": AssessmentKind.BIOLOGICAL,
        "written_at": now - 5 * DAY,
        "submitted_at": now - 5 * DAY,
    }
    RiskAssessment.objects.create(
        **common,
        user=cast["ben"],
        written_by=cast["ben"],
        title="Fixed tissue of class 1",
        level=RiskLevel.LOW,
        hazards="Splashes of fixative.",
        controls="Work in the hood; gloves are changed after each slide.",
        protection=["gloves", "lab coat"],
        state=AssessmentState.SUBMITTED,
    )
    RiskAssessment.objects.create(
        **common,
        written_by=cast["chris"],
        title=f"Use of {resource.name}",
        level=RiskLevel.MEDIUM,
        hazards="Laser light of class 3B when the enclosure is open.",
        controls="Interlock; only trained staff open the enclosure.",
        protection=["laser goggles"],
        state=AssessmentState.APPROVED,
        reviewed_by=cast["dora"],
        reviewed_at=now - 4 * DAY,
        review_on=(now + 300 * DAY).date(),
    )
