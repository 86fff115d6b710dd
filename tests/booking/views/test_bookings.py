"""The pages of bookings: list, one booking, making."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from booking.enums import Status
from booking.models import (
    Booking,
    BookingDecision,
    DemandEntry,
    Notification,
    OutboxEvent,
    Resource,
    ResourceCalendar,
    ResourcePool,
)
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock", "weekday_hours")
HOUR = timedelta(hours=1)
TIMES = {"start_time": "2026-03-02T10:00", "end_time": "2026-03-02T11:00"}
EVIL = "<script>alert(1)</script>"


def form_for(resource: Resource, **changes: str) -> dict[str, str]:
    return {"resource": resource.code, **TIMES, **changes}


def test_anonymous_is_sent_to_the_login(
    client: Client, ada: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now + HOUR)
    own = f"/bookings/{booking.public_id}"
    reads = ["/bookings", "/bookings/new", own, f"{own}/edit", f"{own}/cancel"]
    acts = ["/bookings/new", "/bookings/preview", f"{own}/edit", f"{own}/cancel"]
    acts += [f"{own}/check-in", f"{own}/check-out"]
    answers = [client.get(address) for address in [*reads, f"{own}/booking.ics"]]
    answers += [client.post(address) for address in acts]
    assert all("/accounts/login" in answer["Location"] for answer in answers)


def test_a_preview_without_a_session_stays_a_preview(client: Client, db: None) -> None:
    answer = client.post("/bookings/preview", headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert 'id="preview"' in page
    assert "You were logged out meanwhile." in page
    assert "<form" not in page


def test_everybody_books_for_themselves(
    as_user: LogIn, cast: dict[str, User], microscope: Resource, now: datetime
) -> None:
    for n, user in enumerate(cast.values()):
        start = f"2026-03-02T{10 + n}:00"
        end = f"2026-03-02T{11 + n}:00"
        client = as_user(user)
        assert client.get("/bookings").status_code == 200
        answer = client.post(
            "/bookings/new", form_for(microscope, start_time=start, end_time=end), follow=True
        )
        assert "Booked: Confocal 1, 2 Mar 2026" in answer.content.decode()
    assert Booking.objects.count() == len(cast)


def test_details_and_company_are_kept(
    as_user: LogIn, ada: User, ben: User, microscope: Resource
) -> None:
    form = form_for(microscope, purpose="Cells", notes="Warm up", attendees="BEN, ben@example.org")
    as_user(ada).post("/bookings/new", form)
    booking = Booking.objects.get()
    assert (booking.purpose, booking.notes, booking.status) == (
        "Cells",
        "Warm up",
        Status.CONFIRMED,
    )
    assert [each.user for each in booking.attendees.all()] == [ben]


def test_times_are_typed_in_the_readers_zone(
    as_user: LogIn, ada: User, microscope: Resource, now: datetime
) -> None:
    ada.preferences.time_zone = "Europe/London"
    ada.preferences.save()
    client = as_user(ada)
    shown = "Times in your zone, Europe/London; the lab is in Europe/Berlin."
    for address in ("/bookings/new", "/calendar"):
        assert shown in client.get(address).content.decode()
    client.post("/bookings/new", form_for(microscope))
    assert Booking.objects.get().start_time == now + 3 * HOUR
    refused = client.post("/bookings/new", form_for(microscope)).content.decode()
    assert "from Mon 2 Mar 2026, 11:00 to 12:00 (Europe/Berlin)" in refused
    home = " ".join(client.get("/").content.decode().split())
    assert '10:00–<time datetime="2026-03-02T11:00:00+00:00">11:00</time>' in home


def test_a_lab_manager_books_for_somebody(
    as_user: LogIn, ada: User, chris: User, microscope: Resource
) -> None:
    as_user(chris).post("/bookings/new", form_for(microscope, user="ada"))
    booking = Booking.objects.get()
    assert (booking.user, booking.created_by) == (ada, chris)


def test_nobody_else_books_for_somebody(
    as_user: LogIn, ada: User, ben: User, microscope: Resource
) -> None:
    as_user(ada).post("/bookings/new", form_for(microscope, user="ben", override="because"))
    booking = Booking.objects.get()
    assert (booking.user, booking.created_by) == (ada, ada)


def test_several_instruments_are_one_act(
    as_user: LogIn, ada: User, microscope: Resource, second_microscope: Resource
) -> None:
    answer = as_user(ada).post(
        "/bookings/new", form_for(microscope, also=second_microscope.code), follow=True
    )
    first, second = Booking.objects.order_by("resource__name")
    assert first.group_id == second.group_id
    assert f"/bookings/{second.public_id}" in answer.content.decode()
    assert "+ Confocal 2" in as_user(ada).get("/bookings").content.decode()


def test_any_of_a_pool(
    as_user: LogIn, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    pool = ResourcePool.objects.create(name="Confocals")
    pool.resources.add(microscope, make_resource("Confocal 2"))
    make_booking(ben, microscope, now + 2 * HOUR)
    as_user(ada).post("/bookings/new", {"resource": f"pool:{pool.public_id}", **TIMES})
    assert Booking.objects.get(user=ada).resource.name == "Confocal 2"


def test_an_offer_is_taken_with_one_tap(
    as_user: LogIn, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now + 2 * HOUR)
    client = as_user(ada)
    refused = client.post("/bookings/new", form_for(microscope, purpose="Cells"))
    assert refused.status_code in (409, 422)
    page = refused.content.decode()
    assert 'value="Cells"' in page
    assert "is taken" in page
    assert 0 < len(refused.context["answer"].repairs) <= 3
    offer = refused.context["answer"].repairs[0]
    pick = f"{offer.resource_id}|{offer.start_time.isoformat()}|{offer.end_time.isoformat()}"
    assert f'value="{pick}"' in page
    assert client.post("/bookings/new", form_for(microscope, purpose="Cells", pick=pick))
    booking = Booking.objects.get(user=ada)
    assert (booking.start_time, booking.purpose) == (offer.start_time, "Cells")


def test_a_refusal_leaves_nothing_but_its_record(
    as_user: LogIn, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now + 2 * HOUR)
    claims = ResourceCalendar.objects.count()
    as_user(ada).post("/bookings/new", form_for(microscope))
    assert Booking.objects.filter(user=ada).count() == 0
    assert ResourceCalendar.objects.count() == claims
    assert not OutboxEvent.objects.exists()
    assert not Notification.objects.exists()
    assert BookingDecision.objects.filter(user=ada).count() == 1
    assert DemandEntry.objects.count() == 1


def test_asking_books_nothing_and_notes_nothing(
    as_user: LogIn, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now + 2 * HOUR)
    client = as_user(ada)
    link = {"resource": microscope.code, "start": "2026-03-02T10:00+01:00"}
    asked = [
        client.get("/bookings/new", link),
        client.post("/bookings/preview", form_for(microscope)),
        client.post("/bookings/new", form_for(microscope, check="1")),
    ]
    for answer in asked:
        assert answer.status_code == 200
        assert "cannot be booked as it is" in answer.content.decode()
    assert Booking.objects.count() == 1
    assert not DemandEntry.objects.exists()


def test_a_free_time_says_so_before_it_is_sent(
    as_user: LogIn, ada: User, microscope: Resource
) -> None:
    make_booking(ada, microscope, datetime.fromisoformat("2026-02-20T10:00+01:00"), 2 * HOUR)
    answer = as_user(ada).get(
        "/bookings/new", {"resource": microscope.code, "start": "2026-03-02T09:00Z"}
    )
    page = answer.content.decode()
    assert "This time is free" in page
    assert 'value="2026-03-02T12:00"' in page, "the length of the last booking is offered"


def test_approval_is_announced_and_kept(as_user: LogIn, ada: User, microscope: Resource) -> None:
    Resource.objects.filter(pk=microscope.pk).update(requires_approval=True)
    client = as_user(ada)
    asked = client.post("/bookings/preview", form_for(microscope)).content.decode()
    assert "once it is approved" in asked
    made = client.post("/bookings/new", form_for(microscope), follow=True).content.decode()
    assert "Asked for: Confocal 1" in made
    assert "Awaiting approval" in made


def test_a_lab_manager_overrides_with_a_reason(
    as_user: LogIn, chris: User, microscope: Resource
) -> None:
    night = {"start_time": "2026-03-02T21:00", "end_time": "2026-03-02T22:00"}
    client = as_user(chris)
    refused = client.post("/bookings/new", form_for(microscope, **night))
    assert "You may override" in refused.content.decode()
    assert "Say why" not in refused.content.decode()
    insisted = client.post("/bookings/new", form_for(microscope, **night, insist="1"))
    assert "Say why: an exception needs a reason." in insisted.content.decode()
    assert not Booking.objects.exists()
    made = client.post(
        "/bookings/new", form_for(microscope, **night, override="Long run"), follow=True
    )
    page = made.content.decode()
    assert "Booked by exception of Chris" in page
    assert "Long run" in page


def test_a_student_sees_no_override(as_user: LogIn, ada: User, microscope: Resource) -> None:
    night = {"start_time": "2026-03-02T21:00", "end_time": "2026-03-02T22:00"}
    refused = as_user(ada).post("/bookings/new", form_for(microscope, **night, override="Please"))
    assert refused.status_code == 422
    assert "You may override" not in refused.content.decode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"resource": ""}, "resource"),
        ({"resource": str(uuid4())}, "resource"),
        ({"resource": "pool:nothing"}, "resource"),
        ({"resource": "\x00"}, "resource"),
        ({"also": "nothing"}, "also"),
        ({"start_time": ""}, "start_time"),
        ({"start_time": "tomorrow"}, "start_time"),
        ({"start_time": "0001-01-01T00:00"}, "start_time"),
        ({"end_time": "9999-12-31T23:59"}, "end_time"),
        ({"end_time": "2036-03-02T11:00"}, "end_time"),
        ({"end_time": "2026-03-02T10:00"}, "end_time"),
        ({"end_time": "2026-03-02T09:00"}, "end_time"),
        ({"start_time": "2026-03-02T10:07"}, "start_time"),
        ({"start_time": "2026-03-01T10:00"}, "start_time"),
        ({"seats": "0"}, "seats"),
        ({"seats": "many"}, "seats"),
        ({"purpose": "x" * 201}, "purpose"),
        ({"notes": "x" * 5001}, "notes"),
        ({"purpose": "a\x00b"}, "purpose"),
        ({"attendees": "nobody@example.org"}, "attendees"),
        ({"attendees": "\x00"}, "attendees"),
        ({"start_time": "2026-03-29T02:30", "end_time": "2026-03-29T04:00"}, "start_time"),
        ({"start_time": "2026-03-29T01:00", "end_time": "2026-03-29T02:00"}, "end_time"),
    ],
)
def test_bad_input_is_told_at_its_field(
    as_user: LogIn, ada: User, microscope: Resource, changes: dict[str, str], field: str
) -> None:
    form = {**form_for(microscope), **changes}
    answer = as_user(ada).post("/bookings/new", form)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Booking.objects.exists()
    assert as_user(ada).post("/bookings/preview", form).status_code == 200


def test_a_time_that_never_was_is_explained(
    as_user: LogIn, ada: User, microscope: Resource
) -> None:
    gap = {"start_time": "2026-03-29T02:30", "end_time": "2026-03-29T04:00"}
    page = as_user(ada).post("/bookings/new", form_for(microscope, **gap)).content.decode()
    assert "02:30 does not exist on 29 March 2026" in page
    assert "put forward by 60 minutes" in page


@pytest.mark.parametrize(("fold", "hour"), [("0", 0), ("1", 1)])
def test_a_time_that_comes_twice_is_asked_for(
    as_user: LogIn, chris: User, microscope: Resource, fold: str, hour: int
) -> None:
    twice = {"start_time": "2026-10-25T02:30", "end_time": "2026-10-25T04:00"}
    client = as_user(chris)
    asked = client.post("/bookings/new", form_for(microscope, **twice, override="Night run"))
    page = asked.content.decode()
    assert asked.status_code == 422
    assert "02:30 comes twice on 25 October 2026" in page
    assert "the second 02:30, CET" in page
    assert not Booking.objects.exists()
    client.post(
        "/bookings/new",
        form_for(microscope, **twice, override="Night run", start_time_fold=fold),
    )
    assert Booking.objects.get().start_time.hour == hour


def test_nonsense_in_a_link_is_only_a_form(as_user: LogIn, ada: User, microscope: Resource) -> None:
    for start in ("x", "0001-01-01T00:00-14:00", "9999-12-31T23:59", "\x00", "2026-02-31"):
        answer = as_user(ada).get("/bookings/new", {"resource": microscope.code, "start": start})
        assert answer.status_code == 200
    for pick in ("x", "||", f"{microscope.code}|x|y", "\x00|\x00|\x00"):
        answer = as_user(ada).post("/bookings/new", {"pick": pick})
        assert answer.status_code == 422


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_five_queries(as_user: LogIn, ada: User, now: datetime, number: int) -> None:
    for n in range(number):
        resource = make_resource(f"{EVIL}{n}")
        make_booking(ada, resource, now + timedelta(hours=1 + n), purpose=EVIL)
    client = as_user(ada)
    client.get("/bookings")
    with count_queries(5):
        answer = client.get("/bookings")
    assert answer.content.decode().count("&lt;script&gt;") >= 2 * number
    assert b"<script>alert" not in answer.content
    assert len(answer.content) < 60_000


def test_the_list_is_filtered_by_its_address(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ada, microscope, now + HOUR, purpose="Coming")
    make_booking(ada, microscope, now - HOUR, status=Status.COMPLETED, purpose="Gone")
    make_booking(ada, microscope, now + HOUR, status=Status.CANCELLED, purpose="Dropped")
    client = as_user(ada)

    def purposes(query: str) -> set[str]:
        return {found.purpose for found in client.get(f"/bookings?{query}").context["page"]}

    assert purposes("") == {"Coming"}
    assert purposes("tab=past") == {"Gone", "Dropped"}
    assert purposes("tab=past&status=cancelled") == {"Dropped"}
    assert purposes("tab=past&q=gon") == {"Gone"}
    assert purposes("q=%00&status=nonsense&page=-1&whose=all") == {"Coming"}
    client = as_user(chris)
    assert purposes("") == set()
    assert purposes("whose=all") == {"Coming"}


def test_an_empty_list_says_why(as_user: LogIn, ada: User) -> None:
    assert "Nothing is booked." in as_user(ada).get("/bookings").content.decode()
    assert "Nothing is past yet" in as_user(ada).get("/bookings?tab=past").content.decode()
    assert "fits these filters" in as_user(ada).get("/bookings?q=x").content.decode()


def test_the_forms_stay_within_their_queries(
    as_user: LogIn,
    ada: User,
    ben: User,
    microscope: Resource,
    second_microscope: Resource,
    now: datetime,
) -> None:
    make_booking(ben, microscope, now + 2 * HOUR)
    client = as_user(ada)
    client.get("/bookings")
    with count_queries(5):
        client.get("/bookings/new")
    free = {"resource": microscope.code, "start": "2026-03-02T12:00Z"}
    with count_queries(10):
        assert len(client.get("/bookings/new", free).content) < 60_000
    taken = {"resource": microscope.code, "start": "2026-03-02T09:00Z"}
    with count_queries(9):
        assert len(client.get("/bookings/new", taken).content) < 60_000
    with count_queries(12):
        assert client.post("/bookings/new", form_for(microscope)).status_code == 409


def test_a_day_is_listed_whole_and_linked_from_the_lab(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ada, microscope, now + HOUR, purpose="today's")
    make_booking(ada, microscope, now + 25 * HOUR, purpose="tomorrow's")
    make_booking(ada, microscope, now - 5 * HOUR, status=Status.COMPLETED, purpose="early")
    client = as_user(chris)
    lab = client.get("/manage").content.decode()
    assert "/bookings?whose=all&amp;day=2026-03-02" in lab
    page = client.get("/bookings", {"whose": "all", "day": "2026-03-02"}).content.decode()
    assert "today&#x27;s" in page
    assert "early" in page
    assert "tomorrow&#x27;s" not in page
