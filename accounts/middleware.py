"""Each request in its reader's own time zone and language; forms outlive their session."""

import zoneinfo
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone, translation

from accounts.views._kept import keep_form
from accounts.views.sessions import ask_to_log_in
from labitory.lib.formats import Formats, use_formats


class KeptFormMiddleware:
    """Who sends a form after the session has ended logs in first and loses nothing typed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; where that sends the form's sender to the login page, show it around the form."""
        response = self.get_response(request)
        if request.method == "POST" and _leads_to_login(response):
            kept = keep_form(request)
            return ask_to_log_in(request, kept) if kept else response
        return response


def _leads_to_login(response: HttpResponse) -> bool:
    """Whether the answer is that of a page for people who are logged in."""
    address = urlsplit(response.headers.get("Location", ""))
    return address.path == resolve_url(settings.LOGIN_URL) and "next=" in address.query


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
