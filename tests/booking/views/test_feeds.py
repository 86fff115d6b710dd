"""Calendar feeds as programs read them, and the page on which people make them."""

import html
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from audit.models import AuditLog
from booking.enums import FeedScope, Status
from booking.models import Booking, CalendarFeed, Resource, ResponsiblePerson
from booking.queries.feeds import hash_token
from booking.services.feeds import create_feed
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.groups import make_group
from tests.factories.resources import make_resource
from tests.support.calendars import Read, read_feed
from tests.support.queries import count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
PAGE = "/calendars"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def feed(user: User, now: datetime, shows: str = "mine", **fields: object) -> str:
    """The address of a new feed."""
    made = create_feed(user=user, name="Phone", scope=FeedScope(shows), now=now, **fields)  # type: ignore[arg-type]
    return f"/feeds/{made.token}.ics"


def read(client: Client, address: str) -> list[Read]:
    """What a program reads at an address, in order of time."""
    answer = client.get(address)
    assert answer.status_code == 200
    return sorted(read_feed(answer.content).values(), key=lambda each: each.start)


def test_everybody_has_the_page_and_visitors_log_in(
    as_user: LogIn, cast: dict[str, User], client: Client, now: datetime
) -> None:
    assert "/accounts/login" in client.get(PAGE)["Location"]
    for name, user in cast.items():
        answer = as_user(user).get(PAGE)
        assert answer.status_code == 200
        offers_lab = 'value="lab"' in answer.content.decode()
        assert offers_lab == (name in {"chris", "dora"})


def test_an_address_is_shown_once_and_only_its_digest_kept(as_user: LogIn, ada: User) -> None:
    client = as_user(ada)
    page = client.post(PAGE, {"shows": "mine", "name": "Phone"})
    token = re.findall(r"/feeds/([\w-]+)\.ics", page.content.decode())[0]
    assert "no-store" in page["Cache-Control"]
    assert "webcal://" in page.content.decode()
    # With `no-referrer` browsers send forms without their origin: nobody could log out there.
    assert page["Referrer-Policy"] == "strict-origin"
    [kept] = CalendarFeed.objects.all()
    assert (len(token), kept.token_hash) == (43, hash_token(token))
    assert token not in client.get(PAGE).content.decode()
    log = AuditLog.objects.get(action="feed.created")
    assert token not in str((log.changes, log.facts))
    assert Client().get(f"/feeds/{token}.ics").status_code == 200


def test_a_new_address_ends_the_old_one_and_revoking_both(
    as_user: LogIn, ada: User, eve: User, now: datetime
) -> None:
    address = feed(ada, now)
    key = CalendarFeed.objects.get().public_id
    for act in ("renew", "revoke"):
        assert as_user(eve).post(f"{PAGE}/{key}/{act}").status_code == 404
    page = as_user(ada).post(f"{PAGE}/{key}/renew").content.decode()
    renewed = re.findall(r"/feeds/[\w-]+\.ics", page)[0]
    assert [Client().get(each).status_code for each in (address, renewed)] == [404, 200]
    assert as_user(ada).post(f"{PAGE}/{key}/revoke").status_code == 302
    assert Client().get(renewed).status_code == 404
    assert as_user(ada).post(f"{PAGE}/{key}/renew").status_code == 404
    told = AuditLog.objects.filter(action__startswith="feed.").values_list("action", flat=True)
    assert sorted(told) == ["feed.created", "feed.renewed", "feed.revoked"]


def test_twenty_feeds_are_enough(as_user: LogIn, ada: User, now: datetime) -> None:
    for _n in range(20):
        feed(ada, now)
    answer = as_user(ada).post(PAGE, {"shows": "mine"})
    assert answer.status_code == 422
    assert CalendarFeed.objects.count() == 20


def test_nobody_makes_a_feed_of_what_they_cannot_see(
    as_user: LogIn, ada: User, ben: User, now: datetime
) -> None:
    hidden = make_resource("Hidden", is_hidden=True)
    group = make_group("Others", ben)
    for shows in ("lab", f"resource:{hidden.public_id}", f"group:{group.public_id}", "x", ""):
        assert as_user(ada).post(PAGE, {"shows": shows}).status_code == 422
    assert not CalendarFeed.objects.exists()


def test_a_year_costs_two_queries_and_nothing_new_a_304(
    client: Client, ada: User, microscope: Resource, now: datetime
) -> None:
    Booking.objects.bulk_create(
        Booking(
            user=ada, created_by=ada, resource=microscope, start_time=start, end_time=start + HOUR
        )
        for start in (now - 20 * DAY + n * 30 * HOUR for n in range(300))
    )
    address = feed(ada, now)
    with count_queries(3):  # The third notes that it was read, once an hour.
        first = client.get(address)
    assert len(read_feed(first.content)) == 300
    with count_queries(2):
        again = client.get(address)
    assert again.content == first.content
    with count_queries(2):
        answer = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer["ETag"] == first["ETag"]
    # As nginx makes it when it compresses.
    for tag in (f"W/{first['ETag']}", f'"other", {first["ETag"]}'):
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_copy_by_its_time_is_known_until_something_changes(
    client: Client, ada: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now + DAY)
    address = feed(ada, now)
    since = {"If-Modified-Since": client.get(address)["Last-Modified"]}
    assert client.get(address, headers=since).status_code == 304
    assert client.head(address).content == b""
    # In the same second, and without a trace in the booking.
    Resource.objects.filter(pk=microscope.pk).update(location="Room 2")
    changed = client.get(address, headers=since)
    assert changed.status_code == 200
    assert b"LOCATION:Room 2" in changed.content
    assert changed["Last-Modified"] > since["If-Modified-Since"]
    booking.delete()
    assert client.get(address, headers=since).status_code == 200
    cache.clear()
    assert client.get(address, headers=since).status_code == 200


def test_moved_and_cancelled_are_seen_under_the_same_name(
    client: Client, ada: User, microscope: Resource, now: datetime, settings: LazySettings
) -> None:
    settings.SITE_URL = "https://lab.example.org"
    booking = make_booking(ada, microscope, now + DAY)
    address = feed(ada, now)
    [before] = read(client, address)
    assert before.uid == f"{booking.public_id}@lab.example.org"
    booking.start_time, booking.end_time = now + 2 * DAY, now + 2 * DAY + HOUR
    booking.sequence += 1
    booking.save()
    [moved] = read(client, address)
    assert (moved.uid, moved.start) == (before.uid, now + 2 * DAY)
    booking.status, booking.updated_at = Status.CANCELLED, now
    booking.sequence += 1
    booking.save()
    [gone] = read(client, address)
    assert (gone.uid, gone.status) == (before.uid, "CANCELLED")
    assert before.sequence < moved.sequence < gone.sequence
    # After thirty days every program has heard of it.
    Booking.objects.update(updated_at=now - 31 * DAY)
    assert read(client, address) == []


def test_closed_accounts_and_lost_rights_end_a_feed_at_once(
    client: Client, ada: User, ben: User, chris: User, now: datetime
) -> None:
    tool, group = make_resource("NMR"), make_group("Group", ben, ada)
    own = feed(ada, now)
    ofs = [
        feed(ada, now, "resource", resource_id=tool.public_id),
        feed(ada, now, "group", group_id=group.public_id),
        feed(chris, now, "lab"),
    ]
    assert {client.get(each).status_code for each in (own, *ofs)} == {200}
    tool.is_hidden = True
    tool.save()
    group.members.all().delete()
    User.objects.filter(pk=chris.pk).update(role="student")
    assert [client.get(each).status_code for each in ofs] == [404, 404, 404]
    assert client.get(own).status_code == 200
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert client.get(own).status_code == 404
    assert client.get(f"/feeds/{'x' * 43}.ics").status_code == 404


def test_others_are_told_as_the_calendar_tells_them(
    client: Client, cast: dict[str, User], microscope: Resource, now: datetime
) -> None:
    ada, ben, eve = cast["ada"], cast["ben"], cast["eve"]
    ben.preferences.show_name = False
    ben.preferences.save()
    make_booking(ada, microscope, now + HOUR, purpose="Mine", notes="Note of mine")
    make_booking(ben, microscope, now + 3 * HOUR, purpose="Secret", notes="Note of ben")
    make_booking(eve, microscope, now + 5 * HOUR, purpose="Secret", notes="Note of eve")
    gone = make_booking(eve, microscope, now + 7 * HOUR, status=Status.CANCELLED)
    Booking.objects.filter(pk=gone.pk).update(updated_at=now)
    address = feed(ada, now, "resource", resource_id=microscope.public_id)
    content = client.get(address).content.decode().replace("\r\n ", "")
    names = [each.summary for each in read(client, address)]
    assert names == [f"Confocal 1: {name}" for name in ("Ada", "Booked", "Eve")]
    assert "Note of mine" in content
    assert "Secret" not in content
    assert content.count("URL:") == 1
    # The same for whoever sees it in full: more names, but no purpose of others.
    ResponsiblePerson.objects.create(resource=microscope, user=ada)
    names = [each.summary for each in read(client, address)]
    assert names == [f"Confocal 1: {name}" for name in ("Ada", "Ben", "Eve", "Eve")]
    assert "Secret" not in client.get(address).content.decode()


def test_a_group_tells_of_its_people_as_far_as_they_show_themselves(
    client: Client, cast: dict[str, User], microscope: Resource, now: datetime
) -> None:
    ada, ben, eve = cast["ada"], cast["ben"], cast["eve"]
    group = make_group("Group", ben, ada)
    address = feed(ada, now, "group", group_id=group.public_id)
    hidden = make_resource("Hidden", is_hidden=True)
    make_booking(ben, microscope, now + HOUR)
    make_booking(ben, hidden, now + HOUR)
    make_booking(eve, microscope, now + 3 * HOUR)
    assert [each.summary for each in read(client, address)] == ["Confocal 1: Ben"]
    ben.preferences.show_name = False
    ben.preferences.save()
    assert read(client, address) == []


def test_reading_is_noted_once_an_hour_and_limited(
    client: Client, ada: User, now: datetime, settings: LazySettings
) -> None:
    address = feed(ada, now)
    CalendarFeed.objects.update(last_read_at=now - 59 * timedelta(minutes=1))
    client.get(address)
    assert CalendarFeed.objects.get().last_read_at != now
    CalendarFeed.objects.update(last_read_at=now - HOUR)
    client.get(address)
    assert CalendarFeed.objects.get().last_read_at == now
    answers = [client.head(address) for _n in range(239)]
    assert (answers[0].status_code, answers[-1].status_code) == (200, 429)
    assert answers[-1]["Retry-After"]


def test_answers_are_kept_from_caches_robots_and_referrers(
    client: Client, ada: User, now: datetime
) -> None:
    answer = client.get(feed(ada, now))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "private" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT15M" in answer.content
    assert b"X-PUBLISHED-TTL:PT15M" in answer.content
    assert client.post(feed(ada, now)).status_code == 405


def test_a_booking_goes_into_calendars_on_the_web_without_its_purpose(
    as_user: LogIn, ada: User, now: datetime
) -> None:
    tool = make_resource("Laser & more", location="Room 1")
    start = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    booking = make_booking(ada, tool, start, purpose="Secret")
    page = as_user(ada).get(f"/bookings/{booking.public_id}").content.decode()
    links = [html.unescape(each) for each in re.findall(r'href="(https://[^"]+)"', page)]
    google, outlook = (parse_qs(urlsplit(each).query) for each in links[-2:])
    assert google["dates"] == ["20261025T013000Z/20261025T023000Z"]
    assert (google["text"], google["location"]) == (["Laser & more"], ["Room 1"])
    assert (outlook["startdt"], outlook["enddt"]) == (
        ["2026-10-25T01:30:00Z"],
        ["2026-10-25T02:30:00Z"],
    )
    assert not any("Secret" in each for each in links)
    assert page.count('rel="noopener noreferrer"') == 2
