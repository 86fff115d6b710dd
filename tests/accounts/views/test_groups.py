"""The pages of groups and projects, for everybody of the cast and for visitors."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import GroupMember, JoinRequest, Project, ProjectMember, ResearchGroup, User
from booking.models import ProjectResource, Resource
from tests.conftest import LogIn
from tests.factories.groups import make_group, make_project
from tests.support.queries import count_queries

MINE = "/accounts/groups"


@pytest.fixture(autouse=True)
def _frozen_clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def optics(ada: User, ben: User) -> ResearchGroup:
    """Ben's group with Ada in it."""
    return make_group("Optics", ben, ada)


@pytest.fixture
def light(optics: ResearchGroup, ada: User) -> Project:
    """Its project, which Ada may charge."""
    return make_project("Light", optics, ada)


def pages(optics: ResearchGroup, light: Project) -> dict[str, set[str]]:
    """Every page with those who may open it."""
    everybody = {"ada", "ben", "chris", "dora", "eve"}
    managers, leaders = {"chris", "dora"}, {"ben", "chris", "dora"}
    group, project = f"{MINE}/{optics.public_id}", f"/projects/{light.public_id}"
    return {
        MINE: everybody,
        group: everybody,
        f"{MINE}/new": managers,
        f"{group}/edit": managers,
        f"{group}/projects/new": managers,
        project: {"ada", *leaders},
        f"{project}/instruments": leaders,
        f"/accounts{project}/edit": managers,
    }


def acts(optics: ResearchGroup, light: Project) -> dict[str, dict[str, str]]:
    """Every act with what is posted."""
    group, project = f"{MINE}/{optics.public_id}", f"/accounts/projects/{light.public_id}"
    return {
        f"{group}/edit": {"name": "Mine", "lead": "eve"},
        f"{group}/close": {},
        f"{group}/members/add": {"user": "eve"},
        f"{group}/members/remove": {"user": "ada"},
        f"{group}/members/manager": {"user": "ada", "manages": "yes"},
        f"{group}/projects/new": {"name": "New", "code": "N-1", "starts_on": "2026-01-01"},
        f"{project}/edit": {"name": "Mine", "code": "N-2", "starts_on": "2026-01-01"},
        f"{project}/close": {},
        f"{project}/members/add": {"user": "eve"},
        f"{project}/members/remove": {"user": "ada"},
        f"/projects/{light.public_id}/instruments": {},
    }


def test_visitors_are_sent_to_log_in(client: Client, optics: ResearchGroup, light: Project) -> None:
    for path in pages(optics, light):
        assert "/accounts/login" in client.get(path)["Location"]
    for path, data in acts(optics, light).items():
        assert "/accounts/login" in client.post(path, data)["Location"]
    assert GroupMember.objects.count() == 1


def test_each_page_opens_for_its_people_only(
    as_user: LogIn, cast: dict[str, User], optics: ResearchGroup, light: Project
) -> None:
    for path, expected in pages(optics, light).items():
        codes = {name: as_user(user).get(path).status_code for name, user in cast.items()}
        assert {name for name, code in codes.items() if code == 200} == expected, path
        assert set(codes.values()) <= {200, 403, 404}, path


def test_outsiders_and_members_change_nothing(
    as_user: LogIn, ada: User, eve: User, optics: ResearchGroup, light: Project
) -> None:
    for user in (ada, eve):
        for path, data in acts(optics, light).items():
            assert as_user(user).post(path, data).status_code in (403, 404), path
    optics.refresh_from_db()
    light.refresh_from_db()
    assert (optics.name, optics.is_active, light.is_active) == ("Optics", True, True)
    assert (GroupMember.objects.count(), ProjectMember.objects.count()) == (1, 1)


def test_an_outsider_sees_no_members(
    as_user: LogIn, eve: User, optics: ResearchGroup, light: Project
) -> None:
    page = as_user(eve).get(f"{MINE}/{optics.public_id}").content.decode()
    assert "Ask to join" in page
    for secret in ("Ada", light.name, light.code):
        assert secret not in page


def test_somebody_finds_a_group_asks_and_is_taken_in(
    as_user: LogIn, ben: User, eve: User, optics: ResearchGroup
) -> None:
    assert "You are in no group yet" in as_user(eve).get(MINE).content.decode()
    client = as_user(eve)
    assert "No group of this name" in client.get(MINE, {"q": "zzz"}).content.decode()
    assert "Optics" in client.get(MINE, {"q": "opt"}).content.decode()
    assert client.get(MINE, {"q": "a\x00"}).status_code == 200
    client.post(f"{MINE}/{optics.public_id}/join", {"message": "Please"})
    assert "You asked already" in client.get(MINE, {"q": "opt"}).content.decode()
    request = JoinRequest.objects.get()
    accept = f"{MINE}/requests/{request.public_id}/accept"
    assert client.post(accept).status_code == 403
    client = as_user(ben)
    page = client.get(MINE).content.decode()
    assert "Please" in page
    assert accept in page
    assert client.post(accept)["Location"] == MINE
    assert optics.members.filter(user=eve).exists()
    assert client.post(accept, follow=True).status_code == 200


def test_a_request_is_declined_and_taken_back(
    as_user: LogIn, ben: User, eve: User, optics: ResearchGroup
) -> None:
    for act in ("decline", "withdraw"):
        as_user(eve).post(f"{MINE}/{optics.public_id}/join", {})
        request = JoinRequest.objects.get(status="waiting")
        user = ben if act == "decline" else eve
        as_user(user).post(f"{MINE}/requests/{request.public_id}/{act}", {"reason": "Full"})
        request.refresh_from_db()
        assert request.status == {"decline": "declined", "withdraw": "withdrawn"}[act]
    assert as_user(ben).post(f"{MINE}/requests/{uuid4()}/accept").status_code == 404


def test_the_leader_looks_after_the_group(
    as_user: LogIn, ben: User, eve: User, optics: ResearchGroup, light: Project
) -> None:
    client, group = as_user(ben), f"{MINE}/{optics.public_id}"
    client.post(f"{group}/members/add", {"user": "EVE@example.org"})
    client.post(f"{group}/members/manager", {"user": "eve", "manages": "yes"})
    assert optics.members.get(user=eve).is_manager
    client.post(f"{group}/members/manager", {"user": "eve", "manages": "no"})
    assert not optics.members.get(user=eve).is_manager
    client.post(f"{group}/members/remove", {"user": "eve"})
    assert not optics.members.filter(user=eve).exists()
    answer = client.post(f"{group}/members/add", {"user": "nobody"})
    assert answer.status_code == 422
    assert "Nobody is known as nobody" in answer.content.decode()
    assert client.post(f"{group}/members/remove", {"user": "nobody"}).status_code == 404
    client.post(f"{group}/leave")
    optics.refresh_from_db()
    assert optics.lead == ben


def test_who_may_invite_is_shown_the_way(
    as_user: LogIn, ada: User, ben: User, optics: ResearchGroup
) -> None:
    GroupMember.objects.filter(user=ada).update(is_manager=True)
    path, link = f"{MINE}/{optics.public_id}", 'href="/accounts/invitations"'
    assert link in as_user(ben).get(path).content.decode()
    # A student who manages the group for Ben has no role below their own to give.
    assert link not in as_user(ada).get(path).content.decode()


def test_a_manager_makes_a_group_and_a_project(as_user: LogIn, chris: User, ben: User) -> None:
    client = as_user(chris)
    answer = client.post(f"{MINE}/new", {"name": "", "lead": "nobody"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"name", "lead"}
    answer = client.post(f"{MINE}/new", {"name": "Lasers", "lead": "ben"})
    group = ResearchGroup.objects.get()
    assert answer["Location"] == f"{MINE}/{group.public_id}"
    assert client.post(f"{MINE}/new", {"name": "Lasers", "lead": "ben"}).status_code == 422
    path = f"{MINE}/{group.public_id}/projects/new"
    data = {"name": "Light", "code": "DFG-1", "starts_on": "2026-01-01", "ends_on": "2025-01-01"}
    assert client.post(path, data).status_code == 422
    client.post(path, {**data, "ends_on": ""})
    project = Project.objects.get()
    assert (project.group, project.ends_on) == (group, None)
    edit = f"/accounts/projects/{project.public_id}/edit"
    assert "DFG-1" in client.get(edit).content.decode()
    client.post(edit, {**data, "ends_on": "2027-01-01", "code": "DFG-2"})
    client.post(f"/accounts/projects/{project.public_id}/close")
    project.refresh_from_db()
    assert (project.code, project.is_active) == ("DFG-2", False)


def test_the_leader_chooses_people_and_instruments_of_a_project(
    as_user: LogIn, ben: User, eve: User, light: Project, microscope: Resource
) -> None:
    client, path = as_user(ben), f"/projects/{light.public_id}"
    client.post(f"/accounts{path}/members/add", {"user": "eve"})
    assert light.members.filter(user=eve).exists()
    page = client.post(f"/accounts{path}/members/add", {"user": "nobody"}, follow=True)
    assert "Nobody is known as nobody" in page.content.decode()
    client.post(f"/accounts{path}/members/remove", {"user": "eve"})
    assert not light.members.filter(user=eve).exists()
    assert "May be charged for every instrument" in client.get(path).content.decode()
    client.post(f"{path}/instruments", {"resources": [microscope.code]})
    assert ProjectResource.objects.get().resource == microscope
    assert "checked" in client.get(f"{path}/instruments").content.decode()
    assert client.post(f"{path}/instruments", {"resources": ["nothing"]}).status_code == 422
    client.post(f"{path}/instruments", {})
    assert not ProjectResource.objects.exists()


def test_the_unknown_is_not_found(as_user: LogIn, dora: User) -> None:
    client = as_user(dora)
    for path in (
        f"{MINE}/{uuid4()}",
        f"{MINE}/{uuid4()}/edit",
        f"{MINE}/{uuid4()}/projects/new",
        f"/projects/{uuid4()}",
        f"/accounts/projects/{uuid4()}/edit",
    ):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_queries(as_user: LogIn, ada: User, ben: User, eve: User, number: int) -> None:
    names: list[Any] = [f"<script>alert({n})</script>" for n in range(number)]
    for name in names:
        group = make_group(name, ben, ada, eve)
        project = make_project(name, group, ada)
    client = as_user(ben)
    client.get(MINE)
    for path, queries in (
        (MINE, 7),
        (f"{MINE}/{group.public_id}", 6),
        (f"/projects/{project.public_id}", 7),
    ):
        with count_queries(queries):
            page = client.get(path)
        assert b"<script>alert(" not in page.content
        assert len(page.content) < 60_000
