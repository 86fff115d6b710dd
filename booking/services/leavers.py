"""Somebody leaves: their bookings to come go to another person, and the account is closed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.locks import lock_users
from accounts.models import User
from accounts.permissions import can_deactivate_user
from accounts.services._closing import write_active
from booking.enums import OPEN, SessionEnd, Status
from booking.errors import ActionRefused, NotAllowed, Refusal
from booking.locks import lock_booking
from booking.models import Booking
from booking.services._changes import change_status, post_booking_event, record_booking
from booking.services._claims import release_claims
from booking.services._handing import Handing, ask_receiver, hand_over
from booking.services._sessions import SessionEnding, end_session
from booking.services._shown import require_shown
from labitory.lib.db import run_transaction

MOST_MOVED = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What becomes of one booking, and why it could not be moved."""

    booking: Booking
    is_moved: bool = False
    is_finished: bool = False
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What became of a leaver's bookings, or would; `is_written` says which."""

    moved: tuple[Fate, ...]
    left: tuple[Fate, ...]
    # What was in use, and is finished.
    finished: tuple[Fate, ...]
    is_cancelled: bool
    is_written: bool


class _Undone(Exception):
    """Ends the transaction of a dry run."""

    def __init__(self, fates: list[Fate]) -> None:
        super().__init__()
        self.fates = fates


def deactivate_leaver(
    *,
    actor: User,
    user: User,
    receiver: User | None,
    now: datetime,
    cancel_rest: bool = False,
    reason: str = "",
    dry_run: bool = False,
    shown: Collection[UUID] | None = None,
) -> Leaving:
    """Close an account and give its bookings to come to somebody else, all in one step.

    Every rule is asked for the receiver; what is in use is finished. What they may not have stays
    as it is, or is cancelled with `cancel_rest`: only what was `shown`, or without that whatever
    it is. A dry run does everything and undoes it. Raises `NotAllowed`, `ActionRefused`, and
    `BookingRefused` when something would be cancelled that was not shown.
    """
    _require_sound(actor, user, receiver)

    def work() -> list[Fate]:
        locked = {each.pk: each for each in lock_users([user.pk, *_keys(receiver)])}
        to_come = Booking.objects.filter(user=user, status__in=OPEN, start_time__gt=now)
        ids = to_come.order_by("start_time", "pk").values_list("public_id", flat=True)
        fates = [
            _hand_on(lock_booking(public_id), actor, receiver, now)
            for public_id in ids[:MOST_MOVED]
        ]
        _tell_moved(fates, actor, now)
        if cancel_rest:
            rest = [each.booking for each in fates if not each.is_moved]
            require_shown(rest, None if dry_run else shown)
            _cancel_rest(fates, actor, now, reason)
        fates += _finish_running(user, now)
        write_active(locked[user.pk], active=False, actor=actor, now=now, reason=reason)
        if dry_run:
            raise _Undone(fates)
        return fates

    try:
        fates, is_written = run_transaction(work), True
    except _Undone as undone:
        fates, is_written = undone.fates, False
    return Leaving(
        moved=tuple(each for each in fates if each.is_moved),
        left=tuple(each for each in fates if not each.is_moved and not each.is_finished),
        finished=tuple(each for each in fates if each.is_finished),
        is_cancelled=cancel_rest,
        is_written=is_written,
    )


def _finish_running(user: User, now: datetime) -> list[Fate]:
    """Whoever is gone uses nothing: their sessions end, and the rest of the time is free."""
    running = Booking.objects.filter(user=user, status=Status.CHECKED_IN).order_by("pk")
    fates = []
    for public_id in running.values_list("public_id", flat=True):
        booking = lock_booking(public_id)
        if booking.status == Status.CHECKED_IN:
            ending = SessionEnding(at=now, how=SessionEnd.AUTOMATIC)
            end_session(booking, ending, actor=None, now=now)
            fates.append(Fate(booking=booking, is_finished=True))
    return fates


def _require_sound(actor: User, user: User, receiver: User | None) -> None:
    if not can_deactivate_user(actor, user):
        raise NotAllowed(
            code="permission.leaver",
            text=_("Only those who manage accounts let people go, and never themselves."),
            needs="user.manage",
        )
    if receiver is not None and (receiver.pk == user.pk or not receiver.is_active):
        raise ActionRefused(
            code="leaver.receiver",
            text=_("Choose somebody else with an open account."),
            field="receiver",
            status=422,
        )


def _keys(user: User | None) -> list[int]:
    return [] if user is None else [user.pk]


def _hand_on(booking: Booking, actor: User, receiver: User | None, now: datetime) -> Fate:
    if receiver is None:
        return Fate(booking=booking)
    handing = Handing(booking=booking, receiver=receiver, actor=actor, now=now)
    refusals = ask_receiver(handing)
    if not refusals:
        hand_over(handing)
    return Fate(booking=booking, is_moved=not refusals, refusals=refusals)


def _tell_moved(fates: list[Fate], actor: User, now: datetime) -> None:
    if moved := [each.booking for each in fates if each.is_moved]:
        post_booking_event("booking.transferred", moved, actor=actor, now=now)


def _cancel_rest(fates: list[Fate], actor: User, now: datetime, reason: str) -> None:
    rest = [each.booking for each in fates if not each.is_moved]
    for booking in rest:
        before = booking.status
        change_status(booking, Status.CANCELLED, actor=actor, now=now, reason=reason)
        booking.save(update_fields=["status", "sequence", "updated_at"])
        release_claims(booking)
        record_booking(
            booking,
            "booking.cancelled",
            actor=actor,
            now=now,
            reason=reason,
            changes={"status": (before, booking.status)},
        )
    if rest:
        post_booking_event("booking.cancelled", rest, actor=actor, now=now, reason=reason)
