"""Weekly hours, closures and public holidays, as lab managers set them."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.test import Client

from accounts.models import User
from audit.models import AuditLog
from booking.enums import ClaimKind, Status
from booking.models import (
    Closure,
    Holiday,
    OpeningHours,
    Resource,
    ResourceCalendar,
)
from booking.services.calendars import add_closure
from labitory.lib.periods import Period
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.elements import the_element
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
TUESDAY = {"start_time": "2026-03-03T08:00", "end_time": "2026-03-03T20:00"}


def week(**lines: str) -> dict[str, str]:
    """The editor's form: two lines a day, empty but for those named `mon=08:00-12:00`."""
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    form = {
        f"{word}_{day}_{row}": ""
        for word in ("opens", "closes")
        for day in range(7)
        for row in range(2)
    }
    for name, text in lines.items():
        for row, line in enumerate(text.split()):
            form[f"opens_{days.index(name)}_{row}"], form[f"closes_{days.index(name)}_{row}"] = (
                line.split("-")
            )
    return form


def written(resource: Resource | None) -> list[tuple[int, str, str]]:
    return [
        (each.weekday, f"{each.opens_at:%H:%M}", f"{each.closes_at:%H:%M}")
        for each in OpeningHours.objects.filter(resource=resource)
    ]


@pytest.fixture
def closure(chris: User, microscope: Resource, now: datetime) -> Closure:
    """The microscope is closed tomorrow."""
    start = now + timedelta(days=1)
    return add_closure(
        actor=chris,
        resource_id=microscope.public_id,
        period=Period(start, start + timedelta(hours=4)),
        reason="Laser is aligned",
        now=now,
    )


def paths(microscope: Resource) -> list[str]:
    return [
        "/manage/hours",
        f"/resources/{microscope.public_id}/hours",
        "/manage/closures",
        "/manage/closures/new",
    ]


def test_anonymous_is_sent_to_the_login(
    client: Client, microscope: Resource, closure: Closure
) -> None:
    for path in paths(microscope):
        assert "/accounts/login" in client.get(path)["Location"]
    for path in ("/manage/hours", f"/manage/closures/{closure.public_id}/remove"):
        assert "/accounts/login" in client.post(path, week(mon="08:00-12:00"))["Location"]
    assert Closure.objects.exists()
    assert not OpeningHours.objects.exists()


def test_only_lab_managers_may(as_user: LogIn, cast: dict[str, User], microscope: Resource) -> None:
    for path in paths(microscope):
        allowed = {
            name for name, user in cast.items() if as_user(user).get(path).status_code == 200
        }
        assert allowed == {"chris", "dora"}


def test_others_write_nothing(
    as_user: LogIn, ada: User, microscope: Resource, closure: Closure
) -> None:
    client = as_user(ada)
    for path, form in (
        ("/manage/hours", week(mon="08:00-12:00")),
        (f"/resources/{microscope.public_id}/hours", week(mon="08:00-12:00")),
        ("/manage/closures/new", {**TUESDAY, "reason": "Holiday"}),
        (f"/manage/closures/{closure.public_id}/remove", {}),
    ):
        assert client.post(path, form).status_code == 403
    assert list(Closure.objects.all()) == [closure]
    assert not OpeningHours.objects.exists()


def test_the_lab_gets_hours(as_user: LogIn, chris: User) -> None:
    answer = as_user(chris).post(
        "/manage/hours", week(mon="08:00-12:00 14:00-18:00", fri="20:00-02:00", sun="00:00-00:00")
    )
    assert answer["Location"] == "/manage/hours"
    assert written(None) == [
        (0, "08:00", "12:00"),
        (0, "14:00", "18:00"),
        (4, "20:00", "02:00"),
        (6, "00:00", "00:00"),
    ]
    assert AuditLog.objects.filter(action="resource.hours_changed").count() == 1
    page = as_user(chris).get("/manage/hours").content.decode()
    assert page.count("until the next day") == 2
    assert 'value="20:00"' in page
    # One empty line more than the fullest day has.
    assert 'name="opens_0_2"' in page


def test_a_resource_gets_hours_and_gives_them_back(
    as_user: LogIn, chris: User, microscope: Resource, weekday_hours: None
) -> None:
    client, path = as_user(chris), f"/resources/{microscope.public_id}/hours"
    page = client.get(path).content.decode()
    assert "They hold here" in page
    assert 'name="clear"' not in page
    client.post(path, week(sat="10:00-16:00"))
    assert written(microscope) == [(5, "10:00", "16:00")]
    assert len(written(None)) == 5
    page = client.get(path).content.decode()
    assert "They hold here" not in page
    assert 'name="clear"' in page
    answer = client.post(path, {**week(sat="10:00-16:00"), "clear": "1"}, follow=True)
    assert "follows the lab" in answer.content.decode()
    assert written(microscope) == []


def test_an_empty_form_removes_the_hours(as_user: LogIn, chris: User, weekday_hours: None) -> None:
    answer = as_user(chris).post("/manage/hours", week(), follow=True)
    assert "always open" in answer.content.decode()
    assert written(None) == []


def test_a_form_without_lines_removes_nothing(
    as_user: LogIn, chris: User, weekday_hours: None
) -> None:
    assert as_user(chris).post("/manage/hours", {"opens": "08:00"}).status_code == 422
    assert len(written(None)) == 5


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ({"mon": "08:00-12:00 11:00-13:00"}, "Two intervals overlap"),
        ({"mon": "08:00-08:00", "tue": "07:00-09:00"}, "Two intervals overlap"),
        ({"sun": "22:00-02:00", "mon": "01:00-03:00"}, "Two intervals overlap"),
        ({"mon": "08:00-"}, "Write both times"),
        ({"mon": "-08:00"}, "Write both times"),
        ({"mon": "25:00-26:00"}, "Write a time of day"),
    ],
)
def test_wrong_hours_keep_what_was_typed(
    as_user: LogIn, chris: User, weekday_hours: None, lines: dict[str, str], said: str
) -> None:
    answer = as_user(chris).post("/manage/hours", week(**lines, wed="09:15-17:45"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert 'value="09:15"' in page
    assert len(written(None)) == 5


def test_more_lines_and_monday_for_all_write_nothing(as_user: LogIn, chris: User) -> None:
    client = as_user(chris)
    page = client.post("/manage/hours", {**week(mon="08:00-12:00"), "more": "1"}).content.decode()
    assert 'name="opens_6_2"' in page
    page = client.post("/manage/hours", {**week(mon="08:30-12:00"), "copy": "1"}).content.decode()
    assert page.count('value="08:30"') == 5
    assert written(None) == []


def test_many_lines_of_a_day_are_all_kept(as_user: LogIn, chris: User) -> None:
    OpeningHours.objects.bulk_create(
        OpeningHours(weekday=2, opens_at=time(n), closes_at=time(n, 30)) for n in range(14)
    )
    before = written(None)
    client = as_user(chris)
    answer = client.get("/manage/hours")
    assert 'name="more"' not in answer.content.decode()
    form = {
        field.html_name: f"{field.value():%H:%M}" if field.value() else ""
        for field in answer.context["form"]
    }
    assert client.post("/manage/hours", form).status_code == 302
    assert written(None) == before


def test_script_in_a_name_is_only_text(as_user: LogIn, chris: User) -> None:
    resource = make_resource("<script>alert(1)</script>")
    page = as_user(chris).get(f"/resources/{resource.public_id}/hours").content
    assert b"<script>alert" not in page


def test_an_unknown_resource_is_not_found(as_user: LogIn, chris: User) -> None:
    path = "/resources/00000000-0000-4000-8000-000000000000/hours"
    assert as_user(chris).get(path).status_code == 404


def test_the_whole_lab_is_closed(
    as_user: LogIn, chris: User, microscope: Resource, second_microscope: Resource
) -> None:
    answer = as_user(chris).post(
        "/manage/closures/new", {**TUESDAY, "reason": "Move", "resource": ""}
    )
    assert answer["Location"] == "/manage/closures"
    closure = Closure.objects.get()
    assert closure.resource is None
    assert closure.start_time == datetime(2026, 3, 3, 7, tzinfo=UTC)
    claims = ResourceCalendar.objects.filter(kind=ClaimKind.CLOSURE)
    assert {claim.resource for claim in claims} == {microscope, second_microscope}
    page = as_user(chris).get("/manage/closures").content.decode()
    assert "The whole lab" in page
    assert "Move" in page


def test_bookings_in_the_way_are_shown_and_then_cancelled(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now + timedelta(days=1, hours=2))
    form = {**TUESDAY, "reason": "Laser is aligned", "resource": microscope.code}
    client = as_user(chris)
    answer = client.post("/manage/closures/new", form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "1 booking stands in the way" in page
    assert f"/bookings/{booking.public_id}" in page
    assert "Laser is aligned" in page
    assert not Closure.objects.exists()
    shown = the_element(page, "input", name="shown")["value"]
    client.post("/manage/closures/new", {**form, "cancel_bookings": "on", "shown": shown})
    booking.refresh_from_db()
    assert booking.status == Status.CANCELLED
    assert Closure.objects.get().resource == microscope


def test_many_bookings_in_the_way_are_all_named(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    made = [make_booking(ada, microscope, now + timedelta(days=1, hours=n)) for n in range(2, 12)]
    form = {**TUESDAY, "reason": "Laser is aligned", "resource": microscope.code}
    page = as_user(chris).post("/manage/closures/new", form).content.decode()
    assert "10 bookings stand in the way" in page
    assert "<summary>The others</summary>" in page
    assert all(f"/bookings/{booking.public_id}" in page for booking in made)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reason": ""}, "required"),
        ({"reason": "   "}, "required"),
        ({"reason": "x" * 201}, "at most 200"),
        ({"end_time": "2026-03-03T08:00"}, "The end must come after the start"),
        ({"end_time": "2026-03-02T08:00"}, "The end must come after the start"),
        ({"start_time": "soon"}, "Write a date and a time"),
        ({"start_time": "9999-01-01T00:00"}, "This year cannot be meant"),
        ({"resource": "nothing"}, "There is no such instrument"),
    ],
)
def test_a_wrong_closure_keeps_the_form(
    as_user: LogIn, chris: User, microscope: Resource, change: dict[str, str], said: str
) -> None:
    form = {**TUESDAY, "reason": "Move <b>", "resource": microscope.code, **change}
    answer = as_user(chris).post("/manage/closures/new", form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert f'value="{microscope.code}" selected' in page or "resource" in change
    assert "Move &lt;b&gt;" in page or "reason" in change
    assert not Closure.objects.exists()


def test_the_clocks_night_asks_which_hour(as_user: LogIn, chris: User) -> None:
    form = {"start_time": "2026-10-25T02:30", "end_time": "2026-10-25T09:00", "reason": "Move"}
    client = as_user(chris)
    assert "Say which one you mean" in client.post("/manage/closures/new", form).content.decode()
    client.post("/manage/closures/new", {**form, "start_time_fold": "1"})
    assert Closure.objects.get().start_time == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_closure_is_removed(as_user: LogIn, chris: User, closure: Closure) -> None:
    client, path = as_user(chris), f"/manage/closures/{closure.public_id}/remove"
    assert client.get(path).status_code == 405
    assert client.post(path)["Location"] == "/manage/closures"
    assert not Closure.objects.exists()
    assert not ResourceCalendar.objects.exists()
    assert client.post(path).status_code == 404


def test_past_closures_have_a_tab(as_user: LogIn, chris: User, now: datetime) -> None:
    Closure.objects.create(
        start_time=now - timedelta(days=2), end_time=now - timedelta(days=1), reason="Flood"
    )
    client = as_user(chris)
    assert "Flood" not in client.get("/manage/closures").content.decode()
    page = client.get("/manage/closures?tab=past").content.decode()
    assert "Flood" in page
    assert "/remove" not in page


def test_public_holidays_are_listed(as_user: LogIn, chris: User) -> None:
    assert "No public holidays are known" in as_user(chris).get("/manage/closures").content.decode()
    Holiday.objects.create(day=date(2026, 5, 1), name="Labour Day", country="DE")
    Holiday.objects.create(day=date(2026, 1, 1), name="New Year", country="DE")
    page = as_user(chris).get("/manage/closures").content.decode()
    assert "Labour Day" in page
    assert "New Year" not in page


@pytest.mark.parametrize("number", [1, 3])
def test_queries(as_user: LogIn, chris: User, now: datetime, number: int) -> None:
    for n in range(number):
        resource = make_resource(f"Confocal {n}")
        start = now + timedelta(days=n)
        Closure.objects.create(
            resource=resource,
            start_time=start,
            end_time=start + timedelta(hours=1),
            reason="<script>alert(1)</script>",
            created_by=chris,
        )
        Holiday.objects.create(day=date(2026, 5, 1 + n), name="Day", country="DE")
        OpeningHours.objects.create(
            resource=resource, weekday=n, opens_at=time(8), closes_at=time(9)
        )
    client = as_user(chris)
    for path, queries in (
        ("/manage/closures", 5),
        ("/manage/closures/new", 3),
        ("/manage/hours", 3),
        (f"/resources/{resource.public_id}/hours", 5),
    ):
        with count_queries(queries):
            answer = client.get(path)
        assert b"<script>alert" not in answer.content
        assert len(answer.content) < 60_000
