"""Files that people handed in, for those who may read what they belong to."""

from django.db.models import Q, QuerySet

from accounts.models import User
from booking.models import Attachment
from booking.queries.places import in_places


def readable_attachments(viewer: User) -> "QuerySet[Attachment]":
    """What the person handed in, what was confirmed for them, and what they decide about.

    A resource's own assessment and photos of faults are for everybody; photos of hidden resources
    for who looks after their faults.
    """
    lets_in = in_places(viewer, "resource.grant_access", resource="access_steps__request__resource")
    reviews = in_places(viewer, "assessment.review", resource="assessments__resource")
    mends = in_places(viewer, "fault.manage", resource="faults__resource")
    return Attachment.objects.filter(
        Q(uploaded_by=viewer)
        | Q(access_steps__request__user=viewer)
        | Q(assessments__user=viewer)
        | Q(assessments__isnull=False, assessments__user__isnull=True)
        | Q(faults__resource__is_hidden=False)
        | Q(faults__assignee=viewer)
        | (mends & Q(faults__isnull=False))
        | Q(access_steps__request__resource__responsible__user=viewer)
        | Q(assessments__resource__responsible__user=viewer)
        | (lets_in & Q(access_steps__isnull=False))
        | (reviews & Q(assessments__isnull=False))
    ).distinct()
