"""Say what concerned the safety of accounts lately."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.queries.security import SecurityReport, security_report
from audit.security_kinds import kind_words
from labitory.lib.clock import now

_LONGEST = 3650


class Command(BaseCommand):
    """Prints the security events of the last days in figures."""

    help = "Print the security events of the last days in figures (--days 30, --json for programs)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How far back, and for whom."""
        parser.add_argument("--days", type=int, default=30)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it."""
        days = options["days"]
        if not 1 <= days <= _LONGEST:
            raise CommandError(f"--days must be between 1 and {_LONGEST}")
        report = security_report(now=now(), days=days)
        if options["json"]:
            self.stdout.write(json.dumps(asdict(report), default=str, indent=2))
        else:
            self._print(report, days)

    def _print(self, report: SecurityReport, days: int) -> None:
        self.stdout.write(f"Security events of the last {days} days")
        self._rows("By severity", list(report.severities.items()))
        kinds = [(f"{kind} ({kind_words(kind)})", n) for kind, n in report.kinds.items()]
        self._rows("By kind", kinds)
        self._rows("Accounts that logins failed for", report.failing_accounts)
        self._rows("Addresses that logins failed from", report.failing_addresses)
        self.stdout.write(f"\nAlarms raised: {report.alerts_raised}")
        self.stdout.write(f"Alarms nobody has handled: {len(report.alerts_open)}")
        for alert in report.alerts_open:
            self.stdout.write(f"  {alert}")

    def _rows(self, title: str, rows: list[tuple[str, int]]) -> None:
        self.stdout.write(f"\n{title}:")
        for name, number in rows:
            self.stdout.write(f"  {number:>8}  {name}")
        if not rows:
            self.stdout.write("         0  none")
