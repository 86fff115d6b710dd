"""Lists of the organisation and its people: taken out as files, and taken in after a look."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions.people import can_take_in_lists, can_take_lists
from accounts.views.step_up import step_up
from booking.forms.imports import Files, FilesForm, seal, unseal
from booking.queries.lists import LISTS
from booking.services.exports import EVERYBODY, list_csv, people_csv
from booking.services.imports import BadRow, Report, RowOutcome, import_people
from booking.views._pages import reader
from labitory.lib.clock import now as clock_now

# So many rows are shown of each outcome; the counts tell of all.
SHOWN = 200
_PURPOSE = "lists"
_OUTCOMES = (RowOutcome.BAD, RowOutcome.NEW, RowOutcome.CHANGED, RowOutcome.SKIPPED)


@login_required
@never_cache
@require_POST
@step_up
def list_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Units, people, groups or projects as a file."""
    actor, now = reader(request), clock_now()
    if not can_take_lists(actor):
        raise PermissionDenied
    if kind == "people":
        content = people_csv(actor=actor, filters=EVERYBODY, now=now)
    elif kind in LISTS:
        content = list_csv(actor=actor, kind=kind, now=now)
    else:
        raise Http404
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{kind}.csv"'},
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def list_import(request: HttpRequest) -> HttpResponse:
    """Choose files, and see what they would do. Nothing is written."""
    _require_importer(request)
    if request.method != "POST":
        return _page(request, FilesForm())
    form = FilesForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    return _look(request, form, form.cleaned_data["uploads"])


@login_required
@never_cache
@require_POST
@step_up
def list_import_confirm(request: HttpRequest) -> HttpResponseBase:
    """Do what was looked at: all of it, or nothing where the lab has changed since."""
    _require_importer(request)
    actor = reader(request)
    kept = unseal(request.POST.get("kept", ""), user=actor, purpose=_PURPOSE)
    if kept is None:
        messages.error(request, _("This was open for too long. Please choose the files again."))
        return redirect("booking:list_import")
    files, digest = kept
    report = import_people(files=files, now=clock_now(), actor=actor, expected=digest)
    if not report.is_written:
        messages.warning(request, _("The lab has changed since you looked. This is what is new."))
        return _look(request, FilesForm(), files, status=409)
    messages.success(request, _("Taken in: %(files)s.") % {"files": report.source})
    return redirect("booking:organisation")


def _require_importer(request: HttpRequest) -> None:
    if not can_take_in_lists(reader(request)):
        raise PermissionDenied


def _look(
    request: HttpRequest, form: FilesForm, files: Files, *, status: int = 200
) -> HttpResponse:
    actor = reader(request)
    try:
        report = import_people(files=files, now=clock_now(), actor=actor, dry_run=True)
    except BadRow as error:
        form.add_error("uploads", str(error))
        return _page(request, form, status=422)
    kept = "" if report.bad else seal(files, user=actor, digest=report.digest, purpose=_PURPOSE)
    return _page(request, form, report=report, kept=kept, status=422 if report.bad else status)


def _page(
    request: HttpRequest,
    form: FilesForm,
    *,
    report: Report | None = None,
    kept: str = "",
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "report": report, "kept": kept, "shown": SHOWN}
    if report is not None:
        found = {
            each: [line for line in report.lines if line.outcome is each] for each in RowOutcome
        }
        context["parts"] = [
            (each.value, found[each][:SHOWN], len(found[each])) for each in _OUTCOMES if found[each]
        ]
        context["unchanged"] = len(found[RowOutcome.UNCHANGED])
        context["changes"] = len(found[RowOutcome.NEW]) + len(found[RowOutcome.CHANGED])
    return render(request, "booking/lists/import.html", context, status=status)
