"""Take over what people have learnt from a CSV file."""

from functools import partial
from typing import Any

from booking.management.commands._imports import ImportCommand
from booking.services.imports import import_training
from labitory.lib.clock import now


class Command(ImportCommand):
    """Reads a file with a header row; docs/recipes/import-your-lab.md names the columns."""

    help = "Import past training records from a CSV file with a header row."

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and print what became of each row."""
        self.run_import(options, partial(import_training, now=now()))
