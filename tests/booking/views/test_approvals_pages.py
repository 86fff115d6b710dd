"""The inbox and what belongs to it: steps, several at once, answers, statistics, stand-ins."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from booking.enums import ApprovalMode, ApproverKind, Needed, Status
from booking.models import (
    ApprovalDelegation,
    ApprovalPolicy,
    Booking,
    Resource,
    Supervision,
)
from booking.services.approvals import approve_booking, reject_booking
from booking.services.bookings import create_booking
from labitory.lib.periods import Period
from tests.conftest import LogIn
from tests.factories.approvals import make_approval_policy, tier
from tests.support.queries import count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
HOUR = timedelta(hours=1)
PERSON = ApproverKind.PERSON
EVIL = "<script>alert(1)</script>"
PAGES = (
    "/manage/approvals",
    "/manage/approvals/answers",
    "/approvals/delegations",
)


def book(user: User, resource: Resource, now: datetime, hours: float = 24) -> Booking:
    return create_booking(
        actor=user,
        user=user,
        resource_ids=[resource.public_id],
        period=Period(now + hours * HOUR, now + (hours + 1) * HOUR),
        now=now,
    )[0]


@pytest.fixture
def stepped(ben: User, chris: User, microscope: Resource) -> ApprovalPolicy:
    return make_approval_policy(
        microscope, tier(PERSON, person=ben), tier(PERSON, person=chris), mode=ApprovalMode.TIERED
    )


def test_everybody_may_look_at_their_own(as_user: LogIn, cast: dict[str, User]) -> None:
    for user in cast.values():
        client = as_user(user)
        assert [client.get(page).status_code for page in PAGES] == [200, 200, 200]
        expected = 200 if user.username in ("chris", "dora") else 403
        assert client.get("/manage/approvals/statistics").status_code == expected
        assert client.get("/manage/approval-policies").status_code == expected
    for page in (*PAGES, "/manage/approvals/statistics", "/manage/approval-policies"):
        assert "/accounts/login" in Client().get(page)["Location"]


def test_who_is_asked_sees_and_answers_in_turn(
    as_user: LogIn,
    ada: User,
    ben: User,
    eve: User,
    chris: User,
    stepped: ApprovalPolicy,
    microscope: Resource,
    now: datetime,
) -> None:
    booking = book(ada, microscope, now)
    address = f"/bookings/{booking.public_id}"
    assert as_user(ben).get(address).status_code == 200
    assert as_user(eve).get(address).status_code == 404
    inbox = as_user(ben).get("/manage/approvals").content.decode()
    assert "Step 1: A named person, any one" in inbox
    assert "Nothing waits" in as_user(chris).get("/manage/approvals").content.decode()
    assert (
        str(booking.public_id) in as_user(chris).get("/manage/approvals?show=all").content.decode()
    )
    answer = as_user(ben).post(f"{address}/approve", {"next": "/manage/approvals?q=conf"})
    assert answer["Location"] == "/manage/approvals?q=conf"
    assert "It waits for others now" in as_user(ben).get("/manage/approvals").content.decode()
    page = as_user(ada).get(address).content.decode()
    assert "Whom it waits for" in page
    assert "agreed" in page
    # Who answered sees it still; elsewhere one is never sent.
    assert as_user(ben).get(address).status_code == 200
    other = as_user(chris).post(f"{address}/approve", {"next": "//evil.example/x"})
    assert other["Location"] == "/manage/approvals"
    booking.refresh_from_db()
    assert booking.status == Status.CONFIRMED


def test_filters(
    as_user: LogIn, ada: User, ben: User, microscope: Resource, now: datetime, chris: User
) -> None:
    make_approval_policy(microscope, mode=ApprovalMode.SINGLE)
    book(ada, microscope, now)
    client = as_user(chris)
    kind = microscope.resource_type.public_id
    for query, found in (
        ("q=ada", True),
        ("q=confocal", True),
        ("q=nmr", False),
        (f"type={kind}", True),
        (f"type={ada.public_id}", False),
        ("type=nonsense", True),
        ("q=%00", True),
    ):
        page = client.get(f"/manage/approvals?{query}").content.decode()
        assert ("Nothing that waits fits" not in page) is found, query


def test_several_at_once_each_told(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    make_approval_policy(microscope, mode=ApprovalMode.SINGLE)
    bookings = [book(ada, microscope, now, hours) for hours in (24, 48, 72)]
    reject_booking(actor=chris, booking_id=bookings[2].public_id, now=now, reason="No")
    ids = [str(each.public_id) for each in bookings]
    client = as_user(chris)
    page = client.post(
        "/manage/approvals/decide", {"booking": ids, "act": "approve"}, follow=True
    ).content.decode()
    assert "2 were approved." in page
    assert "Confocal 1, Ada: This booking no longer waits for approval" in page
    assert Booking.objects.filter(status=Status.CONFIRMED).count() == 2
    more = book(ada, microscope, now, 96)
    chosen = [str(more.public_id)]
    for data in (
        {},
        {"booking": ["x"], "act": "approve"},
        {"booking": chosen, "act": "reject"},
        {"booking": chosen, "act": "reject", "reason": "x" * 501},
        {"booking": chosen, "act": "burn"},
        {"act": "approve"},
    ):
        answer = client.post("/manage/approvals/decide", data, follow=True)
        assert "alert-danger" in answer.content.decode(), data
        more.refresh_from_db()
        assert more.status == Status.PENDING
    client.post("/manage/approvals/decide", {"booking": chosen, "act": "reject", "reason": "Out"})
    more.refresh_from_db()
    assert more.status == Status.REJECTED


def test_strangers_decide_nothing_at_once(
    as_user: LogIn, ada: User, eve: User, chris: User, microscope: Resource, now: datetime
) -> None:
    make_approval_policy(microscope, mode=ApprovalMode.SINGLE)
    booking = book(ada, microscope, now)
    page = as_user(eve).post(
        "/manage/approvals/decide",
        {"booking": [str(booking.public_id)], "act": "approve"},
        follow=True,
    )
    assert "Confocal 1" not in page.content.decode()
    booking.refresh_from_db()
    assert booking.status == Status.PENDING


@pytest.mark.parametrize("number", [1, 3])
def test_pages_take_few_queries(
    as_user: LogIn,
    ada: User,
    ben: User,
    chris: User,
    stepped: ApprovalPolicy,
    microscope: Resource,
    now: datetime,
    number: int,
) -> None:
    stepped.tiers.update(needed=Needed.ALL, person=chris)
    for n in range(number):
        booking = book(ada, microscope, now, 24 * (n + 1))
        approve_booking(actor=chris, booking_id=booking.public_id, now=now, reason=EVIL)
        ApprovalDelegation.objects.create(
            user=chris, delegate=ben, starts_at=now, ends_at=now + HOUR, created_at=now
        )
    client = as_user(chris)
    client.get("/manage/approvals")
    for address, queries in (
        ("/manage/approvals", 8),
        ("/manage/approvals/answers", 4),
        ("/manage/approvals/statistics", 7),
        ("/approvals/delegations", 7),
        ("/manage/approval-policies", 6),
    ):
        with count_queries(queries):
            page = client.get(address)
        assert page.status_code == 200
        assert EVIL.encode() not in page.content
        assert len(page.content) < 60_000


def test_statistics_link_to_their_answers(
    as_user: LogIn, ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    make_approval_policy(microscope, tier(PERSON, person=ben), mode=ApprovalMode.SINGLE)
    yes, no = book(ada, microscope, now - 5 * HOUR, 40), book(ada, microscope, now - 3 * HOUR, 60)
    approve_booking(actor=ben, booking_id=yes.public_id, now=now)
    reject_booking(actor=ben, booking_id=no.public_id, now=now, reason="Laser is out")
    page = as_user(chris).get("/manage/approvals/statistics").content.decode()
    assert "50 %" in page
    assert "4 hours" in page
    assert f"by={ben.public_id}" in page
    assert f"resource={microscope.public_id}" in page
    of_ben = as_user(chris).get(f"/manage/approvals/answers?by={ben.public_id}")
    assert "Laser is out" in of_ben.content.decode()
    of_eve = as_user(chris).get(f"/manage/approvals/answers?by={chris.public_id}")
    assert "Nothing was answered" in of_eve.content.decode()
    # Others see what they answered themselves.
    assert "Laser is out" in as_user(ben).get("/manage/approvals/answers").content.decode()
    assert "Nothing was answered" in as_user(ada).get("/manage/approvals/answers").content.decode()
    for nonsense in ("days=0", "days=x", "by=x", "resource=%00", "page=99"):
        assert as_user(chris).get(f"/manage/approvals/answers?{nonsense}").status_code == 200


def delegation(**changes: str) -> dict[str, str]:
    plain = {
        "delegate": "ben",
        "start_time": "2026-03-02T08:00",
        "end_time": "2026-03-09T08:00",
        "resource_type": "",
        "resource": "",
    }
    return {**plain, **changes}


def test_a_stand_in_is_named_and_let_go(
    as_user: LogIn, ben: User, chris: User, eve: User, microscope: Resource, now: datetime
) -> None:
    client = as_user(chris)
    made = client.post("/approvals/delegations", delegation(resource=microscope.code))
    assert made["Location"] == "/approvals/delegations"
    found = ApprovalDelegation.objects.get()
    assert (found.user, found.delegate, found.resource) == (chris, ben, microscope)
    assert "Confocal 1" in as_user(ben).get("/approvals/delegations").content.decode()
    end = f"/approvals/delegations/{found.public_id}/end"
    assert as_user(eve).post(end).status_code == 404
    assert as_user(ben).post(end).status_code == 302
    assert not ApprovalDelegation.objects.filter(ends_at__gt=now).exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"delegate": "chris"},
        {"delegate": "nobody"},
        {"delegate": ""},
        {"end_time": "2026-03-01T08:00"},
        {"end_time": "2030-03-01T08:00"},
        {"start_time": "never"},
        {"resource": "nonsense"},
        {"resource_type": "nonsense"},
    ],
)
def test_nonsense_names_no_stand_in(
    as_user: LogIn, chris: User, ben: User, microscope: Resource, changes: dict[str, str]
) -> None:
    answer = as_user(chris).post("/approvals/delegations", delegation(**changes))
    assert answer.status_code == 422
    assert "invalid-feedback" in answer.content.decode()
    assert not ApprovalDelegation.objects.exists()


def test_supervisors_are_named_by_who_makes_accounts(
    as_user: LogIn, ada: User, ben: User, chris: User, eve: User
) -> None:
    address = f"/manage/people/{ada.public_id}/supervisor"
    assert as_user(eve).get(address).status_code == 403
    assert as_user(chris).get(f"/manage/people/{chris.public_id}/supervisor").status_code == 403
    client = as_user(chris)
    assert client.get(address).status_code == 200
    assert client.post(address, {"supervisor": "ada"}).status_code == 422
    assert client.post(address, {"supervisor": "ghost"}).status_code == 422
    assert client.post(address, {"supervisor": "ben"}).status_code == 302
    assert Supervision.objects.get().supervisor == ben
    assert b'value="ben"' in client.get(address).content
    assert (
        "Your supervisor here is Ben" in as_user(ada).get("/approvals/delegations").content.decode()
    )
    assert as_user(chris).post(address, {"supervisor": ""}).status_code == 302
    assert not Supervision.objects.exists()
