"""Encrypt everything under the first of the field keys."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.services.field_keys import Rotated, rotate_keys
from labitory.lib.clock import now
from labitory.lib.crypto import key_names


class Command(BaseCommand):
    """Run it after a new key was put in front of `FIELD_KEYS`, and before the old one goes."""

    help = "Encrypts every value that is not under the first key of FIELD_KEYS anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether to write."""
        parser.add_argument("--dry-run", action="store_true", help="count, change nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Rotate, tell how far it is, and fail when something cannot be opened."""
        found = rotate_keys(now=now(), dry_run=options["dry_run"], tell=self._tell)
        moved, unreadable = sum(c.moved for c in found), sum(c.unreadable for c in found)
        verb = "would move" if options["dry_run"] else "moved"
        self.stdout.write(f"{verb} {moved} values to the key {key_names()[0]!r}.")
        if unreadable:
            raise CommandError(f"{unreadable} values are under a key that is not in FIELD_KEYS")

    def _tell(self, column: Rotated) -> None:
        parts = [f"{column.column}: {column.moved} values"]
        if column.changed_meanwhile:
            parts.append(f"{column.changed_meanwhile} changed by somebody else meanwhile")
        if column.unreadable:
            parts.append(f"{column.unreadable} cannot be opened")
        self.stdout.write(", ".join(parts))
