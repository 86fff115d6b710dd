"""Asking again who somebody is before a dangerous act."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django_ratelimit.core import is_ratelimited
from django_ratelimit.exceptions import Ratelimited

from accounts.errors import AccountRefused
from accounts.forms.factors import AskForm
from accounts.models import User
from accounts.proofs import is_proved, note_proof
from accounts.queries.factors import Methods, methods_of
from accounts.services.factors import Shown, check_person
from accounts.views import _limits
from accounts.views._passkeys import take_answer
from labitory.lib.clock import now as clock_now

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
PURPOSE = "step-up"
PREFIX = "proof"
_FIRST_WAS_GET = f"{PREFIX}-again"


def step_up(view: "View[P]") -> "View[P]":
    """Ask for the second factor, or without one for the password, unless shown ten minutes ago.

    What was posted waits in the page that asks, and goes on with the proof: nothing is lost.
    """

    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        asked = ask_again(request)
        return view(request, *args, **kwargs) if asked is None else asked

    return checked


def step_up_to_write(view: "View[P]") -> "View[P]":
    """The same for acts alone: looking at the page needs no proof."""

    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        asked = ask_again(request) if request.method == "POST" else None
        return view(request, *args, **kwargs) if asked is None else asked

    return checked


def step_up_of_factor(view: "View[P]") -> "View[P]":
    """The same for acts whose form asks for the password itself: only a factor is asked for."""

    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        asked = ask_again(request, password=False) if request.method == "POST" else None
        return view(request, *args, **kwargs) if asked is None else asked

    return checked


def ask_again(request: HttpRequest, *, password: bool = True) -> HttpResponseBase | None:
    """The page that asks, or None when the person has shown it; visitors are the view's matter.

    Without `password` only those are asked who have a second factor.
    """
    user, now = request.user, clock_now()
    if not isinstance(user, User):
        return None
    methods = methods_of(user)
    is_enough = not methods and not password
    if is_enough or is_proved(request.session, needs_factor=bool(methods), now=now):
        return _go_on(request)
    form = AskForm(has_factor=bool(methods), prefix=PREFIX)
    if any(f"{PREFIX}-{name}" in request.POST for name in form.fields):
        form = AskForm(request.POST, has_factor=bool(methods), prefix=PREFIX)
        if form.is_valid() and _shows(request, user, form):
            return _go_on(request)
    return _page(request, user, form, methods)


def shown_in(request: HttpRequest, form: AskForm, purpose: str) -> Shown:
    """What the person shows in the form."""
    given, now = form.cleaned_data, clock_now()
    passkey = given.get("passkey")
    return Shown(
        code=given.get("code", ""),
        password=given.get("password", ""),
        passkey=take_answer(request, purpose, passkey, now) if passkey else None,
    )


def _shows(request: HttpRequest, user: User, form: AskForm) -> bool:
    """Check it, as often as one may try to log in; a no stands in the form."""
    if is_ratelimited(
        request, group="step-up", key="user", rate=_limits.login_rate, increment=True
    ):
        raise Ratelimited
    now = clock_now()
    try:
        kind = check_person(user=user, shown=shown_in(request, form, PURPOSE), now=now)
    except AccountRefused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.text)
        return False
    note_proof(request.session, kind=kind, now=now)
    return True


def _go_on(request: HttpRequest) -> HttpResponseBase | None:
    """On with the act, without the fields of the proof; a page that was only opened opens again."""
    if request.method != "POST" or not any(name.startswith(f"{PREFIX}-") for name in request.POST):
        return None
    if _FIRST_WAS_GET in request.POST:
        return redirect(request.get_full_path())
    request.POST = _without_proof(request)  # type: ignore[assignment]
    return None


def _page(request: HttpRequest, user: User, form: AskForm, methods: Methods) -> HttpResponse:
    was_opened = request.method != "POST" or _FIRST_WAS_GET in request.POST
    if request.FILES:
        # Files cannot wait in a page.
        was_opened = True
        form.add_error(None, _("Choose the file again afterwards.")) if form.is_bound else None
    context: dict[str, Any] = {
        "form": form,
        "methods": methods,
        "kept": [] if was_opened else list(_pairs(_without_proof(request))),
        "first_was_get": _FIRST_WAS_GET if was_opened else "",
        "files_lost": bool(request.FILES),
        "has_password": user.has_usable_password(),
        "passkey_field": f"{PREFIX}-passkey",
    }
    status = 200 if request.method != "POST" else 422
    response = render(request, "accounts/factors/step_up.html", context, status=status)
    add_never_cache_headers(response)
    if request.headers.get("HX-Request"):
        # The page takes the place of the whole, not of the part that was asked for.
        response.headers["HX-Retarget"] = response.headers["HX-Reselect"] = "#main"
        response.headers["HX-Reswap"] = "outerHTML"
    return response


def _without_proof(request: HttpRequest) -> QueryDict:
    kept = request.POST.copy()
    for name in list(kept):
        if name.startswith(f"{PREFIX}-") or name == "csrfmiddlewaretoken":
            del kept[name]
    return kept


def _pairs(kept: QueryDict) -> "list[tuple[str, str]]":
    return [(name, str(value)) for name, values in kept.lists() for value in values]
