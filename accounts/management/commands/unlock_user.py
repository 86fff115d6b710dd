"""Let somebody in again who has to wait at the login."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.services.guards import unlock_user
from labitory.lib.clock import now


class Command(BaseCommand):
    """`manage.py unlock_user ada --reason "called me"`."""

    help = "Forget somebody's failed logins, so that they can log in at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, and why."""
        parser.add_argument("name", help="user name or e-mail address")
        parser.add_argument("--reason", default="", help="kept in the audit log")

    def handle(self, *args: Any, **options: Any) -> None:
        """Unlock."""
        try:
            user = User.objects.get_by_natural_key(options["name"])
        except User.DoesNotExist:
            raise CommandError(f"there is nobody called {options['name']}") from None
        if unlock_user(actor=None, user=user, now=now(), reason=options["reason"]):
            self.stdout.write(f"{user.username} can log in at once.")
        else:
            self.stdout.write(f"{user.username} did not have to wait.")
