"""The log of messages for programs."""

from collections.abc import Callable
from datetime import datetime

import pytest

from accounts.models import User
from audit.models import DataAccess
from booking.enums import DeliveryStatus
from tests.booking.api.conftest import Program
from tests.factories.messages import make_message
from tests.support.queries import count_queries

AsProgram = Callable[[User | None], Program]

pytestmark = pytest.mark.usefixtures("frozen_clock")


def test_who_may(as_program: AsProgram, cast: dict[str, User], now: datetime) -> None:
    message = make_message(cast["ada"], now)
    one = f"/messages/{message.pk}"
    assert Program().get("/messages").status_code == 401
    for name in ("ada", "ben", "eve"):
        program = as_program(cast[name])
        for path in ("/messages", one):
            assert program.get(path).status_code == 403
        assert program.post(f"{one}/resend").status_code == 403
    chris = as_program(cast["chris"])
    assert chris.get(one).status_code == 200
    answer = chris.post(f"{one}/resend")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "message.forbidden")
    assert as_program(cast["dora"]).get("/messages/99999999").status_code == 404


def test_search_read_and_resend(
    as_program: AsProgram, ada: User, ben: User, dora: User, now: datetime
) -> None:
    message = make_message(ada, now)
    make_message(ben, now, status=DeliveryStatus.SENT)
    program = as_program(dora)
    found = program.get("/messages", {"person": "ada", "status": "failed"}).json()["data"]
    assert [(each["id"], each["person"]["name"]) for each in found] == [(message.pk, "Ada")]
    assert DataAccess.objects.get().subject_name == "Ada"
    assert len(program.get("/messages").json()["data"]) == 2
    assert program.get("/messages", {"status": "lost"}).status_code == 400
    path = f"/messages/{message.pk}"
    assert program.get(path).json()["data"]["last_error"] == "550 no such mailbox"
    assert program.post(f"{path}/resend").json()["data"]["status"] == "pending"
    answer = program.post(f"{path}/resend")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "message.not_failed")


@pytest.mark.parametrize("number", [1, 3])
def test_queries(as_program: AsProgram, ada: User, dora: User, now: datetime, number: int) -> None:
    for _n in range(number):
        message = make_message(ada, now)
    program = as_program(dora)
    with count_queries(2):
        program.get("/messages")
    with count_queries(3):
        program.get(f"/messages/{message.pk}")
