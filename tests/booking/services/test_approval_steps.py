"""Every kind of approval, really asked and answered: who, in which order, with what effect."""

from datetime import datetime, timedelta

import pytest

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditLog
from booking.enums import ApprovalMode, ApproverKind, Needed, Status, VoteState
from booking.errors import ActionRefused, BookingRefused, NotAllowed, SlotTaken
from booking.models import (
    Approval,
    ApprovalVote,
    Booking,
    BookingDecision,
    OutboxEvent,
    Resource,
    ResourceCalendar,
    ResponsiblePerson,
    Supervision,
)
from booking.queries.approvals import awaiting_decision, decidable, may_decide, steps_of
from booking.queries.notifications import deciders_of
from booking.queries.previews import preview_booking
from booking.services.approvals import approve_booking, decide_bookings, reject_booking
from booking.services.bookings import (
    BookingDetails,
    cancel_booking,
    create_booking,
    reschedule_booking,
)
from labitory.lib.periods import Period
from tests.factories.approvals import make_approval_policy, tier
from tests.factories.groups import make_group, make_project
from tests.factories.people import make_user
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
TIERED, SINGLE = ApprovalMode.TIERED, ApprovalMode.SINGLE
LEAD, PERSON = ApproverKind.LEAD, ApproverKind.PERSON


def book(
    user: User, resource: Resource, now: datetime, hours: float = 24, **more: object
) -> Booking:
    return create_booking(
        actor=user,
        user=user,
        resource_ids=[resource.public_id],
        period=Period(now + hours * HOUR, now + (hours + 1) * HOUR),
        now=now,
        **more,  # type: ignore[arg-type]
    )[0]


def asked(booking: Booking, state: VoteState = VoteState.WAITING) -> set[str]:
    votes = ApprovalVote.objects.filter(approval__booking=booking, state=state)
    return set(votes.values_list("user__username", flat=True))


def test_each_kind_of_approver_is_found(
    ada: User, ben: User, chris: User, dora: User, microscope: Resource, now: datetime
) -> None:
    make_group("Optics", ben, ada)
    ResponsiblePerson.objects.create(resource=microscope, user=ben)
    Supervision.objects.create(user=ada, supervisor=dora, since=now)
    make_approval_policy(
        microscope,
        tier(LEAD),
        tier(),
        tier(ApproverKind.ROLE, role=Role.LAB_MANAGER),
        tier(ApproverKind.SUPERVISOR),
        tier(PERSON, person=chris),
        mode=TIERED,
    )
    booking = book(ada, microscope, now)
    found = [
        (step.position, step.state, {vote.user.username for vote in step.votes.all()})
        for step in steps_of(booking)
    ]
    assert found == [
        (1, "waiting", {"ben"}),
        (2, "later", {"ben"}),
        (3, "later", {"chris"}),
        (4, "later", {"dora"}),
        (5, "later", {"chris"}),
    ]
    assert set(deciders_of([booking], now=now)) == {ben}


def test_the_projects_investigator_and_managers_are_asked(
    ada: User, ben: User, eve: User, microscope: Resource, now: datetime
) -> None:
    make_group("Own", ben, ada)
    other = make_group("Other", make_user("frank", role=Role.ACADEMIC), eve)
    other.members.filter(user=eve).update(is_manager=True)
    project = make_project("Probe", other, ada)
    make_approval_policy(microscope, tier(LEAD), mode=SINGLE)
    details = BookingDetails(project_id=project.public_id)
    assert asked(book(ada, microscope, now, details=details)) == {"frank", "eve"}
    assert asked(book(ada, microscope, now, 48)) == {"ben"}


def test_who_is_nobody_falls_to_those_who_may_approve(
    ada: User, ben: User, chris: User, dora: User, microscope: Resource, now: datetime
) -> None:
    make_approval_policy(microscope, tier(LEAD), mode=SINGLE)
    # No group at all; a principal investigator's own; a closed account.
    assert asked(book(ada, microscope, now)) == {"chris"}
    make_group("Optics", ben)
    assert asked(book(ben, microscope, now, 48)) == {"chris"}
    make_group("Nobody's", make_user("gone", is_active=False), ada)
    assert asked(book(ada, microscope, now, 72)) == {"chris"}


def test_steps_wait_for_their_turn_and_the_last_one_confirms(
    ada: User, ben: User, chris: User, eve: User, microscope: Resource, now: datetime
) -> None:
    make_approval_policy(
        microscope, tier(PERSON, person=ben), tier(PERSON, person=eve), mode=TIERED
    )
    booking = book(ada, microscope, now)
    assert [list(awaiting_decision(who, now=now)) for who in (ben, eve, chris)] == [
        [booking],
        [],
        [],
    ]
    # Lab managers may decide on it all the same, whoever is asked first.
    assert list(decidable(chris, now=now)) == [booking]
    with pytest.raises(NotAllowed):
        approve_booking(actor=eve, booking_id=booking.public_id, now=now)
    first = approve_booking(actor=ben, booking_id=booking.public_id, now=now, reason="Fine")
    assert first.status == Status.PENDING
    assert (asked(booking), asked(booking, VoteState.APPROVED)) == ({"eve"}, {"ben"})
    assert AuditLog.objects.filter(action="booking.step_approved", actor_id=ben.pk).exists()
    assert [event.kind for event in OutboxEvent.objects.order_by("id")] == [
        "booking.requested",
        "booking.requested",
    ]
    with pytest.raises(NotAllowed):
        approve_booking(actor=ben, booking_id=booking.public_id, now=now)
    assert not BookingDecision.objects.filter(action="approve").exists()
    last = approve_booking(actor=eve, booking_id=booking.public_id, now=now)
    assert last.status == Status.CONFIRMED
    assert set(Approval.objects.values_list("state", flat=True)) == {VoteState.APPROVED}
    assert BookingDecision.objects.get(action="approve").outcome == "allowed"
    with pytest.raises(ActionRefused):
        approve_booking(actor=eve, booking_id=booking.public_id, now=now)


def test_all_must_agree_or_any_one(
    ada: User, ben: User, eve: User, chris: User, microscope: Resource, now: datetime
) -> None:
    for user in (ben, eve):
        ResponsiblePerson.objects.create(resource=microscope, user=user)
    policy = make_approval_policy(microscope, tier(needed=Needed.ALL), mode=TIERED)
    booking = book(ada, microscope, now)
    assert approve_booking(actor=ben, booking_id=booking.public_id, now=now).status == "pending"
    assert not may_decide(ben, booking, now=now)
    assert may_decide(eve, booking, now=now)
    assert approve_booking(actor=eve, booking_id=booking.public_id, now=now).status == "confirmed"
    policy.tiers.update(needed=Needed.ANY)
    other = book(ada, microscope, now, 48)
    assert approve_booking(actor=eve, booking_id=other.public_id, now=now).status == "confirmed"
    assert asked(other, VoteState.CLOSED) == {"ben"}
    # Who may approve on the resource answers for all.
    policy.tiers.update(needed=Needed.ALL)
    third = book(ada, microscope, now, 72)
    assert approve_booking(actor=chris, booking_id=third.public_id, now=now).status == "confirmed"
    assert asked(third, VoteState.APPROVED) == {"chris"}


def test_one_no_is_enough_and_gives_the_time_back(
    ada: User, ben: User, eve: User, microscope: Resource, now: datetime
) -> None:
    for user in (ben, eve):
        ResponsiblePerson.objects.create(resource=microscope, user=user)
    make_approval_policy(microscope, tier(needed=Needed.ALL), tier(LEAD), mode=TIERED)
    booking = book(ada, microscope, now)
    approve_booking(actor=ben, booking_id=booking.public_id, now=now)
    reject_booking(actor=eve, booking_id=booking.public_id, now=now, reason="Laser is out")
    booking.refresh_from_db()
    assert booking.status == Status.REJECTED
    assert not ResourceCalendar.objects.exists()
    assert set(Approval.objects.values_list("position", "state")) == {
        (1, "rejected"),
        (2, "closed"),
    }


def test_nobody_decides_on_what_they_asked_or_made(
    ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    for user in (ada, ben):
        ResponsiblePerson.objects.create(resource=microscope, user=user)
    make_approval_policy(microscope, mode=SINGLE)
    own = book(ada, microscope, now)
    assert asked(own) == {"ben"}
    Booking.objects.filter(pk=own.pk).update(created_by=ben)
    for who in (ada, ben):
        with pytest.raises(NotAllowed):
            approve_booking(actor=who, booking_id=own.public_id, now=now)
        with pytest.raises(NotAllowed):
            reject_booking(actor=who, booking_id=own.public_id, now=now, reason="No")
    assert not list(awaiting_decision(ben, now=now))


def test_what_holds_no_time_takes_it_when_approved_or_loses_it(
    ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    policy = make_approval_policy(microscope, mode=SINGLE, holds_slot=False)
    winner, loser = book(ada, microscope, now), book(ben, microscope, now)
    assert not ResourceCalendar.objects.exists()
    preview = preview_booking(
        actor=ada, user=ada, resource_ids=[microscope.public_id], period=loser.period, now=now
    )
    assert (preview.needs_approval, preview.holds_time) == (True, False)
    approve_booking(actor=chris, booking_id=winner.public_id, now=now)
    assert ResourceCalendar.objects.get().booking == winner
    with pytest.raises(SlotTaken) as lost:
        approve_booking(actor=chris, booking_id=loser.public_id, now=now)
    assert lost.value.refusals[0].text
    loser.refresh_from_db()
    assert loser.status == Status.PENDING
    # Moved to where nobody is asked, it takes its time like any other.
    policy.delete()
    period = Period(now + 30 * HOUR, now + 31 * HOUR)
    moved = reschedule_booking(actor=ben, booking_id=loser.public_id, period=period, now=now)
    assert moved.status == Status.CONFIRMED
    assert ResourceCalendar.objects.filter(booking=moved).exists()
    assert not awaiting_decision(chris, now=now).exists()


def test_a_move_asks_anew_and_a_managers_move_approves_nothing(
    ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    ResponsiblePerson.objects.create(resource=microscope, user=ben)
    make_approval_policy(microscope, tier(), tier(PERSON, person=ben), mode=TIERED)
    booking = book(ada, microscope, now)
    approve_booking(actor=ben, booking_id=booking.public_id, now=now)
    for actor, hours in ((ada, 30), (chris, 40)):
        period = Period(now + hours * HOUR, now + (hours + 1) * HOUR)
        moved = reschedule_booking(
            actor=actor, booking_id=booking.public_id, period=period, now=now
        )
        assert moved.status == Status.PENDING
        assert [(each.position, each.state) for each in steps_of(moved)] == [
            (1, "waiting"),
            (2, "later"),
        ]
    assert asked(booking) == {"ben"}


def test_cancelling_asks_nobody_any_longer(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    make_approval_policy(microscope, mode=SINGLE)
    booking = book(ada, microscope, now)
    cancel_booking(actor=ada, booking_id=booking.public_id, now=now)
    assert asked(booking) == set()
    with pytest.raises(ActionRefused) as refused:
        approve_booking(actor=chris, booking_id=booking.public_id, now=now)
    assert refused.value.refusals[0].code == "approval.decided"
    booking.refresh_from_db()
    assert booking.status == Status.CANCELLED


def test_the_rules_speak_again_at_the_last_step_only(
    ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    make_approval_policy(
        microscope, tier(PERSON, person=ben), tier(PERSON, person=chris), mode=TIERED
    )
    booking = book(ada, microscope, now)
    Resource.objects.update(is_active=False, closed_reason="Broken")
    approve_booking(actor=ben, booking_id=booking.public_id, now=now)
    with pytest.raises(BookingRefused):
        approve_booking(actor=chris, booking_id=booking.public_id, now=now)
    # The answer is undone with the rest: they may try again, or say no.
    assert asked(booking) == {"chris"}


def test_several_are_decided_each_for_itself(
    ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    make_approval_policy(microscope, mode=SINGLE)
    fine, gone, own = (
        book(ada, microscope, now, 24),
        book(ada, microscope, now, 48),
        book(ben, microscope, now, 72),
    )
    cancel_booking(actor=ada, booking_id=gone.public_id, now=now)
    Booking.objects.filter(pk=own.pk).update(created_by=chris)
    ids = [fine.public_id, gone.public_id, own.public_id, fine.public_id]
    answers = decide_bookings(actor=chris, booking_ids=ids, approve=True, now=now)
    codes = [each.error.refusals[0].code if each.error else "" for each in answers]
    assert codes == ["", "approval.decided", "permission.approve"]
    for ids, approve in (([], True), ([fine.public_id], False)):
        with pytest.raises(ActionRefused):
            decide_bookings(actor=chris, booking_ids=ids, approve=approve, now=now)


def test_creating_with_steps_takes_eight_queries(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    make_approval_policy(microscope, tier(LEAD), tier(), mode=TIERED)
    with count_queries(8):
        book(ada, microscope, now)


def test_waiting_is_counted_in_one_query(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_approval_policy(microscope, tier(PERSON, person=ben), mode=SINGLE)
    for hours in (24, 48, 72):
        book(ada, microscope, now, hours)
    with count_queries(1):
        assert awaiting_decision(ben, now=now).count() == 3
