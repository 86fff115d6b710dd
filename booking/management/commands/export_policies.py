"""Take limits, approvals and quotas out as YAML."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from booking.services.policy_sets import export_policies


class Command(BaseCommand):
    """Writes a file that apply_policies reads; applied at once it changes nothing."""

    help = "Write the policies in force, and the examples applied last, as YAML."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file."""
        parser.add_argument("file", type=Path, nargs="?", help="where to write; else it is shown")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or show them."""
        text = export_policies(actor=None)
        file: Path | None = options["file"]
        if file is None:
            self.stdout.write(text, ending="")
            return
        try:
            file.write_text(text)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        if options["verbosity"]:
            self.stdout.write(f"{file}: {text.count(chr(10))} lines")
