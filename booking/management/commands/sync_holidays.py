"""Keep the public holidays of the lab's country."""

from argparse import ArgumentParser
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from booking.services.calendars import sync_holidays
from labitory.lib.clock import now

MOST_YEARS = 20


class Command(BaseCommand):
    """Writes the holidays of LAB_COUNTRY and LAB_SUBDIVISION for the years to come."""

    help = "Keep the public holidays of LAB_COUNTRY for this year and the next ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many years, this one included."""
        parser.add_argument("--years", type=int, default=3, help="how many years (default 3)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Sync and say how many were added."""
        if not 1 <= options["years"] <= MOST_YEARS:
            raise CommandError(f"--years must lie between 1 and {MOST_YEARS}.")
        moment = now()
        first = moment.astimezone(ZoneInfo(settings.LAB_TIME_ZONE)).year
        try:
            added = sync_holidays(
                country=settings.LAB_COUNTRY,
                subdivision=settings.LAB_SUBDIVISION,
                years=range(first, first + options["years"]),
                now=moment,
            )
        # What the library of holidays raises for a country that it does not know.
        except NotImplementedError as error:
            raise CommandError(f"No holidays are known for that country: {error}") from error
        if options["verbosity"]:
            self.stdout.write(f"{added} holidays added for {settings.LAB_COUNTRY}.")
