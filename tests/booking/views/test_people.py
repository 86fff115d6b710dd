"""The list of people, one person, leavers, double accounts and the export."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from accounts.enums import UnitKind
from accounts.models import Unit, User, UserProfile
from audit.models import AuditLog
from booking.models import Booking, Resource
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.groups import make_group, make_project
from tests.factories.people import make_user
from tests.support.elements import the_element
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
PEOPLE = "/manage/people"
HOUR = timedelta(hours=1)


def page_of(user: User, act: str = "") -> str:
    return f"{PEOPLE}/{user.public_id}{f'/{act}' if act else ''}"


def test_who_may_look_and_who_may_act(
    client: Client, as_user: LogIn, cast: dict[str, User]
) -> None:
    ada = cast["ada"]
    looks = {PEOPLE: {"chris", "dora"}, page_of(ada): {"chris", "dora"}}
    acts = {page_of(ada, "leave"): {"dora"}, page_of(ada, "merge"): {"dora"}}
    for path in (*looks, *acts):
        assert "/accounts/login" in client.get(path)["Location"]
    for act in ("unit", "leave", "return", "merge"):
        assert "/accounts/login" in client.post(page_of(ada, act))["Location"]
    assert "/accounts/login" in client.post(f"{PEOPLE}/export")["Location"]
    for path, expected in {**looks, **acts}.items():
        codes = {name: as_user(user).get(path).status_code for name, user in cast.items()}
        assert {name for name, code in codes.items() if code == 200} == expected
        assert set(codes.values()) == {200, 403}
    for name in ("ada", "ben", "chris", "eve"):
        for act in ("leave", "return", "merge"):
            posted = {"other": "eve"}
            assert as_user(cast[name]).post(page_of(ada, act), posted).status_code == 403
    for name in ("ada", "ben", "eve"):
        assert as_user(cast[name]).post(f"{PEOPLE}/export").status_code == 403
        assert as_user(cast[name]).post(page_of(ada, "unit")).status_code == 403
    assert as_user(cast["dora"]).get(page_of(cast["dora"], "leave")).status_code == 403
    assert User.objects.filter(is_active=True).count() == 5


def test_people_are_found(as_user: LogIn, cast: dict[str, User]) -> None:
    science = Unit.objects.create(kind=UnitKind.FACULTY, name="Science", code="sci")
    physics = Unit.objects.create(kind=UnitKind.COLLEGE, name="Physics", code="phy", parent=science)
    group = make_group("Optics", cast["ben"], cast["ada"], unit=physics)
    UserProfile.objects.filter(user=cast["chris"]).update(unit=physics)
    User.objects.filter(pk=cast["eve"].pk).update(is_active=False)
    client = as_user(cast["dora"])

    def found(**query: str) -> list[str]:
        page = client.get(PEOPLE, query).context["page"]
        return [user.username for user in page.object_list]

    assert found() == ["ada", "ben", "chris", "dora"]
    assert found(q="AD") == ["ada"]
    assert found(q="ada@example.org") == ["ada"]
    assert found(role="student") == ["ada"]
    assert found(account="closed") == ["eve"]
    assert found(account="all", role="student") == ["ada", "eve"]
    assert found(group=str(group.public_id)) == ["ada", "ben"]
    assert found(unit=str(science.public_id)) == ["ada", "chris"]
    assert found(q="zzz") == []
    assert "Nobody is like that" in client.get(PEOPLE, {"q": "zzz"}).content.decode()
    assert len(found(role="king", unit="x", q="\x00")) == 4


def test_the_list_is_taken_out(as_user: LogIn, cast: dict[str, User]) -> None:
    make_group("Optics", cast["ben"], cast["ada"])
    User.objects.filter(pk=cast["eve"].pk).update(last_name="=1+1")
    answer = as_user(cast["chris"]).post(f"{PEOPLE}/export", {"role": "student"})
    assert answer.content.decode().splitlines() == [
        "username,email,first_name,last_name,role,affiliation,unit,groups,active",
        "ada,ada@example.org,Ada,,student,,,Optics,yes",
        "eve,eve@example.org,Eve,'=1+1,student,,,,yes",
    ]
    log = AuditLog.objects.get()
    assert (log.action, log.facts) == ("people.exported", {"people": 2})


def test_the_page_of_a_person(
    as_user: LogIn, ada: User, ben: User, dora: User, microscope: Resource, now: datetime
) -> None:
    group = make_group("Optics", ben, ada)
    make_project("Light", group, ada)
    make_booking(ada, microscope, now + 3 * HOUR)
    client = as_user(dora)
    page = client.get(page_of(ada)).content.decode()
    for words in ("ada@example.org", "Optics", "Light (GRANT-Light)", "Confocal 1", "Let go…"):
        assert words in page
    assert "In no group" not in page
    page = client.get(page_of(dora)).content.decode()
    assert "Let go…" not in page
    assert client.get(f"{PEOPLE}/{uuid4()}").status_code == 404


def test_a_manager_places_a_person_in_the_organisation(
    as_user: LogIn, ada: User, chris: User
) -> None:
    science = Unit.objects.create(kind=UnitKind.FACULTY, name="Science", code="sci")
    client = as_user(chris)
    client.post(page_of(ada, "unit"), {"unit": str(science.public_id)})
    assert UserProfile.objects.get(user=ada).unit == science
    assert client.post(page_of(ada, "unit"), {"unit": str(uuid4())}).status_code == 422
    client.post(page_of(ada, "unit"), {"unit": ""})
    assert UserProfile.objects.get(user=ada).unit is None
    assert client.post(page_of(chris, "unit"), {"unit": ""}).status_code == 403


def test_a_leaver_is_tried_first_and_then_let_go(
    as_user: LogIn, ada: User, ben: User, dora: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now + 3 * HOUR)
    clash = make_booking(ada, microscope, now + 6 * HOUR)
    make_booking(
        ben,
        Resource.objects.create(name="TEM", resource_type=microscope.resource_type),
        now + 6 * HOUR,
    )
    client, path = as_user(dora), page_of(ada, "leave")
    page = client.post(path, {"receiver": "ben", "check": "1"}).content.decode()
    assert page.count("Confocal 1") == 2
    assert User.objects.get(pk=ada.pk).is_active
    answer = client.post(path, {"receiver": "nobody"})
    assert answer.status_code == 422
    assert client.post(path, {"receiver": "ada"}).status_code == 422
    shown = the_element(page, "input", name="shown")["value"]
    form = {"receiver": "ben", "cancel_rest": "on", "reason": "Left", "shown": shown}
    answer = client.post(path, form)
    assert "The account is closed" in answer.content.decode()
    booking.refresh_from_db()
    clash.refresh_from_db()
    assert (booking.user, clash.status) == (ben, "cancelled")
    client.post(page_of(ada, "return"))
    assert User.objects.get(pk=ada.pk).is_active


def test_accounts_are_merged_after_a_look(
    as_user: LogIn, ada: User, eve: User, dora: User, microscope: Resource, now: datetime
) -> None:
    for user in (ada, eve):
        User.objects.filter(pk=user.pk).update(first_name="Ada", last_name="Byron")
    make_booking(eve, microscope, now + 3 * HOUR)
    client, path = as_user(dora), page_of(ada, "merge")
    assert "?other=eve" in client.get(page_of(ada)).content.decode()
    assert 'value="eve"' in client.get(path, {"other": "eve"}).content.decode()
    page = client.post(path, {"other": "eve", "check": "1"}).content.decode()
    assert "Of eve would move" in page
    assert Booking.objects.get().user == eve
    assert client.post(path, {"other": "nobody"}).status_code == 422
    assert client.post(path, {"other": "ada"}).status_code == 422
    assert client.post(path, {"other": "eve"})["Location"] == page_of(ada)
    assert Booking.objects.get().user == ada
    assert not User.objects.get(pk=eve.pk).is_active


@pytest.mark.parametrize("number", [1, 3])
def test_queries(
    as_user: LogIn, ada: User, dora: User, microscope: Resource, now: datetime, number: int
) -> None:
    for n in range(number):
        make_user(f"user{n}", last_name="<script>alert(1)")
        group = make_group(f"Group {n}", dora, ada)
        make_project(f"Project {n}", group, ada)
        make_booking(ada, microscope, now + (2 * n + 1) * HOUR)
    client = as_user(dora)
    client.get(PEOPLE)
    for path, queries in ((PEOPLE, 6), (page_of(ada), 10)):
        with count_queries(queries):
            page = client.get(path)
        assert b"<script>alert(" not in page.content
        assert len(page.content) < 60_000
