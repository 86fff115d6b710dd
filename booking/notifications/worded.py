"""How a kind is worded now, beside the product's words, and what a version changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from re import findall

from django.conf import settings
from django.utils import translation

from booking.models import Wording
from booking.notifications.catalogue import CATALOGUE
from booking.notifications.facts import FACTS, Fact, fact_names
from booking.notifications.outside import ROOM_TITLES
from booking.notifications.topics import TOPICS
from booking.notifications.wordings import Flaw, flaws, is_worded
from booking.queries.wordings import Place

_ALIKE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """The product's words of a kind in one language, with the facts still to come."""

    subject: str
    text: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """The words of a kind in one language: the lab's where `is_own`, else the product's.

    With `flaws` the lab's words are not used. Version 0: nobody ever changed them.
    """

    kind: str
    language: str
    version: int
    subject: str
    text: str
    is_own: bool
    shipped: Shipped
    flaws: tuple[Flaw, ...] = ()

    @property
    def facts(self) -> dict[str, Fact]:
        """What the words may name."""
        return {name: FACTS[name] for name in fact_names(self.kind)}

    @property
    def is_for_rooms(self) -> bool:
        """Whether chat rooms read them: of the kinds that rooms hear, in the lab's language."""
        return self.kind in ROOM_TITLES and self.language == settings.LANGUAGE_CODE

    @property
    def language_name(self) -> str:
        """The language in words."""
        return str(dict(settings.LANGUAGES)[self.language])


def worded(kind: str, language: str, found: Mapping[Place, Wording]) -> Worded:
    """A kind in a language, of the latest versions that were looked up."""
    entry = CATALOGUE[kind]
    with translation.override(language):
        shipped = Shipped(subject=str(entry.subject), text=str(entry.text), after=str(entry.after))
    own = found.get((kind, language))
    if own is None or not own.subject:
        subject, text, wrong = shipped.subject, shipped.text, []
    else:
        subject, text = own.subject, own.text
        wrong = flaws(kind, subject, text)
    return Worded(
        kind=kind,
        language=language,
        version=own.version if own else 0,
        subject=subject,
        text=text,
        is_own=own is not None and bool(own.subject),
        shipped=shipped,
        flaws=tuple(wrong),
    )


def worded_kinds() -> Iterator[str]:
    """Every kind that somebody reads, by topic, in the order of the pages; digests last."""
    known = [kind for topic in TOPICS for kind in topic.kinds if is_worded(kind)]
    yield from known
    yield from (kind for kind in CATALOGUE if is_worded(kind) and kind not in known)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text beside another one: kept (""), gone ("-") or new ("+")."""

    sign: str
    text: str


def compare(before: str, after: str) -> list[Piece]:
    """What became of a text, word by word; of one that is another altogether, the whole."""
    old, new = (findall(r"\S+\s*|\s+", each) for each in (before, after))
    found = SequenceMatcher(None, old, new, autojunk=False)
    if found.ratio() < _ALIKE:
        return [Piece("-", before), Piece("+", after)]
    pieces = []
    for act, a, b, c, d in found.get_opcodes():
        if act == "equal":
            pieces.append(Piece("", "".join(old[a:b])))
            continue
        if a < b:
            pieces.append(Piece("-", "".join(old[a:b])))
        if c < d:
            pieces.append(Piece("+", "".join(new[c:d])))
    return pieces
