"""Risk assessments that somebody may read, and those that wait for a review."""

from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import User
from booking.enums import AssessmentState, ResponsibleKind
from booking.models import Resource, ResponsiblePerson, RiskAssessment
from booking.permissions import can_review_assessments
from booking.queries.places import in_places_or


def visible_assessments(viewer: User) -> "QuerySet[RiskAssessment]":
    """One's own, those of resources themselves once approved, and those one reviews."""
    published = Q(user=None, state=AssessmentState.APPROVED)
    return (
        RiskAssessment.objects.filter(
            Q(user=viewer) | Q(written_by=viewer) | published | _reviewed_by(viewer)
        )
        .select_related("resource__resource_type", "user", "written_by", "reviewed_by", "document")
        .order_by("-written_at")
    )


def own_assessments(viewer: User) -> "QuerySet[RiskAssessment]":
    """What the person has written for their own work."""
    return visible_assessments(viewer).filter(user=viewer)


def submitted_assessments(viewer: User) -> "QuerySet[RiskAssessment]":
    """What waits for the viewer's review, never their own; oldest first."""
    return (
        visible_assessments(viewer)
        .filter(_reviewed_by(viewer), state=AssessmentState.SUBMITTED)
        .exclude(Q(user=viewer) | Q(written_by=viewer))
        .order_by("submitted_at")
    )


def assessments_of(resource: Resource, viewer: User, today: date) -> "QuerySet[RiskAssessment]":
    """The resource's own assessments that count today, for everybody to read."""
    return (
        visible_assessments(viewer)
        .filter(resource=resource, user=None, state=AssessmentState.APPROVED)
        .filter(Q(review_on=None) | Q(review_on__gte=today))
    )


def find_assessment(viewer: User, public_id: UUID) -> RiskAssessment | None:
    """An assessment that the viewer may read."""
    return visible_assessments(viewer).filter(public_id=public_id).first()


def reviews(viewer: User, assessment: RiskAssessment) -> bool:
    """Whether the viewer reviews it: who may on the resource or is its safety officer."""
    if viewer.pk in (assessment.user_id, assessment.written_by_id):
        return False
    if can_review_assessments(viewer, assessment.resource):
        return True
    return _safety(viewer).filter(resource=assessment.resource).exists()


def _reviewed_by(viewer: User) -> Q:
    return in_places_or(viewer, "assessment.review") | Q(
        resource__in=_safety(viewer).values("resource")
    )


def _safety(viewer: User) -> "QuerySet[ResponsiblePerson]":
    return ResponsiblePerson.objects.filter(user=viewer, kind=ResponsibleKind.SAFETY)
