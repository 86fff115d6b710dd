"""Notices: read by their own reader only, marked by POST only."""

from datetime import datetime

import pytest
from django.test import Client

from accounts.models import User
from booking.models import Notification, OutboxEvent
from tests.conftest import LogIn
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")


def make_notice(user: User, now: datetime, title: str = "Booked") -> Notification:
    event = OutboxEvent.objects.create(kind="booking.created", payload={}, created_at=now)
    return Notification.objects.create(event=event, user=user, title=title, created_at=now)


def test_anonymous_is_sent_to_the_login(client: Client, db: None) -> None:
    assert client.get("/notices").status_code == 302
    assert "/accounts/login" in client.post("/notices/read")["Location"]


def test_everybody_sees_only_their_own(
    as_user: LogIn, cast: dict[str, User], now: datetime
) -> None:
    for user in cast.values():
        make_notice(user, now, title=f"For {user.username} alone")
    for user in cast.values():
        page = as_user(user).get("/notices").content.decode()
        assert [name for name in cast if f"For {name} alone" in page] == [user.username]


def test_an_empty_list_says_why(as_user: LogIn, ada: User) -> None:
    assert "No notices." in as_user(ada).get("/notices").content.decode()


def test_one_notice_is_marked_and_no_others(
    as_user: LogIn, ada: User, ben: User, now: datetime
) -> None:
    mine, other, foreign = make_notice(ada, now), make_notice(ada, now), make_notice(ben, now)
    client = as_user(ada)
    client.post("/notices/read", {"notice": mine.pk})
    client.post("/notices/read", {"notice": foreign.pk})
    unread = set(Notification.objects.filter(read_at=None).values_list("pk", flat=True))
    assert unread == {other.pk, foreign.pk}


def test_all_of_mine_are_marked_at_once(
    as_user: LogIn, ada: User, ben: User, now: datetime
) -> None:
    make_notice(ada, now)
    make_notice(ada, now)
    foreign = make_notice(ben, now)
    answer = as_user(ada).post("/notices/read", follow=True)
    assert "2 notices marked as read" in answer.content.decode()
    assert list(Notification.objects.filter(read_at=None)) == [foreign]


@pytest.mark.parametrize("word", ["x", "-1", "9" * 30, "1 or 1", "²"])
def test_nonsense_marks_nothing(as_user: LogIn, ada: User, now: datetime, word: str) -> None:
    make_notice(ada, now)
    assert as_user(ada).post("/notices/read", {"notice": word}).status_code == 302
    assert Notification.objects.filter(read_at=None).count() == 1


def test_looking_changes_nothing(as_user: LogIn, ada: User, now: datetime) -> None:
    make_notice(ada, now)
    client = as_user(ada)
    client.get("/notices")
    assert client.get("/notices/read").status_code == 405
    assert Notification.objects.filter(read_at=None).count() == 1


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_four_queries(as_user: LogIn, ada: User, now: datetime, number: int) -> None:
    for _n in range(number):
        make_notice(ada, now, title="<script>alert(1)</script>")
    client = as_user(ada)
    client.get("/notices")
    with count_queries(4):
        answer = client.get("/notices")
    assert b"<script>alert" not in answer.content
    assert len(answer.content) < 60_000
