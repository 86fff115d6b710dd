"""Offering one's booking to somebody, for nothing or against one of theirs, and answering."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import User
from booking.enums import ProposalKind, ProposalState
from booking.locks import lock_booking, lock_proposal
from booking.models import Booking, Proposal
from booking.queries.proposals import named_bookings
from booking.services._handing import Handing, resources_for
from booking.services._proposing import (
    note_proposal,
    require_offered_once,
    require_other,
    require_own,
    require_party,
    require_rights,
    require_standing,
    require_to_come,
    require_waiting,
)
from booking.services._quotas import hold_people
from booking.services._swapping import swap, transfer
from labitory.lib.db import run_transaction

# What is told of each answer.
_TOLD = {
    ProposalState.ACCEPTED: "proposal.accepted",
    ProposalState.DECLINED: "proposal.declined",
    ProposalState.WITHDRAWN: "proposal.withdrawn",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What a proposal says: to whom, or against which booking, and a word with it."""

    to: User | None = None
    wanted_id: UUID | None = None
    message: str = ""


def propose(*, actor: User, booking_id: UUID, offered: Offered, now: datetime) -> Proposal:
    """Offer a booking of one's own to a person, or against one of theirs.

    A booking is offered once at a time. What either could not take in any case is refused at once.
    Raises `Booking.DoesNotExist`, `NotAllowed`, `ActionRefused` and `BookingRefused`.
    """

    def work() -> Proposal:
        booking = lock_booking(booking_id)
        require_own(actor, booking)
        require_to_come(booking, now)
        wanted = _wanted(actor, offered, now)
        receiver = require_other(actor, offered.to if wanted is None else wanted.user)
        require_offered_once(booking, now)
        require_rights(booking, wanted, actor, receiver, now)
        proposal = Proposal.objects.create(
            kind=ProposalKind.TRANSFER if wanted is None else ProposalKind.SWAP,
            booking=booking,
            wanted=wanted,
            proposed_by=actor,
            proposed_to=receiver,
            message=offered.message.strip()[:300],
            booking_sequence=booking.sequence,
            wanted_sequence=0 if wanted is None else wanted.sequence,
            proposed_at=now,
        )
        note_proposal("proposal.made", proposal, actor=actor, now=now)
        return proposal

    return run_transaction(work)


def accept_proposal(*, actor: User, proposal_id: UUID, now: datetime) -> Proposal:
    """Take what was proposed: the bookings change hands, both or neither.

    Every rule is asked for what each gets, as if neither booking stood. Raises
    `Proposal.DoesNotExist`, `NotAllowed`, `ActionRefused`, and `BookingRefused` with the refusals
    of both sides.
    """

    def work() -> Proposal:
        proposal = _hold(proposal_id, now)
        require_party(proposal.proposed_to_id, actor, proposal)
        require_standing(proposal, now)
        require_other(actor, proposal.proposed_by)
        if proposal.wanted is None:
            transfer(proposal.booking, actor, now=now)
        else:
            swap(proposal.booking, proposal.wanted, actor=actor, now=now)
        return _answer(proposal, ProposalState.ACCEPTED, actor, now)

    return run_transaction(work)


def decline_proposal(
    *, actor: User, proposal_id: UUID, now: datetime, answer: str = ""
) -> Proposal:
    """Turn down what was proposed, with a word if one likes; all bookings stay as they are.

    Raises `Proposal.DoesNotExist`, `NotAllowed` and `ActionRefused`.
    """

    def work() -> Proposal:
        proposal = lock_proposal(proposal_id)
        require_party(proposal.proposed_to_id, actor, proposal)
        require_waiting(proposal)
        return _answer(proposal, ProposalState.DECLINED, actor, now, answer)

    return run_transaction(work)


def withdraw_proposal(*, actor: User, proposal_id: UUID, now: datetime) -> Proposal:
    """Take back one's own proposal that nobody answered.

    Raises `Proposal.DoesNotExist`, `NotAllowed` and `ActionRefused`.
    """

    def work() -> Proposal:
        proposal = lock_proposal(proposal_id)
        require_party(proposal.proposed_by_id, actor, proposal)
        require_waiting(proposal)
        return _answer(proposal, ProposalState.WITHDRAWN, actor, now)

    return run_transaction(work)


def _wanted(actor: User, offered: Offered, now: datetime) -> Booking | None:
    """The other's booking, if one is wanted: one whose person the calendar names."""
    if offered.wanted_id is None:
        return None
    key = {"public_id": offered.wanted_id}
    wanted = named_bookings(actor, now=now).filter(**key).first()
    # One's own is seen in any state, so that it is refused in words.
    wanted = wanted or Booking.objects.select_related("user").get(user=actor, **key)
    require_other(actor, wanted.user)
    require_to_come(wanted, now)
    return wanted


def _hold(proposal_id: UUID, now: datetime) -> Proposal:
    """Hold the people in order, then the bookings in order, then the proposal itself."""
    seen = Proposal.objects.select_related(
        "proposed_by", "proposed_to", "booking__resource", "booking__project", "wanted__resource"
    ).get(public_id=proposal_id)
    bookings = [each for each in (seen.booking, seen.wanted) if each is not None]
    people = (seen.proposed_by, seen.proposed_to)
    # What both sides share with others counts what they give and what they get.
    shared = [
        resource
        for booking in bookings
        for person in people
        for resource in resources_for(
            Handing(booking=booking, receiver=person, actor=person, now=now)
        )
    ]
    hold_people([person.pk for person in people], shared)
    held = {
        each.pk: lock_booking(each.public_id) for each in sorted(bookings, key=lambda one: one.pk)
    }
    proposal = lock_proposal(proposal_id)
    proposal.booking = held[seen.booking.pk]
    if seen.wanted is not None:
        proposal.wanted = held[seen.wanted.pk]
    return proposal


def _answer(
    proposal: Proposal, state: ProposalState, actor: User, now: datetime, answer: str = ""
) -> Proposal:
    proposal.state, proposal.answered_at = state, now
    proposal.answer = answer.strip()[:300]
    proposal.save(update_fields=["state", "answered_at", "answer"])
    note_proposal(_TOLD[state], proposal, actor=actor, now=now)
    return proposal
