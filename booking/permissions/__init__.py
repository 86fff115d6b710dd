"""Who may do what: the permissions of this app, and one function a question.

Each `can_<verb>_<noun>(user, ...)` asks `may` about the place that the act is about: somebody who
was made lab manager of one type or one resource looks after exactly these.
"""

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from accounts.models import User
from accounts.permissions import (
    BuiltinRole,
    Permission,
    Where,
    declare,
    declare_admin,
    declare_role,
    may,
    places,
)
from booking.enums import Status
from booking.models.bookings import Booking
from booking.models.faults import Fault
from booking.models.policies import BookingPolicy
from booking.models.resources import Resource
from booking.models.training import Course, TrainingSession
from booking.permissions.administration import LISTS

_WORDS: Final = {
    "booking.book_for_others": _("book for somebody else"),
    "booking.override": _("override rules, with a reason"),
    "booking.view_all": _("see the bookings of others in full"),
    "booking.change_any": _("move, edit and cancel the bookings of others"),
    "booking.approve": _("approve and reject bookings"),
    "booking.mark_no_show": _("note that nobody came"),
    "resource.manage": _("add, change, close and open instruments, types and pools"),
    "resource.grant_access": _("let people in to restricted instruments"),
    "policy.manage": _("set the limits of booking"),
    "price.manage": _("set what use costs"),
    "calendar.manage": _("set opening hours and closures"),
    "maintenance.manage": _("plan maintenance"),
    "training.manage": _("offer courses, give them and record who passed"),
    "assessment.review": _("review risk assessments"),
    "fault.manage": _("look after faults"),
    "demand.view": _("see the wishes that could not be served"),
    "broadcast.send": _("make announcements and raise an alarm"),
}
declare(
    *(
        Permission(code=code, words=words, least=Role.LAB_MANAGER, scoped=True)
        for code, words in _WORDS.items()
    ),
    Permission(code="message.view", words=_("see what was sent to whom"), least=Role.LAB_MANAGER),
    Permission(
        code="message.manage",
        words=_("choose what people hear of who did not choose, and write its words"),
        least=Role.SYSADMIN,
    ),
    Permission(
        code="endpoint.manage",
        words=_("connect chat rooms and other systems"),
        least=Role.SYSADMIN,
    ),
    Permission(code="message.resend", words=_("send again what failed"), least=Role.SYSADMIN),
    Permission(
        code="system.watch", words=_("see whether workers and schedules run"), least=Role.SYSADMIN
    ),
)
declare_role(
    BuiltinRole(
        code="lab-manager",
        name=_("Lab manager"),
        description=_("Looks after instruments, their bookings and people, where granted."),
        permissions=frozenset({*_WORDS, "message.view", "role.grant", "group.manage"}),
    ),
    BuiltinRole(
        code="approver",
        name=_("Approver"),
        description=_("Sees all bookings and decides on those that wait."),
        permissions=frozenset({"booking.view_all", "booking.approve"}),
    ),
    BuiltinRole(
        code="trainer",
        name=_("Trainer"),
        description=_("Lets people in to restricted instruments and books for them."),
        permissions=frozenset(
            {"resource.grant_access", "booking.book_for_others", "training.manage"}
        ),
    ),
    BuiltinRole(
        code="service-engineer",
        name=_("Service engineer"),
        description=_("Plans maintenance and closures."),
        permissions=frozenset(
            {"maintenance.manage", "calendar.manage", "fault.manage", "booking.view_all"}
        ),
    ),
)
declare_admin(LISTS)
# Whoever has one of these somewhere has something to look after.
LAB_PAGES: Final = (
    "resource.manage",
    "policy.manage",
    "price.manage",
    "calendar.manage",
    "maintenance.manage",
    "training.manage",
    "assessment.review",
    "fault.manage",
    "demand.view",
    "message.view",
    "broadcast.send",
)


def where_of(resource: Resource) -> Where:
    """The place of a resource: itself, its type, its unit."""
    return Where(
        resource_id=resource.pk, type_id=resource.resource_type_id, unit_id=resource.unit_id
    )


def may_somewhere(user: User, code: str) -> bool:
    """Whether the person may do it in any place at all: what its pages ask first."""
    return bool(places(user, code))


def is_responsible_for(user: User, resource: Resource) -> bool:
    """Whether the person is named as responsible for the resource."""
    return any(person.user_id == user.pk for person in resource.responsible.all())


def can_view_lab(user: User) -> bool:
    """Whoever looks after anything in the lab sees its first page."""
    return any(may_somewhere(user, code) for code in LAB_PAGES)


def can_book_for(actor: User, user: User, resource: Resource) -> bool:
    """Everybody books for themselves; for others who may do so on the resource."""
    if not (actor.is_active and user.is_active):
        return False
    return actor.pk == user.pk or may(actor, "booking.book_for_others", where_of(resource))


def can_override_rules(user: User, resource: Resource) -> bool:
    """Who may override what a rule allows to be overridden on the resource, with a reason."""
    return may(user, "booking.override", where_of(resource))


def can_view_all_bookings(user: User, resource: Resource) -> bool:
    """Who sees every booking of the resource in full: by permission, not as responsible."""
    return may(user, "booking.view_all", where_of(resource))


def can_see_sessions(user: User, resource: Resource) -> bool:
    """Who sees how a resource was used: who sees all its bookings, and who is responsible."""
    return can_view_all_bookings(user, resource) or is_responsible_for(user, resource)


def can_change_booking(user: User, booking: Booking) -> bool:
    """The person it is for, who made it, and who may change any on the resource."""
    return user.is_active and (
        user.pk in (booking.user_id, booking.created_by_id)
        or may(user, "booking.change_any", where_of(booking.resource))
    )


def can_move_booking(user: User, booking: Booking, resource: Resource) -> bool:
    """Its people take a booking anywhere, others only to where they may change any."""
    return user.pk in (booking.user_id, booking.created_by_id) or may(
        user, "booking.change_any", where_of(resource)
    )


def can_mark_no_show(user: User, booking: Booking) -> bool:
    """Who may note on the resource that nobody came."""
    return may(user, "booking.mark_no_show", where_of(booking.resource))


def can_approve_on(user: User, resource: Resource) -> bool:
    """Whose own bookings of the resource need nobody's approval: those who may approve there."""
    return may(user, "booking.approve", where_of(resource))


def can_set_supervisor(actor: User, user: User) -> bool:
    """Who makes accounts says who supervises somebody, never their own."""
    return may(actor, "user.create") and actor.pk != user.pk


def can_book_unasked(user: User, resource: Resource, existing: Booking | None) -> bool:
    """Who may approve there need not ask; but moving what waits for others approves nothing."""
    waits = existing is not None and existing.status == Status.PENDING
    return not waits and can_approve_on(user, resource)


def can_decide_booking(user: User, booking: Booking, *, is_asked: bool, in_steps: bool) -> bool:
    """Who is asked, and who may approve on the resource; never on their own booking.

    Where nobody in particular was asked, in no steps, it is who is responsible for the resource.
    """
    if not user.is_active or user.pk in (booking.user_id, booking.created_by_id):
        return False
    by_name = is_asked or (not in_steps and is_responsible_for(user, booking.resource))
    return by_name or can_approve_on(user, booking.resource)


def can_manage_resource(user: User, resource: Resource) -> bool:
    """Who writes what stands about the resource, closes and opens it."""
    return may(user, "resource.manage", where_of(resource))


def can_create_resource(user: User, type_id: int) -> bool:
    """Who looks after the type, or everything, adds instruments to it."""
    return may(user, "resource.manage", Where(type_id=type_id))


def can_add_resources(user: User) -> bool:
    """Whether there is any type to which the person may add instruments."""
    held = places(user, "resource.manage")
    return held.everywhere or bool(held.type_ids)


def can_manage_type(user: User, type_id: int | None) -> bool:
    """Who looks after the type renames it; new ones are for who looks after everything."""
    return may(user, "resource.manage", Where(type_id=type_id))


def can_manage_pool(user: User, members: Iterable[Resource]) -> bool:
    """Who looks after all instruments of the pool; an empty one is anybody's who has any."""
    return may_somewhere(user, "resource.manage") and all(
        can_manage_resource(user, each) for each in members
    )


def can_grant_access(user: User, resource: Resource) -> bool:
    """Who lets people in to the resource."""
    return may(user, "resource.grant_access", where_of(resource))


def can_review_assessments(user: User, resource: Resource) -> bool:
    """Who reviews risk assessments of work on the resource."""
    return may(user, "assessment.review", where_of(resource))


def can_manage_calendar(user: User, resource: Resource | None) -> bool:
    """Who sets hours and closures of the resource; without one those of the whole lab."""
    return may(user, "calendar.manage", where_of(resource) if resource else None)


def can_manage_maintenance(user: User, resource: Resource) -> bool:
    """Who plans work on the resource."""
    return may(user, "maintenance.manage", where_of(resource))


def can_manage_fault(user: User, resource: Resource) -> bool:
    """Who looks after faults of the resource."""
    return may(user, "fault.manage", where_of(resource))


def can_mend_fault(user: User, fault: Fault) -> bool:
    """Who looks after faults there, and who was given this one."""
    return user.is_active and (
        user.pk == fault.assignee_id or can_manage_fault(user, fault.resource)
    )


def can_set_limit(user: User, resource: Resource | None, type_id: int | None) -> bool:
    """Who sets limits on the resource, on the type, or without both for the whole lab."""
    where = where_of(resource) if resource else Where(type_id=type_id)
    return may(user, "policy.manage", where)


def can_manage_policy(user: User, policy: BookingPolicy) -> bool:
    """Who may set a limit where this one stands."""
    return can_set_limit(user, policy.resource, policy.resource_type_id)


def can_require_course(user: User, resources: Iterable[Resource], type_ids: Iterable[int]) -> bool:
    """Who looks after training where the course is asked for; of one for nothing, everywhere."""
    wheres = [*(where_of(each) for each in resources), *(Where(type_id=key) for key in type_ids)]
    if not wheres:
        return may(user, "training.manage")
    return all(may(user, "training.manage", where) for where in wheres)


def can_manage_course(user: User, course: Course) -> bool:
    """Who looks after training in all places that ask for the course."""
    held = places(user, "training.manage")
    if held.everywhere or not held:
        return held.everywhere
    needs = list(course.required_by.all())
    return can_require_course(
        user,
        [need.resource for need in needs if need.resource is not None],
        [need.resource_type_id for need in needs if need.resource_type_id is not None],
    )


def can_give_course(user: User, course: Course) -> bool:
    """Its instructors, and who looks after it."""
    if not user.is_active:
        return False
    teaches = any(each.pk == user.pk for each in course.instructors.all())
    return teaches or can_manage_course(user, course)


def can_run_session(user: User, session: TrainingSession) -> bool:
    """Who gives the session, and who looks after its course."""
    return user.is_active and (
        session.instructor_id == user.pk or can_manage_course(user, session.course)
    )


def can_manage_quota(
    user: User,
    *,
    resource: Resource | None = None,
    type_id: int | None = None,
    members: Iterable[Resource] = (),
) -> bool:
    """Who sets limits on all that a quota counts: a resource, a type, a pool, or everything."""
    pool = list(members)
    if pool:
        return all(can_set_limit(user, each, None) for each in pool)
    return can_set_limit(user, resource, type_id)


def can_set_price(user: User, resource: Resource | None, type_id: int | None) -> bool:
    """Who sets prices of the resource, or of the type."""
    where = where_of(resource) if resource else Where(type_id=type_id)
    return may(user, "price.manage", where)
