"""Whether scheduler and workers run: for monitoring, by exit code."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from booking.queries.watching import open_incidents, workers
from labitory.lib.clock import now


class Command(BaseCommand):
    """Exits with 0 when all queues were heard of within three minutes, else with 1."""

    help = "Say whether scheduler and workers run; the exit code is 1 when one of them does not."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each queue, and what else is wrong."""
        found = workers(now=now())
        for each in found.queues:
            heard = each.heard_at.isoformat(timespec="seconds") if each.heard_at else "never"
            length = "?" if each.waiting is None else each.waiting
            state = "late" if each.is_late else "ok"
            self.stdout.write(f"{each.name}: {state}, heard of {heard}, {length} waiting")
        self.stdout.write(f"scheduler: {'late' if found.scheduler_is_late else 'ok'}")
        if not found.broker:
            self.stdout.write("broker: does not answer")
        incidents = open_incidents()
        for incident in incidents:
            self.stdout.write(
                f"since {incident.began_at.isoformat(timespec='seconds')}: {incident}"
            )
        if not found.is_well:
            raise CommandError("scheduler or workers are late")
