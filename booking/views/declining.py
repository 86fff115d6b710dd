"""Where the link in a mail leads by which its reader declines more of the kind."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from booking.enums import Timing
from booking.notifications.channels import EMAIL
from booking.notifications.declining import (
    Declinable,
    LinkRefused,
    read_before,
    read_token,
    sign_before,
    timings_of,
)
from booking.notifications.words import reader_locale
from booking.services.declining import decline_mails, take_mails
from booking.views._pages import name_origin_only
from labitory.lib.clock import now as clock_now
from labitory.lib.text import mask_address

# RFC 8058: what mail programs post by themselves when their own button is pressed.
ONE_CLICK = ("List-Unsubscribe", "One-Click")


# Mail programs post without a cookie: the signed link itself says whose mails they are.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mails_decline(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether no more of these mails shall come, do it, or take it back; without a login."""
    now = clock_now()
    try:
        link = read_token(token, now=now)
    except LinkRefused as refused:
        context = {"refusal": str(refused)}
        return render(request, "booking/reach/decline.html", context, status=404)
    before: dict[str, Timing] = {}
    if request.method == "POST" and "undo" in request.POST:
        known = read_before(link.user, request.POST.get("before", ""))
        take_mails(link=link, before=known, now=now)
    elif request.method == "POST" and request.POST.get(ONE_CLICK[0]) == ONE_CLICK[1]:
        before = decline_mails(link=link, now=now)
    elif request.method == "POST":
        return _page(request, link, status=422)
    return _page(request, link, before=before)


def _page(
    request: HttpRequest,
    link: Declinable,
    *,
    before: dict[str, Timing] | None = None,
    status: int = 200,
) -> HttpResponse:
    with reader_locale(link.user):
        context = {
            "link": link,
            "address": mask_address(link.user.email),
            "comes": any(each is not Timing.OFF for each in timings_of(link, EMAIL).values()),
            "before": sign_before(link.user, before) if before else "",
            "did": request.method == "POST" and status == 200,  # noqa: PLR2004 - it was done
        }
        page = render(request, "booking/reach/decline.html", context, status=status)
    return name_origin_only(page)
