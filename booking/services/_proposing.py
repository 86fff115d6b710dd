"""What a proposal asks of its bookings and people, inside an open transaction."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from booking.enums import ProposalState, Status
from booking.errors import ActionRefused, BookingRefused, NotAllowed, Refusal
from booking.events import post_notice
from booking.models import Booking, Proposal, TrainingSession
from booking.queries.proposals import does_stand
from booking.services._handing import Handing, ask_standing, keep_project
from booking.services._swapping import named


def require_own(actor: User, booking: Booking) -> None:
    """Only whom a booking is for offers it."""
    if not actor.is_active or booking.user_id != actor.pk:
        raise NotAllowed(
            code="permission.proposal",
            text=_("Only the person whose booking it is can offer it to others."),
        )


def require_to_come(booking: Booking, now: datetime) -> None:
    """What has begun, is over, or waits for an approval changes no hands."""
    if booking.status != Status.CONFIRMED or booking.start_time <= now:
        raise ActionRefused(
            code="proposal.booking",
            text=_("Only a booking that stands and has not begun can be handed over or swapped."),
        )
    if TrainingSession.objects.filter(booking=booking, cancelled_at=None).exists():
        raise ActionRefused(
            code="proposal.training",
            text=_("A training session takes place then: it cannot change hands."),
        )


def require_other(actor: User, receiver: User | None) -> User:
    """Somebody else with an open account."""
    if receiver is None or receiver.pk == actor.pk or not receiver.is_active:
        raise ActionRefused(
            code="proposal.receiver",
            text=_("Choose somebody else with an open account."),
            field="to",
            status=422,
        )
    return receiver


def require_offered_once(booking: Booking, now: datetime) -> None:
    """One open proposal a booking; what no longer stands makes room and is void for good."""
    waiting = Proposal.objects.filter(booking=booking, state=ProposalState.WAITING)
    for proposal in waiting.select_related("booking", "wanted"):
        if does_stand(proposal, now=now):
            raise ActionRefused(
                code="proposal.open",
                text=_("This booking is offered already: withdraw that proposal first."),
            )
        proposal.state, proposal.answered_at = ProposalState.VOID, now
        proposal.save(update_fields=["state", "answered_at"])


def require_rights(
    booking: Booking, wanted: Booking | None, actor: User, receiver: User, now: datetime
) -> None:
    """Refuse at once what the other, or oneself, could not take whatever happens till then."""
    refusals = _standing(booking, wanted, receiver, actor, now)
    if wanted is not None:
        refusals += _standing(wanted, booking, actor, actor, now)
    if refusals:
        raise BookingRefused(refusals)


def _standing(
    booking: Booking, brought: Booking | None, receiver: User, actor: User, now: datetime
) -> list[Refusal]:
    """What the receiver may not do there, charged to what they would charge."""
    was = booking.project
    handing = Handing(booking=booking, receiver=receiver, actor=actor, now=now)
    if brought is None:
        keep_project(handing)
    else:
        booking.project = brought.project
    found = [named(receiver, each) for each in ask_standing(handing)]
    booking.project = was
    return found


def require_party(party_id: int, actor: User, proposal: Proposal) -> None:
    """Only the two know of it, and each does only what is theirs."""
    if actor.pk not in (proposal.proposed_by_id, proposal.proposed_to_id):
        raise Proposal.DoesNotExist
    if actor.pk != party_id or not actor.is_active:
        raise NotAllowed(
            code="permission.proposal_answer",
            text=_("This is for the other of you two to do."),
        )


def require_waiting(proposal: Proposal) -> None:
    """What was answered or withdrawn is over."""
    if proposal.state != ProposalState.WAITING:
        raise ActionRefused(
            code="proposal.over",
            text=_("This proposal is over: %(state)s.") % {"state": proposal.get_state_display()},
        )


def require_standing(proposal: Proposal, now: datetime) -> None:
    """What became another booking since, began or was cancelled is not what was proposed."""
    require_waiting(proposal)
    if not does_stand(proposal, now=now):
        raise ActionRefused(
            code="proposal.void",
            text=_("This proposal is void: a booking of it was changed or cancelled, or began."),
        )


def note_proposal(action: str, proposal: Proposal, *, actor: User, now: datetime) -> None:
    """Keep what was done with a proposal, and tell the other of it."""
    is_own = actor.pk == proposal.proposed_by_id
    other = proposal.proposed_to if is_own else proposal.proposed_by
    booking = proposal.booking
    record(
        action=action,
        actor=actor,
        target=proposal,
        now=now,
        reason=proposal.answer,
        facts={
            "user": other.full_name,
            "resource": booking.resource.name,
            "start_time": booking.start_time,
            "end_time": booking.end_time,
        },
    )
    kind = "proposal.swap" if action == "proposal.made" and proposal.wanted else action
    post_notice(
        kind=kind,
        people=[other.pk],
        actor=actor,
        now=now,
        path=reverse("booking:proposal", args=[proposal.public_id]),
        facts=_facts(proposal),
    )


def _facts(proposal: Proposal) -> dict[str, Any]:
    wanted = proposal.wanted
    return {
        "resource": proposal.booking.resource.name,
        "when": _when(proposal.booking),
        "message": proposal.message,
        "answer": proposal.answer,
        **({} if wanted is None else {"wanted": wanted.resource.name, "then": _when(wanted)}),
    }


def _when(booking: Booking) -> dict[str, str]:
    return {"start": booking.start_time.isoformat(), "end": booking.end_time.isoformat()}
