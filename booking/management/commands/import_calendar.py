"""Take entries of a calendar file over as bookings or closures of a resource."""

from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.core.management.base import CommandError

from accounts.models import User
from accounts.queries.people import meant_person
from booking.errors import NotAllowed
from booking.management.commands._imports import ImportCommand
from booking.models import Resource
from booking.services.imports import Report, import_calendar
from labitory.lib.clock import now


class Command(ImportCommand):
    """Reads an .ics file; asks the same rules as the page, in somebody's name."""

    help = "Import entries of a calendar file (.ics) as bookings of a person, or as closures."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, on what, in whose name, and for whom."""
        super().add_arguments(parser)
        parser.add_argument("--resource", required=True, help="its short code or its name")
        parser.add_argument("--as", dest="actor", required=True, help="who takes it over")
        parser.add_argument("--for", dest="user", help="whose bookings; without it, closures")
        parser.add_argument("--override", default="", help="the reason for overriding rules")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and print what became of each entry."""
        self.require_tables()
        resource = self._resource(options["resource"])
        actor = self._person(options["actor"])
        user = self._person(options["user"]) if options["user"] else None

        def service(*, skip_bad: bool, **how: Any) -> Report:
            return import_calendar(takes_part=skip_bad, **how)

        wanted = partial(
            service,
            actor=actor,
            user=user,
            resource_id=resource.public_id,
            override=options["override"],
            now=now(),
        )
        try:
            self.run_import(options, wanted)
        except NotAllowed as error:
            raise CommandError(" ".join(no.text for no in error.refusals)) from error

    def _resource(self, word: str) -> Resource:
        found = Resource.objects.filter(code=word) | Resource.objects.filter(name__iexact=word)
        resource = found.first()
        if resource is None:
            raise CommandError(f"There is no resource {word}.")
        return resource

    def _person(self, word: str) -> User:
        person = meant_person(word)
        if person is None:
            raise CommandError(f"Nobody is known as {word}.")
        return person
