"""Reading proposals: what was offered to whom, and whether it still stands."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet

from accounts.models import User
from booking.enums import ProposalState, Status
from booking.models import Booking, Proposal, Resource
from booking.queries.bookings import visible_bookings
from booking.queries.places import shown_to

MOST_CHOICES = 100
HORIZON = timedelta(days=28)


def proposals_of(viewer: User) -> QuerySet[Proposal]:
    """What this person proposed or was proposed, the newest first."""
    return (
        Proposal.objects.filter(Q(proposed_by=viewer) | Q(proposed_to=viewer))
        .select_related(
            "proposed_by",
            "proposed_to",
            "booking__resource",
            "booking__user",
            "booking__project",
            "wanted__resource",
            "wanted__user",
            "wanted__project",
        )
        .order_by("-proposed_at", "-pk")
    )


def find_proposal(viewer: User, public_id: UUID) -> Proposal | None:
    """One proposal, or None for whom it is none of their business."""
    return proposals_of(viewer).filter(public_id=public_id).first()


def standing(proposals: QuerySet[Proposal], *, now: datetime) -> QuerySet[Proposal]:
    """Those that can still be accepted: nothing of theirs changed, began or was cancelled."""
    return proposals.filter(
        Q(wanted=None)
        | Q(
            wanted__status=Status.CONFIRMED,
            wanted__start_time__gt=now,
            wanted__sequence=F("wanted_sequence"),
        ),
        state=ProposalState.WAITING,
        booking__status=Status.CONFIRMED,
        booking__start_time__gt=now,
        booking__sequence=F("booking_sequence"),
    )


def does_stand(proposal: Proposal, *, now: datetime) -> bool:
    """Whether a proposal that was read with its bookings can still be accepted."""
    bookings = [(proposal.booking, proposal.booking_sequence)]
    if proposal.wanted is not None:
        bookings.append((proposal.wanted, proposal.wanted_sequence))
    return proposal.state == ProposalState.WAITING and all(
        booking.status == Status.CONFIRMED
        and booking.start_time > now
        and booking.sequence == sequence
        for booking, sequence in bookings
    )


def state_of(proposal: Proposal, *, now: datetime) -> ProposalState:
    """How far it has come: what waits but no longer stands is void, whatever is written."""
    if proposal.state == ProposalState.WAITING and not does_stand(proposal, now=now):
        return ProposalState.VOID
    return ProposalState(proposal.state)


def open_proposal(booking: Booking, *, now: datetime) -> Proposal | None:
    """The proposal by which a booking is offered now."""
    found = standing(Proposal.objects.filter(booking=booking), now=now)
    return found.select_related("proposed_to", "wanted__resource").first()


def swappable_bookings(
    *, viewer: User, booking: Booking, now: datetime, word: str = ""
) -> list[Booking]:
    """Others' bookings of the next four weeks to propose a swap for, those alike first."""
    found = named_bookings(viewer, now=now).exclude(user=booking.user_id)
    found = found.filter(start_time__lt=now + HORIZON)
    if word:
        found = found.filter(
            Q(resource__name__icontains=word)
            | Q(user__first_name__icontains=word)
            | Q(user__last_name__icontains=word)
            | Q(user__username__iexact=word)
        )
    ordered = found.annotate(
        is_same=Q(resource=booking.resource_id),
        is_alike=Q(resource__resource_type=booking.resource.resource_type_id),
    ).order_by("-is_same", "-is_alike", "start_time", "pk")
    return list(ordered[:MOST_CHOICES])


def named_bookings(viewer: User, *, now: datetime) -> QuerySet[Booking]:
    """What is to come and stands, where the calendar names its person to the viewer."""
    named = ~Q(user__preferences__show_name=False) | Q(
        pk__in=visible_bookings(viewer).order_by().values("pk")
    )
    return Booking.objects.filter(
        named,
        status=Status.CONFIRMED,
        start_time__gt=now,
        user__is_active=True,
        resource__in=Resource.objects.filter(shown_to(viewer, now=now)).values("pk"),
    ).select_related("resource", "user", "created_by", "project")


def find_receiver(public_id: UUID) -> User | None:
    """Somebody with an open account, to be offered a booking."""
    return User.objects.filter(public_id=public_id, is_active=True).first()
