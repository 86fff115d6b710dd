"""What every request of a person passes: their zone and language, and the ends of sessions."""

import zoneinfo
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.forms.sessions import kept_fields
from accounts.models import User
from accounts.queries.devices import DEVICE_COOKIE, MOST_TOKENS, device_tokens
from accounts.queries.factors import FactorDuty, duty_of
from accounts.queries.passwords import is_password_too_old
from accounts.queries.sessions import is_at_its_longest, time_left
from accounts.queries.sso import FACTOR_ELSEWHERE
from accounts.services.missing import keep_missing
from accounts.services.sessions import end_overdue, keep_form, note_use
from accounts.session_store import about
from labitory.lib.api.problems import problem_response
from labitory.lib.clock import now
from labitory.lib.formats import Formats, use_formats
from labitory.lib.http import MISSING, is_live_part
from labitory.lib.text import say_minutes

# A second factor may have to be shown before the password is changed.
_OPEN_WITH_OLD_PASSWORD = (
    "accounts:password_",
    "accounts:factor_",
    "accounts:passkey_",
    "accounts:step_up",
    "accounts:session",
    "accounts:logout",
    "app_",
)
_FORBIDDEN = 403
# The use of a session is written down this often, or more often where it may idle only shortly.
NOTE_EVERY = timedelta(minutes=5)
# What opens to somebody who owes a second factor, besides the pages to add one.
_OPEN_WITHOUT_FACTOR = frozenset(
    {
        "accounts:login",
        "accounts:logout",
        "accounts:passkey_options",
        "accounts:session_left",
        "accounts:session_stay",
        "app_icon",
        "app_manifest",
        "app_worker",
        "csp_report",
        "health_live",
        "health_ready",
    }
)


class KeptFormMiddleware:
    """Who sends a form after the session has ended logs in first and loses nothing typed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; where that leads the form's sender to the login, the form waits behind it."""
        response = self.get_response(request)
        # Our own forms carry their protection; anything else is a program's.
        is_form = request.method == "POST" and "csrfmiddlewaretoken" in request.POST
        if not is_form or not _leads_to_login(response):
            return response
        form = kept_fields(request)
        if form is None:
            return response
        keep_form(request=request, form=form, now=now())
        messages.warning(
            request,
            _("You were logged out meanwhile. What you typed is kept: log in, and send it then."),
        )
        return redirect(_login(reverse("accounts:resume")))


def _leads_to_login(response: HttpResponse) -> bool:
    """Whether the answer is that of a page for people who are logged in."""
    address = urlsplit(response.headers.get("Location", ""))
    return address.path == reverse(settings.LOGIN_URL) and "next=" in address.query


class RefusalMiddleware:
    """Keeps each 403 of somebody who is logged in that was a no to the person.

    Others are none: a form without its token, a factor that is still owed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; then keep what the page or endpoint has noted."""
        response = self.get_response(request)
        code = getattr(request, MISSING, None)
        if response.status_code == _FORBIDDEN and code is not None:
            user = request.user
            if isinstance(user, User):
                keep_missing(actor=user, code=code, path=request.path, now=now())
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Note which permission a page asked for; some refuse without one."""
        if isinstance(exception, PermissionDenied):
            # The apps below `accounts` know no more than the name of what is missing.
            setattr(request, MISSING, str(exception))


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


class SessionTimesMiddleware:
    """Ends a session that lay unused too long or is too old, and keeps when it was last used.

    An ordinary request costs no query: what is known of a session lies in its data. Use is written
    every five minutes at most; where it turns out that the session was ended elsewhere, the
    visitor is nobody from then on.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or send to the login."""
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            ended = self._look(request)
            if ended is not None:
                return ended
        return self.get_response(request)

    def _look(self, request: HttpRequest) -> HttpResponse | None:
        moment, known = now(), about(request.session)
        if known is not None and not time_left(known, moment):
            return self._end(request, "age" if is_at_its_longest(known, moment) else "idle")
        asks_only = request.path == reverse("accounts:session_left") or is_live_part(request)
        if known is None or (not asks_only and moment - known.seen_at >= _note_every()):
            note_use(request=request, now=moment)
        return None

    def _end(self, request: HttpRequest, why: str) -> HttpResponse | None:
        """End it. Pages go on as for a visitor; what was sent waits until its person is back."""
        part = bool(request.headers.get("HX-Request"))
        sent = request.method == "POST" and not request.path.startswith(_ways_in())
        form = kept_fields(request) if sent and not part else None
        end_overdue(request=request, why=why, form=form, now=now())
        if request.path.startswith("/api/"):
            return None
        messages.info(request, _say_end(why))
        if part:
            # The script of the page keeps what was typed, and goes to the login.
            page = urlsplit(request.headers.get("HX-Current-URL", "")).path
            return HttpResponse(status=204, headers={"HX-Redirect": _login(page)})
        if sent:
            return redirect(_login(reverse("accounts:resume") if form else ""))
        return None


class KnownDeviceMiddleware:
    """Gives a browser that somebody logged in with its token, in a cookie no script can read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; a new token stands before those of other accounts."""
        response = self.get_response(request)
        token = getattr(request, "new_device_token", None)
        if token is not None:
            tokens = [token, *device_tokens(request)][:MOST_TOKENS]
            response.set_cookie(
                DEVICE_COOKIE,
                ".".join(tokens),
                max_age=timedelta(days=settings.KNOWN_DEVICE_DAYS),
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response


class FactorDutyMiddleware:
    """Reminds people whose role needs a second factor; after the days of grace insists.

    Only the pages that add one open then. What it reads came together with the user.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on, with `factor_duty` for the page to show."""
        user = request.user if settings.SESSION_COOKIE_NAME in request.COOKIES else None
        duty = duty_of(user, now()) if isinstance(user, User) else None
        if duty is not None and request.session.get(FACTOR_ELSEWHERE):
            # The provider, which we trust with that, has asked for one.
            duty = None
        request.factor_duty = duty  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """Lead to the second factors what is nothing else but on the way there."""
        duty: FactorDuty | None = request.factor_duty  # type: ignore[attr-defined]
        if duty is None or not duty.is_over or _leads_to_factors(request):
            return None
        if request.path.startswith("/api/"):
            return problem_response(
                status=403, code="factor.required", title=_("Your role needs a second factor.")
            )
        return redirect("accounts:factor_list")


class PasswordAgeMiddleware:
    """Has a new password chosen before anything else, where the lab lets them grow no older."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """Lead to the change of the password what is not on the way there."""
        if not settings.PASSWORD_MAX_DAYS or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        user = request.user
        if not isinstance(user, User) or not is_password_too_old(user, now()):
            return None
        match = request.resolver_match
        if match and match.view_name.startswith(_OPEN_WITH_OLD_PASSWORD):
            return None
        if request.path.startswith("/api/"):
            title = _("Your password is too old. Choose a new one with a browser.")
            return problem_response(status=403, code="password.too_old", title=title)
        text = _("Please choose a new password: here that is due every %(days)s days.")
        messages.info(request, text % {"days": settings.PASSWORD_MAX_DAYS})
        return redirect("accounts:password_change")


def _leads_to_factors(request: HttpRequest) -> bool:
    match = request.resolver_match
    name = match.view_name if match else ""
    return name.startswith("accounts:factor_") or name in _OPEN_WITHOUT_FACTOR


def _login(back: str) -> str:
    query = urlencode({"next": back or reverse(settings.LOGIN_REDIRECT_URL)})
    return f"{reverse(settings.LOGIN_URL)}?{query}"


def _note_every() -> timedelta:
    return min(NOTE_EVERY, timedelta(minutes=settings.SESSION_IDLE_MINUTES) / 5)


def _ways_in() -> tuple[str, ...]:
    """Where a form of a visitor is nothing to be kept."""
    return (reverse("accounts:login"), reverse("accounts:logout"), "/api/")


def _say_end(why: str) -> str:
    if why == "age":
        return _("Your session ended after %(time)s. Please log in again.") % {
            "time": say_minutes(settings.SESSION_MAX_HOURS * 60)
        }
    return _("Your session ended because it was not used for %(time)s. Please log in again.") % {
        "time": say_minutes(settings.SESSION_IDLE_MINUTES)
    }
