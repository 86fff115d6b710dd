"""What the demonstration gets only while people report, plan, repeat and ask to be let in."""

from datetime import datetime, timedelta

from django.core.files.base import ContentFile

from accounts.models import User
from booking.enums import AssessmentState, StepKind
from booking.models import (
    AccessRequest,
    AccessStep,
    Attachment,
    Booking,
    BookingSeries,
    Fault,
    FaultNote,
    MaintenancePlan,
    Resource,
    RiskAssessment,
)

DAY = timedelta(days=1)
WEEKLY = "FREQ=WEEKLY;COUNT=3"
PIXEL = b"\x89PNG\r\n\x1a\n"


def add_care(people: dict[str, User], booking: Booking, now: datetime) -> None:
    """Ada's next booking is the first of a series, on a resource that is faulty and looked after;

    she asks to be let in elsewhere, which is Ben's to confirm.
    """
    ada, chris = people["ada"], people["chris"]
    photo = Attachment.objects.create(
        file=ContentFile(PIXEL, name="photo.png"), name="photo.png", content_type="image/png",
        size=len(PIXEL), uploaded_by=ada, uploaded_at=now,
    )  # fmt: skip
    fault = Fault.objects.create(
        resource=booking.resource, reported_by=ada, title="The lamp flickers", photo=photo,
        reported_at=now, due_at=now + DAY,
    )  # fmt: skip
    FaultNote.objects.create(fault=fault, author=chris, at=now, text="Seen")
    rhythm = {"resource": booking.resource, "rule": WEEKLY, "minutes": 60}
    MaintenancePlan.objects.create(
        **rhythm, title="New filters", first_start=now + 60 * DAY, created_by=chris, created_at=now
    )
    series = BookingSeries.objects.create(
        **rhythm, user=ada, created_by=ada, first_start=booking.start_time, created_at=now
    )
    Booking.objects.filter(pk=booking.pk).update(series=series, occurs_at=booking.start_time)
    _ask(ada, people["ben"], now)


def _ask(ada: User, ben: User, now: datetime) -> None:
    closed = Resource.objects.filter(requires_access=True, is_active=True, is_hidden=False)
    elsewhere = closed.exclude(access__user=ada).earliest("name")
    request = AccessRequest.objects.create(
        user=ada, resource=elsewhere, justification="Living cells", supervisor=ben, asked_at=now
    )
    AccessStep.objects.create(request=request, kind=StepKind.SUPERVISOR)
    RiskAssessment.objects.create(
        resource=elsewhere, user=ada, title="Living cells", hazards="Splashes", controls="Gloves",
        state=AssessmentState.DRAFT, written_by=ada, written_at=now,
    )  # fmt: skip
