"""The list of instruments, one's page, favourites, closing, and stickers."""

from datetime import datetime, time, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from booking.enums import Limit, Status
from booking.models import (
    BookingPolicy,
    FavouriteResource,
    OpeningHours,
    Resource,
    ResourceLink,
    ResourcePool,
    ResponsiblePerson,
)
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock", "weekday_hours")
HOUR = timedelta(hours=1)
EVIL = "<script>alert(1)</script>"


def address(resource: Resource, act: str = "") -> str:
    return f"/resources/{resource.public_id}{act}"


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_anonymous_is_sent_to_the_login(client: Client, microscope: Resource) -> None:
    for path in (
        "/resources",
        "/resources/new",
        "/resources/stickers",
        address(microscope),
        address(microscope, "/edit"),
        address(microscope, "/access"),
        address(microscope, "/sticker"),
    ):
        assert "/accounts/login" in client.get(path)["Location"]
    for act in ("/close", "/open", "/favourite"):
        assert "/accounts/login" in client.post(address(microscope, act))["Location"]


def test_everybody_reads_but_only_managers_write(
    as_user: LogIn, cast: dict[str, User], microscope: Resource
) -> None:
    for name, user in cast.items():
        client = as_user(user)
        for path in ("/resources", "/resources/stickers", address(microscope)):
            assert client.get(path).status_code == 200
        assert client.get(address(microscope, "/sticker")).status_code == 200
        expected = 200 if name in ("chris", "dora") else 403
        for act in ("/edit", "/access"):
            assert client.get(address(microscope, act)).status_code == expected
        assert client.get("/resources/new").status_code == expected
        assert ("Add an instrument" in page(client, "/resources")) is (expected == 200)
        assert ("Look after it" in page(client, address(microscope))) is (expected == 200)


def test_the_list_says_what_each_is_doing(
    as_user: LogIn, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_resource("NMR 400", is_active=False, closed_reason="Magnet quenched")
    make_booking(ben, microscope, now, 2 * HOUR)
    found = page(as_user(ada), "/resources")
    assert "In use until 10:00" in found
    assert "Magnet quenched" in found
    assert "10:00–20:00" in found
    assert f"/bookings/new?resource={microscope.code}&amp;start=2026-03-02T10%3A00" in found


def test_outside_hours_is_said(
    as_user: LogIn, ada: User, microscope: Resource, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now - HOUR)
    assert "Outside hours" in page(as_user(ada), "/resources")


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("q=nmr", {"NMR 400"}),
        ("q=basement", {"NMR 400"}),
        ("free=1", {"NMR 400"}),
        ("type={type}", {"Confocal 1"}),
        ("pool={pool}", {"NMR 400"}),
        ("q=confocal&free=1", set()),
        ("type=nonsense", {"Confocal 1", "NMR 400"}),
        ("page=99", {"Confocal 1", "NMR 400"}),
        ("q=%00", {"Confocal 1", "NMR 400"}),
    ],
)
def test_filters_live_in_the_address(
    as_user: LogIn,
    ada: User,
    ben: User,
    microscope: Resource,
    now: datetime,
    query: str,
    seen: set[str],
) -> None:
    nmr = make_resource("NMR 400", location="Basement")
    pool = ResourcePool.objects.create(name="Any")
    pool.resources.add(nmr)
    make_booking(ben, microscope, now)
    asked = query.format(type=microscope.resource_type.public_id, pool=pool.public_id)
    found = page(as_user(ada), f"/resources?{asked}")
    assert {each.name for each in (microscope, nmr) if f'href="{address(each)}"' in found} == seen
    if not seen:
        assert "No instrument fits these filters." in found


def test_an_empty_lab_says_what_to_do(as_user: LogIn, ada: User, chris: User) -> None:
    assert "The lab manager adds them." in page(as_user(ada), "/resources")
    assert "First the types" in page(as_user(chris), "/resources")


def test_the_star_puts_it_on_top_and_comes_back(
    as_user: LogIn, ada: User, microscope: Resource, second_microscope: Resource
) -> None:
    client = as_user(ada)
    back = "/resources?q=confocal"
    star = address(second_microscope, "/favourite")
    assert client.post(star, {"next": back})["Location"] == back
    found = page(client, "/resources")
    assert found.index("Confocal 2") < found.index("Confocal 1")
    assert 'aria-pressed="true"' in found
    assert client.post(star)["Location"] == address(second_microscope)
    assert not FavouriteResource.objects.exists()


@pytest.mark.parametrize(
    ("back", "believed"),
    [
        *((word, False) for word in ("https://evil.example", "//evil.example", "javascript:1")),
        *((word, True) for word in ("resources", "/%zz")),
    ],
)
def test_the_star_leads_nowhere_else(
    as_user: LogIn, ada: User, microscope: Resource, back: str, believed: bool
) -> None:
    answer = as_user(ada).post(address(microscope, "/favourite"), {"next": back})
    assert answer["Location"] == (back if believed else address(microscope))


def test_one_page_tells_all(
    as_user: LogIn, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    laser = make_resource("Shared laser")
    ResourceLink.objects.create(resource=microscope, linked=laser)
    ResponsiblePerson.objects.create(resource=microscope, user=ben)
    BookingPolicy.objects.create(limit=Limit.MAX_LENGTH, value=240)
    BookingPolicy.objects.create(limit=Limit.ACTIVE_BOOKINGS, value=1)
    mine = make_booking(ada, microscope, now + 3 * HOUR, purpose="Actin")
    make_booking(ben, microscope, now + 26 * HOUR, purpose="Confidential")
    found = page(as_user(ada), address(microscope))
    for words in (
        "Mon–Fri 08:00–20:00",
        "Sat–Sun closed",
        "Longest booking",
        "4 hours",
        "1 booking<",
        f'href="{address(laser)}"',
        f"mailto:{ben.email}",
        f"/bookings/{mine.public_id}",
        "Week of 2 Mar 2026",
        "08:00–11:00",
        f"/i/{microscope.code}",
    ):
        assert words in found
    assert "Confidential" not in found
    assert f'href="{address(microscope)}"' in page(as_user(ada), address(laser))


def test_always_open_is_said(as_user: LogIn, ada: User, microscope: Resource) -> None:
    OpeningHours.objects.bulk_create(
        OpeningHours(resource=microscope, weekday=day, opens_at=time(0), closes_at=time(0))
        for day in range(7)
    )
    client = as_user(ada)
    assert "Always" in page(client, address(microscope))
    OpeningHours.objects.filter(resource=microscope).update(opens_at=time(22), closes_at=time(6))
    assert "Every day 22:00–06:00" in page(client, address(microscope))


def test_another_week_can_be_seen(
    as_user: LogIn, ada: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ada, microscope, now + timedelta(days=9))
    client = as_user(ada)
    assert "Week of 9 Mar 2026" in page(client, address(microscope, "?date=2026-03-11"))
    assert "Week of 2 Mar 2026" in page(client, address(microscope, "?date=yesterday"))
    assert f'href="{address(microscope)}?date=2026-03-09#week"' in page(client, address(microscope))


def test_a_week_with_a_clock_change_can_be_seen(
    as_user: LogIn, ada: User, microscope: Resource
) -> None:
    client = as_user(ada)
    for day in ("2026-03-29", "2026-10-25"):
        assert "tl-row" in page(client, address(microscope, f"?date={day}"))


def test_a_restricted_one_says_how_to_get_in(
    as_user: LogIn, eve: User, ben: User, now: datetime
) -> None:
    stepper = make_resource("Stepper", requires_access=True)
    ResponsiblePerson.objects.create(resource=stepper, user=ben)
    client = as_user(eve)
    found = page(client, address(stepper))
    assert "Restricted: only people with access may book." in found
    assert ben.email in found
    assert "Needs access" in found
    assert "Find another time" not in found
    listed = page(client, "/resources")
    assert "Needs access" in listed
    assert f"/bookings/new?resource={stepper.code}" not in listed


def test_a_manager_may_book_what_is_restricted(as_user: LogIn, chris: User) -> None:
    stepper = make_resource("Stepper", requires_access=True)
    client = as_user(chris)
    for path in ("/resources", address(stepper)):
        assert f"/bookings/new?resource={stepper.code}" in page(client, path)


def test_unknown_resources_are_not_found(as_user: LogIn, chris: User) -> None:
    client = as_user(chris)
    for act in ("", "/edit", "/access", "/sticker"):
        assert client.get(f"/resources/{uuid4()}{act}").status_code == 404
    for act in ("/open", "/favourite"):
        assert client.post(f"/resources/{uuid4()}{act}").status_code == 404
    for reason in ("", "Laser is out"):
        answer = client.post(f"/resources/{uuid4()}/close", {"reason": reason})
        assert answer.status_code == 404


def test_closing_needs_a_reason_and_keeps_what_was_typed(
    as_user: LogIn, chris: User, microscope: Resource
) -> None:
    client = as_user(chris)
    for reason in ("", "   ", "x" * 301):
        answer = client.post(address(microscope, "/close"), {"reason": reason})
        assert answer.status_code == 422
        assert "invalid-feedback" in answer.content.decode()
    assert "x" * 301 in answer.content.decode()
    assert f'href="{address(microscope)}?date=2026-02-23#week"' in answer.content.decode()
    microscope.refresh_from_db()
    assert microscope.is_active


def test_close_and_open_again(as_user: LogIn, ada: User, chris: User, microscope: Resource) -> None:
    answer = as_user(chris).post(address(microscope, "/close"), {"reason": "Laser is out"})
    assert answer["Location"] == address(microscope)
    found = page(as_user(ada), address(microscope))
    assert "Laser is out" in found
    assert "Find another time" not in found
    assert as_user(chris).post(address(microscope, "/open"))["Location"] == address(microscope)
    microscope.refresh_from_db()
    assert microscope.is_active
    assert microscope.closed_reason == ""


def test_a_closed_one_offers_others_and_no_free_time(
    as_user: LogIn, ada: User, chris: User, microscope: Resource
) -> None:
    as_user(chris).post(address(microscope, "/close"), {"reason": "Laser broken"})
    shown = page(as_user(ada), address(microscope))
    others = f"/find-time?what=type:{microscope.resource_type.public_id}#results"
    assert f'href="{others}"' in shown
    assert "nothing was booked" not in shown
    assert "Closed all day." in shown
    assert 'class="tl-open"' not in shown


def test_empty_days_that_are_over_are_left_out(
    as_user: LogIn,
    ada: User,
    microscope: Resource,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_booking(ada, microscope, now + HOUR, HOUR)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + timedelta(days=2))
    shown = as_user(ada).get(address(microscope)).context["days"]
    assert [day.day.day for day in shown] == [2, 4, 5, 6, 7, 8]
    shown = as_user(ada).get(address(microscope), {"date": "2026-02-23"}).context["days"]
    assert len(shown) == 7


def test_students_close_nothing(as_user: LogIn, ada: User, microscope: Resource) -> None:
    client = as_user(ada)
    assert client.post(address(microscope, "/close"), {"reason": "Ha"}).status_code == 403
    assert client.post(address(microscope, "/open")).status_code == 403
    microscope.refresh_from_db()
    assert microscope.is_active


def test_looking_changes_nothing(as_user: LogIn, chris: User, microscope: Resource) -> None:
    client = as_user(chris)
    for act in ("/close", "/open", "/favourite"):
        assert client.get(address(microscope, act)).status_code == 405


def test_stickers_carry_a_code_that_scans_to_the_instrument(
    as_user: LogIn, ada: User, microscope: Resource, settings: Settings
) -> None:
    settings.SITE_URL = "https://lab.example/"
    make_resource("NMR 400")
    client = as_user(ada)
    one = client.get(address(microscope, "/sticker"))
    assert list(one.context["stickers"]) == [
        (microscope, f"https://lab.example/i/{microscope.code}")
    ]
    assert one.content.decode().count('class="sticker"') == 1
    assert "style=" not in one.content.decode()
    sheet = page(client, "/resources/stickers")
    assert sheet.count('class="sticker"') == 2
    assert "<path" in sheet
    assert page(client, "/resources/stickers?q=nmr").count('class="sticker"') == 1


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("query", ["", "?free=1"])
def test_the_list_takes_few_queries(
    as_user: LogIn, ada: User, ben: User, now: datetime, number: int, query: str
) -> None:
    for n in range(number):
        resource = make_resource(f"Confocal {n}", location=EVIL)
        make_booking(ben, resource, now + HOUR)
        FavouriteResource.objects.create(user=ada, resource=resource)
    client = as_user(ada)
    client.get("/resources")
    with count_queries(9 if query else 10):
        answer = client.get(f"/resources{query}")
    assert EVIL not in answer.content.decode()


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("query", ["", "?date=2027-01-01"])
def test_a_page_takes_eight_queries(
    as_user: LogIn, chris: User, ben: User, now: datetime, number: int, query: str
) -> None:
    resource = make_resource("Confocal", description=EVIL, location=EVIL)
    ResponsiblePerson.objects.create(resource=resource, user=ben)
    for n in range(number):
        linked = make_resource(f"Laser {n}")
        ResourceLink.objects.create(resource=resource, linked=linked)
        BookingPolicy.objects.create(limit=Limit.values[n], value=60)
        make_booking(ben, resource, now + timedelta(hours=2 + n), purpose=EVIL)
        make_booking(ben, resource, now - timedelta(days=n + 1), status=Status.COMPLETED)
    client = as_user(chris)
    client.get("/resources")
    with count_queries(8):
        answer = client.get(address(resource, query))
    assert EVIL not in answer.content.decode()
    assert len(answer.content) < 60_000


@pytest.mark.parametrize("number", [1, 3])
def test_stickers_take_four_queries(as_user: LogIn, ada: User, number: int) -> None:
    for n in range(number):
        make_resource(f"Confocal {n}")
    client = as_user(ada)
    client.get("/resources/stickers")
    with count_queries(4):
        client.get("/resources/stickers")


def test_a_full_page_weighs_little(
    as_user: LogIn, chris: User, now: datetime, settings: Settings
) -> None:
    for n in range(51):
        make_resource(
            f"Laser scanning confocal microscope {n:02}",
            location="Building 3, room 1.023",
            requires_access=bool(n % 2),
        )
    client = as_user(chris)
    answer = client.get("/resources")
    assert answer.content.decode().count("<tr>") == 41
    assert "Page 1 of 2" in answer.content.decode()
    assert len(answer.content) < 60_000
    settings.SITE_URL = "https://booking.core-facility.university.example/labitory"
    sheet = client.get("/resources/stickers")
    assert sheet.content.decode().count('class="sticker"') == 16
    assert len(sheet.content) < 60_000
