"""The page that the service worker keeps, to be shown when there is no network."""

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from booking.forms._moments import active_zone
from booking.queries.offline import offline_bookings
from labitory.lib.clock import now as clock_now

# By these the service worker knows whose page it is, and may send what was kept.
PERSON, TOKEN = "X-Person", "X-CSRFToken"


@never_cache
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """One's bookings of today and tomorrow; for visitors, that there is no network."""
    now, user = clock_now(), request.user
    if not isinstance(user, User):
        return render(request, "booking/offline/page.html", {"now": now})
    bookings = offline_bookings(viewer=user, now=now, zone=active_zone())
    context = {"bookings": bookings, "person": user, "now": now}
    response = render(request, "booking/offline/page.html", context)
    # Who looks as another person takes none of their pages along.
    if not hasattr(request, "viewing"):
        response.headers[PERSON] = str(user.public_id)
        response.headers[TOKEN] = get_token(request)
    return response
