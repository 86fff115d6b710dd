"""The one function answers for everything: nobody compares roles besides it."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.access import Missing, needs, require
from accounts.api.v1.permissions import needs_permission
from accounts.models import User
from accounts.permissions import Permission, builtin_roles, declare, declare_admin, declare_role
from accounts.permissions.administration import UNDECLARED, permission_of_model
from accounts.permissions.catalogue import BuiltinRole, permissions
from tests.conftest import LogIn
from tests.factories.roles import give, make_role

ROOT = Path(__file__).resolve().parents[3]
COMPARES = re.compile(
    r"\.is_lab_manager|\.is_sysadmin|\.role\s*(==|!=|in)\s*\(?Role\.|Role\([^)]*\.role\)\.rank"
)
# Who a role is, where roles are what the code is about; and the people of the demonstration.
ALLOWED = (
    "accounts/models/",
    "accounts/permissions/",
    "accounts/queries/roles.py",
    "/_demo",
    "/demo.py",
    # Another site opens no system administrator by the address alone.
    "accounts/services/sso.py",
    # A file of people never touches a system administrator.
    "/services/imports/people.py",
)


def test_nobody_else_compares_roles() -> None:
    found = []
    for folder in ("accounts", "audit", "booking", "analytics", "labitory", "templates"):
        for path in [*(ROOT / folder).rglob("*.py"), *(ROOT / folder).rglob("*.html")]:
            name = path.relative_to(ROOT).as_posix()
            if "migrations" in name or any(word in f"/{name}" for word in ALLOWED):
                continue
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if COMPARES.search(line):
                    found.append(f"{name}:{number} {line.strip()}")
    assert found == []


def test_every_permission_is_asked_somewhere() -> None:
    """A permission that nothing asks would be a promise that nobody keeps."""
    text = (
        "".join(
            path.read_text(encoding="utf-8")
            for folder in ("accounts", "audit", "booking", "labitory", "analytics")
            for path in (ROOT / folder).rglob("*.py")
            if path.name != "catalogue.py" and path.parent != ROOT / "booking/permissions"
        )
        + (ROOT / "booking/permissions/__init__.py")
        .read_text(encoding="utf-8")
        .split("def where_of")[1]
    )
    unasked = [code for code in permissions() if f'"{code}"' not in text]
    assert unasked == []


def test_roles_of_the_product_bring_what_counts_where_they_are_granted() -> None:
    for role in builtin_roles().values():
        assert role.permissions <= permissions().keys()
        assert str(role.name)
        assert str(role.description)


def test_declaring_twice_or_the_unknown_is_a_fault() -> None:
    known = next(iter(permissions().values()))
    with pytest.raises(ValueError, match="twice"):
        declare(Permission(code=known.code, words="x", least=None))
    with pytest.raises(ValueError, match="twice"):
        declare_role(next(iter(builtin_roles().values())))
    odd = BuiltinRole(code="odd", name="x", description="x", permissions=frozenset({"fly"}))
    with pytest.raises(ValueError, match="unknown"):
        declare_role(odd)
    with pytest.raises(ValueError, match="unknown"):
        declare_admin({"accounts.odd": "fly"})
    with pytest.raises(ValueError, match="declared"):
        needs("fly")
    with pytest.raises(ValueError, match="declared"):
        needs_permission("fly")
    assert "odd" not in builtin_roles()


def test_require_goes_on_or_names_what_is_missing() -> None:
    require(True, "policy.manage")
    with pytest.raises(Missing) as missing:
        require(False, "policy.manage")
    assert (missing.value.code, missing.value.where) == ("policy.manage", None)


OWN = ("accounts", "audit", "booking")


def test_every_model_of_our_own_has_a_permission_in_the_admin() -> None:
    """What nobody declared is the system's own; these few are meant to be."""
    meant = {"booking.outboxevent", "booking.notification"}
    found = {
        model._meta.label_lower
        for model in apps.get_models()
        if model._meta.app_label in OWN
        and permission_of_model(model._meta.label_lower) == UNDECLARED
        and admin.site.is_registered(model)
    }
    assert found == meant


def test_a_manager_in_the_admin_sees_what_is_declared_and_no_more(
    as_user: LogIn, ada: User
) -> None:
    give(ada, make_role("desk", "admin.enter", "policy.manage"))
    client = as_user(ada)
    assert client.get("/admin/").status_code == 200
    seen = {
        model._meta.label_lower: client.get(
            f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        ).status_code
        for model in admin.site._registry
    }
    opened = {label for label, status in seen.items() if status == 200}
    assert opened == {
        f"booking.{name}"
        for name in (
            "approvalpolicy",
            "approvaltier",
            "bookingpolicy",
            "policyset",
            "policytrial",
            "quota",
            "quotaaccount",
            "quotaentry",
            "quotawarning",
        )
    }
    assert set(seen.values()) == {200, 403}


def test_without_the_right_to_enter_the_admin_stays_closed(as_user: LogIn, ada: User) -> None:
    give(ada, make_role("desk", "policy.manage", "system.manage"))
    answer = as_user(ada).get("/admin/booking/bookingpolicy/")
    assert answer.status_code == 302


def views(resolver: URLResolver, before: str = "") -> list[str]:
    """Every address of the managers' pages that takes no argument."""
    found = []
    for each in resolver.url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            found += views(each, route)
        elif isinstance(each, URLPattern) and "<" not in route and route.startswith("manage"):
            found.append(f"/{route}")
    return found


@pytest.mark.parametrize("who", ["ada", "ben", "eve"])
def test_managers_pages_are_closed_to_everybody_else(
    as_user: LogIn, cast: dict[str, User], who: str
) -> None:
    client = as_user(cast[who])
    found = {page: client.get(page).status_code for page in views(get_resolver())}
    # Supervisors and named persons are asked too: their queues are empty for who is never asked.
    for queue in ("/manage/approvals", "/manage/approvals/answers", "/manage/access"):
        assert found.pop(queue) == 200
    assert len(found) > 10
    assert {page: status for page, status in found.items() if status not in (403, 405)} == {}
