"""Giving on what became free, inside an open transaction."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from booking.enums import WaitingKind, WaitingState
from booking.errors import BookingRefused, SlotTaken
from booking.events import post_notice
from booking.locks import lock_user, lock_waiting_list
from booking.models import Resource, WaitingEntry
from booking.queries.waiting_list import SHORTEST_ANSWER, Fit, Freed, fitting_entries
from booking.services._offers import offer_time
from labitory.lib.db import run_transaction
from labitory.lib.periods import Period

# Who lost a piece in between is looked at once more: another piece may suit them.
_MOST_TRIES = 2


def give_on(freed: Sequence[Freed], *, now: datetime) -> int:
    """Offer freed time to those who wait, one piece each, in the fair order; gives how many.

    Who cannot book it by the rules is passed over. What nobody is offered is plainly free, and
    those who only want to know are told of it.
    """
    if not fitting_entries(freed=freed, kinds=list(WaitingKind), now=now, limit=1):
        return 0
    lock_waiting_list()
    made = 0
    tried: Counter[int] = Counter()
    while True:
        without = [key for key, times in tried.items() if times >= _MOST_TRIES]
        fits = fitting_entries(freed=freed, kinds=[WaitingKind.HOLD], now=now, without=without)
        if not _offer_first(fits, tried, now):
            break
        made += 1
    _tell_others(freed, now)
    return made


def _offer_first(fits: Sequence[Fit], tried: Counter[int], now: datetime) -> bool:
    """Offer to the first whom the rules allow; False when it is nobody."""
    for fit in fits:
        try:
            if run_transaction(lambda: _offer(fit, now)):  # noqa: B023 - runs at once
                return True
            tried[fit.entry_id] = _MOST_TRIES
        except SlotTaken:
            tried[fit.entry_id] += 1
        except BookingRefused:
            tried[fit.entry_id] = _MOST_TRIES
    return False


def _offer(fit: Fit, now: datetime) -> bool:
    """Hold the piece for the person, unless they have left or were offered something since."""
    entries = WaitingEntry.objects.select_related("user", "project")
    user = lock_user(entries.get(pk=fit.entry_id).user_id)
    entry = entries.get(pk=fit.entry_id)
    if entry.state != WaitingState.WAITING:
        return False
    offer_time(
        user=user,
        resource=Resource.objects.get(public_id=fit.resource_id),
        period=fit.period,
        now=now,
        lasts=answer_time(fit, now),
        entry=entry,
    )
    entry.state = WaitingState.OFFERED
    entry.save(update_fields=["state"])
    return True


def answer_time(fit: Fit, now: datetime) -> timedelta:
    """How long a piece is held: as set, but half of the time in which it can still be booked."""
    left = fit.period.start - fit.notice - now
    return max(min(timedelta(minutes=settings.OFFER_MINUTES), left / 2), min(SHORTEST_ANSWER, left))


def _tell_others(freed: Sequence[Freed], now: datetime) -> None:
    """Tell those who only want to know of what is left, each person once."""
    fits = fitting_entries(freed=freed, kinds=[WaitingKind.ALERT], now=now)
    if not fits:
        return
    entries = WaitingEntry.objects.in_bulk([fit.entry_id for fit in fits])
    keys = {fit.resource_id for fit in fits}
    resources = {each.public_id: each for each in Resource.objects.filter(public_id__in=keys)}
    first: dict[int, Fit] = {}
    for fit in fits:
        first.setdefault(entries[fit.entry_id].user_id, fit)
    people: dict[tuple[UUID, Period], list[int]] = {}
    for user_id, fit in first.items():
        people.setdefault((fit.resource_id, fit.period), []).append(user_id)
    for (resource_id, period), users in people.items():
        _tell_free(resources[resource_id], period, users, now)


def _tell_free(resource: Resource, period: Period, users: Sequence[int], now: datetime) -> None:
    """One event for all who are told of the same piece; its link books it."""
    start, end = period.start.isoformat(), period.end.isoformat()
    query = urlencode({"resource": resource.code, "start": start, "end": end})
    post_notice(
        kind="waiting.freed",
        people=users,
        now=now,
        path=f"{reverse('booking:booking_new')}?{query}",
        facts={"resource": resource.name, "when": {"start": start, "end": end}},
    )
