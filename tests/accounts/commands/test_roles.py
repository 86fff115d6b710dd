"""Granting and taking away roles from the command line."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.enums import ScopeKind
from accounts.models import RoleGrant, User
from accounts.permissions import may
from audit.models import AuditLog
from booking.models import Resource
from booking.permissions import where_of
from labitory.lib.clock import now as clock_now


def run(name: str, *args: str, **options: Any) -> str:
    out = StringIO()
    call_command(name, *args, stdout=out, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("where", "kind"),
    [
        ("everywhere", ScopeKind.EVERYWHERE),
        ("type:confocal MICROSCOPE", ScopeKind.TYPE),
        ("resource:Confocal 1", ScopeKind.RESOURCE),
    ],
)
def test_a_role_is_granted_and_taken_away(
    ada: User, microscope: Resource, where: str, kind: ScopeKind
) -> None:
    until = (clock_now() + timedelta(days=9)).date()
    said = run("grant_role", "ADA", "lab-manager", where=where, until=until, reason="New here")
    assert said == "ada holds lab-manager now.\n"
    grant = RoleGrant.objects.get()
    assert (grant.scope_kind, grant.granted_by, grant.reason) == (kind, None, "New here")
    assert grant.expires_at is not None
    assert may(User.objects.get(pk=ada.pk), "resource.manage", where_of(microscope))
    log = AuditLog.objects.get(action="role.granted")
    assert (log.actor_name, log.object_name) == ("", "Ada")
    said = run("revoke_role", "ada@example.org", "lab-manager", where=where)
    assert said == "ada no longer holds lab-manager.\n"
    assert not RoleGrant.objects.exists()


@pytest.mark.parametrize(
    ("command", "args", "where", "word"),
    [
        ("grant_role", ("nobody", "lab-manager"), "everywhere", "nobody called nobody"),
        ("grant_role", ("ada", "boss"), "everywhere", "lab-manager"),
        ("grant_role", ("ada", "lab-manager"), "type:Spoon", "no type called Spoon"),
        ("grant_role", ("ada", "lab-manager"), "moon:Base", "no kind of place"),
        ("grant_role", ("ada", "auditor"), "type:Confocal microscope", "only everywhere"),
        ("revoke_role", ("ada", "lab-manager"), "everywhere", "does not hold"),
    ],
)
def test_what_is_wrong_is_said(
    ada: User, microscope: Resource, command: str, args: tuple[str, str], where: str, word: str
) -> None:
    with pytest.raises(CommandError, match=word):
        run(command, *args, where=where)
    assert not RoleGrant.objects.exists()


def test_a_past_end_is_refused(ada: User) -> None:
    with pytest.raises(CommandError, match="has passed"):
        call_command("grant_role", "ada", "lab-manager", "--until", "2020-01-01")
