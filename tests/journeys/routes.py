"""Every named address of the site, read from the URL configuration itself."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

# What stands in an address before an argument, and the argument's name.
Place = tuple[str, str]
_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, kw_only=True)
class Route:
    """One named address; `places` are its arguments, each with what stands before it."""

    name: str
    path: str
    places: tuple[Place, ...]

    def unknown(self, arguments: Mapping[Place, Any]) -> list[Place]:
        """The places for which nobody has given a real object."""
        return [place for place in self.places if arguments.get(place) is None]

    def address(self, arguments: Mapping[Place, Any]) -> str:
        """The address of a real object."""
        return reverse(self.name, kwargs={name: arguments[at, name] for at, name in self.places})


def named_routes() -> list[Route]:
    """All of them, in the order of the configuration."""
    return list(_walk(get_resolver(), "", ()))


def _walk(resolver: URLResolver, path: str, spaces: tuple[str, ...]) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        here = path + _plain(str(entry.pattern))
        if isinstance(entry, URLPattern):
            if entry.name:
                name = ":".join([*spaces, entry.name])
                yield Route(name=name, path=here, places=_places(here))
        else:
            yield from _walk(entry, here, (*spaces, entry.namespace) if entry.namespace else spaces)


def _plain(pattern: str) -> str:
    """A path as `path()` writes it, without converters, also where `re_path()` was used."""
    named_groups = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", pattern)
    return _ARGUMENT.sub(r"<\1>", named_groups).removeprefix("^").removesuffix("$")


def _places(path: str) -> tuple[Place, ...]:
    pieces = ["", *(piece for piece in path.split("/") if piece)]
    return tuple(
        (before, argument)
        for before, piece in pairwise(pieces)
        for argument in _ARGUMENT.findall(piece)
    )
