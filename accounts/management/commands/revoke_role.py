"""Taking a granted role away from the command line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.management.commands._roles import (
    add_role_arguments,
    person_and_role,
    place_of,
)
from accounts.services.roles import revoke_role
from labitory.lib.clock import now


class Command(BaseCommand):
    """`manage.py revoke_role ada lab-manager --where "type:Confocal microscope"`."""

    help = "Take a granted role away from somebody; it counts no longer at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, what, where, why."""
        add_role_arguments(parser)
        parser.add_argument("--reason", default="", help="kept in the audit log")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take away."""
        user, role = person_and_role(options)
        kind, key = place_of(options)
        grant = user.role_grants.filter(role=role, scope_kind=kind, scope_id=key).first()
        if grant is None:
            raise CommandError(f"{user.username} does not hold {role.code} there")
        revoke_role(actor=None, grant_id=grant.public_id, now=now(), reason=options["reason"])
        self.stdout.write(f"{user.username} no longer holds {role.code}.")
