"""The facts that words may name: what each means, and what it may look like."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking.notifications.catalogue import CATALOGUE, Audience

Text = str | Promise
NAMED_FACT = re.compile(r"%\((\w+)\)s")
# Known of every booking, whether the words of the product name them or not.
_OF_BOOKINGS = ("resource", "when", "user", "actor", "reason", "lab")
_BY_AUDIENCE: Mapping[Audience, tuple[str, ...]] = {
    Audience.PEOPLE: _OF_BOOKINGS,
    Audience.DECIDERS: _OF_BOOKINGS,
    Audience.FORMER: _OF_BOOKINGS,
    Audience.NAMED: ("actor", "lab"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: its short name in lists, what it means, and an example.

    An example is a text, or a time from now: `{"start", "end"}` and `{"at"}` in hours, `{"day"}`
    in days.
    """

    label: Text
    meaning: Text
    example: Text | Mapping[str, int]


_SOON: Mapping[str, int] = {"start": 26, "end": 28}
_LATER: Mapping[str, int] = {"start": 50, "end": 53}
FACTS: Mapping[str, Fact] = {
    "actor": Fact(_("somebody"), _("who did it; “Labitory” where time did"), "Chris Manager"),
    "alarm": Fact(_("alarm"), _("what was noticed"), _("Many failed logins")),
    "amount": Fact(_("amount"), _("by how much it changed"), _("10 hours")),
    "answer": Fact(_("answer"), _("what was answered; may be empty"), _("Sorry, not that day.")),
    "back": Fact(_("time"), _("when it is expected back, or that nobody knows"), {"at": 74}),
    "certificate": Fact(_("number"), _("the number of the certificate"), "2026-0042"),
    "count": Fact(_("number"), _("how many messages, in words"), _("3 messages")),
    "course": Fact(_("course"), _("the course"), _("Laser safety")),
    "days": Fact(_("number"), _("for how many days"), "7"),
    "device": Fact(_("device"), _("the name of the device"), _("Phone")),
    "due": Fact(_("time"), _("until when it is to be done"), {"at": 48}),
    "end": Fact(_("time"), _("when the time ends"), {"at": 1}),
    "ends": Fact(_("time"), _("when it ends"), {"at": 336}),
    "from": Fact(_("day"), _("the day with which the period begins"), {"day": 0}),
    "gives": Fact(_("amount"), _("how much it gives now"), _("10 hours a month")),
    "group": Fact(_("group"), _("the research group"), _("Cell biology")),
    "instructor": Fact(_("person"), _("who gives the training"), "Ben Academic"),
    "lab": Fact(_("lab"), _("the name of the lab"), ""),
    "left": Fact(_("number"), _("how many are left"), "7"),
    "message": Fact(_("message"), _("what was written with it; may be empty"), _("I am away.")),
    "minutes": Fact(_("number"), _("for how many minutes the link works"), "60"),
    "n": Fact(_("number"), _("how many"), "2"),
    "place": Fact(_("place"), _("where it takes place; may be empty"), _("Room 1.07")),
    "provider": Fact(_("provider"), _("where the login is"), _("University")),
    "quota": Fact(_("name"), _("the name of the quota"), _("Beam time")),
    "reason": Fact(_("reason"), _("the reason that was given; may be empty"), _("laser exchange")),
    "renews": Fact(_("day"), _("the day on which something is free again"), {"day": 10}),
    "resource": Fact(_("instrument"), _("the instrument, or several"), _("Confocal microscope")),
    "rest": Fact(_("amount"), _("how much is left"), _("2 hours")),
    "role": Fact(_("role"), _("the role"), _("Lab manager")),
    "scope": Fact(_("place"), _("for which instruments"), _("everywhere")),
    "severity": Fact(_("severity"), _("how bad it is"), _("High")),
    "since": Fact(_("time"), _("since when"), {"at": -1}),
    "start": Fact(_("time"), _("when the time begins"), {"at": 1}),
    "state": Fact(_("state"), _("how far it has come"), _("In progress")),
    "step": Fact(_("step"), _("the step that was confirmed"), _("Introduction")),
    "text": Fact(_("text"), _("what was written"), _("Please leave room 1.07 at once.")),
    "taken": Fact(_("amount"), _("how much is booked or used"), _("8 hours")),
    "then": Fact(_("time"), _("the time of the other booking"), _LATER),
    "title": Fact(_("title"), _("its title"), _("Laser off")),
    "until": Fact(_("time"), _("until when"), {"at": 24}),
    "user": Fact(_("person"), _("whom it is about"), "Ada Student"),
    "wanted": Fact(_("instrument"), _("the instrument of the other booking"), _("Spectrometer")),
    "was": Fact(_("time"), _("the time it had before"), _SOON),
    "was_on": Fact(_("instrument"), _("the instrument it was on"), _("Spectrometer")),
    "when": Fact(_("time"), _("from when until when, in the reader's zone"), _SOON),
    "where": Fact(_("place"), _("where the role counts"), _("everywhere")),
}
# Where a kind means a day by what is elsewhere a moment.
_DAYS = {("assessment.ends", "ends"), ("training.ending", "until")}


def fact_names(kind: str) -> tuple[str, ...]:
    """What the words of a kind may name: what the product's own words name, and what is always
    known."""
    entry = CATALOGUE[kind]
    own = NAMED_FACT.findall(f"{entry.subject} {entry.text} {entry.after}")
    known = _BY_AUDIENCE.get(entry.audience, ("lab",))
    return tuple(dict.fromkeys((*own, *known)))


def example_facts(kind: str, now: datetime) -> dict[str, Any]:
    """Facts as an event of the kind brings them, made up."""
    return {name: _example(kind, name, now) for name in fact_names(kind) if name != "lab"}


def _example(kind: str, name: str, now: datetime) -> Any:  # noqa: ANN401 - JSON
    example = FACTS[name].example
    if not isinstance(example, Mapping):
        return str(example)
    hour = now.replace(minute=0, second=0, microsecond=0)
    if (kind, name) in _DAYS:
        return {"day": (hour + timedelta(hours=example["at"])).date().isoformat()}
    return {
        word: (hour + timedelta(days=number)).date().isoformat()
        if word == "day"
        else (hour + timedelta(hours=number)).isoformat()
        for word, number in example.items()
    }
