"""The pages of roles: who holds which, granting, composing, and why somebody may not."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Role, ScopeKind
from accounts.models import RoleDefinition, RoleGrant, User
from accounts.permissions import (
    can_change_profile,
    can_create_user,
    can_deactivate_user,
    can_set_role,
    may,
    permissions,
)
from accounts.permissions.guards import can_set_password
from booking.models import Resource
from labitory.lib.clock import now as clock_now
from tests.conftest import LogIn
from tests.factories.people import make_user
from tests.factories.roles import give, make_role
from tests.support.elements import the_element
from tests.support.queries import count_queries

ROLES = reverse("roles:role_list")
GRANT = reverse("roles:grant_new")
MAY = reverse("accounts:may")


@pytest.fixture
def manager_role(db: None) -> RoleDefinition:
    return RoleDefinition.objects.get(code="lab-manager")


def form(
    user: User, role: RoleDefinition, place: str = "everywhere", **more: str
) -> dict[str, str]:
    return {"user": user.username, "role": str(role.public_id), "place": place, **more}


@pytest.mark.parametrize("who", ["ada", "ben", "chris", "dora", "eve", None])
def test_who_sees_the_pages(
    client: Client,
    as_user: LogIn,
    cast: dict[str, User],
    manager_role: RoleDefinition,
    who: str | None,
) -> None:
    if who:
        as_user(cast[who])
    edit = reverse("roles:role_edit", args=[manager_role.public_id])
    found = {
        page: client.get(page).status_code
        for page in (ROLES, reverse("roles:role_new"), edit, MAY, reverse("accounts:permissions"))
    }
    sees, composes, everybody = {
        None: (302, 302, 302),
        "chris": (200, 403, 200),
        "dora": (200, 200, 200),
    }.get(who, (403, 403, 200))
    assert list(found.values()) == [sees, composes, composes, everybody, everybody]


@pytest.mark.parametrize("who", ["ada", "ben", "eve", None])
def test_others_grant_compose_and_delete_nothing(
    client: Client, as_user: LogIn, cast: dict[str, User], who: str | None
) -> None:
    if who:
        as_user(cast[who])
    own = make_role("own", "demand.view")
    grant = give(cast["chris"], own)
    posts = {
        GRANT: form(cast["ben"], own),
        reverse("roles:role_new"): {"name": "New", "permissions": ["demand.view"]},
        reverse("roles:role_edit", args=[own.public_id]): {"name": "X", "permissions": []},
        reverse("roles:role_delete", args=[own.public_id]): {},
        reverse("roles:grant_revoke", args=[grant.public_id]): {},
    }
    answers = {address: client.post(address, data).status_code for address, data in posts.items()}
    assert set(answers.values()) == {403 if who else 302}
    assert list(RoleGrant.objects.values_list("pk", flat=True)) == [grant.pk]
    own.refresh_from_db()
    assert (own.name, own.permissions) == ("Own", ["demand.view"])


def test_a_lab_manager_grants_a_type_and_takes_it_away(
    as_user: LogIn, chris: User, ada: User, microscope: Resource, manager_role: RoleDefinition
) -> None:
    client = as_user(chris)
    page = client.get(ROLES).content.decode()
    place = f"type:{microscope.resource_type_id}"
    assert f'value="{place}"' in page
    last = (clock_now() + timedelta(days=30)).date()
    answer = client.post(GRANT, form(ada, manager_role, place, expires_at=last.isoformat()))
    assert answer.status_code == 302
    grant = RoleGrant.objects.get()
    assert (grant.user, grant.scope_kind, grant.granted_by) == (ada, ScopeKind.TYPE, chris)
    assert grant.expires_at is not None
    page = client.get(ROLES).content.decode()
    assert "on every Confocal microscope" in page
    revoke = reverse("roles:grant_revoke", args=[grant.public_id])
    assert revoke in page
    assert client.get(revoke).status_code == 405
    assert client.post(revoke, {"reason": "Do\x00ne"}).status_code == 302
    assert not RoleGrant.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"user": "nobody"}, "user"),
        ({"user": "chris"}, "user"),
        ({"role": "x"}, "role"),
        ({"place": "type:999999"}, "place"),
        ({"place": "everywhere; drop"}, "place"),
        ({"expires_at": "2020-01-01"}, "expires_at"),
        ({"expires_at": "9999-12-31"}, "expires_at"),
    ],
)
def test_a_wrong_form_says_where(
    as_user: LogIn,
    chris: User,
    ada: User,
    manager_role: RoleDefinition,
    change: dict[str, str],
    field: str,
) -> None:
    answer = as_user(chris).post(GRANT, {**form(ada, manager_role), **change})
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert not RoleGrant.objects.exists()


def test_a_manager_of_one_resource_is_offered_it_alone(
    as_user: LogIn,
    ada: User,
    ben: User,
    chris: User,
    microscope: Resource,
    second_microscope: Resource,
    manager_role: RoleDefinition,
) -> None:
    give(ada, manager_role, ScopeKind.RESOURCE, microscope.pk)
    hidden = give(ben, manager_role, ScopeKind.RESOURCE, second_microscope.pk)
    client = as_user(ada)
    page = client.get(ROLES).content.decode()
    assert f'value="resource:{microscope.pk}"' in page
    assert 'value="everywhere"' not in page
    assert f'value="resource:{second_microscope.pk}"' not in page
    assert str(hidden.public_id) not in page
    assert client.post(GRANT, form(chris, manager_role)).status_code == 422
    own = form(chris, manager_role, f"resource:{microscope.pk}")
    assert client.post(GRANT, own).status_code == 302


def test_roles_are_composed_changed_and_deleted(as_user: LogIn, dora: User) -> None:
    client = as_user(dora)
    data = {"name": "Helper", "description": "Helps", "permissions": ["demand.view"]}
    assert client.post(reverse("roles:role_new"), data).status_code == 302
    role = RoleDefinition.objects.get(code="helper")
    edit = reverse("roles:role_edit", args=[role.public_id])
    page = client.get(edit).content.decode()
    assert "checked" in the_element(page, "input", value="demand.view")
    assert "checked" not in the_element(page, "input", value="policy.manage")
    data["permissions"] = ["demand.view", "policy.manage"]
    assert client.post(edit, data).status_code == 302
    role.refresh_from_db()
    assert role.permissions == ["demand.view", "policy.manage"]
    assert client.post(edit, {**data, "permissions": ["fly"]}).status_code == 422
    assert client.post(reverse("roles:role_delete", args=[role.public_id])).status_code == 302
    assert not RoleDefinition.objects.filter(pk=role.pk).exists()


def test_roles_of_the_product_are_shown_and_stay(
    as_user: LogIn, dora: User, manager_role: RoleDefinition
) -> None:
    client = as_user(dora)
    edit = reverse("roles:role_edit", args=[manager_role.public_id])
    assert "comes with the product" in client.get(edit).content.decode()
    answer = client.post(edit, {"name": "Mine", "permissions": ["demand.view"]})
    assert answer.status_code == 422
    manager_role.refresh_from_db()
    assert manager_role.name == "Lab manager"


def test_i_see_what_i_may_and_give_up_my_own(
    as_user: LogIn, ada: User, microscope: Resource, manager_role: RoleDefinition
) -> None:
    grant = give(ada, manager_role, ScopeKind.RESOURCE, microscope.pk)
    client = as_user(ada)
    page = client.get(MAY).content.decode()
    assert "on Confocal 1" in page
    revoke = reverse("roles:grant_revoke", args=[grant.public_id])
    answer = client.post(revoke, {"back": "own"})
    assert (answer.status_code, answer["Location"]) == (302, MAY)
    assert "on Confocal 1" not in client.get(MAY).content.decode()


@pytest.mark.parametrize("code", ["policy.manage", "audit.view", "nonsense", "\x00", ""])
def test_why_not_names_whom_to_ask(
    as_user: LogIn, ada: User, chris: User, dora: User, code: str
) -> None:
    answer = as_user(ada).get(MAY, {"code": code})
    assert answer.status_code == 200
    text = answer.content.decode()
    granters = {"policy.manage": ["Chris", "Dora"], "audit.view": ["Dora"]}.get(code, [])
    assert ("These people can grant it" in text) is bool(granters)
    assert [name for name in ("Chris", "Dora") if name in text] == granters


def test_a_refused_page_explains_itself(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, manager_role: RoleDefinition
) -> None:
    give(ada, make_role("viewer", "demand.view"), ScopeKind.RESOURCE, microscope.pk)
    client = as_user(ada)
    answer = client.get(reverse("booking:resource_policies", args=[microscope.public_id]))
    text = answer.content.decode()
    assert answer.status_code == 403
    assert "set the limits of booking on Confocal 1" in text
    assert "Chris" in text
    assert "Viewer, on Confocal 1" in text
    assert f"{MAY}?code=policy.manage" in text


def test_the_audit_log_explains_itself_too(as_user: LogIn, chris: User, dora: User) -> None:
    text = as_user(chris).get(reverse("audit:log_list")).content.decode()
    assert "You would have to be allowed to read the audit log." in text
    assert "These people can grant it: Dora." in " ".join(text.split())


def test_the_last_day_is_the_one_that_was_chosen(
    as_user: LogIn, chris: User, ada: User, manager_role: RoleDefinition
) -> None:
    client = as_user(chris)
    client.post(GRANT, form(ada, manager_role, expires_at="2099-01-31"))
    assert "Up to 31 Jan 2099" in client.get(ROLES).content.decode()


@pytest.mark.parametrize("who", ["ada", "ben", "chris", "dora", "eve"])
def test_the_matrix_is_everybodys(as_user: LogIn, cast: dict[str, User], who: str) -> None:
    text = as_user(cast[who]).get(reverse("accounts:permissions")).content.decode()
    for code in permissions():
        assert f"<code>{code}</code>" in text


@pytest.mark.parametrize("holders", [1, 5])
def test_the_list_takes_as_many_queries_for_one_grant_as_for_five(
    as_user: LogIn, chris: User, microscope: Resource, manager_role: RoleDefinition, holders: int
) -> None:
    for number in range(holders):
        person = make_user(f"holder{number}")
        give(person, manager_role, ScopeKind.RESOURCE, microscope.pk)
    client = as_user(chris)
    client.get(ROLES)
    with count_queries(LIST_QUERIES):
        client.get(ROLES)


# The reader; the roles to offer, units, types and resources; the roles with their holders; the
# grants' number, rows and places; what waits.
LIST_QUERIES = 10


def test_a_manager_who_was_granted_people_makes_no_sysadmin(
    as_user: LogIn, ada: User, eve: User
) -> None:
    """`user.manage` by a granted role reaches nobody who may more."""
    give(ada, make_role("desk", "user.manage", "user.create"))
    dora = make_user("dora", role=Role.SYSADMIN)
    assert can_set_role(ada, eve, Role.ACADEMIC)
    assert not can_set_role(ada, eve, Role.SYSADMIN)
    assert not can_set_role(ada, eve, Role.LAB_MANAGER)
    assert not can_set_role(ada, dora, Role.STUDENT)
    assert not can_deactivate_user(ada, dora)
    assert not can_create_user(ada, Role.SYSADMIN)
    # Nor anybody who was granted what the desk has not.
    give(eve, RoleDefinition.objects.get(code="auditor"))
    for can in (can_change_profile, can_deactivate_user, can_set_password):
        assert can(ada, make_user(f"plain-{can.__name__}"))
        assert not can(ada, dora)
        assert not can(ada, eve)
    assert may(ada, "user.manage")


def test_the_desk_edits_no_sysadmin_in_the_admin(
    as_user: LogIn, ada: User, eve: User, dora: User
) -> None:
    give(ada, make_role("desk", "user.manage", "admin.enter"))
    client = as_user(ada)
    own = client.get(reverse("admin:accounts_user_change", args=[eve.pk])).content.decode()
    other = client.get(reverse("admin:accounts_user_change", args=[dora.pk])).content.decode()
    assert 'name="email"' in own
    assert 'name="email"' not in other
    password = reverse("admin:auth_user_password_change", args=[dora.pk])
    assert client.get(password).status_code == 403
    data = {"email": "ada@example.net", "username": "dora", "role": "student"}
    answer = client.post(reverse("admin:accounts_user_change", args=[dora.pk]), data)
    assert answer.status_code == 403
    dora.refresh_from_db()
    assert dora.email == "dora@example.org"
