"""Who sees that an address does not work, and tries it again."""

from datetime import datetime

import pytest
from django.test import Client

from accounts.models import User
from booking.models import BouncedAddress, OutboxEvent
from tests.conftest import LogIn
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
LIST = "/manage/addresses"
BANNER = "No mail reaches you"


@pytest.fixture
def dead(ada: User, now: datetime) -> BouncedAddress:
    """Ada's."""
    return BouncedAddress.objects.create(
        address="ada@example.org", reason="5.1.1: unknown", is_dead=True, bounced_at=now
    )


@pytest.mark.parametrize("path", ["/notices/preferences", "/accounts/profile"])
def test_the_person_sees_it_and_nobody_else(
    as_user: LogIn, cast: dict[str, User], dead: BouncedAddress, path: str
) -> None:
    for name, user in cast.items():
        shown = as_user(user).get(path).content.decode()
        assert (BANNER in shown) == (name == "ada")
    dead.is_dead = False
    dead.save()
    assert BANNER not in as_user(cast["ada"]).get(path).content.decode()


def test_the_person_tries_it_again(as_user: LogIn, ada: User, dead: BouncedAddress) -> None:
    client = as_user(ada)
    answer = client.post("/notices/address/try", follow=True)
    assert "Mails are sent to you again" in answer.content.decode()
    assert BANNER not in answer.content.decode()
    assert OutboxEvent.objects.get().kind == "account.address_tried"
    client.post("/notices/address/try")
    assert OutboxEvent.objects.count() == 1


def test_another_address_is_not_dead(as_user: LogIn, ada: User, dead: BouncedAddress) -> None:
    User.objects.filter(pk=ada.pk).update(email="ada.l@example.org")
    assert BANNER not in as_user(ada).get("/notices/preferences").content.decode()


def test_administrators_see_all_and_try_again(
    as_user: LogIn, cast: dict[str, User], dead: BouncedAddress, now: datetime
) -> None:
    BouncedAddress.objects.create(
        address="gone@example.org", reason="4.2.2: full", bounces=2, bounced_at=now
    )
    for name, user in cast.items():
        client = as_user(user)
        expected = (200, 302) if name == "dora" else (403, 403)
        answer = client.get(LIST)
        assert answer.status_code == expected[0]
        if name == "dora":
            shown = answer.content.decode()
            assert "a…@e….org" in shown and "Nothing is sent there" in shown
            assert "Without an account" in shown and "2 mails came back" in shown
        assert client.post(f"{LIST}/{dead.pk}/try").status_code == expected[1]
    assert [each.address for each in BouncedAddress.objects.all()] == ["gone@example.org"]
    client = as_user(cast["dora"])
    assert "already" in client.post(f"{LIST}/{dead.pk}/try", follow=True).content.decode()


def test_visitors_log_in_first(client: Client, db: None) -> None:
    assert "/accounts/login" in client.get(LIST)["Location"]
    for path in ("/notices/address/try", f"{LIST}/1/try"):
        assert "/accounts/login" in client.post(path)["Location"]


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_many(
    as_user: LogIn, dora: User, now: datetime, number: int
) -> None:
    for n in range(number):
        BouncedAddress.objects.create(address=f"{n}@example.org", reason="x", bounced_at=now)
    client = as_user(dora)
    client.get(LIST)
    with count_queries(4):
        client.get(LIST)
