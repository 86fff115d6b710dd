"""Write the generated references."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from labitory.ops.references import REFERENCES


class Command(BaseCommand):
    """Writes docs/ anew from the code."""

    requires_system_checks: list[str] = []
    help = "Write the generated references under docs/ (rules, settings, commands, events)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write each file and say so."""
        for name, make in REFERENCES.items():
            (Path(settings.BASE_DIR) / "docs" / name).write_text(make(), encoding="utf-8")
            self.stdout.write(f"docs/{name}")
