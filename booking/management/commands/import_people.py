"""Take over the organisation and its people from CSV files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from booking.management.commands._imports import ImportCommand
from booking.services.imports import BadRow, import_people
from labitory.lib.clock import now


class Command(ImportCommand):
    """Reads files with header rows; docs/recipes/import-your-lab.md names the columns."""

    help = "Import units, people, groups and projects from CSV files, all or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The files and the switch."""
        parser.add_argument("files", type=Path, nargs="+", help="the files to read")
        parser.add_argument(
            "--dry-run", action="store_true", help="print what would change, change nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and print what became of each row; a bad one refuses everything."""
        self.require_tables()
        try:
            files = [(path.name, path.read_bytes()) for path in options["files"]]
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        try:
            report = import_people(files=files, now=now(), dry_run=options["dry_run"])
        except BadRow as error:
            raise CommandError(str(error)) from error
        self.print_report(report, options)
        if report.bad:
            raise CommandError(f"{len(report.bad)} bad rows: nothing was written. Correct them.")
