"""The pages on which chat rooms and webhooks are looked after."""

import json
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from accounts.proofs import PROOF
from booking.enums import DeliveryStatus, EndpointKind
from booking.models import Endpoint, Message, OutboxEvent, Resource
from booking.services.outside import tell_endpoints
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.endpoints import SECRET, make_endpoint
from tests.support.queries import count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
LIST = "/manage/endpoints"
# Resolved without asking anybody, and never called here.
ADDRESS = "http://127.0.0.1:9/in?key=hush"
WISH = {"name": "Inventory", "url": ADDRESS, "kinds": ["booking.", "fault.reported"]}


@pytest.fixture
def sysadmin(as_user: LogIn, dora: User) -> Client:
    """Dora, who has just logged in."""
    return as_user(dora)


def tell_of(user: User, resource: Resource, now: datetime, hour: int = 1) -> Message:
    """A booking of which the only endpoint is told."""
    booking = make_booking(user, resource, now + timedelta(hours=hour))
    event = OutboxEvent.objects.create(
        kind="booking.created",
        payload={"bookings": [str(booking.public_id)]},
        created_at=now,
        dispatched_at=now,
    )
    tell_endpoints(event=event, now=now)
    return Message.objects.get(event=event)


def test_administrators_alone_see_and_change_them(
    as_user: LogIn, cast: dict[str, User], microscope: Resource, now: datetime
) -> None:
    endpoint = make_endpoint(cast["dora"], now)
    message = tell_of(cast["ada"], microscope, now)
    one = f"{LIST}/{endpoint.public_id}"
    delivery = f"{one}/deliveries/{message.event.public_id}"
    pages = (LIST, f"{LIST}/new/slack", one, f"{one}/edit", delivery)
    acts = [f"{one}/{act}" for act in ("edit", "rotate", "test", "switch", "replay", "delete")]
    for name, user in cast.items():
        client = as_user(user)
        expected = 200 if name == "dora" else 403
        assert {client.get(page).status_code for page in pages} == {expected}, name
        if name != "dora":
            answers = [client.post(act) for act in (*acts, f"{delivery}/replay")]
            assert {each.status_code for each in answers} == {403}
    nobody = Client()
    for path in (*pages, *acts, f"{delivery}/replay"):
        asked = nobody.get(path) if path in pages else nobody.post(path)
        assert "/accounts/login" in asked["Location"]
    assert Endpoint.objects.get().secret == SECRET
    assert OutboxEvent.objects.filter(kind="endpoint.tested").count() == 0


def test_the_lab_leads_administrators_there(as_user: LogIn, cast: dict[str, User]) -> None:
    for name in ("chris", "dora"):
        shown = f'href="{LIST}"' in as_user(cast[name]).get("/manage").content.decode()
        assert shown == (name == "dora")


def test_who_has_not_shown_who_they_are_is_asked_again(sysadmin: Client) -> None:
    session = sysadmin.session
    del session[PROOF]
    session.save()
    answer = sysadmin.post(f"{LIST}/new/webhook", WISH)
    assert "proof-password" in answer.content.decode()
    assert not Endpoint.objects.exists()


def test_a_webhook_shows_its_secret_once_and_its_address_never(
    sysadmin: Client, microscope: Resource
) -> None:
    form = sysadmin.get(f"{LIST}/new/webhook").content.decode()
    assert 'value="booking.created"' in form
    assert 'value="account."' in form and 'value="account.locked"' not in form
    wish = WISH | {"resources": [microscope.code], "is_dry_run": "on"}
    made = sysadmin.post(f"{LIST}/new/webhook", wish)
    endpoint = Endpoint.objects.get()
    assert endpoint.secret in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    assert (endpoint.name, endpoint.url, endpoint.is_dry_run) == ("Inventory", ADDRESS, True)
    assert endpoint.kinds == ["booking.", "fault.reported"]
    assert list(endpoint.resources.all()) == [microscope]
    one = f"{LIST}/{endpoint.public_id}"
    for path in (LIST, one, f"{one}/edit"):
        shown = sysadmin.get(path).content.decode()
        assert endpoint.secret not in shown and "hush" not in shown
    assert "127.0.0.1/…" in sysadmin.get(one).content.decode()


def test_a_room_is_changed_and_keeps_its_address(
    sysadmin: Client, dora: User, microscope: Resource, now: datetime
) -> None:
    room = make_endpoint(dora, now, microscope, kind=EndpointKind.SLACK, url=ADDRESS)
    path = f"{LIST}/{room.public_id}/edit"
    form = sysadmin.get(path).content.decode()
    assert 'value="account.' not in form and 'value="booking.created"' in form
    sysadmin.post(path, {"name": "Room", "url": "", "kinds": ["fault."]})
    room.refresh_from_db()
    assert (room.name, room.url, room.kinds) == ("Room", ADDRESS, ["fault."])
    assert not room.resources.exists()
    sysadmin.post(path, {"name": "Room", "url": "http://127.0.0.1:9/x", "kinds": ["fault."]})
    room.refresh_from_db()
    assert room.url == "http://127.0.0.1:9/x"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": "https://10.1.2.3/in"}, "private network"),
        ({"url": "http://[2606:4700::1111]/in"}, "https://"),
        ({"url": "nonsense"}, "Write a whole address"),
        ({"url": "https://eve:x@127.0.0.1/"}, "do not belong"),
        ({"url": "https://no-such-host.invalid/"}, "Nothing is known under this address"),
        ({"url": ""}, "This field is required"),
        ({"url": "http://127.0.0.1/" + "x" * 1000}, "at most 1000"),
        ({"kinds": []}, "Choose what it is to hear of"),
        ({"kinds": ["booking.eaten"]}, "cannot hear of this: booking.eaten"),
        ({"kinds": ["message.digest"]}, "cannot hear of this"),
        ({"kinds": ["bad\x00"]}, "cannot hear of this"),
        ({"name": "taken"}, "There is one of this name already"),
        ({"name": " "}, "This field is required"),
        ({"resources": ["no-such"]}, "no such instrument"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_kept(
    sysadmin: Client, dora: User, now: datetime, change: dict[str, object], words: str
) -> None:
    make_endpoint(dora, now, name="Taken")
    answer = sysadmin.post(f"{LIST}/new/webhook", WISH | change)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Endpoint.objects.count() == 1


def test_what_a_program_chose_stays_when_the_form_is_saved(
    sysadmin: Client, dora: User, now: datetime
) -> None:
    endpoint = make_endpoint(dora, now, kinds=("account.locked",))
    form = sysadmin.get(f"{LIST}/{endpoint.public_id}/edit").content.decode()
    assert 'value="account.locked" checked' in form and "account.invited" not in form


def test_rooms_cannot_ask_for_accounts(sysadmin: Client) -> None:
    for kinds in (["account."], ["account.locked"], ["training.passed"], ["fault.affects"]):
        answer = sysadmin.post(f"{LIST}/new/teams", WISH | {"kinds": kinds})
        assert "cannot hear of this" in answer.content.decode()
    assert sysadmin.get(f"{LIST}/new/irc").status_code == 404


def test_a_new_secret_is_shown_once_and_the_old_one_serves_on(
    sysadmin: Client, dora: User, now: datetime
) -> None:
    endpoint = make_endpoint(dora, now)
    shown = sysadmin.post(f"{LIST}/{endpoint.public_id}/rotate").content.decode()
    endpoint.refresh_from_db()
    assert endpoint.secret in shown and SECRET not in shown
    assert endpoint.old_secret == SECRET
    assert endpoint.old_secret_until == now + timedelta(hours=24)
    room = make_endpoint(dora, now, name="Room", kind=EndpointKind.SLACK)
    answer = sysadmin.post(f"{LIST}/{room.public_id}/rotate", follow=True)
    assert "Chat rooms have no secret" in answer.content.decode()


def test_the_log_shows_what_was_sent_and_sends_it_again(
    sysadmin: Client, dora: User, ada: User, microscope: Resource, now: datetime
) -> None:
    endpoint = make_endpoint(dora, now)
    message = tell_of(ada, microscope, now)
    Message.objects.update(status="failed", attempts=8, last_error="Refused: HTTP 503")
    one = f"{LIST}/{endpoint.public_id}"
    page = sysadmin.get(one).content.decode()
    assert "Refused: HTTP 503" in page and "1 message failed or was kept" in page
    path = f"{one}/deliveries/{message.event.public_id}"
    answer = sysadmin.get(path)
    body = json.loads(answer.context["body"])
    assert body["id"] == str(message.event.public_id)
    assert (body["type"], body["attempt"]) == ("booking.created", 8)
    answer = sysadmin.post(f"{path}/replay", follow=True)
    assert "sent again" in answer.content.decode()
    message.refresh_from_db()
    assert (message.status, message.attempts, message.last_error) == ("pending", 0, "")
    answer = sysadmin.post(f"{path}/replay", follow=True)
    assert "waits to be sent already" in answer.content.decode()
    for wrong in (f"{one}/deliveries/{uuid4()}", f"{LIST}/{uuid4()}"):
        assert sysadmin.get(wrong).status_code == 404
        assert sysadmin.post(f"{wrong}/replay").status_code == 404


def test_switched_on_again_it_sends_what_it_missed(
    sysadmin: Client, dora: User, ada: User, microscope: Resource, now: datetime
) -> None:
    endpoint = make_endpoint(dora, now, failures=30, stopped_at=now, stopped_reason="HTTP 503")
    tell_of(ada, microscope, now)
    one = f"{LIST}/{endpoint.public_id}"
    page = sysadmin.get(one).content.decode()
    assert "Switched off by failures" in page and "Switch it on to send them again" in page
    answer = sysadmin.post(f"{one}/replay", follow=True)
    assert "switch it on first" in answer.content.decode()
    sysadmin.post(f"{one}/switch", {"to": "on"})
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.stopped_at, endpoint.stopped_reason) == (0, None, "")
    answer = sysadmin.post(f"{one}/replay", follow=True)
    assert "1 message is sent again" in answer.content.decode()
    assert Message.objects.get().status == DeliveryStatus.PENDING
    sysadmin.post(f"{one}/switch", {"to": "off"})
    assert Message.objects.get().status == DeliveryStatus.HELD
    assert not Endpoint.objects.get().is_active


def test_it_is_tried_and_disconnected(
    sysadmin: Client, dora: User, ada: User, microscope: Resource, now: datetime
) -> None:
    endpoint = make_endpoint(dora, now)
    tell_of(ada, microscope, now)
    one = f"{LIST}/{endpoint.public_id}"
    assert "on its way" in sysadmin.post(f"{one}/test", follow=True).content.decode()
    assert OutboxEvent.objects.get(kind="endpoint.tested").payload == {"endpoint": endpoint.pk}
    answer = sysadmin.post(f"{one}/delete", follow=True)
    assert "Inventory is disconnected" in answer.content.decode()
    assert not Endpoint.objects.exists() and not Message.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_pages_cost_the_same_for_one_and_for_many(
    sysadmin: Client, dora: User, ada: User, microscope: Resource, now: datetime, number: int
) -> None:
    for each in range(number):
        make_endpoint(dora, now, microscope, name=f"Room {each}")
    for each in range(number):
        booking = make_booking(ada, microscope, now + timedelta(hours=each + 1))
        event = OutboxEvent.objects.create(
            kind="booking.created",
            payload={"bookings": [str(booking.public_id)]},
            created_at=now,
            dispatched_at=now,
        )
        tell_endpoints(event=event, now=now)
    one = f"{LIST}/{Endpoint.objects.earliest('pk').public_id}"
    sysadmin.get(LIST)
    with count_queries(5):
        sysadmin.get(LIST)
    with count_queries(7):
        sysadmin.get(one)
