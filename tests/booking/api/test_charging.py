"""Bookings with a project, made and changed by a program."""

from collections.abc import Callable

import pytest

from accounts.models import Project, User
from booking.models import Resource
from tests.booking.api.conftest import Program
from tests.factories.groups import make_group, make_project

pytestmark = pytest.mark.usefixtures("frozen_clock")
AsProgram = Callable[[User | None], Program]


@pytest.fixture
def light(ada: User, ben: User) -> Project:
    """A project that Ada may charge."""
    return make_project("Light", make_group("Optics", ben), ada)


@pytest.fixture
def dark(light: Project) -> Project:
    """Another of the same group, which she may not."""
    return make_project("Dark", light.group)


def test_programs_charge_and_change(
    as_program: AsProgram, ada: User, microscope: Resource, light: Project, dark: Project
) -> None:
    program = as_program(ada)
    wish = {
        "resource": str(microscope.public_id),
        "start_time": "2026-03-02T12:00Z",
        "end_time": "2026-03-02T13:00Z",
    }
    refused = program.post("/bookings", {**wish, "project": str(dark.public_id)})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "project.member"
    check = program.post("/bookings/check", {**wish, "project": str(dark.public_id)})
    assert check.json()["data"]["allowed"] is False
    made = program.post("/bookings", {**wish, "project": str(light.public_id)}).json()["data"]
    named = {"id": str(light.public_id), "name": "Light", "code": "GRANT-Light"}
    assert made["project"] == named
    path = f"/bookings/{made['id']}"
    assert program.get(path).json()["data"]["project"] == named
    moved = program.patch(path, {"start_time": "2026-03-02T12:30Z"}).json()["data"]
    assert moved["project"] == named
    assert program.patch(path, {"project": None}).json()["data"]["project"] is None
    assert program.patch(path, {"project": str(dark.public_id)}).status_code == 422
    assert program.patch(path, {"project": str(light.public_id)}).json()["data"]["project"] == named
