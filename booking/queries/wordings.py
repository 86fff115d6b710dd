"""The lab's own words for what people are told, and the versions before."""

from collections.abc import Iterable

from django.db.models import QuerySet

from booking.models import Wording

# A kind of event and a language.
Place = tuple[str, str]


def wordings_of(kinds: Iterable[str]) -> dict[Place, Wording]:
    """The latest version of each kind in each language that ever had one. One query."""
    found = (
        Wording.objects.filter(kind__in=kinds)
        .order_by("kind", "language", "-version")
        .distinct("kind", "language")
    )
    return {(each.kind, each.language): each for each in found}


def versions_of(kind: str, language: str) -> "QuerySet[Wording]":
    """All versions of one kind in one language, the latest first."""
    found = Wording.objects.filter(kind=kind, language=language)
    return found.select_related("author__preferences").order_by("-version")
