"""The lab manager's first page with the lists behind it, and what everybody may know of the lab."""

import tomllib
from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import needs
from booking.permissions import LAB_PAGES
from booking.queries.hours import week_of
from booking.queries.overview import about_lab, closed_resources, lab_overview
from booking.views._pages import page_of, reader
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 25


@cache
def running_version() -> str:
    """The version of this installation, as its project file says it."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


@needs(*LAB_PAGES)
@require_safe
def manage_home(request: HttpRequest) -> HttpResponse:
    """What waits in the lab, each number with the list behind it, and where to set things up."""
    context = {"lab_now": lab_overview(viewer=reader(request), now=clock_now())}
    return render(request, "booking/pages/manage.html", context)


@needs("resource.manage")
@require_safe
def closed_list(request: HttpRequest) -> HttpResponse:
    """The instruments that are closed, with the reason."""
    context = {"page": page_of(request, closed_resources(reader(request)), PAGE_SIZE)}
    return render(request, "booking/pages/closed.html", context)


@login_required
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What this lab is: contact, zone, hours, instruments, version."""
    found = about_lab(now=clock_now())
    context = {"about": found, "week": week_of(found.hours), "version": running_version()}
    return render(request, "booking/pages/about.html", context)
