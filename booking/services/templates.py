"""Keeping a booking as a template, renaming and deleting it."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from booking.errors import ActionRefused
from booking.locks import lock_user
from booking.models import Booking, BookingTemplate
from booking.queries.bookings import my_bookings
from labitory.lib.db import constraint_of, run_transaction

MOST_TEMPLATES = 50
LONGEST_NAME = 80


def save_template(*, actor: User, booking_id: UUID, name: str, now: datetime) -> BookingTemplate:
    """Keep what one of the person's own bookings says, without its time, under a name.

    What was booked together with it belongs to the template. Raises `Booking.DoesNotExist` and
    `ActionRefused` (no name, a name used already, too many).
    """

    def work() -> BookingTemplate:
        lock_user(actor.pk)
        booking = my_bookings(actor).get(public_id=booking_id)
        if BookingTemplate.objects.filter(user=actor).count() >= MOST_TEMPLATES:
            raise ActionRefused(
                code="template.most",
                text=_("You have %(n)s templates: delete one first.") % {"n": MOST_TEMPLATES},
                field="name",
                status=422,
            )
        template = BookingTemplate.objects.create(
            user=actor,
            name=_sound(name),
            minutes=max(int(booking.period.length.total_seconds() // 60), 1),
            seats=booking.seats,
            purpose=booking.purpose,
            notes=booking.notes,
            project=booking.project,
            created_at=now,
        )
        template.resources.set(_together(booking))
        record(action="template.saved", actor=actor, target=template, now=now)
        return template

    return _unless_named_twice(work)


def rename_template(*, actor: User, template_id: UUID, name: str, now: datetime) -> BookingTemplate:
    """Give one of the person's templates another name.

    Raises `BookingTemplate.DoesNotExist` and `ActionRefused`.
    """

    def work() -> BookingTemplate:
        template = BookingTemplate.objects.get(user=actor, public_id=template_id)
        before, template.name = template.name, _sound(name)
        template.save(update_fields=["name"])
        changes = {"name": (before, template.name)}
        record(action="template.renamed", actor=actor, target=template, now=now, changes=changes)
        return template

    return _unless_named_twice(work)


def delete_template(*, actor: User, template_id: UUID, now: datetime) -> None:
    """Forget one of the person's templates; what was booked from it stays.

    Raises `BookingTemplate.DoesNotExist`.
    """

    def work() -> None:
        template = BookingTemplate.objects.get(user=actor, public_id=template_id)
        record(action="template.deleted", actor=actor, target=template, now=now)
        template.delete()

    run_transaction(work)


def _together(booking: Booking) -> list[int]:
    if booking.group_id is None:
        return [booking.resource_id]
    group = Booking.objects.filter(group_id=booking.group_id, user=booking.user_id)
    return list(group.values_list("resource", flat=True))


def _sound(name: str) -> str:
    name = " ".join(name.replace("\x00", "").split())[:LONGEST_NAME]
    if not name:
        raise ActionRefused(
            code="template.nameless", text=_("Give it a name."), field="name", status=422
        )
    return name


def _unless_named_twice(work: Callable[[], BookingTemplate]) -> BookingTemplate:
    try:
        return run_transaction(work)
    except IntegrityError as error:
        if constraint_of(error) != "bookingtemplate_name":
            raise
        raise ActionRefused(
            code="template.name",
            text=_("You have a template of that name already: choose another."),
            field="name",
        ) from error
