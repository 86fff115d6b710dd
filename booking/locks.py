"""The only row locks of the house; people's come from their own app."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q

from accounts.locks import lock_user
from accounts.models import User
from booking.enums import OPEN, DeliveryStatus, RemoteState
from booking.models.access import AccessRequest
from booking.models.assessments import RiskAssessment
from booking.models.bookings import Booking
from booking.models.broadcasts import Broadcast
from booking.models.check_ins import Question
from booking.models.endpoints import Endpoint
from booking.models.events import OutboxEvent
from booking.models.faults import Fault
from booking.models.feeds import RemoteCalendar, RemoteEntry
from booking.models.maintenance import MaintenancePlan, MaintenanceRecord
from booking.models.notifications import Message
from booking.models.plans import Proposal
from booking.models.prices import Price
from booking.models.quotas import Quota
from booking.models.reminders import ReminderRun
from booking.models.series import BookingSeries
from booking.models.training import Qualification, TrainingSession
from booking.models.waiting_list import Offer
from booking.models.walls import WallDisplay

__all__ = [
    "claim_digest",
    "claim_events",
    "claim_held",
    "claim_message",
    "claim_messages",
    "lock_booking",
    "lock_delegations",
    "lock_hours",
    "lock_user",
]


def lock_booking(public_id: UUID) -> Booking:
    """Hold a booking while it changes. Take it after the person's row, never before."""
    return (
        Booking.objects.select_for_update(of=("self",), no_key=True)
        .select_related("resource", "user", "created_by", "project")
        .get(public_id=public_id)
    )


def lock_series_bookings(series_id: int, *, since: datetime | None, now: datetime) -> list[Booking]:
    """Hold what can still be changed of a series, in the order of their keys; give it by time.

    Take them after the person's row, and before the series itself.
    """
    held = Booking.objects.select_for_update(of=("self",), no_key=True).filter(
        series=series_id, status__in=OPEN, end_time__gt=now
    )
    if since is not None:
        held = held.filter(occurs_at__gte=since)
    found = held.select_related("resource", "user", "created_by", "project").order_by("pk")
    return sorted(found, key=lambda each: (each.occurs_at or each.start_time, each.pk))


def lock_series(series_id: int) -> BookingSeries:
    """Hold a series while its rule changes. Take it after its bookings."""
    held = BookingSeries.objects.select_for_update(of=("self",), no_key=True)
    return held.select_related("resource", "user").get(pk=series_id)


def lock_shared(user_ids: Iterable[int], accounts: Iterable[tuple[int, int]]) -> None:
    """Hold people's rows and then, in order, what they share: accounts by quota and holder.

    In one statement, before the accounts are read: two members of a group count each other's
    bookings. An account that is not there yet cannot be held as a row.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH people AS MATERIALIZED (
                SELECT id FROM accounts_user WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
            ), held AS MATERIALIZED (SELECT count(*) FROM people)
            SELECT pg_advisory_xact_lock(hashtextextended(account, 0))
            FROM held CROSS JOIN unnest(%s::text[]) AS account
            """,
            [sorted(set(user_ids)), [f"quota {key} {holder}" for key, holder in sorted(accounts)]],
        )


def lock_quota(public_id: UUID) -> Quota:
    """Hold a quota while what it says changes."""
    return (
        Quota.objects.select_for_update(of=("self",), no_key=True)
        .select_related("resource", "resource_type", "pool", "user", "group", "project")
        .get(public_id=public_id)
    )


def lock_price(public_id: UUID) -> Price:
    """Hold a price while what it says changes."""
    return (
        Price.objects.select_for_update(of=("self",), no_key=True)
        .select_related("resource", "resource_type", "price_class")
        .get(public_id=public_id)
    )


def lock_ledger() -> None:
    """Let nobody write to the ledger of quotas while it is repaired."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE booking_quotaaccount, booking_quotaentry IN EXCLUSIVE MODE")


def lock_question(public_id: UUID) -> Question:
    """Hold a question while it changes; its place is read with it."""
    held = Question.objects.select_for_update(of=("self",), no_key=True)
    return held.select_related("resource", "resource_type").get(public_id=public_id)


def lock_hours(resource_id: int | None) -> None:
    """Let one person at a time write weekly hours, of a resource or of the lab.

    Rows that are not there yet cannot be held: two sets of hours would become one.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('booking_openinghours'), %s::int)",
            [resource_id or 0],
        )


def lock_training_session(public_id: UUID) -> TrainingSession:
    """Hold a training session: its places are given and taken one after another."""
    return (
        TrainingSession.objects.select_for_update(of=("self",), no_key=True)
        .select_related("course", "instructor", "booking__resource")
        .get(public_id=public_id)
    )


def lock_qualification(public_id: UUID) -> Qualification:
    """Hold a certificate while it is revoked."""
    return (
        Qualification.objects.select_for_update(of=("self",), no_key=True)
        .select_related("user", "course")
        .get(public_id=public_id)
    )


def lock_courses() -> None:
    """Let one person at a time say what comes before what: two halves would make a circle."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('booking_course'))")


def lock_certificates() -> None:
    """Give certificates their numbers one after another, without gaps."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('booking_qualification'))")


def claim_qualifications(keys: list[int]) -> list[Qualification]:
    """Take certificates whose people are to be reminded and that no other worker holds."""
    found = Qualification.objects.select_for_update(
        skip_locked=True, of=("self",), no_key=True
    ).select_related("course", "user")
    return list(found.filter(pk__in=keys).order_by("pk"))


def lock_offer(public_id: UUID) -> Offer:
    """Hold an offer while it is answered. Take it after its person's row, before any booking."""
    return (
        Offer.objects.select_for_update(of=("self",), no_key=True)
        .select_related("user", "resource", "entry__project", "displaced", "hold")
        .get(public_id=public_id)
    )


def lock_waiting_list() -> None:
    """Let one worker at a time give on what became free: two would see the same order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('booking_waitingentry'))")


def lock_policies() -> None:
    """Let one set of policies be applied at a time: each is the next version of the last."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('booking_policyset'))")


def lock_proposal(public_id: UUID) -> Proposal:
    """Hold a proposal while it is answered. Take it last: after people and bookings."""
    return (
        Proposal.objects.select_for_update(of=("self",), no_key=True)
        .select_related("proposed_by", "proposed_to")
        .get(public_id=public_id)
    )


def lock_delegations() -> None:
    """Let one person at a time hand on their say: two could close a circle that neither sees."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('booking_approvaldelegation'))")


def claim_events(*, now: datetime, limit: int) -> list[OutboxEvent]:
    """Take events that are due and that no other worker holds, oldest first."""
    due = Q(next_attempt_at=None) | Q(next_attempt_at__lte=now)
    waiting = OutboxEvent.objects.select_for_update(skip_locked=True, no_key=True)
    return list(waiting.filter(due, dispatched_at=None).order_by("id")[:limit])


def claim_held(*, act: UUID, now: datetime) -> list[OutboxEvent]:
    """Take the events that an act holds back, unless they were told; whoever tells them waits."""
    held = OutboxEvent.objects.select_for_update().filter(
        payload__act=str(act), dispatched_at=None, next_attempt_at__gt=now
    )
    return list(held.order_by("id"))


def lock_reminders(kind: str) -> ReminderRun:
    """Let one run of reminders of a kind come after the other."""
    return ReminderRun.objects.select_for_update(no_key=True).get(kind=kind)


def claim_messages(*, now: datetime, limit: int) -> list[Message]:
    """Take messages that may be tried now and that nobody is sending, oldest first."""
    due = Q(next_attempt_at=None) | Q(next_attempt_at__lte=now)
    waiting = Message.objects.select_for_update(skip_locked=True, no_key=True)
    return list(waiting.filter(due, status=DeliveryStatus.PENDING).order_by("id")[:limit])


def claim_digest(*, user_id: int, channel: str, now: datetime) -> list[Message]:
    """Take what one person's digest gathers; who comes second waits, and finds nothing left."""
    held = Message.objects.select_for_update(no_key=True).filter(
        user=user_id, channel=channel, status=DeliveryStatus.HELD, next_attempt_at__lte=now
    )
    return list(held.order_by("id"))


def claim_message(pk: int) -> Message | None:
    """Take one message to send, or None when another worker has it."""
    return (
        Message.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .select_related("user__preferences", "event", "endpoint")
        # Read where they are used: a key that is lost must not stop the workers.
        .defer("endpoint__url", "endpoint__secret", "endpoint__old_secret")
        .filter(pk=pk)
        .first()
    )


def lock_endpoint(public_id: UUID) -> Endpoint:
    """Hold an endpoint while it changes. Take it before its messages, which nobody waits for."""
    held = Endpoint.objects.select_for_update(no_key=True)
    return held.defer("url", "secret", "old_secret").get(public_id=public_id)


def lock_endpoint_of(pk: int) -> Endpoint:
    """Hold the endpoint of a message that is held already, to note what became of it."""
    held = Endpoint.objects.select_for_update(no_key=True)
    return held.defer("url", "secret", "old_secret").get(pk=pk)


def lock_display(pk: int) -> WallDisplay:
    """Hold a display while it is taken down; raises `DoesNotExist` where it was already."""
    held = WallDisplay.objects.select_for_update(of=("self",), no_key=True)
    return held.select_related("pool", "resource_type", "unit").get(pk=pk, revoked_at=None)


def claim_of_endpoint(
    endpoint: Endpoint, statuses: Iterable[str], *, limit: int | None, event_id: UUID | None = None
) -> list[Message]:
    """Take messages of an endpoint that nobody is sending, oldest first; or the one of an event."""
    held = Message.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    found = held.filter(endpoint=endpoint, status__in=statuses)
    if event_id is not None:
        found = found.filter(event__public_id=event_id)
    return list(found.order_by("pk")[:limit])


def lock_message(pk: int) -> Message:
    """Hold one message while it is sent again; waits for a worker that is sending it."""
    held = Message.objects.select_for_update(of=("self",), no_key=True)
    return held.select_related("user", "endpoint").get(pk=pk)


def claim_failed(keys: list[int]) -> list[Message]:
    """Take those of the messages that are still given up and that nobody else holds."""
    held = Message.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    found = held.filter(pk__in=keys, status=DeliveryStatus.FAILED)
    return list(found.select_related("user", "endpoint").order_by("pk"))


def lock_event(public_id: UUID) -> OutboxEvent:
    """Hold one event; waits for a worker that is telling of it."""
    return OutboxEvent.objects.select_for_update(no_key=True).get(public_id=public_id)


def lock_told(*, event_id: UUID, reader: UUID | int, channel: str) -> Message | None:
    """Hold what one reader was told of an event, known by the person's id or the message's key."""
    known = {"user__public_id": reader} if isinstance(reader, UUID) else {"pk": reader}
    held = Message.objects.select_for_update(of=("self",), no_key=True).select_related("user")
    return held.filter(event__public_id=event_id, channel=channel, **known).first()


def lock_access_request(public_id: UUID) -> AccessRequest:
    """Hold a request for access while somebody decides on it."""
    return (
        AccessRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related("user", "resource__resource_type", "supervisor")
        .get(public_id=public_id)
    )


def lock_assessment(public_id: UUID) -> RiskAssessment:
    """Hold a risk assessment while it is changed or reviewed."""
    return (
        RiskAssessment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("resource__resource_type", "user", "written_by")
        .get(public_id=public_id)
    )


def lock_fault(public_id: UUID) -> Fault:
    """Hold a fault while it is looked after: two cannot resolve it."""
    return (
        Fault.objects.select_for_update(of=("self",), no_key=True)
        .select_related("resource", "reported_by", "assignee")
        .get(public_id=public_id)
    )


def lock_maintenance(public_id: UUID) -> MaintenanceRecord:
    """Hold planned work that was not called off while it changes."""
    return (
        MaintenanceRecord.objects.select_for_update(of=("self",), no_key=True)
        .select_related("resource__resource_type")
        .get(public_id=public_id, cancelled_at=None)
    )


def lock_plan(public_id: UUID) -> MaintenancePlan:
    """Hold a plan while its windows are made or changed: each is made once."""
    return (
        MaintenancePlan.objects.select_for_update(of=("self",), no_key=True)
        .select_related("resource__resource_type", "created_by")
        .get(public_id=public_id)
    )


def lock_broadcast(public_id: UUID) -> Broadcast:
    """Hold a broadcast while people are reminded of it or it is ended."""
    held = Broadcast.objects.select_for_update(of=("self",), no_key=True)
    return held.select_related("resource", "unit", "author").get(public_id=public_id)


def lock_watch() -> None:
    """Let one watch at a time tell of what is wrong: two would tell twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('booking_incident'))")


def claim_faults(keys: list[int]) -> list[Fault]:
    """Take faults of which nobody was told that they are overdue and no other worker holds."""
    found = Fault.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    untold = found.filter(pk__in=keys, overdue_told_at=None)
    return list(untold.select_related("resource", "assignee").order_by("due_at", "pk"))


def claim_calendars(*, now: datetime, limit: int) -> list[RemoteCalendar]:
    """Take calendar servers whose turn it is and that no other worker takes at this moment."""
    waits = Q(lent_until=None) | Q(lent_until__lte=now)
    # Read where it is used: a password that nobody can read must not stop the other servers.
    due = RemoteCalendar.objects.defer("password").filter(
        waits, is_active=True, next_sync_at__lte=now
    )
    taken = due.select_for_update(skip_locked=True, no_key=True)
    return list(taken.order_by("next_sync_at", "pk")[:limit])


def lock_conflict(user: User, booking_id: UUID) -> RemoteEntry:
    """Hold one's entry that waits for a word: it is decided once. Raises `DoesNotExist`."""
    return (
        RemoteEntry.objects.select_for_update(of=("self",), no_key=True)
        .select_related("booking__resource")
        .get(calendar__user=user, booking__public_id=booking_id, state=RemoteState.CONFLICT)
    )
