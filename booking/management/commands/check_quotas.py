"""Is the ledger of quotas right?"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from booking.services.quota_ledger import Difference, check_ledger
from labitory.lib.clock import now


class Command(BaseCommand):
    """Compares accounts with their lines, and lines with their bookings."""

    help = "Verify that every quota account is the sum of its lines, and these what bookings say."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One switch."""
        parser.add_argument(
            "--repair", action="store_true", help="bring it in line by lines that say so"
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Print each difference; the command fails where any is left."""
        found = check_ledger(now=now(), repair=options["repair"])
        for difference in found:
            self.stdout.write(_say(difference))
        if not found:
            self.stdout.write("The ledger adds up.")
        elif options["repair"]:
            self.stdout.write(f"{len(found)} differences repaired.")
        else:
            raise CommandError(f"{len(found)} differences: repair them with --repair.")


def _say(difference: Difference) -> str:
    against = f"booking {difference.booking}" if difference.booking else "sum of its lines"
    return (
        f"{difference.quota}, holder {difference.holder_id}, from {difference.starts_on}: "
        f"{difference.column} is {difference.is_now}, should be {difference.should_be} ({against})"
    )
