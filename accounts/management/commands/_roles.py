"""What the commands about roles share: whom, which and where they mean."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from accounts.enums import ScopeKind
from accounts.models import RoleDefinition, User
from accounts.permissions.scopes import offered_places


def add_role_arguments(parser: ArgumentParser) -> None:
    """Who, which role, and where."""
    parser.add_argument("name", help="user name or e-mail address")
    parser.add_argument("role", help="the role's code, such as lab-manager")
    parser.add_argument(
        "--where",
        default="everywhere",
        help='everywhere, or as "unit:Optics", "type:Confocal microscope", "resource:Confocal 1"',
    )


def person_and_role(options: dict[str, Any]) -> tuple[User, RoleDefinition]:
    """The person and the role that were named."""
    try:
        user = User.objects.get_by_natural_key(options["name"])
    except User.DoesNotExist:
        raise CommandError(f"there is nobody called {options['name']}") from None
    role = RoleDefinition.objects.filter(code=options["role"]).first()
    if role is None:
        codes = ", ".join(RoleDefinition.objects.order_by("code").values_list("code", flat=True))
        raise CommandError(f"there is no role {options['role']}; there are: {codes}")
    return user, role


def place_of(options: dict[str, Any]) -> tuple[ScopeKind, int | None]:
    """The place that was named: its kind and key."""
    word, _colon, name = options["where"].partition(":")
    if word not in ScopeKind.values:
        raise CommandError(f"{word} is no kind of place; there are: {', '.join(ScopeKind.values)}")
    kind = ScopeKind(word)
    if kind == ScopeKind.EVERYWHERE:
        return kind, None
    for key, known, _where in offered_places(kind):
        if known.casefold() == name.strip().casefold():
            return kind, key
    raise CommandError(f"there is no {word} called {name}")
