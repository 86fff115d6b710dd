"""The catalogue knows every event that is posted, and every event in it is handled."""

import re
from pathlib import Path

import pytest

from booking.handlers import HANDLERS
from booking.notifications.catalogue import CATALOGUE, Audience, EventKind
from booking.notifications.facts import FACTS
from booking.notifications.reference import events_reference

ROOT = Path(__file__).resolve().parents[3]
VALUES = {"resource", "when", "actor", "user", "reason"}
# What services tell of an account besides.
ACCOUNT_VALUES = {"lab", "minutes", "device", "left", "group", "role", "where", "provider", "alarm"}
POSTED = re.compile(r"post_(?:booking_event|event|notice)\(\s*(?:kind=)?\"([a-z_.]+)\"")


def sources() -> str:
    """All that posts events."""
    paths = [*ROOT.glob("booking/services/**/*.py"), ROOT / "booking/receivers.py"]
    paths += [*ROOT.glob("accounts/services/*.py"), ROOT / "accounts/receivers.py"]
    return "".join(path.read_text(encoding="utf-8") for path in paths)


def test_every_kind_has_handlers_and_the_other_way_round() -> None:
    # Open pages hear of all.
    assert set(HANDLERS) == set(CATALOGUE)
    assert all(HANDLERS.values())


def test_what_is_posted_is_in_the_catalogue_and_the_other_way_round() -> None:
    posted = set(POSTED.findall(sources()))
    assert len(posted) > 3
    assert posted <= set(CATALOGUE)
    assert [name for name in CATALOGUE if f'"{name}"' not in sources()] == []


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=list(CATALOGUE))
def test_words_ask_for_values_that_exist(kind: EventKind) -> None:
    known = VALUES | (ACCOUNT_VALUES if kind.audience is Audience.ACCOUNT else set())
    if kind.audience is Audience.DIGEST:
        known = {"lab", "count"}
    for text in (kind.subject, kind.text, kind.after):
        asked = set(re.findall(r"%\((\w+)\)s", str(text)))
        if kind.audience in (Audience.NAMED, Audience.FOLLOWERS):
            # Who posts it brings the facts; its own tests read the finished words.
            known = asked
        assert asked <= known
        assert str(text) % dict.fromkeys(known, "x") or not text


@pytest.mark.parametrize(("name", "kind"), CATALOGUE.items())
def test_calendar_files_go_with_mails_to_the_people(name: str, kind: EventKind) -> None:
    assert kind.calendar in {"", "REQUEST", "CANCEL"}
    # Who wants to be reminded says so; a code comes to the number that it proves.
    is_silent = name == "booking.upcoming" or kind.channel != "email"
    assert kind.mail or kind.notice or is_silent or kind.audience is Audience.NOBODY
    if kind.calendar:
        assert kind.mail
        assert kind.audience in {Audience.PEOPLE, Audience.FORMER}
    assert (kind.audience is Audience.ACCOUNT) == name.startswith("account.")


def test_document_is_the_catalogue() -> None:
    written = (ROOT / "docs/events.md").read_text(encoding="utf-8")
    assert written.endswith(events_reference())
    assert written.count("\n| `") == len(CATALOGUE) + len(FACTS)
