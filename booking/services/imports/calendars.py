"""Entries of calendar files as bookings or closures of one resource, by the rules as ever."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from booking.enums import ClaimKind, Status
from booking.errors import BookingError, Refusal
from booking.locks import lock_booking
from booking.models import Booking, Closure, ImportedEvent, Resource
from booking.notifications.ics import uid_of
from booking.services._blocks import claim_whole, require_free
from booking.services._booking import BookingDetails, RequestKey, Wish
from booking.services._changes import change_status, post_booking_event, record_booking
from booking.services._claims import release_claims
from booking.services._freed import post_freed
from booking.services._making import make_bookings
from booking.services._moving import move_booking, require_may_change
from booking.services.imports.calendar_files import CalendarFile, Entry
from booking.services.imports.plan import Line, RowOutcome
from labitory.lib.formats import say_period
from labitory.lib.periods import Period

Done = tuple[RowOutcome, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarWish:
    """What becomes of the entries: bookings of a person, or without one closures.

    `override` is the reason for lifting the rules that may be lifted. With `takes_part` what can
    be is made and the rest left out; without it, it is all or nothing.
    """

    actor: User
    resource: Resource
    user: User | None
    override: str = ""
    takes_part: bool = False


@dataclass(slots=True, kw_only=True)
class _Book:
    """One import under way: what is known already, and what is to be told at its end."""

    wish: CalendarWish
    now: datetime
    known: dict[tuple[str, datetime], ImportedEvent]
    # What was made here and went out with a feed or mail: it comes back under its own name.
    ours: set[str]
    lines: list[Line] = field(default_factory=list)
    told: list[Booking] = field(default_factory=list)
    asked: list[Booking] = field(default_factory=list)
    freed: list[tuple[UUID, Period]] = field(default_factory=list)


def write_entries(file: CalendarFile, wish: CalendarWish, now: datetime) -> list[Line]:
    """Make, move or cancel what each entry says, each by itself; tell people once, at the end.

    What cannot be is left out and named with its reason; the caller undoes all where it must not
    be a part. Entries that are known from an earlier file are followed, not made again.
    """
    book = _open(file, wish, now)
    write: Callable[[_Book, Entry], Done] = (
        _write_booking if wish.user is not None else _write_closure
    )
    for entry in file.entries:
        try:
            # By itself: a refused one leaves nothing behind, and stops no other.
            with transaction.atomic():
                outcome, detail = write(book, entry)
        except BookingError as error:
            book.lines.append(_refused(entry, error))
        else:
            _note(book, entry, outcome, detail)
    for name, why in file.unread:
        book.lines.append(Line(kind="unread", name=name, outcome=RowOutcome.BAD, detail=why))
    for name in file.past:
        why = _("It is over, or more than a year ahead.")
        book.lines.append(Line(kind="entry", name=name, outcome=RowOutcome.SKIPPED, detail=why))
    _tell(book)
    return book.lines


def _open(file: CalendarFile, wish: CalendarWish, now: datetime) -> _Book:
    uids = {entry.uid for entry in file.entries}
    rows = ImportedEvent.objects.filter(resource=wish.resource, uid__in=uids)
    known = {(row.uid, row.occurrence): row for row in rows.select_related("booking", "closure")}
    keys = [key for uid in uids if (key := _own_key(uid))]
    ours = Booking.objects.filter(public_id__in=keys).values_list("public_id", flat=True)
    return _Book(wish=wish, now=now, known=known, ours={uid_of(key) for key in ours})


def _own_key(uid: str) -> UUID | None:
    try:
        return UUID(uid.partition("@")[0])
    except ValueError:
        return None


def _found(book: _Book, entry: Entry) -> ImportedEvent | None:
    """What this entry became before; one that stands alone is known wherever it went."""
    row = book.known.get((entry.uid, entry.occurrence))
    if row is not None or entry.in_series:
        return row
    alone = [row for (uid, _start), row in book.known.items() if uid == entry.uid]
    return alone[0] if len(alone) == 1 else None


def _write_booking(book: _Book, entry: Entry) -> Done:
    if entry.uid in book.ours:
        return RowOutcome.UNCHANGED, _("It is a booking of this lab.")
    row = _found(book, entry)
    if row is not None and row.booking is not None:
        return _follow(book, entry, row, lock_booking(row.booking.public_id))
    if row is not None:
        return RowOutcome.UNCHANGED, _("It stands as a closure.")
    if entry.is_cancelled:
        return RowOutcome.SKIPPED, _("It is cancelled in the file.")
    [booking] = make_bookings(_wish(book, entry), RequestKey(key=_key(entry), digest=_says(entry)))
    _keep(book, entry, ImportedEvent(booking=booking))
    _note_told(book, booking)
    waits = _("It waits for approval.") if booking.status == Status.PENDING else ""
    return RowOutcome.NEW, waits


def _follow(book: _Book, entry: Entry, row: ImportedEvent, booking: Booking) -> Done:
    """Follow what changed in the file since; what happened to the booking here stands."""
    if booking.request_hash == _says(entry):
        return RowOutcome.UNCHANGED, ""
    if not booking.is_open:
        status = booking.get_status_display()
        return RowOutcome.UNCHANGED, _("It is %(status)s here and stays so.") % {"status": status}
    before = booking.period
    if entry.is_cancelled:
        _cancel(book, booking)
        detail = _("It is cancelled in the file, and here.")
    else:
        wish = _wish(book, entry, booking)
        # The very same time under another title is no move, but takes the same way.
        move_booking(wish, booking.public_id)
        booking.refresh_from_db()
        detail = _("It was %(when)s.") % {"when": say_period(before.start, before.end)}
    Booking.objects.filter(pk=booking.pk).update(request_hash=_says(entry))
    _keep(book, entry, row)
    if before != booking.period or entry.is_cancelled:
        book.freed.append((book.wish.resource.public_id, before))
    _note_told(book, booking)
    return RowOutcome.CHANGED, detail


def _cancel(book: _Book, booking: Booking) -> None:
    require_may_change(book.wish.actor, booking)
    before, reason = booking.status, _("Cancelled in the calendar file")
    change_status(booking, Status.CANCELLED, actor=book.wish.actor, now=book.now, reason=reason)
    booking.save(update_fields=["status", "sequence", "updated_at"])
    release_claims(booking)
    record_booking(
        booking,
        "booking.cancelled",
        actor=book.wish.actor,
        now=book.now,
        reason=reason,
        changes={"status": (before, booking.status)},
    )


def _wish(book: _Book, entry: Entry, booking: Booking | None = None) -> Wish:
    wish = book.wish
    user = booking.user if booking else wish.user
    assert user is not None  # noqa: S101 - closures take another way
    plain = BookingDetails(purpose=entry.summary, notes=entry.notes)
    if booking is not None:
        plain = BookingDetails(
            purpose=entry.summary,
            notes=entry.notes,
            seats=booking.seats,
            project_id=booking.charged_to,
        )
    return Wish(
        actor=wish.actor,
        user=user,
        resource_ids=(wish.resource.public_id,),
        period=entry.period,
        now=book.now,
        details=plain,
        override=wish.override,
        action="reschedule" if booking else "create",
        is_told=False,
    )


def _write_closure(book: _Book, entry: Entry) -> Done:
    row = _found(book, entry)
    closure = row.closure if row else None
    if row is not None and closure is None:
        return RowOutcome.UNCHANGED, _("It stands as a booking.")
    if closure is None and entry.is_cancelled:
        return RowOutcome.SKIPPED, _("It is cancelled in the file.")
    if row is None or closure is None:
        _keep(book, entry, ImportedEvent(closure=_new_closure(book, entry)))
        return RowOutcome.NEW, ""
    before = Period(closure.start_time, closure.end_time)
    if before == entry.period and not entry.is_cancelled:
        return RowOutcome.UNCHANGED, ""
    _record_closure(book, closure, "resource.closure_removed")
    # With it goes the row that knew it.
    closure.delete()
    book.freed.append((book.wish.resource.public_id, before))
    if entry.is_cancelled:
        return RowOutcome.CHANGED, _("It is cancelled in the file, and here.")
    _keep(book, entry, ImportedEvent(closure=_new_closure(book, entry)))
    return RowOutcome.CHANGED, _("It was %(when)s.") % {
        "when": say_period(before.start, before.end)
    }


def _new_closure(book: _Book, entry: Entry) -> Closure:
    resource = book.wish.resource
    require_free([resource], entry.period, now=book.now)
    closure = Closure.objects.create(
        resource=resource,
        start_time=entry.period.start,
        end_time=entry.period.end,
        reason=entry.summary or _("Closed"),
        created_by=book.wish.actor,
        created_at=book.now,
    )
    claim_whole([resource], entry.period, ClaimKind.CLOSURE, closure=closure, now=book.now)
    _record_closure(book, closure, "resource.closure_added")
    return closure


def _record_closure(book: _Book, closure: Closure, action: str) -> None:
    record(
        action=action,
        actor=book.wish.actor,
        target=closure,
        now=book.now,
        reason=closure.reason,
        facts={
            "resource": book.wish.resource.name,
            "start_time": closure.start_time,
            "end_time": closure.end_time,
        },
    )


def _keep(book: _Book, entry: Entry, row: ImportedEvent) -> None:
    """Know the entry from now on, by its name and where it begins in the file."""
    book.known = {key: each for key, each in book.known.items() if each.pk != row.pk}
    row.uid, row.occurrence, row.resource = entry.uid, entry.occurrence, book.wish.resource
    row.imported_at = book.now
    row.save()
    book.known[entry.uid, entry.occurrence] = row


def _note_told(book: _Book, booking: Booking) -> None:
    book.told.append(booking)
    if booking.status == Status.PENDING:
        book.asked.append(booking)


def _tell(book: _Book) -> None:
    """One message a person for the whole file; who decides hears of what waits."""
    for user_id in sorted({booking.user_id for booking in book.told}):
        own = [booking for booking in book.told if booking.user_id == user_id]
        post_booking_event("booking.imported", own, actor=book.wish.actor, now=book.now)
    if book.asked:
        post_booking_event("booking.requested", book.asked, actor=book.wish.actor, now=book.now)
    if book.freed:
        post_freed(book.freed, now=book.now)


def _refused(entry: Entry, error: BookingError) -> Line:
    clash = any(no.code.startswith(("conflict.", "block.")) for no in error.refusals)
    return Line(
        kind="clash" if clash else "rule",
        name=_say(entry),
        outcome=RowOutcome.BAD,
        detail=" ".join(_words(error.refusals)),
    )


def _words(refusals: Sequence[Refusal]) -> list[str]:
    return list(dict.fromkeys(no.text for no in refusals))


def _note(book: _Book, entry: Entry, outcome: RowOutcome, detail: str) -> None:
    book.lines.append(Line(kind="entry", name=_say(entry), outcome=outcome, detail=detail))


def _say(entry: Entry) -> str:
    when = say_period(entry.period.start, entry.period.end)
    return f"{when}: {entry.summary}" if entry.summary else when


def _key(entry: Entry) -> str:
    """The entry's name among the requests of its importer."""
    told = f"{entry.uid}\n{entry.occurrence.isoformat()}"
    return f"ics:{hashlib.sha256(told.encode()).hexdigest()}"


def _says(entry: Entry) -> str:
    """What the entry said, to tell whether its file changed it since."""
    told = (entry.period.start.isoformat(), entry.period.end.isoformat(), entry.summary,
            entry.notes, str(entry.is_cancelled))  # fmt: skip
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
