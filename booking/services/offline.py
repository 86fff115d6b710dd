"""What people did on a device without a network: taken as done then, or refused in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.locks import lock_user
from accounts.models import User
from booking.enums import ActOutcome, Status
from booking.errors import ActionRefused, BookingError
from booking.models import Booking, OfflineAct
from booking.services._check_ins import Leaving, begin_booking, finish_booking, lock_own
from booking.services._words import clock_at
from labitory.lib.db import run_transaction

CHECK_IN, CHECK_OUT = "check_in", "check_out"
# What is older is nobody's fresh memory any more.
LONGEST_KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAct:
    """One tap as a device kept it: `check_in` or `check_out`, with the time of its own clock."""

    key: UUID
    booking_id: UUID
    act: str
    done_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What became of it, in words; `is_new` when it was not told before."""

    key: UUID
    outcome: ActOutcome
    text: str
    done_at: datetime
    is_new: bool = True


def reconcile_acts(
    *, actor: User, acts: Sequence[KeptAct], device_now: datetime, now: datetime
) -> list[Reconciled]:
    """Do what a person did without a network as if the lab had heard of it at that moment.

    The device's clock is corrected by how wrong it is as it tells; what it did must lie within the
    24 hours before. The rules are those of checking in and finishing, asked at that moment, for
    the person's own bookings alone. Each act stands for itself: done, or refused in words, and
    kept with what became of it. Told twice it is one, and has the same answer.
    """
    wrong_by = now - device_now
    ordered = sorted(acts, key=lambda each: each.done_at)
    return [
        run_transaction(partial(_reconcile, actor, each, each.done_at + wrong_by, now))
        for each in ordered
    ]


def _reconcile(actor: User, act: KeptAct, at: datetime, now: datetime) -> Reconciled:
    # Two tabs that tell the same: one after the other.
    lock_user(actor.pk)
    known = OfflineAct.objects.filter(key=act.key).first()
    if known is not None and known.user_id == actor.pk:
        return Reconciled(
            key=act.key,
            outcome=ActOutcome(known.outcome),
            text=known.answer,
            done_at=known.done_at,
            is_new=False,
        )
    booking = (
        Booking.objects.select_related("resource")
        .filter(public_id=act.booking_id, user=actor)
        .first()
    )
    if booking is None or known is not None:
        text = _("This device told of a booking that is not yours: nothing was done.")
        return Reconciled(key=act.key, outcome=ActOutcome.REFUSED, text=text, done_at=at)
    outcome, text = _tried(actor, booking, act, at, now)
    OfflineAct.objects.create(
        key=act.key,
        user=actor,
        booking=booking,
        act=act.act,
        done_at=at,
        received_at=now,
        outcome=outcome,
        answer=text[:500],
    )
    return Reconciled(key=act.key, outcome=outcome, text=text[:500], done_at=at)


def _tried(
    actor: User, booking: Booking, act: KeptAct, at: datetime, now: datetime
) -> tuple[ActOutcome, str]:
    """Do it, or say why not; what was begun of a refused one is undone."""
    facts = {"resource": booking.resource.name, "time": clock_at(booking.resource, at, now)}
    try:
        with transaction.atomic():
            _do(actor, booking.public_id, act.act, at, now)
    except BookingError as error:
        said = (
            _("%(resource)s: your check-in of %(time)s could not be taken.")
            if act.act == CHECK_IN
            else _("%(resource)s: that you finished at %(time)s could not be taken.")
        )
        return ActOutcome.REFUSED, " ".join([said % facts, *_reasons(error)])
    done = (
        _("%(resource)s: you checked in at %(time)s.")
        if act.act == CHECK_IN
        else _("%(resource)s: you finished at %(time)s.")
    )
    return ActOutcome.DONE, done % facts


def _reasons(error: BookingError) -> list[str]:
    if any(each.code.startswith("answer.") for each in error.refusals):
        return [_("Something is asked there: answer it on the page of the booking.")]
    return [each.text for each in error.refusals]


def _do(actor: User, booking_id: UUID, act: str, at: datetime, now: datetime) -> None:
    if not now - LONGEST_KEPT <= at <= now:
        raise ActionRefused(
            code="offline.time",
            text=_(
                "What was done without a network counts for 24 hours, by a clock that is not set "
                "in between. Please ask %(contact)s to correct the booking."
            )
            % {"contact": settings.LAB_CONTACT},
        )
    booking = lock_own(actor, booking_id)
    if act == CHECK_IN:
        _require_unchanged(booking, Status.CONFIRMED)
        begin_booking(booking, actor=actor, at=at, now=now, answers={})
    else:
        _require_unchanged(booking, Status.CHECKED_IN)
        finish_booking(booking, actor=actor, leaving=Leaving(), at=at, now=now)


def _require_unchanged(booking: Booking, wanted: Status) -> None:
    """Say what happened in between, and the way out."""
    status = Status(booking.status)
    if status is wanted:
        return
    meanwhile = {
        Status.NO_SHOW: _(
            "Before this device told, it was marked as missed and its time given back. Start anew "
            "if it is still free; if you were there, ask %(contact)s."
        ),
        Status.CHECKED_IN: _("It is in use already: nothing is left to do."),
        Status.COMPLETED: _("It was finished before this device told: nothing is left to do."),
        Status.CANCELLED: _("It was cancelled in between. Start anew if it is still free."),
    }
    text = meanwhile.get(status, _("It is not in use: check in first, or ask %(contact)s."))
    raise ActionRefused(code="offline.changed", text=text % {"contact": settings.LAB_CONTACT})
