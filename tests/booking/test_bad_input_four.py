"""Bad input about who may book: by page and program the same no, in words, nothing half-done."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from booking.enums import Status
from booking.models import Offer, Resource
from booking.services.bookings import cancel_booking, create_booking
from booking.services.freed_time import serve_waiting
from labitory.lib.periods import Period
from tests.booking.api.conftest import Program
from tests.booking.views.test_bookings import form_for
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.quotas import assert_adds_up, make_quota
from tests.factories.training import make_course, make_qualification
from tests.factories.waiting import hours, make_entry
from tests.support.tables import changed, contents

pytestmark = pytest.mark.usefixtures("frozen_clock", "weekday_hours")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# What was refused is kept for who decided it and for the report of demand: nothing else.
REFUSED = ("booking_bookingdecision", "booking_demandentry")
START, END = "2026-03-02T12:00:00+01:00", "2026-03-02T13:00:00+01:00"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Somebody asks for what cannot be: by a page and by a program, and what they read."""

    user: User
    path: str
    form: dict[str, Any]
    address: str
    body: dict[str, Any]
    words: str
    code: str
    # The status of the page; 302 leads to where the words are.
    page: int = 422
    api: int = 422
    method: str = "post"
    kept: tuple[str, ...] = ()
    # Where the page says it in other words.
    page_words: str = ""


@dataclass(frozen=True, kw_only=True)
class Lab:
    """Who and what the scenes are made of."""

    ada: User
    ben: User
    chris: User
    eve: User
    microscope: Resource
    now: datetime
    clock: Callable[[datetime], None]


@pytest.fixture
def lab(
    cast: dict[str, User], microscope: Resource, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> Lab:
    """The cast, a microscope, and a clock that can be put forward."""

    def put_forward(moment: datetime) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    people = {name: cast[name] for name in ("ada", "ben", "chris", "eve")}
    return Lab(**people, microscope=microscope, now=now, clock=put_forward)


def circular_prerequisites(lab: Lab) -> Asked:
    first = make_course("Laser safety")
    second = make_course("Advanced lasers", before=[first])
    third = make_course("Attosecond lasers", before=[second])
    return Asked(
        user=lab.chris,
        path=f"/training/courses/{first.public_id}/edit",
        form={
            "title": "Laser safety",
            "kind": "technique",
            "delivery": "online",
            "seats": "6",
            "is_active": "on",
            "prerequisites": [str(third.public_id)],
        },
        method="put",
        address=f"/courses/{first.public_id}",
        body={"title": "Laser safety", "prerequisites": [str(third.public_id)]},
        code="course.circle",
        words="Laser safety → Attosecond lasers → Advanced lasers → Laser safety",
    )


def expired_certificate(lab: Lab) -> Asked:
    course = make_course("Laser safety", asked_by=[lab.microscope])
    make_qualification(lab.ada, course, date(2025, 2, 1), expires_on=date(2026, 3, 1))
    return Asked(
        user=lab.ada,
        path="/bookings/new",
        form=form_for(lab.microscope),
        address="/bookings",
        body={"resource": str(lab.microscope.public_id), "start_time": START, "end_time": END},
        code="training.required",
        words="Laser safety",
        kept=REFUSED,
    )


def _waiting(lab: Lab) -> Any:
    Resource.objects.filter(pk=lab.microscope.pk).update(requires_approval=True)
    return create_booking(
        actor=lab.ada,
        user=lab.ada,
        resource_ids=[lab.microscope.public_id],
        period=Period(lab.now + DAY, lab.now + DAY + HOUR),
        now=lab.now,
    )[0]


def approval_of_a_cancelled_booking(lab: Lab) -> Asked:
    booking = _waiting(lab)
    cancel_booking(actor=lab.ada, booking_id=booking.public_id, now=lab.now)
    return Asked(
        user=lab.chris,
        path=f"/bookings/{booking.public_id}/approve",
        form={},
        page=302,
        address=f"/bookings/{booking.public_id}/approve",
        body={},
        api=409,
        code="approval.decided",
        words="This booking no longer waits for approval: it is Cancelled.",
    )


def rejection_of_a_cancelled_booking(lab: Lab) -> Asked:
    asked = approval_of_a_cancelled_booking(lab)
    return Asked(
        **{
            **vars(asked),
            "path": asked.path.replace("approve", "reject"),
            "form": {"reason": "Full"},
            "address": asked.address.replace("approve", "reject"),
            "body": {"reason": "Full"},
        }
    )


def an_expired_hold(lab: Lab) -> Asked:
    make_entry(lab.ada, hours(lab.now, 28, 29), at=lab.now, resource=lab.microscope)
    window = hours(lab.now, 28, 29)
    told = {
        "resource": str(lab.microscope.public_id),
        "start_time": window.start.isoformat(),
        "end_time": window.end.isoformat(),
    }
    serve_waiting(kind="time.freed", payload={"freed": [told]}, now=lab.now)
    offer = Offer.objects.get()
    # No task has run since.
    lab.clock(offer.expires_at)
    return Asked(
        user=lab.ada,
        path=f"/offers/{offer.public_id}/accept",
        form={},
        page=302,
        address=f"/offers/{offer.public_id}/accept",
        body={},
        api=409,
        code="offer.expired",
        words="This offer has run out",
    )


def anothers_booking(lab: Lab) -> Asked:
    before = lab.now - DAY
    booking = make_booking(lab.ada, lab.microscope, lab.now, created_at=before, updated_at=before)
    return Asked(
        user=lab.eve,
        path=f"/bookings/{booking.public_id}/check-in",
        form={},
        page=404,
        address=f"/bookings/{booking.public_id}/check-in",
        body={},
        api=404,
        code="request.not_found",
        words="not",
    )


def a_booking_one_only_comes_along_to(lab: Lab) -> Asked:
    before = lab.now - DAY
    booking = make_booking(lab.ada, lab.microscope, lab.now, created_at=before, updated_at=before)
    booking.attendees.create(user=lab.eve)
    return Asked(
        user=lab.eve,
        path=f"/bookings/{booking.public_id}/check-in",
        form={},
        page=403,
        address=f"/bookings/{booking.public_id}/check-in",
        body={},
        api=403,
        code="permission.booking",
        words="Only its own people may use a booking.",
        page_words="You would have to be allowed to move, edit and cancel the bookings of others",
        # The page that somebody was shut out of is noted.
        kept=("audit_securityevent",),
    )


def _reserved_quota(lab: Lab) -> Any:
    quota = make_quota("Imaging")
    for start in (2, 5):
        create_booking(
            actor=lab.ada,
            user=lab.ada,
            resource_ids=[lab.microscope.public_id],
            period=hours(lab.now, 24 + start, 25 + start),
            now=lab.now,
        )
    return quota


def a_quota_that_counts_otherwise_while_reserved(lab: Lab) -> Asked:
    quota = _reserved_quota(lab)
    return Asked(
        user=lab.chris,
        path=f"/manage/quotas/{quota.public_id}/edit",
        form={
            "name": "Imaging",
            "measure": "count",
            "amount": "10",
            "period": "month",
            "holder": "user",
            "carry_percent": "0",
            "overdraft": "0",
        },
        method="patch",
        address=f"/quotas/{quota.public_id}",
        body={"measure": "count"},
        code="quota.in_use",
        words="It has counted bookings already: end this quota and make a new one instead.",
    )


def a_booking_under_a_quota_made_smaller(lab: Lab) -> Asked:
    quota = _reserved_quota(lab)
    # Two hours are reserved already; what is booked stays, nothing new comes.
    type(quota).objects.filter(pk=quota.pk).update(amount=60)
    return Asked(
        user=lab.ada,
        path="/bookings/new",
        form=form_for(lab.microscope),
        address="/bookings",
        body={"resource": str(lab.microscope.public_id), "start_time": START, "end_time": END},
        code="quota.allowance",
        words="Imaging",
        kept=REFUSED,
    )


SCENES = (
    circular_prerequisites,
    expired_certificate,
    approval_of_a_cancelled_booking,
    rejection_of_a_cancelled_booking,
    an_expired_hold,
    anothers_booking,
    a_booking_one_only_comes_along_to,
    a_quota_that_counts_otherwise_while_reserved,
    a_booking_under_a_quota_made_smaller,
)


def words_of(answer: Any) -> str:
    """What a page says, in one line."""
    plain = html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))
    return " ".join(plain.split())


def assert_untouched(before: dict[str, str], kept: tuple[str, ...]) -> None:
    assert set(changed(before, "audit", "booking")) <= set(kept)
    assert_adds_up()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_the_page_says_no_and_nothing_is_written(
    lab: Lab, as_user: LogIn, scene: Callable[[Lab], Asked]
) -> None:
    asked = scene(lab)
    client = as_user(asked.user)
    before = contents("audit", "booking")
    answer = client.post(asked.path, asked.form)
    assert answer.status_code == asked.page
    page = client.get(answer["Location"]) if asked.page == 302 else answer
    assert (asked.page_words or asked.words) in words_of(page)
    assert_untouched(before, asked.kept)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_the_program_reads_the_same_and_nothing_is_written(
    lab: Lab, scene: Callable[[Lab], Asked]
) -> None:
    asked = scene(lab)
    program = Program(asked.user)
    before = contents("audit", "booking")
    answer = program._send(asked.method, asked.address, asked.body, {})
    assert answer.status_code == asked.api
    [problem] = answer.json()["errors"]
    assert problem["code"] == asked.code
    assert asked.words in problem["detail"]
    # Words, not only a code.
    assert " " in problem["detail"]
    assert_untouched(before, asked.kept)


def test_what_is_honest_passes(lab: Lab, as_user: LogIn) -> None:
    """The same forms without the lie: else the refusals above would prove nothing."""
    path = f"/resources/{lab.microscope.public_id}/faults/new"
    assert as_user(lab.ada).post(path, {"title": "No", "severity": "high"}).status_code == 302
    booking = _waiting(lab)
    as_user(lab.chris).post(f"/bookings/{booking.public_id}/approve")
    booking.refresh_from_db()
    assert booking.status == Status.CONFIRMED
