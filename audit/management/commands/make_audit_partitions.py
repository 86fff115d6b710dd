"""`manage.py make_audit_partitions`: the months of the audit log, ahead of time."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit.services.partitions import make_partitions
from labitory.lib.clock import now


class Command(BaseCommand):
    """Makes the missing partitions of this month and the next ones."""

    help = "Make the partitions of the audit log for this month and the next ones."

    def add_arguments(self, parser: CommandParser) -> None:
        """How far ahead."""
        parser.add_argument("--months", type=int, default=3, choices=range(25), metavar="0..24")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them and name them."""
        made = make_partitions(now=now(), months_ahead=options["months"])
        self.stdout.write(f"Made: {', '.join(made)}" if made else "All partitions are there.")
