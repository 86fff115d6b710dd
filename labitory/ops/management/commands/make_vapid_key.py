"""A key with which push services know the lab."""

from typing import Any

from django.core.management.base import BaseCommand

from labitory.lib.webpush import new_private_key, public_key_of


class Command(BaseCommand):
    """Prints a fresh pair; nothing is kept."""

    help = "Print a fresh key for notices in browsers (VAPID), to be set in the environment."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """The line for the environment, and the public half, which browsers are told."""
        key = new_private_key()
        self.stdout.write(f"VAPID_PRIVATE_KEY={key}")
        self.stdout.write(f"# Public key: {public_key_of(key)}")
        self.stdout.write("# Set VAPID_CONTACT as well, such as mailto:core-facility@example.org.")
        self.stdout.write("# With another key every browser has to be added again.")
