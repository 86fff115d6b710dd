"""Copy the schedules into the database, where administrators may change them."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from booking.services.schedules import sync_schedules


class Command(BaseCommand):
    """Adds what is new; never overwrites what an administrator changed."""

    help = "Add new periodic tasks to the database schedule; existing ones stay as they are."

    def handle(self, *args: Any, **options: Any) -> None:
        """Sync and say how many were added."""
        wanted: dict[str, tuple[Any, Any]] = {
            name: (entry["task"], entry["schedule"])
            for name, entry in settings.BEAT_SCHEDULE.items()
        }
        added = sync_schedules(wanted)
        if options["verbosity"]:
            self.stdout.write(f"{added} periodic tasks added, {len(wanted) - added} known.")
