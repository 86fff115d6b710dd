"""The counts in the navigation of every page."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from booking.queries.navigation import navigation_counts as counts_for
from labitory.lib.clock import now as clock_now


def navigation_counts(request: HttpRequest) -> dict[str, object]:
    """Template context: what waits for this reader. Nothing for visitors."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav_counts": {}}
    # The parts that a page asks for by itself show none of them.
    return {
        "nav_counts": SimpleLazyObject(lambda: counts_for(viewer=user, now=clock_now())),
    }
