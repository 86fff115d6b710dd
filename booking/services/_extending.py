"""Growing a booking that is in use, inside an open transaction."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from booking.enums import Status
from booking.errors import ActionRefused, BookingRefused, NotAllowed, Refusal, SlotTaken
from booking.locks import lock_booking
from booking.models import Booking, Resource
from booking.permissions import can_approve_on, can_change_booking, where_of
from booking.queries.check_in_times import ASKED_ONCE, free_until
from booking.queries.facts import load_time, sane_window
from booking.rules.approvals import plan_approval
from booking.rules.shares import is_over_quota
from booking.services._booking import Decided, Wish, clear_holds, decide, find_resources
from booking.services._changes import post_booking_event, record_booking
from booking.services._claims import NoRoom, claim_time, release_claims, wishes_for
from booking.services._quotas import hold_people
from booking.services._words import clock_at
from labitory.lib.periods import Period


def extend(wish: Wish, booking_id: UUID) -> Booking:
    """Let the booking's own claims grow to the wished end, if nothing speaks against it."""
    resources = find_resources(wish)
    hold_people({wish.user.pk}, resources)
    booking = lock_booking(booking_id)
    _require_running(wish, booking)
    time_facts = load_time(
        resources=resources,
        actor=wish.actor,
        user=wish.user,
        window=sane_window(wish.period, wish.now),
        now=wish.now,
        existing=booking,
    )
    decided = decide(wish, resources, time_facts, booking)[0]
    _require_free(wish, decided)
    before = booking.end_time
    booking.end_time = wish.period.end
    clear_holds([decided])
    release_claims(booking)
    try:
        claim_time(booking_ids=[booking.pk], wishes=wishes_for(booking, 1))
    except NoRoom:
        raise extension_taken(booking.resource, None, wish.now) from None
    booking.sequence += 1
    booking.updated_at = wish.now
    booking.save(update_fields=["end_time", "sequence", "updated_at"])
    # Whoever overstays again is warned again.
    booking.sessions.filter(ended_at=None).update(planned_end=booking.end_time, warned_at=None)
    record_booking(
        booking,
        "booking.extended",
        actor=wish.actor,
        now=wish.now,
        changes={"end_time": (before, booking.end_time)},
    )
    post_booking_event("booking.extended", [booking], actor=wish.actor, now=wish.now)
    return booking


def extension_taken(resource: Resource, until: datetime | None, now: datetime) -> SlotTaken:
    """The no to a longer stay, with how long there is, where that is known."""
    if until is None:
        text = _("Somebody else has just taken the time after yours on %(resource)s.")
        words = {"resource": resource.name}
    else:
        text = _("%(resource)s is free until %(time)s only: choose an earlier end.")
        words = {"resource": resource.name, "time": clock_at(resource, until, now)}
    facts = {"free_until": until.isoformat()} if until else {}
    return SlotTaken(
        [Refusal(code="extend.taken", text=text % words, facts=facts, field="end_time")]
    )


def _require_running(wish: Wish, booking: Booking) -> None:
    if not can_change_booking(wish.actor, booking):
        raise NotAllowed(
            code="permission.booking",
            text=_("Only its own people may use a booking."),
            needs="booking.change_any",
            where=where_of(booking.resource),
        )
    if booking.status != Status.CHECKED_IN:
        raise ActionRefused(
            code="extend.state", text=_("Only a booking that is in use can be extended.")
        )
    if wish.period.end <= booking.end_time:
        raise ActionRefused(
            code="extend.shorter",
            text=_("It is booked until %(time)s: choose a later end, or finish.")
            % {"time": clock_at(booking.resource, booking.end_time, wish.now)},
            field="end_time",
            status=422,
        )


def _require_free(wish: Wish, decided: Decided) -> None:
    refusals = [each for each in decided.refusals if each.code not in ASKED_ONCE]
    if any(each.code in ("conflict.taken", "conflict.linked") for each in refusals):
        until = free_until(decided.request)
        existing = decided.request.existing
        if until is not None and existing is not None and until <= existing.period.end:
            raise SlotTaken(
                [
                    Refusal(
                        code="extend.taken",
                        text=_("%(resource)s is taken from %(time)s on: finish in time.")
                        % {
                            "resource": decided.resource.name,
                            "time": clock_at(decided.resource, existing.period.end, wish.now),
                        },
                        facts={"free_until": existing.period.end.isoformat()},
                        field="end_time",
                    )
                ]
            )
        raise extension_taken(decided.resource, until, wish.now)
    if refusals:
        raise BookingRefused(refusals)
    if _needs_new_approval(wish, decided):
        raise ActionRefused(
            code="extend.approval",
            text=_("So long a booking of %(resource)s must be approved: choose an earlier end.")
            % {"resource": decided.resource.name},
            field="end_time",
            status=422,
        )


def _needs_new_approval(wish: Wish, decided: Decided) -> bool:
    """Whether others would have to agree to the longer booking than did to this one."""
    request = decided.request
    if request.existing is None or can_approve_on(wish.actor, decided.resource):
        return False
    as_it_was = replace(
        request, period=Period(request.existing.period.start, request.existing.period.end)
    )
    as_it_was = replace(as_it_was, over_quota=is_over_quota(as_it_was))
    return plan_approval(request) != plan_approval(as_it_was)
