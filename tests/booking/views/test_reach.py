"""The pages on which people choose what they hear of."""

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from booking.enums import Timing
from booking.models import NotificationPreference, NotificationSchedule, Resource, ResourceWatch
from tests.conftest import LogIn
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
MINE, LAB = "/notices/preferences", "/manage/notices"


@pytest.mark.parametrize("path", [MINE, f"{MINE}/bookings"])
def test_everybody_chooses_for_themselves(as_user: LogIn, cast: dict[str, User], path: str) -> None:
    for user in cast.values():
        assert as_user(user).get(path).status_code == 200


@pytest.mark.parametrize("path", [LAB, f"{LAB}/bookings"])
def test_administrators_choose_for_the_lab(
    as_user: LogIn, cast: dict[str, User], path: str
) -> None:
    for name, user in cast.items():
        expected = 200 if name == "dora" else 403
        assert as_user(user).get(path).status_code == expected
        assert as_user(user).post(path, {"booking.created:email": "off"}).status_code in (302, 403)
    rows = NotificationPreference.objects.values_list("user", "kind", "timing")
    assert set(rows) <= {(None, "booking.created", "off")}


def test_the_lab_leads_administrators_there(as_user: LogIn, cast: dict[str, User]) -> None:
    for name in ("chris", "dora"):
        shown = f'href="{LAB}"' in as_user(cast[name]).get("/manage").content.decode()
        assert shown == (name == "dora")


def test_the_rest_is_sent_to_the_login(client: Client, microscope: Resource) -> None:
    for path in (MINE, LAB):
        assert "/accounts/login" in client.get(path)["Location"]
    for path in ("/notices/schedule", f"/resources/{microscope.public_id}/watch"):
        assert "/accounts/login" in client.post(path)["Location"]
        assert client.get(path).status_code in (302, 405)


def test_a_topic_is_chosen_whole(as_user: LogIn, ada: User) -> None:
    client = as_user(ada)
    form = client.get(MINE).context["form"]
    assert form["access:email"].value() == "now"
    # Not all kinds of bookings go by mail: left open, they stay as they are.
    assert form["bookings:email"].value() == ""
    answer = client.post(MINE, {"access:email": "daily", "bookings:email": ""}, follow=True)
    assert "Kept" in answer.content.decode()
    chosen = NotificationPreference.objects.filter(user=ada)
    assert {each.kind.partition(".")[0] for each in chosen} == {"access", "assessment"}
    assert {each.timing for each in chosen} == {Timing.DAILY}
    assert answer.context["form"]["access:email"].value() == "daily"


def test_a_kind_is_chosen_alone(as_user: LogIn, ada: User) -> None:
    client = as_user(ada)
    client.post(f"{MINE}/bookings", {"booking.no_show:in_app": "off"})
    [chosen] = NotificationPreference.objects.all()
    assert (chosen.user, chosen.kind, chosen.channel) == (ada, "booking.no_show", "in_app")
    assert "Various" in client.get(MINE).content.decode()


@pytest.mark.parametrize("word", ["account", "nothing"])
def test_there_is_no_page_of_what_cannot_be_chosen(as_user: LogIn, dora: User, word: str) -> None:
    for path in (MINE, LAB):
        assert as_user(dora).get(f"{path}/{word}").status_code == 404


def test_nobody_chooses_what_only_others_hear_of(as_user: LogIn, cast: dict[str, User]) -> None:
    for name, user in cast.items():
        client = as_user(user)
        page = client.get(MINE).content.decode()
        hears = name == "dora"
        assert ("Workers and schedules" in page) is hears
        assert ("Chat rooms and webhooks" in page) is hears
        assert client.get(f"{MINE}/system").status_code == (200 if hears else 404)


def test_nonsense_is_refused_and_nothing_kept(as_user: LogIn, ada: User) -> None:
    answer = as_user(ada).post(MINE, {"waiting:email": "off", "care:email": "hourly"})
    assert answer.status_code == 422
    assert not NotificationPreference.objects.exists()


def test_quiet_hours_are_set_and_refused_in_words(as_user: LogIn, ada: User) -> None:
    client = as_user(ada)
    times = {"digest_at": "18:00", "digest_weekday": "4"}
    answer = client.post("/notices/schedule", {**times, "quiet_from": "22:00"})
    assert answer.status_code == 422
    assert "or neither" in answer.content.decode()
    assert f'action="{MINE}"' in answer.content.decode()
    assert not NotificationSchedule.objects.exists()
    client.post("/notices/schedule", {**times, "quiet_from": "22:00", "quiet_until": "07:00"})
    shown = client.get(MINE).content.decode()
    assert 'value="22:00"' in shown and 'value="07:00"' in shown and 'value="18:00"' in shown


def test_when_to_be_reminded_is_chosen_from_a_list(
    as_user: LogIn, ada: User, settings: LazySettings
) -> None:
    settings.REMIND_BEFORE_MINUTES = [1440, 60]
    client, times = as_user(ada), {"digest_at": "07:00", "digest_weekday": "0"}
    assert "As the lab does: 1 day, 1 hour before" in client.get(MINE).content.decode()
    answer = client.post("/notices/schedule", {**times, "remind_minutes": "17"})
    assert answer.status_code == 422
    assert "Choose one of the times in the list" in answer.content.decode()
    assert not NotificationSchedule.objects.exists()
    client.post("/notices/schedule", {**times, "remind_minutes": "120"})
    assert NotificationSchedule.objects.get().remind_minutes == 120
    assert client.get(MINE).context["schedule"]["remind_minutes"].value() == 120
    client.post("/notices/schedule", {**times, "remind_minutes": ""})
    assert NotificationSchedule.objects.get().remind_minutes is None


def test_an_instrument_is_followed_muted_and_let_be(
    as_user: LogIn, ada: User, microscope: Resource
) -> None:
    client, path = as_user(ada), f"/resources/{microscope.public_id}/watch"
    answer = client.post(path, {"mode": "follow"}, follow=True)
    assert "You follow it" in answer.content.decode()
    assert ResourceWatch.objects.get().mode == "follow"
    assert microscope.name in client.get(MINE).content.decode()
    answer = client.post(path, {"mode": "", "settings": "1"}, follow=True)
    assert answer.redirect_chain[-1][0] == MINE
    assert not ResourceWatch.objects.exists()
    assert client.post(path, {"mode": "shout"}).status_code == 404


def test_what_is_hidden_is_not_there(as_user: LogIn, ada: User) -> None:
    hidden = make_resource("Secret", is_hidden=True)
    for act in ("watch", "favourite"):
        answer = as_user(ada).post(f"/resources/{hidden.public_id}/{act}", {"mode": "follow"})
        assert answer.status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_for_one_and_for_many(
    as_user: LogIn, ada: User, microscope: Resource, number: int
) -> None:
    for each in range(number):
        resource = make_resource(f"Watched {each}")
        ResourceWatch.objects.create(
            user=ada, resource=resource, mode="mute", created_at=resource.created_at
        )
    client = as_user(ada)
    client.get(MINE)
    with count_queries(6):
        client.get(MINE)
