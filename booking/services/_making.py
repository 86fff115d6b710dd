"""Making bookings inside an open transaction: lock, rules, claim, rows."""

import uuid
from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import Project, User
from audit.models import AuditLog
from audit.services import draft_records
from booking.enums import Status
from booking.errors import ActionRefused, NotAllowed
from booking.events import draft_event
from booking.models import Booking, BookingAttendee, BookingStatus, OutboxEvent, Resource
from booking.permissions import can_book_for, can_override_rules, where_of
from booking.queries.facts import load_time, sane_window
from booking.services._booking import (
    Decided,
    RequestKey,
    Wish,
    claimed_wishes,
    clear_holds,
    decide,
    decisions_of,
    find_resources,
    first_status,
    require_allowed,
    taken,
)
from booking.services._changes import Changed, entries_of, told_of_all
from booking.services._claims import NoRoom, claim_time
from booking.services._quotas import hold_people, settle_bookings
from booking.services._steps import open_steps
from labitory.lib.inserts import insert_together


def make_bookings(wish: Wish, key: RequestKey | None) -> list[Booking]:
    """Book every resource of the wish, or raise."""
    resources = find_resources(wish)
    require_may_book(wish, resources)
    # Who books for two people at once under one key must meet themselves.
    hold_people({wish.user.pk} if key is None else {wish.user.pk, wish.actor.pk}, resources)
    if key is not None and (served := _already_served(wish, key)):
        return served
    decided = ask_rules(wish, resources)
    clear_holds(decided)
    try:
        ids = claim_time(booking_ids=[None] * len(decided), wishes=claimed_wishes(decided))
    except NoRoom:
        raise taken(resources) from None
    bookings = _draft_bookings(wish, decided, ids, key)
    insert_together(
        bookings,
        _first_steps(wish, bookings),
        decisions_of(wish, decided, bookings),
        _draft_records(wish, decided, bookings),
        draft_news(wish, bookings) if wish.is_told else (),
    )
    add_attendees(bookings, wish.details.attendee_ids)
    both = list(zip(bookings, decided, strict=True))
    open_steps([(booking, each.approval) for booking, each in both], now=wish.now)
    counted = [(booking, each.request.resource.quotas) for booking, each in both]
    settle_bookings([each for each in counted if each[1]], now=wish.now)
    return bookings


def draft_news(wish: Wish, bookings: Sequence[Booking]) -> list[OutboxEvent]:
    """Who decides hears of what waits for them, the person of what is theirs already."""
    told = {
        "booking.created": [each for each in bookings if each.status == Status.CONFIRMED],
        "booking.requested": [each for each in bookings if each.status == Status.PENDING],
    }
    return [
        draft_event(kind=kind, payload=told_of_all(found, wish.actor), now=wish.now)
        for kind, found in told.items()
        if found
    ]


def _draft_records(
    wish: Wish, decided: Sequence[Decided], bookings: Sequence[Booking]
) -> list[AuditLog]:
    lifted = overridden_codes(decided)
    changed = [
        Changed(
            booking=booking,
            action="booking.requested" if booking.status == Status.PENDING else "booking.created",
            facts=lifted,
        )
        for booking in bookings
    ]
    return draft_records(entries_of(changed), actor=wish.actor, now=wish.now, reason=wish.override)


def ask_rules(
    wish: Wish, resources: Sequence[Resource], existing: Booking | None = None
) -> list[Decided]:
    """Gather the facts and ask the rules; raise with every refusal that stands."""
    time_facts = load_time(
        resources=resources,
        actor=wish.actor,
        user=wish.user,
        window=sane_window(wish.period, wish.now),
        now=wish.now,
        existing=existing,
    )
    decided = decide(wish, resources, time_facts, existing)
    require_allowed(decided)
    return decided


def _draft_bookings(
    wish: Wish, decided: Sequence[Decided], ids: Sequence[int], key: RequestKey | None
) -> list[Booking]:
    group_id = uuid.uuid4() if len(decided) > 1 else None
    return [
        Booking(
            pk=pk,
            resource=each.resource,
            user=wish.user,
            created_by=wish.actor,
            start_time=wish.period.start,
            end_time=wish.period.end,
            status=first_status(each),
            seats=wish.details.seats,
            setup_minutes=each.resource.setup_minutes,
            cleanup_minutes=each.resource.cleanup_minutes,
            purpose=wish.details.purpose,
            project=project_of(each),
            notes=wish.details.notes,
            group_id=group_id,
            cost=each.request.cost,
            request_key=key.key if key else "",
            request_hash=key.digest if key else "",
            created_at=wish.now,
            updated_at=wish.now,
        )
        for each, pk in zip(decided, ids, strict=True)
    ]


def _first_steps(wish: Wish, bookings: Sequence[Booking]) -> list[BookingStatus]:
    return [
        BookingStatus(
            booking=booking,
            to_status=booking.status,
            actor=wish.actor,
            reason=wish.override[:500],
            at=wish.now,
        )
        for booking in bookings
    ]


def project_of(decided: Decided) -> Project | None:
    """The project that was decided on, known well enough to be shown: no query."""
    facts = decided.request.project
    if facts is None:
        return None
    return Project(pk=facts.id, public_id=facts.public_id, name=facts.name, code=facts.code)


def _already_served(wish: Wish, key: RequestKey) -> list[Booking]:
    served = list(
        Booking.objects.filter(created_by=wish.actor, request_key=key.key)
        .select_related("resource", "user", "created_by", "project")
        .order_by("id")
    )
    if any(booking.request_hash != key.digest for booking in served):
        raise ActionRefused(
            code="idempotency.mismatch",
            text=_("This Idempotency-Key was used for another request: use a new one."),
            status=422,
        )
    return served


def add_attendees(
    bookings: Sequence[Booking], attendee_ids: Sequence[UUID] | None
) -> list[BookingAttendee]:
    """Note who comes along; people without an account here are refused."""
    if not attendee_ids:
        return []
    people = list(User.objects.filter(public_id__in=attendee_ids, is_active=True))
    if len(people) < len(set(attendee_ids)):
        raise ActionRefused(
            code="attendee.unknown",
            text=_("Attendees must be people with an account here: check the list."),
            field="attendees",
            status=422,
        )
    return BookingAttendee.objects.bulk_create(
        BookingAttendee(booking=booking, user=person)
        for booking in bookings
        for person in people
        if person.pk != booking.user_id
    )


def replace_attendees(
    booking: Booking, attendee_ids: Sequence[UUID] | None
) -> dict[str, tuple[list[str], list[str]]]:
    """Note who comes along instead; None changes nobody. Gives the change for the audit."""
    if attendee_ids is None:
        return {}
    before = sorted(str(each.user) for each in booking.attendees.select_related("user"))
    booking.attendees.all().delete()
    after = sorted(str(each.user) for each in add_attendees([booking], attendee_ids))
    return {"attendees": (before, after)}


def overridden_codes(decided: Sequence[Decided]) -> dict[str, object]:
    """The codes of the rules that were overridden, for the audit."""
    codes = [refusal.code for each in decided for refusal in each.overridden]
    return {"overridden": codes} if codes else {}


def require_may_book(wish: Wish, resources: Sequence[Resource]) -> None:
    """Refuse who may not book any of these for that person, or override there."""
    for resource in resources:
        if not can_book_for(wish.actor, wish.user, resource):
            raise NotAllowed(
                code="permission.on_behalf",
                text=_("Only lab managers book for somebody else."),
                needs="booking.book_for_others",
                where=where_of(resource),
            )
    require_may_override(wish, resources)


def require_may_override(wish: Wish, resources: Sequence[Resource]) -> None:
    """Refuse who may not override rules on each of these."""
    for resource in resources if wish.override else ():
        if not can_override_rules(wish.actor, resource):
            raise NotAllowed(
                code="permission.override",
                text=_("Only lab managers may override rules."),
                needs="booking.override",
                where=where_of(resource),
            )
