"""Time-first search: results that book with one tap, and what an empty result does."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from booking.enums import DemandSource
from booking.models import Booking, DemandEntry, Resource, ResourcePool
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.factories.training import make_course, make_qualification
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock", "weekday_hours")
MANY_HOURS = {"minutes": "1200"}


def test_anonymous_is_sent_to_the_login(client: Client, db: None) -> None:
    assert "/accounts/login" in client.get("/find-time")["Location"]
    assert "/accounts/login" in client.post("/find-time", {"minutes": "60"})["Location"]


def test_everybody_searches(as_user: LogIn, cast: dict[str, User], microscope: Resource) -> None:
    for user in cast.values():
        page = as_user(user).get("/find-time", {"minutes": "60"}).content.decode()
        assert "Book 08:00–09:00" in page


def test_a_search_leads_to_an_address_that_shows_it(
    as_user: LogIn, ada: User, microscope: Resource
) -> None:
    answer = as_user(ada).post(
        "/find-time", {"minutes": "90", "what": microscope.code, "weekdays": ["1", "2"]}
    )
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"/find-time?what={microscope.code}&minutes=90&weekdays=1")
    found = as_user(ada).get(answer["Location"]).context["results"]
    assert {result.free.start_time.weekday() for result in found} == {1, 2}
    assert not DemandEntry.objects.exists()


def test_one_tap_books(as_user: LogIn, ada: User, microscope: Resource, now: datetime) -> None:
    client = as_user(ada)
    page = client.get("/find-time", {"minutes": "60"}).content.decode()
    pick = f"{microscope.code}|2026-03-02T08:00:00+01:00|2026-03-02T09:00:00+01:00"
    assert f'value="{pick}"' in page
    answer = client.post("/bookings/new", {"pick": pick}, follow=True)
    booking = Booking.objects.get()
    assert answer.redirect_chain == [(f"/bookings/{booking.public_id}", 302)]
    assert "Booked: Confocal 1, 2 Mar 2026, 08:00–09:00" in answer.content.decode()


def test_a_link_that_only_names_an_instrument_searches_an_hour_of_it(
    as_user: LogIn, ada: User, microscope: Resource, second_microscope: Resource
) -> None:
    answer = as_user(ada).get("/find-time", {"what": second_microscope.code})
    assert {result.free.resource_name for result in answer.context["results"]} == {"Confocal 2"}
    assert "Book 08:00–09:00" in answer.content.decode()
    assert as_user(ada).get("/find-time").context["found"] is None


def test_more_than_is_shown_is_said(
    as_user: LogIn, ada: User, microscope: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("booking.views.find_time.MOST_RESULTS", 3)
    page = as_user(ada).get("/find-time", {"minutes": "60"}).content.decode()
    assert "The first 3 free times." in page
    monkeypatch.setattr("booking.views.find_time.MOST_RESULTS", 40)
    page = as_user(ada).get("/find-time", {"minutes": "60"}).content.decode()
    assert "4 free times, soonest first." in page


def test_types_and_pools_narrow_the_search(
    as_user: LogIn, ada: User, microscope: Resource, second_microscope: Resource
) -> None:
    make_resource("Centrifuge")
    pool = ResourcePool.objects.create(name="Confocals")
    pool.resources.add(second_microscope)
    client = as_user(ada)
    by_type = client.get(
        "/find-time", {"minutes": "60", "what": f"type:{microscope.resource_type.public_id}"}
    )
    assert {found.free.resource_name for found in by_type.context["results"]} == {
        "Confocal 1",
        "Confocal 2",
    }
    by_pool = client.get("/find-time", {"minutes": "60", "what": f"pool:{pool.public_id}"})
    assert {found.free.resource_name for found in by_pool.context["results"]} == {"Confocal 2"}


def test_a_fruitless_search_is_noted_once_and_explained(
    as_user: LogIn, ada: User, microscope: Resource
) -> None:
    client = as_user(ada)
    answer = client.post("/find-time", {**MANY_HOURS, "what": microscope.code}, follow=True)
    page = answer.content.decode()
    assert "Nothing is free like that" in page
    assert "Half as long" in page
    entry = DemandEntry.objects.get()
    assert (entry.source, entry.resource, entry.minutes) == (
        DemandSource.SEARCH,
        microscope,
        1200,
    )
    client.get(answer.redirect_chain[-1][0])
    assert DemandEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"minutes": "0"}, "minutes"),
        ({"minutes": "soon"}, "minutes"),
        ({"minutes": "9" * 40}, "minutes"),
        ({"minutes": "²"}, "minutes"),
        ({"what": "nothing"}, "what"),
        ({"what": "type:nothing"}, "what"),
        ({"what": "\x00"}, "what"),
        ({"weekdays": "7"}, "weekdays"),
        ({"hour_from": "25:00"}, "hour_from"),
        ({"until_date": "2026-02-30"}, "until_date"),
        ({"until_date": "2026-02-01"}, "until_date"),
        ({"until_date": "9999-12-31"}, "until_date"),
        ({"from_date": "0001-01-01", "until_date": "2027-01-01"}, "until_date"),
    ],
)
def test_bad_input_is_told_at_its_field(
    as_user: LogIn, ada: User, change: dict[str, str], field: str
) -> None:
    for answer in (
        as_user(ada).post("/find-time", {"minutes": "60", **change}),
        as_user(ada).get("/find-time", {"minutes": "60", **change}),
    ):
        assert answer.status_code == 422
        assert field in answer.context["form"].errors
    assert not DemandEntry.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_a_result_takes_as_many_queries_however_many(
    as_user: LogIn, ada: User, ben: User, now: datetime, number: int
) -> None:
    for n in range(number):
        resource = make_resource(f"<script>alert({n})</script>")
        make_booking(ben, resource, now + timedelta(hours=3))
    client = as_user(ada)
    client.get("/find-time")
    with count_queries(8):
        answer = client.get("/find-time", {"minutes": "60"})
    assert b"<script>alert" not in answer.content
    assert len(answer.content) < 60_000


def test_what_needs_a_course_says_so_and_can_be_left_out(
    as_user: LogIn,
    ada: User,
    ben: User,
    microscope: Resource,
    second_microscope: Resource,
    now: datetime,
) -> None:
    course = make_course(instructors=[ben], asked_by=[microscope.resource_type])
    search = {"minutes": "60"}
    page = as_user(ada).get("/find-time", search).content.decode()
    assert "Needs the course Laser safety" in page
    assert f"/training/courses/{course.public_id}" in page
    # What would be refused is not offered at one tap.
    assert 'name="pick"' not in page
    answer = as_user(ada).get("/find-time", {**search, "trained": "on"})
    assert answer.context["found"] == []
    assert "Also what needs a course first" in answer.content.decode()
    # It is there for who has passed: no wish that the lab cannot serve.
    as_user(ada).post("/find-time", {**search, "trained": "on"})
    assert not DemandEntry.objects.exists()
    # Who teaches it needs no certificate.
    assert "Needs the course" not in as_user(ben).get("/find-time", search).content.decode()
    paper = make_qualification(ada, course, expires_on=now.date())
    results = as_user(ada).get("/find-time", {**search, "trained": "on"}).context["results"]
    lacking = {result.free.start_time.date(): result.lacking for result in results}
    assert lacking.pop(now.date()) == []
    # Booked beyond its last day, it would have ended.
    assert set(map(tuple, lacking.values())) == {(course,)}
    paper.expires_on = None
    paper.save()
    assert "Needs the course" not in as_user(ada).get("/find-time", search).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_courses_cost_one_query_more_however_many(
    as_user: LogIn, ada: User, microscope: Resource, second_microscope: Resource, number: int
) -> None:
    for n in range(number):
        make_course(f"Course {n}", asked_by=[microscope, second_microscope])
    client = as_user(ada)
    with count_queries(9):
        answer = client.get("/find-time", {"minutes": "60"})
    assert all(len(result.lacking) == number for result in answer.context["results"])


def test_nothing_on_a_restricted_instrument_leads_to_its_page(
    as_user: LogIn, eve: User, microscope: Resource, second_microscope: Resource
) -> None:
    Resource.objects.filter(pk=microscope.pk).update(requires_access=True)
    found = as_user(eve).get("/find-time", {"what": microscope.code}).content.decode()
    assert "Confocal 1 is restricted" in found
    assert f'href="/resources/{microscope.public_id}"' in found
    long = {"what": second_microscope.code, **MANY_HOURS}
    assert "is restricted" not in as_user(eve).get("/find-time", long).content.decode()
