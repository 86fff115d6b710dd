"""Groups and projects, read by programs."""

from collections.abc import Callable
from datetime import datetime

import pytest

from accounts.enums import ScopeKind, UnitKind
from accounts.models import (
    PriceClass,
    ResearchGroup,
    RoleDefinition,
    RoleGrant,
    Unit,
    User,
)
from tests.booking.api.conftest import Program
from tests.factories.groups import make_group, make_project
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
AsProgram = Callable[[User | None], Program]


@pytest.fixture
def optics(ada: User, ben: User) -> ResearchGroup:
    """Ben's group with Ada, in a faculty."""
    science = Unit.objects.create(kind=UnitKind.FACULTY, name="Science", code="sci")
    prices = PriceClass.objects.create(code="internal", name="Internal")
    return make_group("Optics", ben, ada, unit=science, price_class=prices)


def names(program: Program, noun: str, **query: object) -> list[str]:
    return [each["name"] for each in program.get(f"/{noun}", query).json()["data"]]


def test_each_sees_their_own_and_managers_all(
    as_program: AsProgram, cast: dict[str, User], optics: ResearchGroup
) -> None:
    make_project("Light", optics)
    make_group("Other", cast["chris"])
    seen = {
        name: (names(as_program(user), "groups"), names(as_program(user), "projects"))
        for name, user in cast.items()
    }
    own, everything = (["Optics"], ["Light"]), (["Optics", "Other"], ["Light"])
    assert seen == {
        "ada": own,
        "ben": own,
        "chris": everything,
        "dora": everything,
        "eve": ([], []),
    }
    for noun in ("groups", "projects"):
        assert as_program(None).get(f"/{noun}").status_code == 401


def test_who_edits_the_groups_of_a_unit_sees_these(
    as_program: AsProgram, eve: User, chris: User, optics: ResearchGroup, now: datetime
) -> None:
    make_project("Light", optics)
    make_project("Dark", make_group("Other", chris))
    role = RoleDefinition.objects.create(code="g", name="G", permissions=["group.manage"])
    RoleGrant.objects.create(
        user=eve,
        role=role,
        scope_kind=ScopeKind.UNIT,
        scope_id=optics.unit_id,
        granted_at=now,
    )
    program = as_program(User.objects.get(pk=eve.pk))
    assert (names(program, "groups"), names(program, "projects")) == (["Optics"], ["Light"])


def test_the_shapes(as_program: AsProgram, ada: User, ben: User, optics: ResearchGroup) -> None:
    project = make_project("Light", optics, ada)
    program = as_program(ada)
    assert program.get("/groups").json()["data"] == [
        {
            "id": str(optics.public_id),
            "name": "Optics",
            "unit": "sci",
            "lead": {"id": str(ben.public_id), "name": "Ben"},
            "price_class": "internal",
            "is_active": True,
            "members": [{"id": str(ada.public_id), "name": "Ada", "is_manager": False}],
        }
    ]
    assert program.get("/projects").json()["data"] == [
        {
            "id": str(project.public_id),
            "name": "Light",
            "code": "GRANT-Light",
            "group": {"id": str(optics.public_id), "name": "Optics"},
            "starts_on": "2026-01-01",
            "ends_on": "2026-12-31",
            "is_active": True,
            "members": [{"id": str(ada.public_id), "name": "Ada"}],
        }
    ]


def test_filters(as_program: AsProgram, chris: User) -> None:
    group = make_group("Optics", chris)
    make_group("Old", chris, is_active=False)
    make_project("Light", group)
    make_project("Past", group, is_active=False)
    program = as_program(chris)
    assert names(program, "groups", is_active="true") == ["Optics"]
    assert names(program, "projects", is_active="false") == ["Past"]
    assert program.get("/groups", {"colour": "red"}).status_code == 400


@pytest.mark.parametrize("number", [1, 3])
def test_queries(as_program: AsProgram, ada: User, ben: User, number: int) -> None:
    for n in range(number):
        group = make_group(f"Group {n}", ben, ada)
        make_project(f"Project {n}", group, ada)
    program = as_program(ada)
    program.get("/groups")
    with count_queries(3):
        program.get("/groups")
    with count_queries(4):
        program.get("/projects")
