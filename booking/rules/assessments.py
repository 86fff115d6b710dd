"""Risk assessments before the work."""

from django.utils.translation import gettext as _

from accounts.enums import Role
from booking.errors import Refusal
from booking.rules.registry import rule
from booking.rules.request import BookingRequest
from labitory.lib.formats import say_date


@rule("assessment.required", overridable_by=Role.LAB_MANAGER)
def has_risk_assessment(request: BookingRequest) -> Refusal | None:
    """Where it is asked for, a person's own risk assessment is approved up to the booking's day."""
    resource, found = request.resource, request.resource.assessment
    if not resource.requires_assessment:
        return None
    day = request.last_moment.astimezone(resource.zone).date()
    if found is not None and (found.review_on is None or found.review_on >= day):
        return None
    values = {"resource": resource.name, "user": request.user.name}
    if found is None:
        text = _(
            "%(user)s needs an approved risk assessment for %(resource)s: write one on its page, "
            "and have it reviewed."
        )
    else:
        values["day"] = say_date(found.review_on) if found.review_on else ""
        text = _(
            "The risk assessment of %(user)s for %(resource)s counts up to %(day)s: have it "
            "reviewed again, or choose a day before."
        )
    return Refusal(
        code="assessment.required",
        text=text % values,
        facts={
            "resource": str(resource.public_id),
            "review_on": found.review_on.isoformat() if found and found.review_on else None,
        },
        field="resource",
    )
