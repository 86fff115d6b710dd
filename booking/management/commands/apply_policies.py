"""Make limits, approvals and quotas what a YAML file says."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from booking.errors import BookingError
from booking.services.policy_sets import apply_policies, preview_policies
from labitory.lib.clock import now


class Command(BaseCommand):
    """Tests the examples of a file, says what it changes, and applies it as the next version."""

    help = "Apply a file of policies as export_policies writes it; all its examples must hold."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, who answers for it, and whether to look only."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--by", metavar="USERNAME", help="who applies it; needed to apply")
        parser.add_argument("--dry-run", action="store_true", help="say what it would change only")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, and apply unless that is all that was asked."""
        file: Path = options["file"]
        try:
            text = file.read_text()
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{file}: this is no text in UTF-8") from error
        try:
            self._handle(text, options)
        except BookingError as error:
            raise CommandError("\n".join(each.text for each in error.refusals)) from error

    def _handle(self, text: str, options: dict[str, Any]) -> None:
        found = preview_policies(actor=None, text=text, now=now())
        for sentence in found.changes or ["Nothing changes."]:
            self.stdout.write(sentence)
        if found.failing:
            raise CommandError("\n".join(found.failing))
        self.stdout.write(f"{found.examples} examples hold.")
        if options["dry_run"]:
            return
        actor = User.objects.filter(username=options["by"] or "", is_active=True).first()
        if actor is None:
            raise CommandError("Say with --by whose act it is: the name of an open account.")
        made = apply_policies(actor=actor, text=text, now=now(), seen=found.seen)
        self.stdout.write(f"Applied as version {made.version}." if made else "All was so already.")
