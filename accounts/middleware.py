"""Each request in its reader's own time zone and language."""

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from labitory.lib.formats import Formats, use_formats


class PreferencesMiddleware:
    """Activates the user's zone, language and formats; the lab's zone for everybody else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request under the reader's preferences."""
        zone, language, formats = settings.LAB_TIME_ZONE, "", Formats()
        # An API client carries no session: do not open one to look.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            preferences = request.user.preferences
            zone = preferences.time_zone or zone
            language = preferences.language
            formats = Formats(preferences.date_format, preferences.time_format)
        language = language or translation.get_language_from_request(request)
        with (
            timezone.override(zoneinfo.ZoneInfo(zone)),
            translation.override(language),
            use_formats(formats),
        ):
            response = self.get_response(request)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response.render()
        response.headers.setdefault("Content-Language", language)
        return response
