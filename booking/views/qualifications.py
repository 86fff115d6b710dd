"""Certificates: the managers' list, the paper, taking back, and the public check."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_ratelimit.decorators import ratelimit

from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.forms.training import PassForm, QualificationFilterForm, RevokeForm
from booking.models import Qualification
from booking.permissions import can_give_course, can_manage_course, may_somewhere
from booking.queries.courses import given_courses
from booking.queries.qualifications import (
    find_qualification,
    managed_qualifications,
    standing_of,
    verify_code,
)
from booking.services.qualifications import give_qualification, revoke_certificate
from booking.views._pages import page_of, reader
from booking.views.courses import seen_course
from labitory.lib.clock import now as clock_now
from labitory.lib.http import client_address, lab_zone

PAGE_SIZE = 50
# Codes have ten letters out of 31: at this pace nobody finds one in a lifetime.
VERIFY_RATE = "20/m"


@login_required
@require_safe
def qualification_list(request: HttpRequest) -> HttpResponse:
    """Who has learnt what, of the courses that the reader gives or looks after."""
    viewer = reader(request)
    courses = list(given_courses(viewer))
    if not courses and not may_somewhere(viewer, "training.manage"):
        raise PermissionDenied
    form = QualificationFilterForm(request.GET, courses=courses)
    form.is_valid()
    today = clock_now().astimezone(lab_zone()).date()
    found = managed_qualifications(
        viewer=viewer,
        word=form.cleaned_data.get("q", ""),
        course_id=form.cleaned_data.get("course"),
        state=form.cleaned_data.get("state", ""),
        today=today,
    )
    page = page_of(request, found, PAGE_SIZE)
    context = {
        "page": page,
        "rows": [(each, standing_of(each.course, [each], today)) for each in page.object_list],
        "form": form,
        "is_filtered": any(request.GET.get(name) for name in form.fields),
    }
    return render(request, "booking/training/qualifications.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def course_pass(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Certify that somebody has passed without a session."""
    course, actor, now = seen_course(request, public_id), reader(request), clock_now()
    if not can_give_course(actor, course):
        raise PermissionDenied
    status = 200
    if request.method == "POST":
        form, status = PassForm(request.POST), 422
        if form.is_valid():
            cleaned = form.cleaned_data
            try:
                made = give_qualification(
                    actor=actor, course_id=course.public_id, now=now, **cleaned
                )
            except BookingError as error:
                show_refusals(form, error)
                status = error.status
            else:
                messages.success(
                    request,
                    _("%(user)s has certificate %(number)s.")
                    % {"user": made.user, "number": made.certificate},
                )
                return redirect("booking:course_detail", public_id)
    else:
        form = PassForm(initial={"passed_on": now.astimezone(lab_zone()).date()})
    context = {"course": course, "form": form}
    return render(request, "booking/training/pass.html", context, status=status)


@login_required
@require_safe
def certificate(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The certificate, to print."""
    return _paper(request, _seen(request, public_id), RevokeForm())


@login_required
@require_POST
def certificate_revoke(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take a certificate back."""
    found, form = _seen(request, public_id), RevokeForm(request.POST)
    if not can_manage_course(reader(request), found.course):
        raise PermissionDenied
    if not form.is_valid():
        return _paper(request, found, form, status=422)
    try:
        revoke_certificate(
            actor=reader(request),
            qualification_id=public_id,
            reason=form.cleaned_data["reason"],
            now=clock_now(),
        )
    except BookingError as error:
        show_refusals(form, error)
        return _paper(request, found, form, status=error.status)
    messages.success(request, _("The certificate is taken back. Bookings that stand remain."))
    return redirect("booking:certificate", public_id)


def _rate_key(_group: str, request: HttpRequest) -> str:
    return client_address(request)


@ratelimit(key=_rate_key, rate=VERIFY_RATE, method="GET")  # type: ignore[untyped-decorator]
@never_cache
@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """Whether a certificate is true: for everybody who holds its check code, without a login."""
    code = request.GET.get("code", "")[:40]
    today = clock_now().astimezone(lab_zone()).date()
    found = verify_code(code=code, today=today) if code.strip() else None
    context = {"code": code, "found": found, "asked": bool(code.strip())}
    status = 404 if code.strip() and found is None else 200
    return render(request, "booking/training/verify.html", context, status=status)


def _seen(request: HttpRequest, public_id: UUID) -> Qualification:
    found = find_qualification(viewer=reader(request), public_id=public_id)
    if found is None:
        raise Http404
    return found


def _paper(
    request: HttpRequest, found: Qualification, form: RevokeForm, *, status: int = 200
) -> HttpResponse:
    viewer = reader(request)
    address = f"{settings.SITE_URL.rstrip('/')}{reverse('booking:verify')}"
    today = clock_now().astimezone(lab_zone()).date()
    context = {
        "qualification": found,
        "standing": standing_of(found.course, [found], today),
        "code": f"{found.check_code[:5]}-{found.check_code[5:]}",
        "address": address,
        "link": f"{address}?code={found.check_code}",
        "form": form,
        "may_revoke": found.revoked_at is None
        and found.user_id != viewer.pk
        and can_manage_course(viewer, found.course),
    }
    return render(request, "booking/training/certificate.html", context, status=status)
