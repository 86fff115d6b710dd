"""Writing bookings: history and future, past every rule but the calendar's own."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import LIVE, OPEN, TRANSITIONS, Status
from booking.locks import lock_booking
from booking.models import Booking, BookingStatus, Resource
from booking.services._approvals import ask_steps
from booking.services._changes import change_status, record_booking
from booking.services._claims import NoRoom, claim_bookings, release_claims
from booking.services.imports.plan import BadRow, RowOutcome, WantedBooking
from booking.services.imports.writing import Done, Lab, say_changes, set_values
from booking.services.tidying import KEPT_CLAIMS
from labitory.lib.db import LostRace
from labitory.lib.periods import Period

LONGEST = timedelta(days=366)


class BookingWriter:
    """Writes bookings by their key in the source, which is kept with them."""

    def __init__(self, rows: Iterable[WantedBooking]) -> None:
        """`rows` are all that will be written: those that stand already are read at once."""
        keys = [row.key for row in rows]
        self.known = {
            booking.request_key: booking
            for booking in Booking.objects.filter(request_key__in=keys).select_related(
                "resource", "user"
            )
        }

    def write(self, lab: Lab, wanted: WantedBooking) -> Done:
        """Make the booking, or follow what its source changed. Nobody is sent a message.

        What happened to it here since the last import stands, unless the source changed too.
        """
        user, resource = lab.user(wanted.username), lab.resource(wanted.resource_name)
        _require_sane(wanted, resource)
        known = self.known.get(wanted.key)
        if known is None:
            creator = lab.users.get(wanted.creator.lower(), user)
            return self._make(lab, wanted, resource, user, creator)
        if known.request_hash == wanted.digest:
            return RowOutcome.UNCHANGED, ""
        return _follow(lab, lock_booking(known.public_id), wanted, resource, user)

    def _make(
        self, lab: Lab, wanted: WantedBooking, resource: Resource, user: User, creator: User
    ) -> Done:
        if _stands(wanted, resource, user):
            return RowOutcome.UNCHANGED, _("The same booking is here already.")
        created_at = min(wanted.created_at or lab.now, lab.now)
        booking = Booking(
            resource=resource,
            user=user,
            created_by=creator,
            start_time=wanted.period.start,
            end_time=wanted.period.end,
            status=wanted.status,
            seats=wanted.seats,
            setup_minutes=resource.setup_minutes,
            cleanup_minutes=resource.cleanup_minutes,
            purpose=wanted.purpose,
            notes=wanted.notes,
            request_key=wanted.key,
            request_hash=wanted.digest,
            created_at=created_at,
            updated_at=lab.now,
        )
        booking.clean_fields(exclude=["resource", "user", "created_by"])
        booking.save(force_insert=True)
        _claim(lab, booking)
        BookingStatus.objects.bulk_create(_steps(booking, wanted, creator, lab))
        if booking.status == Status.PENDING:
            ask_steps(booking, now=lab.now)
        record_booking(booking, "booking.created", actor=None, now=lab.now)
        self.known[wanted.key] = booking
        return RowOutcome.NEW, wanted.status.label.lower()


def _require_sane(wanted: WantedBooking, resource: Resource) -> None:
    if wanted.period.end <= wanted.period.start:
        raise BadRow(_("It ends before it starts."))
    if wanted.period.length > LONGEST:
        raise BadRow(_("It is longer than %(days)s days.") % {"days": LONGEST.days})
    if not 1 <= wanted.seats <= resource.capacity:
        raise BadRow(
            _("%(name)s has %(n)s seats.") % {"name": resource.name, "n": resource.capacity}
        )


def _stands(wanted: WantedBooking, resource: Resource, user: User) -> bool:
    """Whether the person has this very booking from elsewhere."""
    return (
        wanted.status in LIVE
        and Booking.objects.filter(
            resource=resource,
            user=user,
            start_time=wanted.period.start,
            end_time=wanted.period.end,
            status__in=LIVE,
        )
        .exclude(request_key=wanted.key)
        .exists()
    )


def _claim(lab: Lab, booking: Booking) -> None:
    """Claim the time of a live booking; what is long past is compared with the bookings kept."""
    if booking.status not in LIVE:
        return
    if booking.end_time + timedelta(minutes=booking.cleanup_minutes) < lab.now - KEPT_CLAIMS:
        others = Booking.objects.filter(
            resource=booking.resource,
            status__in=LIVE,
            start_time__lt=booking.end_time,
            start_time__gt=booking.start_time - LONGEST,
            end_time__gt=booking.start_time,
        ).exclude(pk=booking.pk)
        if _most_seats(others, booking.period) + booking.seats > booking.resource.capacity:
            raise BadRow(_taken(booking, others.select_related("user").first()))
        return
    try:
        # In a savepoint: a part of the claims may be written before the rest finds no room.
        with transaction.atomic():
            claim_bookings([booking])
    except (NoRoom, LostRace):
        during = {"start_time__lt": booking.end_time, "end_time__gt": booking.start_time}
        rivals = Booking.objects.filter(resource=booking.resource, status__in=LIVE, **during)
        rival = rivals.exclude(pk=booking.pk).select_related("user").first()
        raise BadRow(_taken(booking, rival)) from None


def _most_seats(bookings: Iterable[Booking], period: Period) -> int:
    """The seats that are in use at the busiest moment of the period."""
    found = list(bookings)
    moments = [period.start, *(each.start_time for each in found if each.start_time > period.start)]
    return max(
        sum(each.seats for each in found if each.start_time <= moment < each.end_time)
        for moment in moments
    )


def _taken(booking: Booking, rival: Booking | None) -> str:
    if rival is None:
        return _("%(resource)s is not free: a closure, maintenance, hold or linked resource.") % {
            "resource": booking.resource.name
        }
    zone = booking.resource.zone
    return _("It overlaps the booking of %(user)s, %(start)s to %(end)s.") % {
        "user": rival.user.full_name,
        "start": f"{rival.start_time.astimezone(zone):%Y-%m-%d %H:%M}",
        "end": f"{rival.end_time.astimezone(zone):%Y-%m-%d %H:%M}",
    }


def _steps(booking: Booking, wanted: WantedBooking, creator: User, lab: Lab) -> list[BookingStatus]:
    """How it came to its status, as far as the source tells."""
    first = Status.PENDING if booking.status == Status.PENDING else Status.CONFIRMED
    made = BookingStatus(booking=booking, to_status=first, actor=creator, at=booking.created_at)
    if booking.status == first:
        return [made]
    ended = wanted.cancelled_at or booking.end_time
    last = BookingStatus(
        booking=booking,
        from_status=first,
        to_status=booking.status,
        actor=None,
        reason=_("Imported"),
        at=max(booking.created_at, min(ended, lab.now)),
    )
    return [made, last]


def _follow(
    lab: Lab, booking: Booking, wanted: WantedBooking, resource: Resource, user: User
) -> Done:
    """Change a booking as its source did, as far as its life here allows."""
    if booking.status not in OPEN:
        label = booking.get_status_display()
        return RowOutcome.SKIPPED, _("It is %(status)s here and stays so.") % {"status": label}
    changes = set_values(
        booking,
        {
            "resource": resource,
            "user": user,
            "start_time": wanted.period.start,
            "end_time": wanted.period.end,
            "seats": wanted.seats,
            "purpose": wanted.purpose,
            "notes": wanted.notes,
        },
    )
    booking.request_hash = wanted.digest
    booking.updated_at = lab.now
    booking.setup_minutes = resource.setup_minutes
    booking.cleanup_minutes = resource.cleanup_minutes
    before = booking.status
    if wanted.status != before and wanted.status in TRANSITIONS[Status(before)]:
        change_status(booking, wanted.status, actor=None, now=lab.now, reason=_("Imported"))
        changes["status"] = (before, booking.status)
    elif changes:
        booking.sequence += 1
    booking.clean_fields(exclude=["resource", "user", "created_by"])
    booking.save()
    release_claims(booking)
    _claim(lab, booking)
    if not changes:
        return RowOutcome.UNCHANGED, ""
    if booking.status == Status.PENDING:
        # What waits at another time than before must be decided on anew.
        ask_steps(booking, now=lab.now)
    record_booking(booking, "booking.edited", actor=None, now=lab.now, changes=changes)
    return RowOutcome.CHANGED, say_changes(changes)
