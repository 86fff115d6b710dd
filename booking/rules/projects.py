"""What a booking is charged to."""

from django.utils.translation import gettext as _

from accounts.enums import Role
from booking.errors import Refusal
from booking.rules.registry import rule
from booking.rules.request import BookingRequest
from labitory.lib.formats import say_date


@rule("project.member")
def belongs_to_project(request: BookingRequest) -> Refusal | None:
    """A booking is charged only to a project that its person belongs to."""
    project = request.project
    if project is None or project.is_member:
        return None
    return Refusal(
        code="project.member",
        text=_(
            "%(user)s belongs to no such project: choose another, or ask the leader of the group "
            "to be added."
        )
        % {"user": request.user.name},
        field="project",
    )


@rule("project.active")
def project_is_active(request: BookingRequest) -> Refusal | None:
    """Nothing is charged to a closed project."""
    project = request.project
    if project is None or not project.is_member or project.is_active:
        return None
    return Refusal(
        code="project.active",
        text=_("The project %(project)s is closed: choose another, or book without one.")
        % {"project": project.name},
        facts={"project": str(project.public_id)},
        field="project",
    )


@rule("project.period")
def within_project_period(request: BookingRequest) -> Refusal | None:
    """All days of a booking must lie within its project's validity."""
    project = request.project
    if project is None or not project.is_member:
        return None
    zone = request.resource.zone
    first, last = (
        moment.astimezone(zone).date() for moment in (request.period.start, request.last_moment)
    )
    if project.starts_on <= first and (project.ends_on is None or last <= project.ends_on):
        return None
    until = say_date(project.ends_on) if project.ends_on else _("no end")
    return Refusal(
        code="project.period",
        text=_(
            "The project %(project)s is valid from %(first)s until %(last)s: choose a day within, "
            "another project, or none."
        )
        % {"project": project.name, "first": say_date(project.starts_on), "last": until},
        facts={
            "project": str(project.public_id),
            "starts_on": project.starts_on.isoformat(),
            "ends_on": project.ends_on.isoformat() if project.ends_on else None,
        },
        field="project",
    )


@rule("project.instrument", overridable_by=Role.LAB_MANAGER)
def project_pays_for_resource(request: BookingRequest) -> Refusal | None:
    """A project that names instruments is charged for these alone."""
    project = request.project
    if project is None or not project.is_member or project.covers_resource:
        return None
    return Refusal(
        code="project.instrument",
        text=_(
            "The project %(project)s is not charged for %(resource)s: choose another, or ask the "
            "leader of the group to add the instrument."
        )
        % {"project": project.name, "resource": request.resource.name},
        facts={"project": str(project.public_id), "resource": str(request.resource.public_id)},
        field="project",
    )
