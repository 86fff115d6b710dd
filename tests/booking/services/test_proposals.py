"""Handing over and swapping: offered, answered, and both sides' rules asked at once."""

from datetime import datetime, timedelta
from functools import partial

import pytest

from accounts.models import User
from audit.models import AuditLog
from audit.sentences import tell
from booking.enums import ProposalState, Status
from booking.errors import ActionRefused, BookingRefused, NotAllowed
from booking.handlers import HANDLERS
from booking.models import (
    Booking,
    Message,
    Notification,
    Proposal,
    QuotaEntry,
    Resource,
    ResourceAccess,
    ResourceCalendar,
)
from booking.queries.proposals import find_proposal, standing, state_of, swappable_bookings
from booking.services.bookings import cancel_booking, reschedule_booking
from booking.services.events import dispatch_batch
from booking.services.proposals import (
    Offered,
    accept_proposal,
    decline_proposal,
    propose,
    withdraw_proposal,
)
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.factories.groups import make_group, make_project
from tests.factories.quotas import assert_adds_up, make_quota
from tests.factories.resources import make_resource

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def mine(ada: User, microscope: Resource, now: datetime) -> Booking:
    """Ada's, tomorrow."""
    return make_booking(ada, microscope, now + 24 * HOUR, purpose="Cells")


@pytest.fixture
def theirs(ben: User, second_microscope: Resource, now: datetime) -> Booking:
    """Ben's, the day after, on another instrument."""
    return make_booking(ben, second_microscope, now + 48 * HOUR, purpose="Fibres")


def offer(booking: Booking, to: User, now: datetime) -> Proposal:
    offered = Offered(to=to, message="Can you use it?")
    return propose(actor=booking.user, booking_id=booking.public_id, offered=offered, now=now)


def ask_swap(booking: Booking, wanted: Booking, now: datetime) -> Proposal:
    offered = Offered(wanted_id=wanted.public_id)
    return propose(actor=booking.user, booking_id=booking.public_id, offered=offered, now=now)


def accept(proposal: Proposal, actor: User, now: datetime) -> Proposal:
    return accept_proposal(actor=actor, proposal_id=proposal.public_id, now=now)


def codes(error: pytest.ExceptionInfo[BookingRefused]) -> list[str]:
    return [each.code for each in error.value.refusals]


def test_what_is_accepted_changes_hands(ada: User, ben: User, mine: Booking, now: datetime) -> None:
    mine.attendees.create(user=ben)
    accept(offer(mine, ben, now), ben, now)
    mine.refresh_from_db()
    # Who gave it away cannot change it any longer.
    assert (mine.user, mine.created_by, mine.sequence) == (ben, ben, 1)
    assert not mine.attendees.exists()
    assert ResourceCalendar.objects.get().booking_id == mine.pk
    assert Proposal.objects.get().state == ProposalState.ACCEPTED
    actions = list(AuditLog.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["proposal.made", "booking.transferred", "proposal.accepted"]


def test_a_swap_gives_each_the_others_time(
    ada: User, ben: User, eve: User, mine: Booking, theirs: Booking, now: datetime
) -> None:
    mine.attendees.create(user=eve)
    theirs.attendees.create(user=ada)
    accept(ask_swap(mine, theirs, now), ben, now)
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.user, theirs.user) == (ben, ada)
    # What is done goes with who does it.
    assert (mine.purpose, theirs.purpose) == ("Fibres", "Cells")
    assert [each.user for each in mine.attendees.all()] == [ada]
    assert [each.user for each in theirs.attendees.all()] == [eve]
    assert ResourceCalendar.objects.count() == 2
    sentences = [tell(log) for log in AuditLog.objects.order_by("pk")]
    assert sentences[1].startswith("Ben accepted a swap: Confocal 1")


def test_people_are_told(
    ada: User, ben: User, mine: Booking, theirs: Booking, now: datetime
) -> None:
    proposal = ask_swap(mine, theirs, now)
    dispatch_batch(handlers=HANDLERS, now=now)
    mail = Message.objects.get()
    assert (mail.kind, mail.user) == ("proposal.swap", ben)
    notice = Notification.objects.get()
    assert "would swap Confocal 1" in notice.body
    assert notice.url.endswith(str(proposal.public_id))
    accept(proposal, ben, now)
    dispatch_batch(handlers=HANDLERS, now=now)
    told = Message.objects.exclude(pk=mail.pk).order_by("pk")
    assert [(each.kind, each.user) for each in told] == [
        ("booking.transferred", ben),
        ("booking.transferred", ada),
        ("booking.given", ada),
        ("booking.given", ben),
    ]
    notices = Notification.objects.exclude(pk=notice.pk).filter(user=ada)
    assert [each.title.split(":")[0] for each in notices.order_by("pk")] == [
        "Yours from now on",
        "Ben accepted",
    ]


def test_both_sides_are_asked_without_what_they_give(
    ada: User, ben: User, mine: Booking, microscope: Resource, now: datetime
) -> None:
    # They overlap: neither could have both, each may have the other's.
    other = make_resource("Confocal 3")
    theirs = make_booking(ben, other, mine.start_time + HOUR / 2)
    accept(ask_swap(mine, theirs, now), ben, now)
    theirs.refresh_from_db()
    assert theirs.user == ada


def test_both_sides_refusals_are_told(
    ada: User,
    ben: User,
    mine: Booking,
    theirs: Booking,
    second_microscope: Resource,
    now: datetime,
) -> None:
    proposal = ask_swap(mine, theirs, now)
    make_booking(ben, make_resource("Laser"), mine.start_time)
    make_booking(ada, make_resource("Mill"), theirs.start_time)
    with pytest.raises(BookingRefused) as refused:
        accept(proposal, ben, now)
    assert codes(refused) == ["own.overlap", "own.overlap"]
    texts = [each.text for each in refused.value.refusals]
    assert texts[0].startswith("Ben has booked Laser")
    assert texts[1].startswith("Ada has booked Mill")
    mine.refresh_from_db()
    assert (mine.user, mine.sequence, mine.purpose) == (ada, 0, "Cells")
    assert Proposal.objects.get().state == ProposalState.WAITING
    assert AuditLog.objects.count() == 1


def test_quotas_follow_and_limit_a_swap(
    ada: User, ben: User, mine: Booking, second_microscope: Resource, now: datetime
) -> None:
    make_quota(amount=90, user=ben)
    longer = make_booking(ben, second_microscope, now + 50 * HOUR)
    twice = make_booking(ada, make_resource("Mill"), now + 60 * HOUR, 2 * HOUR)
    with pytest.raises(BookingRefused) as refused:
        accept(ask_swap(twice, longer, now), ben, now)
    assert codes(refused) == ["quota.allowance"]
    assert not QuotaEntry.objects.exists()
    accept(ask_swap(mine, longer, now), ben, now)
    assert_adds_up()
    assert {entry.booking_id for entry in QuotaEntry.objects.all()} == {mine.pk}


def test_what_the_other_may_not_use_is_refused_at_once(
    ada: User, ben: User, theirs: Booking, now: datetime
) -> None:
    locked = make_resource("NMR", requires_access=True)
    ResourceAccess.objects.create(user=ada, resource=locked)
    booking = make_booking(ada, locked, now + 24 * HOUR)
    for ask in (partial(offer, booking, ben, now), partial(ask_swap, booking, theirs, now)):
        with pytest.raises(BookingRefused) as refused:
            ask()
        assert codes(refused) == ["access.missing"]
        assert refused.value.refusals[0].text.startswith("Ben: ")
    assert not Proposal.objects.exists()


def test_what_the_other_would_have_to_ask_for_is_refused(
    ada: User, ben: User, mine: Booking, now: datetime
) -> None:
    Resource.objects.update(requires_approval=True)
    with pytest.raises(BookingRefused) as refused:
        offer(mine, ben, now)
    assert codes(refused) == ["approval.needed"]


def test_a_project_stays_with_those_who_may_charge_it(
    ada: User, ben: User, chris: User, mine: Booking, now: datetime
) -> None:
    group = make_group("Optics", chris, ada)
    mine.project = make_project("Light", group, ada)
    mine.save()
    accept(offer(mine, ben, now), ben, now)
    mine.refresh_from_db()
    assert mine.project is None


@pytest.mark.parametrize("hours", [-0.5, -5])
def test_what_has_begun_or_is_over_is_not_proposed(
    ada: User, ben: User, theirs: Booking, now: datetime, hours: float
) -> None:
    past = make_booking(ada, make_resource("Mill"), now + hours * HOUR)
    for ask in (partial(offer, past, ben, now), partial(ask_swap, past, theirs, now)):
        with pytest.raises(ActionRefused, match=r"proposal\.booking"):
            ask()
    past_of_ben = make_booking(ben, make_resource("Saw"), now + hours * HOUR)
    with pytest.raises(Booking.DoesNotExist):
        ask_swap(make_booking(ada, make_resource("Lathe"), now + HOUR), past_of_ben, now)


def test_not_with_oneself(ada: User, mine: Booking, now: datetime) -> None:
    other = make_booking(ada, make_resource("Mill"), now + 30 * HOUR)
    for ask in (partial(offer, mine, ada, now), partial(ask_swap, mine, other, now)):
        with pytest.raises(ActionRefused, match=r"proposal\.receiver"):
            ask()


def test_not_with_whom_the_calendar_does_not_name(
    ada: User, ben: User, mine: Booking, theirs: Booking, now: datetime
) -> None:
    ben.preferences.show_name = False
    ben.preferences.save()
    assert swappable_bookings(viewer=ada, booking=mine, now=now) == []
    with pytest.raises(Booking.DoesNotExist):
        ask_swap(mine, theirs, now)


def test_only_ones_own_is_offered(ben: User, chris: User, mine: Booking, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        propose(actor=chris, booking_id=mine.public_id, offered=Offered(to=ben), now=now)


def test_offered_once_at_a_time(
    ada: User, ben: User, eve: User, mine: Booking, theirs: Booking, now: datetime
) -> None:
    first = offer(mine, ben, now)
    with pytest.raises(ActionRefused, match=r"proposal\.open"):
        ask_swap(mine, theirs, now)
    withdraw_proposal(actor=ada, proposal_id=first.public_id, now=now)
    assert offer(mine, eve, now).proposed_to == eve
    with pytest.raises(ActionRefused, match=r"proposal\.over"):
        accept(first, ben, now)


def test_a_changed_booking_voids_it_and_makes_room(
    ada: User, ben: User, eve: User, mine: Booking, theirs: Booking, now: datetime
) -> None:
    proposal = ask_swap(mine, theirs, now)
    period = Period(theirs.start_time + HOUR, theirs.end_time + HOUR)
    reschedule_booking(actor=ben, booking_id=theirs.public_id, period=period, now=now)
    with pytest.raises(ActionRefused, match=r"proposal\.void"):
        accept(proposal, ben, now)
    found = find_proposal(ada, proposal.public_id)
    assert found is not None
    assert state_of(found, now=now) == ProposalState.VOID
    assert not standing(Proposal.objects.all(), now=now).exists()
    offer(mine, eve, now)
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.VOID


def test_cancelled_or_begun_it_is_void(
    ada: User, ben: User, eve: User, mine: Booking, now: datetime
) -> None:
    proposal = offer(mine, ben, now)
    with pytest.raises(ActionRefused, match=r"proposal\.void"):
        accept(proposal, ben, mine.start_time)
    cancel_booking(actor=ada, booking_id=mine.public_id, now=now)
    with pytest.raises(ActionRefused, match=r"proposal\.void"):
        accept(proposal, ben, now)
    assert Booking.objects.get().status == Status.CANCELLED


def test_each_answers_only_for_themselves(
    ada: User, ben: User, eve: User, dora: User, mine: Booking, now: datetime
) -> None:
    proposal = offer(mine, ben, now)
    key = proposal.public_id
    for stranger in (eve, dora):
        assert find_proposal(stranger, key) is None
        with pytest.raises(Proposal.DoesNotExist):
            accept(proposal, stranger, now)
        with pytest.raises(Proposal.DoesNotExist):
            decline_proposal(actor=stranger, proposal_id=key, now=now)
    with pytest.raises(NotAllowed):
        accept(proposal, ada, now)
    with pytest.raises(NotAllowed):
        decline_proposal(actor=ada, proposal_id=key, now=now)
    with pytest.raises(NotAllowed):
        withdraw_proposal(actor=ben, proposal_id=key, now=now)


def test_declined_everything_stays(ada: User, ben: User, mine: Booking, now: datetime) -> None:
    proposal = offer(mine, ben, now)
    decline_proposal(actor=ben, proposal_id=proposal.public_id, now=now, answer="On leave")
    dispatch_batch(handlers=HANDLERS, now=now)
    assert "On leave" in Notification.objects.get(user=ada).body
    mine.refresh_from_db()
    assert (mine.user, mine.sequence) == (ada, 0)
    with pytest.raises(ActionRefused, match=r"proposal\.over"):
        accept(proposal, ben, now)
