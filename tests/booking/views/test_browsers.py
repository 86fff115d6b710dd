"""Naming a browser that shows one's notices, and taking it away."""

import json
from datetime import datetime
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from audit.models import AuditLog
from booking.errors import ActionRefused
from booking.models import PushSubscription
from booking.services.browsers import BrowserWish, add_browser
from labitory.lib.webpush import new_private_key, public_key_of
from tests.booking.api.conftest import Program
from tests.conftest import LogIn
from tests.support.push import Browser
from tests.support.queries import count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
PAGE, API = "/notices/preferences", "/api/v1/me/browsers"
ADDRESS = "http://127.0.0.1:9/send/"


@pytest.fixture(autouse=True)
def _key(settings: LazySettings) -> None:
    """A lab that sends notices to browsers."""
    settings.VAPID_PRIVATE_KEY = new_private_key()
    settings.VAPID_CONTACT = "mailto:lab@example.org"


def body_of(name: str = "one", **changes: Any) -> dict[str, Any]:
    """What a browser's subscription is as JSON."""
    browser = Browser()
    keys = {"p256dh": browser.p256dh, "auth": browser.auth}
    return {"endpoint": f"{ADDRESS}{name}", "expirationTime": None, "keys": keys, **changes}


def added(user: User, now: datetime, name: str = "one") -> PushSubscription:
    browser = Browser()
    wish = BrowserWish(
        endpoint=f"{ADDRESS}{name}", p256dh=browser.p256dh, auth=browser.auth, label=f"F {name}"
    )
    return add_browser(user=user, wish=wish, now=now)


def test_a_browser_names_itself_on_the_page(ada: User, settings: LazySettings) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    page = client.get(PAGE)
    text = page.content.decode()
    assert f'data-key="{public_key_of(settings.VAPID_PRIVATE_KEY)}"' in text
    assert settings.VAPID_PRIVATE_KEY not in text
    token = text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]

    def send(**headers: str) -> Any:
        agent = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
        sent = {"user-agent": agent, **headers}
        return client.post(API, json.dumps(body_of()), "application/json", headers=sent)

    assert send().status_code == 403
    answer = send(**{"x-csrftoken": token})
    assert answer.status_code == 201
    assert set(answer.json()["data"]) == {"id", "name", "created_at", "last_sent_at"}
    kept = PushSubscription.objects.get()
    assert (kept.user, kept.label) == (ada, "Firefox on Linux")
    text = client.get(PAGE).content.decode()
    assert "This browser shows your notices from now on." in text
    assert "Firefox on Linux" in text
    assert f'data-browser="{kept.digest}"' in text
    assert ADDRESS not in text
    assert AuditLog.objects.filter(action="browser.added").count() == 1


def test_named_twice_it_is_one(ada: User) -> None:
    program = Program(ada)
    for _time in range(2):
        assert program.post("/me/browsers", body_of()).status_code == 201
    assert PushSubscription.objects.count() == 1
    assert AuditLog.objects.filter(action="browser.added").count() == 1


def test_a_browser_shows_one_persons(ada: User, ben: User, now: datetime) -> None:
    first, second = added(ada, now), added(ben, now)
    assert first.public_id == second.public_id
    assert PushSubscription.objects.get().user == ben


def test_ten_are_enough(ada: User, ben: User, now: datetime) -> None:
    for number in range(10):
        added(ada, now, str(number))
    added(ada, now, "3")
    with pytest.raises(ActionRefused) as refused:
        added(ada, now, "eleven")
    assert refused.value.refusals[0].code == "browser.too_many"
    added(ben, now, "3")
    added(ada, now, "eleven")
    assert PushSubscription.objects.filter(user=ada).count() == 10


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"endpoint": "https://10.0.0.1/send"}, 422, "browser.wrong"),
        ({"endpoint": "http://192.168.1.1/"}, 422, "browser.wrong"),
        ({"endpoint": "https://127.0.0.1.nip.invalid/"}, 422, "browser.wrong"),
        ({"endpoint": "file:///etc/passwd"}, 422, "browser.wrong"),
        ({"endpoint": "https://a:b@example.org/"}, 422, "browser.wrong"),
        ({"endpoint": "https://" + "x" * 2000}, 400, "field.max_length"),
        ({"keys": {"p256dh": "AAAA", "auth": "AAAA"}}, 422, "browser.wrong"),
        ({"keys": {"p256dh": "AAAA"}}, 400, "field.required"),
        ({"more": 1}, 400, "field.unknown"),
    ],
)
def test_what_is_no_browser_is_refused(
    ada: User, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = Program(ada).post("/me/browsers", body_of(**changes))
    assert answer.status_code == status
    assert answer.json()["errors"][0]["code"] == code
    assert not PushSubscription.objects.exists()
    assert not AuditLog.objects.filter(action__startswith="browser.").exists()


def test_without_a_key_there_is_nothing_to_name(
    ada: User, as_user: LogIn, settings: LazySettings
) -> None:
    settings.VAPID_PRIVATE_KEY = ""
    assert Program(ada).post("/me/browsers", body_of()).status_code == 409
    assert "data-browser-add" not in as_user(ada).get(PAGE).content.decode()


def test_only_ones_own_are_seen_and_removed(
    as_user: LogIn, cast: dict[str, User], now: datetime
) -> None:
    hers = added(cast["ada"], now)
    remove, one = f"/notices/browsers/{hers.public_id}/remove", f"{API}/{hers.public_id}"
    for name in ("ben", "chris", "dora", "eve"):
        client, program = as_user(cast[name]), Program(cast[name])
        assert hers.label not in client.get(PAGE).content.decode()
        assert program.get("/me/browsers").json()["data"] == []
        assert client.post(remove).status_code == 404
        assert client.delete(one).status_code == 404
    client = as_user(cast["ada"])
    assert client.get(remove).status_code == 405
    assert Program(cast["ada"]).get("/me/browsers").json()["data"][0]["name"] == "F one"
    answer = client.post(remove, follow=True)
    assert "no more" in answer.content.decode()
    assert not PushSubscription.objects.exists()
    assert client.delete(one).status_code == 404
    again = added(cast["ada"], now)
    assert client.delete(f"{API}/{again.public_id}").status_code == 204
    assert AuditLog.objects.filter(action="browser.removed").count() == 2


def test_visitors_are_sent_to_the_login(client: Client, ada: User, now: datetime) -> None:
    hers = added(ada, now)
    answer = client.post(f"/notices/browsers/{hers.public_id}/remove")
    assert "/accounts/login" in answer["Location"]
    assert Program().get("/me/browsers").status_code == 401
    assert Program().post("/me/browsers", body_of()).status_code == 401
    assert client.delete(f"{API}/{hers.public_id}").status_code == 401
    assert PushSubscription.objects.count() == 1


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_many(
    ada: User, now: datetime, number: int
) -> None:
    for place in range(number):
        added(ada, now, str(place))
    program = Program(ada)
    with count_queries(2):
        assert len(program.get("/me/browsers").json()["data"]) == number
