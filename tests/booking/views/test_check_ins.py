"""The pages of use: beginning, staying, finishing, the kiosk, what was used, what is asked."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from booking.enums import FaultState, Handover, Limit, Severity, Status
from booking.models import (
    Answer,
    Booking,
    BookingPolicy,
    Question,
    Resource,
    ResourceLink,
    ResourceType,
    UsageSession,
)
from booking.services.check_ins import Leaving, check_in, check_out
from booking.services.faults import FaultChange, FaultReport, change_fault, report_fault
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock", "weekday_hours")
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def booking(ada: User, microscope: Resource, now: datetime) -> Booking:
    return make_booking(ada, microscope, now, 2 * HOUR)


@pytest.fixture
def questions(microscope: Resource) -> list[Question]:
    """Two before, two after."""
    rows: tuple[dict[str, Any], ...] = (
        {"moment": "start", "kind": "checkbox", "label": "Door closed?"},
        {"moment": "start", "kind": "select", "label": "Gas", "choices": ["Argon", "None"]},
        {"moment": "end", "kind": "number", "label": "Power", "maximum": 20, "unit": "mW"},
        {"moment": "end", "kind": "text", "label": "What was odd?", "is_required": False},
    )
    return [Question.objects.create(resource=microscope, **row) for row in rows]


def page_of(booking: Booking, act: str = "") -> str:
    return f"/bookings/{booking.public_id}{act and '/'}{act}"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_sticker_offers_to_start_now(
    as_user: LogIn, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now + HOUR)
    client = as_user(ada)
    found = text(client.get(f"/i/{microscope.code}"))
    assert "Start now, until" in found
    assert found.count('name="end_time"') == 3
    assert 'value="2026-03-02T09:00:00+01:00"' in found
    assert 'value="2026-03-02T10:00:00+01:00"' not in found
    answer = client.post(
        f"/i/{microscope.code}/start",
        {"end_time": "2026-03-02T09:00:00+01:00", "next": f"/i/{microscope.code}"},
    )
    assert answer["Location"] == f"/i/{microscope.code}"
    session = UsageSession.objects.get()
    assert (session.user, session.booking.end_time) == (ada, now + HOUR)
    found = text(client.get(f"/i/{microscope.code}"))
    assert "You are using it" in found
    assert "Next: Ben, in 1" in found.replace("\xa0", " ")
    assert "taken from 09:00 on" in found or "You cannot stay longer" in found


def test_a_refused_start_keeps_what_was_typed(
    as_user: LogIn, ada: User, ben: User, microscope: Resource, questions: list[Question], now: Any
) -> None:
    door, gas = questions[:2]
    make_booking(ben, microscope, now + HOUR)
    answer = as_user(ada).post(
        f"/i/{microscope.code}/start",
        {"end_time": "2026-03-02T11:00", door.field_name: "on", gas.field_name: "Argon"},
    )
    assert answer.status_code == 409
    found = text(answer)
    assert "Confocal 1 is taken" in found
    assert '<option value="Argon" selected>' in found
    assert "checked" in found
    nonsense = as_user(ada).post(f"/i/{microscope.code}/start", {"end_time": "soon"})
    assert nonsense.status_code == 422
    assert Booking.objects.count() == 1
    assert not UsageSession.objects.exists()


def test_questions_are_asked_and_bad_answers_keep_what_was_typed(
    as_user: LogIn, ada: User, booking: Booking, questions: list[Question]
) -> None:
    door, gas, power, odd = questions
    client = as_user(ada)
    for address in (page_of(booking), page_of(booking, "check-in"), f"/i/{booking.resource.code}"):
        assert "Door closed?" in text(client.get(address))
    refused = client.post(page_of(booking, "check-in"), {gas.field_name: "Argon"})
    assert refused.status_code == 422
    assert "Tick this to go on." in text(refused)
    assert '<option value="Argon" selected>' in text(refused)
    assert Booking.objects.get().status == Status.CONFIRMED
    client.post(page_of(booking, "check-in"), {gas.field_name: "Argon", door.field_name: "on"})
    assert Booking.objects.get().status == Status.CHECKED_IN
    for address in (page_of(booking), page_of(booking, "check-out"), f"/i/{booking.resource.code}"):
        assert "Power (mW)" in text(client.get(address))
    wrong = {
        power.field_name: "21",
        odd.field_name: EVIL,
        "handover": "warm",
        "handover_note": "Mind the gas.",
    }
    refused = client.post(page_of(booking, "check-out"), wrong)
    assert refused.status_code == 422
    assert "It must be at most 20 mW." in text(refused)
    assert 'value="21"' in text(refused)
    assert 'value="Mind the gas."' in text(refused)
    assert EVIL not in text(refused)
    right = {**wrong, power.field_name: "2,5"}
    assert client.post(page_of(booking, "check-out"), right).status_code == 302
    assert Answer.objects.count() == 4
    found = text(client.get(page_of(booking)))
    assert "2.5 mW" in found
    assert "Mind the gas." in found
    assert EVIL not in found


def test_a_question_that_is_not_asked_is_refused_in_words(
    as_user: LogIn, ada: User, booking: Booking, questions: list[Question]
) -> None:
    Question.objects.filter(moment="start").update(is_active=False)
    answer = as_user(ada).post(page_of(booking, "check-in"), {questions[0].field_name: "on"})
    assert answer.status_code == 422
    assert "This is not asked here" in text(answer)


def test_the_next_one_reads_how_it_was_left(
    as_user: LogIn, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    before = make_booking(ben, microscope, now - HOUR)
    check_in(actor=ben, booking_id=before.public_id, now=now - HOUR)
    said = Leaving(handover=Handover.WARM, note="Oil is wiped off.")
    check_out(actor=ben, booking_id=before.public_id, now=now - MINUTE, leaving=said)
    mine = make_booking(ada, microscope, now)
    for address in (page_of(mine), f"/i/{microscope.code}"):
        found = text(as_user(ada).get(address))
        assert "Keep it warm" in found
        assert "Oil is wiped off." in found
        assert "Ben, 07:59" in found


def test_staying_longer_is_a_page_and_a_button(
    as_user: LogIn, ada: User, ben: User, booking: Booking, now: datetime
) -> None:
    make_booking(ben, booking.resource, now + 3 * HOUR)
    check_in(actor=ada, booking_id=booking.public_id, now=now)
    client = as_user(ada)
    found = text(client.get(page_of(booking, "extend")))
    assert 'value="2026-03-02T11:00:00+01:00"' in found
    refused = client.post(page_of(booking, "extend"), {"end_time": "2026-03-02T12:00"})
    assert refused.status_code == 409
    assert "Confocal 1 is free until 11:00 only" in text(refused)
    assert 'value="2026-03-02T12:00"' in text(refused)
    assert client.post(page_of(booking, "extend"), {"end_time": ""}).status_code == 422
    back = {"end_time": "2026-03-02T11:00:00+01:00", "next": f"/i/{booking.resource.code}"}
    assert client.post(page_of(booking, "extend"), back)["Location"] == back["next"]
    assert Booking.objects.get(pk=booking.pk).end_time == now + 3 * HOUR


@pytest.mark.parametrize("act", ["check-in", "check-out", "extend", "no-show"])
def test_another_s_booking_is_not_there_and_a_guest_s_not_theirs(
    as_user: LogIn, ben: User, eve: User, booking: Booking, act: str
) -> None:
    booking.attendees.create(user=ben)
    assert as_user(eve).post(page_of(booking, act)).status_code == 404
    assert as_user(ben).post(page_of(booking, act)).status_code == 403
    assert Booking.objects.get().status == Status.CONFIRMED


def test_a_visitor_is_sent_to_the_login(client: Client, booking: Booking) -> None:
    for address in (
        *(page_of(booking, act) for act in ("check-in", "check-out", "extend", "no-show")),
        f"/i/{booking.resource.code}/start",
        "/sessions",
        "/usage",
        f"/resources/{booking.resource.public_id}/sessions",
    ):
        assert client.get(address)["Location"].startswith("/accounts/login")


def test_who_overstays_is_told_so_everywhere(
    as_user: LogIn,
    ada: User,
    ben: User,
    booking: Booking,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    check_in(actor=ada, booking_id=booking.public_id, now=now)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + 130 * MINUTE)
    assert "Your time was over at 10:00" in text(as_user(ada).get(page_of(booking)))
    assert "over time since 10:00" in text(as_user(ada).get(f"/i/{booking.resource.code}"))
    seen = text(as_user(ben).get(f"/i/{booking.resource.code}"))
    assert "over time since 10:00" in seen
    assert "over its time" in text(as_user(ada).get("/calendar?as=list"))
    assert "over its time" in text(as_user(ada).get("/calendar"))


def test_who_does_not_come_is_told_so_before_any_task_ran(
    as_user: LogIn, ada: User, microscope: Resource, now: datetime
) -> None:
    BookingPolicy.objects.create(limit=Limit.NO_SHOW_GRACE, value=15)
    before = now - 24 * HOUR
    missed = make_booking(ada, microscope, now - 30 * MINUTE, created_at=before, updated_at=before)
    client = as_user(ada)
    assert "counts as missed" in text(client.get(page_of(missed)))
    assert "instrument-free" in text(client.get(f"/i/{microscope.code}"))
    assert "/check-in" not in text(client.get("/"))
    answer = client.post(page_of(missed, "check-in"), follow=True)
    assert "the time was given back" in text(answer)


def test_the_kiosk_shows_visitors_what_it_does_and_nobody_s_name(
    client: Client, as_user: LogIn, ada: User, ben: User, booking: Booking, now: datetime
) -> None:
    make_booking(ben, booking.resource, now + 4 * HOUR, purpose="Confidential")
    address = f"/i/{booking.resource.code}/kiosk"
    found = text(client.get(address))
    assert "Confocal 1" in found
    assert "instrument-busy" in found
    assert "12:00–13:00 · Booked" in found
    assert "Log in to start" in found
    assert "http-equiv" not in found
    state = text(client.get(f"/i/{booking.resource.code}/state"))
    assert "instrument-busy" in state
    assert "<html" not in state
    check_in(actor=ada, booking_id=booking.public_id, now=now)
    mine = text(as_user(ada).get(address))
    assert "/check-out" in mine
    for shown in (found, state, mine):
        assert "Ben" not in shown
        assert "Confidential" not in shown


def test_the_kiosk_says_what_is_out_of_order(
    client: Client, as_user: LogIn, cast: dict[str, User], microscope: Resource, now: datetime
) -> None:
    ada, ben, chris = cast["ada"], cast["ben"], cast["chris"]
    said = FaultReport(title="No laser", blocks_use=True)
    made = report_fault(actor=ben, resource_id=microscope.public_id, report=said, now=now)
    laser = make_resource("Shared laser")
    ResourceLink.objects.create(resource=laser, linked=microscope)
    addresses = (f"/i/{microscope.code}/kiosk", f"/i/{microscope.code}/state")
    for address in addresses:
        found = text(client.get(address))
        assert "Out of order" in found
        assert "please do not use it" in found
        # What others wrote is for who is known here.
        assert "No laser" not in found
    assert "It needs Confocal 1" in text(client.get(f"/i/{laser.code}/kiosk"))
    for address in addresses:
        known = text(as_user(ada).get(address))
        assert "No laser" in known
        assert f"/faults/{made.public_id}" in known
        assert "Ben" not in known
    resolved = FaultChange(
        state=FaultState.RESOLVED, severity=Severity.HIGH, blocks_use=True, note="A new tube"
    )
    change_fault(actor=chris, fault_id=made.public_id, change=resolved, now=now)
    assert "Out of order" not in text(client.get(f"/i/{microscope.code}/state"))


def test_the_kiosk_of_what_is_hidden_or_unknown_is_not_there(
    client: Client, microscope: Resource
) -> None:
    Resource.objects.update(is_hidden=True)
    for code in (microscope.code, "nothing"):
        assert client.get(f"/i/{code}/kiosk").status_code == 404
        assert client.get(f"/i/{code}/state").status_code == 404


def test_the_kiosk_takes_few_queries(
    client: Client, as_user: LogIn, ada: User, booking: Booking, now: datetime
) -> None:
    address = f"/i/{booking.resource.code}/kiosk"
    client.get("/accounts/login")
    with count_queries(2):
        client.get(address)
    check_in(actor=ada, booking_id=booking.public_id, now=now)
    mine = as_user(ada)
    mine.get("/resources")
    with count_queries(11):
        mine.get(address)


def test_managers_see_the_use_of_an_instrument_and_others_do_not(
    as_user: LogIn, cast: dict[str, User], booking: Booking, now: datetime
) -> None:
    check_in(actor=cast["ada"], booking_id=booking.public_id, now=now)
    address = f"/resources/{booking.resource.public_id}/sessions"
    for name, user in cast.items():
        answer = as_user(user).get(address)
        assert answer.status_code == (200 if name in ("chris", "dora") else 403)
    found = text(as_user(cast["chris"]).get(address))
    assert "Ada" in found
    for kind in ("overrun", "early", "missed", EVIL):
        assert as_user(cast["chris"]).get(address, {"kind": kind}).status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_lists_of_use_take_few_queries(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, now: datetime, number: int
) -> None:
    for n in range(number):
        past = make_booking(ada, microscope, now - (n + 2) * 2 * HOUR)
        check_in(actor=ada, booking_id=past.public_id, now=past.start_time)
        check_out(actor=ada, booking_id=past.public_id, now=past.end_time - 10 * MINUTE)
    running = make_booking(ada, microscope, now)
    check_in(actor=ada, booking_id=running.public_id, now=now)
    mine, theirs = Client(), Client()
    mine.force_login(ada)
    theirs.force_login(chris)
    for client in (mine, theirs):
        client.get("/resources")
    with count_queries(5):
        assert mine.get("/usage").status_code == 200
    with count_queries(4):
        assert "Confocal 1" in text(mine.get("/sessions"))
    with count_queries(6):
        assert theirs.get(f"/resources/{microscope.public_id}/sessions").status_code == 200
    assert "Nobody is checked in" in text(as_user(make_nobody()).get("/sessions"))


def make_nobody() -> User:
    return User.objects.create_user("frank", "frank@example.org", "correct-horse-battery")


def test_questions_are_written_by_who_looks_after_the_place(
    as_user: LogIn, cast: dict[str, User], microscope: Resource, confocals: ResourceType
) -> None:
    client = as_user(cast["chris"])
    at_one = f"/resources/{microscope.public_id}/questions"
    at_all = f"/types/{confocals.public_id}/questions"
    new = {"moment": "start", "kind": "select", "label": EVIL, "choices": "Argon\nNone"}
    for address in (at_one, at_all):
        assert "Nothing is asked yet" in text(client.get(address))
        refused = client.post(address, {**new, "choices": "Argon"})
        assert refused.status_code == 422
        assert "between 2 and 30" in text(refused)
        answer = client.post(address, {**new, "is_active": "on", "is_required": "on"})
        assert answer["Location"] == address
        assert EVIL not in text(client.get(address))
    of_type, own = Question.objects.order_by("-resource_type")
    if of_type.resource_type is None:
        of_type, own = own, of_type
    assert own.choices == ["Argon", "None"]
    page = f"/questions/{own.public_id}"
    assert client.post(page, {**new, "label": "Gas"}).status_code == 302
    own.refresh_from_db()
    assert (own.label, own.is_active) == ("Gas", False)
    assert client.post(page, {**new, "label": ""}).status_code == 422
    assert client.post(f"{page}/move", {"to": "later"})["Location"] == at_one
    for name in ("ada", "ben", "eve"):
        for address in (at_one, at_all, page):
            assert as_user(cast[name]).get(address).status_code == 403
