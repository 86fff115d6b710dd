"""Calendar files taken over on one resource: first what they would do, then the act."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import require
from accounts.models import User
from accounts.permissions import may
from booking.errors import NotAllowed
from booking.forms.calendar_files import CalendarFileForm
from booking.forms.imports import seal, unseal
from booking.models import Resource
from booking.permissions import can_override_rules, where_of
from booking.queries.resources import find_resource
from booking.services.imports import (
    MOST_ENTRIES,
    BadRow,
    Report,
    RowOutcome,
    import_calendar,
)
from booking.views._pages import raise_missing, reader
from labitory.lib.clock import now as clock_now

# Of so many the rules are asked within one answer; a longer file is gone through in portions.
AT_ONCE = 200
_PURPOSE = "calendar"
_CLOSES, _BOOKS = "calendar.manage", "booking.book_for_others"


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def calendar_import(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Choose a file, and see what would become of each entry. Nothing is written."""
    resource = _resource(request, public_id)
    if request.method != "POST":
        return _page(request, resource, _form(request, resource))
    form = _form(request, resource, request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, resource, form, status=422)
    said = form.cleaned_data
    source, content = said["upload"]
    wish = {
        "user": str(said["user"].public_id) if said["user"] else "",
        "override": said.get("override", ""),
        "takes_part": said["takes_part"],
        "after": "",
    }
    return _look(request, resource, form, source=source, content=content, wish=wish)


@login_required
@never_cache
@require_POST
def calendar_import_confirm(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Do what was looked at, or show anew what it would be where the lab has changed since.

    Of a long file the next portion is shown then.
    """
    resource = _resource(request, public_id)
    kept = unseal(request.POST.get("kept", ""), user=reader(request), purpose=_PURPOSE)
    if kept is None or len(kept[0]) != len(("file", "wish")):
        messages.error(request, _("This was open for too long. Please choose the file again."))
        return redirect("booking:calendar_import", public_id)
    ((source, content), (_name, told)), digest = kept
    wish = json.loads(told)
    if wish["resource"] != str(public_id):
        raise Http404
    report = _run(request, resource, source, content, wish, expected=digest)
    if not report.is_written:
        messages.warning(request, _("The lab has changed since you looked. This is what is new."))
        return _look(
            request, resource, _form(request, resource), source=source, content=content,
            wish=wish, status=409,
        )  # fmt: skip
    if _changes(report) or not report.rest:
        messages.success(request, _done(report))
    if report.rest:
        wish |= {"after": report.reached}
        form = _form(request, resource)
        return _look(request, resource, form, source=source, content=content, wish=wish)
    return redirect("booking:resource_detail", public_id)


def _changes(report: Report) -> int:
    return sum(line.outcome in (RowOutcome.NEW, RowOutcome.CHANGED) for line in report.lines)


def _done(report: Report) -> str:
    changed = _changes(report)
    return ngettext("%(n)d entry is taken over.", "%(n)d entries are taken over.", changed) % {
        "n": changed
    }


def _resource(request: HttpRequest, public_id: UUID) -> Resource:
    resource = find_resource(public_id)
    if resource is None:
        raise Http404
    where, user = where_of(resource), reader(request)
    require(may(user, _CLOSES, where) or may(user, _BOOKS, where), _CLOSES, where)
    return resource


def _form(request: HttpRequest, resource: Resource, *args: Any) -> CalendarFileForm:
    user, where = reader(request), where_of(resource)
    return CalendarFileForm(
        *args,
        may_book=may(user, _BOOKS, where),
        may_close=may(user, _CLOSES, where),
        may_override=can_override_rules(user, resource),
    )


def _run(
    request: HttpRequest,
    resource: Resource,
    source: str,
    content: bytes,
    wish: dict[str, Any],
    **how: Any,
) -> Report:
    user = User.objects.filter(public_id=wish["user"]).first() if wish["user"] else None
    if wish["user"] and user is None:
        raise Http404
    try:
        return import_calendar(
            actor=reader(request),
            resource_id=resource.public_id,
            user=user,
            content=content,
            source=source,
            override=wish["override"],
            takes_part=wish["takes_part"],
            after=wish["after"],
            size=AT_ONCE,
            now=clock_now(),
            **how,
        )
    except NotAllowed as error:
        raise_missing(error)


def _look(
    request: HttpRequest,
    resource: Resource,
    form: CalendarFileForm,
    *,
    source: str,
    content: bytes,
    wish: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    try:
        report = _run(request, resource, source, content, wish, dry_run=True)
    except BadRow as error:
        if form.is_bound:
            form.add_error("upload", str(error))
        else:
            messages.error(request, str(error))
        return _page(request, resource, form, status=422)
    changes = _changes(report)
    is_stopped = bool(report.bad) and not wish["takes_part"]
    kept = ""
    if (changes or report.rest) and not is_stopped:
        told = json.dumps({**wish, "resource": str(resource.public_id)}).encode()
        files = [(source, content), ("wish", told)]
        kept = seal(files, user=reader(request), digest=report.digest, purpose=_PURPOSE)
    context = {
        "report": report,
        "kept": kept,
        "changes": changes,
        "is_stopped": is_stopped,
        "is_first": not wish["after"],
        "parts": _parts(report),
        "unchanged": sum(line.outcome is RowOutcome.UNCHANGED for line in report.lines),
    }
    return _page(request, resource, form, context, status=422 if is_stopped else status)


def _parts(report: Report) -> list[tuple[str, str, list[Any]]]:
    """The entries in the order in which they matter: what stands in the way first."""
    kinds = [
        ("clash", _("Taken already"), RowOutcome.BAD),
        ("rule", _("Against a rule"), RowOutcome.BAD),
        ("unread", _("Not understood"), RowOutcome.BAD),
        ("new", _("New"), RowOutcome.NEW),
        ("changed", _("Changed in the file"), RowOutcome.CHANGED),
        ("unchanged", _("Known already"), RowOutcome.UNCHANGED),
        ("skipped", _("Left out"), RowOutcome.SKIPPED),
    ]
    found = [
        (
            name,
            label,
            [
                line
                for line in report.lines
                if line.outcome is outcome and (line.kind == name or outcome is not RowOutcome.BAD)
            ],
        )
        for name, label, outcome in kinds
    ]
    return [part for part in found if part[2]]


def _page(
    request: HttpRequest,
    resource: Resource,
    form: CalendarFileForm,
    context: dict[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    told = {
        "resource": resource,
        "form": form,
        "most": MOST_ENTRIES,
        "at_once": AT_ONCE,
        **(context or {}),
    }
    return render(request, "booking/feeds/import.html", told, status=status)
