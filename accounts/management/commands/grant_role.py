"""Granting a role from the command line."""

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import AccountRefused
from accounts.management.commands._roles import (
    add_role_arguments,
    person_and_role,
    place_of,
)
from accounts.services.roles import NewGrant, grant_role
from labitory.lib.clock import now
from labitory.lib.http import lab_zone
from labitory.lib.periods import local_midnight


class Command(BaseCommand):
    """`manage.py grant_role ada lab-manager --where "type:Confocal microscope"`."""

    help = "Grant somebody a role: everywhere, in a unit, on a type or on a resource."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, what, where, until when, why."""
        add_role_arguments(parser)
        parser.add_argument("--until", type=date.fromisoformat, help="the last day, as 2026-12-31")
        parser.add_argument("--reason", default="", help="kept in the audit log")

    def handle(self, *args: Any, **options: Any) -> None:
        """Grant."""
        user, role = person_and_role(options)
        kind, key = place_of(options)
        until: date | None = options["until"]
        ends = None if until is None else local_midnight(until + timedelta(days=1), lab_zone())
        new = NewGrant(
            user_id=user.public_id,
            role_id=role.public_id,
            kind=kind,
            key=key,
            expires_at=ends,
            reason=options["reason"],
        )
        try:
            grant_role(actor=None, new=new, now=now())
        except AccountRefused as error:
            raise CommandError(error.text) from error
        self.stdout.write(f"{user.username} holds {role.code} now.")
