"""Read mail that came back."""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from booking.services.bounces import receive_bounce
from labitory.lib.clock import now

# Longer ones return whole files; what counts stands before them.
MOST_BYTES = 1_000_000
SEEN = "S"


class Command(BaseCommand):
    """Takes one mail from the standard input, or all that are new in a Maildir."""

    help = "Read mails that came back, from standard input or a Maildir, and stop dead addresses."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where the mails are."""
        parser.add_argument("--maildir", help="a Maildir; read mails are marked as seen in it")

    def handle(self, *_args: object, **options: Any) -> None:
        """Read them, and say how many were reports on mails of ours.

        What cannot be kept now ends with 75: mail servers then try again later.
        """
        read = believed = 0
        try:
            for raw in _mails(options["maildir"]):
                read += 1
                believed += receive_bounce(raw=raw, now=now())
        except DatabaseError as error:
            raise CommandError(
                f"Not kept, try again: {error}", returncode=os.EX_TEMPFAIL
            ) from error
        if options["verbosity"] and options["maildir"]:
            self.stdout.write(f"{read} mails read, {believed} of them on mails of ours.")


def _mails(maildir: str | None) -> Iterator[bytes]:
    if maildir is None:
        yield sys.stdin.buffer.read(MOST_BYTES)
        return
    box = Path(maildir)
    if not (box / "new").is_dir() or not (box / "cur").is_dir():
        raise CommandError(f"{maildir} is no Maildir: it has no new and cur.")
    for path in sorted([*(box / "new").iterdir(), *(box / "cur").iterdir()]):
        name, _comma, flags = path.name.partition(":2,")
        if SEEN in flags or not path.is_file():
            continue
        with path.open("rb") as mail:
            yield mail.read(MOST_BYTES)
        # Only once it was kept: whoever is interrupted reads it again.
        path.rename(box / "cur" / f"{name}:2,{''.join(sorted(set(flags + SEEN)))}")
