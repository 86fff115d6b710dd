"""Booking any one of several resources."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from booking.errors import BookingRefused, NotAllowed, Refusal, SlotTaken
from booking.models import Booking, Resource, ResourcePool
from booking.queries.facts import build_request, load_pool, load_time, sane_window
from booking.rules import check_booking
from booking.services._booking import BookingDetails, RequestKey, Wish, find_resources, taken
from booking.services._making import make_bookings, require_may_book
from booking.services._refusals import explain_refusal
from labitory.lib.db import LostRace, run_transaction
from labitory.lib.periods import Period


def create_pool_booking(
    *,
    actor: User,
    user: User,
    pool_id: UUID,
    period: Period,
    now: datetime,
    details: BookingDetails | None = None,
    override: str = "",
    request_key: RequestKey | None = None,
) -> Booking:
    """Book whichever member of a pool is free and allowed, the first by name.

    A member that is lost to a rival in between is passed over for the next. Raises as
    `create_booking` does; the refusals are those of the member that came closest.
    """
    wish = Wish(
        actor=actor,
        user=user,
        resource_ids=(),
        period=period,
        now=now,
        details=details or BookingDetails(),
        override=override.strip(),
    )
    found: list[tuple[Wish, BookingRefused]] = []
    for member in _members(wish, pool_id):
        tried = replace(wish, resource_ids=(member,))
        try:
            return run_transaction(lambda: make_bookings(tried, request_key))[0]  # noqa: B023
        except LostRace:
            found.append((tried, taken(find_resources(tried))))
        except BookingRefused as refused:
            found.append((tried, refused))
            if not isinstance(refused, SlotTaken):
                break
    pool = ResourcePool.objects.filter(public_id=pool_id).first()
    if pool is None:
        raise _unknown()
    closest, error = found[0] if found else (wish, _empty())
    raise explain_refusal(closest, error, pool=pool)


def _members(wish: Wish, pool_id: UUID) -> list[UUID]:
    """The pool's members, those that the rules allow first."""
    window = sane_window(wish.period, wish.now)
    resources = load_pool(
        user=wish.user,
        window=window,
        now=wish.now,
        pool_id=pool_id,
        project_id=wish.details.project_id,
    )
    if not resources:
        return []
    resources = _allowed(wish, resources)
    facts = load_time(
        resources=resources, actor=wish.actor, user=wish.user, window=window, now=wish.now
    )

    def refusals(place: int) -> int:
        request = build_request(
            resource=resources[place],
            time_facts=facts,
            actor=wish.actor,
            user=wish.user,
            period=wish.period,
            now=wish.now,
            seats=wish.details.seats,
            project_id=wish.details.project_id,
        )
        found = check_booking(request)
        return sum(not (wish.override and each.is_overridable) for each in found)

    places = sorted(range(len(resources)), key=lambda place: resources[place].name)
    return [resources[place].public_id for place in sorted(places, key=refusals)]


def _allowed(wish: Wish, resources: Sequence[Resource]) -> list[Resource]:
    """The members that the actor may book so; where there is none the no of the first."""
    errors: list[NotAllowed] = []
    allowed = []
    for resource in resources:
        try:
            require_may_book(wish, [resource])
        except NotAllowed as error:
            errors.append(error)
        else:
            allowed.append(resource)
    if not allowed:
        raise errors[0]
    return allowed


def _unknown() -> BookingRefused:
    text = _("There is no such pool: choose another, or a resource.")
    return BookingRefused([Refusal(code="pool.unknown", text=text, field="pool")])


def _empty() -> BookingRefused:
    return BookingRefused(
        [
            Refusal(
                code="pool.empty",
                text=_("Nothing in this pool is open for booking: choose another, or a resource."),
                field="pool",
            )
        ]
    )
