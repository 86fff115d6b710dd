"""Reading the parts of a policy file name by name; what is wrong is noted with its line."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from booking.services._policy_yaml import Block, Listing, Word, refused

MOST_WRONG = 20
_SHOWN = 60
_T = TypeVar("_T")
_D = TypeVar("_D")


class Complaints:
    """What is wrong with a text, in the order in which it was found."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def add(self, at: str, text: str) -> None:
        """Note that something is wrong at a place."""
        self.texts.append(f"{at}: {text}")

    def raise_any(self) -> None:
        """Refuse the text with the first twenty things, if anything is wrong."""
        if self.texts:
            raise refused(*self.texts[:MOST_WRONG])


class Row:
    """Names with one value each; whoever has asked for all that there can be closes it."""

    def __init__(self, content: object, path: str, wrong: Complaints) -> None:
        self.path, self.wrong = path, wrong
        self._asked: list[str] = []
        self.is_block = isinstance(content, Block)
        self._content: Block = content if isinstance(content, Block) else Block()
        self.line: int = getattr(content, "line", 1)
        if not self.is_block:
            self.complain("", _("it must be names with a value each, such as “name: value”."))

    @property
    def at(self) -> str:
        """Where it stands, for people: 'Line 7, limits 3'."""
        return say_place(self.line, self.path)

    def complain(self, name: str, text: str) -> None:
        """Note that something is wrong with one name, or with the whole."""
        value = self._content.get(name)
        path = f"{self.path}, {name}" if name and self.path else name or self.path
        self.wrong.add(say_place(getattr(value, "line", self.line), path), text)

    def has(self, name: str) -> bool:
        """Whether anything is written there."""
        return name in self._content

    def raw(self, name: str) -> Any:  # noqa: ANN401 - whatever stands there
        """What is written there, or None."""
        self._asked.append(name)
        return self._content.get(name)

    def word(self, name: str, *, most: int, needed: bool = False) -> str:
        """A word of at most so many letters; empty where there is none."""
        found = self.raw(name)
        if found is None or isinstance(found, Word):
            text = (found or "").strip()
            if len(text) <= most and (text or not needed):
                return text
        if self.is_block:
            self.complain(name, _("write a text of 1 to %(most)s letters.") % {"most": most})
        return ""

    def choice(self, name: str, known: Iterable[str], what: str, default: str = "") -> str:
        """One of the known words; without any the default."""
        word = self.word(name, most=100)
        if not word and (default or not self.has(name)):
            return default
        words = list(known)
        if word in words:
            return word
        self.complain(name, what + " " + _known(words))
        return default

    def value(self, name: str, read: Callable[[str], _T], hint: str, default: _D) -> _T | _D:
        """What a word means to its reader; without one the default."""
        word = self.raw(name)
        if word is None:
            return default
        if isinstance(word, Word):
            try:
                return read(word)
            except (ValueError, KeyError):
                shown = {"word": word[:_SHOWN], "hint": hint}
                self.complain(name, _("“%(word)s” is not understood: %(hint)s") % shown)
        else:
            self.complain(name, hint)
        return default

    def words(self, name: str, most: int) -> list[str]:
        """One word or a list of them."""
        found = self.raw(name)
        listed = found if isinstance(found, list) else [] if found is None else [found]
        if len(listed) <= most and all(isinstance(each, Word) and each.strip() for each in listed):
            return [each.strip() for each in listed]
        self.complain(name, _("write at most %(most)s words, as a list.") % {"most": most})
        return []

    def rows(self, name: str, most: int) -> "list[Row]":
        """The parts of a list, each with its number."""
        found = self.raw(name)
        if found is None or found == "":
            return []
        if not isinstance(found, Listing) or len(found) > most:
            text = _("write a list (“- …” on each line) of at most %(most)s.") % {
                "most": f"{most:,}"
            }
            self.complain(name, text)
            return []
        path = f"{self.path}, {name}" if self.path else name
        return [Row(each, f"{path} {n}", self.wrong) for n, each in enumerate(found, 1)]

    def close(self) -> None:
        """Note all names that nobody has asked for."""
        for name in sorted(self._content.keys() - set(self._asked)):
            text = _("“%(name)s” is not known here.") % {"name": name[:40]}
            self.complain(name, text + " " + _known(self._asked))


def say_place(line: int, path: str) -> str:
    """A line with what stands there, for people."""
    words = _("Line %(line)s") % {"line": line}
    return f"{words}, {path}" if path else words


def _known(words: Iterable[str]) -> str:
    return _("Known: %(words)s.") % {"words": ", ".join(dict.fromkeys(words))}
