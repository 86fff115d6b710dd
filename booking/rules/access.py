"""Who is let in."""

from django.utils.translation import gettext as _

from accounts.enums import Role
from booking.errors import Refusal
from booking.rules.registry import rule
from booking.rules.request import BookingRequest
from labitory.lib.formats import say_wall, with_zone


@rule("access.missing", overridable_by=Role.LAB_MANAGER)
def has_access(request: BookingRequest) -> Refusal | None:
    """A restricted resource is booked only by people with access to it."""
    resource = request.resource
    if not resource.requires_access or resource.has_access:
        return None
    return Refusal(
        code="access.missing",
        text=_(
            "%(resource)s is restricted and %(user)s has no access: ask a responsible person "
            "on its page."
        )
        % {"resource": resource.name, "user": request.user.name},
        facts={"resource": str(resource.public_id)},
        field="resource",
    )


@rule("access.expires", overridable_by=Role.LAB_MANAGER)
def access_lasts(request: BookingRequest) -> Refusal | None:
    """Access must last until the booking's end."""
    resource = request.resource
    expires = resource.access_expires_at
    if not resource.requires_access or not resource.has_access or expires is None:
        return None
    if expires >= request.period.end:
        return None
    local = expires.astimezone(resource.zone)
    return Refusal(
        code="access.expires",
        text=_("Access to %(resource)s ends on %(date)s: choose a time before, or have it renewed.")
        % {
            "resource": resource.name,
            "date": with_zone(say_wall(local), local),
        },
        facts={"expires_at": expires.isoformat()},
    )
