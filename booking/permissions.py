"""Who may do what: one function a question, `can_<verb>_<noun>(user, ...)`."""

from accounts.models import User
from booking.models.bookings import Booking
from booking.models.resources import Resource


def is_responsible_for(user: User, resource: Resource) -> bool:
    """Whether the person is named as responsible for the resource."""
    return any(person.user_id == user.pk for person in resource.responsible.all())


def can_book_for(actor: User, user: User) -> bool:
    """Everybody books for themselves; lab managers book for anybody."""
    return actor.is_active and user.is_active and (actor.pk == user.pk or actor.is_lab_manager)


def can_manage_resources(user: User) -> bool:
    """Lab managers write resources, hours, closures, maintenance, access and policies."""
    return user.is_lab_manager


def can_override_rules(user: User) -> bool:
    """Lab managers may override what a rule allows them to, with a reason."""
    return user.is_lab_manager


def can_change_booking(user: User, booking: Booking) -> bool:
    """The person it is for, who made it, and lab managers may move or cancel a booking."""
    return user.is_active and (
        user.pk in (booking.user_id, booking.created_by_id) or user.is_lab_manager
    )


def can_approve_booking(user: User, booking: Booking) -> bool:
    """Lab managers and the resource's responsible persons decide; never on their own booking."""
    return user.pk not in (booking.user_id, booking.created_by_id) and (
        user.is_lab_manager or is_responsible_for(user, booking.resource)
    )
