"""Answering offers of held time: taking them, turning them down, letting them lapse."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import LIVE, OfferKind, OfferState, WaitingState
from booking.errors import ActionRefused, BookingError
from booking.events import post_notice
from booking.locks import lock_offer, lock_user
from booking.models import Booking, Offer, WaitingEntry
from booking.queries.displaced import settled_replacements
from booking.services._booking import BookingDetails, Wish, find_resources, taken
from booking.services._displacing import end_displaced
from booking.services._making import make_bookings
from booking.services._moving import move_booking
from booking.services._offers import give_back, offer_address, record_offer
from booking.services._refusals import explain_refusal
from booking.services._waiting import end_entry, is_spent
from labitory.lib.db import LostRace, run_each, run_transaction

BATCH = 200


def accept_offer(*, actor: User, offer_id: UUID, now: datetime) -> Booking:
    """Take an offered time: the hold gives way to the booking in one step.

    From the waiting list that is a new booking, with the purpose and project of the entry; in
    place of a booking that cannot stay, that booking moves. The rules are asked once more. Raises
    `Offer.DoesNotExist` (also of another's), `ActionRefused` (409, answered or expired),
    `BookingRefused` and `SlotTaken`.
    """
    offer = _own(actor, offer_id)
    wish = _wish(offer, actor, now)
    try:
        return run_transaction(lambda: _accept(wish, offer))
    except LostRace as error:
        raise explain_refusal(wish, taken(find_resources(wish)), offer.displaced) from error
    except BookingError as error:
        raise explain_refusal(wish, error, offer.displaced) from error


def decline_offer(*, actor: User, offer_id: UUID, now: datetime) -> Offer:
    """Turn an offered time down: the next in the order gets it, this person keeps their place.

    The same time is not offered to them again; an entry that wanted just this time ends. Raises
    `Offer.DoesNotExist` and `ActionRefused` (409, answered or expired).
    """
    _own(actor, offer_id)

    def work() -> Offer:
        offer = _lock_open(actor, offer_id, now)
        give_back(offer, OfferState.DECLINED, now=now)
        record_offer("offer.declined", offer, actor=actor, now=now)
        end_displaced(offer, actor=actor, now=now)
        if offer.entry is not None:
            ended = is_spent(offer.entry, offer.period)
            offer.entry.state = WaitingState.WITHDRAWN if ended else WaitingState.WAITING
            offer.entry.save(update_fields=["state"])
        return offer

    return run_transaction(work)


def expire_offers(*, now: datetime) -> int:
    """Write down which offers ran out unanswered, and give their time on; gives how many.

    It only tidies: an expired offer can be accepted no more, whether or not this has run.
    """
    over = Q(expires_at__lte=now) | Q(pk__in=settled_replacements().values("pk"))
    ids = Offer.objects.filter(over, state=OfferState.OPEN).order_by("expires_at")
    found = ids.values_list("user_id", "public_id")[:BATCH]
    return run_each(found, lambda each: _expire(*each, now))


def _own(actor: User, offer_id: UUID) -> Offer:
    return Offer.objects.select_related(
        "user", "resource", "entry__project", "displaced__project"
    ).get(public_id=offer_id, user=actor)


def _wish(offer: Offer, actor: User, now: datetime) -> Wish:
    """The booking that an offer would become, or the move."""
    entry, displaced = offer.entry, offer.displaced
    if displaced is not None:
        details = BookingDetails(
            purpose=displaced.purpose,
            notes=displaced.notes,
            seats=displaced.seats,
            project_id=displaced.charged_to,
        )
    elif entry is not None:
        project_id = entry.project.public_id if entry.project else None
        details = BookingDetails(purpose=entry.purpose, project_id=project_id)
    else:
        raise ValueError("an offer serves an entry or a booking")
    return Wish(
        actor=actor,
        user=offer.user,
        resource_ids=(offer.resource.public_id,),
        period=offer.period,
        now=now,
        details=details,
        action="reschedule" if displaced is not None else "create",
    )


def _lock_open(actor: User, offer_id: UUID, now: datetime) -> Offer:
    """Hold the person and the offer; refuse what was answered or ran out."""
    lock_user(actor.pk)
    offer = lock_offer(offer_id)
    if offer.state == OfferState.EXPIRED or (
        offer.state == OfferState.OPEN and offer.expires_at <= now
    ):
        raise ActionRefused(
            code="offer.expired",
            text=_("This offer has run out: the time went on to the next person, or is free."),
        )
    if offer.state != OfferState.OPEN:
        raise ActionRefused(
            code="offer.answered",
            text=_("This offer was answered already: %(state)s.")
            % {"state": offer.get_state_display()},
        )
    return offer


def _accept(wish: Wish, asked: Offer) -> Booking:
    offer, seen = _lock_open(wish.actor, asked.public_id, wish.now), asked.displaced
    if offer.kind == OfferKind.REPLACEMENT and seen is not None:
        booking = move_booking(wish, seen.public_id, version=seen.version)
    else:
        booking = make_bookings(wish, None)[0]
    offer.state, offer.answered_at, offer.booking = OfferState.ACCEPTED, wish.now, booking
    offer.save(update_fields=["state", "answered_at", "booking"])
    record_offer("offer.accepted", offer, actor=wish.actor, now=wish.now)
    if offer.entry is not None:
        offer.entry.state = WaitingState.BOOKED
        offer.entry.save(update_fields=["state"])
    return booking


def _expire(user_id: int, offer_id: UUID, now: datetime) -> bool:
    lock_user(user_id)
    offer = lock_offer(offer_id)
    is_over = offer.expires_at <= now or settled_replacements().filter(pk=offer.pk).exists()
    if offer.state != OfferState.OPEN or not is_over:
        return False
    if booking := _booked_meanwhile(offer):
        _settle(offer, booking, now)
        return True
    # A hold that had to give way to the lab's own plans was not missed.
    was_missed = offer.hold is not None
    give_back(offer, OfferState.EXPIRED, now=now)
    record_offer("offer.expired", offer, actor=None, now=now)
    end_displaced(offer, actor=None, now=now)
    if offer.entry is not None:
        _wait_on(offer.entry, offer, was_missed=was_missed, now=now)
    if offer.displaced is not None:
        # Its person hears that the booking is cancelled, or has moved it themselves.
        return True
    post_notice(
        kind="offer.expired",
        people=[offer.user_id],
        now=now,
        path=offer_address(offer),
        facts={
            "resource": offer.resource.name,
            "when": {"start": offer.start_time.isoformat(), "end": offer.end_time.isoformat()},
        },
    )
    return True


def _wait_on(entry: WaitingEntry, offer: Offer, *, was_missed: bool, now: datetime) -> None:
    """Back to the order, behind those who let fewer offers lapse; a spent wish ends."""
    entry.missed_offers += 1 if was_missed else 0
    entry.state = WaitingState.WAITING
    entry.save(update_fields=["state", "missed_offers"])
    if is_spent(entry, offer.period):
        end_entry(entry, now=now)


def _booked_meanwhile(offer: Offer) -> Booking | None:
    """The person's own booking of the offered time, made in the usual way."""
    if offer.kind != OfferKind.WAITING:
        return None
    return Booking.objects.filter(
        user=offer.user_id,
        resource=offer.resource_id,
        status__in=LIVE,
        created_at__gte=offer.offered_at,
        start_time__lt=offer.end_time,
        end_time__gt=offer.start_time,
    ).first()


def _settle(offer: Offer, booking: Booking, now: datetime) -> None:
    give_back(offer, OfferState.ACCEPTED, now=now)
    offer.booking = booking
    offer.save(update_fields=["booking"])
    record_offer("offer.accepted", offer, actor=offer.user, now=now)
    if offer.entry is not None:
        offer.entry.state = WaitingState.BOOKED
        offer.entry.save(update_fields=["state"])
