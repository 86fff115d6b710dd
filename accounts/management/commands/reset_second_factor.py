"""Take the second factors of somebody away, by whoever has a shell on the server."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.errors import AccountRefused
from accounts.queries.people import meant_person
from accounts.services.factor_resets import reset_factors
from labitory.lib.clock import now


class Command(BaseCommand):
    """The way out when nobody is left to agree to a reset; audited, and the owner hears of it."""

    help = "Removes all second factors, backup codes and trusted browsers of a person."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, and why."""
        parser.add_argument("user", help="user name or e-mail address")
        parser.add_argument("--reason", required=True, help="the owner and the audit log read it")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Find the person and reset."""
        user = meant_person(options["user"])
        if user is None:
            raise CommandError(f"nobody is called {options['user']!r}")
        try:
            reset_factors(user=user, reason=options["reason"], now=now())
        except AccountRefused as refusal:
            raise CommandError(refusal.text) from refusal
        self.stdout.write(f"{user.username} logs in with the password alone from now on.")
