"""While somebody looks as another: the pages are the other's, the acts are refused."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import can_view_as
from accounts.queries.roles import viewed_person
from accounts.services.view_as import end_view_as
from accounts.view_as.state import KEY, Viewing, forget_viewing, kept_viewing
from audit.context import really_by
from labitory.lib.api.problems import problem_response
from labitory.lib.clock import now

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# These are always the real person's: the ways out, and how long the session lasts.
WAYS_OUT = frozenset(
    {
        "accounts:view_as_end",
        "accounts:logout",
        "accounts:session_left",
        "accounts:session_stay",
    }
)
# Of the account's own pages only these open: the others show secrets, or change them.
OPEN_ACCOUNT_PAGES = frozenset(
    {"accounts:may", "accounts:permissions", "accounts:group_mine", "accounts:group_detail"}
)
CLOSED = frozenset({"accounts", "admin"})
CLOSED_ADDRESSES = ("/api/v1/auth/",)


class ViewAsMiddleware:
    """Turns the reader into the person as whom they look. Costs no query while nobody does.

    Zone, language and session stay those of the person who really looks; so does the actor of
    every audit record.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as the other person, or refuse."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or KEY not in request.session:
            return self.get_response(request)
        moment = now()
        viewing = _viewing(request, moment)
        if viewing is None:
            if request.method in SAFE:
                return self.get_response(request)
            # What was sent was sent as somebody else: it is not done as oneself.
            return _refuse(request)
        name, space = _named(request)
        if name in WAYS_OUT:
            return self.get_response(request)
        request.viewing = viewing  # type: ignore[attr-defined]
        is_closed = name not in OPEN_ACCOUNT_PAGES and (
            space in CLOSED or request.path.startswith(CLOSED_ADDRESSES)
        )
        with really_by(viewing.actor):
            request.user = viewing.user
            if request.method not in SAFE or is_closed:
                response = _refuse(request)
            else:
                response = self.get_response(request)
        add_never_cache_headers(response)
        return response


def _viewing(request: HttpRequest, moment: datetime) -> Viewing | None:
    """Who looks as whom, if that may go on; what may not is ended here."""
    kept, actor = kept_viewing(request.session), request.user
    if kept is None or not isinstance(actor, User):
        forget_viewing(request.session)
        return None
    user = viewed_person(kept[0])
    if user is not None and moment < kept[1] and can_view_as(actor, user):
        return Viewing(actor=actor, user=user, until=kept[1])
    forget_viewing(request.session)
    if user is not None:
        end_view_as(actor=actor, user=user, now=moment, reason="time" if moment >= kept[1] else "")
    messages.info(request, _("You look at the pages as yourself again."))
    return None


def _named(request: HttpRequest) -> tuple[str, str]:
    """The name of the page, and of the part of the site it belongs to."""
    try:
        found = resolve(request.path_info)
    except Resolver404:
        return "", ""
    return found.view_name, found.namespaces[0] if found.namespaces else ""


def _refuse(request: HttpRequest) -> HttpResponse:
    """403: nothing is done, and nothing secret is shown, in another's name."""
    if request.path.startswith("/api/"):
        title = "You look as another person: nothing is changed in their name."
        return problem_response(status=403, code="view_as.read_only", title=title)
    return render(request, "accounts/view_as/refused.html", status=403)
