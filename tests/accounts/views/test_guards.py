"""The login while it is locked, and the ways out: link, page, command, administration."""

import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import LoginGuard, TrustedDevice, User
from accounts.queries.devices import DEVICE_COOKIE
from accounts.services.guards import unlock_link
from accounts.services.passwords import change_password, password_reset_link
from audit.models import AuditLog, SecurityEvent
from labitory.lib.clock import now as moment
from tests.conftest import LogIn
from tests.factories.people import PASSWORD
from tests.support.queries import count_queries

LOGIN = "/accounts/login"
LOCKS = "/accounts/locks"
UNLOCK = "/accounts/unlock"
NEW = "another-horse-battery"
Told = list[tuple[str, int]]


@pytest.fixture(autouse=True)
def _no_rate_limit(settings: Any) -> None:
    """What is limited by the minute is not what is asked here."""
    settings.RATE_LOGIN = "1000/m"


def fail(client: Client, name: str, times: int = 5) -> None:
    for _time in range(times):
        answer = client.post(LOGIN, {"username": name, "password": "wrong"})
        assert answer.status_code == 422


def lock(name: str) -> None:
    fail(Client(), name)


def try_in(client: Client, name: str) -> Any:
    return client.post(LOGIN, {"username": name, "password": PASSWORD})


def link_of(user: User) -> str:
    return unlock_link(user).removeprefix("http://127.0.0.1:8000")


def test_the_refusal_says_how_long_and_the_way_out_and_nothing_else(cast: dict[str, User]) -> None:
    pages = []
    for name in ("ada", "dora", "nobody"):
        lock(name)
        answer = try_in(Client(), name)
        assert answer.status_code == 429
        assert 28 <= int(answer["Retry-After"]) <= 30
        text = answer.content.decode()
        assert 'href="/accounts/unlock"' in text
        assert re.search(r"Try again in \d\d seconds", text)
        pages.append(re.sub(r'value="[^"]*"|\d\d seconds', "", text))
    assert pages[0] == pages[1] == pages[2]
    assert "Have a link sent" not in Client().get(LOGIN).content.decode()


def test_a_program_waits_as_people_do(ada: User) -> None:
    lock("ada")
    body = {"username": "ada", "password": PASSWORD}
    answer = Client().post("/api/v1/auth/token", body, content_type="application/json")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 20


def test_failures_of_programs_count(ada: User) -> None:
    for _time in range(5):
        body = {"username": "ada", "password": "wrong"}
        answer = Client().post("/api/v1/auth/token", body, content_type="application/json")
        assert answer.status_code == 401
    assert try_in(Client(), "ada").status_code == 429


def test_the_administration_has_no_door_of_its_own(dora: User) -> None:
    answer = Client().post("/admin/login/", {"username": "dora", "password": PASSWORD})
    assert answer.status_code == 302
    assert "/accounts/login" in answer["Location"]


@pytest.mark.parametrize("name", ["ada", "ben", "chris", "dora", "eve"])
def test_the_link_lets_its_owner_in_from_this_browser_alone(
    cast: dict[str, User], name: str
) -> None:
    lock(name)
    link, client = link_of(cast[name]), Client()
    page = client.get(link)
    assert cast[name].first_name in page.content.decode()
    # Looking is not coming: programs look at mails as well.
    assert try_in(client, name).status_code == 429
    assert client.post(link)["Location"] == LOGIN
    assert DEVICE_COOKIE in client.cookies
    lock(name)
    assert try_in(Client(), name).status_code == 429
    assert try_in(client, name).status_code == 302
    event = SecurityEvent.objects.get(kind="account.unlocked")
    assert (event.user_id, event.facts) == (cast[name].pk, {"how": "mail"})


def test_the_link_works_once_and_ends_with_the_password(ada: User) -> None:
    first, second = link_of(ada), link_of(ada)
    assert Client().post(first).status_code == 302
    again = Client().post(first)
    assert again.status_code == 422
    assert "no longer works" in again.content.decode()
    assert DEVICE_COOKIE not in again.cookies
    assert "no longer works" in Client().get(first).content.decode()
    change_password(user=ada, password=NEW, now=moment())
    assert Client().post(second).status_code == 422
    assert TrustedDevice.objects.count() == 1


def test_the_link_ends_after_an_hour(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    link = link_of(ada)
    monkeypatch.setattr("django.core.signing.time.time", lambda: moment().timestamp() + 3601)
    assert Client().post(link).status_code == 422


@pytest.mark.parametrize("token", ["x", "a:b:c", "ImZvbyI:1tZ:x", "%00"])
def test_an_invented_link_is_told_kindly(db: None, client: Client, token: str) -> None:
    assert "no longer works" in client.get(f"{UNLOCK}/{token}").content.decode()
    assert client.post(f"{UNLOCK}/{token}").status_code == 422


def test_a_closed_account_is_not_let_in(ada: User) -> None:
    link = link_of(ada)
    User.objects.update(is_active=False)
    assert Client().post(link).status_code == 422


def test_asking_for_the_link_tells_nothing(ada: User, client: Client) -> None:
    assert client.get(UNLOCK).status_code == 200
    counts = []
    for email in ("Ada@example.org", "nobody@example.org"):
        with count_queries() as counted:
            answer = client.post(UNLOCK, {"email": email})
        assert (answer.status_code, answer["Location"]) == (302, f"{UNLOCK}/sent")
        counts.append(len(counted))
    assert counts == [3, 3]
    assert client.get(f"{UNLOCK}/sent").status_code == 200
    assert client.post(UNLOCK, {"email": "ada"}).status_code == 422


def test_the_owner_is_told_once_a_day(ada: User, told: Told) -> None:
    lock("ada")
    LoginGuard.objects.all().delete()
    lock("ada")
    assert told == [("account.locked", ada.pk)]
    assert SecurityEvent.objects.filter(kind="account.locked").count() == 2


def test_a_new_password_by_mail_lets_in_too(ada: User) -> None:
    lock("ada")
    client = Client()
    link = password_reset_link(ada).removeprefix("http://127.0.0.1:8000")
    form_at = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(form_at, {"new_password1": NEW, "new_password2": NEW})
    lock("ada")
    answer = client.post(LOGIN, {"username": "ada", "password": NEW})
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("name", "status"),
    [("ada", 403), ("ben", 403), ("chris", 403), ("dora", 200), ("eve", 403)],
)
def test_who_sees_the_locked_logins(
    cast: dict[str, User], as_user: LogIn, name: str, status: int
) -> None:
    client = as_user(cast[name])
    assert client.get(LOCKS).status_code == status
    data = {"name": "ben", "reason": "called me"}
    lock("ben")
    answers = [client.post(LOCKS, data), client.post(f"{LOCKS}/address", {"address": "::\x001"})]
    assert {answer.status_code for answer in answers} == {302 if status == 200 else 403}
    assert try_in(Client(), "ben").status_code == (302 if status == 200 else 429)


def test_visitors_are_sent_to_log_in(client: Client, db: None) -> None:
    for answer in (client.get(LOCKS), client.post(LOCKS), client.post(f"{LOCKS}/address")):
        assert answer.status_code == 302
        assert answer["Location"].startswith(LOGIN)


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_same_however_many(
    cast: dict[str, User], as_user: LogIn, number: int
) -> None:
    for name in ("ada", "ben", "eve")[:number]:
        lock(name)
    client = as_user(cast["dora"])
    client.get(LOCKS)
    with count_queries(6):  # the person, events, people, guards, addresses, the menu's counts
        page = client.get(LOCKS)
    assert len(page.context["accounts"]) == number


def test_an_unknown_name_or_no_reason_is_said(dora: User, as_user: LogIn) -> None:
    client = as_user(dora)
    for data in ({"name": "nobody", "reason": "x"}, {"name": "dora"}, {"name": "a\x00"}):
        assert client.post(LOCKS, data).status_code == 422
    answer = client.post(LOCKS, {"name": "dora", "reason": "x"}, follow=True)
    assert "did not have to wait" in answer.content.decode()


def test_the_command_unlocks(ada: User, capsys: pytest.CaptureFixture[str]) -> None:
    lock("ada")
    call_command("unlock_user", "ADA@example.org", reason="called")
    assert try_in(Client(), "ada").status_code == 302
    call_command("unlock_user", "ada")
    assert "can log in at once" in capsys.readouterr().out
    log = AuditLog.objects.get(action="user.unlocked")
    assert (log.actor_id, log.reason) == (None, "called")
    with pytest.raises(CommandError, match="nobody"):
        call_command("unlock_user", "nobody")
