"""The rules of a resource, for programs."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from accounts.models import User
from booking.enums import Limit
from booking.models import BookingPolicy, Resource
from tests.booking.api.conftest import Program

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
AsProgram = Callable[[User | None], Program]


def test_the_rules_are_sentences(as_program: AsProgram, ada: User, microscope: Resource) -> None:
    BookingPolicy.objects.create(limit=Limit.MAX_LENGTH, value=120, role="student")
    answer = as_program(ada).get(f"/resources/{microscope.public_id}/policies")
    chapters = {each["key"]: each["sentences"] for each in answer.json()["data"]}
    assert chapters["length"] == ["A booking lasts at most 2 hours."]
    assert chapters["access"] == ["Everybody may book it."]


def test_who_may_not_see_it_is_told_nothing(
    as_program: AsProgram, ada: User, chris: User, microscope: Resource
) -> None:
    microscope.is_hidden = True
    microscope.save()
    path = f"/resources/{microscope.public_id}/policies"
    assert as_program(ada).get(path).status_code == 404
    assert as_program(chris).get(path).status_code == 200
    assert as_program(ada).get(f"/resources/{uuid4()}/policies").status_code == 404
    assert as_program(None).get(path).status_code == 401
