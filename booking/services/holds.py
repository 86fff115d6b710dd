"""Keeping time for a moment, while somebody makes up their mind."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from booking.errors import ActionRefused, BookingError
from booking.events import post_change
from booking.locks import lock_user
from booking.models import Hold
from booking.services._booking import BookingDetails, Wish, find_resources, taken
from booking.services._claims import release_holds
from booking.services._freed import post_freed
from booking.services._holds import hold_for
from booking.services._refusals import explain_refusal
from labitory.lib.db import LostRace, run_transaction
from labitory.lib.periods import Period

HELD_FOR = timedelta(minutes=15)
MOST_HOLDS = 3


def hold_time(*, actor: User, resource_id: UUID, period: Period, now: datetime) -> Hold:
    """Keep a resource's time for 15 minutes for oneself; a booking takes the hold's place.

    What could not be booked cannot be held, and nobody holds more than three times at once.
    Raises `BookingRefused`, `SlotTaken` and `ActionRefused`.
    """
    wish = Wish(
        actor=actor,
        user=actor,
        resource_ids=(resource_id,),
        period=period,
        now=now,
        details=BookingDetails(),
        action="hold",
    )
    try:
        return run_transaction(lambda: _hold(wish))
    except LostRace as error:
        raise explain_refusal(wish, taken(find_resources(wish))) from error
    except BookingError as error:
        raise explain_refusal(wish, error) from error


def release_hold(*, actor: User, hold_id: UUID, now: datetime) -> None:
    """Give one's own held time back before it expires. Raises `Hold.DoesNotExist`."""

    def work() -> None:
        # What is offered is turned down instead.
        hold = Hold.objects.select_related("resource").get(
            public_id=hold_id, user=actor, expires_at__gt=now, offer__isnull=True
        )
        release_holds([hold.pk])
        post_freed([(hold.resource.public_id, hold.period)], now=now)

    run_transaction(work)


def _hold(wish: Wish) -> Hold:
    lock_user(wish.user.pk)
    # What is offered to somebody holds its time besides.
    own = Hold.objects.filter(user=wish.user, expires_at__gt=wish.now, offer__isnull=True)
    if own.count() >= MOST_HOLDS:
        raise ActionRefused(
            code="hold.too_many",
            text=_("You hold %(n)s times already: book or release one of them first.")
            % {"n": MOST_HOLDS},
            status=422,
        )
    hold = hold_for(wish, until=wish.now + HELD_FOR)
    post_change(hold.resource.public_id, now=wish.now)
    return hold
