"""The words of a kind as the lab says them, else as the product does; and what they may say."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import structlog
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from booking.models import Wording
from booking.notifications.catalogue import CATALOGUE, Audience
from booking.notifications.facts import fact_names
from booking.notifications.words import one_line
from booking.queries.wordings import Place, wordings_of

logger = structlog.get_logger(__name__)

LONGEST = {"subject": 200, "text": 4000}
# So that no text of a few lines becomes a book.
MOST_FACTS = 30
_PART = re.compile(r"%%|%\((\w+)\)s|%")
# They turn the order of what follows: words would not be read as they were checked.
_TURNING = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a text cannot be used: its field, a stable code, and what to do about it."""

    field: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a kind with its facts in them."""

    subject: str
    text: str
    after: str


class Wordings:
    """The lab's own words of some kinds: looked up in one query when the first is needed."""

    def __init__(self, kinds: Iterable[str], found: Mapping[Place, Wording] | None = None) -> None:
        self._kinds = set(kinds)
        if found is not None:
            self._found = found

    @cached_property
    def _found(self) -> Mapping[Place, Wording]:
        return wordings_of(self._kinds)

    def say(self, kind: str, values: Mapping[str, Any], *, is_own: bool = False) -> Said:
        """The words of a kind in the language in force; `is_own` where people act on their own.

        What cannot be said in the lab's words is said in the product's: no message waits for
        somebody to correct a text.
        """
        entry = CATALOGUE[kind]
        subject = one_line(str(entry.subject) % values)
        words = entry.own if is_own and entry.own else entry.text
        text, after = str(words) % values, str(entry.after) % values
        if (said := self.say_own(kind, lambda: values)) is not None:
            return Said(said[0] or subject, said[1], after.strip())
        return Said(subject, text.strip(), after.strip())

    def say_own(self, kind: str, values: Callable[[], Mapping[str, Any]]) -> tuple[str, str] | None:
        """The lab's own subject and text in the language in force; the facts are asked for then.

        None where there are none, or where they cannot be said with these facts.
        """
        own = self._found.get((kind, get_language() or ""))
        if own is None or not own.subject:
            return None
        said = _own_words(own, values())
        if said is None:
            logger.warning(
                "wording.unusable", kind=kind, language=own.language, version=own.version
            )
        return said


# What the product says, wherever nothing else shall be looked up.
SHIPPED = Wordings((), {})


def is_worded(kind: str) -> bool:
    """Whether somebody reads the words of a kind; codes for telephones make their own."""
    entry = CATALOGUE.get(kind)
    return entry is not None and entry.audience is not Audience.NOBODY and entry.channel == "email"


def flaws(kind: str, subject: str, text: str) -> list[Flaw]:
    """All that is wrong with words of a kind; an empty list for words that can be used."""
    found = [*_text_flaws(kind, "subject", subject), *_text_flaws(kind, "text", text)]
    if "\n" in subject:
        found.append(Flaw("subject", "wording.lines", _("A subject is one line.")))
    return found


def tidied(text: str) -> str:
    """A text as it is kept: lines end as everywhere here, nothing hangs over at its ends."""
    return text.replace("\r\n", "\n").strip()


def _own_words(own: Wording, values: Mapping[str, Any]) -> tuple[str, str] | None:
    if flaws(own.kind, own.subject, own.text):
        return None
    try:
        return one_line(own.subject % values), (own.text % values).strip()
    except KeyError:
        # An event of before the fact was known.
        return None


def _text_flaws(kind: str, field: str, text: str) -> Iterator[Flaw]:
    if not text.strip():
        yield Flaw(field, "wording.empty", _("Write something, or go back to the first words."))
    if len(text) > LONGEST[field]:
        yield Flaw(
            field,
            "wording.long",
            _("At most %(n)d letters; these are %(found)d.")
            % {"n": LONGEST[field], "found": len(text)},
        )
    if any(_is_control(letter) for letter in text):
        yield Flaw(field, "wording.control", _("There are control characters in it: type it anew."))
    parts = [(found[0], found[1]) for found in _PART.finditer(text)]
    if ("%", None) in parts:
        yield Flaw(
            field,
            "wording.percent",
            _("A percent sign is written twice (%%%%), or begins a fact such as %(example)s.")
            % {"example": f"%({fact_names(kind)[0]})s"},
        )
    named = [name for _part, name in parts if name]
    if unknown := sorted(set(named) - set(fact_names(kind))):
        yield Flaw(
            field,
            "wording.unknown_fact",
            _("It knows nothing of %(names)s; choose from the facts listed here.")
            % {"names": ", ".join(unknown)[:200]},
        )
    if len(named) > MOST_FACTS:
        text = _("It names facts %(n)d times; at most %(most)d.")
        yield Flaw(field, "wording.many_facts", text % {"n": len(named), "most": MOST_FACTS})


def _is_control(letter: str) -> bool:
    return letter != "\n" and (unicodedata.category(letter) in {"Cc", "Cs"} or letter in _TURNING)
