"""Pages of the waiting list and of offers, for the whole cast."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from booking.enums import OfferState, WaitingState
from booking.models import Booking, Offer, Resource, ResourceType, WaitingEntry
from booking.services.freed_time import serve_waiting
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.people import make_user
from tests.factories.resources import make_resource
from tests.factories.waiting import hours, make_entry
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
HOUR = timedelta(hours=1)
FORM = {"start_time": "2026-03-02T12:00", "end_time": "2026-03-02T13:00"}
ORDER = {
    "start_time": "2026-03-02T08:00",
    "end_time": "2026-03-06T20:00",
    "minutes": "120",
    "kind": "hold",
    "weekdays": ["0", "2"],
    "day_from": "08:00",
    "day_until": "12:00",
}


@pytest.fixture
def offer(ada: User, microscope: Resource, now: datetime) -> Offer:
    """An hour is held for Ada."""
    make_entry(ada, hours(now, 4, 5), at=now, resource=microscope)
    told = {
        "resource": str(microscope.public_id),
        "start_time": hours(now, 4, 5).start.isoformat(),
        "end_time": hours(now, 4, 5).end.isoformat(),
    }
    serve_waiting(kind="time.freed", payload={"freed": [told]}, now=now)
    return Offer.objects.get()


def test_anonymous_is_sent_to_the_login(client: Client, offer: Offer) -> None:
    for path in ("/waiting", "/waiting/new", f"/offers/{offer.public_id}"):
        assert "/accounts/login" in client.get(path)["Location"]
    for path in ("/waiting/slot", f"/offers/{offer.public_id}/accept"):
        assert "/accounts/login" in client.post(path)["Location"]


def test_a_refused_booking_offers_to_hold_my_place(
    as_user: LogIn, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now + 4 * HOUR)
    client = as_user(ada)
    form = {**FORM, "resource": microscope.code, "purpose": "Cells"}
    page = client.post("/bookings/new", form).content.decode()
    assert 'formaction="/waiting/slot"' in page
    slot = {**form, "purpose": "Cel\x00ls"}
    page = client.post("/waiting/slot", slot, follow=True).content.decode()
    assert "You wait for this time." in page
    assert "You are next" in page
    entry = WaitingEntry.objects.get()
    assert (entry.resource, entry.minutes, entry.purpose) == (microscope, 60, "Cells")
    page = client.post("/waiting/slot", form, follow=True).content.decode()
    assert "You wait for exactly this already." in page


def test_a_free_time_offers_no_place(as_user: LogIn, ada: User, microscope: Resource) -> None:
    page = as_user(ada).post("/bookings/preview", {**FORM, "resource": microscope.code})
    assert "/waiting/slot" not in page.content.decode()


@pytest.mark.parametrize(
    "change", [{"resource": "nothing"}, {"start_time": "soon"}, {"end_time": "2026-03-02T11:00"}]
)
def test_a_slot_that_makes_no_sense_is_refused(
    as_user: LogIn, ada: User, microscope: Resource, change: dict[str, str]
) -> None:
    form = {**FORM, "resource": microscope.code, **change}
    assert as_user(ada).post("/waiting/slot", form, follow=True).status_code == 200
    assert not WaitingEntry.objects.exists()


def test_a_standing_order_is_joined_changed_and_left(
    as_user: LogIn, ada: User, microscope: Resource, confocals: ResourceType
) -> None:
    client = as_user(ada)
    order = {**ORDER, "what": f"type:{confocals.public_id}"}
    page = client.post("/waiting/new", order, follow=True).content.decode()
    assert "Any of the type Confocal microscope" in page
    assert "Mon, Wed, 08:00 to 12:00" in page
    entry = WaitingEntry.objects.get()
    page = client.get(f"/waiting/{entry.public_id}/edit").content.decode()
    assert 'value="120"' in page
    order = {**order, "what": microscope.code, "minutes": "90"}
    assert client.post(f"/waiting/{entry.public_id}/edit", order).status_code == 302
    entry.refresh_from_db()
    assert (entry.resource, entry.minutes) == (microscope, 90)
    client.post(f"/waiting/{entry.public_id}/leave")
    entry.refresh_from_db()
    assert entry.state == WaitingState.WITHDRAWN
    page = client.post(f"/waiting/{entry.public_id}/leave", follow=True).content.decode()
    assert "it is over" in page


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"what": "type:nothing"}, "There is no such instrument."),
        ({"minutes": "241"}, "longer than the hours of a day"),
        ({"end_time": "2026-02-02T08:00"}, "The end must come after the start."),
        ({"start_time": "2026-03-29T02:30"}, "does not exist"),
        ({"project": "x"}, "Choose a project from the list"),
    ],
)
def test_bad_input_stays_in_the_form(
    as_user: LogIn, ada: User, microscope: Resource, change: dict[str, str], text: str
) -> None:
    answer = as_user(ada).post("/waiting/new", {**ORDER, "what": microscope.code, **change})
    assert answer.status_code == 422
    assert text in answer.content.decode()
    assert not WaitingEntry.objects.exists()


def test_a_link_fills_the_form_in(as_user: LogIn, ada: User, microscope: Resource) -> None:
    start, end = "2026-03-02T09:00:00%2B00:00", "2026-03-02T11:30:00%2B00:00"
    page = as_user(ada).get(f"/waiting/new?what={microscope.code}&start={start}&end={end}")
    text = page.content.decode()
    assert f'<option value="{microscope.code}" selected' in text
    assert 'value="150"' in text
    for odd in ("start=x&end=y", "what=%00", "minutes=x", "start=2026-03-02T09:00"):
        assert as_user(ada).get(f"/waiting/new?{odd}").status_code == 200


def test_an_offer_is_taken_from_its_page(as_user: LogIn, ada: User, offer: Offer) -> None:
    client = as_user(ada)
    page = client.get(f"/offers/{offer.public_id}").content.decode()
    assert "Take it" in page
    assert "Take it or turn it down" in client.get("/").content.decode()
    answer = client.post(f"/offers/{offer.public_id}/accept")
    booking = Booking.objects.get()
    assert answer["Location"] == f"/bookings/{booking.public_id}"
    assert "You took it" in client.get(f"/offers/{offer.public_id}").content.decode()
    page = client.post(f"/offers/{offer.public_id}/decline", follow=True).content.decode()
    assert "answered already" in page


def test_an_offer_is_turned_down(as_user: LogIn, ada: User, offer: Offer) -> None:
    client = as_user(ada)
    assert client.post(f"/offers/{offer.public_id}/decline")["Location"] == "/waiting"
    offer.refresh_from_db()
    assert offer.state == OfferState.DECLINED
    assert "It was answered" in client.get(f"/offers/{offer.public_id}").content.decode()


def test_what_ran_out_says_so_though_no_job_has_run(
    as_user: LogIn, ada: User, offer: Offer, now: datetime
) -> None:
    Offer.objects.update(expires_at=now)
    client = as_user(ada)
    assert "has run out" in client.get(f"/offers/{offer.public_id}").content.decode()
    page = client.post(f"/offers/{offer.public_id}/accept", follow=True).content.decode()
    assert "has run out" in page
    assert "Held for you now" not in client.get("/waiting").content.decode()


@pytest.mark.parametrize("name", ["ben", "chris", "dora", "eve"])
def test_what_is_anothers_does_not_exist(
    as_user: LogIn, cast: dict[str, User], offer: Offer, name: str
) -> None:
    client, entry = as_user(cast[name]), WaitingEntry.objects.get()
    assert client.get(f"/offers/{offer.public_id}").status_code == 404
    assert client.get(f"/waiting/{entry.public_id}/edit").status_code == 404
    for path in (
        f"/offers/{offer.public_id}/accept",
        f"/offers/{offer.public_id}/decline",
        f"/waiting/{entry.public_id}/leave",
    ):
        assert client.post(path).status_code == 404
    offer.refresh_from_db()
    assert offer.state == OfferState.OPEN


@pytest.mark.parametrize(
    ("name", "status"), [("ada", 403), ("ben", 403), ("chris", 200), ("dora", 200), ("eve", 403)]
)
def test_managers_see_who_waits_in_which_order(
    as_user: LogIn,
    cast: dict[str, User],
    microscope: Resource,
    now: datetime,
    name: str,
    status: int,
) -> None:
    make_entry(cast["ada"], hours(now, 4, 5), at=now, resource=microscope)
    make_entry(cast["ben"], hours(now, 4, 5), at=now - HOUR, resource_type=microscope.resource_type)
    answer = as_user(cast[name]).get(f"/resources/{microscope.public_id}/waiting")
    assert answer.status_code == status
    if status == 200:
        text = answer.content.decode()
        assert text.index("Ben") < text.index("Ada")


def test_a_hidden_resource_cannot_be_waited_for(as_user: LogIn, eve: User) -> None:
    hidden = make_resource("Secret", requires_access=True, is_hidden=True)
    for path, form in (
        ("/waiting/new", {**ORDER, "what": hidden.code}),
        ("/waiting/slot", {**FORM, "resource": hidden.code}),
    ):
        assert as_user(eve).post(path, form).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_pages_take_few_queries(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, now: datetime, count: int
) -> None:
    for n in range(count):
        make_entry(ada, hours(now, 4 + n, 5 + n), at=now, resource=microscope)
        make_entry(make_user(f"w{n}"), hours(now, 4, 8), at=now - HOUR, resource=microscope)
    place = f"/resources/{microscope.public_id}/waiting"
    for user, path, queries in (
        (ada, "/waiting", 6),
        (ada, "/waiting/new", 6),
        (chris, place, 5),
    ):
        client = as_user(user)
        client.get(path)
        with count_queries(queries):
            client.get(path)
