"""Announcements: written, looked at, sent, read, ended; and what stands on every page."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.enums import ScopeKind, UnitKind
from accounts.models import Unit, User
from booking.models import Broadcast, BroadcastReceipt, OutboxEvent, Resource
from booking.queries.broadcasts import Scope
from booking.services.broadcasts import Wanted, send_broadcast
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.roles import give, make_role
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
LIST, NEW = "/manage/broadcasts", "/manage/broadcasts/new"
TYPED = {"title": "Gas", "text": "Leave <b>now</b>.", "scope": "everybody"}


def say(actor: User, now: datetime, *, is_emergency: bool = False) -> Broadcast:
    details = Wanted(
        title="Gas", text="Leave <b>now</b>.", scope=Scope(), is_emergency=is_emergency
    )
    return send_broadcast(actor=actor, wanted=details, now=now)


def test_who_may_see_what(
    as_user: LogIn, client: Client, cast: dict[str, User], now: datetime
) -> None:
    said = say(cast["dora"], now)
    one = f"{LIST}/{said.public_id}"
    own = f"/announcements/{said.public_id}"
    for path in (LIST, NEW, one, own):
        assert "/accounts/login" in client.get(path)["Location"]
    for path in (LIST, NEW, one):
        seen = {name for name, user in cast.items() if as_user(user).get(path).status_code == 200}
        assert seen == {"chris", "dora"}
    assert all(as_user(user).get(own).status_code == 200 for user in cast.values())
    for act in ("remind", "end"):
        assert as_user(cast["ada"]).post(f"{one}/{act}").status_code == 403
        assert as_user(cast["dora"]).get(f"{one}/{act}").status_code == 405
    for user in cast.values():
        BroadcastReceipt.objects.filter(user=user).delete()
        assert as_user(user).get(own).status_code == 404
        assert as_user(user).post(f"{own}/acknowledge").status_code == 404


def test_nothing_is_sent_before_the_second_look(
    as_user: LogIn, cast: dict[str, User], now: datetime
) -> None:
    client = as_user(cast["chris"])
    typed = {**TYPED, "is_emergency": "on", "shown_until": "2026-03-02T18:00"}
    answer = client.post(NEW, typed)
    page = answer.content.decode()
    assert "It goes to <strong>5 people</strong>" in page
    assert "Mail: reaches 5 of 5" in page
    assert "Leave &lt;b&gt;now&lt;/b&gt;." in page
    assert not Broadcast.objects.exists()
    fields = {field.html_name: field.value() for field in answer.context["form"]}
    again = {name: value for name, value in fields.items() if value not in (None, False, [])}
    back = client.post(NEW, {**again, "change": "1"})
    assert (back.status_code, Broadcast.objects.exists()) == (200, False)
    assert 'value="Gas"' in back.content.decode()
    sent = client.post(NEW, {**again, "send": "1"})
    said = Broadcast.objects.get()
    assert sent["Location"] == f"{LIST}/{said.public_id}"
    assert (said.is_emergency, said.shown_until) == (True, now + timedelta(hours=10))
    assert OutboxEvent.objects.get().kind == "alarm.raised"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"title": ""}, "This field is required"),
        ({"text": "x" * 2001}, "at most 2000"),
        ({"scope": "resource"}, "Choose one."),
        ({"scope": "location", "location": "Nowhere"}, "valid choice"),
        ({"scope": "nobody"}, "valid choice"),
        ({"shown_until": "2026-03-29T02:30"}, "does not exist"),
        ({"shown_until": "2026-03-01T10:00", "send": "1"}, "Choose a time to come"),
        ({"roles": "king"}, "valid choice"),
    ],
)
def test_what_is_wrong_is_said(
    as_user: LogIn, chris: User, wrong: dict[str, str], error: str
) -> None:
    answer = as_user(chris).post(NEW, {**TYPED, **wrong})
    assert answer.status_code == 422
    assert error in answer.content.decode()
    assert not Broadcast.objects.exists()


def test_who_looks_after_one_unit_speaks_to_it_alone(
    as_user: LogIn, ada: User, ben: User, dora: User, microscope: Resource, now: datetime
) -> None:
    units = [
        Unit.objects.create(code=code, name=code.title(), kind=UnitKind.FACULTY)
        for code in ("phy", "bio")
    ]
    give(ben, make_role("speaker", "broadcast.send"), ScopeKind.UNIT, units[0].pk)
    Resource.objects.filter(pk=microscope.pk).update(unit=units[0])
    make_booking(ada, microscope, now + timedelta(hours=1))
    other = say(dora, now)
    client = as_user(ben)
    page = client.get(NEW).content.decode()
    assert 'value="phy"' in page
    assert 'value="bio"' not in page
    assert client.post(NEW, {**TYPED, "scope": "unit", "unit": "bio"}).status_code == 422
    assert client.post(NEW, TYPED).status_code == 403
    assert client.post(NEW, {**TYPED, "send": "1"}).status_code == 403
    assert client.get(f"{LIST}/{other.public_id}").status_code == 404
    assert client.post(f"{LIST}/{other.public_id}/end").status_code == 404
    answer = client.post(NEW, {**TYPED, "scope": "unit", "unit": "phy", "send": "1"}, follow=True)
    assert "people of Phy" in answer.content.decode()
    assert [each[0].title for each in client.get(LIST).context["lines"]] == ["Gas"]
    assert BroadcastReceipt.objects.filter(broadcast__author=ben).get().user == ada


def test_it_stands_on_every_page_until_acknowledged(
    as_user: LogIn, ada: User, chris: User, now: datetime
) -> None:
    said = say(chris, now, is_emergency=True)
    client = as_user(ada)
    for path in ("/", "/notices", "/resources", "/calendar"):
        page = client.get(path).content.decode()
        assert "announcement-alarm" in page
        assert "Leave &lt;b&gt;now&lt;/b&gt;." in page
    act = f"/announcements/{said.public_id}/acknowledge"
    assert client.get(act).status_code == 405
    assert client.post(act, {"next": "/resources?q=x"})["Location"] == "/resources?q=x"
    for evil in ("https://evil.example.org/", "//evil.example.org", "javascript:alert(1)"):
        assert client.post(act, {"next": evil})["Location"] == f"/announcements/{said.public_id}"
    assert "announcement-alarm" not in client.get("/").content.decode()
    assert "You have read it" in client.get(f"/announcements/{said.public_id}").content.decode()
    page = as_user(chris).get(f"{LIST}/{said.public_id}?who=read").content.decode()
    assert "Ada" in page
    assert (
        "Ada"
        not in as_user(chris)
        .get(f"{LIST}/{said.public_id}")
        .content.decode()
        .partition("Has read it")[2]
    )


def test_it_comes_to_pages_that_are_open(
    as_user: LogIn, ada: User, chris: User, now: datetime
) -> None:
    client = as_user(ada)
    asked = {"Live-Part": "1", "Referer": "http://testserver/calendar?view=week#monday"}
    assert "announcement-alarm" not in client.get("/live/counts", headers=asked).content.decode()
    say(chris, now, is_emergency=True)
    told = client.get("/live/counts", headers=asked).content.decode()
    assert 'data-live-part="announcements"' in told
    assert "announcement-alarm" in told
    assert 'name="next" value="/calendar?view=week"' in told


def test_reminding_and_ending(as_user: LogIn, ada: User, chris: User, now: datetime) -> None:
    said = say(chris, now, is_emergency=True)
    client, one = as_user(chris), f"{LIST}/{said.public_id}"
    assert "Remind the 2 who have not" in client.get(one).content.decode()
    assert "2 people are reminded" in client.post(f"{one}/remind", follow=True).content.decode()
    assert "within ten minutes" in client.post(f"{one}/remind", follow=True).content.decode()
    assert "everybody is told" in client.post(f"{one}/end", follow=True).content.decode()
    assert "ended already" in client.post(f"{one}/end", follow=True).content.decode()
    assert "announcement-alarm" not in as_user(ada).get("/").content.decode()
    page = as_user(ada).get(f"/announcements/{said.public_id}").content.decode()
    assert "All clear" in page
    assert "/acknowledge" not in page


@pytest.mark.parametrize("number", [1, 3])
def test_queries(as_user: LogIn, ada: User, chris: User, now: datetime, number: int) -> None:
    client = as_user(ada)
    with count_queries(3):
        client.get("/notices")
    for _n in range(number):
        said = say(chris, now)
    # They come with the counts, however many stand there.
    with count_queries(3):
        assert client.get("/notices").content.decode().count("/acknowledge") == number
    client = as_user(chris)
    for path, queries in ((LIST, 4), (f"{LIST}/{said.public_id}", 5), (NEW, 5)):
        with count_queries(queries):
            client.get(path)
    with count_queries(5):
        client.post(NEW, TYPED)
