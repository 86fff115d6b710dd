"""Groups, who leads them, who joins and leaves; projects and units."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest

from accounts.enums import RequestStatus, ScopeKind, UnitKind
from accounts.errors import AccountRefused
from accounts.models import (
    GroupMember,
    JoinRequest,
    PriceClass,
    Project,
    ProjectMember,
    ResearchGroup,
    RoleDefinition,
    RoleGrant,
    User,
)
from accounts.services.groups import (
    GroupDetails,
    add_member,
    change_group,
    close_group,
    create_group,
    leave_group,
    remove_member,
    reopen_group,
    set_manager,
)
from accounts.services.join_requests import (
    accept_request,
    ask_to_join,
    decline_request,
    withdraw_request,
)
from accounts.services.projects import (
    ProjectDetails,
    add_project_member,
    change_project,
    close_project,
    create_project,
    remove_project_member,
)
from accounts.services.units import (
    UnitDetails,
    create_unit,
)
from accounts.signals import account_told
from audit.models import AuditLog
from tests.factories.groups import make_group, make_project
from tests.support.race import race


@pytest.fixture
def told() -> Iterator[list[tuple[str, int]]]:
    """The mails that were asked for: kind and whom."""
    heard: list[tuple[str, int]] = []

    def hear(*, kind: str, user_pk: int, **_rest: Any) -> None:
        heard.append((kind, user_pk))

    account_told.connect(hear)
    yield heard
    account_told.disconnect(hear)


@pytest.fixture
def optics(ben: User) -> ResearchGroup:
    """Ben's group, without members."""
    return make_group("Optics", ben)


def actions() -> list[str]:
    return list(AuditLog.objects.order_by("pk").values_list("action", flat=True))


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(AccountRefused) as raised:
        act()
    return raised.value.code


def test_a_group_is_made_by_managers_only(cast: dict[str, User], now: datetime) -> None:
    made = []
    for name, user in cast.items():
        details = GroupDetails(name=f"Group of {name}", lead=cast["ben"])
        try:
            made.append(create_group(actor=user, details=details, now=now).name)
        except AccountRefused as error:
            assert error.code == "permission.group"
    assert made == ["Group of chris", "Group of dora"]
    assert actions() == ["group.created", "group.created"]


def test_names_are_taken_once_and_closed_people_lead_nothing(
    optics: ResearchGroup, chris: User, eve: User, now: datetime
) -> None:
    taken = GroupDetails(name="Optics", lead=eve)
    assert refusal(lambda: create_group(actor=chris, details=taken, now=now)) == "group.name_taken"
    User.objects.filter(pk=eve.pk).update(is_active=False)
    eve.refresh_from_db()
    closed = GroupDetails(name="Laser", lead=eve)
    assert refusal(lambda: create_group(actor=chris, details=closed, now=now)) == (
        "group.lead_closed"
    )
    assert ResearchGroup.objects.count() == 1
    assert actions() == []


def test_a_change_is_kept_with_what_it_was(
    optics: ResearchGroup, ben: User, chris: User, now: datetime
) -> None:
    prices = PriceClass.objects.create(code="internal", name="Internal")
    details = GroupDetails(name="Photonics", lead=ben, price_class=prices)
    change_group(actor=chris, group_id=optics.public_id, details=details, now=now)
    change_group(actor=chris, group_id=optics.public_id, details=details, now=now)
    log = AuditLog.objects.get()
    assert log.changes["name"] == ["Optics", "Photonics"]
    assert log.changes["price_class"] == [None, "Internal"]
    assert refusal(
        lambda: change_group(actor=ben, group_id=optics.public_id, details=details, now=now)
    ) == ("permission.group")


def test_a_manager_of_a_unit_edits_its_groups_only(
    optics: ResearchGroup, ben: User, ada: User, dora: User, now: datetime
) -> None:
    science = create_unit(
        actor=dora,
        details=UnitDetails(kind=UnitKind.FACULTY, name="Science", code="sci"),
        now=now,
    )
    college = create_unit(
        actor=dora,
        details=UnitDetails(
            kind=UnitKind.COLLEGE, name="Physics", code="phy", parent_id=science.public_id
        ),
        now=now,
    )
    role = RoleDefinition.objects.create(code="groups", name="Groups", permissions=["group.manage"])
    RoleGrant.objects.create(
        user=ada, role=role, scope_kind=ScopeKind.UNIT, scope_id=science.pk, granted_at=now
    )
    ada = User.objects.get(pk=ada.pk)
    inside = GroupDetails(name="Lasers", lead=ben, unit=college)
    group = create_group(actor=ada, details=inside, now=now)
    outside = GroupDetails(name="Lasers", lead=ben, unit=None)
    # Out of what one manages a group is not moved, nor into it.
    move_out = lambda: change_group(  # noqa: E731
        actor=ada, group_id=group.public_id, details=outside, now=now
    )
    assert refusal(move_out) == "permission.group"
    steal = GroupDetails(name="Optics", lead=ada, unit=college)
    take = lambda: change_group(actor=ada, group_id=optics.public_id, details=steal, now=now)  # noqa: E731
    assert refusal(take) == "permission.group"


def test_members_come_by_the_leader_and_leave_with_their_projects(
    optics: ResearchGroup, ada: User, ben: User, eve: User, now: datetime
) -> None:
    group_id = optics.public_id
    assert refusal(lambda: add_member(actor=eve, group_id=group_id, user=eve, now=now)) == (
        "permission.group"
    )
    add_member(actor=ben, group_id=group_id, user=ada, now=now)
    add_member(actor=ben, group_id=group_id, user=ada, now=now)
    project = make_project("Light", optics, ada)
    other = make_project("Else", make_group("Other", eve), ada)
    leave_group(actor=ada, group_id=group_id, now=now)
    assert list(ProjectMember.objects.values_list("project", flat=True)) == [other.pk]
    assert not GroupMember.objects.exists()
    assert actions() == ["group.member_added", "group.left"]
    assert AuditLog.objects.get(action="group.left").facts["projects"] == [project.name]
    assert refusal(lambda: leave_group(actor=ada, group_id=group_id, now=now)) == "group.no_member"


def test_the_leader_stays(optics: ResearchGroup, ben: User, chris: User, now: datetime) -> None:
    group_id = optics.public_id
    assert refusal(lambda: leave_group(actor=ben, group_id=group_id, now=now)) == "group.lead_stays"
    assert refusal(lambda: remove_member(actor=chris, group_id=group_id, user=ben, now=now)) == (
        "group.lead_stays"
    )


def test_a_delegate_runs_the_group_and_appoints_nobody(
    optics: ResearchGroup, ada: User, ben: User, eve: User, now: datetime
) -> None:
    group_id = optics.public_id
    add_member(actor=ben, group_id=group_id, user=ada, now=now)
    set_manager(actor=ben, group_id=group_id, user=ada, is_manager=True, now=now)
    add_member(actor=ada, group_id=group_id, user=eve, now=now)
    for act in (
        lambda: set_manager(actor=ada, group_id=group_id, user=eve, is_manager=True, now=now),
        lambda: change_group(
            actor=ada, group_id=group_id, details=GroupDetails(name="Mine", lead=ada), now=now
        ),
        lambda: close_group(actor=ada, group_id=group_id, now=now),
    ):
        assert refusal(act) == "permission.group"
    set_manager(actor=ben, group_id=group_id, user=ada, is_manager=False, now=now)
    assert refusal(lambda: remove_member(actor=ada, group_id=group_id, user=eve, now=now)) == (
        "permission.group"
    )


def test_a_request_is_asked_once_and_decided_by_others(
    optics: ResearchGroup,
    ada: User,
    ben: User,
    eve: User,
    now: datetime,
    told: list[tuple[str, int]],
) -> None:
    request = ask_to_join(actor=ada, group_id=optics.public_id, message=" Hello ", now=now)
    again = ask_to_join(actor=ada, group_id=optics.public_id, now=now)
    assert (again.pk, again.message) == (request.pk, "Hello")
    request_id = request.public_id
    for stranger in (ada, eve):
        assert refusal(lambda: accept_request(actor=stranger, request_id=request_id, now=now)) == (  # noqa: B023
            "permission.join_request"
        )
    accept_request(actor=ben, request_id=request_id, now=now)
    assert GroupMember.objects.get().user == ada
    assert told == [("account.join_requested", ben.pk), ("account.join_accepted", ada.pk)]
    assert refusal(lambda: decline_request(actor=ben, request_id=request_id, now=now)) == (
        "join_request.decided"
    )
    assert refusal(lambda: ask_to_join(actor=ada, group_id=optics.public_id, now=now)) == (
        "group.member"
    )


def test_a_delegate_does_not_decide_on_their_own_request(
    optics: ResearchGroup, chris: User, now: datetime
) -> None:
    request = ask_to_join(actor=chris, group_id=optics.public_id, now=now)
    decide = lambda: accept_request(actor=chris, request_id=request.public_id, now=now)  # noqa: E731
    assert refusal(decide) == "permission.join_request"


def test_a_request_is_declined_with_a_reason_or_taken_back(
    optics: ResearchGroup,
    ada: User,
    ben: User,
    eve: User,
    now: datetime,
    told: list[tuple[str, int]],
) -> None:
    first = ask_to_join(actor=ada, group_id=optics.public_id, now=now)
    decline_request(actor=ben, request_id=first.public_id, reason="Full", now=now)
    assert (told[-1], JoinRequest.objects.get().reason) == (
        ("account.join_declined", ada.pk),
        "Full",
    )
    second = ask_to_join(actor=ada, group_id=optics.public_id, now=now)
    assert refusal(lambda: withdraw_request(actor=eve, request_id=second.public_id, now=now)) == (
        "permission.join_request"
    )
    withdraw_request(actor=ada, request_id=second.public_id, now=now)
    second.refresh_from_db()
    assert second.status == RequestStatus.WITHDRAWN
    assert not GroupMember.objects.exists()


def test_adding_somebody_answers_their_request(
    optics: ResearchGroup, ada: User, ben: User, now: datetime
) -> None:
    ask_to_join(actor=ada, group_id=optics.public_id, now=now)
    add_member(actor=ben, group_id=optics.public_id, user=ada, now=now)
    assert JoinRequest.objects.get().status == RequestStatus.ACCEPTED


def test_a_closed_group_takes_nobody(
    optics: ResearchGroup, ada: User, chris: User, now: datetime
) -> None:
    project = make_project("Light", optics)
    group_id = optics.public_id
    assert refusal(lambda: close_group(actor=chris, group_id=group_id, now=now)) == (
        "group.has_projects"
    )
    close_project(actor=chris, project_id=project.public_id, now=now)
    close_group(actor=chris, group_id=group_id, now=now)
    for act in (
        lambda: ask_to_join(actor=ada, group_id=group_id, now=now),
        lambda: add_member(actor=chris, group_id=group_id, user=ada, now=now),
    ):
        assert refusal(act) == "group.closed"
    reopen_group(actor=chris, group_id=group_id, now=now)
    ask_to_join(actor=ada, group_id=group_id, now=now)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_who_decide_at_once_decide_once(
    optics: ResearchGroup, ada: User, ben: User, chris: User, now: datetime
) -> None:
    request_id = ask_to_join(actor=ada, group_id=optics.public_id, now=now).public_id
    results = race(
        [
            lambda: accept_request(actor=ben, request_id=request_id, now=now),
            lambda: decline_request(actor=chris, request_id=request_id, now=now),
        ]
    )
    assert sum(isinstance(each, AccountRefused) for each in results) == 1
    decided = JoinRequest.objects.get()
    assert (decided.status == RequestStatus.ACCEPTED) == GroupMember.objects.exists()


def test_projects_have_codes_days_and_people(
    optics: ResearchGroup, ada: User, ben: User, chris: User, now: datetime
) -> None:
    details = ProjectDetails(name="Light", code="DFG-1", starts_on=date(2026, 1, 1))

    def make(actor: User) -> Project:
        return create_project(actor=actor, group_id=optics.public_id, details=details, now=now)

    assert refusal(lambda: make(ben)) == "permission.project"
    project = make(chris)
    assert refusal(lambda: make(chris)) in ("project.code_taken", "project.name_taken")
    backwards = ProjectDetails(
        name="Light", code="DFG-1", starts_on=date(2026, 1, 1), ends_on=date(2025, 1, 1)
    )
    project_id = project.public_id
    assert refusal(
        lambda: change_project(actor=chris, project_id=project_id, details=backwards, now=now)
    ) == ("project.period")
    add_project_member(actor=ben, project_id=project_id, user=ada, now=now)
    assert refusal(
        lambda: remove_project_member(actor=ada, project_id=project_id, user=ada, now=now)
    ) == ("permission.project")
    remove_project_member(actor=ben, project_id=project_id, user=ada, now=now)
    assert refusal(
        lambda: remove_project_member(actor=ben, project_id=project_id, user=ada, now=now)
    ) == ("project.no_member")
    assert actions() == ["project.created", "project.member_added", "project.member_removed"]
