"""The page of sessions and devices, the ends of sessions, and what was sent too late."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Session, TrustedDevice, User
from accounts.queries.devices import DEVICE_COOKIE
from accounts.view_as.state import keep_viewing
from audit.models import SecurityEvent
from labitory.lib.clock import now as moment
from tests.accounts.services.test_sessions import change_about, is_in, log_in, stored
from tests.factories.people import PASSWORD
from tests.support.elements import the_element
from tests.support.queries import count_queries

PAGE = "/accounts/sessions"
PROFILE = "/accounts/profile"
LOGIN = "/accounts/login"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Safari/604.1"
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
Shift = Callable[[timedelta], None]


@pytest.fixture
def shift(monkeypatch: pytest.MonkeyPatch) -> Shift:
    """Let time pass: `shift(timedelta(hours=2))` from now on."""
    start = moment()

    def move(gone: timedelta) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: start + gone)

    return move


@pytest.mark.parametrize("name", ["ada", "ben", "chris", "dora", "eve"])
def test_everybody_sees_their_own_sessions_and_browsers(cast: dict[str, User], name: str) -> None:
    for other in cast.values():
        log_in(other, User_Agent="curl/8.0")
    phone = log_in(cast[name], User_Agent=PHONE)
    client = log_in(cast[name], User_Agent=LINUX)
    page = client.get(PAGE)
    assert [each.device for each in page.context["sessions"]] == [
        "Firefox on Linux",
        "Safari on iPhone",
        "curl",
    ]
    assert [each.is_this for each in page.context["sessions"]] == [True, False, False]
    assert len(page.context["browsers"]) == 3
    assert [each.device.name for each in page.context["browsers"] if each.is_this] == [
        "Firefox on Linux"
    ]
    text = page.content.decode()
    assert stored(client).session_key not in text
    assert client.cookies[DEVICE_COOKIE].value not in text
    other_page = phone.get(PAGE).content.decode()
    assert "Safari on iPhone" in other_page


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", PAGE),
        ("post", f"{PAGE}/stay"),
        ("post", f"{PAGE}/end-others"),
        ("post", f"{PAGE}/00000000-0000-0000-0000-000000000000/end"),
        ("post", "/accounts/devices/00000000-0000-0000-0000-000000000000/forget"),
        ("get", "/accounts/resume"),
    ],
)
def test_visitors_are_sent_to_log_in(client: Client, db: None, method: str, path: str) -> None:
    answer = getattr(client, method)(path)
    assert (answer.status_code, answer["Location"]) == (302, f"{LOGIN}?next={path}")


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_the_same_however_many(ada: User, number: int) -> None:
    for _number in range(number - 1):
        log_in(ada)
    client = log_in(ada)
    # The person, sessions, a word to the wall, this browser, browsers, the menu's counts.
    with count_queries(6):
        page = client.get(PAGE)
    assert len(page.context["sessions"]) == number


@pytest.mark.parametrize("name", ["ada", "ben", "chris", "dora", "eve"])
def test_everybody_ends_one_all_others_and_this_one(cast: dict[str, User], name: str) -> None:
    person = cast[name]
    here, there, phone, other = (log_in(person) for _number in range(4))
    answer = here.post(f"{PAGE}/{stored(there).public_id}/end")
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert not is_in(there)
    assert here.post(f"{PAGE}/end-others")["Location"] == PAGE
    assert [is_in(client) for client in (here, phone, other)] == [True, False, False]
    assert here.post(f"{PAGE}/{stored(here).public_id}/end")["Location"] == LOGIN
    assert not is_in(here)


def test_the_session_of_another_is_as_gone_as_none(ada: User, eve: User) -> None:
    victim, client = log_in(ada), log_in(eve)
    answer = client.post(f"{PAGE}/{stored(victim).public_id}/end", follow=True)
    assert "ended already" in answer.content.decode()
    device = TrustedDevice.objects.get(user=ada)
    answer = client.post(f"/accounts/devices/{device.public_id}/forget", follow=True)
    assert "not known any more" in answer.content.decode()
    assert is_in(victim)
    assert TrustedDevice.objects.filter(user=ada).exists()


def test_a_forgotten_browser_is_one_like_any_other(ada: User) -> None:
    client = log_in(ada)
    device = TrustedDevice.objects.get()
    assert client.post(f"/accounts/devices/{device.public_id}/forget")["Location"] == PAGE
    assert not TrustedDevice.objects.exists()
    client.post("/accounts/logout")
    for _number in range(5):
        client.post(LOGIN, {"username": "ada", "password": "wrong"})
    answer = client.post(LOGIN, {"username": "ada", "password": PASSWORD})
    assert answer.status_code == 429


def test_a_shared_browser_knows_each_of_its_people(ada: User, ben: User) -> None:
    client = Client()
    for name in ("ada", "ben", "ada"):
        client.post(LOGIN, {"username": name, "password": PASSWORD})
        client.post("/accounts/logout")
    assert TrustedDevice.objects.count() == 2
    cookie = client.cookies[DEVICE_COOKIE]
    assert cookie.value.count(".") == 1
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    tokens = TrustedDevice.objects.values_list("token_hash", flat=True)
    assert not set(cookie.value.split(".")) & set(tokens)


def test_an_invented_cookie_is_nothing(ada: User, client: Client) -> None:
    client.cookies[DEVICE_COOKIE] = "..x." + "y" * 5000
    assert client.post(LOGIN, {"username": "ada", "password": PASSWORD}).status_code == 302
    assert TrustedDevice.objects.count() == 1


@pytest.mark.parametrize(
    ("gone", "open_", "why"),
    [
        (timedelta(minutes=119), True, ""),
        (timedelta(minutes=121), False, "not used for 2 hours"),
        (timedelta(days=1), False, "after 12 hours"),
    ],
)
def test_an_unused_session_ends(
    ada: User, shift: Shift, gone: timedelta, open_: bool, why: str
) -> None:
    client = log_in(ada)
    shift(gone)
    answer = client.get(PROFILE)
    assert answer.status_code == (200 if open_ else 302)
    if not open_:
        assert answer["Location"] == f"{LOGIN}?next={PROFILE}"
        assert why in client.get(answer["Location"]).content.decode()
        assert not Session.objects.filter(user=ada).exists()
        assert SecurityEvent.objects.filter(kind="session.expired", user_id=ada.pk).exists()


def test_a_used_session_lives_until_it_is_too_old(ada: User, shift: Shift) -> None:
    client = log_in(ada)
    for minutes in range(0, 12 * 60, 90):
        shift(timedelta(minutes=minutes))
        assert is_in(client)
    shift(timedelta(hours=12, minutes=1))
    assert not is_in(client)


def test_use_is_written_every_five_minutes_at_most(ada: User, shift: Shift) -> None:
    client = log_in(ada)
    began = stored(client).seen_at
    assert began is not None
    shift(timedelta(minutes=4))
    with count_queries(1):
        client.get(f"{PAGE}/left")
    assert stored(client).seen_at == began
    shift(timedelta(minutes=6))
    with count_queries(5):  # the profile's four, and the writing
        client.get(PROFILE)
    with count_queries(4):
        client.get(PROFILE)
    seen = stored(client).seen_at
    assert seen is not None
    assert seen > began + timedelta(minutes=5)


def test_asking_is_no_use_and_staying_is(ada: User, shift: Shift) -> None:
    client = log_in(ada)
    shift(timedelta(minutes=100))
    assert client.get(f"{PAGE}/left").json() == {"seconds": 1200}
    answer = client.post(f"{PAGE}/stay", headers={"Accept": "application/json"})
    assert answer.json() == {"seconds": 7200}
    assert client.post(f"{PAGE}/stay")["Location"] == PAGE
    shift(timedelta(minutes=219))
    assert is_in(client)
    assert Client().get(f"{PAGE}/left").json() == {"seconds": 0}


def test_pages_say_how_long_the_session_lasts(ada: User, shift: Shift) -> None:
    client = log_in(ada)
    page = client.get(PROFILE).content.decode()
    clock = the_element(page, "dialog", id="session-end")
    assert clock["data-left"] in ("7199", "7200")
    assert clock["data-warn"] == "180"
    shift(timedelta(hours=11))
    client.cookies.clear()
    assert "session-end" not in client.get(LOGIN).content.decode()


DATA = {
    "first_name": "Ada",
    "last_name": "Byron <b>",
    "phone": "",
    "affiliation": "",
    "time_zone": "",
    "date_format": "Y-m-d",
    "time_format": "H:i",
    "theme": "dark",
    "language": "en",
}


def send_late(client: Client, shift: Shift, data: dict[str, Any] = DATA, **extra: Any) -> Any:
    shift(timedelta(hours=3))
    return client.post(PROFILE, {**data, "csrfmiddlewaretoken": "t", "secret_word": "s"}, **extra)


def test_what_was_sent_too_late_is_sent_again_by_its_person(ada: User, shift: Shift) -> None:
    client = log_in(ada)
    answer = send_late(client, shift)
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"{LOGIN}?next=%2Faccounts%2Fresume",
    )
    assert User.objects.get(pk=ada.pk).last_name == ""
    again = {"username": "ada", "password": PASSWORD, "next": "/accounts/resume"}
    assert client.post(LOGIN, again)["Location"] == "/accounts/resume"
    page = client.get("/accounts/resume")
    text = page.content.decode()
    assert "Byron &lt;b&gt;" in text
    assert "secret_word" not in text
    form = dict(page.context["kept"]["fields"])
    assert form == DATA
    assert page.context["kept"]["path"] == PROFILE
    assert client.post(PROFILE, form)["Location"] == PROFILE
    assert User.objects.get(pk=ada.pk).last_name == "Byron <b>"
    # It was shown once.
    assert client.get("/accounts/resume")["Location"] == "/"


def test_somebody_else_does_not_get_it(ada: User, eve: User, shift: Shift) -> None:
    client = log_in(ada)
    send_late(client, shift)
    client.post(LOGIN, {"username": "eve", "password": PASSWORD})
    assert client.get("/accounts/resume")["Location"] == "/"
    client.post("/accounts/logout")
    client.post(LOGIN, {"username": "ada", "password": PASSWORD})
    assert client.get("/accounts/resume")["Location"] == "/"


def test_it_waits_for_an_hour(ada: User, shift: Shift) -> None:
    client = log_in(ada)
    send_late(client, shift)
    shift(timedelta(hours=4, minutes=1))
    client.post(LOGIN, {"username": "ada", "password": PASSWORD})
    assert client.get("/accounts/resume")["Location"] == "/"


@pytest.mark.parametrize("data", [{"a": "x" * 40_000}, {"password": "x"}])
def test_too_much_and_secrets_do_not_wait(ada: User, shift: Shift, data: dict[str, str]) -> None:
    client = log_in(ada)
    shift(timedelta(hours=3))
    assert client.post(PROFILE, data)["Location"] == f"{LOGIN}?next=%2F"


def test_a_part_of_a_page_leads_the_page_to_the_login(ada: User, shift: Shift) -> None:
    client = log_in(ada)
    told = {"HX-Request": "true", "HX-Current-URL": "http://testserver/bookings/new"}
    answer = send_late(client, shift, headers=told)
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == f"{LOGIN}?next=%2Fbookings%2Fnew"


def test_a_program_is_told_401(ada: User, shift: Shift) -> None:
    client = log_in(ada)
    shift(timedelta(hours=3))
    assert client.get("/api/v1/bookings").status_code == 401


def test_logging_in_and_out_with_an_old_session_works(ada: User, shift: Shift) -> None:
    client = log_in(ada)
    shift(timedelta(hours=3))
    assert client.post(LOGIN, {"username": "ada", "password": PASSWORD})["Location"] == "/"
    shift(timedelta(hours=6))
    assert client.post("/accounts/logout")["Location"] == LOGIN


def test_a_changed_session_keeps_what_is_known(ada: User) -> None:
    client = log_in(ada)
    change_about(client.session, country="DE", address="192.0.2.9")
    assert "192.0.2.9 (DE)" in client.get(PAGE).content.decode()


@pytest.mark.parametrize("secure", [True, False])
def test_cookies_are_for_this_site_alone(ada: User, settings: Any, secure: bool) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = secure
    client = Client()
    client.get(LOGIN, secure=secure)
    client.post(LOGIN, {"username": "ada", "password": PASSWORD}, secure=secure)
    for name in ("sessionid", DEVICE_COOKIE, "csrftoken"):
        cookie = client.cookies[name]
        assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")
        assert bool(cookie["secure"]) == secure


def test_who_looks_as_another_keeps_their_own_session(chris: User, ada: User) -> None:
    client = log_in(chris)
    session = client.session
    keep_viewing(session, user=ada, until=moment() + timedelta(minutes=5))
    session.save()
    assert client.get(f"{PAGE}/left").json()["seconds"] > 7000
    assert client.post(f"{PAGE}/stay", headers={"Accept": "application/json"}).status_code == 200
    assert client.get(PAGE).status_code == 403
