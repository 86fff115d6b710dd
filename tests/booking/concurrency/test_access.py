"""Several people on one request for access: one answer stands."""

from datetime import datetime
from functools import partial

import pytest

from accounts.models import User
from booking.enums import AccessLevel, RequestState
from booking.errors import ActionRefused
from booking.models import AccessRequest, ResourceAccess
from booking.services.access_jobs import escalate_requests
from booking.services.access_requests import (
    AccessWish,
    ask_for_access,
    confirm_step,
    reject_access,
    withdraw_access_request,
)
from tests.factories.resources import make_resource
from tests.support.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
WISH = AccessWish(level=AccessLevel.BOOK, justification="Peptides")


def test_asked_twice_at_once_is_asked_once(ben: User, now: datetime) -> None:
    nmr = make_resource("NMR", requires_access=True)
    ask = partial(ask_for_access, actor=ben, resource_id=nmr.public_id, wish=WISH, now=now)
    results = race([ask] * 6)
    assert sum(isinstance(each, AccessRequest) for each in results) == 1
    assert sum(isinstance(each, ActionRefused) for each in results) == 5
    assert AccessRequest.objects.count() == 1


@pytest.mark.parametrize("round_", range(3))
def test_one_answer_stands(ben: User, chris: User, dora: User, now: datetime, round_: int) -> None:
    nmr = make_resource(f"NMR {round_}", requires_access=True)
    asked = ask_for_access(actor=ben, resource_id=nmr.public_id, wish=WISH, now=now)
    [step] = asked.steps.all()
    request_id = asked.public_id
    results = race(
        [
            partial(confirm_step, actor=chris, step_id=step.public_id, now=now),
            partial(reject_access, actor=dora, request_id=request_id, reason="No", now=now),
            partial(withdraw_access_request, actor=ben, request_id=request_id, now=now),
            partial(confirm_step, actor=dora, step_id=step.public_id, now=now),
        ]
    )
    assert sum(isinstance(each, AccessRequest) for each in results) == 1
    assert sum(isinstance(each, ActionRefused) for each in results) == 3
    asked.refresh_from_db()
    granted = asked.state == RequestState.GRANTED
    assert ResourceAccess.objects.filter(user=ben).exists() is granted


def test_two_workers_bring_it_to_others_once(ben: User, chris: User, now: datetime) -> None:
    nmr = make_resource("NMR", requires_access=True)
    asked = ask_for_access(actor=ben, resource_id=nmr.public_id, wish=WISH, now=now)
    later = now.replace(day=now.day + 4)
    results = race([partial(escalate_requests, now=later)] * 3)
    assert sorted(results) == [0, 0, 1]
    asked.refresh_from_db()
    assert asked.escalated == 1
