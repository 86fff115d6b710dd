"""Pages of templates, proposals, undoing and late cancellations, for the whole cast."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from booking.enums import ProposalState, Status
from booking.models import Booking, BookingTemplate, Proposal, Resource, UndoableAct
from booking.services.bookings import cancel_booking
from booking.services.proposals import Offered, propose
from booking.services.templates import save_template
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
WHO = ("ada", "ben", "chris", "dora", "eve")


@pytest.fixture
def mine(ada: User, microscope: Resource, frozen_clock: datetime) -> Booking:
    """Ada's, tomorrow."""
    return make_booking(ada, microscope, frozen_clock + 24 * HOUR, purpose="Cells")


@pytest.fixture
def theirs(ben: User, second_microscope: Resource, frozen_clock: datetime) -> Booking:
    """Ben's, the day after."""
    return make_booking(ben, second_microscope, frozen_clock + 48 * HOUR)


@pytest.fixture
def swap(mine: Booking, theirs: Booking, now: datetime) -> Proposal:
    """Ada asks Ben."""
    offered = Offered(wanted_id=theirs.public_id)
    return propose(actor=mine.user, booking_id=mine.public_id, offered=offered, now=now)


@pytest.fixture
def template(mine: Booking, now: datetime) -> BookingTemplate:
    """Ada's."""
    return save_template(actor=mine.user, booking_id=mine.public_id, name="Cells", now=now)


def page(name: str, *args: object) -> str:
    return reverse(f"booking:{name}", args=args)


def test_visitors_log_in_first(
    client: Client, mine: Booking, swap: Proposal, template: BookingTemplate
) -> None:
    for address in (
        page("template_list"),
        page("template_new", mine.public_id),
        page("template_edit", template.public_id),
        page("booking_offer", mine.public_id),
        page("booking_swap", mine.public_id),
        page("proposal_list"),
        page("proposal", swap.public_id),
        page("late_cancellations"),
    ):
        answer = client.get(address)
        assert answer.status_code == 302
        assert "/login" in answer["Location"]


def statuses(as_user: LogIn, cast: dict[str, User], address: str) -> list[int]:
    return [as_user(cast[name]).get(address).status_code for name in WHO]


def test_who_sees_what(
    as_user: LogIn,
    cast: dict[str, User],
    mine: Booking,
    swap: Proposal,
    template: BookingTemplate,
) -> None:
    assert statuses(as_user, cast, page("template_list")) == [200] * 5
    assert statuses(as_user, cast, page("proposal_list")) == [200] * 5
    edit = page("template_edit", template.public_id)
    assert statuses(as_user, cast, edit) == [200, 404, 404, 404, 404]
    assert statuses(as_user, cast, page("proposal", swap.public_id)) == [200, 200, 404, 404, 404]
    offer = page("booking_offer", mine.public_id)
    assert statuses(as_user, cast, offer) == [200, 404, 403, 403, 404]
    exchange = page("booking_swap", mine.public_id)
    assert statuses(as_user, cast, exchange) == [200, 404, 403, 403, 404]
    late = page("late_cancellations")
    assert statuses(as_user, cast, late) == [403, 403, 200, 200, 403]


def test_a_template_is_saved_booked_from_renamed_and_deleted(
    as_user: LogIn, ada: User, mine: Booking, now: datetime
) -> None:
    client = as_user(ada)
    new = page("template_new", mine.public_id)
    assert b'value="Cells"' in client.get(new).content
    assert client.post(new, {"name": " "}).status_code == 422
    assert client.post(new, {"name": "My  cells"}).status_code == 302
    template = BookingTemplate.objects.get()
    assert (template.name, template.minutes, list(template.resources.all())) == (
        "My cells",
        60,
        [mine.resource],
    )
    again = client.post(new, {"name": "My cells"})
    assert again.status_code == 409
    assert "of that name already" in again.content.decode()
    form = client.get(page("booking_new"), {"template": str(template.public_id)}).content.decode()
    assert "My cells" in client.get(page("booking_new")).content.decode()
    assert 'value="Cells"' in form
    assert "My cells" in client.get(page("booking_list")).content.decode()
    edit = page("template_edit", template.public_id)
    assert client.post(edit, {"name": "Tissue"}).status_code == 302
    assert "Tissue" in client.get(page("template_list")).content.decode()
    assert client.post(page("template_delete", template.public_id)).status_code == 302
    assert not BookingTemplate.objects.exists()


def test_anothers_template_is_as_good_as_none(
    as_user: LogIn, ben: User, mine: Booking, template: BookingTemplate
) -> None:
    client = as_user(ben)
    for query in (
        {"template": str(template.public_id)},
        {"copy": str(mine.public_id)},
        {"copy": "x"},
    ):
        assert client.get(page("booking_new"), query).status_code == 404
    assert client.post(page("template_delete", template.public_id)).status_code == 404


def test_a_copy_is_the_same_time_next_week(
    as_user: LogIn, ada: User, ben: User, mine: Booking
) -> None:
    mine.attendees.create(user=ben)
    answer = as_user(ada).get(page("booking_new"), {"copy": str(mine.public_id)})
    for moment in (mine.start_time, mine.end_time):
        local = (moment + timedelta(days=7)).astimezone(mine.resource.zone)
        assert f'value="{local:%Y-%m-%dT%H:%M}"' in answer.content.decode()
    # With scripts the rules are asked as soon as it is shown, without them by a button.
    assert 'hx-trigger="change delay:300ms, load"' in answer.content.decode()
    assert "Press “Check”" in answer.content.decode()
    form = answer.context["form"]
    shown = {name: form[name].value() for name in ("resource", "purpose", "attendees")}
    assert shown == {"resource": mine.resource.code, "purpose": "Cells", "attendees": ben.username}


def test_cancelled_undo(as_user: LogIn, ada: User, ben: User, mine: Booking, now: datetime) -> None:
    client = as_user(ada)
    answer = client.post(page("booking_cancel", mine.public_id), {"reason": ""}, follow=True)
    act = UndoableAct.objects.get()
    address = page("undo", act.public_id)
    assert f'action="{address}"' in answer.content.decode()
    assert as_user(ben).post(address).status_code == 404
    assert client.get(address).status_code == 405
    answer = as_user(ada).post(address, follow=True)
    assert "Undone." in answer.content.decode()
    assert address not in answer.content.decode()
    mine.refresh_from_db()
    assert mine.status == Status.CONFIRMED
    assert "undone already" in client.post(address, follow=True).content.decode()


def test_offered_and_declined(
    as_user: LogIn, ada: User, ben: User, mine: Booking, now: datetime
) -> None:
    client = as_user(ada)
    offer = page("booking_offer", mine.public_id)
    assert client.post(offer, {"to": "nobody"}).status_code == 422
    refused = client.post(offer, {"to": "ada"})
    assert refused.status_code == 422
    assert "Choose somebody else" in refused.content.decode()
    assert client.post(offer, {"to": "ben", "message": "Please"}).status_code == 302
    proposal = Proposal.objects.get()
    assert (
        "You offered this to Ben"
        in client.get(page("booking_detail", mine.public_id)).content.decode()
    )
    client = as_user(ben)
    assert "Please" in client.get(page("proposal", proposal.public_id)).content.decode()
    decline = page("proposal_decline", proposal.public_id)
    assert client.post(decline, {"answer": "On leave"}).status_code == 302
    proposal.refresh_from_db()
    assert (proposal.state, proposal.answer) == (ProposalState.DECLINED, "On leave")
    answer = client.post(page("proposal_accept", proposal.public_id), follow=True)
    assert "This proposal is over" in answer.content.decode()


def test_a_swap_is_chosen_proposed_and_accepted(
    as_user: LogIn, ada: User, ben: User, mine: Booking, theirs: Booking
) -> None:
    client = as_user(ada)
    address = page("booking_swap", mine.public_id)
    assert str(theirs.public_id) in client.get(address, {"q": "ben"}).content.decode()
    assert str(theirs.public_id) not in client.get(address, {"q": "zzz"}).content.decode()
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"wanted": mine.public_id}).status_code == 422
    assert client.post(address, {"wanted": theirs.public_id}).status_code == 302
    proposal = Proposal.objects.get()
    assert as_user(ada).post(page("proposal_accept", proposal.public_id)).status_code == 403
    accept = page("proposal_accept", proposal.public_id)
    assert "Accepted." in as_user(ben).post(accept, follow=True).content.decode()
    mine.refresh_from_db()
    assert mine.user == ben


def test_withdrawn(as_user: LogIn, ada: User, swap: Proposal) -> None:
    as_user(ada).post(page("proposal_withdraw", swap.public_id))
    swap.refresh_from_db()
    assert swap.state == ProposalState.WITHDRAWN


def test_what_melted_is_shown(
    as_user: LogIn, ada: User, ben: User, chris: User, microscope: Resource, frozen_clock: datetime
) -> None:
    now = frozen_clock
    late = make_booking(ada, microscope, now + HOUR, 2 * HOUR)
    cancel_booking(actor=ada, booking_id=late.public_id, now=now)
    Booking.objects.update(is_late_cancellation=True)
    detail = page("booking_detail", late.public_id)
    assert "others use 0 minutes" in as_user(ada).get(detail).content.decode()
    make_booking(ben, microscope, now + HOUR / 2)
    make_booking(ben, microscope, now + 2.5 * HOUR)
    words = as_user(chris).get(page("late_cancellations")).content.decode()
    assert "60 minutes used by others (50 %), 60 minutes left" in words
    make_booking(ben, microscope, now + 1.5 * HOUR)
    assert "nothing was lost" in as_user(ada).get(detail).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow(
    as_user: LogIn,
    ada: User,
    ben: User,
    chris: User,
    microscope: Resource,
    mine: Booking,
    count: int,
) -> None:
    now = mine.start_time - 24 * HOUR
    for n in range(count):
        booking = make_booking(ada, microscope, mine.start_time + (n + 2) * HOUR)
        save_template(actor=ada, booking_id=booking.public_id, name=f"T{n}", now=now)
        propose(actor=ada, booking_id=booking.public_id, offered=Offered(to=ben), now=now)
        gone = make_booking(ada, microscope, now + n * HOUR, status=Status.CANCELLED)
        Booking.objects.filter(pk=gone.pk).update(is_late_cancellation=True)
    client = as_user(ada)
    for name, most in (("template_list", 9), ("proposal_list", 9)):
        with count_queries() as seen:
            assert client.get(page(name)).status_code == 200
        assert len(seen) <= most, name
    client = as_user(chris)
    with count_queries() as seen:
        assert client.get(page("late_cancellations")).status_code == 200
    assert len(seen) <= 9
