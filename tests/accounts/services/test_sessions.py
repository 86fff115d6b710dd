"""Sessions: begun, limited, listed, ended; what every change to an account does to them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.test import Client

from accounts.enums import Role
from accounts.errors import AccountRefused
from accounts.models import LoginGuard, RoleDefinition, RoleGrant, Session, TrustedDevice, User
from accounts.services.passwords import change_password
from accounts.services.roles import NewGrant, grant_role, revoke_role
from accounts.services.sessions import end_other_sessions, end_session, forget_device
from accounts.services.tidying import tidy_keys
from accounts.services.users import deactivate_user, set_role
from accounts.session_store import About, SessionStore, about, write_about
from audit.models import AuditLog, SecurityEvent
from labitory.lib.clock import now as moment
from tests.factories.people import PASSWORD
from tests.support.queries import count_queries

LOGIN = "/accounts/login"
PROFILE = "/accounts/profile"


def log_in(user: User, **headers: str) -> Client:
    """A browser of its own in which somebody has logged in as people do."""
    client = Client(headers=headers)
    answer = client.post(LOGIN, {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def is_in(client: Client) -> bool:
    """Whether the browser's next request is answered as its person's."""
    return client.get(PROFILE).status_code == 200


def stored(client: Client) -> Session:
    return Session.objects.get(session_key=client.session.session_key)


def test_a_session_knows_whose_it_is_since_when_and_from_where(ada: User) -> None:
    before = moment()
    client = log_in(ada, User_Agent="Mozilla/5.0 (X11; Linux) Firefox/140.0")
    row = stored(client)
    assert (row.user, row.address) == (ada, "127.0.0.1")
    assert "Firefox" in row.agent
    assert before <= row.began_at == row.seen_at <= moment()  # type: ignore[operator]
    known = about(client.session)
    assert known is not None
    assert known.public_id == row.public_id


def test_every_save_keeps_what_is_known(ada: User) -> None:
    client = log_in(ada)
    before = Session.objects.values().get()
    session = client.session
    session["colour"] = "red"
    session.save()
    after = Session.objects.values().get()
    assert {name for name, _v in after.items() ^ before.items()} == {"session_data", "expire_date"}
    session.cycle_key()
    session.save()
    row = Session.objects.get()
    assert (row.user_id, row.began_at) == (ada.pk, before["began_at"])


def test_a_visitor_has_a_session_of_nobody(db: None) -> None:
    session = SessionStore()
    session["colour"] = "red"
    session.save()
    row = Session.objects.get()
    assert (row.user_id, row.began_at, about(session)) == (None, None, None)


def test_an_ordinary_request_costs_no_query_more(ada: User) -> None:
    client = log_in(ada)
    client.get("/accounts/sessions/left")
    # The person with preferences; the session comes from Redis.
    with count_queries(1):
        client.get("/accounts/sessions/left")


def test_the_eleventh_session_ends_the_one_that_lay_longest(ada: User, settings: Any) -> None:
    settings.SESSION_MAX_PER_USER = 3
    clients = [log_in(ada) for _number in range(3)]
    for hours, client in zip((1, 0, 0), clients, strict=True):
        change_about(client.session, seen_at=moment() - timedelta(hours=hours))
    newest = log_in(ada)
    assert [is_in(client) for client in (*clients, newest)] == [False, True, True, True]


def change_about(session: SessionBase, **changes: Any) -> None:
    known = about(session)
    assert known is not None
    values = {name: getattr(known, name) for name in About.__slots__} | changes
    write_about(session, About(**values))
    session.save()


def test_two_people_do_not_share_the_limit(ada: User, ben: User, settings: Any) -> None:
    settings.SESSION_MAX_PER_USER = 1
    clients = [log_in(ada), log_in(ben)]
    assert all(is_in(client) for client in clients)


Change = Callable[[User, User, datetime], None]


def _password(_dora: User, ada: User, now: datetime) -> None:
    change_password(user=ada, password="another-horse-battery", now=now)


def _role(dora: User, ada: User, now: datetime) -> None:
    set_role(actor=dora, user=ada, role=Role.RESEARCHER, now=now)


def _closing(dora: User, ada: User, now: datetime) -> None:
    deactivate_user(actor=dora, user=ada, now=now)


def _grant(dora: User, ada: User, now: datetime) -> None:
    role = RoleDefinition.objects.create(code="helper", name="Helper", permissions=["audit.view"])
    new = NewGrant(user_id=ada.public_id, role_id=role.public_id)
    grant_role(actor=dora, new=new, now=now)


def _revoke(dora: User, ada: User, now: datetime) -> None:
    _grant(dora, ada, now)
    log_in(ada)
    revoke_role(actor=dora, grant_id=RoleGrant.objects.get().public_id, now=now)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_password, "password"),
        (_role, "role"),
        (_closing, "deactivation"),
        (_grant, "role"),
        (_revoke, "role"),
    ],
)
def test_sessions_end_with_every_change_to_the_account(
    ada: User, ben: User, dora: User, change: Change, why: str
) -> None:
    clients, other = [log_in(ada), log_in(ada)], log_in(ben)
    change(dora, ada, moment())
    assert not Session.objects.filter(user=ada).exists()
    assert [is_in(client) for client in clients] == [False, False]
    assert is_in(other)
    kept = SecurityEvent.objects.filter(kind="session.ended", user_id=ada.pk)
    assert {event.facts["why"] for event in kept} == {why}


def test_a_stolen_session_is_ended_from_another_device(ada: User, now: datetime) -> None:
    thief, owner = log_in(ada), log_in(ada)
    assert is_in(thief)
    stolen = stored(thief)
    end_session(user=ada, public_id=stolen.public_id, now=now)
    # Neither in the database nor in Redis.
    assert not Session.objects.filter(pk=stolen.pk).exists()
    assert SessionStore(stolen.session_key).load() == {}
    assert not is_in(thief)
    assert is_in(owner)
    assert AuditLog.objects.filter(action="user.session_ended").count() == 1


def test_a_copy_that_survived_in_redis_is_found_out(ada: User) -> None:
    client = log_in(ada)
    change_about(client.session, seen_at=moment() - timedelta(minutes=6))
    # As if Redis had been away when the session was ended.
    Session.objects.all().delete()
    assert not is_in(client)
    assert not is_in(client)


@pytest.mark.parametrize("who", ["ben", "chris", "dora", "eve"])
def test_nobody_ends_the_session_of_another(cast: dict[str, User], now: datetime, who: str) -> None:
    client = log_in(cast["ada"])
    device = TrustedDevice.objects.get()
    with pytest.raises(AccountRefused):
        end_session(user=cast[who], public_id=stored(client).public_id, now=now)
    with pytest.raises(AccountRefused):
        forget_device(user=cast[who], public_id=device.public_id, now=now)
    assert end_other_sessions(user=cast[who], keep=None, now=now) == 0
    assert is_in(client)
    assert TrustedDevice.objects.exists()


def test_all_others_end_and_this_one_stays(ada: User, now: datetime) -> None:
    here, there, elsewhere = (log_in(ada) for _number in range(3))
    keep = here.session.session_key
    assert end_other_sessions(user=ada, keep=keep, now=now) == 2
    assert [is_in(client) for client in (here, there, elsewhere)] == [True, False, False]
    assert end_other_sessions(user=ada, keep=keep, now=now) == 0
    assert AuditLog.objects.filter(action="user.sessions_ended").count() == 1


def test_sessions_work_while_redis_is_away(ada: User, settings: Any) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "labitory.lib.caches.ForgivingRedisCache",
            "LOCATION": "unix:///nowhere/valkey.sock",
            "KEY_PREFIX": "dead",
        }
    }
    client, other = log_in(ada), log_in(ada)
    assert is_in(client)
    end_session(user=ada, public_id=stored(other).public_id, now=moment())
    assert not is_in(other)
    assert is_in(client)


def test_what_is_over_is_cleared_away(ada: User) -> None:
    clients = [log_in(ada) for _number in range(3)]
    now = moment()
    change_about(clients[0].session, seen_at=now - timedelta(hours=3))
    change_about(clients[1].session, began_at=now - timedelta(hours=13))
    LoginGuard.objects.create(key="name:old", failed_at=now - timedelta(days=3))
    LoginGuard.objects.create(key="name:new", failed_at=now)
    TrustedDevice.objects.filter(pk=TrustedDevice.objects.latest("pk").pk).update(expires_at=now)
    assert tidy_keys(now=now) == 4
    assert Session.objects.get().session_key == clients[2].session.session_key
    assert not LoginGuard.objects.filter(key="name:old").exists()
    assert LoginGuard.objects.filter(key="name:new").exists()
    assert TrustedDevice.objects.count() == 2
    assert tidy_keys(now=now) == 0
