"""The words in which people are told, as administrators write them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from re import fullmatch
from typing import cast

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import needs
from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.forms.wordings import VersionForm, WordingForm
from booking.models import Wording
from booking.notifications.previews import Preview, preview_of
from booking.notifications.topics import TOPICS, say_kind
from booking.notifications.worded import Piece, Worded, compare, worded, worded_kinds
from booking.notifications.wordings import Wordings, flaws, is_worded, tidied
from booking.queries.wordings import versions_of, wordings_of
from booking.services.wordings import CODE, reset_wording, restore_wording, write_wording
from booking.views._pages import page_of, reader, say_error
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 20
# How long the mail of a look can be opened beside it.
LOOK_SECONDS = 3600
STALE = 409
_Decorator = Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]
# The editor shows a mail within itself; a mail brings its own style, and may do nothing else.
_framing = cast(_Decorator, csp_update({"frame-src": [SELF]}))
_mail_alone = cast(
    _Decorator,
    csp_replace(
        {
            "default-src": [NONE],
            "script-src": None,
            "style-src": [UNSAFE_INLINE],
            "form-action": [NONE],
            "frame-ancestors": [SELF],
            "sandbox": [""],
        }
    ),
)


@dataclass(frozen=True, slots=True)
class _Row:
    """One kind on the list, with the languages in which it is worded here."""

    kind: str
    label: str
    languages: tuple[Worded, ...]


@dataclass(frozen=True, slots=True)
class _Version:
    """A version, and what it changed."""

    wording: Wording
    subject: list[Piece]
    text: list[Piece]
    is_latest: bool


@needs(CODE)
@require_safe
def wording_list(request: HttpRequest) -> HttpResponse:
    """Every kind by topic, and which the lab has worded itself."""
    return render(request, "booking/wordings/list.html", {"topics": list(_topics())})


@needs(CODE)
@require_http_methods(["GET", "HEAD", "POST"])
@_framing
def wording_edit(request: HttpRequest, kind: str) -> HttpResponse:
    """Write the words of one kind in one language, with a look at the message they make."""
    language = _language(request, kind)
    if request.method == "POST":
        return _written(request, kind, language)
    state = worded(kind, language, wordings_of([kind]))
    form = WordingForm(
        initial={"seen": state.version, "subject": state.subject, "text": state.text}
    )
    look = _look(request, state, state.subject, state.text)
    return _editor(request, state, form, look)


@needs(CODE)
@require_safe
@xframe_options_sameorigin
@_mail_alone
def wording_mail(request: HttpRequest, kind: str) -> HttpResponse:
    """The mail alone: that of a look a moment ago, else that of the words in force."""
    language = _language(request, kind)
    digest = request.GET.get("look", "")
    html = cache.get(_key(request, digest)) if fullmatch("[0-9a-f]{64}", digest) else None
    if html is None:
        viewer = reader(request)
        own = Wordings([kind])
        html = preview_of(kind, language, own, viewer=viewer, now=clock_now()).html
    return HttpResponse(html)


@needs(CODE)
@require_safe
def wording_versions(request: HttpRequest, kind: str) -> HttpResponse:
    """All versions of a kind in a language, each beside the one before it."""
    language = _language(request, kind)
    state = worded(kind, language, wordings_of([kind]))
    page = page_of(request, versions_of(kind, language), PAGE_SIZE)
    context = {
        "state": state,
        "label": say_kind(kind),
        "page": page,
        "versions": _versions(state, page),
    }
    return render(request, "booking/wordings/versions.html", context)


@needs(CODE)
@require_POST
def wording_restore(request: HttpRequest, kind: str) -> HttpResponse:
    """Say again what an earlier version said."""
    language, form = _language(request, kind), VersionForm(request.POST)
    if not form.is_valid() or not form.cleaned_data["version"]:
        raise Http404
    try:
        restore_wording(
            actor=reader(request),
            kind=kind,
            language=language,
            version=form.cleaned_data["version"],
            seen=form.cleaned_data["seen"],
            now=clock_now(),
        )
    except Wording.DoesNotExist as error:
        raise Http404 from error
    except BookingError as error:
        say_error(request, error)
    else:
        messages.success(request, _("The earlier words are said again."))
    return redirect(_address("wording_versions", kind, language))


@needs(CODE)
@require_POST
def wording_reset(request: HttpRequest, kind: str) -> HttpResponse:
    """Give a kind the product's words back."""
    language, form = _language(request, kind), VersionForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        reset_wording(
            actor=reader(request),
            kind=kind,
            language=language,
            seen=form.cleaned_data["seen"],
            now=clock_now(),
        )
    except BookingError as error:
        say_error(request, error)
    else:
        messages.success(request, _("The first words are said again."))
    return redirect(_address("wording_edit", kind, language))


def _written(request: HttpRequest, kind: str, language: str) -> HttpResponse:
    form = WordingForm(request.POST)
    subject, text = (tidied(request.POST.get(name, "")) for name in ("subject", "text"))
    state = worded(kind, language, wordings_of([kind]))
    if "look" in request.POST and form.is_valid():
        for flaw in flaws(kind, subject, text):
            form.add_error(flaw.field, flaw.text)
        look = None if form.errors else _look(request, state, subject, text)
        return _editor(request, state, form, look, status=422 if form.errors else 200)
    if not form.is_valid():
        return _editor(request, state, form, None, status=422)
    try:
        write_wording(
            actor=reader(request),
            kind=kind,
            language=language,
            subject=subject,
            text=text,
            seen=form.cleaned_data["seen"],
            now=clock_now(),
        )
    except BookingError as error:
        return _refused(request, state, form, error)
    messages.success(request, _("Kept: people are told in these words from now on."))
    return redirect(_address("wording_edit", kind, language))


def _refused(
    request: HttpRequest, state: Worded, form: WordingForm, error: BookingError
) -> HttpResponse:
    """The page once more, with what was written; who was overtaken sees what others wrote."""
    theirs = None
    if error.status == STALE:
        # Kept once more it counts: the author has seen theirs.
        again = request.POST.copy()
        again["seen"] = str(state.version)
        form = WordingForm(again)
        form.is_valid()
        theirs = [
            compare(state.subject, tidied(request.POST.get("subject", ""))),
            compare(state.text, tidied(request.POST.get("text", ""))),
        ]
    show_refusals(form, error)
    return _editor(request, state, form, None, theirs=theirs, status=error.status)


def _editor(
    request: HttpRequest,
    state: Worded,
    form: WordingForm,
    look: dict[str, object] | None,
    *,
    theirs: list[list[Piece]] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "state": state,
        "label": say_kind(state.kind),
        "languages": settings.LANGUAGES,
        "form": form,
        "look": look,
        "theirs": theirs,
    }
    is_part = request.headers.get("HX-Request") == "true" and "look" in request.POST
    page = "booking/wordings/_look.html" if is_part else "booking/wordings/edit.html"
    # htmx shows no answer that is an error.
    return render(request, page, context, status=200 if is_part else status)


def _look(request: HttpRequest, state: Worded, subject: str, text: str) -> dict[str, object]:
    """The message that these words make, and where its mail can be seen alone."""
    place = (state.kind, state.language)
    drafted = Wording(kind=place[0], language=place[1], subject=subject, text=text)
    own = Wordings([state.kind], {place: drafted})
    made: Preview = preview_of(
        state.kind, state.language, own, viewer=reader(request), now=clock_now()
    )
    digest = sha256(made.html.encode()).hexdigest()
    cache.set(_key(request, digest), made.html, LOOK_SECONDS)
    address = f"{_address('wording_mail', state.kind, state.language)}&look={digest}"
    return {"words": made.words, "text": made.text, "mail": address}


def _key(request: HttpRequest, digest: str) -> str:
    return f"wording-look:{reader(request).pk}:{digest}"


def _language(request: HttpRequest, kind: str) -> str:
    language = request.GET.get("language", settings.LANGUAGE_CODE)
    if not is_worded(kind) or language not in dict(settings.LANGUAGES):
        raise Http404
    return language


def _address(name: str, kind: str, language: str) -> str:
    return f"{reverse(f'booking:{name}', args=[kind])}?language={language}"


def _topics() -> Iterator[tuple[str | Promise, list[_Row]]]:
    kinds = list(worded_kinds())
    found = wordings_of(kinds)
    named = [(topic.label, [each for each in kinds if each in topic.kinds]) for topic in TOPICS]
    rest = [kind for kind in kinds if not any(kind in each for _label, each in named)]
    for label, its in (*named, (_("Digests"), rest)):
        rows = [_row(kind, found) for kind in its]
        if rows:
            yield label, rows


def _row(kind: str, found: dict[tuple[str, str], Wording]) -> _Row:
    states = (worded(kind, code, found) for code, _name in settings.LANGUAGES)
    return _Row(kind, say_kind(kind), tuple(each for each in states if each.is_own))


def _versions(state: Worded, shown: Iterable[Wording]) -> list[_Version]:
    """Each beside the one before; the first, and what follows a reset, beside the product's."""
    rows = list(shown)
    older = {each.version: each for each in rows}
    if rows and rows[-1].version > 1:
        before = versions_of(state.kind, state.language).filter(version=rows[-1].version - 1)
        older |= {each.version: each for each in before}
    found = []
    for each in rows:
        old = older.get(each.version - 1)
        was = (old.subject, old.text) if old and old.subject else _shipped(state)
        now = (each.subject, each.text) if each.subject else _shipped(state)
        found.append(
            _Version(
                each,
                compare(was[0], now[0]),
                compare(was[1], now[1]),
                each.version == state.version,
            )
        )
    return found


def _shipped(state: Worded) -> tuple[str, str]:
    return state.shipped.subject, state.shipped.text
