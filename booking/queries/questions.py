"""Reading what is asked at the instruments."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from booking.enums import Moment
from booking.models import Answer, Question, Resource, ResourceType


def asked_questions(resource: Resource, moment: Moment | None = None) -> list[Question]:
    """What is asked now on a resource, those of its type first, each in their order."""
    found = Question.objects.filter(
        Q(resource=resource) | Q(resource_type=resource.resource_type_id), is_active=True
    )
    if moment is not None:
        found = found.filter(moment=moment)
    rows = list(found.order_by("moment", "position", "pk"))
    # Before the work comes first, whatever the words sort like.
    rows.sort(key=lambda row: (row.moment != Moment.START, row.resource_id is not None))
    return rows


def has_questions() -> Exists:
    """Of each resource whether anything is asked on it."""
    of_either = Q(resource=OuterRef("pk")) | Q(resource_type=OuterRef("resource_type"))
    return Exists(Question.objects.filter(of_either, is_active=True))


def questions_of(
    *, resource: Resource | None = None, kind: ResourceType | None = None
) -> QuerySet[Question]:
    """All questions of a resource or of a type, also those no longer asked, in their order.

    Each has `was_answered`: what was answered once is kept.
    """
    found = Question.objects.filter(resource=resource, resource_type=kind)
    answers = Answer.objects.filter(question=OuterRef("pk"))
    return found.annotate(was_answered=Exists(answers)).order_by("-moment", "position", "pk")


def find_question(public_id: UUID) -> Question | None:
    """One question with its place."""
    return (
        Question.objects.select_related("resource", "resource_type")
        .filter(public_id=public_id)
        .first()
    )
