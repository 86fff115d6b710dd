"""Take over the tools, people and reservations of a NEMO installation."""

from functools import partial
from typing import Any

from booking.management.commands._imports import ImportCommand
from booking.services.imports import import_nemo
from labitory.lib.clock import now


class Command(ImportCommand):
    """Reads a fixture that `manage.py dumpdata` of NEMO wrote."""

    help = "Import tools, users, qualifications, closures and reservations of a NEMO fixture."

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and print what became of each row."""
        self.run_import(options, partial(import_nemo, now=now()))
