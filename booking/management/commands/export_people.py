"""Take the organisation and its people out as CSV files."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from booking.services.exports import all_files
from labitory.lib.clock import now


class Command(BaseCommand):
    """Writes one file a kind into a folder; import_people reads them again."""

    help = "Write units, people, groups and projects to CSV files that import_people reads."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The folder."""
        parser.add_argument("folder", type=Path, help="where to write; it is made if missing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write all files, or none where one is there already."""
        folder: Path = options["folder"]
        files = {folder / f"{kind}.csv": text for kind, text in all_files(now=now()).items()}
        if standing := [path.name for path in files if path.exists()]:
            raise CommandError(
                f"{folder} has {', '.join(standing)} already: choose another folder."
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for path, text in files.items():
                # Contact data: for nobody but who runs the command.
                with os.fdopen(
                    os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w"
                ) as sink:
                    sink.write(text)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        if options["verbosity"]:
            for path, text in files.items():
                self.stdout.write(f"{path}: {text.count(chr(10)) - 1} lines")
