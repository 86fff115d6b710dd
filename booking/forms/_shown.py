"""Which bookings a page listed when something was confirmed on it."""

from uuid import UUID

from django.http import QueryDict


def shown_ids(data: QueryDict) -> frozenset[UUID]:
    """The bookings that the posted page listed, by its hidden field; nonsense names none."""
    found = set()
    for each in data.get("shown", "").split(","):
        try:
            found.add(UUID(each))
        except ValueError:
            continue
    return frozenset(found)
