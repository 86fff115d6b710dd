"""How many of some people each channel would reach."""

from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import User
from booking.notifications.channels import PERSONAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How many people an announcement is for, and how many of them each channel reaches."""

    people: int
    channels: tuple[tuple[str, int], ...]


def reach_of(people: "QuerySet[User]") -> Reach:
    """How many they are, and how many each channel that is set up reaches; a query a channel."""
    ready = [each for each in PERSONAL.values() if each.is_ready()]
    relations = [name for each in ready for name in each.relations]
    found = list(people.prefetch_related(*relations))
    return Reach(
        people=len(found),
        channels=tuple(
            (str(each.label), sum(each.reaches(person) for person in found)) for each in ready
        ),
    )
