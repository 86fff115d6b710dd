"""What the import commands share: reading the file, printing the report."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from booking.services.imports import BadRow, Report, RowOutcome


class ImportCommand(BaseCommand):
    """Reads a file, calls one service, prints what became of each row."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file and the two switches."""
        parser.add_argument("file", type=Path, help="the file to read")
        parser.add_argument(
            "--dry-run", action="store_true", help="print what would change, change nothing"
        )
        parser.add_argument(
            "--skip-bad",
            action="store_true",
            help="leave bad rows out; without this, one bad row refuses the whole file",
        )

    def run_import(self, options: dict[str, Any], service: Callable[..., Report]) -> None:
        """Run the service on the file; bad rows end the command with an error."""
        self.require_tables()
        path: Path = options["file"]
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        try:
            report = service(
                content=content,
                source=path.name,
                dry_run=options["dry_run"],
                skip_bad=options["skip_bad"],
            )
        except BadRow as error:
            raise CommandError(f"{path.name}: {error}") from error
        self.print_report(report, options)
        if report.bad and not options["skip_bad"]:
            raise CommandError(
                f"{len(report.bad)} bad rows: nothing was written. Correct them, or leave them "
                "out with --skip-bad."
            )

    def require_tables(self) -> None:
        """Refuse a database that was never migrated."""
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CommandError("The database lacks tables: run the command `migrate` first.")

    def print_report(self, report: Report, options: dict[str, Any]) -> None:
        """One line a row that is worth one, and the sums."""
        shown = set(RowOutcome)
        if options["verbosity"] < 2:  # noqa: PLR2004 - -v 2 tells everything
            shown.discard(RowOutcome.UNCHANGED)
        for line in report.lines:
            if line.outcome in shown and options["verbosity"]:
                detail = f" ({line.detail})" if line.detail else ""
                self.stdout.write(f"{line.outcome:<9} {line.kind}: {line.name}{detail}")
        for note in report.notes if options["verbosity"] else ():
            self.stdout.write(note)
        for kind, counts in report.counts().items():
            told = ", ".join(
                f"{counts[outcome]} {outcome}" for outcome in RowOutcome if counts[outcome]
            )
            self.stdout.write(f"{kind}: {told}")
        self.stdout.write(
            f"{report.source}: written." if report.is_written else f"{report.source}: not written."
        )
