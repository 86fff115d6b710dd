"""Everything between a fresh database and a served site, in one process."""

import os
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Migrates, fills, schedules and collects."""

    help = "Migrate, load demo data into an empty development lab, sync schedules, collect static."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Each step finds out by itself whether there is anything to do."""
        call_command("migrate", verbosity=0)
        call_command("sync_schedule", verbosity=0)
        if settings.DEMO_LOGINS and not os.environ.get("LABITORY_NO_DEMO"):
            call_command("load_demo", if_empty=True, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        if not settings.DEMO_LOGINS:
            # Says what is wrong with the database of a deployment; warnings stop nothing.
            call_command("check", deploy=True, tags=["database"], databases=["default"])
        self.stdout.write("Database, schedules and static files are ready.")
