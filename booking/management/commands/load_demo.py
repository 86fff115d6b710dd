"""Fill a development lab with demo data."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from booking.errors import ActionRefused
from booking.services.demo import load_demo
from labitory.lib.clock import now


class Command(BaseCommand):
    """Loads the demonstration; only where demo logins work."""

    help = "Load about 40 instruments, 60 people and three months of bookings (development only)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One switch: do nothing to a lab that has resources already."""
        parser.add_argument(
            "--if-empty", action="store_true", help="leave a lab with resources as it is"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say what was made."""
        try:
            made = load_demo(now=now(), if_empty=options["if_empty"])
        except ActionRefused as error:
            raise CommandError(str(error.refusals[0].text)) from error
        if not options["verbosity"]:
            return
        if made.instruments:
            self.stdout.write(
                f"{made.instruments} instruments, {made.people} people, {made.bookings} bookings."
            )
        else:
            self.stdout.write("This lab has resources already: nothing was loaded.")
