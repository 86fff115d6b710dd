"""Holding time inside an open transaction."""

from datetime import datetime

from booking.models import Booking, Hold
from booking.services._booking import Wish, clear_holds, find_resources, taken, time_wishes
from booking.services._claims import NoRoom, claim_time
from booking.services._making import ask_rules


def hold_for(wish: Wish, *, until: datetime, existing: Booking | None = None) -> Hold:
    """Hold the time of the wish for its person, if the rules would let them book it.

    `existing` is a booking that the held time is to replace: it does not count. The caller holds
    the person's lock. Raises `BookingRefused`, `SlotTaken` and `LostRace`.
    """
    resources = find_resources(wish)
    decided = ask_rules(wish, resources, existing)
    clear_holds(decided)
    hold = Hold.objects.create(
        resource=resources[0],
        user=wish.user,
        start_time=wish.period.start,
        end_time=wish.period.end,
        expires_at=until,
        created_at=wish.now,
    )
    try:
        # The hold itself is what the claims belong to; no booking is numbered.
        claim_time(booking_ids=[0], wishes=time_wishes(decided), hold=hold)
    except NoRoom:
        raise taken(resources) from None
    return hold
