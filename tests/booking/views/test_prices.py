"""Prices: the pages of those who set them, and where everybody sees what it costs."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.enums import ScopeKind
from accounts.models import User
from audit.models import AuditLog
from booking.models import Price, Resource
from tests.booking.services.test_prices import book
from tests.conftest import LogIn
from tests.factories.prices import make_class, make_price
from tests.factories.roles import give, make_role
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
TODAY = date(2026, 3, 2)
TOMORROW = TODAY + timedelta(days=1)
FORM = {"per_hour": "12.50", "per_booking": "5", "valid_from": "2026-03-03"}


def text_of(response: Any) -> str:
    """What a page says, in one line."""
    said = " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())
    return said.replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


def form(place: Resource, **changes: str) -> dict[str, str]:
    return {**FORM, "resource": place.code, **changes}


def test_anonymous_is_sent_to_the_login(client: Client, microscope: Resource) -> None:
    price = make_price(microscope, valid_from=TOMORROW)
    own = f"/manage/prices/{price.public_id}"
    for path in ("/manage/prices", "/manage/prices/new", own):
        assert "/accounts/login" in client.get(path)["Location"]
    for path in ("/manage/prices/new", own, f"{own}/remove"):
        assert "/accounts/login" in client.post(path, FORM)["Location"]
    assert Price.objects.get().per_hour == 10


def test_who_may_see_and_set(as_user: LogIn, cast: dict[str, User], microscope: Resource) -> None:
    price = make_price(microscope, valid_from=TOMORROW)
    own = f"/manage/prices/{price.public_id}"
    for path in ("/manage/prices", "/manage/prices/new", own):
        found = {name: as_user(user).get(path).status_code for name, user in cast.items()}
        assert found == {"ada": 403, "ben": 403, "chris": 200, "dora": 200, "eve": 403}
    for path in ("/manage/prices/new", own, f"{own}/remove"):
        assert as_user(cast["ben"]).post(path, form(microscope)).status_code == 403
    assert Price.objects.get().per_hour == 10


def test_the_list_is_taken_out_as_its_filter_leaves_it(
    as_user: LogIn, cast: dict[str, User], client: Client, microscope: Resource
) -> None:
    microscope.name = "=HYPERLINK(1)"
    microscope.save()
    make_price(microscope, "12.50", valid_from=TODAY)
    make_price(microscope.resource_type, price_class=make_class("Industry"), valid_from=TOMORROW)
    path = "/manage/prices/export"
    assert "/accounts/login" in client.post(path)["Location"]
    found = {name: as_user(user).post(path).status_code for name, user in cast.items()}
    assert found == {"ada": 403, "ben": 403, "chris": 200, "dora": 200, "eve": 403}
    chris = as_user(cast["chris"])
    assert chris.get(path).status_code == 405
    # What a spreadsheet would run is defused.
    every, one = chris.post(path), chris.post(path, {"q": "hyperlink"})
    assert every["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="prices.csv"' in every["Content-Disposition"]
    rows = every.content.decode().splitlines()
    assert rows[0] == (
        "resource,resource_type,price_class,per_hour,per_booking,currency,valid_from,state"
    )
    assert sorted(rows[1:]) == [
        "'=HYPERLINK(1),,,12.50,0.00,EUR,2026-03-02,counts",
        ",Confocal microscope,Industry,10.00,0.00,EUR,2026-03-03,to_come",
    ]
    assert one.content.decode().splitlines()[1:] == [
        "'=HYPERLINK(1),,,12.50,0.00,EUR,2026-03-02,counts"
    ]
    assert 'action="/manage/prices/export"' in chris.get("/manage/prices").content.decode()
    told = AuditLog.objects.filter(action="list.exported").order_by("id")
    assert [(each.actor_name, each.facts["rows"]) for each in told] == [
        ("Chris", 2), ("Dora", 2), ("Chris", 2), ("Chris", 1),
    ]  # fmt: skip


def test_who_was_given_one_place_takes_its_prices_out(
    as_user: LogIn, ben: User, microscope: Resource, second_microscope: Resource
) -> None:
    give(ben, make_role("prices", "price.manage"), ScopeKind.RESOURCE, microscope.pk)
    make_price(microscope)
    make_price(second_microscope)
    said = as_user(User.objects.get(pk=ben.pk)).post("/manage/prices/export").content.decode()
    assert [row.partition(",")[0] for row in said.splitlines()] == ["resource", "Confocal 1"]


def test_who_was_given_one_place_sees_its_prices(
    as_user: LogIn, ben: User, microscope: Resource, second_microscope: Resource
) -> None:
    give(ben, make_role("prices", "price.manage"), ScopeKind.RESOURCE, microscope.pk)
    make_price(microscope)
    others = make_price(second_microscope, valid_from=TOMORROW)
    of_type = make_price(microscope.resource_type, valid_from=TOMORROW)
    client = as_user(User.objects.get(pk=ben.pk))
    said = text_of(client.get("/manage/prices"))
    assert "Confocal 1" in said
    assert "Confocal 2" not in said
    assert "every Confocal" not in said
    for price in (others, of_type):
        assert client.get(f"/manage/prices/{price.public_id}").status_code == 404
        assert client.post(f"/manage/prices/{price.public_id}/remove").status_code == 404
    answer = client.post("/manage/prices/new", form(second_microscope))
    assert (answer.status_code, Price.objects.count()) == (422, 3)


def test_a_price_is_set_changed_followed_and_removed(
    as_user: LogIn, chris: User, microscope: Resource
) -> None:
    client = as_user(chris)
    industry = make_class()
    answer = client.post("/manage/prices/new", form(microscope, price_class="industry"))
    assert answer["Location"] == "/manage/prices"
    price = Price.objects.get()
    assert (price.resource, price.price_class) == (microscope, industry)
    assert (price.per_hour, price.per_booking) == (Decimal("12.50"), Decimal(5))
    own = f"/manage/prices/{price.public_id}"
    assert 'value="12.50"' in client.get(own).content.decode()
    assert client.post(own, form(microscope, per_hour="13")).status_code == 302
    price.refresh_from_db()
    assert (price.per_hour, price.price_class) == (Decimal(13), None)
    said = text_of(client.get("/manage/prices"))
    assert "Confocal 1 everybody else 13.00 EUR 5.00 EUR" in said
    assert "to come" in said
    assert client.post(f"{own}/remove").status_code == 302
    assert not Price.objects.exists()


def test_what_has_begun_leads_to_a_new_one(
    as_user: LogIn, chris: User, microscope: Resource
) -> None:
    old = make_price(microscope, "8")
    price = make_price(microscope, valid_from=TODAY, price_class=None)
    client = as_user(chris)
    own = f"/manage/prices/{price.public_id}"
    said = text_of(client.get(own))
    assert "This price (10.00 EUR an hour) has counted since 2 Mar 2026 and stays" in said
    refused = client.post(own, form(microscope))
    assert refused.status_code == 409
    assert client.post(f"{own}/remove", follow=True).status_code == 200
    assert Price.objects.count() == 2
    rows = text_of(client.get("/manage/prices"))
    assert rows.count("past") == 1
    page = client.get(f"/manage/prices/new?after={price.public_id}").content.decode()
    assert 'value="2026-03-03"' in page
    assert f'value="{microscope.code}" selected' in " ".join(page.split())
    assert client.get("/manage/prices/new?after=nonsense").status_code == 200
    assert old.per_hour == 8


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"per_hour": "-1"}, "greater than or equal to 0"),
        ({"per_hour": "0.125"}, "no more than 2 decimal places"),
        ({"per_hour": "12345678"}, "no more than 6 digits before"),
        ({"per_hour": ""}, "This field is required"),
        ({"valid_from": "soon"}, "Enter a valid date"),
        ({"resource": ""}, "one instrument or of one type"),
        ({"resource": "nothing"}, "There is no such instrument"),
    ],
)
def test_nonsense_is_said_in_the_form(
    as_user: LogIn, chris: User, microscope: Resource, changes: dict[str, str], said: str
) -> None:
    answer = as_user(chris).post("/manage/prices/new", form(microscope, **changes))
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not Price.objects.exists()


def test_the_list_costs_the_same_however_long(
    as_user: LogIn, chris: User, microscope: Resource
) -> None:
    client = as_user(chris)
    assert "nothing costs anything" in text_of(client.get("/manage/prices"))
    make_price(microscope)
    client.get("/manage/prices")
    with count_queries(4):
        client.get("/manage/prices")
    make_price(microscope.resource_type)
    make_price(microscope, price_class=make_class())
    with count_queries(4):
        client.get("/manage/prices")
    assert "No price fits" in text_of(client.get("/manage/prices?q=moon"))
    assert "Industry" in text_of(client.get("/manage/prices?q=indus"))


def test_people_see_the_cost_before_and_after(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    client = as_user(ada)
    link = f"/bookings/new?resource={microscope.code}&start=2026-03-02T12:00&end=2026-03-02T13:30"
    with count_queries() as free:
        assert "Estimated cost" not in text_of(client.get(link))
    make_price(microscope, "10", per_booking=Decimal(1))
    with count_queries() as priced:
        assert "Estimated cost: 16.00 EUR" in text_of(client.get(link))
    assert len(free) == len(priced)
    booking = book(ada, microscope, now, 2)
    assert "Estimated cost 11.00 EUR" in text_of(client.get(f"/bookings/{booking.public_id}"))
    page = client.get(f"/resources/{microscope.public_id}")
    assert "What it costs you 10.00 EUR an hour, 1.00 EUR a booking" in text_of(page)
    assert "/manage/prices" not in page.content.decode()
    rules = text_of(client.get(f"/resources/{microscope.public_id}/rules"))
    assert "A booking costs 1.00 EUR, and 10.00 EUR each hour." in rules
    managed = as_user(chris).get(f"/resources/{microscope.public_id}").content.decode()
    assert "/manage/prices?q=Confocal%201" in managed
    assert "/manage/prices" in as_user(chris).get("/manage").content.decode()


def test_found_time_and_series_say_what_they_cost(
    as_user: LogIn, ada: User, microscope: Resource, second_microscope: Resource
) -> None:
    client = as_user(ada)
    make_price(microscope, "10")
    # It costs more from tomorrow on.
    make_price(microscope, "20", valid_from=TOMORROW)
    said = text_of(client.get("/find-time?minutes=90"))
    assert said.count("Confocal microscope · estimated cost 15.00 EUR") == 1
    assert "Confocal microscope Book" in said
    series = {
        "resource": microscope.code,
        "start_time": "2026-03-02T12:00",
        "end_time": "2026-03-02T13:00",
        "unit": "DAILY",
        "every": "1",
        "ends": "count",
        "count": "3",
        "check": "1",
    }
    assert "Estimated cost: 50.00 EUR" in text_of(client.post("/series/new", series))
