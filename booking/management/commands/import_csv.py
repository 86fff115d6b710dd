"""Take over resources, users or bookings from a CSV file."""

from argparse import ArgumentParser
from functools import partial
from typing import Any

from booking.management.commands._imports import ImportCommand
from booking.services.imports import CSV_COLUMNS, import_csv
from labitory.lib.clock import now


class Command(ImportCommand):
    """Reads a file with a header row; docs/recipes/import-your-lab.md names the columns."""

    help = "Import resources, users or bookings from a CSV file with a header row."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What the file holds, before the file itself."""
        parser.add_argument("kind", choices=sorted(CSV_COLUMNS), help="what the file holds")
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and print what became of each row."""
        self.run_import(options, partial(import_csv, kind=options["kind"], now=now()))
